// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <kafka/record.hpp>
#include <kafka/types.hpp>

#include "base/shared_bytes.hpp"

/// The record batch of message format 2 (KIP-98), byte by byte:
///
///      0 base offset           int64   the offset of delta 0
///      8 batch length          int32   bytes after this field
///     12 partition leader epoch int32
///     16 magic                 int8    2; in formats 0 and 1 it stands at the same place
///     17 CRC32C                uint32  of everything from byte 21 on
///     21 attributes            int16   see batch_attributes
///     23 last offset delta     int32   next offset = base + this + 1, whatever records compaction left
///     27 base timestamp        int64   the timestamp of delta 0, or the delete horizon (KIP-534)
///     35 max timestamp         int64   with log-append time: the timestamp of every record
///     43 producer id           int64
///     51 producer epoch        int16
///     53 base sequence         int32
///     57 record count          int32
///     61 records, compressed as a whole if the attributes say so
///
/// A record: varint length of what follows, int8 attributes (0), varlong timestamp delta, varint offset delta, varint
/// key length (-1: null) and key, varint value length (-1: null) and value, varint header count, then for each header
/// varint key length and key (never null), varint value length (-1: null) and value. All of these varints are zigzag.
namespace kafka::protocol {

inline constexpr std::size_t batch_overhead = 61;    ///< The size of a batch without records.
inline constexpr std::size_t batch_length_end = 12;  ///< Where the bytes begin that batch_length counts.
inline constexpr std::size_t batch_crc_begin = 21;   ///< Where the bytes begin that the CRC covers.
inline constexpr std::size_t record_bytes_min = 7;   ///< The smallest record: null key, null value, no headers.

/// The bits of record_batch_header::attributes.
namespace batch_attributes {
inline constexpr std::uint16_t codec_mask = 0x07;
inline constexpr std::uint16_t log_append_time = 0x08;
inline constexpr std::uint16_t transactional = 0x10;
inline constexpr std::uint16_t control = 0x20;
inline constexpr std::uint16_t delete_horizon = 0x40;
}  // namespace batch_attributes

/// The fixed part of a batch. For format 0 and 1 messages, which have no such part, `record_batch_reader` fills in what
/// the message says and leaves the rest at these defaults.
struct record_batch_header {
  std::int64_t base_offset = 0;
  std::int32_t batch_length = static_cast<std::int32_t>(batch_overhead - batch_length_end);
  std::int32_t partition_leader_epoch = -1;
  std::int8_t magic = 2;
  std::uint32_t crc = 0;
  std::uint16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  /// The codec's number as written, 0..7; above 4 nobody knows it.
  [[nodiscard]] unsigned codec_id() const noexcept { return attributes & batch_attributes::codec_mask; }
  [[nodiscard]] compression codec() const noexcept { return static_cast<compression>(codec_id()); }
  [[nodiscard]] timestamp_type timestamp_kind() const noexcept {
    if (magic == 0) return timestamp_type::none;
    return has(batch_attributes::log_append_time) ? timestamp_type::log_append_time : timestamp_type::create_time;
  }
  [[nodiscard]] bool is_transactional() const noexcept { return has(batch_attributes::transactional); }
  [[nodiscard]] bool is_control() const noexcept { return has(batch_attributes::control); }
  [[nodiscard]] bool has_delete_horizon() const noexcept { return has(batch_attributes::delete_horizon); }

  /// The offset of the batch's last record, still there or compacted away.
  [[nodiscard]] std::int64_t last_offset() const noexcept { return plus(last_offset_delta); }
  /// Where a consumer goes on after this batch.
  [[nodiscard]] std::int64_t next_offset() const noexcept { return plus(std::int64_t{last_offset_delta} + 1); }
  /// The whole batch in bytes.
  [[nodiscard]] std::size_t size() const noexcept {
    return batch_length_end + static_cast<std::size_t>(batch_length < 0 ? 0 : batch_length);
  }

  friend bool operator==(const record_batch_header&, const record_batch_header&) = default;

 private:
  // Wraps instead of overflowing; the reader refuses batches for which it would.
  [[nodiscard]] std::int64_t plus(std::int64_t delta) const noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(base_offset) + static_cast<std::uint64_t>(delta));
  }
  [[nodiscard]] bool has(std::uint16_t bit) const noexcept { return (attributes & bit) != 0; }
};

/// Reads the 61 bytes at the front of `batch` as they stand; nothing is judged. `batch.size() >= batch_overhead`.
[[nodiscard]] record_batch_header read_batch_header(std::span<const std::byte> batch) noexcept;
/// Writes all fields, `crc` as given. `batch.size() >= batch_overhead`.
void write_batch_header(std::span<std::byte> batch, const record_batch_header& header) noexcept;
/// The CRC32C that belongs into a complete batch, which is at least batch_overhead long.
[[nodiscard]] std::uint32_t batch_crc(std::span<const std::byte> batch) noexcept;

/// A header of a record; the public type, so that nothing is converted on the way down.
using record_header = header;

/// What an idempotent or transactional producer writes into each of its batches.
struct producer_stamp {
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;

  friend bool operator==(const producer_stamp&, const producer_stamp&) = default;
};

/// What a broker changes in a batch that it appends to its log.
struct broker_stamp {
  std::int64_t base_offset = 0;
  std::int32_t partition_leader_epoch = 0;
  /// Set for topics with message.timestamp.type=LogAppendTime; the CRC then changes too.
  std::optional<timestamp_ms> log_append_time = {};
};

/// A copy of a complete, valid format 2 batch with the broker's fields in it.
[[nodiscard]] shared_bytes stamped_copy(std::span<const std::byte> batch, const broker_stamp& stamp);

/// What the only record of a control batch says (KIP-98).
enum class control_type : std::int16_t { abort = 0, commit = 1, unknown = -1 };

struct control_record {
  control_type type = control_type::unknown;
  std::int32_t coordinator_epoch = -1;

  friend bool operator==(const control_record&, const control_record&) = default;
};

/// Reads the key and the value of a control record. Types other than commit and abort (KRaft's own) are `unknown`;
/// nothing if the key is too short to be one.
[[nodiscard]] std::optional<control_record> read_control_record(bytes_view key, bytes_view value) noexcept;

}  // namespace kafka::protocol
