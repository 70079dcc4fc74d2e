// SPDX-License-Identifier: Apache-2.0
// What must hold for an idempotent producer whatever goes wrong (reliability scenarios 1 to 8).
#include <set>

#include "sim/producer_world.hpp"
#include "sim/seeds.hpp"

namespace kafka::test {
namespace {

/// What is wrong with the logs and with what the user was told; empty if nothing is.
std::string judge(producer_world& world) {
  for (const auto& [value, known] : world.fates) {
    if (known.told != 1) return value + " was told " + std::to_string(known.told) + " times";
  }
  for (std::int32_t index = 0; index < producer_world::partitions; ++index) {
    const std::vector<std::string> log = world.values("t", index);
    const std::vector<std::string>& sent = world.sent[static_cast<std::size_t>(index)];
    std::map<std::string, std::size_t> at;
    for (std::size_t offset = 0; offset < log.size(); ++offset) {
      if (!at.emplace(log[offset], offset).second) return log[offset] + " is in the log twice";
    }
    std::size_t last = 0;
    bool any = false;
    for (const std::string& value : sent) {
      const fate& known = world.fates.at(value);
      const auto found = at.find(value);
      const bool there = found != at.end();
      if (!known.failure && !there) return value + " was acknowledged and is lost";
      if (known.failure && known.failure.outcome() == write_outcome::not_written && there) {
        return value + " is in the log, although it is said not to be: " + known.failure.message();
      }
      if (!there) continue;
      if (any && found->second < last) return value + " was overtaken";
      if (!known.failure && known.offset >= 0 && static_cast<std::size_t>(known.offset) != found->second) {
        return value + " was told another offset than it has";
      }
      last = found->second;
      any = true;
    }
  }
  if (world.records.buffered_bytes() != 0) return "memory is still charged when all is over";
  return {};
}

TEST_CASE("no record is lost, doubled, overtaken or misreported, whatever happens to an idempotent producer") {
  const auto [first, count] = seeds(1000);
  std::size_t delivered = 0;
  std::size_t failed = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    producer_world world(seed);
    world.run(120);
    const bool over = world.heal();
    INFO("again: KAFKA_SIM_FIRST=" << seed << " KAFKA_SIM_SEEDS=1");
    REQUIRE(over);
    REQUIRE(judge(world) == "");
    for (const auto& [value, known] : world.fates) ++(known.failure ? failed : delivered);
  }
  // The faults bite, and mostly the client gets over them.
  REQUIRE(delivered > 10 * count);
  REQUIRE(failed > 0);
  REQUIRE(delivered > failed);
}

TEST_CASE("a seed decides everything") {
  for (const std::uint64_t seed : {3U, 14U, 159U}) {
    std::vector<std::string> traces[2];
    for (auto& trace : traces) {
      producer_world world(seed);
      world.run(60);
      for (const recorded_request& one : world.cluster.requests()) {
        trace.push_back(std::string(to_string(one.key)) + " " + std::to_string(one.node) + " " +
                        std::to_string(one.arrived.time_since_epoch().count()));
      }
    }
    REQUIRE(traces[0].size() > 30);
    REQUIRE(traces[0] == traces[1]);
  }
}

TEST_CASE("the judge of the simulation finds what is planted") {
  producer_world world(7);
  world.run(40);
  REQUIRE(world.heal());
  REQUIRE(judge(world) == "");
  fake::partition_state& log = world.partition("t");
  std::string acknowledged;
  for (const std::string& value : world.sent[0]) {
    if (!world.fates.at(value).failure) acknowledged = value;
  }
  REQUIRE_FALSE(acknowledged.empty());
  const fate kept = world.fates.at(acknowledged);

  world.fates.at(acknowledged).told = 2;
  REQUIRE(judge(world).find("told 2 times") != std::string::npos);
  world.fates.at(acknowledged) = kept;
  world.fates.at(acknowledged).failure = {client_errc::timed_out};
  REQUIRE(judge(world).find("although it is said not to be") != std::string::npos);
  world.fates.at(acknowledged) = kept;
  world.fates.at(acknowledged).offset += 1;
  REQUIRE(judge(world).find("another offset") != std::string::npos);
  world.fates.at(acknowledged) = kept;
  std::swap(world.sent[0].front(), world.sent[0].back());
  REQUIRE(judge(world).find("overtaken") != std::string::npos);
  std::swap(world.sent[0].front(), world.sent[0].back());
  world.sent[0].push_back("never sent");
  world.fates["never sent"].told = 1;
  REQUIRE(judge(world).find("is lost") != std::string::npos);
  world.sent[0].pop_back();
  world.fates.erase("never sent");
  const std::vector<fake_record> again{{-1, 1000, std::nullopt, acknowledged, {}}};
  log.log.append(fake::make_batch(again, world.client.now().wall, world.pool).span(), log.leader_epoch, std::nullopt);
  REQUIRE(judge(world).find("twice") != std::string::npos);
}

}  // namespace
}  // namespace kafka::test
