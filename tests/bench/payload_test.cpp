// SPDX-License-Identifier: Apache-2.0
#include "bench/payload.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "support/catch.hpp"

using kafka::bench::payload;
using kafka::bench::payload_cursor;

TEST_CASE("values have the size asked for, differ, and are the same in every run") {
  const auto kind = GENERATE("json", "random");
  const std::size_t size = GENERATE(12U, 100U, 5000U);
  const payload values(kind, size, 1000);
  const payload again(kind, size, 1000);
  REQUIRE(values.count() == 1000);
  std::set<std::string_view> seen;
  for (std::size_t index = 0; index < values.count(); ++index) {
    CHECK(values.at(index).size() == size);
    CHECK(values.at(index) == again.at(index));
    seen.insert(values.at(index));
  }
  // Twelve bytes do not hold more of an object than its first digits.
  CHECK(seen.size() > 900);
}

TEST_CASE("json values are objects") {
  const payload values("json", 100, 10);
  for (std::size_t index = 0; index < values.count(); ++index) {
    CHECK(values.at(index).starts_with(R"({"id":)"));
    CHECK(values.at(index).ends_with(R"("})"));
  }
}

TEST_CASE("no more values are made than memory should hold") {
  CHECK(payload("random", 100, 1'000'000'000).count() == 20'000);
  CHECK(payload("random", 1'000'000, 1'000'000'000).count() == 8);
  CHECK(payload("random", 100'000'000, 5).count() == 1);
}

TEST_CASE("values of no bytes are empty and not null") {
  const payload values("json", 0, 10);
  payload_cursor cursor(values, 3);
  CHECK(values.count() == 1);
  CHECK(cursor.next().empty());
  CHECK(cursor.next().data() != nullptr);
}

TEST_CASE("a file's bytes are cut into values, and what is left at its end is not used") {
  const std::string path = (std::filesystem::temp_directory_path() / "asio-kafka-payload-test").string();
  std::ofstream(path, std::ios::binary) << "abcdefgh";
  const payload values(path, 3, 100);
  CHECK(values.count() == 2);
  payload_cursor cursor(values, 1);
  CHECK(cursor.next() == "def");
  CHECK(cursor.next() == "abc");
  CHECK(cursor.next() == "def");
  CHECK_THROWS_AS(payload(path, 9, 1), std::runtime_error);
  std::remove(path.c_str());
  CHECK_THROWS_AS(payload(path, 3, 1), std::runtime_error);
}
