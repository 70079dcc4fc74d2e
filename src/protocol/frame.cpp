// SPDX-License-Identifier: Apache-2.0
#include "protocol/frame.hpp"

#include <algorithm>
#include <array>
#include <boost/endian/conversion.hpp>
#include <cstring>
#include <string>
#include <utility>

#include "protocol/codec.hpp"
#include "protocol/messages/headers.hpp"

namespace kafka::protocol {

namespace {

constexpr std::size_t prefix_bytes = 4;
/// A response has at least a correlation id.
constexpr std::int32_t frame_bytes_min = 4;
/// What one read can bring beside a large frame.
constexpr std::size_t buffer_bytes = 16U << 10U;
/// An unfinished frame of at least this size gets its own block; smaller ones are cheaper to copy.
constexpr std::size_t large_frame_bytes_min = 4U << 10U;
/// A large frame's block starts with up to this much: most fetch responses are smaller, those of a dozen partitions
/// included. Pages that nothing came for cost no memory. When it is full, the next has room for up to this many times
/// what came, so that even 100 MiB are copied but once in part.
constexpr std::size_t large_start_bytes = 16U << 20U;
constexpr std::size_t large_growth = 16;

std::int32_t read_int32(std::span<const std::byte> at) noexcept {
  std::int32_t value = 0;
  std::memcpy(&value, at.data(), sizeof value);
  return boost::endian::big_to_native(value);
}

template <class Int>
void append_integer(std::vector<std::byte>& out, Int value) {
  value = boost::endian::native_to_big(value);
  std::array<std::byte, sizeof(Int)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_hex(std::string& out, std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::byte value : bytes) {
    if (!out.empty() && out.back() != ' ') out += ' ';
    out += digits[std::to_integer<unsigned>(value) >> 4U];
    out += digits[std::to_integer<unsigned>(value) & 0xFU];
  }
}

struct known_protocol {
  std::string_view start;
  const char* looks_like;
};

/// What servers of other protocols say first, or in answer to what they do not understand. All of these are sizes of
/// more than 300 MB, which no broker sends.
constexpr std::array known_protocols = {
    known_protocol{"HTTP", "an HTTP response: this is the port of a web server or a proxy"},
    known_protocol{"<htm", "an HTML page: this is the port of a web server or a proxy"},
    known_protocol{"<!DO", "an HTML page: this is the port of a web server or a proxy"},
    known_protocol{"<HTM", "an HTML page: this is the port of a web server or a proxy"},
    known_protocol{"\x15\x03", "a TLS alert: the port speaks TLS; connect to it with TLS or use the plaintext port"},
    known_protocol{"\x16\x03", "a TLS handshake: the peer expects TLS; connect with TLS or use the plaintext port"},
    known_protocol{"SSH-", "an SSH banner: this is the port of an SSH server"},
    known_protocol{"220 ", "the greeting of a mail or FTP server"},
    known_protocol{"-ERR", "an error of a Redis or POP3 server"},
    known_protocol{"+OK ", "the greeting of a POP3 server"},
    known_protocol{"AMQP", "an AMQP header: this is the port of a message broker that is not Kafka"},
};

/// Nothing if the bytes look like no protocol that we know.
const char* looks_like(std::span<const std::byte> start) noexcept {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  for (const known_protocol& known : known_protocols) {
    if (text.starts_with(known.start)) return known.looks_like;
  }
  return nullptr;
}

error not_kafka(std::span<const std::byte> start, std::int32_t size) {
  std::string text = "the peer does not answer as a Kafka broker: ";
  if (const char* known = looks_like(start)) {
    text += "its bytes look like ";
    text += known;
    return {client_errc::not_kafka, std::move(text)};
  }
  text += "its first bytes are ";
  append_hex(text, start);
  const auto printable = [](std::byte value) { return value >= std::byte{0x20} && value < std::byte{0x7F}; };
  if (std::all_of(start.begin(), start.end(), printable)) {
    text.append(" (\"").append(reinterpret_cast<const char*>(start.data()), start.size()).append("\")");
  }
  text.append(", which would be a response of ").append(std::to_string(size)).append(" bytes");
  return {client_errc::not_kafka, std::move(text)};
}

}  // namespace

bool append_request_prefix(std::vector<std::byte>& out, const api_spec& api, std::int16_t version,
                           std::int32_t correlation_id, std::string_view client_id, std::size_t body_bytes) {
  client_id = client_id.substr(0, INT16_MAX);
  const bool tagged = api.request_header_version(version) >= 2;
  const std::size_t frame_bytes = 2 + 2 + 4 + 2 + client_id.size() + (tagged ? 1 : 0) + body_bytes;
  if (frame_bytes > INT32_MAX) return false;
  append_integer(out, static_cast<std::int32_t>(frame_bytes));
  append_integer(out, static_cast<std::int16_t>(api.key));
  append_integer(out, version);
  append_integer(out, correlation_id);
  append_integer(out, static_cast<std::int16_t>(client_id.size()));
  const auto text = std::as_bytes(std::span(client_id));
  out.insert(out.end(), text.begin(), text.end());
  if (tagged) out.push_back(std::byte{0});
  return true;
}

error read_response_prefix(const shared_bytes& frame, std::int16_t header_version, response_prefix& out) {
  response_header header;
  if (error failure = decode_prefix(frame, header_version, header, out.body_offset)) return failure;
  out.correlation_id = header.correlation_id;
  return {};
}

std::int32_t correlation_id_of(const shared_bytes& frame) noexcept {
  return frame.size() < sizeof(std::int32_t) ? 0 : read_int32(frame);
}

frame_reader::frame_reader(std::shared_ptr<buffer_pool> buffers)
    : buffers_(std::move(buffers)), buffer_(buffer_bytes) {}

unique_buffer frame_reader::make_block(std::size_t bytes) const {
  return buffers_ ? buffers_->take(bytes) : unique_buffer(bytes);
}

void frame_reader::trust(std::size_t frame_bytes_max) noexcept {
  frame_bytes_max_ = std::min<std::size_t>(frame_bytes_max, INT32_MAX);
  trusted_ = true;
}

std::span<std::byte> frame_reader::prepare() {
  if (failure_) begin_ = end_ = large_bytes_ = 0;
  if (large_bytes_ == 0) {
    const auto partial = unread();
    const std::size_t frame_bytes = partial_frame_bytes();
    if (frame_bytes < large_frame_bytes_min) {
      if (begin_ != 0 && !partial.empty()) std::memmove(buffer_.data(), partial.data(), partial.size());
      begin_ = 0;
      end_ = partial.size();
      return {buffer_.data() + end_, buffer_bytes - end_};
    }
    begin_large_frame(frame_bytes - prefix_bytes);
  }
  if (large_filled_ == large_.capacity()) grow_large_frame();
  return {large_.data() + large_filled_, std::min(large_.capacity(), large_bytes_) - large_filled_};
}

void frame_reader::begin_large_frame(std::size_t frame_bytes) {
  large_ = make_block(std::min(frame_bytes, large_start_bytes));
  large_bytes_ = frame_bytes;
  const auto have = unread().subspan(prefix_bytes);
  if (!have.empty()) std::memcpy(large_.data(), have.data(), have.size());
  large_filled_ = have.size();
  begin_ = end_ = 0;
}

void frame_reader::grow_large_frame() {
  unique_buffer grown = make_block(std::min(large_bytes_, large_.capacity() * large_growth));
  std::memcpy(grown.data(), large_.data(), large_filled_);
  large_ = std::move(grown);
}

void frame_reader::commit(std::size_t count) noexcept {
  if (large_bytes_ != 0) {
    large_filled_ += count;
  } else {
    end_ += count;
  }
}

bool frame_reader::next(shared_bytes& frame) {
  if (failure_) return false;
  if (complete_at_ == complete_.size()) {
    complete_ = {};
    complete_at_ = 0;
    if (large_bytes_ != 0) {
      if (large_filled_ < large_bytes_) return false;
      frame = std::move(large_).freeze(large_bytes_);
      large_bytes_ = large_filled_ = 0;
      return true;
    }
    collect_complete();
    if (complete_.empty()) return false;
  }
  const auto size = static_cast<std::size_t>(read_int32(complete_.span().subspan(complete_at_)));
  frame = complete_.slice(complete_at_ + prefix_bytes, size);
  complete_at_ += prefix_bytes + size;
  return true;
}

/// Copies all frames that are wholly in the buffer into one block, so that the buffer stays and no frame pins more than
/// what came with it.
void frame_reader::collect_complete() {
  std::span<const std::byte> rest = unread();
  while (const auto size = checked_size(rest)) {
    if (rest.size() < prefix_bytes + *size) break;
    rest = rest.subspan(prefix_bytes + *size);
  }
  const std::size_t complete_bytes = unread().size() - rest.size();
  // What is wrong behind complete frames is told when it is reached: a limit may have been lifted by then.
  if (complete_bytes != 0) failure_ = {};
  complete_ = shared_bytes::copy_of(unread().first(complete_bytes));
  begin_ += complete_bytes;
}

/// The size at the front of `at`; nothing if it is not all there or not acceptable (which fails).
std::optional<std::size_t> frame_reader::checked_size(std::span<const std::byte> at) {
  if (at.size() < prefix_bytes) return std::nullopt;
  const std::int32_t size = read_int32(at);
  if (size >= frame_bytes_min && static_cast<std::size_t>(size) <= frame_bytes_max_) {
    return static_cast<std::size_t>(size);
  }
  const auto start = at.first(std::min<std::size_t>(at.size(), 8));
  if (!trusted_ || looks_like(start)) {
    failure_ = not_kafka(start, size);
  } else if (size < frame_bytes_min) {
    failure_ = error(client_errc::malformed_response, "a response of " + std::to_string(size) + " bytes is announced");
  } else {
    failure_ =
        error(client_errc::limit_exceeded, "a response of " + std::to_string(size) +
                                               " bytes is announced, the limit is " + std::to_string(frame_bytes_max_));
  }
  return std::nullopt;
}

std::optional<std::int32_t> frame_reader::partial_correlation_id() const noexcept {
  if (large_bytes_ != 0) {
    if (large_filled_ < sizeof(std::int32_t)) return std::nullopt;
    return read_int32({large_.data(), large_filled_});
  }
  const auto have = unread();
  if (have.size() < prefix_bytes + sizeof(std::int32_t)) return std::nullopt;
  return read_int32(have.subspan(prefix_bytes));
}

std::size_t frame_reader::partial_bytes() const noexcept {
  return large_bytes_ != 0 ? prefix_bytes + large_filled_ : unread().size();
}

std::size_t frame_reader::partial_frame_bytes() const noexcept {
  if (large_bytes_ != 0) return prefix_bytes + large_bytes_;
  const auto have = unread();
  if (have.size() < prefix_bytes) return 0;
  return prefix_bytes + static_cast<std::size_t>(read_int32(have));
}

}  // namespace kafka::protocol
