// SPDX-License-Identifier: Apache-2.0
// Every message that Kafka's own classes wrote for us, in both directions, whole, cut off and damaged.
#include <algorithm>
#include <array>
#include <charconv>
#include <random>

#include "golden/golden.hpp"
#include "protocol/api.hpp"
#include "protocol/registry.hpp"
#include "support/catch.hpp"
#include "support/heap_watch.hpp"
#include "tools/wire_roundtrip_messages.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

struct vector {
  const message_type* type = nullptr;
  std::int16_t version = 0;
  std::string lead;  // the version in front of an embedded message
  std::string bytes;
  std::string body;  // as JSON
  std::string text;  // for messages of failed checks
};

vector parse(const std::string& line, const std::string& json) {
  const auto fields = golden::fields_of(line);
  vector out;
  out.text = line.substr(0, 80);
  out.bytes = golden::bytes_of_hex(fields.at(5));
  out.version = static_cast<std::int16_t>(std::stoi(fields.at(3)));
  const auto* api = find_api(static_cast<api_key>(std::stoi(fields.at(2))));
  if (fields[0] == "request") out.type = find_request(api->key);
  if (fields[0] == "response") out.type = find_response(api->key);
  if (fields[0] == "header") {
    out.type = find_message(fields[1]);
    out.version = fields[1] == "RequestHeader" ? api->request_header_version(out.version)
                                               : api->response_header_version(out.version);
    CHECK(fields[4].find("headerVersion=" + std::to_string(out.version)) == 0);
  }
  if (fields[0] == "embedded") {
    out.type = find_message(fields[1]);
    out.lead = out.bytes.substr(0, 2);
    out.bytes.erase(0, 2);
  }
  const std::string mark = "\"body\":";
  const std::size_t body = json.find(mark) + mark.size();
  out.body = json.substr(body, json.size() - body - 1);
  return out;
}

const std::vector<vector>& vectors() {
  static const std::vector<vector> all = [] {
    const auto lines = golden::lines_of("messages.tsv.gz");
    const auto bodies = golden::lines_of("messages.jsonl.gz");
    std::vector<vector> out;
    for (std::size_t index = 0; index < lines.size(); ++index) out.push_back(parse(lines[index], bodies.at(index)));
    return out;
  }();
  return all;
}

shared_bytes copy(std::string_view bytes) {
  return shared_bytes::copy_of(bytes);
}

std::string encoded(const any_message& message, std::int16_t version) {
  encoded_message out;
  REQUIRE_FALSE(message.encode(version, out));
  const shared_bytes flat = out.flatten();
  CHECK(flat.size() == out.size);
  return std::string(flat.text());
}

/// Cuts the chosen messages off at every byte; gives the number of prefixes tried. Each stands in a block of its own
/// and of its size, so that a sanitizer sees a read past its end.
std::size_t cut_off_everywhere(bool (*chosen)(const vector&)) {
  std::size_t prefixes = 0;
  for (const vector& next : vectors()) {
    if (!chosen(next)) continue;
    INFO(next.text);
    any_message message(*next.type);
    prefixes += next.bytes.size();
    for (std::size_t size = 0; size < next.bytes.size(); ++size) {
      const error failure = message.decode(copy(std::string_view(next.bytes).substr(0, size)), next.version);
      if (failure != client_errc::malformed_response) {
        INFO("cut to " << size << " bytes: " << failure.message());
        REQUIRE(failure == client_errc::malformed_response);
      }
    }
  }
  return prefixes;
}

}  // namespace

TEST_CASE("every message of Kafka's is decoded and encoded to the same bytes") {
  CHECK(vectors().size() == 3518);
  for (const vector& next : vectors()) {
    INFO(next.text);
    REQUIRE(next.type);
    any_message message(*next.type);
    REQUIRE_FALSE(message.decode(copy(next.bytes), next.version, trailing_bytes::refused));
    REQUIRE(encoded(message, next.version) == next.bytes);
  }
}

TEST_CASE("every message of Kafka's is printed as the JSON of Kafka's converters, to the letter") {
  for (const vector& next : vectors()) {
    INFO(next.text);
    any_message message(*next.type);
    REQUIRE_FALSE(message.decode(copy(next.bytes), next.version));
    REQUIRE(message.to_json(next.version) == next.body);
  }
}

TEST_CASE("every message of Kafka's, read from that JSON, is encoded to Kafka's bytes") {
  for (const vector& next : vectors()) {
    INFO(next.text);
    const auto body = tools::parse_json(next.body);
    REQUIRE(body);
    any_message message(*next.type);
    REQUIRE(tools::read_json(message, next.version, *body).empty());
    REQUIRE(encoded(message, next.version) == next.bytes);
  }
}

TEST_CASE("an embedded message says its version first") {
  std::size_t count = 0;
  for (const vector& next : vectors()) {
    if (next.lead.empty()) continue;
    ++count;
    CHECK(next.lead == std::string{'\0', static_cast<char>(next.version)});
  }
  CHECK(count > 100);
}

TEST_CASE("every request of Kafka's, cut off at any byte, is an error") {
  CHECK(cut_off_everywhere([](const vector& next) { return next.type->name.ends_with("Request"); }) > 150'000);
}

TEST_CASE("every response of Kafka's, cut off at any byte, is an error") {
  CHECK(cut_off_everywhere([](const vector& next) { return next.type->name.ends_with("Response"); }) > 300'000);
}

TEST_CASE("headers and embedded messages, cut off at any byte, are an error") {
  CHECK(cut_off_everywhere([](const vector& next) {
          return !next.type->name.ends_with("Request") && !next.type->name.ends_with("Response");
        }) > 5'000);
}

TEST_CASE("a byte too many is an error where trailing bytes are refused, and ignored elsewhere") {
  for (const vector& next : vectors()) {
    INFO(next.text);
    any_message message(*next.type);
    REQUIRE_FALSE(message.decode(copy(next.bytes + "x"), next.version));
    REQUIRE(encoded(message, next.version) == next.bytes);
    REQUIRE(message.decode(copy(next.bytes + "x"), next.version, trailing_bytes::refused) ==
            client_errc::malformed_response);
  }
}

TEST_CASE("a damaged message is read or refused, never more, and takes memory in proportion to its size") {
  std::mt19937 random(20251124);
  std::size_t refused = 0;
  std::size_t read = 0;
  std::size_t heaviest = 0;
  for (const vector& next : vectors()) {
    if (next.bytes.empty()) continue;
    for (int round = 0; round < 20; ++round) {
      std::string bytes = next.bytes;
      constexpr std::array interesting = {'\x00', '\x01', '\x7F', '\x80', '\xFF'};
      const std::size_t place = random() % bytes.size();
      bytes[place] = round % 2 == 0 ? static_cast<char>(random()) : interesting[random() % interesting.size()];
      const shared_bytes body = copy(bytes);
      any_message message(*next.type);
      support::heap_watch watch;
      const error failure = message.decode(body, next.version);
      // 300 bytes each and 64 KiB for all: see "a count that lies".
      heaviest = std::max(heaviest, watch.peak() / (bytes.size() + 256));
      if (failure) {
        ++refused;
      } else {
        ++read;
        encoded_message again;
        (void)message.encode(next.version, again);
        (void)message.to_json(next.version);
      }
    }
  }
  CHECK(refused > 10000);
  CHECK(read > 10000);
  CHECK(heaviest < 300);
}
