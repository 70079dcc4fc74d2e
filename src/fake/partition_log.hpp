// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include <kafka/types.hpp>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"
#include "protocol/record_batch_format.hpp"

namespace kafka::fake {

/// Where a batch lies in a log and what it holds.
struct stored_batch {
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  std::size_t position = 0;  ///< In its segment.
  std::size_t size = 0;
  timestamp_ms max_timestamp = -1;
  std::int32_t leader_epoch = 0;
};

/// An offset and the timestamp and leader epoch that belong to it.
struct found_offset {
  std::int64_t offset = -1;
  timestamp_ms timestamp = -1;
  std::int32_t leader_epoch = -1;

  friend bool operator==(const found_offset&, const found_offset&) = default;
};

/// The end of a leader epoch in a log; -1 and -1 if unknown.
struct epoch_end {
  std::int32_t epoch = -1;
  std::int64_t end_offset = -1;

  friend bool operator==(const epoch_end&, const epoch_end&) = default;
};

/// The log of one partition: batches one after the other in large segments, so that what is fetched is a slice of a
/// segment, however many batches it covers. A batch is copied once, on its way in. Offsets only grow; end_offset() is
/// the next one. Slices given out stay valid whatever happens to the log.
class partition_log {
 public:
  partition_log() = default;
  partition_log(partition_log&&) = default;
  partition_log& operator=(partition_log&&) = default;

  [[nodiscard]] std::int64_t start_offset() const noexcept { return start_offset_; }
  [[nodiscard]] std::int64_t end_offset() const noexcept { return end_offset_; }
  /// Consumers see what is below. Never above end_offset().
  [[nodiscard]] std::int64_t high_watermark() const noexcept { return high_watermark_; }
  void set_high_watermark(std::int64_t offset) noexcept;
  /// Bytes of all batches.
  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_bytes_; }
  [[nodiscard]] bool empty() const noexcept { return segments_.empty(); }

  /// Appends a valid batch at end_offset(), with this leader epoch and, if given, log-append time. The high watermark
  /// stays. Returns the base offset.
  std::int64_t append(std::span<const std::byte> batch, std::int32_t leader_epoch,
                      std::optional<timestamp_ms> log_append_time);

  /// Whole batches from the one that holds `offset` on, none with offsets at or above `limit`, of at most `bytes_max`
  /// bytes in all; the first one though it is larger, if `at_least_one`. Stops at the end of a segment.
  [[nodiscard]] shared_bytes read(std::int64_t offset, std::int64_t limit, std::size_t bytes_max,
                                  bool at_least_one) const;
  /// How many bytes lie in [offset, limit); counting stops at `enough`.
  [[nodiscard]] std::size_t available(std::int64_t offset, std::int64_t limit, std::size_t enough) const;

  /// The first record below `limit` with at least this timestamp; its batch is decompressed with a buffer of `pool`.
  [[nodiscard]] std::optional<found_offset> find_timestamp(timestamp_ms timestamp, std::int64_t limit,
                                                           buffer_pool& pool) const;
  /// The first record below `limit` with the greatest timestamp.
  [[nodiscard]] std::optional<found_offset> find_max_timestamp(std::int64_t limit, buffer_pool& pool) const;

  /// The leader epoch of the batch that holds `offset`, or of the last one before it; -1 if there is none.
  [[nodiscard]] std::int32_t epoch_at(std::int64_t offset) const noexcept;
  /// Where the largest epoch that is not above `epoch` ends, as OffsetForLeaderEpoch has it (KIP-320). `current` is the
  /// partition's epoch now.
  [[nodiscard]] epoch_end end_of_epoch(std::int32_t epoch, std::int32_t current) const noexcept;
  /// Notes that an epoch begins at end_offset().
  void begin_epoch(std::int32_t epoch);

  /// Forgets what is below `offset`, which becomes the start; whole segments are freed.
  void delete_before(std::int64_t offset);
  /// Forgets batches from the one that holds `offset` on, as an unclean election does.
  void truncate_to(std::int64_t offset);
  /// Frees the oldest segments while more than this many bytes would remain; the newest segment stays.
  void keep_bytes(std::size_t bytes_max);

 private:
  struct segment {
    shared_bytes bytes;               // all of the block, written or not
    std::byte* write_from = nullptr;  // the block itself: only bytes behind `used`, which nobody reads yet, are written
    std::size_t used = 0;             // where the next batch goes
    std::size_t live = 0;             // bytes of `batches`
    std::vector<stored_batch> batches;
  };
  struct epoch_start {
    std::int32_t epoch;
    std::int64_t offset;
  };
  struct place {
    std::size_t segment;
    std::size_t batch;
  };

  segment& segment_for(std::size_t bytes);
  /// The first batch whose last offset is at least `offset`; nothing if there is none.
  [[nodiscard]] std::optional<place> find(std::int64_t offset) const;
  [[nodiscard]] const stored_batch& at(place where) const { return segments_[where.segment].batches[where.batch]; }
  [[nodiscard]] bool step(place& where) const;
  /// The first record of a batch for which `wanted(timestamp)` holds.
  template <class Wanted>
  [[nodiscard]] std::optional<found_offset> scan(place where, buffer_pool& pool, Wanted&& wanted) const;

  std::deque<segment> segments_;
  std::vector<epoch_start> epochs_;
  std::int64_t start_offset_ = 0;
  std::int64_t end_offset_ = 0;
  std::int64_t high_watermark_ = 0;
  std::size_t size_bytes_ = 0;
  std::size_t next_segment_bytes_ = 16U << 10U;
};

}  // namespace kafka::fake
