// SPDX-License-Identifier: Apache-2.0

// wire-roundtrip: decodes each message on standard input into its struct, encodes that again and prints the bytes; or
// prints the struct as JSON; or makes the bytes from JSON. One line in, one line out. tests/README.md describes it.
#include <charconv>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/printer.hpp"
#include "protocol/registry.hpp"
#include "tools/wire_roundtrip_messages.hpp"

namespace {

using namespace kafka;
using namespace kafka::protocol;

enum class mode { bytes, to_json, from_json };

/// Why a line cannot be processed.
struct refused : std::exception {
  explicit refused(std::string why) : text(std::move(why)) {}
  [[nodiscard]] const char* what() const noexcept override { return text.c_str(); }
  std::string text;
};

void check(const error& failure) {
  if (failure) throw refused(failure.cause());
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> columns;
  for (;;) {
    const std::size_t end = line.find('\t');
    columns.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return columns;
    line.remove_prefix(end + 1);
  }
}

std::int16_t parse_int16(std::string_view text, const char* what) {
  std::int16_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) throw refused(std::string(what) + " is no int16");
  return value;
}

shared_bytes parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) throw refused("odd number of hexadecimal digits");
  unique_buffer buffer(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    const char* const digits = text.data() + at;
    const auto [end, failure] = std::from_chars(digits, digits + 2, value, 16);
    if (failure != std::errc() || end != digits + 2) throw refused("not hexadecimal");
    buffer.data()[at / 2] = static_cast<std::byte>(value);
  }
  return std::move(buffer).freeze(text.size() / 2);
}

/// What the first four columns of a line say.
struct subject {
  const message_type* type = nullptr;
  std::int16_t version = 0;
  /// Embedded messages have their version in front of their bytes.
  bool version_leads = false;
};

subject parse_subject(const std::vector<std::string_view>& columns) {
  const std::string_view kind = columns[0];
  const std::string name(columns[1]);
  const std::int16_t key = parse_int16(columns[2], "the API key");
  subject out{.version = parse_int16(columns[3], "the version")};
  if (kind == "embedded") {
    if (key != -1 || !name.starts_with("ConsumerProtocol")) throw refused("no such embedded message");
    out.type = find_message(name);
    out.version_leads = true;
  } else {
    const api_spec* api = find_api(static_cast<api_key>(key));
    if (!api) throw refused("an API that is not spoken");
    if (!api->versions.contains(out.version)) throw refused("a version that is not spoken");
    if (kind == "header") {
      out.type = name == "RequestHeader" || name == "ResponseHeader" ? find_message(name) : nullptr;
      out.version = name == "RequestHeader" ? api->request_header_version(out.version)
                                            : api->response_header_version(out.version);
    } else if (name != to_string(api->key)) {
      throw refused("the API has another name");
    } else if (kind == "request") {
      out.type = find_request(api->key);
    } else if (kind == "response") {
      out.type = find_response(api->key);
    }
  }
  if (!out.type) throw refused("no such kind of message");
  return out;
}

/// Takes the leading version off the bytes of an embedded message; it, not the column, says how to read the rest.
void take_version(subject& about, shared_bytes& bytes) {
  if (bytes.size() < 2) throw refused("truncated before its version");
  const auto at = [&](std::size_t index) { return std::to_integer<unsigned>(bytes.span()[index]); };
  about.version = static_cast<std::int16_t>(at(0) << 8U | at(1));
  bytes = bytes.slice(2);
}

std::string encoded_hex(const any_message& message, const subject& about) {
  encoded_message encoded;
  check(message.encode(about.version, encoded));
  std::string out;
  if (about.version_leads) {
    const auto version = static_cast<std::uint16_t>(about.version);
    const std::byte lead[] = {static_cast<std::byte>(version >> 8U), static_cast<std::byte>(version & 0xFFU)};
    append_hex(out, lead);
  }
  append_hex(out, encoded.flatten());
  return out;
}

std::string process(std::string_view line, mode what, trailing_bytes trailing) {
  const auto columns = split(line);
  const std::size_t count = what == mode::from_json ? 5 : 6;
  if (columns.size() != count) throw refused(std::to_string(columns.size()) + " columns");
  subject about = parse_subject(columns);
  any_message message(*about.type);
  if (what == mode::from_json) {
    const auto body = tools::parse_json(columns[4]);
    if (!body) throw refused("not JSON");
    if (std::string problem = tools::read_json(message, about.version, *body); !problem.empty()) throw refused(problem);
    return encoded_hex(message, about);
  }
  shared_bytes bytes = parse_hex(columns[5]);
  if (about.version_leads) take_version(about, bytes);
  check(message.decode(bytes, about.version, trailing));
  if (what == mode::to_json) return message.to_json(about.version);
  tools::replace_malformed_text(message);
  return encoded_hex(message, about);
}

}  // namespace

int main(int argc, char** argv) {
  mode what = mode::bytes;
  trailing_bytes trailing = trailing_bytes::ignored;
  for (int index = 1; index < argc; ++index) {
    const std::string_view argument = argv[index];
    if (argument == "--json") {
      what = mode::to_json;
    } else if (argument == "--from-json") {
      what = mode::from_json;
    } else if (argument == "--strict") {
      trailing = trailing_bytes::refused;
    } else {
      std::cerr << "usage: wire-roundtrip [--json | --from-json] [--strict] < lines\n";
      return 2;
    }
  }
  std::ios::sync_with_stdio(false);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.ends_with('\r')) line.pop_back();
    try {
      std::cout << process(line, what, trailing) << '\n';
    } catch (const std::exception& failure) {
      std::cout << "error: " << failure.what() << '\n';
    }
  }
  return std::cout.flush() ? 0 : 1;
}
