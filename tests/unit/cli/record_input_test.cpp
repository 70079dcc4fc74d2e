// SPDX-License-Identifier: Apache-2.0
#include "cli/record_input.hpp"

#include <cstdlib>
#include <fstream>

#include <unistd.h>

#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::cli;
using Catch::Matchers::Contains;

namespace {

using pair = std::pair<std::optional<std::string>, std::optional<std::string>>;

std::optional<std::string> copy_of(bytes_view of) {
  return of.is_null() ? std::nullopt : std::optional(of.str());
}

pair read_line(const produce_options& options, std::string_view line) {
  line_records records(options);
  const message& read = records.read(line);
  return {copy_of(read.key), copy_of(read.value)};
}

/// A file that is gone when the test is.
class temporary_file {
 public:
  explicit temporary_file(const std::string& text) {
    const int descriptor = ::mkstemp(name_.data());
    REQUIRE(descriptor >= 0);
    REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<::ssize_t>(text.size()));
    ::close(descriptor);
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { ::unlink(name_.c_str()); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_ = "record_input_test.XXXXXX";
};

}  // namespace

TEST_CASE("a line is a value, or a key and a value at the first delimiter") {
  produce_options options;
  CHECK(read_line(options, "a:b:c") == pair{std::nullopt, "a:b:c"});
  options.key_delimiter += ":";
  CHECK(read_line(options, "a:b:c") == pair{"a", "b:c"});
  CHECK(read_line(options, "abc") == pair{std::nullopt, "abc"});
  CHECK(read_line(options, ":") == pair{"", ""});
  options.key = "common";
  CHECK(read_line(options, "abc") == pair{"common", "abc"});
  CHECK(read_line(options, ":abc") == pair{"", "abc"});
}

TEST_CASE("empty keys and values become null where that is wanted, and only there") {
  produce_options options;
  options.key_delimiter += ":";
  CHECK(read_line(options, ":") == pair{"", ""});
  options.empty_is_null = true;
  CHECK(read_line(options, ":") == pair{std::nullopt, std::nullopt});
  CHECK(read_line(options, "k:") == pair{"k", std::nullopt});
  CHECK(read_line(options, ":v") == pair{std::nullopt, "v"});
  CHECK(read_line(options, "") == pair{std::nullopt, std::nullopt});
  options.key = "";
  CHECK(read_line(options, "v") == pair{std::nullopt, "v"});
  options.key_delimiter.clear();
  options.json = true;
  options.key = "common";
  CHECK(read_line(options, R"({"key":"","value":""})") == pair{std::nullopt, std::nullopt});
  CHECK(read_line(options, R"({"key":null,"value":null})") == pair{std::nullopt, std::nullopt});
  CHECK(read_line(options, R"({"value":"v"})") == pair{"common", "v"});
}

TEST_CASE("of a JSON line everything is taken but topic and offset, and the partition where it is to be kept") {
  produce_options options;
  options.topic += "copy";
  options.json = true;
  options.headers = {{"added", "1"}};
  const std::string_view line =
      R"({"topic":"t","partition":4,"offset":9,"timestamp":77,"key":"k","value":"v","headers":[["h",null]]})";
  {
    line_records records(options);
    const message& read = records.read(line);
    CHECK(read.topic == "copy");
    CHECK(read.timestamp == 77);
    CHECK_FALSE(read.partition);
    const std::vector<header> expected{{"h", {}}, {"added", "1"}};
    CHECK(std::vector<header>(read.headers.begin(), read.headers.end()) == expected);
  }
  options.partition = 1;
  CHECK(line_records(options).read(line).partition == 1);
  options.partition.reset();
  options.keep_partition = true;
  line_records records(options);
  CHECK(records.read(line).partition == 4);
  const message& plain = records.read(R"({"value":"v"})");
  CHECK_FALSE(plain.partition);
  CHECK(plain.timestamp == -1);
  CHECK(plain.headers.size() == 1);
}

TEST_CASE("files are read one after the other, lines do not run from one into the next") {
  const temporary_file first("a\nb");
  const temporary_file second("c\n");
  const temporary_file nothing("");
  produce_options options;
  options.files = {first.name(), nothing.name(), second.name()};
  const interrupts none;
  record_input input(options, none);
  std::vector<std::string> values;
  while (const message* record = input.next()) values.push_back(record->value.str());
  CHECK(values == std::vector<std::string>{"a", "b", "c"});
  CHECK(input.line_bytes() == 6);
  CHECK(input.bytes_read() == 5);
  CHECK(input.bytes_total() == 5U);
  CHECK(input.next() == nullptr);
}

TEST_CASE("a bad line is named by its file and its number in it") {
  const temporary_file first("{\"value\":\"1\"}\n");
  const temporary_file second("{\"value\":\"2\"}\n\n");
  produce_options options;
  options.json = true;
  options.files = {first.name(), second.name()};
  const interrupts none;
  record_input input(options, none);
  CHECK(input.next()->value == "1");
  CHECK(input.next()->value == "2");
  CHECK_THROWS_WITH(input.next(), Contains(second.name() + ": line 2: is no JSON"));
}

TEST_CASE("a file that is missing is told before anything is read") {
  const temporary_file there("a\n");
  produce_options options;
  options.files = {there.name(), "no/such/file"};
  const interrupts none;
  CHECK_THROWS_WITH(record_input(options, none), Contains("no/such/file"));
  options.files = {"."};
  record_input folder(options, none);
  CHECK_THROWS_WITH(folder.next(), Contains("."));
}
