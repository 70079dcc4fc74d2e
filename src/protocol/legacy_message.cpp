// SPDX-License-Identifier: Apache-2.0
#include "protocol/legacy_message.hpp"

#include <boost/endian/conversion.hpp>

#include "protocol/crc32c_tables.hpp"

namespace kafka::protocol {

namespace {

constexpr std::size_t crc_begin = 16;
constexpr crc::tables ieee_tables = crc::make_tables<crc::ieee>();

const unsigned char* raw(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Takes a length and that many bytes off the front of `bytes`; false if they are not there.
bool take_delimited(std::span<const std::byte>& bytes, bytes_view& out) noexcept {
  if (bytes.size() < 4) return false;
  const std::int32_t length = boost::endian::load_big_s32(raw(bytes));
  bytes = bytes.subspan(4);
  if (length < 0) {
    out = bytes_view();
    return true;
  }
  const auto size = static_cast<std::size_t>(length);
  if (size > bytes.size()) return false;
  out = bytes_view(bytes.first(size));
  bytes = bytes.subspan(size);
  return true;
}

}  // namespace

bool legacy_message_is_cut_off(std::span<const std::byte> bytes) noexcept {
  return bytes.size() < legacy_size_end ||
         boost::endian::load_big_s32(raw(bytes) + 8) > static_cast<std::int64_t>(bytes.size() - legacy_size_end);
}

const char* read_legacy_message(std::span<const std::byte> bytes, legacy_message& out) noexcept {
  if (legacy_message_is_cut_off(bytes)) return "a message is cut off";
  out.offset = boost::endian::load_big_s64(raw(bytes));
  const std::int32_t size = boost::endian::load_big_s32(raw(bytes) + 8);
  if (size < static_cast<std::int32_t>(legacy_body_bytes_min)) return "a message's size is too small";
  out.size = legacy_size_end + static_cast<std::size_t>(size);
  out.crc = boost::endian::load_big_u32(raw(bytes) + 12);
  out.magic = static_cast<std::int8_t>(bytes[16]);
  out.attributes = std::to_integer<std::uint8_t>(bytes[17]);
  if (out.magic != 0 && out.magic != 1) return "a message's format is neither 0 nor 1";
  std::span<const std::byte> rest = bytes.first(out.size).subspan(18);
  out.timestamp = -1;
  if (out.magic == 1) {
    out.timestamp = boost::endian::load_big_s64(raw(rest));
    rest = rest.subspan(8);
  }
  if (!take_delimited(rest, out.key)) return "a message's key is longer than the message";
  if (!take_delimited(rest, out.value)) return "a message's value is longer than the message";
  return nullptr;
}

bool legacy_crc_matches(std::span<const std::byte> message) noexcept {
  const std::uint32_t computed = ~crc::update(ieee_tables, ~std::uint32_t{0}, message.subspan(crc_begin));
  return computed == boost::endian::load_big_u32(raw(message) + 12);
}

}  // namespace kafka::protocol
