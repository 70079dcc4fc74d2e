// SPDX-License-Identifier: Apache-2.0
#include "cli/json_record.hpp"

#include <array>
#include <deque>
#include <limits>
#include <stdexcept>
#include <string>

#include <boost/json.hpp>

namespace kafka::cli {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view member, const char* what) {
  throw std::runtime_error("\"" + std::string(member) + "\" " + what);
}

/// The value of a base64 digit; -1 for any other character. Both alphabets are taken.
int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

/// False if it is no base64. Padding may be missing.
bool decode_base64(std::string_view text, std::string& bytes) {
  const std::size_t padding = std::min(text.find('='), text.size());
  const std::string_view rest = text.substr(padding);
  if (!rest.empty() && (text.size() % 4 != 0 || (rest != "=" && rest != "=="))) return false;
  if (padding % 4 == 1) return false;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text.substr(0, padding)) {
    const int digit = digit_of(c);
    if (digit < 0) return false;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xFFFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> static_cast<unsigned>(held)));
  }
  return true;
}

}  // namespace

struct json_record_reader::state {
  // Used again for every line; must outlive the object.
  std::array<unsigned char, 16U << 10U> first_memory;
  json::monotonic_resource memory{first_memory.data(), first_memory.size()};
  json::value object;
  /// What base64 stood for; a deque, so that views stay good.
  std::deque<std::string> decoded;
  json_record record;

  bytes_view bytes_of(const json::value& of, std::string_view member) {
    if (of.is_null()) return {};
    if (const json::string* text = of.if_string()) return bytes_view(std::string_view(*text));
    const json::object* object_of = of.if_object();
    const json::value* packed =
        object_of != nullptr && object_of->size() == 1 ? object_of->if_contains("base64") : nullptr;
    if (packed == nullptr || !packed->is_string())
      refuse(member, R"(is neither a string, nor null, nor {"base64":"..."})");
    if (!decode_base64(packed->get_string(), decoded.emplace_back())) refuse(member, "is not base64");
    return bytes_view(std::string_view(decoded.back()));
  }

  static std::int64_t number_of(const json::value& of, std::string_view member, std::int64_t min, std::int64_t max) {
    const std::int64_t* number = of.if_int64();
    if (number == nullptr || *number < min || *number > max) refuse(member, "is not a number in its range");
    return *number;
  }

  void read_headers(const json::value& of) {
    const json::array* list = of.if_array();
    if (list == nullptr) refuse("headers", "is not an array of pairs");
    for (const json::value& each : *list) {
      const json::array* pair = each.if_array();
      if (pair == nullptr || pair->size() != 2) refuse("headers", "is not an array of pairs");
      const bytes_view name = bytes_of((*pair)[0], "headers");
      if (name.is_null()) refuse("headers", "has a name that is null");
      record.headers.push_back({name.view(), bytes_of((*pair)[1], "headers")});
    }
  }

  void read_members(const json::object& members) {
    const json::value* value = members.if_contains("value");
    if (value == nullptr) throw std::runtime_error(R"(there is no "value"; a tombstone's is null)");
    record.value = bytes_of(*value, "value");
    if (const json::value* key = members.if_contains("key")) record.key = bytes_of(*key, "key");
    if (const json::value* headers = members.if_contains("headers")) read_headers(*headers);
    // -1 is what consume writes of a record without one.
    if (const json::value* timestamp = members.if_contains("timestamp"); timestamp != nullptr && !timestamp->is_null())
      record.timestamp = number_of(*timestamp, "timestamp", -1, std::numeric_limits<std::int64_t>::max());
    if (const json::value* partition = members.if_contains("partition"); partition != nullptr && !partition->is_null())
      record.partition =
          static_cast<std::int32_t>(number_of(*partition, "partition", 0, std::numeric_limits<std::int32_t>::max()));
  }
};

json_record_reader::json_record_reader() : state_(std::make_unique<state>()) {}
json_record_reader::~json_record_reader() = default;

const json_record& json_record_reader::read(std::string_view line) {
  state& my = *state_;
  my.record.partition.reset();
  my.record.timestamp = -1;
  my.record.key.reset();
  my.record.value = {};
  my.record.headers.clear();
  my.decoded.clear();
  std::destroy_at(&my.object);
  my.memory.release();
  std::construct_at(&my.object, json::storage_ptr(&my.memory));
  boost::system::error_code failure;
  json::value parsed = json::parse(line, failure, &my.memory);
  if (failure) throw std::runtime_error("is no JSON: " + failure.message());
  my.object = std::move(parsed);
  const json::object* members = my.object.if_object();
  if (members == nullptr) throw std::runtime_error("is no JSON object");
  my.read_members(*members);
  return my.record;
}

}  // namespace kafka::cli
