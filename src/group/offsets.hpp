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

  /// Stores these. `done` is told by completed commits; 0: nobody waits.
  void commit(std::uint64_t done, const positions& what, steady_time deadline);
  /// Asks for what is stored of these; told by fetched().
  void fetch(const std::set<topic_partition>& partitions);
  /// Forgets what was asked of these: they are no longer ours. Commits that are not under way yet are dropped.
  void forget(const std::set<topic_partition>& partitions, const error& why);

  [[nodiscard]] std::optional<protocol::offset_commit_request> next_commit(const committer& who, steady_time now);
  [[nodiscard]] std::optional<protocol::offset_fetch_request> next_fetch(const std::string& group_id, steady_time now);

  struct answered {
    /// The coordinator is another now.
    bool coordinator_moved = false;
    /// The member is no longer what it thinks; `none` otherwise.
    broker_errc refused = broker_errc::none;
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
    error failure;
    std::set<topic_partition> failed;
  };
  [[nodiscard]] std::vector<found> take_found() { return std::exchange(found_, {}); }
  /// Fails whatever waits longer than it may.
  void expire(steady_time now);
  void fail_all(const error& why);
  [[nodiscard]] bool is_idle() const noexcept { return pending_.empty() && !commit_in_flight_; }
  [[nodiscard]] steady_time deadline() const;

 private:
  struct waiting {
    std::uint64_t done = 0;
    positions what;
    steady_time deadline = never;
  };
  /// Tells those whose offsets are no longer asked to be stored at all.
  void fail_forgotten(const error& why);
  void finish(std::vector<waiting>& who, const std::map<topic_partition, error>& failures, const error& whole);

  backoff pause_;
  random_source random_;
  positions pending_;
  std::vector<waiting> waiting_;  // for pending_
  positions sent_;
  std::vector<waiting> sent_for_;
  bool commit_in_flight_ = false;
  unsigned commit_failures_ = 0;
  steady_time commit_at_{};

  std::set<topic_partition> wanted_;
  std::set<topic_partition> asked_;
  bool fetch_in_flight_ = false;
  bool require_stable_ = true;  // until a broker turns out not to know of that (before 2.5)
  unsigned fetch_failures_ = 0;
  steady_time fetch_at_{};
  error last_error_;

  std::vector<committed> committed_;
  std::vector<found> found_;
};

}  // namespace kafka::group
