// SPDX-License-Identifier: Apache-2.0
#include "cli/json_record.hpp"

#include "cli/json_text.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;
using Catch::Matchers::Contains;

namespace {

/// What is wrong with a line; empty if nothing is.
std::string complaint_of(std::string_view line) {
  json_record_reader reader;
  try {
    (void)reader.read(line);
    return {};
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
}

}  // namespace

TEST_CASE("a line as consume writes it is that record again, whatever the bytes") {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::vector<bytes_view> kinds{
      bytes_view(),           "",     "three apples", "\"\\\n\x01/", "\xC3\xA9 \xF0\x9F\x98\x80",
      bytes_view(every_byte), "\xFF", "\xFF\xFE",     "\xFF\xFE\xFD"};
  json_record_reader reader;
  for (const bytes_view key : kinds) {
    for (const bytes_view value : kinds) {
      shown_record shown;
      shown.topic = "t";
      shown.partition = 3;
      shown.offset = 17;
      shown.timestamp = 1'795'498'969'174;
      shown.key = key;
      shown.value = value;
      std::string line;
      append_json_line(line, shown);
      const json_record& read = reader.read(line);
      REQUIRE(read.key);
      CHECK(*read.key == key);
      CHECK(read.value == value);
      CHECK(read.partition == 3);
      CHECK(read.timestamp == 1'795'498'969'174);
      CHECK(read.headers.empty());
    }
  }
}

TEST_CASE("headers keep their order, repeat, and may be null, empty or bytes") {
  json_record_reader reader;
  const json_record& read = reader.read(
      R"({"headers":[["a","1"],["a",null],["",""],["b",{"base64":"/wA="}],[{"base64":"/w=="},"x"]],"value":"v"})");
  const std::vector<header> expected{
      {"a", "1"}, {"a", {}}, {"", ""}, {"b", std::string_view("\xFF\0", 2)}, {"\xFF", "x"}};
  CHECK(read.headers == expected);
}

TEST_CASE("only the value is needed, and nothing of an earlier line stays") {
  json_record_reader reader;
  (void)reader.read(R"({"key":{"base64":"AAAA"},"value":"v","partition":1,"timestamp":5,"headers":[["a","b"]]})");
  const json_record& read = reader.read(R"( {"value": null} )");
  CHECK_FALSE(read.key);
  CHECK(read.value.is_null());
  CHECK_FALSE(read.partition);
  CHECK(read.timestamp == -1);
  CHECK(read.headers.empty());
}

TEST_CASE("a key that is null is told apart from none, and members that mean nothing here are ignored") {
  json_record_reader reader;
  const json_record& read = reader.read(
      R"({"offset":"any","topic":[1],"more":{"a":{}},"key":null,"value":"v","timestamp":-1,"partition":null})");
  REQUIRE(read.key);
  CHECK(read.key->is_null());
  CHECK(read.timestamp == -1);
  CHECK_FALSE(read.partition);
}

TEST_CASE("base64 may do without its padding and use either alphabet") {
  json_record_reader reader;
  CHECK(reader.read(R"({"value":{"base64":"-_8"}})").value == "\xFB\xFF");
  CHECK(reader.read(R"({"value":{"base64":"+/8="}})").value == "\xFB\xFF");
  CHECK(reader.read(R"({"value":{"base64":""}})").value == "");
}

TEST_CASE("a line of a megabyte is read, and small ones after it") {
  json_record_reader reader;
  const std::string longest(1'000'000, 'x');
  CHECK(reader.read(R"({"value":")" + longest + R"("})").value == longest);
  for (int number = 0; number < 100; ++number)
    CHECK(reader.read(R"({"value":")" + std::to_string(number) + R"("})").value == std::to_string(number));
}

TEST_CASE("what cannot be a record is refused, and the member named") {
  CHECK_THAT(complaint_of(""), Contains("is no JSON"));
  CHECK_THAT(complaint_of("plain text"), Contains("is no JSON"));
  CHECK_THAT(complaint_of(R"({"value":"v"} {"value":"w"})"), Contains("is no JSON"));
  CHECK_THAT(complaint_of(R"({"value":"v")"), Contains("is no JSON"));
  CHECK_THAT(complaint_of(R"({"value":"\ud800"})"), Contains("is no JSON"));
  CHECK_THAT(complaint_of("{\"value\":\"\xFF\"}"), Contains("is no JSON"));
  CHECK_THAT(complaint_of("[]"), Contains("is no JSON object"));
  CHECK_THAT(complaint_of("null"), Contains("is no JSON object"));
  CHECK_THAT(complaint_of(R"({"key":"k"})"), Contains("there is no \"value\""));
  CHECK_THAT(complaint_of(R"({"value":5})"), Contains("\"value\" is neither a string, nor null"));
  CHECK_THAT(complaint_of(R"({"value":{"base64":"AA==","more":1}})"), Contains("\"value\" is neither"));
  CHECK_THAT(complaint_of(R"({"value":{"base64":5}})"), Contains("\"value\" is neither"));
  for (const char* text : {"A", "AA=", "A===", "AA==AA", "====", "A*==", "AAA=="})
    CHECK_THAT(complaint_of(R"({"value":{"base64":")" + std::string(text) + R"("}})"),
               Contains("\"value\" is not base64"));
  CHECK_THAT(complaint_of(R"({"value":"v","key":true})"), Contains("\"key\""));
  CHECK_THAT(complaint_of(R"({"value":"v","timestamp":"5"})"), Contains("\"timestamp\""));
  CHECK_THAT(complaint_of(R"({"value":"v","timestamp":-2})"), Contains("\"timestamp\""));
  CHECK_THAT(complaint_of(R"({"value":"v","partition":1.5})"), Contains("\"partition\""));
  CHECK_THAT(complaint_of(R"({"value":"v","partition":2147483648})"), Contains("\"partition\""));
  CHECK_THAT(complaint_of(R"({"value":"v","partition":-1})"), Contains("\"partition\""));
  for (const char* headers : {"{}", "[[]]", R"([["a"]])", R"([["a","b","c"]])", R"([[null,"b"]])", R"(["a"])"})
    CHECK_THAT(complaint_of(R"({"value":"v","headers":)" + std::string(headers) + "}"), Contains("\"headers\""));
}
