// SPDX-License-Identifier: Apache-2.0
// What must hold for transactions of both versions whatever goes wrong (reliability scenario 12): what is committed is
// seen, all of it, once and in order; what is aborted never is; offsets go the same way.

#include "fake/control.hpp"
#include "sim/seeds.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::test {
namespace {

namespace call = client::transaction_call;

producer_config settings(random_source& random) {
  producer_config out;
  out.transactional_id = "mover";
  out.transaction_timeout = std::chrono::minutes(15);
  out.linger = std::chrono::milliseconds(random.below(10));
  out.batch_bytes_max = 200 + random.below(600);
  out.in_flight_max = 1 + static_cast<std::int32_t>(random.below(5));
  out.delivery_timeout = std::chrono::milliseconds(2000 + random.below(60'000));
  out.connection.request_timeout = std::chrono::milliseconds(300 + random.below(3000));
  return out;
}

class transaction_world : public producer_fixture {
 public:
  static constexpr std::int32_t partitions = 3;
  static constexpr std::int32_t node_count = 3;

  explicit transaction_world(random_source drawn)
      : producer_fixture(settings(drawn), node_count, drawn.below(2) == 0 ? "3.9" : "4.3"), random(drawn) {
    create_topic("t", partitions, node_count);
    create_topic("in", 1, node_count);
    refusals = below(2) == 0 ? 0 : below(30);
    losses = below(2) == 0 ? 0 : below(30);
    disturbances = below(2) == 0 ? 0 : below(30);
    cluster.state().transactions().set_marker_delay(std::chrono::milliseconds(below(3) == 0 ? below(500) : 0));
    for (const api_key key :
         {api_key::produce, api_key::init_producer_id, api_key::find_coordinator, api_key::add_partitions_to_txn,
          api_key::add_offsets_to_txn, api_key::txn_offset_commit, api_key::end_txn}) {
      cluster.control(key, [this, key](fake::call&) { return misfortune(key); });
    }
  }

  /// Asks until there is an outcome. False: a fatal error, which nothing here should lead to.
  bool insist(const call::any& what, error& outcome) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      outcome = transact(what, std::chrono::seconds(3));
      if (!outcome || outcome.severity() == error_class::abortable) return true;
      if (outcome.severity() == error_class::fatal) return false;
      if (attempt == 50) heal();
    }
    return false;
  }

  void run(int rounds) {
    error outcome;
    REQUIRE(insist(call::init{}, outcome));
    REQUIRE_FALSE(outcome);
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds - 3) heal();
      one_transaction(round);
    }
  }

  void one_transaction(int round) {
    error outcome;
    INFO("round " << round);
    REQUIRE_FALSE(transact(call::begin{}));
    std::vector<std::pair<std::int32_t, std::string>> values;
    for (std::uint64_t count = below(15); count > 0; --count) {
      const auto where = static_cast<std::int32_t>(below(partitions));
      values.emplace_back(where, std::to_string(round) + "." + std::to_string(count) + std::string(below(80), '.'));
      send("t", values.back().second, where);
      if (below(100) < disturbances) disturb();
      if (below(3) == 0) client.run_for(std::chrono::milliseconds(below(100)));
    }
    bool failed = false;
    const bool with_offsets = below(3) == 0;
    if (with_offsets) {
      call::send_offsets offsets;
      offsets.group.group_id = "readers";
      group_offset& position = offsets.offsets.emplace_back();
      position.partition.topic = "in";
      position.offset = round + 1;
      REQUIRE(insist(offsets, outcome));
      failed = static_cast<bool>(outcome);
    }
    bool commits = !failed && below(3) != 0;
    if (commits) {
      INFO(outcome.message());
      REQUIRE(insist(call::end{true, 0}, outcome));
      commits = !outcome;
      failed = !commits;
    }
    if (!commits) {
      REQUIRE(insist(call::end{false, 0}, outcome));
      INFO(outcome.message());
      REQUIRE_FALSE(outcome);
      ++aborted;
    } else {
      ++committed;
      if (with_offsets) stored = round + 1;
      for (auto& [where, value] : values) expected[static_cast<std::size_t>(where)].push_back(value);
    }
  }

  void heal() {
    healed = true;
    for (std::int32_t node = 1; node <= node_count; ++node) cluster.start_node(node);
    client.nudge();
  }

  random_source random;
  std::vector<std::vector<std::string>> expected = std::vector<std::vector<std::string>>(partitions);
  int committed = 0;
  int aborted = 0;
  std::int64_t stored = -1;

 private:
  std::uint64_t below(std::uint64_t bound) { return random.below(bound); }

  fake::verdict misfortune(api_key key) {
    using kind = fake_verdict::kind;
    if (healed) return {};
    if (below(100) < refusals) {
      static constexpr broker_errc of_coordinators[] = {broker_errc::not_coordinator,
                                                        broker_errc::coordinator_not_available,
                                                        broker_errc::coordinator_load_in_progress};
      static constexpr broker_errc of_leaders[] = {broker_errc::not_leader_or_follower, broker_errc::request_timed_out,
                                                   broker_errc::not_enough_replicas,
                                                   broker_errc::topic_authorization_failed};
      if (key == api_key::find_coordinator) return fake_verdict{kind::fail, broker_errc::coordinator_not_available, {}};
      if (key == api_key::produce) return fake_verdict{kind::fail, of_leaders[below(std::size(of_leaders))], {}};
      return fake_verdict{kind::fail, of_coordinators[below(std::size(of_coordinators))], {}};
    }
    if (below(100) < losses) {
      static constexpr kind ways[] = {kind::drop_connection, kind::swallow, kind::apply_then_drop,
                                      kind::apply_then_swallow, kind::apply_then_delay};
      return fake_verdict{ways[below(std::size(ways))], {}, std::chrono::milliseconds(below(4000))};
    }
    return {};
  }

  void disturb() {
    const auto node = static_cast<std::int32_t>(1 + below(node_count));
    switch (below(3)) {
      case 0:
        cluster.state().set_coordinator("mover", node);
        break;
      case 1:
        cluster.state().move_leader(partition("t", static_cast<std::int32_t>(below(partitions))), node,
                                    std::chrono::milliseconds(below(2000)), client.now());
        break;
      default:
        cluster.drop_connections(node);
    }
    client.nudge();
  }

  bool healed = false;
  std::uint64_t refusals = 0;
  std::uint64_t losses = 0;
  std::uint64_t disturbances = 0;
};

TEST_CASE("transactions are seen whole or not at all, whatever happens to their producer") {
  const auto [first, count] = seeds(1000);
  int committed = 0;
  int aborted = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO("again: KAFKA_SIM_FIRST=" << seed << " KAFKA_SIM_SEEDS=1");
    transaction_world world{random_source(seed)};
    world.run(15);
    world.client.run_for(std::chrono::seconds(30));  // the last markers
    for (std::int32_t index = 0; index < transaction_world::partitions; ++index) {
      REQUIRE(world.committed_values("t", index) == world.expected[static_cast<std::size_t>(index)]);
    }
    const auto* offset = world.cluster.state().offsets().find("readers", {"in", 0});
    REQUIRE((offset ? offset->offset : -1) == world.stored);
    (void)world.completed();
    REQUIRE(world.records.buffered_bytes() == 0);
    committed += world.committed;
    aborted += world.aborted;
  }
  REQUIRE(committed > aborted);
  REQUIRE(aborted > 0);
}

}  // namespace
}  // namespace kafka::test
