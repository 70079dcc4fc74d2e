// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/record.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// Where to read from.
class position {
 public:
  enum class kind : std::uint8_t { oldest, newest, absolute, timestamp };

  /// The first record that the partition still has.
  static constexpr position oldest() noexcept { return {kind::oldest, 0}; }
  /// The first record written after the position was looked up.
  static constexpr position newest() noexcept { return {kind::newest, 0}; }
  /// `offset` >= 0 itself; whether it lies in the log shows when it is fetched (see consumer_config::offset_reset).
  static constexpr position at(std::int64_t offset) noexcept { return {kind::absolute, offset}; }
  /// The first record with this timestamp (milliseconds since the epoch) or a later one; newest if there is none.
  static constexpr position since(timestamp_ms timestamp) noexcept { return {kind::timestamp, timestamp}; }

  [[nodiscard]] constexpr kind what() const noexcept { return kind_; }
  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }

  friend constexpr bool operator==(position, position) noexcept = default;

 private:
  constexpr position(kind what, std::int64_t value) noexcept : kind_(what), value_(value) {}
  kind kind_;
  std::int64_t value_;
};

/// A partition and where to begin in it.
struct assignment {
  std::string topic;
  std::int32_t partition = 0;
  kafka::position from = position::newest();

  friend bool operator==(const assignment&, const assignment&) = default;
};

namespace client {
class consumer_facade;
}

/// Reads records of partitions that it was assigned by hand.
///
/// One thread uses a consumer at a time, except for wakeup(), which any thread may call. Owns one IO thread, which
/// fetches ahead up to prefetch_bytes_max. Destroying it is close with a deadline of zero.
class consumer {
 public:
  /// Starts the IO thread; connects in the background. Throws kafka::error (invalid_config) for a value out of range.
  explicit consumer(consumer_config config);
  consumer(consumer&&) noexcept;
  consumer& operator=(consumer&&) noexcept;
  ~consumer();

  /// Replaces what is read. Positions that need a look-up are resolved in the background, before the first fetch.
  /// Records of the former assignment are never returned afterwards.
  void assign(std::vector<assignment> partitions);
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

  /// Makes the poll that is waiting, or the next one, return at once. Thread-safe; also from a signal-handling thread.
  void wakeup();

  /// The end of the partition as last told by its leader (its high watermark): one more than the last record's offset.
  [[nodiscard]] std::optional<std::int64_t> end_offset_of(const topic_partition& partition) const;

  /// Ends the consumer; calls after that fail with closed. Waits for no broker, so that `timeout` is not reached yet:
  /// it is for what leaving a group will need.
  error close(std::chrono::milliseconds timeout = std::chrono::seconds(30));

 private:
  std::shared_ptr<client::consumer_facade> facade_;
};

}  // namespace kafka
