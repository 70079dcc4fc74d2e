// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/fetch_budget.hpp"
#include "client/fetch_session.hpp"
#include "client/metadata.hpp"
#include "client/wire.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::client {

/// What the fetch machine reports about one partition. Results for a version older than the partition's present one
/// belong to a position that was left by seek or assign; they are dropped.
struct fetched {
  topic_partition partition;
  std::uint64_t version = 0;
  /// Data batches in offset order, CRC checked, aborted and control batches taken out, still compressed.
  std::vector<protocol::record_batch> batches;
  /// Records below this offset, at the front of the first batch, are not wanted.
  std::int64_t from_offset = 0;
  /// Where the next fetch goes on, and the leader epoch of what lies before (-1: not known).
  std::int64_t next_offset = 0;
  std::int32_t next_epoch = -1;
  /// -1 where it is not known yet.
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::shared_ptr<fetch_charge> charge;
  error failure;
};

/// Fetches ahead for the assigned partitions: resolves positions, groups partitions by the brokers to read them from
/// into requests, follows leaders, reads from followers that are nearer (KIP-392), checks after a change of leaders
/// that what was read is still there (KIP-320), and stops while the budget is used up. Pure but for the budget.
class fetch_machine {
 public:
  /// `wall_clock` is asked when a position is reset to a time before now; milliseconds since 1970.
  fetch_machine(const consumer_config& config, std::shared_ptr<fetch_budget> budget,
                std::function<timestamp_ms()> wall_clock, std::uint64_t seed);

  /// A partition and the version that its results carry from now on.
  struct assigned {
    topic_partition partition;
    position from;
    std::uint64_t version = 0;
  };
  /// Replaces the whole assignment.
  void assign(const std::vector<assigned>& partitions, metadata& cluster, steady_time now);
  /// Adds to the assignment, or takes away from it.
  void add(const std::vector<assigned>& partitions, metadata& cluster, steady_time now);
  void remove(const std::vector<topic_partition>& partitions);
  /// Moves one partition; ignored when it is not assigned.
  void seek(const assigned& to);
  /// Fetches no more of a partition until it is moved; ignored when its version is another by now.
  void stop(const topic_partition& partition, std::uint64_t version);
  void set_paused(const std::vector<topic_partition>& partitions, bool paused);
  /// Nothing more is going to be read for now: brokers may forget their sessions as soon as there are no partitions.
  void let_go() noexcept { letting_go_ = true; }
  /// Nothing is read any more. Tells brokers to forget their sessions, for a moment at most; is_over() when that is
  /// done.
  void end();
  [[nodiscard]] bool is_over() const noexcept { return ending_ && closing_ == 0; }

  void step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out);
  /// The answer to a request; returns brokers that it named (KIP-951).
  std::vector<node> on_reply(reply& answer, metadata& cluster, steady_time now);

  [[nodiscard]] std::vector<fetched> take_fetched() { return std::exchange(fetched_, {}); }
  [[nodiscard]] std::vector<action::write_log> take_log() { return std::exchange(log_, {}); }
  [[nodiscard]] steady_time deadline(const metadata& cluster) const;

 private:
  enum class phase : std::uint8_t {
    looking_up,  ///< The position has to be turned into an offset.
    checking,    ///< There is another leader: does its log hold what was read? (KIP-320)
    fetching,
    stopped,  ///< A bad batch is in the way, or nobody says where to go on; only seek or assign does.
  };
  /// Waits for metadata asked for after it came.
  struct held_answer {
    protocol::fetch_response::partition_data told;
    std::string broker;
    /// Which question's answer counts; see metadata::asked.
    std::uint64_t question = 0;
  };
  struct partition_state {
    phase now = phase::looking_up;
    position wanted = position::newest();
    std::uint64_t version = 0;
    std::int64_t offset = -1;
    /// Leader epoch of the batch before `offset` (KIP-320); -1: not known.
    std::int32_t offset_epoch = -1;
    /// The leader epoch under which the position is known to be good, and the one that the last request named.
    std::int32_t checked_epoch = -1;
    std::int32_t asked_epoch = -1;
    /// The topic that the position belongs to.
    uuid topic_id;
    /// A replica that is nearer than the leader, for as long as the leader's word counts; -1: none.
    std::int32_t preferred = -1;
    steady_time preferred_until{};
    steady_time leader_only_until{};
    /// Whom to fetch from, as last decided.
    std::int32_t source = -1;
    bool paused = false;
    /// The request that asks about it; 0: none. An answer to another one belongs to a position that was left.
    request_id asked_by = 0;
    unsigned failures = 0;
    steady_time retry_at{};
    std::uint64_t waits_for_metadata_after = 0;
    /// When it last gave records, counted in answers: who had less is served first.
    std::uint64_t served = 0;
    /// An answer whose records may be those of another topic of the same name.
    std::optional<held_answer> held;
    /// The end of the partition was told since the position was set.
    bool told_end = false;
    /// What metadata of this version say.
    std::uint64_t seen_version = 0;
    const topic_view* topic = nullptr;
    const partition_view* leader = nullptr;
    /// Producers whose aborted transactions are being passed (read_committed).
    std::set<std::int64_t> aborted_producers;
  };
  using state_map = std::map<topic_partition, partition_state>;
  using entry = state_map::value_type;
  enum class purpose : std::uint8_t {
    lookup,
    check,
    fetch,
    farewell,  ///< Nothing but the end of a session.
  };
  struct sent_request {
    std::int32_t node_id = 0;
    purpose what{};
  };
  /// A broker to fetch from. One fetch at a time: its lane answers one after the other.
  struct source {
    fetch_session session;
    bool busy = false;
    /// Answers in a row that did not know the session.
    unsigned refused_sessions = 0;
    /// The version of its last answer; -1: not known. Only from 12 on a request can say which epoch was read last.
    std::int16_t version = -1;
  };
  using by_node = std::map<std::int32_t, std::vector<entry*>>;

  void start(partition_state& state, const assigned& from);
  /// Notices what became of the partition's topic.
  void look(entry& partition, metadata& cluster);
  [[nodiscard]] const partition_view* leader_for(entry& partition, metadata& cluster, steady_time now);
  /// What is to be asked about a partition now: puts it into one of the three.
  void plan(entry& partition, metadata& cluster, steady_time now, by_node& lookups, by_node& checks, by_node& fetches);
  void send_lookup(std::int32_t node_id, const std::vector<entry*>& partitions, request_id id, steady_time now,
                   std::vector<outgoing>& out);
  void send_check(std::int32_t node_id, const std::vector<entry*>& partitions, request_id id, steady_time now,
                  std::vector<outgoing>& out);
  void send_fetch(std::int32_t node_id, std::vector<entry*>& partitions, std::int32_t bytes_max, request_id id,
                  steady_time now, std::vector<outgoing>& out);
  /// Sends it; the caller may still add to what is returned, until the next one.
  outgoing& ask(purpose what, std::int32_t node_id, any_request request, steady_time deadline, request_id id,
                std::vector<outgoing>& out);
  void send_last(std::int32_t node_id, source& from, request_id id, steady_time now, std::vector<outgoing>& out);
  /// How many bytes each of so many brokers may answer with.
  [[nodiscard]] std::int32_t share_of(std::size_t brokers) const;

  // --- answers (fetch_answers.cpp)

  /// The partition that this request asks about; null if it was left meanwhile.
  [[nodiscard]] entry* asked(request_id id, std::string_view topic, std::int32_t partition);
  /// The topic is another of the same name: nothing that is known of the old one is good for it.
  void recreated(entry& partition, const uuid& id, std::size_t partitions);
  void on_failure(request_id id, const error& why, metadata& cluster, steady_time now);
  void on_lookup(const protocol::list_offsets_response& response, const reply& answer, metadata& cluster,
                 steady_time now);
  void on_fetch(source& from, protocol::fetch_response& response, const reply& answer, metadata& cluster,
                steady_time now);
  /// The broker cannot check: as if it had found nothing.
  void skip_check(request_id id);
  void on_check(const protocol::offset_for_leader_epoch_response& response, const reply& answer, metadata& cluster,
                steady_time now);
  /// The log that is now the partition's has this epoch, of what was read, up to `end_offset`; -1: none of it.
  void diverged(entry& partition, std::int32_t epoch, std::int64_t end_offset);
  /// Whether an answer by name is to wait until it is known which topic of that name it is about, or is about another.
  [[nodiscard]] bool doubts(entry& partition, protocol::fetch_response::partition_data& told, const std::string& broker,
                            metadata& cluster, steady_time now);
  /// The same when metadata may have come: false if it still waits.
  [[nodiscard]] bool settle(entry& partition, metadata& cluster, steady_time now);
  void on_partition(entry& partition, protocol::fetch_response::partition_data& told, const std::string& broker,
                    metadata& cluster, steady_time now);
  void on_records(entry& partition, protocol::fetch_response::partition_data& told);
  void on_error(entry& partition, error why, metadata& cluster, steady_time now);
  void leave_follower(partition_state& state, steady_time now);
  void out_of_range(entry& partition, const error& why, steady_time now);
  void reset(entry& partition, error otherwise);
  void report(const entry& partition, error failure);
  /// What is told of a partition beside batches.
  [[nodiscard]] fetched news_of(const entry& partition) const;

  consumer_config config_;
  std::shared_ptr<fetch_budget> budget_;
  std::function<timestamp_ms()> wall_clock_;
  backoff pause_;
  random_source random_;
  state_map states_;
  std::unordered_map<request_id, sent_request> in_flight_;
  std::map<std::int32_t, source> sources_;
  bool letting_go_ = false;
  bool ending_ = false;
  /// Ends of sessions under way.
  std::size_t closing_ = 0;
  std::uint64_t turn_ = 0;
  std::vector<fetched> fetched_;
  std::vector<action::write_log> log_;
};

}  // namespace kafka::client
