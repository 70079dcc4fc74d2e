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

namespace {

// A key or a value with its length in front; null if it is malformed.
const std::byte* read_delimited(const std::byte* at, const std::byte* end, bytes_view& out) noexcept {
  std::uint32_t bits = 0;
  at = read_varint(at, end, bits);
  if (!at) return nullptr;
  const std::int64_t length = unzigzag(bits);
  if (length < 0) {  // -1; Kafka's own reader takes any negative length for null
    out = bytes_view();
    return at;
  }
  if (length > end - at) return nullptr;
  out = bytes_view(std::string_view(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length)));
  return at + length;
}

// The end of `count` well-formed headers; null if they are malformed.
const std::byte* skip_headers(const std::byte* at, const std::byte* end, std::int32_t count) noexcept {
  // A header takes two bytes at least.
  if (count < 0 || count > (end - at) / 2) return nullptr;
  for (std::int32_t left = count; left != 0; --left) {
    bytes_view key;
    bytes_view value;
    at = read_delimited(at, end, key);
    if (!at || key.is_null()) return nullptr;
    at = read_delimited(at, end, value);
    if (!at) return nullptr;
  }
  return at;
}

}  // namespace

record_cursor::record_cursor(const record_batch_header& header, std::span<const std::byte> records,
                             bool offsets_wrap) noexcept
    : at_(records.data()),
      remaining_(header.record_count),
      offsets_wrap_(offsets_wrap),
      end_(records.data() + records.size()),
      base_offset_(header.base_offset),
      base_timestamp_(header.base_timestamp) {
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

record_cursor::step record_cursor::step_carefully(record_cursor from) noexcept {
  step made{from, {}, false};
  record_cursor& after = made.after;
  const char* failure = nullptr;
  if (after.messages_ && after.at_ != after.end_) {
    failure = after.read_message(made.record);
  } else if (after.remaining_ > 0) {
    failure = after.read_record(made.record);
  } else {
    if (after.at_ != after.end_) after.failure_ = "bytes are left behind the last record";
    after.at_ = after.end_;
    return made;
  }
  made.found = failure == nullptr;
  if (failure) {
    after.failure_ = failure;
    after.at_ = after.end_;
    after.remaining_ = 0;
  }
  return made;
}

const char* record_cursor::read_record(record_ref& out) noexcept {
  std::uint32_t bits = 0;
  const std::byte* at = read_varint(at_, end_, bits);
  const std::int64_t length = unzigzag(bits);
  if (!at || length < static_cast<std::int64_t>(record_bytes_min) - 1 || length > end_ - at)
    return "a record's length is wrong";
  const std::byte* const end = at + length;
  std::uint64_t timestamp_bits = 0;
  at = read_varlong(at + 1, end, timestamp_bits);  // behind the attributes, of which none are defined
  if (at) at = read_varint(at, end, bits);
  if (!at) return "a record's timestamp or offset is malformed";
  out.timestamp = plus_timestamp(unzigzag_long(timestamp_bits));
  if (__builtin_add_overflow(base_offset_, std::int64_t{unzigzag(bits)}, &out.offset) && !offsets_wrap_)
    return "a record's offset is beyond 64 bits";

  at = read_delimited(at, end, out.key);
  if (at) at = read_delimited(at, end, out.value);
  if (at) at = read_varint(at, end, bits);
  if (!at) return "a record's key or value is longer than the record";
  const std::byte* const headers = at;
  at = skip_headers(headers, end, unzigzag(bits));
  if (!at) return "a record's headers are malformed";
  out.headers =
      header_range({reinterpret_cast<const char*>(headers), static_cast<std::size_t>(at - headers)}, unzigzag(bits));
  if (at != end) return "a record is longer than its fields";
  at_ = end;
  --remaining_;
  return nullptr;
}

const char* record_cursor::read_message(record_ref& out) noexcept {
  legacy_message message;
  if (const char* why = read_legacy_message({at_, end_}, message)) return why;
  if (__builtin_add_overflow(base_offset_, message.offset, &out.offset)) return "a message's offset is beyond 64 bits";
  const bool own_timestamp = message.magic == 0 || timestamp_delta_mask_ != 0;
  out.timestamp = own_timestamp ? message.timestamp : base_timestamp_;
  out.key = message.key;
  out.value = message.value;
  at_ += message.size;
  return nullptr;
}

}  // namespace kafka::protocol
