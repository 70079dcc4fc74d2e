// SPDX-License-Identifier: Apache-2.0

// records-dump: reads record sets, one a line in the form id<TAB>flags<TAB>hex, on standard input, and prints what is
// in each as one JSON line: {"id":..,"validBytes":..,"records":[..]}, or {"id":..,"error":".."} if any complete batch
// of it cannot be read. tests/README.md describes the form.
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/record_batch_reader.hpp"

namespace {

using namespace kafka;
using namespace kafka::protocol;

std::optional<shared_bytes> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    unsigned value = 0;
    const char* const digits = text.data() + 2 * index;
    const auto [end, failed] = std::from_chars(digits, digits + 2, value, 16);
    if (failed != std::errc() || end != digits + 2) return std::nullopt;
    bytes[index] = static_cast<char>(value);
  }
  return shared_bytes::copy_of(std::string_view(bytes));
}

void print_hex(std::string& out, bytes_view bytes) {
  if (bytes.is_null()) {
    out += "null";
    return;
  }
  out += '"';
  for (const char letter : bytes.view()) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(letter);
    out += digits[value >> 4U];
    out += digits[value & 15U];
  }
  out += '"';
}

// Quoted; whatever is not printable ASCII (an id may be any text) becomes an escape, byte by byte.
void print_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char letter : text) {
    const auto value = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (value < 0x20 || value > 0x7E) {
      constexpr std::string_view digits = "0123456789abcdef";
      out += "\\u00";
      out += digits[value >> 4U];
      out += digits[value & 15U];
    } else {
      out += letter;
    }
  }
  out += '"';
}

// Ids are numbers in our vectors and printed as such; any other is printed as text.
void print_id(std::string& out, std::string_view id) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failed == std::errc() && end == id.data() + id.size()) {
    out += std::to_string(number);
  } else {
    print_text(out, id);
  }
}

void print_record(std::string& out, std::size_t batch, const record_ref& record) {
  out += "{\"batch\":" + std::to_string(batch) + ",\"offset\":" + std::to_string(record.offset) +
         ",\"timestamp\":" + std::to_string(record.timestamp) + ",\"key\":";
  print_hex(out, record.key);
  out += ",\"value\":";
  print_hex(out, record.value);
  out += ",\"headers\":[";
  const char* comma = "";
  for (const header& header : record.headers) {
    out += comma;
    comma = ",";
    out += '[';
    print_hex(out, header.key);
    out += ',';
    print_hex(out, header.value);
    out += ']';
  }
  out += "]}";
}

// Appends what is in `set` to `out`; or says why it cannot be read.
error print_set(std::string& out, const shared_bytes& set, buffer_pool& pool) {
  read_limits limits;
  limits.lenient = true;  // this is compared with Kafka's own reader
  record_batch_reader reader(set, limits);
  std::string records;
  std::size_t batch = 0;
  for (batch_step step = reader.next(); step != batch_step::end; step = reader.next(), ++batch) {
    if (step == batch_step::failed) return reader.failure().reason;
    batch_records opened;
    if (error failed = reader.batch().open(pool, opened)) return failed;
    record_cursor cursor = opened.cursor();
    for (record_ref record; cursor.next(record);) {
      if (!records.empty()) records += ',';
      print_record(records, batch, record);
    }
    if (cursor.failed()) return cursor.failure();
  }
  out += ",\"validBytes\":" + std::to_string(reader.valid_bytes()) + ",\"records\":[" + records + "]}";
  return {};
}

std::string dump_line(std::string_view line, buffer_pool& pool) {
  const std::size_t first = line.find('\t');
  const std::size_t second = first == std::string_view::npos ? first : line.find('\t', first + 1);
  std::string out = "{\"id\":";
  print_id(out, line.substr(0, first));
  std::string why;
  if (second == std::string_view::npos) {
    why = "the line is not id<TAB>flags<TAB>hex";
  } else if (const auto set = parse_hex(line.substr(second + 1)); !set) {
    why = "the third field is not hexadecimal";
  } else if (const error failed = print_set(out, *set, pool)) {
    why = failed.message();
  } else {
    return out;
  }
  out += ",\"error\":";
  print_text(out, why);
  return out + "}";
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) {
    std::cerr << "usage: records-dump < lines\n";
    return 2;
  }
  std::ios::sync_with_stdio(false);
  buffer_pool pool;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    try {
      std::cout << dump_line(line, pool) << '\n';
    } catch (const std::exception& thrown) {  // memory, nothing else
      std::cout << "{\"error\":\"" << thrown.what() << "\"}\n";
    }
  }
  std::cout.flush();
  return std::cout ? 0 : 1;
}
