// SPDX-License-Identifier: Apache-2.0
#include "protocol/printer.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

constexpr std::string_view replaced = "\xEF\xBF\xBD";

std::string times(std::string_view text, int count) {
  std::string out;
  for (int index = 0; index < count; ++index) out += text;
  return out;
}

std::string number(double value) {
  std::string out;
  append_json_number(out, value);
  return out;
}

std::string base64(std::string_view text) {
  std::string out;
  append_base64(out, std::as_bytes(std::span(text)));
  return out;
}

}  // namespace

TEST_CASE("well-formed UTF-8 is printed as it is") {
  const std::string text = "a\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF z";
  CHECK(replace_malformed_utf8(text) == text);
}

TEST_CASE("each part that is not UTF-8 becomes one replacement, as in Java") {
  CHECK(replace_malformed_utf8("\x80") == replaced);
  CHECK(replace_malformed_utf8("\x80\x80") == times(replaced, 2));
  CHECK(replace_malformed_utf8("\xC0\x80") == times(replaced, 2));  // C0 leads nothing
  CHECK(replace_malformed_utf8("\xC2"
                               "A") == times(replaced, 1) + "A");
  CHECK(replace_malformed_utf8("\xE2\x82") == replaced);  // cut off
  CHECK(replace_malformed_utf8("\xE2\x82"
                               "A") == times(replaced, 1) + "A");
  CHECK(replace_malformed_utf8("\xE0\x80\x80") == times(replaced, 3));  // too long a form
  CHECK(replace_malformed_utf8("\xED\xA0\x80") == replaced);            // a surrogate
  CHECK(replace_malformed_utf8("\xF0\x9F\x98") == replaced);
  CHECK(replace_malformed_utf8("\xF0\x80\x80\x80") == times(replaced, 4));
  CHECK(replace_malformed_utf8("\xF4\x90\x80\x80") == times(replaced, 4));
  CHECK(replace_malformed_utf8("\xF5\xFF") == times(replaced, 2));
}

TEST_CASE("a JSON string escapes what it must, in Jackson's spelling") {
  std::string out;
  append_json_string(out, std::string_view("\"\\/\b\f\n\r\t\0\x1F\x7F\xFF", 12));
  CHECK(out == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001F\x7F" + std::string(replaced) + "\"");
}

TEST_CASE("a number is printed as Java does, so that it reads back as the same") {
  CHECK(number(0) == "0.0");
  CHECK(number(-0.0) == "-0.0");
  CHECK(number(1) == "1.0");
  CHECK(number(-2.5) == "-2.5");
  CHECK(number(0.001) == "0.001");
  CHECK(number(9999999) == "9999999.0");
  CHECK(number(1e7) == "1.0E7");
  CHECK(number(0.00099) == "9.9E-4");
  CHECK(number(1.5e-10) == "1.5E-10");
  CHECK(number(1e300) == "1.0E300");
  CHECK(number(5e-324) == "4.9E-324");
  CHECK(number(std::numeric_limits<double>::max()) == "1.7976931348623157E308");
}

TEST_CASE("what JSON has no number for is printed as a string") {
  CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "\"NaN\"");
  CHECK(number(std::numeric_limits<double>::infinity()) == "\"Infinity\"");
  CHECK(number(-std::numeric_limits<double>::infinity()) == "\"-Infinity\"");
}

TEST_CASE("base64 is that of RFC 4648 with padding") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xFB\xFF") == "+/8=");
}
