// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <kafka/error.hpp>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"
#include "protocol/record_batch_format.hpp"
#include "protocol/record_cursor.hpp"

namespace kafka::protocol {

/// What a reader takes from a peer it does not trust.
struct read_limits {
  /// The most bytes one batch may decompress to; more is limit_exceeded.
  std::size_t decompressed_bytes_max = 128U << 20U;
  /// Take what Kafka's own reader takes although no sound log holds it: more records than the batch has offsets,
  /// offsets beyond 64 bits (which wrap), bytes behind no records at all, a message cut off inside a compressed one
  /// (which is dropped). For tools that must say what Kafka would.
  bool lenient = false;
};

/// The records of one batch, decompressed. Owns its bytes (shares them with the fetched set when they were not
/// compressed), so that cursors and records may borrow from it. Cheap to copy.
class batch_records {
 public:
  batch_records() noexcept = default;

  /// A cursor at the first record; valid while these bytes (or a copy of this object) live.
  [[nodiscard]] record_cursor cursor() const noexcept { return cursor_; }
  /// The bytes that the records borrow from; `pinned_bytes()` of it is what a budget counts.
  [[nodiscard]] const shared_bytes& bytes() const noexcept { return bytes_; }
  /// Walks all records once; no error if none is malformed. After that a cursor cannot fail.
  [[nodiscard]] error check() const;

 private:
  friend class record_batch;
  shared_bytes bytes_;
  record_cursor cursor_;
};

/// One batch of a set whose frame and CRC are right. Shares the set's bytes.
class record_batch {
 public:
  record_batch() noexcept = default;

  /// For format 0 and 1: base_offset is the message's own offset, which for a compressed one is its last record's, and
  /// record_count is 0 (unknown).
  [[nodiscard]] const record_batch_header& header() const noexcept { return header_; }
  [[nodiscard]] std::int64_t base_offset() const noexcept { return header_.base_offset; }
  [[nodiscard]] std::int64_t last_offset() const noexcept { return header_.last_offset(); }
  [[nodiscard]] std::int64_t next_offset() const noexcept { return header_.next_offset(); }
  /// The batch's bytes, header included.
  [[nodiscard]] const shared_bytes& bytes() const noexcept { return bytes_; }
  /// Where it begins in its set.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }

  /// Gives the records, decompressed into a buffer of `pool` if need be. Errors: corrupt_batch, limit_exceeded,
  /// unsupported_feature (a codec not built in, or unknown). This is the expensive step; it may run on another thread.
  [[nodiscard]] error open(buffer_pool& pool, batch_records& out) const;

 private:
  friend class record_batch_reader;
  [[nodiscard]] error open_messages(buffer_pool& pool, batch_records& out) const;

  record_batch_header header_;
  shared_bytes bytes_;
  std::size_t position_ = 0;
  read_limits limits_;
};

/// Why a batch could not be read, and what it claims to hold, so that a consumer can report it and be told to go past
/// it.
struct batch_failure {
  error reason;
  /// As the batch claims; with a wrong CRC the claim may be wrong too. -1 if not even the frame can be trusted.
  std::int64_t base_offset = -1;
  std::int64_t next_offset = -1;
  std::size_t position = 0;
  /// 0 if not even the frame can be trusted: nothing after it can be read then.
  std::size_t size = 0;
};

/// Walks the batches of a record set as Fetch returns it: any number of batches, of any format, the last one often cut
/// off.
///
///     record_batch_reader reader(set);
///     for (auto step = reader.next(); step != batch_step::end; step = reader.next()) {
///       if (step == batch_step::failed) return report(reader.failure());   // or go on, past the bad batch
///       use(reader.batch());
///     }
class record_batch_reader {
 public:
  enum class step : std::uint8_t {
    batch,   ///< batch() is the next one: complete, and its CRC is right.
    failed,  ///< failure() tells about a batch that cannot be read; the next call goes on behind it.
    end,     ///< Nothing complete is left.
  };

  explicit record_batch_reader(shared_bytes set, read_limits limits = {}) noexcept;

  [[nodiscard]] step next();
  [[nodiscard]] const record_batch& batch() const noexcept { return batch_; }
  [[nodiscard]] const batch_failure& failure() const noexcept { return failure_; }

  /// Bytes of complete batches passed so far. At the end, less than the set's size means a cut-off last batch: if it is
  /// also 0, the batch was larger than the fetch allowed.
  [[nodiscard]] std::size_t valid_bytes() const noexcept { return position_; }

 private:
  [[nodiscard]] step fail(std::size_t size, error reason);
  [[nodiscard]] step next_batch(std::size_t size);
  [[nodiscard]] step next_message(std::size_t size);

  shared_bytes set_;
  read_limits limits_;
  std::size_t position_ = 0;
  bool frame_lost_ = false;
  record_batch batch_;
  batch_failure failure_;
};

using batch_step = record_batch_reader::step;

}  // namespace kafka::protocol
