// SPDX-License-Identifier: Apache-2.0
#include "cli/json_text.hpp"

#include <charconv>
#include <cstring>

namespace kafka::cli {
namespace {

constexpr std::uint64_t every_byte(unsigned char byte) {
  return 0x0101010101010101U * byte;
}

/// Whether one of eight bytes is a control character, a quote, a backslash or not ASCII. May say yes wrongly only when
/// another of the eight is one, since borrows run from true hits upwards.
bool has_special(std::uint64_t eight) {
  const auto has_zero = [](std::uint64_t word) { return (word - every_byte(1)) & ~word & every_byte(0x80); };
  const std::uint64_t control = (eight - every_byte(0x20)) & ~eight & every_byte(0x80);
  return (control | has_zero(eight ^ every_byte('"')) | has_zero(eight ^ every_byte('\\')) |
          (eight & every_byte(0x80))) != 0;
}

bool is_special(unsigned char byte) {
  return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
}

/// How many bytes at the beginning stand for themselves in a JSON string.
std::size_t plain_length(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, 8);
    if (has_special(eight)) break;
  }
  while (at < text.size() && !is_special(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

/// The length of the character of more than one byte that `text` begins with; 0 if it is not well-formed UTF-8 (too
/// short, overlong, a surrogate, beyond U+10FFFF).
std::size_t character_length(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(at < text.size() ? text[at] : 0); };
  const auto follows = [&byte](std::size_t at) { return (byte(at) & 0xC0U) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0xC2 || first > 0xF4 || !follows(1)) return 0;
  if (first < 0xE0) return 2;
  if (!follows(2)) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = first == 0xF0 && byte(1) < 0x90;
  const bool beyond = first == 0xF4 && byte(1) >= 0x90;
  return overlong || beyond || !follows(3) ? 0 : 4;
}

void append_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view short_codes = "\b\t\n\f\r\"\\";
  constexpr std::string_view short_names = "btnfr\"\\";
  out += '\\';
  const std::size_t known = short_codes.find(static_cast<char>(byte));
  if (known != std::string_view::npos) {
    out += short_names[known];
  } else {
    out += "u00";
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
}

/// Appends the inside of a string; false, with `out` in any state behind its old end, if the text is not UTF-8.
bool append_characters(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t plain = plain_length(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) return true;
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t taken = 1;
    if (byte < 0x80) {
      append_escape(out, byte);
    } else {
      taken = character_length(text);
      if (taken == 0) return false;
      out.append(text.data(), taken);
    }
    text.remove_prefix(taken);
  }
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    const auto byte = [&](std::size_t n) { return n < left ? static_cast<unsigned char>(bytes[at + n]) : 0U; };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    out += digits[group >> 18U & 0x3FU];
    out += digits[group >> 12U & 0x3FU];
    out += left > 1 ? digits[group >> 6U & 0x3FU] : '=';
    out += left > 2 ? digits[group & 0x3FU] : '=';
  }
}

void append_json(std::string& out, std::int64_t number) {
  char digits[24];
  const auto [end, failure] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void append_json(std::string& out, bytes_view bytes) {
  if (bytes.is_null()) {
    out += "null";
    return;
  }
  const std::size_t begin = out.size();
  out += '"';
  if (append_characters(out, bytes.view())) {
    out += '"';
    return;
  }
  out.resize(begin);
  out += R"({"base64":")";
  append_base64(out, bytes.view());
  out += "\"}";
}

void append_json_name(std::string& out, std::string_view name) {
  if (!out.empty() && out.back() != '{') out += ',';
  append_json(out, bytes_view(name));
  out += ':';
}

void append_json_line(std::string& out, const shown_record& record) {
  out += R"({"topic":)";
  append_json(out, bytes_view(record.topic));
  out += R"(,"partition":)";
  append_json(out, std::int64_t{record.partition});
  out += R"(,"offset":)";
  append_json(out, record.offset);
  out += R"(,"timestamp":)";
  append_json(out, record.timestamp);
  out += R"(,"key":)";
  append_json(out, record.key);
  out += R"(,"value":)";
  append_json(out, record.value);
  out += R"(,"headers":[)";
  bool first = true;
  for (const header& each : record.headers) {
    out += first ? "[" : ",[";
    first = false;
    append_json(out, bytes_view(each.key));
    out += ',';
    append_json(out, each.value);
    out += ']';
  }
  out += "]}\n";
}

}  // namespace kafka::cli
