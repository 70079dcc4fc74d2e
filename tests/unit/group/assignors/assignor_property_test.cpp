// SPDX-License-Identifier: Apache-2.0

// What holds in any group, found by making up many.
#include <string>
#include <vector>

#include "assignment_properties.hpp"
#include "random_group.hpp"
#include "support/catch.hpp"

using namespace kafka;
using namespace kafka::test;

namespace {

const std::vector<std::string> all_names{"range", "roundrobin", "sticky", "cooperative-sticky"};
const std::vector<std::string> sticky_names{"sticky", "cooperative-sticky"};

template <class Check>
void for_random_groups(std::uint64_t count, Check check) {
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    random_source random(seed);
    const group_shape shape{.alike = seed % 2 == 0, .racks = seed % 4 >= 2};
    CAPTURE(seed);
    check(make_group(random, shape), shape, random);
  }
}

/// Members come and go, topics grow, subscriptions change.
void disturb(random_group& group, const group_shape& shape, random_source& random) {
  group_shape smaller = shape;
  smaller.members_max = 3;
  if (random.below(2) == 0 && group.members.size() > 1) group.members.erase(group.members.begin());
  if (random.below(2) == 0) {
    for (kafka::subscribed_member member : make_group(random, smaller).members) {
      if (shape.alike) member.topics = group.members.front().topics;
      group.members.push_back(std::move(member));
    }
  }
  if (random.below(3) == 0) group.topics.begin()->second.partitions += 3;
  if (random.below(4) == 0 && !shape.alike) group.members.front().topics.clear();
}

}  // namespace

TEST_CASE("every partition that is wanted is given to one subscriber") {
  for (const std::string& name : all_names) {
    const auto used = make_assignor(name);
    for_random_groups(400, [&](const random_group& group, const group_shape&, random_source&) {
      CAPTURE(name);
      CHECK(fault_of(group.topics, group.members, used->assign(group.topics, group.members)).empty());
    });
  }
}

TEST_CASE("the order in which members are listed changes nothing") {
  for (const std::string& name : all_names) {
    const auto used = make_assignor(name);
    for_random_groups(200, [&](const random_group& group, const group_shape&, random_source&) {
      CAPTURE(name);
      std::vector<kafka::subscribed_member> turned = group.members;
      std::rotate(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(turned.size() / 2), turned.end());
      std::reverse(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(turned.size() / 2));
      CHECK(used->assign(group.topics, group.members) == used->assign(group.topics, turned));
    });
  }
}

TEST_CASE("a sticky group that changes ends complete and even, and settled") {
  for (const std::string& name : sticky_names) {
    const auto used = make_assignor(name);
    const bool cooperates = used->supports(rebalance_protocol::cooperative);
    for_random_groups(400, [&](random_group group, const group_shape& shape, random_source& random) {
      CAPTURE(name);
      group_assignment given = used->assign(group.topics, group.members);
      for (int change = 0; change < 4; ++change) {
        disturb(group, shape, random);
        const auto members = rejoining(group.members, given, 10 + change, *used);
        const group_assignment first = used->assign(group.topics, members);
        CHECK(fault_of(group.topics, members, first, cooperates).empty());
        if (cooperates) CHECK(moves_between(given, first) == 0);
        const settled_group settled = settle(*used, group.topics, members, first);
        CHECK(settled.rounds <= (shape.racks ? most_rounds : cooperates ? 2 : 0));
        CHECK(fault_of(group.topics, members, settled.assignment).empty());
        CHECK(imbalance_of(group.topics, members, settled.assignment).empty());
        if (cooperates) CHECK_FALSE(settled.took_from_owner);
        given = settled.assignment;
      }
    });
  }
}

/// Replicas and members move to other racks.
void move_racks(random_group& group, random_source& random) {
  const random_group others = make_group(random, {.racks = true});
  for (auto& [name, topic] : group.topics) {
    if (random.below(2) == 0) topic.racks = others.topics.begin()->second.racks;
  }
  for (kafka::subscribed_member& member : group.members) {
    if (random.below(4) == 0) member.rack = others.members.front().rack;
  }
}

TEST_CASE("a group with racks in which nothing changes comes to rest within a few rebalances") {
  for (const std::string& name : sticky_names) {
    const auto used = make_assignor(name);
    const bool cooperates = used->supports(rebalance_protocol::cooperative);
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
      CAPTURE(name, seed);
      random_source random(1'000'000 + seed);
      const group_shape shape{.alike = seed % 4 == 0, .racks = true};
      random_group group = make_group(random, shape);
      group_assignment given = used->assign(group.topics, group.members);
      for (int change = 0; change < 3; ++change) {
        const settled_group settled = settle(*used, group.topics, group.members, given);
        CHECK(settled.rounds <= most_rounds);
        CHECK(fault_of(group.topics, group.members, settled.assignment).empty());
        CHECK(imbalance_of(group.topics, group.members, settled.assignment).empty());
        if (cooperates) CHECK_FALSE(settled.took_from_owner);
        disturb(group, shape, random);
        if (random.below(2) == 0) move_racks(group, random);
        given = used->assign(group.topics, rejoining(group.members, settled.assignment, 10 + change, *used));
      }
    }
  }
}

TEST_CASE("whatever members claim, sticky assignments are legal, complete and even") {
  for (const std::string& name : sticky_names) {
    const auto used = make_assignor(name);
    const bool cooperates = used->supports(rebalance_protocol::cooperative);
    for_random_groups(400, [&](random_group group, const group_shape&, random_source& random) {
      for (kafka::subscribed_member& member : group.members) {
        joining_member claims{.generation = static_cast<std::int32_t>(random.below(6)) - 2};
        for (std::uint64_t count = random.below(30); count > 0; --count) {
          claims.assigned.push_back(
              {"topic-" + std::to_string(random.below(8)), static_cast<std::int32_t>(random.below(16)) - 2});
        }
        member.owned = claims.assigned;
        member.generation = claims.generation;
        member.user_data = used->user_data(claims);
        if (member.user_data && !member.user_data->empty() && random.below(3) == 0)
          (*member.user_data)[random.below(member.user_data->size())] = static_cast<char>(random.next());
      }
      CAPTURE(name);
      const group_assignment given = used->assign(group.topics, group.members);
      CHECK(fault_of(group.topics, group.members, given, cooperates).empty());
      if (!cooperates) CHECK(imbalance_of(group.topics, group.members, given).empty());
    });
  }
}

TEST_CASE("whoever stays keeps what it had when others leave") {
  const auto sticky = make_assignor("sticky");
  random_source random(7);
  for (int round = 0; round < 200; ++round) {
    const random_group group = make_group(random, {.members_max = 20, .alike = true});
    const group_assignment before = sticky->assign(group.topics, group.members);
    auto members = rejoining(group.members, before, 5, *sticky);
    if (members.size() > 2) members.resize(members.size() - 2);
    const group_assignment after = sticky->assign(group.topics, members);
    for (const kafka::subscribed_member& member : members) {
      for (const topic_partition& partition : before.at(member.member_id).partitions)
        CHECK(as_set(after.at(member.member_id).partitions).contains(partition));
    }
  }
}

TEST_CASE("a newcomer takes only what evens the group out") {
  const auto sticky = make_assignor("sticky");
  random_source random(8);
  for (int round = 0; round < 200; ++round) {
    const random_group group = make_group(random, {.members_max = 20, .alike = true});
    const group_assignment before = sticky->assign(group.topics, group.members);
    auto members = rejoining(group.members, before, 5, *sticky);
    members.push_back({.member_id = "newcomer", .topics = members.front().topics});
    const group_assignment after = sticky->assign(group.topics, members);
    CHECK(moves_between(before, after) == after.at("newcomer").partitions.size());
  }
}

TEST_CASE("a thousand members share twenty thousand partitions of unlike subscriptions") {
  // Anything that looks at all partitions for each partition does not come back from this.
  random_source random(9);
  random_group group;
  for (int topic = 0; topic < 200; ++topic) group.topics["topic-" + std::to_string(topic)].partitions = 100;
  for (int member = 0; member < 1000; ++member) {
    kafka::subscribed_member& made = group.members.emplace_back();
    made.member_id = "member-" + std::to_string(member);
    for (const auto& [name, topic] : group.topics) {
      if (random.below(10) == 0) made.topics.push_back(name);
    }
  }
  for (const std::string& name : all_names) {
    const auto used = make_assignor(name);
    CAPTURE(name);
    const group_assignment given = used->assign(group.topics, group.members);
    CHECK(fault_of(group.topics, group.members, given).empty());
    if (name == "range" || name == "roundrobin") continue;
    auto fewer = rejoining(group.members, given, 3, *used);
    fewer.resize(900);
    CHECK(imbalance_of(group.topics, fewer,
                       settle(*used, group.topics, fewer, used->assign(group.topics, fewer)).assignment)
              .empty());
  }
}
