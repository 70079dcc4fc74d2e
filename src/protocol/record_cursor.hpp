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
  struct step;

  // `next` is inlined into loops, where the compiler keeps the cursor in registers as long as no call takes its
  // address. So what is not inlined works on a copy.

  /// Reads the usual record. False, and nothing moved, for everything else: what is malformed, large numbers, headers,
  /// the end of the batch, formats 0 and 1.
  [[nodiscard]] bool next_quickly(record_ref& out) noexcept;
  /// Reads everything.
  [[nodiscard]] static step step_carefully(record_cursor from) noexcept;
  /// Takes a varint of at most three bytes, all of which can be read, off the front; false if it is longer.
  [[nodiscard]] static bool take(const std::byte*& at, std::uint32_t& bits) noexcept;
  /// Takes a key or a value whose length is `bits` off the front of [at, end); false if it is longer than that.
  [[nodiscard]] static bool take_bytes(const std::byte*& at, const std::byte* end, std::uint32_t bits,
                                       bytes_view& out) noexcept;
  // Unsigned: a timestamp delta may wrap, as the writer's subtraction did.
  [[nodiscard]] timestamp_ms plus_timestamp(std::int64_t delta) const noexcept {
    return static_cast<timestamp_ms>(static_cast<std::uint64_t>(base_timestamp_) +
                                     static_cast<std::uint64_t>(delta & timestamp_delta_mask_));
  }
  /// Both give null, or what is wrong.
  [[nodiscard]] const char* read_record(record_ref& out) noexcept;
  [[nodiscard]] const char* read_message(record_ref& out) noexcept;

  // What changes from record to record stands first, apart from what does not: side by side, compilers put `at_` and
  // `end_` into one vector register, and taking them out of it is slow.
  const std::byte* at_ = nullptr;
  std::int32_t remaining_ = 0;
  bool messages_ = false;  // format 0 or 1; remaining_ is 0 then
  bool offsets_wrap_ = false;
  const char* failure_ = nullptr;
  const std::byte* end_ = nullptr;
  std::int64_t base_offset_ = 0;
  std::int64_t base_timestamp_ = 0;         // with log-append time: the timestamp of all
  std::int64_t timestamp_delta_mask_ = -1;  // 0 with log-append time
};

struct record_cursor::step {
  record_cursor after;
  record_ref record;
  bool found = false;
};

[[gnu::always_inline]] inline bool record_cursor::take(const std::byte*& at, std::uint32_t& bits) noexcept {
  const auto byte = [at](std::size_t index) { return std::to_integer<std::uint32_t>(at[index]); };
  bits = byte(0);
  if (bits < 0x80U) {
    at += 1;
    return true;
  }
  bits += (byte(1) << 7U) - 0x80U;
  if (byte(1) < 0x80U) {
    at += 2;
    return true;
  }
  bits += (byte(2) << 14U) - (0x80U << 7U);
  if (byte(2) < 0x80U) {
    at += 3;
    return true;
  }
  return false;
}

[[gnu::always_inline]] inline bool record_cursor::take_bytes(const std::byte*& at, const std::byte* end,
                                                             std::uint32_t bits, bytes_view& out) noexcept {
  if ((bits & 1U) != 0) {  // negative: null
    out = bytes_view();
    return true;
  }
  const std::ptrdiff_t length = bits >> 1U;
  if (length > end - at) return false;
  out = bytes_view(std::string_view(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length)));
  at += length;
  return true;
}

[[gnu::always_inline]] inline bool record_cursor::next_quickly(record_ref& out) noexcept {
  constexpr std::ptrdiff_t front_bytes_max = 3 + 1 + 3 + 3 + 3;  // length, attributes, both deltas, key length
  constexpr std::ptrdiff_t back_bytes_max = 3 + 1;               // value length, header count
  const std::byte* at = at_;
  std::uint32_t length = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  if (remaining_ <= 0 || end_ - at < front_bytes_max || !take(at, length)) return false;
  if ((length & 1U) != 0 || static_cast<std::ptrdiff_t>(length >> 1U) > end_ - at) return false;
  const std::byte* const end = at + (length >> 1U);
  ++at;  // attributes: none are defined
  if (!take(at, timestamp) || !take(at, offset) || !take(at, size)) return false;
  if (!take_bytes(at, end, size, out.key) || end_ - at < back_bytes_max || !take(at, size)) return false;
  if (!take_bytes(at, end, size, out.value) || end - at != 1 || *at != std::byte{0}) return false;
  if (__builtin_add_overflow(base_offset_, std::int64_t{unzigzag(offset)}, &out.offset)) return false;
  out.timestamp = plus_timestamp(unzigzag(timestamp));
  out.headers = header_range();
  at_ = end;
  --remaining_;
  return true;
}

[[gnu::always_inline]] inline bool record_cursor::next(record_ref& out) noexcept {
  if (next_quickly(out)) [[likely]]
    return true;
  if (remaining_ <= 0 && at_ == end_) return false;
  const step made = step_carefully(*this);
  *this = made.after;
  if (made.found) out = made.record;
  return made.found;
}

}  // namespace kafka::protocol
