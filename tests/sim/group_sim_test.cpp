// SPDX-License-Identifier: Apache-2.0
// What must hold for groups whatever goes wrong (reliability scenarios 16, 17, 19, 20, 21 and 28): in no generation a
// partition has two owners; offsets are stored by owners only, never ahead of what was processed, never backwards;
// everything is read; and the group comes to rest.
#include "sim/group_world.hpp"
#include "sim/seeds.hpp"

namespace kafka::test {
namespace {

TEST_CASE("members come, go, stand still and die, and every record is processed under one owner at a time") {
  const group_kind kind = GENERATE(group_kind::eager, group_kind::cooperative, group_kind::consumer);
  const seeds tried(40);
  for (std::uint64_t seed = tried.first; seed < tried.first + tried.count; ++seed) {
    group_world world(seed, kind);
    world.run(60);
    INFO("kind " << static_cast<int>(kind) << ", again: KAFKA_SIM_FIRST=" << seed << " KAFKA_SIM_SEEDS=1");
    REQUIRE(world.judge.verdict() == "");
    const bool settled = world.heal();
    REQUIRE(world.judge.verdict() == "");
    REQUIRE(world.unsettled() == "");
    REQUIRE(settled);
  }
}

TEST_CASE("a seed decides everything that happens to a group") {
  for (const group_kind kind : {group_kind::cooperative, group_kind::consumer}) {
    std::vector<std::string> traces[2];
    for (auto& trace : traces) {
      group_world world(7, kind);
      world.run(25);
      for (const recorded_request& one : world.cluster.requests()) {
        trace.push_back(std::string(to_string(one.key)) + " " + std::to_string(one.node) + " " +
                        std::to_string(one.arrived.time_since_epoch().count()));
      }
    }
    REQUIRE(traces[0].size() > 30);
    REQUIRE(traces[0] == traces[1]);
  }
}

TEST_CASE("the judge of groups finds what is planted") {
  const topic_partition where{"t", 0};
  group_judge two_owners("g");
  two_owners.owns("a", 3, where);
  two_owners.owns("a", 3, where);
  two_owners.owns("b", 4, where);
  REQUIRE(two_owners.verdict() == "");
  two_owners.owns("b", 3, where);
  REQUIRE(two_owners.verdict().find("owned by a and b") != std::string::npos);

  group_judge stranger("g");
  stranger.commits("a", where, 1, {where}, {{where, 1}});
  REQUIRE(stranger.verdict() == "");
  stranger.commits("a", where, 1, {}, {{where, 1}});
  REQUIRE(stranger.verdict().find("not its own") != std::string::npos);

  group_judge ahead("g");
  ahead.commits("a", where, 2, {where}, {{where, 1}});
  REQUIRE(ahead.verdict().find("ahead") != std::string::npos);

  group_judge backwards("g");
  for (std::int64_t offset = 0; offset < 5; ++offset) backwards.processed(where, offset);
  backwards.stored(where, 3);
  backwards.stored(where, 5);
  REQUIRE(backwards.verdict() == "");
  REQUIRE(backwards.all_seen(where, 5));
  REQUIRE_FALSE(backwards.all_seen(where, 6));
  backwards.stored(where, 4);
  REQUIRE(backwards.verdict().find("goes back from 5 to 4") != std::string::npos);

  group_judge skipped("g");
  skipped.processed(where, 0);
  skipped.processed(where, 2);
  skipped.stored(where, 3);
  REQUIRE(skipped.verdict().find("nobody processed 1") != std::string::npos);
}

TEST_CASE("the world of groups is broken by a cluster that loses what was stored") {
  group_world world(3, group_kind::consumer);
  world.run(20);
  REQUIRE(world.judge.verdict() == "");
  for (int step = 0; step < 100 && !world.cluster.state().offsets().find("g", {"t", 0}); ++step) world.run(1);
  REQUIRE(world.cluster.state().offsets().find("g", {"t", 0}));
  world.cluster.state().offsets().commit("g", {"t", 0}, {1'000'000, -1, {}});
  world.pass(std::chrono::milliseconds(500));
  REQUIRE(world.judge.verdict() != "");
}

}  // namespace
}  // namespace kafka::test
