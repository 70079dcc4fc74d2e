// SPDX-License-Identifier: Apache-2.0
#include <kafka/types.hpp>

#include <ostream>

namespace kafka {

namespace {

constexpr std::string_view url_safe_base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t uuid_text_size = 22;

constexpr std::string_view compression_names[] = {"none", "gzip", "snappy", "lz4", "zstd"};

}  // namespace

std::string uuid::str() const {
  std::string out;
  out.reserve(uuid_text_size);
  // Six bits a character; the last one has but two left.
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    const std::size_t at = bit / 8;
    const unsigned next = at + 1 < bytes.size() ? bytes[at + 1] : 0U;
    const unsigned pair = static_cast<unsigned>(bytes[at]) << 8U | next;
    out += url_safe_base64[(pair >> (10U - bit % 8)) & 63U];
  }
  return out;
}

std::optional<uuid> uuid::parse(std::string_view text) noexcept {
  if (text.size() != uuid_text_size) return std::nullopt;
  uuid out;
  std::size_t at = 0;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char character : text) {
    const std::size_t value = url_safe_base64.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U | static_cast<unsigned>(value)) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.bytes[at++] = static_cast<std::uint8_t>(bits >> count);
  }
  return out;
}

std::string to_string(const topic_partition& value) {
  return value.topic + '-' + std::to_string(value.partition);
}

std::ostream& operator<<(std::ostream& out, const topic_partition& value) {
  return out << value.topic << '-' << value.partition;
}

std::string_view to_string(compression codec) noexcept {
  const auto index = static_cast<std::size_t>(codec);
  return index < std::size(compression_names) ? compression_names[index] : "unknown";
}

std::optional<compression> parse_compression(std::string_view text) noexcept {
  for (std::size_t index = 0; index < std::size(compression_names); ++index) {
    if (compression_names[index] == text) return static_cast<compression>(index);
  }
  return std::nullopt;
}

std::string to_string(const node& value) {
  // An IPv6 address needs brackets, else its colons run into the port.
  const bool bracketed = value.host.find(':') != std::string::npos;
  std::string out = bracketed ? '[' + value.host + ']' : value.host;
  out += ':' + std::to_string(value.port);
  if (value.id >= 0) out += " (id " + std::to_string(value.id) + ')';
  return out;
}

}  // namespace kafka
