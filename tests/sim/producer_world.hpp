// SPDX-License-Identifier: Apache-2.0
// A producer, a cluster and everything that can go wrong between them, all decided by one seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "client/batch_division.hpp"
#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::test {

/// What became of a record, as the user was told.
struct fate {
  std::int32_t partition = 0;
  std::int64_t offset = -1;
  error failure;
  int told = 0;
};

/// What a seed draws once: how the client is set, and how often what goes wrong.
struct producer_plan {
  explicit producer_plan(std::uint64_t seed) : random(seed) {
    config.linger = std::chrono::milliseconds(random.below(20));
    config.batch_bytes_max = 200 + random.below(1500);
    config.in_flight_max = 1 + static_cast<std::int32_t>(random.below(5));
    config.delivery_timeout = std::chrono::milliseconds(3000 + random.below(60'000));
    config.connection.request_timeout = std::chrono::milliseconds(500 + random.below(4000));
    config.compression = random.below(3) == 0 ? compression::gzip : compression::none;
    config.on_delivery = [](const delivery_batch&) {};
    answers = random.below(2) == 0 ? 0 : random.below(40);
    losses = random.below(2) == 0 ? 0 : random.below(40);
    delays = random.below(3) == 0 ? random.below(30) : 0;
    crashes = random.below(2) == 0 ? 0 : random.below(8);
    moves = random.below(2) == 0 ? 0 : random.below(8);
    purges = random.below(6) == 0 ? random.below(4) : 0;
  }

  random_source random;
  producer_config config;
  /// In percent: of requests, for the first three; of steps, for the others.
  std::uint64_t answers = 0;
  std::uint64_t losses = 0;
  std::uint64_t delays = 0;
  std::uint64_t crashes = 0;
  std::uint64_t moves = 0;
  std::uint64_t purges = 0;
};

class producer_world : public producer_fixture {
 public:
  static constexpr std::int32_t partitions = 3;
  static constexpr std::int32_t node_count = 3;

  explicit producer_world(std::uint64_t seed) : producer_world(producer_plan(seed)) {}
  explicit producer_world(producer_plan drawn) : producer_fixture(drawn.config, node_count), plan(std::move(drawn)) {
    create_topic("t", partitions, node_count);
    cluster.control(api_key::produce, [this](fake::call&) { return misfortune(); });
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      send_some();
      if (chance(plan.crashes)) crash_or_start();
      if (chance(plan.moves)) move_a_leader();
      if (chance(plan.purges)) client.post(client::event::purge_requested{static_cast<purge>(1 + below(3))});
      client.run_for(std::chrono::milliseconds(below(150)));
      collect();
    }
  }
  /// All is well from here on: whatever is under way must come to an end.
  bool heal() {
    healed = true;
    for (std::int32_t node = 1; node <= node_count; ++node) cluster.start_node(node);
    client.nudge();
    const bool over = client.run_until(
        [&] {
          collect();
          return told == fates.size();
        },
        config.delivery_timeout + std::chrono::seconds(30));
    client.run_for(std::chrono::seconds(10));  // what the user was told about may still be answered
    return over;
  }

  void collect() {
    for (auto& one : client.take<client::action::complete_batch>()) {
      client::completed_batch& batch = one.completed;
      std::int64_t index = 0;
      for (const record_view& record : client::records_of(*batch.batch)) {
        fate& known = fates.at(record.value().str());
        ++known.told;
        ++told;
        known.failure = batch.failure;
        if (!batch.failure && batch.base_offset >= 0) known.offset = batch.base_offset + index;
        ++index;
      }
    }
  }

  producer_plan plan;
  std::map<std::string, fate> fates;
  std::vector<std::vector<std::string>> sent = std::vector<std::vector<std::string>>(partitions);
  std::size_t told = 0;
  bool healed = false;

 private:
  std::uint64_t below(std::uint64_t bound) { return plan.random.below(bound); }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  void send_some() {
    const auto where = static_cast<std::int32_t>(below(partitions));
    for (std::uint64_t count = below(12); count > 0; --count) {
      auto& mine = sent[static_cast<std::size_t>(where)];
      std::string value = std::to_string(where) + ":" + std::to_string(mine.size()) + std::string(below(60), '.');
      if (send("t", value, where, below(20) == 0) != client::accumulator::append_status::appended) return;
      fates[value].partition = where;
      mine.push_back(std::move(value));
    }
  }

  fake::verdict misfortune() {
    using kind = fake_verdict::kind;
    if (healed) return {};
    if (chance(plan.answers)) {
      static constexpr broker_errc refusals[] = {broker_errc::not_leader_or_follower,
                                                 broker_errc::leader_not_available,
                                                 broker_errc::not_enough_replicas,
                                                 broker_errc::unknown_topic_or_partition,
                                                 broker_errc::corrupt_message,
                                                 broker_errc::request_timed_out,
                                                 broker_errc::message_too_large,
                                                 broker_errc::kafka_storage_error,
                                                 broker_errc::topic_authorization_failed,
                                                 broker_errc::unknown_server_error};
      if (below(3) == 0) {
        const bool timed_out = below(2) == 0;
        return fake_verdict{kind::apply_then_fail,
                            timed_out ? broker_errc::request_timed_out : broker_errc::not_enough_replicas_after_append,
                            {}};
      }
      return fake_verdict{kind::fail, refusals[below(std::size(refusals))], {}};
    }
    if (chance(plan.losses)) {
      static constexpr kind losses[] = {kind::drop_connection, kind::swallow, kind::apply_then_drop,
                                        kind::apply_then_swallow};
      return fake_verdict{losses[below(std::size(losses))], {}, {}};
    }
    if (chance(plan.delays)) {
      const std::chrono::milliseconds duration(below(3000));
      return fake_verdict{below(2) == 0 ? kind::delay : kind::apply_then_delay, {}, duration};
    }
    return {};
  }

  void crash_or_start() {
    const auto node = static_cast<std::int32_t>(1 + below(node_count));
    if (cluster.state().is_running(node)) {
      std::int32_t running = 0;
      for (std::int32_t id = 1; id <= node_count; ++id) running += cluster.state().is_running(id) ? 1 : 0;
      if (running > 1) cluster.stop_node(node);
    } else {
      cluster.start_node(node);
    }
    client.nudge();
  }

  void move_a_leader() {
    fake::partition_state& moved = partition("t", static_cast<std::int32_t>(below(partitions)));
    const auto to = static_cast<std::int32_t>(1 + below(node_count));
    if (!cluster.state().is_running(to)) return;
    cluster.state().move_leader(moved, to, std::chrono::milliseconds(below(3000)), client.now());
    client.nudge();
  }
};

}  // namespace kafka::test
