// SPDX-License-Identifier: Apache-2.0
#include "tools/wire_roundtrip_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace kafka::tools {

namespace {

/// The value of a base64 digit or -1.
int base64_digit(char digit) {
  if (digit >= 'A' && digit <= 'Z') return digit - 'A';
  if (digit >= 'a' && digit <= 'z') return digit - 'a' + 26;
  if (digit >= '0' && digit <= '9') return digit - '0' + 52;
  if (digit == '+') return 62;
  if (digit == '/') return 63;
  return -1;
}

/// Base64 with its padding, white space between groups skipped, as Jackson reads it.
bool read_base64(std::string_view text, std::string& out) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char digit) { return static_cast<unsigned char>(digit) > ' '; });
  if (digits.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < digits.size() && digits[digits.size() - 1 - padding] == '=') ++padding;
  digits.resize(digits.size() - padding);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char digit : digits) {
    const int value = base64_digit(digit);
    if (value < 0) return false;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFFU);
  }
  return true;
}

bool read_hex(std::string_view text, std::string& out) {
  if (text.size() % 2 != 0) return false;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    const char* const digits = text.data() + at;
    const auto [end, failure] = std::from_chars(digits, digits + 2, value, 16);
    if (failure != std::errc() || end != digits + 2) return false;
    out += static_cast<char>(value);
  }
  return true;
}

}  // namespace

void json_reader::fail(std::string_view problem) {
  if (problem_.empty()) problem_.append(name_).append(" ").append(problem);
}

const json_value* json_reader::enter(const char* name, const protocol::field_spec& spec) {
  if (!problem_.empty()) return nullptr;
  name_ = name;
  std::string key(name);
  if (key[0] >= 'A' && key[0] <= 'Z') key[0] = static_cast<char>(key[0] - 'A' + 'a');
  const json_value* node = object_->member(key);
  if (!node && spec.versions.contains(version_) && !spec.is_tagged) fail("is missing");
  return node;
}

const json_value::array* json_reader::elements(const json_value& node) {
  const auto* list = node.get_if<json_value::array>();
  if (!list) fail("is no array");
  return list;
}

std::int64_t json_reader::integer(const json_value& node, std::int64_t min, std::int64_t max) {
  const auto* number = node.get_if<json_value::number>();
  std::int64_t value = 0;
  if (!number || !number->is_integer() ||
      std::from_chars(number->text.data(), number->text.data() + number->text.size(), value).ec != std::errc()) {
    fail("is no integer that fits");
    return 0;
  }
  // Kafka's converter reads a byte from 128 to 256 as that less 128, wrapped.
  if (max == INT8_MAX && value > INT8_MAX && value <= 256) return static_cast<std::int8_t>(value - 128);
  if (value < min || value > max) fail("is no integer that fits");
  return value;
}

void json_reader::unknown_fields(protocol::tagged_fields& out) {
  const json_value* node = object_->member("_unknownTaggedFields");
  if (!node || !problem_.empty()) return;
  name_ = "_unknownTaggedFields";
  const json_value::array* list = elements(*node);
  for (std::size_t index = 0; list && index < list->size(); ++index) {
    const json_value* tag = (*list)[index].member("tag");
    const json_value* data = (*list)[index].member("data");
    const auto* hex = data ? data->get_if<std::string>() : nullptr;
    std::string bytes;
    if (!tag || !hex || !read_hex(*hex, bytes)) return fail("needs a tag and hexadecimal data");
    const auto number = static_cast<std::uint32_t>(integer(*tag, 0, UINT32_MAX));
    out.push_back({number, shared_bytes::copy_of(std::string_view(bytes))});
  }
}

void json_reader::read(bool& value, const json_value& node) {
  const auto* truth = node.get_if<bool>();
  if (!truth) return fail("is no boolean");
  value = *truth;
}

void json_reader::read(double& value, const json_value& node) {
  const auto* number = node.get_if<json_value::number>();
  // Kafka's converter takes no integer here.
  if (!number || number->is_integer()) return fail("is no floating-point number");
  value = std::strtod(number->text.c_str(), nullptr);
}

void json_reader::read(std::string& value, const json_value& node) {
  const auto* text = node.get_if<std::string>();
  if (!text) return fail("is no string");
  value = protocol::replace_malformed_utf8(*text);
}

void json_reader::read(shared_bytes& value, const json_value& node) {
  const auto* text = node.get_if<std::string>();
  std::string bytes;
  if (!text || !read_base64(*text, bytes)) return fail("is no base64");
  value = shared_bytes::copy_of(std::string_view(bytes));
}

void json_reader::read(uuid& value, const json_value& node) {
  const auto* text = node.get_if<std::string>();
  std::string_view digits = text ? std::string_view(*text) : std::string_view();
  if (digits.size() == 24 && digits.ends_with("==")) digits.remove_suffix(2);
  const auto parsed = uuid::parse(digits);
  if (!parsed) return fail("is no uuid");
  value = *parsed;
}

}  // namespace kafka::tools
