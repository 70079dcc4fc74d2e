// SPDX-License-Identifier: Apache-2.0
#include "cli/record_format.hpp"

#include <initializer_list>
#include <utility>

#include "cli/escapes.hpp"
#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka;
using cli::record_format;
using cli::shown_record;
using cli::unescaped;

namespace {

std::string formatted(std::string_view format, const shown_record& record) {
  std::string out;
  record_format(format).append(record, out);
  return out;
}

shown_record example() {
  shown_record record;
  record.topic = "orders";
  record.partition = 3;
  record.offset = 9'000'000'000;
  record.timestamp = 1'795'498'969'174;
  record.key = "customer-7";
  record.value = "three apples";
  return record;
}

/// Headers in the form of record batches v2: zigzag lengths of one byte each, -1 for null.
std::string encoded_headers(std::initializer_list<std::pair<std::string_view, bytes_view>> headers) {
  std::string encoded;
  for (const auto& [name, value] : headers) {
    encoded += static_cast<char>(name.size() * 2);
    encoded += name;
    encoded += static_cast<char>(value.is_null() ? 1 : value.size() * 2);
    encoded += value.view();
  }
  return encoded;
}

}  // namespace

TEST_CASE("every token shows its part of the record") {
  CHECK(formatted("%t|%p|%o|%T|%k|%s|%K|%S", example()) ==
        "orders|3|9000000000|1795498969174|customer-7|three apples|10|12");
  CHECK(formatted("%%s", example()) == "%s");
  CHECK(formatted("%%%s%%", example()) == "%three apples%");
  CHECK(formatted("", example()).empty());
}

TEST_CASE("null prints as nothing, and its size as -1") {
  shown_record record = example();
  record.key = bytes_view();
  record.value = bytes_view();
  CHECK(formatted("[%k][%s] %K %S", record) == "[][] -1 -1");
  CHECK(formatted("%R", record) == std::string_view("\xFF\xFF\xFF\xFF", 4));
  record.key = "";
  record.value = "";
  CHECK(formatted("[%k][%s] %K %S", record) == "[][] 0 0");
}

TEST_CASE("the value's size can be four bytes, big-endian") {
  CHECK(formatted("%R", example()) == std::string_view("\0\0\0\x0C", 4));
}

TEST_CASE("headers are name=value with commas, null as NULL") {
  const std::string encoded = encoded_headers({{"shop", "3"}, {"empty", ""}, {"none", bytes_view()}, {"shop", "4"}});
  shown_record record = example();
  record.headers = header_range(encoded, 4);
  CHECK(formatted("%h", record) == "shop=3,empty=,none=NULL,shop=4");
  CHECK(formatted("<%h>", example()) == "<>");
}

TEST_CASE("escapes in a format become characters, those in a record do not") {
  shown_record record = example();
  record.value = R"(a\tb%o)";
  CHECK(formatted(R"(%s\n)", record) == "a\\tb%o\n");
  CHECK(formatted(R"(%p\t%o\r\n)", example()) == "3\t9000000000\r\n");
  CHECK(formatted(R"(\x41%p\x00\\)", example()) == std::string_view("A3\0\\", 4));
}

TEST_CASE("escapes are kcat's") {
  CHECK(unescaped(R"(\n\r\t)") == "\n\r\t");
  CHECK(unescaped(R"(\x0a1\xfF\xg)") == "\n1\xFFxg");
  CHECK(unescaped(R"(\65\0101\012)") ==
        "A\x08"
        "1\n");
  CHECK(unescaped(R"(\q\\)") == "q\\");
  CHECK(unescaped("\\") == "\\");
  CHECK(unescaped(R"(\09)") == std::string_view("\0"
                                                "9",
                                                2));
  CHECK(unescaped("").empty());
}

TEST_CASE("an unknown token is refused by name") {
  CHECK_THROWS_WITH(record_format("%s %z"), Catch::Matchers::Contains("%z"));
  CHECK_THROWS_AS(record_format("%s %"), cli::usage_error);
  CHECK_THROWS_AS(record_format("% s"), cli::usage_error);
}

TEST_CASE("without a format a record is its value and a line feed") {
  std::string out = "before ";
  record_format().append(example(), out);
  CHECK(out == "before three apples\n");
}
