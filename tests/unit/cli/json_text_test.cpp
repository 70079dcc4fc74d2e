// SPDX-License-Identifier: Apache-2.0
#include "cli/json_text.hpp"

#include "support/catch.hpp"

using namespace kafka;
using cli::append_json;

namespace {

std::string json_of(bytes_view bytes) {
  std::string out;
  append_json(out, bytes);
  return out;
}

std::string base64_of(std::string_view bytes) {
  std::string out;
  cli::append_base64(out, bytes);
  return out;
}

}  // namespace

TEST_CASE("null, empty and text are told apart") {
  CHECK(json_of(bytes_view()) == "null");
  CHECK(json_of("") == R"("")");
  CHECK(json_of("three apples") == R"("three apples")");
}

TEST_CASE("quotes, backslashes and control characters are escaped wherever they stand") {
  CHECK(json_of("\"\\\n\r\t\b\f") == R"("\"\\\n\r\t\b\f")");
  CHECK(json_of(std::string_view("\0\x01\x1F\x7F", 4)) == "\"\\u0000\\u0001\\u001f\x7F\"");
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string text = std::string(before, 'x') + '"' + std::string(9, 'y');
    CHECK(json_of(text) == '"' + std::string(before, 'x') + "\\\"" + std::string(9, 'y') + '"');
  }
}

TEST_CASE("every byte in every place of a word is recognised") {
  for (int byte = 0; byte < 128; ++byte) {
    for (std::size_t place = 0; place < 8; ++place) {
      std::string text(8, 'a');
      text[place] = static_cast<char>(byte);
      const std::string json = json_of(text);
      const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
      CAPTURE(byte, place, json);
      REQUIRE((json.size() > 10) == escaped);
      if (!escaped) REQUIRE(json == '"' + text + '"');
    }
  }
}

TEST_CASE("UTF-8 stays as it is") {
  for (const char* text : {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF4\x8F\xBF\xBF", "\xE0\xA0\x80", "\xF0\x90\x80\x80", "gr\xC3\xBC\xC3\x9F dich"}) {
    CHECK(json_of(text) == '"' + std::string(text) + '"');
  }
}

TEST_CASE("bytes that are not UTF-8 are base64") {
  CHECK(json_of("\xFF") == R"({"base64":"/w=="})");
  CHECK(json_of("good until\xFF") == R"({"base64":"Z29vZCB1bnRpbP8="})");
  // Cut off, overlong, surrogates, beyond the last character, a stray continuation.
  for (const char* text : {"\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF",
                           "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                           "\x80", "\xC3(", "\xE2\x28\xA1", "\xE2\x82\x28", "\xF0\x9F\x98\x28"}) {
    CAPTURE(base64_of(text));
    CHECK(json_of(text) == "{\"base64\":\"" + base64_of(text) + "\"}");
  }
}

TEST_CASE("what was in the buffer stays when text turns out to be bytes") {
  std::string out = "[";
  append_json(out, bytes_view("ab\"c\xFF"));
  CHECK(out == R"([{"base64":"YWIiY/8="})");
}

TEST_CASE("base64 pads to four characters") {
  CHECK(base64_of("").empty());
  CHECK(base64_of("f") == "Zg==");
  CHECK(base64_of("fo") == "Zm8=");
  CHECK(base64_of("foo") == "Zm9v");
  CHECK(base64_of("foob") == "Zm9vYg==");
  CHECK(base64_of("\xFB\xFF\xFE") == "+//+");
}

TEST_CASE("names are separated by commas, but for the first of an object") {
  std::string out = "{";
  cli::append_json_name(out, "a");
  append_json(out, std::int64_t{-1});
  cli::append_json_name(out, "b");
  out += "{";
  cli::append_json_name(out, "c");
  CHECK(out == R"({"a":-1,"b":{"c":)");
}

TEST_CASE("a record is one line with headers as pairs") {
  cli::shown_record record;
  record.topic = "t";
  record.partition = 1;
  record.offset = 42;
  record.timestamp = 1000;
  record.value = "v";
  std::string out;
  cli::append_json_line(out, record);
  CHECK(out == R"({"topic":"t","partition":1,"offset":42,"timestamp":1000,"key":null,"value":"v","headers":[]})"
               "\n");

  const std::string encoded(
      "\x02"
      "a"
      "\x02"
      "1"
      "\x02"
      "a"
      "\x01"
      "\x02"
      "b"
      "\x02"
      "\xFF",
      11);
  record.key = "k";
  record.value = bytes_view();
  record.headers = header_range(encoded, 3);
  out.clear();
  cli::append_json_line(out, record);
  CHECK(out == R"({"topic":"t","partition":1,"offset":42,"timestamp":1000,"key":"k","value":null,)"
               R"("headers":[["a","1"],["a",null],["b",{"base64":"/w=="}]]})"
               "\n");
}
