// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/buffer_pool.hpp"
#include "protocol/compression.hpp"
#include "protocol/record_batch_format.hpp"
#include "protocol/varint.hpp"

namespace kafka::protocol {

/// What is fixed when a batch is opened.
struct record_batch_settings {
  /// The batch never grows beyond this many bytes, header included, before compression. At most 2^31 - 1.
  std::size_t bytes_max = 1'000'000;
  /// The first buffer's size; it doubles as records come.
  std::size_t capacity = 16U << 10U;
  /// Timestamps are written relative to this; without it, to the first record's. Brokers put the delete horizon here.
  std::optional<timestamp_ms> base_timestamp = {};
  /// Asked, where it is set, before the buffer becomes one of `capacity` bytes: false refuses that, and the record.
  bool (*may_grow)(void* context, std::size_t capacity) noexcept = nullptr;
  void* context = nullptr;
};

/// What is known when a batch is complete.
struct record_batch_seal {
  compression codec = compression::none;
  int level = compression_level_default;
  std::int64_t base_offset = 0;
  std::int32_t partition_leader_epoch = -1;
  producer_stamp producer = {};
  bool control = false;
  /// The base timestamp is a delete horizon (KIP-534).
  bool delete_horizon = false;
  /// Stamp all records with this (message.timestamp.type=LogAppendTime).
  std::optional<timestamp_ms> log_append_time = {};
  /// Where the batch ends, if compaction took away its last records; without it, at the last one appended.
  std::optional<std::int32_t> last_offset_delta = {};
  /// For batches without records; otherwise it is the greatest timestamp appended.
  timestamp_ms empty_max_timestamp = -1;
};

/// A finished batch: its bytes, and the fields that may still change. Movable; not thread-safe.
class sealed_batch {
 public:
  sealed_batch() noexcept = default;

  /// Writes the producer's fields and the CRC that goes with them, without reading the records again. Bytes that were
  /// handed out before do not change (a socket may hold them): the batch is copied then.
  void stamp(const producer_stamp& stamp);
  /// The whole batch. The first call freezes it; `stamp` afterwards copies.
  [[nodiscard]] shared_bytes bytes();

  [[nodiscard]] const record_batch_header& header() const noexcept { return header_; }
  [[nodiscard]] std::size_t size() const noexcept { return header_.size(); }
  /// False for a default-constructed or moved-from one.
  [[nodiscard]] explicit operator bool() const noexcept { return building_ || !frozen_.empty(); }

 private:
  friend class record_batch_writer;

  record_batch_header header_;
  unique_buffer building_;
  shared_bytes frozen_;
};

/// Encodes records straight into one buffer that leaves the batch header's 61 bytes at the front. No allocation a
/// record; buffers come from the pool, which must outlive the writer. Movable; not thread-safe.
class record_batch_writer {
 public:
  /// A writer that refuses every record.
  record_batch_writer() noexcept = default;
  /// Throws std::bad_alloc.
  explicit record_batch_writer(buffer_pool& pool, const record_batch_settings& settings = {});
  record_batch_writer(record_batch_writer&& other) noexcept { *this = static_cast<record_batch_writer&&>(other); }
  record_batch_writer& operator=(record_batch_writer&& other) noexcept;
  ~record_batch_writer() = default;

  /// Appends a record at the next offset; copies all bytes before it returns. False, and nothing changed, if it does
  /// not fit into bytes_max, may_grow refused or the batch is sealed. Throws std::bad_alloc when the buffer cannot
  /// grow.
  bool append(timestamp_ms timestamp, bytes_view key, bytes_view value, std::span<const record_header> headers = {}) {
    return append_at(next_delta_, timestamp, key, value, headers);
  }
  /// The same at base offset + `offset_delta`, which is greater than any before (gaps are what compaction leaves).
  bool append_at(std::int64_t offset_delta, timestamp_ms timestamp, bytes_view key, bytes_view value,
                 std::span<const record_header> headers = {});
  /// The same with a value in pieces, which are written one after the other.
  bool append_gathered(timestamp_ms timestamp, bytes_view key, std::span<const bytes_view> value_pieces,
                       std::span<const record_header> headers = {});
  /// The marker that ends a transaction; seal it with `control` and `transactional` set.
  bool append_control(timestamp_ms timestamp, control_record control);

  /// At least as many bytes as the record can take in any batch (record_bytes_max + batch_overhead is a batch of it
  /// alone).
  [[nodiscard]] static std::size_t record_bytes_max(bytes_view key, std::size_t value_bytes,
                                                    std::span<const record_header> headers) noexcept;

  /// Compresses if asked, fills the header in and gives the batch away; the writer takes no more records. A compressed
  /// batch that came out larger stays compressed, as with Kafka's own producer. Errors: unsupported_feature (codec not
  /// built in; the writer is as before), limit_exceeded (larger than 2^31 - 1).
  [[nodiscard]] error seal(const record_batch_seal& seal, sealed_batch& out);

  /// The batch as it is now, uncompressed, header included; 0 for a writer without a buffer.
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin()); }
  [[nodiscard]] std::int32_t record_count() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// Memory held, for budgets.
  [[nodiscard]] std::size_t capacity() const noexcept { return buffer_.capacity(); }
  /// The greatest appended; -1 before that.
  [[nodiscard]] timestamp_ms max_timestamp() const noexcept { return max_timestamp_; }

 private:
  [[nodiscard]] const std::byte* begin() const noexcept { return buffer_.data(); }
  /// Makes room for `bytes` more; false if bytes_max forbids it.
  [[nodiscard]] bool grow(std::size_t bytes);
  void set_limit() noexcept;
  bool append_with_headers(std::int64_t offset_delta, timestamp_ms timestamp, bytes_view key,
                           std::span<const bytes_view> value_pieces, bool value_is_null,
                           std::span<const record_header> headers);
  void appended(std::byte* end, std::int64_t offset_delta, timestamp_ms timestamp) noexcept {
    at_ = end;
    next_delta_ = offset_delta + 1;
    ++count_;
    if (timestamp > max_timestamp_) max_timestamp_ = timestamp;
  }

  buffer_pool* pool_ = nullptr;
  unique_buffer buffer_;
  std::byte* at_ = nullptr;     // where the next record goes
  std::byte* limit_ = nullptr;  // the end of the buffer, or of bytes_max if that comes first
  std::size_t bytes_max_ = 0;
  bool (*may_grow_)(void* context, std::size_t capacity) noexcept = nullptr;
  void* context_ = nullptr;
  std::int64_t next_delta_ = 0;
  std::int32_t count_ = 0;
  bool base_is_fixed_ = false;
  timestamp_ms base_timestamp_ = -1;
  timestamp_ms max_timestamp_ = -1;
};

inline bool record_batch_writer::append_at(std::int64_t offset_delta, timestamp_ms timestamp, bytes_view key,
                                           bytes_view value, std::span<const record_header> headers) {
  if (!headers.empty()) [[unlikely]]
    return append_with_headers(offset_delta, timestamp, key, {&value, 1}, value.is_null(), headers);
  if (offset_delta < next_delta_ || offset_delta > std::numeric_limits<std::int32_t>::max()) [[unlikely]]
    return false;
  if (count_ == 0 && !base_is_fixed_) base_timestamp_ = timestamp;

  // Unsigned subtraction: a difference beyond 64 bits wraps, and wraps back when it is read.
  const std::uint64_t timestamp_delta = zigzag_long(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp) - static_cast<std::uint64_t>(base_timestamp_)));
  const std::uint64_t offset_bits = static_cast<std::uint64_t>(offset_delta) << 1U;
  const std::uint64_t key_bits = key.is_null() ? 1U : static_cast<std::uint64_t>(key.size()) << 1U;
  const std::uint64_t value_bits = value.is_null() ? 1U : static_cast<std::uint64_t>(value.size()) << 1U;
  const std::size_t body = 2 + varint_size(timestamp_delta) + varint_size(offset_bits) + varint_size(key_bits) +
                           key.size() + varint_size(value_bits) + value.size();
  const std::size_t bytes = varint_size(body << 1U) + body;
  if (bytes > static_cast<std::size_t>(limit_ - at_)) [[unlikely]] {
    if (!grow(bytes)) return false;
  }
  std::byte* out = write_varint(at_, body << 1U);
  *out++ = std::byte{0};  // attributes
  out = write_varint(out, timestamp_delta);
  out = write_varint(out, offset_bits);
  out = write_varint(out, key_bits);
  if (!key.empty()) std::memcpy(out, key.data(), key.size());
  out += key.size();
  out = write_varint(out, value_bits);
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
  out += value.size();
  *out++ = std::byte{0};  // no headers
  appended(out, offset_delta, timestamp);
  return true;
}

}  // namespace kafka::protocol
