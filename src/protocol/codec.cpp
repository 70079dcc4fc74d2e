// SPDX-License-Identifier: Apache-2.0
#include "protocol/codec.hpp"

#include <cstring>

#include "protocol/codec_definitions.hpp"
#include "protocol/reader.hpp"

namespace kafka::protocol {

error reader::to_error(std::string_view what) const {
  if (!problem_) return {};
  std::string text(what);
  text += ": ";
  if (*field_ != '\0') text.append(field_).append(": ");
  text.append(problem_).append(" at byte ").append(std::to_string(position_));
  return {code_, std::move(text)};
}

std::vector<shared_bytes> wire_sink::finish() && {
  const auto written = static_cast<std::size_t>(at_ - buffer_.data());
  const shared_bytes all = std::move(buffer_).freeze(written);
  std::vector<shared_bytes> pieces;
  pieces.reserve(2 * cuts_.size() + 1);
  std::size_t from = 0;
  for (cut& next : cuts_) {
    if (next.position > from) pieces.push_back(all.slice(from, next.position - from));
    from = next.position;
    pieces.push_back(std::move(next.bytes));
  }
  if (written > from) pieces.push_back(all.slice(from));
  return pieces;
}

shared_bytes encoded_message::flatten() const {
  if (pieces.size() == 1) return pieces.front();
  if (size == 0) return {};
  unique_buffer buffer(size);
  std::size_t at = 0;
  for (const shared_bytes& piece : pieces) {
    if (!piece.empty()) std::memcpy(buffer.data() + at, piece.data(), piece.size());
    at += piece.size();
  }
  return std::move(buffer).freeze(at);
}

namespace codec_detail {

std::string describe(const char* message, std::int16_t version) {
  return std::string(message) + " version " + std::to_string(version);
}

error check_version(const char* message, const api_spec& api, std::int16_t version) {
  if (api.versions.contains(version)) return {};
  return {client_errc::unsupported_version, describe(message, version) + " is outside " +
                                                std::to_string(api.versions.min) + " to " +
                                                std::to_string(api.versions.max)};
}

error encoding_error(const char* message, std::int16_t version, const encoder& counter) {
  return {client_errc::value_not_encodable,
          describe(message, version) + ": " + counter.bad_field() + " " + counter.problem()};
}

error trailing_error(const char* message, std::int16_t version, std::size_t count) {
  return {client_errc::malformed_response,
          describe(message, version) + ": " + std::to_string(count) + " bytes after the last field"};
}

}  // namespace codec_detail

}  // namespace kafka::protocol
