// SPDX-License-Identifier: Apache-2.0
#include "protocol/printer.hpp"

#include <charconv>
#include <cmath>

namespace kafka::protocol {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// The length of the well-formed UTF-8 sequence at the front of `text`, or 0 (Unicode 15, table 3-7).
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [&](std::size_t index) { return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U; };
  const auto tail = [&](std::size_t index) { return (at(index) & 0xC0U) == 0x80U; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = tail(1) && (lead != 0xE0 || at(1) >= 0xA0) && (lead != 0xED || at(1) <= 0x9F);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = tail(1) && (lead != 0xF0 || at(1) >= 0x90) && (lead != 0xF4 || at(1) <= 0x8F);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, char character) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(character);
  if (code >= 0x20) {
    out += character;
    return;
  }
  out += "\\u00";
  out += hex_digits[code >> 4U];
  out += hex_digits[code & 15U];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 1) {
      append_escaped(out, text[0]);
    } else if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_base64(std::string& out, std::span<const std::byte> bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t start = 0; start < bytes.size(); start += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - start);
    std::uint32_t group = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      group = group << 8U | (index < count ? std::to_integer<std::uint32_t>(bytes[start + index]) : 0U);
    }
    for (unsigned index = 0; index < 4; ++index) {
      out += index <= count ? alphabet[(group >> (18U - 6U * index)) & 63U] : '=';
    }
  }
}

void append_hex(std::string& out, std::span<const std::byte> bytes) {
  for (const std::byte value : bytes) {
    out += hex_digits[std::to_integer<unsigned>(value) >> 4U];
    out += hex_digits[std::to_integer<unsigned>(value) & 15U];
  }
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value);
  out.append(text, end.ptr);
}

void printer::unknown(const tagged_fields& fields) {
  key("_unknownTaggedFields");
  out_ += '[';
  for (std::size_t index = 0; index < fields.size(); ++index) {
    if (index != 0) out_ += ',';
    out_ += "{\"tag\":" + std::to_string(fields[index].tag) + ",\"data\":\"";
    append_hex(out_, fields[index].data.span());
    out_ += "\"}";
  }
  out_ += ']';
}

}  // namespace kafka::protocol
