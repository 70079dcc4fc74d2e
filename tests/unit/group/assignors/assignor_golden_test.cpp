// SPDX-License-Identifier: Apache-2.0

// The assignors against 300 groups that Kafka's own Java classes assigned.
#include <boost/json/src.hpp>
#include <optional>
#include <string>
#include <vector>

#include "assignment_properties.hpp"
#include "golden/golden.hpp"
#include "group/assignors/user_data.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/consumer_protocol.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::test;
namespace json = boost::json;

namespace {

struct golden_group {
  std::int64_t id = 0;
  bool has_racks = false;
  topic_map topics;
  json::array members;
  json::object results;

  /// The members as the assignor's subscriptions describe them.
  [[nodiscard]] std::vector<kafka::subscribed_member> members_for(const std::string& assignor) const;
};

std::string text_of(const json::value& value) {
  return json::value_to<std::string>(value);
}

std::optional<std::string> optional_text(const json::value& value) {
  return value.is_null() ? std::nullopt : std::optional(text_of(value));
}

std::vector<topic_partition> partitions_of(const json::value& list) {
  std::vector<topic_partition> out;
  for (const json::value& pair : list.as_array())
    out.push_back({text_of(pair.at(0)), static_cast<std::int32_t>(pair.at(1).as_int64())});
  return out;
}

std::vector<kafka::subscribed_member> golden_group::members_for(const std::string& assignor) const {
  std::vector<kafka::subscribed_member> out;
  for (const json::value& member : members) {
    const json::object& subscriptions = member.at("subscription").as_object();
    const std::string bytes =
        golden::bytes_of_hex(text_of(subscriptions.at(assignor == "roundrobin" ? "range" : assignor)));
    protocol::consumer_protocol_subscription read;
    REQUIRE_FALSE(protocol::decode(shared_bytes::copy_of(std::string_view(bytes).substr(2)), 3, read,
                                   protocol::trailing_bytes::refused));
    kafka::subscribed_member& made = out.emplace_back();
    made.member_id = text_of(member.at("memberId"));
    made.instance_id = optional_text(member.at("instanceId"));
    made.rack = read.rack_id;
    made.topics = read.topics;
    made.generation = read.generation_id;
    if (read.user_data) made.user_data = std::string(read.user_data->text());
    for (const auto& topic : read.owned_partitions) {
      for (const std::int32_t partition : topic.partitions) made.owned.push_back({topic.topic, partition});
    }
  }
  return out;
}

const std::vector<golden_group>& golden_groups() {
  static const std::vector<golden_group> groups = [] {
    std::vector<golden_group> out;
    for (const std::string& line : golden::lines_of("assignors.jsonl.gz")) {
      const json::object read = json::parse(line).as_object();
      golden_group& group = out.emplace_back();
      group.id = read.at("id").as_int64();
      group.has_racks = read.at("racks").as_bool();
      group.members = read.at("members").as_array();
      group.results = read.at("result").as_object();
      for (const auto& [name, partitions] : read.at("topics").as_object()) {
        assignor_topic& topic = group.topics[std::string(name)];
        topic.partitions = static_cast<std::int32_t>(partitions.as_array().size());
        for (const json::value& racks : partitions.as_array())
          topic.racks.push_back(json::value_to<std::vector<std::string>>(racks));
      }
    }
    return out;
  }();
  return groups;
}

std::set<topic_partition> expected_for(const json::object& result, const std::string& member_id) {
  return as_set(partitions_of(result.at("assignment").at(member_id)));
}

/// Whether Java's result depends on nothing but the input, and makes sense.
bool is_strict(const json::object& result) {
  return result.at("memberOrderIndependent").as_bool() && !result.at("assignsUnsubscribed").as_bool() &&
         !result.at("javaThrows").as_bool();
}

/// The number of groups in which the result had to be Java's.
int compare_with_java(const std::string& name) {
  const auto used = make_assignor(name);
  REQUIRE(used);
  int strict = 0;
  for (const golden_group& group : golden_groups()) {
    const std::vector<kafka::subscribed_member> members = group.members_for(name);
    const group_assignment assignment = used->assign(group.topics, members);
    CAPTURE(name, group.id);
    CHECK(fault_of(group.topics, members, assignment, name == "cooperative-sticky").empty());
    const json::object& result = group.results.at(name).as_object();
    if (!is_strict(result)) continue;
    ++strict;
    for (const auto& [id, given] : assignment) {
      CAPTURE(id);
      CHECK(as_set(given.partitions) == expected_for(result, id));
    }
  }
  return strict;
}

}  // namespace

TEST_CASE("range divides as Java does in all groups") {
  CHECK(compare_with_java("range") == 300);
}

TEST_CASE("roundrobin divides as Java does in all groups") {
  CHECK(compare_with_java("roundrobin") == 300);
}

TEST_CASE("sticky divides as Java does wherever Java's result is certain") {
  CHECK(compare_with_java("sticky") == 262);
}

TEST_CASE("cooperative-sticky divides as Java does wherever Java's result is certain") {
  CHECK(compare_with_java("cooperative-sticky") == 272);
}

TEST_CASE("an assignment of range encodes to Java's bytes, in Java's order of topics") {
  const auto range = make_assignor("range");
  for (const golden_group& group : golden_groups()) {
    const group_assignment assignment = range->assign(group.topics, group.members_for("range"));
    for (const auto& [id, hex] : group.results.at("range").at("assignmentBytes").as_object()) {
      const std::string bytes = golden::bytes_of_hex(text_of(hex));
      protocol::consumer_protocol_assignment java;
      REQUIRE_FALSE(protocol::decode(shared_bytes::copy_of(std::string_view(bytes).substr(2)), 3, java,
                                     protocol::trailing_bytes::refused));
      // Java lists topics in the order of a HashMap, which means nothing; within a topic the order is range's.
      protocol::consumer_protocol_assignment ours;
      for (const auto& topic : java.assigned_partitions) {
        auto& copy = ours.assigned_partitions.emplace_back();
        copy.topic = topic.topic;
        for (const topic_partition& partition : assignment.at(std::string(id)).partitions) {
          if (partition.topic == topic.topic) copy.partitions.push_back(partition.partition);
        }
      }
      protocol::encoded_message encoded;
      REQUIRE_FALSE(protocol::encode(ours, 3, encoded));
      CAPTURE(group.id, id);
      CHECK(encoded.flatten().text() == bytes.substr(2));
    }
  }
}

TEST_CASE("the user data of both sticky assignors are Java's bytes") {
  const auto sticky = make_assignor("sticky");
  const auto cooperative = make_assignor("cooperative-sticky");
  int with_assignment = 0;
  int old_ones = 0;
  for (const golden_group& group : golden_groups()) {
    for (const json::value& member : group.members) {
      CAPTURE(group.id, text_of(member.at("memberId")));
      joining_member joining;
      joining.generation = static_cast<std::int32_t>(member.at("generation").as_int64());
      const std::optional<std::string> generation_hex = optional_text(member.at("cooperativeUserData"));
      REQUIRE(generation_hex);
      CHECK(cooperative->user_data(joining) == golden::bytes_of_hex(*generation_hex));
      const std::optional<std::string> sticky_hex = optional_text(member.at("stickyUserData"));
      if (!sticky_hex) {
        CHECK(joining.generation == -1);
        CHECK(sticky->user_data(joining) == std::nullopt);
        continue;
      }
      const std::string bytes = golden::bytes_of_hex(*sticky_hex);
      const group::claim read = group::decode_sticky_user_data(bytes);
      CHECK(as_set(read.partitions) == as_set(partitions_of(member.at("owned"))));
      joining.assigned = read.partitions;
      if (read.generation >= 0) {
        CHECK(read.generation == joining.generation);
        CHECK(sticky->user_data(joining) == bytes);
      } else {  // from before there was a generation in it
        CHECK(sticky->user_data(joining)->substr(0, bytes.size()) == bytes);
        ++old_ones;
      }
      ++with_assignment;
    }
  }
  CHECK(with_assignment > 500);
  CHECK(old_ones == 19);
}

TEST_CASE("whatever the group, sticky is even, and then moves nothing but to the right racks") {
  const auto sticky = make_assignor("sticky");
  for (const golden_group& group : golden_groups()) {
    const auto members = group.members_for("sticky");
    const group_assignment first = sticky->assign(group.topics, members);
    CAPTURE(group.id);
    CHECK(imbalance_of(group.topics, members, first).empty());
    const settled_group settled = settle(*sticky, group.topics, members, first);
    // Going by racks comes before staying, so that it may take some rounds until all are where they belong.
    CHECK(settled.rounds <= (group.has_racks ? most_rounds : 0));
  }
}

TEST_CASE("whatever the group, cooperative-sticky takes nothing that its owner has not given up, and ends evenly") {
  const auto cooperative = make_assignor("cooperative-sticky");
  for (const golden_group& group : golden_groups()) {
    const auto members = group.members_for("cooperative-sticky");
    CAPTURE(group.id);
    const settled_group settled =
        settle(*cooperative, group.topics, members, cooperative->assign(group.topics, members));
    CHECK(settled.rounds <= (group.has_racks ? most_rounds : 2));
    CHECK_FALSE(settled.took_from_owner);
    CHECK(fault_of(group.topics, members, settled.assignment).empty());
    CHECK(imbalance_of(group.topics, members, settled.assignment).empty());
  }
}
