// SPDX-License-Identifier: Apache-2.0
#include "cli/record_filter.hpp"

#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka;
using kafka::cli::record_filter;
using kafka::cli::shown_record;
using part = record_filter::part;

namespace {

shown_record made(bytes_view key, bytes_view value) {
  shown_record one;
  one.key = key;
  one.value = value;
  return one;
}

bool passes(part of, const std::string& expression, const shown_record& one) {
  record_filter filter;
  filter.add(of, expression, "--grep");
  return filter.passes(one);
}

}  // namespace

TEST_CASE("a filter without conditions lets everything pass") {
  CHECK(record_filter().empty());
  CHECK(record_filter().passes(made(nullptr, nullptr)));
}

TEST_CASE("an expression is looked for in value and key, or in the key alone") {
  CHECK(passes(part::content, "ap+le", made("k", "three apples")));
  CHECK(passes(part::content, "^customer-[0-9]$", made("customer-7", "x")));
  CHECK_FALSE(passes(part::content, "pear", made("k", "three apples")));
  CHECK(passes(part::key, "7$", made("customer-7", "x")));
  CHECK_FALSE(passes(part::key, "x", made("customer-7", "x")));
}

TEST_CASE("null matches nothing, and nothing matches the empty expression") {
  CHECK_FALSE(passes(part::content, ".*", made(nullptr, nullptr)));
  CHECK(passes(part::content, "^$", made(nullptr, "")));
}

TEST_CASE("bytes are matched as they are, zeros and all") {
  const std::string bytes("a\0b\xff\xfe", 5);
  CHECK(passes(part::content, "b", made(nullptr, bytes)));
  CHECK_FALSE(passes(part::content, "c", made(nullptr, bytes_view(std::string_view("abc").substr(0, 2)))));
}

TEST_CASE("a long value is no trouble") {
  const std::string value(2'000'000, 'x');
  CHECK(passes(part::content, "(x|y)*x$", made(nullptr, value)));
}

TEST_CASE("all conditions have to hold") {
  record_filter filter;
  filter.add(part::content, "apples", "--grep");
  filter.add(part::key, "7", "--grep-key");
  CHECK(filter.passes(made("7", "apples")));
  CHECK_FALSE(filter.passes(made("8", "apples")));
  CHECK_FALSE(filter.passes(made("7", "pears")));
}

TEST_CASE("what is no regular expression is refused with the option's name") {
  record_filter filter;
  CHECK_THROWS_WITH(filter.add(part::content, "(", "--grep"), Catch::Matchers::Contains("--grep: \"(\""));
}
