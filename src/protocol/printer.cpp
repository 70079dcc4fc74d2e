// SPDX-License-Identifier: Apache-2.0
#include "protocol/printer.hpp"

#include <charconv>
#include <cmath>

namespace kafka::protocol {

namespace {

constexpr std::string_view lower_hex = "0123456789abcdef";
constexpr std::string_view upper_hex = "0123456789ABCDEF";
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// What stands at the front of a text: one character, or the part that one replacement stands for.
struct utf8_part {
  std::size_t size;
  bool well_formed;
};

/// How many bytes a sequence with this lead has; 0 for a byte that leads none.
std::size_t sequence_size(unsigned lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// Whether `second` may follow `lead` (Unicode 15, table 3-7, but with surrogates, as in Java).
bool may_follow(unsigned lead, unsigned second) noexcept {
  if (second < 0x80 || second > 0xBF) return false;
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second <= 0x8F;
  return true;
}

utf8_part next_part(std::string_view text) noexcept {
  const auto at = [&](std::size_t index) { return static_cast<unsigned>(static_cast<unsigned char>(text[index])); };
  const std::size_t size = sequence_size(at(0));
  if (size <= 1) return {1, size == 1};
  std::size_t good = 1;
  if (text.size() > 1 && may_follow(at(0), at(1))) ++good;
  while (good > 1 && good < size && good < text.size() && (at(good) & 0xC0U) == 0x80U) ++good;
  const bool surrogate = size == 3 && good == 3 && at(0) == 0xED && at(1) >= 0xA0;
  return {good, good == size && !surrogate};
}

/// Escapes as Jackson does, so that lines can be compared with those of Kafka's own tools.
void append_escaped(std::string& out, char character) {
  constexpr std::string_view escaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view letters = "\"\\bfnrt";
  const auto code = static_cast<unsigned char>(character);
  if (const std::size_t index = escaped.find(character); index != std::string_view::npos) {
    out += '\\';
    out += letters[index];
  } else if (code < 0x20) {
    out += "\\u00";
    out += upper_hex[code >> 4U];
    out += upper_hex[code & 15U];
  } else {
    out += character;
  }
}

}  // namespace

std::string replace_malformed_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const utf8_part part = next_part(text);
    out += part.well_formed ? text.substr(0, part.size) : replacement;
    text.remove_prefix(part.size);
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const utf8_part part = next_part(text);
    if (!part.well_formed) {
      out += replacement;
    } else if (part.size == 1) {
      append_escaped(out, text[0]);
    } else {
      out += text.substr(0, part.size);
    }
    text.remove_prefix(part.size);
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
    out += lower_hex[std::to_integer<unsigned>(value) >> 4U];
    out += lower_hex[std::to_integer<unsigned>(value) & 15U];
  }
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  const double magnitude = std::abs(value);
  char text[32];
  char* const last = text + sizeof text;
  if (magnitude == 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    const std::string_view digits(text, std::to_chars(text, last, value, std::chars_format::fixed).ptr);
    out += digits;
    if (digits.find('.') == std::string_view::npos) out += ".0";
    return;
  }
  std::string_view digits(text, std::to_chars(text, last, value, std::chars_format::scientific).ptr);
  if (digits.find('.') == std::string_view::npos) {
    digits = {text, std::to_chars(text, last, value, std::chars_format::scientific, 1).ptr};
  }
  // Java writes neither the plus sign nor the leading zero of an exponent.
  const std::size_t exponent = digits.find('e');
  out.append(digits.substr(0, exponent)).append(digits[exponent + 1] == '-' ? "E-" : "E");
  out += digits.substr(exponent + (digits[exponent + 2] == '0' ? 3 : 2));
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
