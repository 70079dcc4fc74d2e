// SPDX-License-Identifier: Apache-2.0
#include "protocol/record_cursor.hpp"

#include "protocol/legacy_message.hpp"

namespace kafka {

void header_range::iterator::advance() {
  if (left_ <= 0) {
    ended_ = true;
    return;
  }
  --left_;
  const auto* at = reinterpret_cast<const std::byte*>(rest_.data());
  const auto* const end = at + rest_.size();
  const auto take = [&](std::int64_t& length) {
    std::uint32_t bits = 0;
    at = protocol::read_varint(at, end, bits);
    length = protocol::unzigzag(bits);
    return at != nullptr && length <= end - at;
  };
  const auto text = [&](std::int64_t length) {
    const std::string_view bytes(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length));
    at += length;
    return bytes;
  };
  std::int64_t length = 0;
  // Whoever made the range checked the bytes; a range over unchecked ones ends early.
  if (!take(length) || length < 0) {
    ended_ = true;
    return;
  }
  current_.key = text(length);
  if (!take(length)) {
    ended_ = true;
    return;
  }
  current_.value = length < 0 ? bytes_view() : bytes_view(text(length));
  rest_ = {reinterpret_cast<const char*>(at), static_cast<std::size_t>(end - at)};
}

}  // namespace kafka

namespace kafka::protocol {

record_cursor::record_cursor(const record_batch_header& header, std::span<const std::byte> records,
                             bool offsets_wrap) noexcept
    : at_(records.data()),
      end_(records.data() + records.size()),
      base_offset_(header.base_offset),
      base_timestamp_(header.base_timestamp),
      remaining_(header.record_count),
      offsets_wrap_(offsets_wrap) {
  if (header.timestamp_kind() == timestamp_type::log_append_time) {
    base_timestamp_ = header.max_timestamp;
    timestamp_delta_mask_ = 0;
  }
}

record_cursor record_cursor::over_messages(std::span<const std::byte> messages, std::int64_t offset_base,
                                           std::optional<timestamp_ms> log_append_time) noexcept {
  record_cursor made;
  made.at_ = messages.data();
  made.end_ = messages.data() + messages.size();
  made.base_offset_ = offset_base;
  made.base_timestamp_ = log_append_time.value_or(0);
  made.timestamp_delta_mask_ = log_append_time ? 0 : -1;
  made.messages_ = true;
  return made;
}

error record_cursor::failure() const {
  return failure_ ? error(client_errc::corrupt_batch, failure_) : error();
}

const std::byte* record_cursor::read_headers(const std::byte* at, const std::byte* end, std::int32_t count,
                                             header_range& out) noexcept {
  // A header takes two bytes at least.
  if (count < 0 || count > (end - at) / 2) return nullptr;
  const std::byte* const begin = at;
  for (std::int32_t left = count; left != 0; --left) {
    bytes_view key;
    bytes_view value;
    at = read_delimited(at, end, key);
    if (!at || key.is_null()) return nullptr;
    at = read_delimited(at, end, value);
    if (!at) return nullptr;
  }
  out = header_range({reinterpret_cast<const char*>(begin), static_cast<std::size_t>(at - begin)}, count);
  return at;
}

bool record_cursor::next_message(record_ref& out) noexcept {
  if (at_ == end_) return false;
  legacy_message message;
  const std::span<const std::byte> rest(at_, end_);
  if (const char* why = read_legacy_message(rest, message)) return fail(why);
  if (__builtin_add_overflow(base_offset_, message.offset, &out.offset))
    return fail("a message's offset is beyond 64 bits");
  out.timestamp = message.magic == 0 || timestamp_delta_mask_ != 0 ? message.timestamp : base_timestamp_;
  out.key = message.key;
  out.value = message.value;
  out.headers = header_range();
  at_ += message.size;
  return true;
}

bool record_cursor::finish() noexcept {
  return at_ == end_ ? false : fail("bytes are left behind the last record");
}

bool record_cursor::fail(const char* why) noexcept {
  failure_ = why;
  at_ = end_;
  remaining_ = 0;
  messages_ = false;
  return false;
}

}  // namespace kafka::protocol
