// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "protocol/record_batch_format.hpp"
#include "protocol/varint.hpp"

namespace kafka::protocol {

/// The headers of one record, decoded as they are walked. They were checked when the record was read, so walking them
/// cannot fail. Borrows the batch's bytes.
class record_headers {
 public:
  class iterator {
   public:
    using value_type = record_header;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() noexcept = default;
    [[nodiscard]] const record_header& operator*() const noexcept { return header_; }
    [[nodiscard]] const record_header* operator->() const noexcept { return &header_; }
    iterator& operator++() noexcept {
      --left_;
      read();
      return *this;
    }
    iterator operator++(int) noexcept {
      iterator before(*this);
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.left_ == b.left_; }

   private:
    friend class record_headers;
    iterator(const std::byte* at, std::int32_t left) noexcept : at_(at), left_(left) { read(); }
    void read() noexcept;

    const std::byte* at_ = nullptr;
    std::int32_t left_ = 0;
    record_header header_;
  };

  record_headers() noexcept = default;
  /// `count` headers at `at`, already checked.
  record_headers(const std::byte* at, std::int32_t count) noexcept : at_(at), count_(count) {}

  [[nodiscard]] iterator begin() const noexcept { return {at_, count_}; }
  [[nodiscard]] iterator end() const noexcept { return {}; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(count_); }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

 private:
  const std::byte* at_ = nullptr;
  std::int32_t count_ = 0;
};

/// One record, as it lies in the bytes of its batch, which must outlive it.
struct record_ref {
  std::int64_t offset = 0;
  timestamp_ms timestamp = -1;
  bytes_view key;
  bytes_view value;
  record_headers headers;
};

/// Walks the records of one batch, in their order, checking each as it goes. Copyable (a copy goes on from the same
/// record); borrows the batch's bytes; allocates nothing.
class record_cursor {
 public:
  record_cursor() noexcept = default;
  /// Over the records of a format 2 batch, decompressed.
  record_cursor(const record_batch_header& header, std::span<const std::byte> records) noexcept;
  /// Over format 0 and 1 messages: either one, or the checked inside of a compressed one. `offset_base` is added to
  /// each offset, `log_append_time` (unless null) replaces each timestamp of format 1.
  [[nodiscard]] static record_cursor over_messages(std::span<const std::byte> messages, std::int64_t offset_base,
                                                   const timestamp_ms* log_append_time) noexcept;

  /// Moves to the next record. False at the end, and at a record that breaks the format: then `failed()`.
  [[nodiscard]] bool next(record_ref& out) noexcept;

  [[nodiscard]] bool failed() const noexcept { return failure_ != nullptr; }
  /// corrupt_batch with a sentence, or no error.
  [[nodiscard]] error failure() const;
  /// How many records are still to come if none is broken (format 2 only; 0 at the end).
  [[nodiscard]] std::int32_t remaining() const noexcept { return remaining_; }

 private:
  [[nodiscard]] bool next_message(record_ref& out) noexcept;
  [[nodiscard]] bool finish() noexcept;
  [[nodiscard]] bool fail(const char* why) noexcept;
  /// The end of `count` well-formed headers at `at`, or null.
  [[nodiscard]] static const std::byte* skip_headers(const std::byte* at, const std::byte* end,
                                                     std::int32_t count) noexcept;

  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::int64_t base_offset_ = 0;
  std::int64_t base_timestamp_ = 0;
  std::int64_t timestamp_mask_ = -1;  // 0 with log-append time: the deltas are then ignored
  std::int32_t remaining_ = 0;
  bool messages_ = false;  // format 0 or 1
  const char* failure_ = nullptr;
};

inline bool record_cursor::next(record_ref& out) noexcept {
  if (remaining_ <= 0) [[unlikely]]
    return messages_ ? next_message(out) : finish();
  std::uint32_t bits = 0;
  const std::byte* at = read_varint(at_, end_, bits);
  const std::int64_t length = unzigzag(bits);
  if (!at || length < static_cast<std::int64_t>(record_bytes_min - 1) || length > end_ - at) [[unlikely]]
    return fail("a record's length is wrong");
  const std::byte* const end = at + length;
  ++at;  // attributes: none are defined
  std::uint64_t timestamp_bits = 0;
  std::uint32_t offset_bits = 0;
  at = read_varlong(at, end, timestamp_bits);
  if (at) at = read_varint(at, end, offset_bits);
  if (at) at = read_varint(at, end, bits);
  if (!at) [[unlikely]]
    return fail("a record ends inside its first fields");

  const std::int64_t key_length = unzigzag(bits);
  if (key_length > end - at) [[unlikely]]
    return fail("a record's key is longer than the record");
  out.key = key_length < 0
                ? bytes_view()
                : bytes_view(std::string_view(reinterpret_cast<const char*>(at), static_cast<std::size_t>(key_length)));
  at += key_length < 0 ? 0 : key_length;

  at = read_varint(at, end, bits);
  const std::int64_t value_length = unzigzag(bits);
  if (!at || value_length > end - at) [[unlikely]]
    return fail("a record's value is longer than the record");
  out.value =
      value_length < 0
          ? bytes_view()
          : bytes_view(std::string_view(reinterpret_cast<const char*>(at), static_cast<std::size_t>(value_length)));
  at += value_length < 0 ? 0 : value_length;

  at = read_varint(at, end, bits);
  if (!at) [[unlikely]]
    return fail("a record ends before its header count");
  const std::int32_t header_count = unzigzag(bits);
  out.headers = record_headers(at, header_count);
  if (header_count != 0) [[unlikely]] {
    at = skip_headers(at, end, header_count);
    if (!at) return fail("a record's headers are malformed");
  }
  if (at != end) [[unlikely]]
    return fail("a record is longer than its fields");

  if (__builtin_add_overflow(base_offset_, std::int64_t{unzigzag(offset_bits)}, &out.offset)) [[unlikely]]
    return fail("a record's offset is beyond 64 bits");
  // Unsigned: a timestamp delta may wrap, as the writer's subtraction did.
  out.timestamp =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(base_timestamp_) +
                                static_cast<std::uint64_t>(unzigzag_long(timestamp_bits) & timestamp_mask_));
  at_ = end;
  --remaining_;
  return true;
}

}  // namespace kafka::protocol
