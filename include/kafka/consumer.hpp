// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/record.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// Where to read from.
class position {
 public:
  enum class kind : std::uint8_t { oldest, newest, absolute, timestamp };

  /// The first record that the partition still has.
  static constexpr position oldest() noexcept { return {kind::oldest, 0, -1}; }
  /// The first record written after the position was looked up.
  static constexpr position newest() noexcept { return {kind::newest, 0, -1}; }
  /// `offset` >= 0 itself; whether it lies in the log shows when it is fetched (see consumer_config::offset_reset).
  /// With the leader epoch of the record before it, if that is known, it is noticed when what was read up to there is
  /// no longer in the log (KIP-320; consumer_config::offset_reset).
  static constexpr position at(std::int64_t offset, std::int32_t leader_epoch = -1) noexcept {
    return {kind::absolute, offset, leader_epoch};
  }
  /// The first record with this timestamp (milliseconds since the epoch) or a later one; newest if there is none.
  static constexpr position since(timestamp_ms timestamp) noexcept { return {kind::timestamp, timestamp, -1}; }

  [[nodiscard]] constexpr kind what() const noexcept { return kind_; }
  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }
  /// -1: not known.
  [[nodiscard]] constexpr std::int32_t leader_epoch() const noexcept { return leader_epoch_; }

  friend constexpr bool operator==(position, position) noexcept = default;

 private:
  constexpr position(kind what, std::int64_t value, std::int32_t leader_epoch) noexcept
      : kind_(what), leader_epoch_(leader_epoch), value_(value) {}
  kind kind_;
  std::int32_t leader_epoch_;
  std::int64_t value_;
};

/// A partition and where to begin in it.
struct assignment {
  std::string topic;
  std::int32_t partition = 0;
  kafka::position from = position::newest();

  friend bool operator==(const assignment&, const assignment&) = default;
};

/// A record as it is found by time.
struct offset_at_time {
  std::int64_t offset = -1;
  timestamp_ms timestamp = -1;

  friend bool operator==(const offset_at_time&, const offset_at_time&) = default;
};

namespace client {
class consumer_facade;
}

/// Reads records: of partitions that it was assigned by hand, or, as a member of the group `group_id`, of those that
/// the group gives it.
///
/// One thread uses a consumer at a time, except for wakeup(), which any thread may call. Owns one IO thread, which
/// fetches ahead up to prefetch_bytes_max and sends heartbeats. Destroying it ends it at once: what was not committed
/// is read again, by whoever gets the partitions when the session timeout has passed.
class consumer {
 public:
  /// A group's member that reads one topic. `reset` says where a group begins that has stored no offset.
  consumer(std::string bootstrap_servers, std::string topic, std::string group, offset_reset reset);
  /// Starts the IO thread; connects in the background. Throws kafka::error (invalid_config) for a value out of range.
  explicit consumer(consumer_config config);
  consumer(consumer&&) noexcept;
  consumer& operator=(consumer&&) noexcept;
  ~consumer();

  /// Replaces what is read. Positions that need a look-up are resolved in the background, before the first fetch.
  /// Records of the former assignment are never returned afterwards.
  void assign(std::vector<assignment> partitions);
  /// Reads these topics as a member of the group; replaces what was subscribed to. They may be created later. The group
  /// is joined by poll. Throws kafka::error (invalid_state) without a group_id.
  void subscribe(const std::vector<std::string>& topics);
  /// The same with all topics whose whole names match, now and as they come (within metadata_max_age); internal ones
  /// never do. Matched by the group's coordinator where it can (group_protocol consumer, brokers of 4.0 or newer): an
  /// RE2 pattern; otherwise by this client: a std::regex. Throws kafka::error (invalid_argument) for a pattern that is
  /// none; the coordinator's verdict is told by poll (invalid_regular_expression).
  void subscribe_matching(const std::string& pattern);
  /// Leaves the group once what it reads has been given up, in the polls that follow.
  void unsubscribe() { subscribe({}); }
  /// What is read now.
  [[nodiscard]] std::vector<topic_partition> assigned() const;

  /// Stores, for the group, where the records handed out so far end: all of them count as processed. Waits until that
  /// is done. Throws kafka::error, as do the others: illegal_generation, unknown_member_id or rebalance_in_progress if
  /// the partitions went to others meanwhile, who read the records again.
  void commit(std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void commit(error& failure, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// Stores that this record, or all of these, are processed, and with them everything before in their partitions.
  void commit(const record_view& record, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void commit(const records& processed, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  void commit(std::span<const group_offset> offsets, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// Without waiting; `done`, if given, is called on the IO thread. Commits are carried out in the order of the calls.
  void commit_async(std::function<void(const error& failure)> done = {});
  /// What the group has stored; partitions without an offset are left out. Throws kafka::error.
  [[nodiscard]] std::vector<group_offset> committed(const std::vector<topic_partition>& partitions,
                                                    std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// Whether the group does not want this member: every poll says why, and nothing but that.
  [[nodiscard]] bool is_refused() const;
  /// For producer::send_offsets. Of the rebalances that poll has told of: what was read before one that it has not is
  /// refused.
  [[nodiscard]] kafka::group_metadata group_metadata() const;

  /// Polls, hands each record to `handler` and stores positions only behind records whose handler has returned, until
  /// `stop` is asked for or the handler throws (which is passed on; the record is then read again). Errors that the
  /// consumer gets over are told to `on_error`, if given; others are thrown.
  ///
  /// Many slow records do no harm: between any two of them, every 100 ms, positions are stored and the group is obeyed
  /// as keep_alive does. Only one call of the handler that takes longer than max_poll_interval loses the partitions.
  void run(const std::function<void(const record_view& record)>& handler, std::stop_token stop = {},
           const std::function<void(const error& failure)>& on_error = {});
  /// The same with all records of a poll at a time; those of a batch whose handler throws are read again. A call counts
  /// as a whole: one that takes longer than max_poll_interval loses the partitions, and its records are read again.
  /// After a call that took more than a quarter of that the batches are smaller.
  void run_batches(const std::function<void(const records& batch)>& handler, std::stop_token stop = {},
                   const std::function<void(const error& failure)>& on_error = {});
  /// The same with so many threads, which call `handler` at the same time: for records of one key in their order, one
  /// after the other, and likewise for those of one partition that have no key. Positions are stored only behind
  /// records that are handled without a gap: what is handled beyond may be handled again, after a failure or by the
  /// next member. At most some thousand records a thread are read ahead. Partitions that go to others are waited for:
  /// what was begun of them is finished and stored, what was not is theirs. `on_error` and rebalance listeners are
  /// called on the calling thread.
  void run_parallel(std::size_t threads, const std::function<void(const record_view& record)>& handler,
                    std::stop_token stop = {}, const std::function<void(const error& failure)>& on_error = {});

  /// Goes on from another position. No record from before the call is returned after it.
  /// Throws kafka::error (invalid_argument) for a partition that is not assigned.
  void seek(const topic_partition& partition, position to);
  /// The offset of the next record that poll will return; nothing while a look-up is under way.
  [[nodiscard]] std::optional<std::int64_t> position_of(const topic_partition& partition) const;

  /// Stops and goes on fetching partitions; records already fetched wait.
  void pause(const std::vector<topic_partition>& partitions);
  void resume(const std::vector<topic_partition>& partitions);

  /// Records that are there, or the first to come within `timeout`; empty on time-out or wakeup(). Throws kafka::error:
  /// `closed` after close, the error of a partition (no_such_offset, corrupt_batch, topic_authorization_failed, ...)
  /// once each time it happens, naming the partition; other partitions go on, and so does this one where that is
  /// possible.
  records poll(std::chrono::milliseconds timeout);
  /// As above, but sets `failure` (cleared first) instead of throwing.
  records poll(std::chrono::milliseconds timeout, error& failure);
  /// Empty also as soon as `stop` is asked for.
  records poll(std::chrono::milliseconds timeout, std::stop_token stop);
  records poll(std::chrono::milliseconds timeout, std::stop_token stop, error& failure);

  /// For who takes long with what a poll returned: what a poll begins with, without the records. The group hears that
  /// this thread lives, and is obeyed: partitions may go and come, which the listener is told. What the last poll
  /// returned does not count as processed yet. Cheap enough to be called for every record. For the thread that polls;
  /// listeners are called inside. Without a group nothing happens. Throws nothing.
  void keep_alive();

  /// Makes the poll that is waiting, or the next one, return at once. Thread-safe and async-signal-safe: a signal's
  /// handler may call it (through a pointer that is set before and cleared after the consumer's life).
  void wakeup() noexcept;

  /// The end of the partition as last told by its leader (its high watermark): one more than the last record's offset.
  [[nodiscard]] std::optional<std::int64_t> end_offset_of(const topic_partition& partition) const;
  /// How far poll is behind, in offsets: from position_of to the end as last told, with read_committed to where the
  /// first open transaction begins. Nothing while either is not known. Costs no request.
  [[nodiscard]] std::optional<std::int64_t> lag_of(const topic_partition& partition) const;
  /// Whether everything up to that end was returned; see also consumer_config::on_partition_end.
  [[nodiscard]] bool is_at_end(const topic_partition& partition) const { return lag_of(partition) == 0; }

  // Asked of the leaders, of any partitions, assigned or not. They throw kafka::error: timed_out, or what a broker said
  // of one of the partitions.

  /// The first record of each partition with this timestamp or a later one; partitions without are left out.
  [[nodiscard]] std::map<topic_partition, offset_at_time> offsets_for_times(
      const std::map<topic_partition, timestamp_ms>& times,
      std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// The first offset that a partition still has.
  [[nodiscard]] std::map<topic_partition, std::int64_t> beginning_offsets(
      const std::vector<topic_partition>& partitions, std::chrono::milliseconds timeout = std::chrono::minutes(1));
  /// The offset behind the last record; with read_committed where the first open transaction begins.
  [[nodiscard]] std::map<topic_partition, std::int64_t> end_offsets(
      const std::vector<topic_partition>& partitions, std::chrono::milliseconds timeout = std::chrono::minutes(1));

  /// Stores where the records handed out so far end (with auto_commit), leaves the group, so that others get the
  /// partitions at once, and ends the consumer; calls after that fail with closed. Returns timed_out if that was not
  /// over in time; the consumer is ended all the same.
  error close(std::chrono::milliseconds timeout = std::chrono::seconds(30));

 private:
  std::shared_ptr<client::consumer_facade> facade_;
};

}  // namespace kafka
