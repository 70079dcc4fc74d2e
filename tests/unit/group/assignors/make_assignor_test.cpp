// SPDX-License-Identifier: Apache-2.0
#include "small_group.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::test;

namespace {

const std::vector<std::string> names{"range", "roundrobin", "sticky", "cooperative-sticky"};

}  // namespace

TEST_CASE("an assignor is found by its name on the wire and by Java's class") {
  for (const std::string& name : names) CHECK(make_assignor(name)->name() == name);
  const std::string package = "org.apache.kafka.clients.consumer.";
  CHECK(make_assignor(package + "RangeAssignor")->name() == "range");
  CHECK(make_assignor(package + "RoundRobinAssignor")->name() == "roundrobin");
  CHECK(make_assignor(package + "StickyAssignor")->name() == "sticky");
  CHECK(make_assignor(package + "CooperativeStickyAssignor")->name() == "cooperative-sticky");
}

TEST_CASE("there is no assignor of any other name") {
  for (const char* name : {"", "Range", "RangeAssignor", "org.apache.kafka.clients.consumer.range", "uniform"})
    CHECK(make_assignor(name) == nullptr);
}

TEST_CASE("no assignor minds a group without members, topics or partitions") {
  for (const std::string& name : names) {
    const auto used = make_assignor(name);
    CAPTURE(name);
    CHECK(used->assign({}, {}).empty());
    CHECK(used->assign({{"a", {.partitions = 2}}}, {}).empty());
    CHECK(in_words(used->assign({}, {member("x", {"a"}, {{"a", 0}})})) == "x:");
    CHECK(in_words(used->assign({{"a", {.partitions = 2}}}, {member("x", {})})) == "x:");
    CHECK(in_words(used->assign({{"a", {.partitions = 0}}, {"b", {.partitions = -3}}}, {member("x", {"a", "b"})})) ==
          "x:");
  }
}

TEST_CASE("of two members with one id the last counts, and a topic named twice counts once") {
  for (const std::string& name : names) {
    const auto used = make_assignor(name);
    const topic_map topics{{"a", {.partitions = 2}}, {"b", {.partitions = 2}}};
    const auto given =
        used->assign(topics, {member("x", {"a"}), member("y", {"a", "b", "a"}), member("x", {"b", "b", "b"})});
    CAPTURE(name);
    CHECK(given.at("x").partitions.size() + given.at("y").partitions.size() == 4);
    for (const topic_partition& partition : given.at("x").partitions) CHECK(partition.topic == "b");
  }
}

TEST_CASE("racks of partitions that there are not, and partitions without racks, do no harm") {
  for (const std::string& name : names) {
    const auto used = make_assignor(name);
    auto here = member("x", {"a"});
    here.rack.emplace("north");
    auto nowhere = member("y", {"a"});
    nowhere.rack.emplace("");
    const topic_map topics{{"a", {.partitions = 2, .racks = {{"south"}, {"north", "north"}, {"north"}, {"east"}}}},
                           {"b", {.partitions = 3, .racks = {{"north"}}}}};
    CAPTURE(name);
    const auto given = used->assign(topics, {here, nowhere});
    CHECK(given.at("x").partitions.size() == 1);
    CHECK(given.at("y").partitions.size() == 1);
  }
}
