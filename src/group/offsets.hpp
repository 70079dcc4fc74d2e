// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "protocol/api.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_fetch.hpp"

namespace kafka::group {

/// A position of a group in one partition: the offset of the next record to read.
struct stored_offset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata = {};

  friend bool operator==(const stored_offset&, const stored_offset&) = default;
};

/// Who commits.
struct committer {
  std::string group_id;
  std::string member_id = {};
  std::optional<std::string> instance_id = {};
  std::int32_t generation = -1;
  /// Also offsets are asked for in this name (KIP-848), so that a member that is behind does not take old ones.
  bool names_itself_to_fetch = false;
};

/// What topics are known by, as far as that is known.
using topic_ids = std::map<std::string, uuid>;

/// A request, and the newest version that can carry it.
template <class Request>
struct versioned {
  Request request;
  std::int16_t version_max = protocol::no_version;
};

/// The offsets of one group: what is to be stored, and what is stored. Pure.
///
/// One commit is under way at a time; what comes meanwhile goes together into the next, the latest offset of each
/// partition. So offsets are never stored in another order than they were asked for.
class offsets {
 public:
  using positions = std::map<topic_partition, stored_offset>;

  offsets(std::chrono::milliseconds retry_backoff, std::chrono::milliseconds retry_backoff_max, std::uint64_t seed)
      : pause_{retry_backoff, retry_backoff_max}, random_(seed) {}

  /// Stores these, of topics with these ids: never for another topic of the same name. `done` is told by completed
  /// commits; 0: nobody waits. `refused`: what was asked for besides, and why it will not be stored.
  void commit(std::uint64_t done, const positions& what, steady_time deadline, const topic_ids& ids = {},
              error refused = {});
  /// `done` is told when what was to be stored before is stored or has failed, at the latest at `deadline`.
  void await(std::uint64_t done, steady_time deadline);
  /// Asks for what is stored of these; told by fetched().
  void fetch(const std::set<topic_partition>& partitions);
  /// Asks of which topics the group has stored anything at all; told by take_topics().
  void ask_topics() { topics_wanted_ = true; }
  /// None: not known yet. Empty, too, if it cannot be asked.
  [[nodiscard]] std::optional<std::set<std::string>> take_topics() { return std::exchange(topics_, std::nullopt); }
  /// Forgets what was asked of these: they are no longer ours. Commits that are not under way yet are dropped.
  void forget(const std::set<topic_partition>& partitions, const error& why);

  /// `ids`: as they are known now.
  [[nodiscard]] std::optional<versioned<protocol::offset_commit_request>> next_commit(const committer& who,
                                                                                      const topic_ids& ids,
                                                                                      steady_time now);
  [[nodiscard]] std::optional<versioned<protocol::offset_fetch_request>> next_fetch(const committer& who,
                                                                                    const topic_ids& ids,
                                                                                    steady_time now);

  struct answered {
    /// The coordinator is another now.
    bool coordinator_moved = false;
    /// The member is no longer what it thinks; `none` otherwise.
    broker_errc refused = broker_errc::none;
    /// A topic is not what it was.
    bool topics_changed = false;
  };
  /// `still_member`: the group has not rebalanced since the request was sent. If it has, a refusal only means that the
  /// request spoke for an older generation: what is still ours is stored in the name of the new one.
  answered on_commit(const protocol::offset_commit_response* answer, const error& failure, const std::string& broker,
                     bool still_member, steady_time now);
  answered on_fetch(const protocol::offset_fetch_response* answer, const error& failure, const std::string& broker,
                    steady_time now);

  struct committed {
    std::uint64_t done = 0;
    positions what;
    error failure;
  };
  [[nodiscard]] std::vector<committed> take_committed() { return std::exchange(committed_, {}); }
  /// What was found; an offset of -1: nothing is stored.
  struct found {
    positions what;
    /// Those that will not be told, each with the reason.
    std::map<topic_partition, error> failed;
    /// The reason why nothing will ever be told.
    error failure;
  };
  [[nodiscard]] std::vector<found> take_found() { return std::exchange(found_, {}); }
  /// Fails whatever waits longer than it may.
  void expire(steady_time now);
  void fail_all(const error& why);
  [[nodiscard]] bool is_idle() const noexcept { return pending_.empty() && !commit_in_flight_; }
  [[nodiscard]] steady_time deadline() const;
  /// When expire() has something to do.
  [[nodiscard]] steady_time expiry() const;

 private:
  struct position {
    stored_offset offset;
    uuid topic;
  };
  using identified_positions = std::map<topic_partition, position>;
  struct waiting {
    std::uint64_t done = 0;
    positions what;
    steady_time deadline = never;
    error refused;
  };
  /// Lets go what was meant for topics that were deleted since.
  void drop_replaced(const topic_ids& ids);
  /// What an answer says of one partition, whatever its version.
  struct told {
    topic_partition where;
    stored_offset stored;
    broker_errc code{};
  };
  [[nodiscard]] versioned<protocol::offset_fetch_request> request_for_topics(const committer& who);
  answered on_topics(const protocol::offset_fetch_response* answer, const error& failure, steady_time now);
  [[nodiscard]] std::vector<told> read(const protocol::offset_fetch_response& answer) const;
  [[nodiscard]] std::string sent_topic(const uuid& id) const;
  void put_back(const std::set<topic_partition>& again, bool at_once, steady_time now);
  /// Tells those whose offsets are no longer asked to be stored at all.
  void fail_forgotten(const error& why);
  /// Tells those who wait for others' commits when there are none left.
  void release_idle();
  void finish(std::vector<waiting>& who, const std::map<topic_partition, error>& failures, const error& whole);

  backoff pause_;
  random_source random_;
  identified_positions pending_;
  std::vector<waiting> waiting_;  // for pending_
  identified_positions sent_;
  std::vector<waiting> sent_for_;
  bool commit_in_flight_ = false;
  unsigned commit_failures_ = 0;
  steady_time commit_at_{};

  std::set<topic_partition> wanted_;
  std::set<topic_partition> asked_;
  std::map<uuid, std::string> asked_names_;
  bool fetch_in_flight_ = false;
  bool topics_wanted_ = false;
  bool topics_asked_ = false;  // by what is in flight
  std::optional<std::set<std::string>> topics_;
  bool by_group_ = true;        // the form of version 8, until a broker turns out not to know it (before 3.0)
  bool require_stable_ = true;  // likewise (before 2.5)
  unsigned fetch_failures_ = 0;
  steady_time fetch_at_{};
  error last_error_;

  std::vector<committed> committed_;
  std::vector<found> found_;
};

}  // namespace kafka::group
