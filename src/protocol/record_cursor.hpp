// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <kafka/error.hpp>
#include <kafka/record.hpp>
#include <kafka/types.hpp>

#include "protocol/record_batch_format.hpp"
#include "protocol/varint.hpp"

namespace kafka::protocol {

/// One record, as it lies in the bytes of its batch, which must outlive it.
struct record_ref {
  std::int64_t offset = 0;
  timestamp_ms timestamp = -1;
  bytes_view key;
  bytes_view value;
  /// Checked when the record was read: walking them cannot fail.
  header_range headers;
};

/// Walks the records of one batch, in their order, checking each as it goes. Copyable (a copy goes on from the same
/// record); borrows the batch's bytes; allocates nothing.
class record_cursor {
 public:
  /// Over nothing.
  record_cursor() noexcept = default;
  /// Over the records of a format 2 batch, decompressed. An offset beyond 64 bits is a failure, or wraps.
  record_cursor(const record_batch_header& header, std::span<const std::byte> records,
                bool offsets_wrap = false) noexcept;
  /// Over format 0 and 1 messages: either one, or the inside of a compressed one. `offset_base` is added to each
  /// offset; `log_append_time`, if there is one, replaces the timestamps of format 1.
  [[nodiscard]] static record_cursor over_messages(std::span<const std::byte> messages, std::int64_t offset_base,
                                                   std::optional<timestamp_ms> log_append_time) noexcept;

  /// Moves to the next record. False at the end, and at a record that breaks the format: then `failed()`.
  [[nodiscard]] bool next(record_ref& out) noexcept;

  [[nodiscard]] bool failed() const noexcept { return failure_ != nullptr; }
  /// corrupt_batch with a sentence, or no error.
  [[nodiscard]] error failure() const;
  /// How many records are still to come if none is broken (format 2 only; 0 at the end).
  [[nodiscard]] std::int32_t remaining() const noexcept { return remaining_; }

 private:
  /// The fields of a record between its offset and its end; null at malformed ones.
  [[nodiscard]] static const std::byte* read_delimited(const std::byte* at, const std::byte* end,
                                                       bytes_view& out) noexcept;
  [[nodiscard]] static const std::byte* read_headers(const std::byte* at, const std::byte* end, std::int32_t count,
                                                     header_range& out) noexcept;
  [[nodiscard]] bool next_message(record_ref& out) noexcept;
  [[nodiscard]] bool finish() noexcept;
  [[nodiscard]] bool fail(const char* why) noexcept;

  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::int64_t base_offset_ = 0;
  std::int64_t base_timestamp_ = 0;         // with log-append time: the timestamp of all
  std::int64_t timestamp_delta_mask_ = -1;  // 0 with log-append time
  std::int32_t remaining_ = 0;
  bool messages_ = false;  // format 0 or 1; remaining_ is 0 then
  bool offsets_wrap_ = false;
  const char* failure_ = nullptr;
};

inline const std::byte* record_cursor::read_delimited(const std::byte* at, const std::byte* end,
                                                      bytes_view& out) noexcept {
  std::uint32_t bits = 0;
  at = read_varint(at, end, bits);
  if (!at) [[unlikely]]
    return nullptr;
  const std::int64_t length = unzigzag(bits);
  if (length < 0) {  // -1; Kafka's own reader takes any negative length for null
    out = bytes_view();
    return at;
  }
  if (length > end - at) [[unlikely]]
    return nullptr;
  out = bytes_view(std::string_view(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length)));
  return at + length;
}

inline bool record_cursor::next(record_ref& out) noexcept {
  if (remaining_ <= 0) [[unlikely]]
    return messages_ ? next_message(out) : finish();
  std::uint32_t bits = 0;
  const std::byte* at = read_varint(at_, end_, bits);
  const std::int64_t length = unzigzag(bits);
  if (!at || length < static_cast<std::int64_t>(record_bytes_min) - 1 || length > end_ - at) [[unlikely]]
    return fail("a record's length is wrong");
  const std::byte* const end = at + length;
  ++at;  // attributes: none are defined
  std::uint64_t timestamp_bits = 0;
  at = read_varlong(at, end, timestamp_bits);
  if (at) at = read_varint(at, end, bits);
  if (!at) [[unlikely]]
    return fail("a record's timestamp or offset is malformed");
  if (__builtin_add_overflow(base_offset_, std::int64_t{unzigzag(bits)}, &out.offset) && !offsets_wrap_) [[unlikely]]
    return fail("a record's offset is beyond 64 bits");
  // Unsigned: a timestamp delta may wrap, as the writer's subtraction did.
  out.timestamp =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(base_timestamp_) +
                                static_cast<std::uint64_t>(unzigzag_long(timestamp_bits) & timestamp_delta_mask_));

  at = read_delimited(at, end, out.key);
  if (at) at = read_delimited(at, end, out.value);
  if (at) at = read_varint(at, end, bits);
  if (!at) [[unlikely]]
    return fail("a record's key or value is longer than the record");
  out.headers = header_range();
  if (bits != 0) [[unlikely]] {
    at = read_headers(at, end, unzigzag(bits), out.headers);
    if (!at) return fail("a record's headers are malformed");
  }
  if (at != end) [[unlikely]]
    return fail("a record is longer than its fields");
  at_ = end;
  --remaining_;
  return true;
}

}  // namespace kafka::protocol
