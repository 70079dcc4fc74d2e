// SPDX-License-Identifier: Apache-2.0
#include "cli/topic_choice.hpp"

#include "cli/usage_error.hpp"
#include "support/catch.hpp"

using namespace kafka::cli;

TEST_CASE("a topic is chosen whole or in part") {
  CHECK(parse_topic_choice("orders") == topic_choice{"orders", {}});
  CHECK(parse_topic_choice("orders:0") == topic_choice{"orders", {0}});
  CHECK(parse_topic_choice("orders:2,0,12") == topic_choice{"orders", {2, 0, 12}});
}

TEST_CASE("what chooses no partitions is refused") {
  for (const char* text : {"", ":0", "orders:", "orders:x", "orders:0,", "orders:-1", "orders:0 1", "orders:,"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_topic_choice(text), usage_error);
  }
}
