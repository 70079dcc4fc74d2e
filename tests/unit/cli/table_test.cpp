// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include "support/catch.hpp"

using namespace kafka::cli;

TEST_CASE("rows have a cell for each column, also for what is empty") {
  std::string out;
  append_row(out, {"a", "", text_of(known(-1)), text_of(known(0))});
  CHECK(out == "a\t-\t-\t0\n");
}

TEST_CASE("partitions are told by topic") {
  CHECK(text_of(std::vector<kafka::topic_partition>{{"a", 0}, {"a", 2}, {"b", 1}}) == "a:0,2 b:1");
  CHECK(text_of(std::vector<kafka::topic_partition>{}).empty());
}

TEST_CASE("JSON members follow each other with commas, and what is unknown is null") {
  std::string out("{");
  append_json_text(out, "a", "x\"y");
  append_json_text(out, "b", std::optional<std::string>());
  append_json_number(out, "c", std::nullopt);
  append_json_number(out, "d", 7);
  append_json_partitions(out, "e", {{"t", 0}, {"t", 1}});
  CHECK(out == R"({"a":"x\"y","b":null,"c":null,"d":7,"e":[{"topic":"t","partition":0},{"topic":"t","partition":1}])");
}
