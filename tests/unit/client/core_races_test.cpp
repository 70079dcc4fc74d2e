// SPDX-License-Identifier: Apache-2.0
// Seeks, pauses and assignments at any moment, while leaders move, connections break and answers are late: made up anew
// for each seed, in virtual time. What is read always begins where the last call said and goes on without a gap.
#include <algorithm>

#include "base/backoff.hpp"
#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::consumer_fixture;

fake_cluster_options three_racks() {
  fake_cluster_options out = test::nodes(3);
  out.racks = {"a", "b", "c"};
  out.broker_configs = {{"replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector"}};
  return out;
}

consumer_config settings(random_source& random) {
  consumer_config out;
  out.offset_reset = offset_reset::none;
  if (random.below(2) == 0) out.client_rack = std::string("b");
  // About a batch an answer, so that positions are on the move all the time.
  if (random.below(2) == 0) out.fetch_bytes_max = out.partition_fetch_bytes_max = 200;
  return out;
}

class world : public consumer_fixture {
 public:
  explicit world(std::uint64_t seed) : world(seed, random_source(seed)) {}

  void act() {
    switch (random_.below(12)) {
      case 0:
      case 1:
        return go_to(position::at(static_cast<std::int64_t>(random_.below(written_ + 1))), false);
      case 2:
        return go_to(position::at(static_cast<std::int64_t>(random_.below(written_ + 1))), true);
      case 3:
        return go_to(position::oldest(), random_.below(2) == 0);
      case 4:
        return client.post(event::partitions_paused{{{"t", 0}}, true});
      case 5:
      case 6:
        return client.post(event::partitions_paused{{{"t", 0}}, false});
      case 7:
        cluster.state().set_leader(partition("t"), 1 + static_cast<std::int32_t>(random_.below(3)));
        return client.nudge();
      case 8:
        cluster.drop_connections(1 + static_cast<std::int32_t>(random_.below(3)));
        return client.nudge();
      case 9:
        cluster.state().nodes()[random_.below(3)].sessions.clear();
        return;
      case 10:
        return disturb();
      default:
        return append();
    }
  }
  void pass() { client.run_for(std::chrono::milliseconds(random_.below(400))); }
  void append() {
    for (auto count = 1 + random_.below(4); count > 0; --count) write("t", {std::to_string(written_++)});
  }
  /// What came since the last call begins where it said, and has no gap.
  void check() {
    values_received();
    for (const error& one : failures) FAIL(one.message());
    for (std::size_t index = 0; index < received.size(); ++index) {
      REQUIRE(received[index] == std::to_string(begin_ + static_cast<std::int64_t>(index)));
    }
  }
  /// Calm at last: everything up to the end arrives.
  void check_the_end() {
    cluster.remove_all_controls();
    client.post(event::partitions_paused{{{"t", 0}}, false});
    const auto rest = static_cast<std::size_t>(static_cast<std::int64_t>(written_) - begin_);
    REQUIRE(run_until_received(rest, 30s));
    check();
    REQUIRE(received.size() == rest);
  }

 private:
  world(std::uint64_t, random_source random) : consumer_fixture(settings(random), three_racks()), random_(random) {
    create_topic("t", 1, 3);
    append();
    go_to(position::at(0), true);
  }
  void go_to(position to, bool anew) {
    check();
    received.clear();
    begin_ = to.what() == position::kind::absolute ? to.value() : 0;
    if (anew) {
      assign("t", to);
    } else {
      seek("t", to);
    }
  }
  void disturb() {
    static constexpr api_key keys[] = {api_key::fetch, api_key::list_offsets, api_key::offset_for_leader_epoch};
    static constexpr broker_errc codes[] = {broker_errc::not_leader_or_follower, broker_errc::fenced_leader_epoch,
                                            broker_errc::unknown_topic_id, broker_errc::request_timed_out};
    const api_key key = keys[random_.below(3)];
    const auto times = 1 + random_.below(3);
    const fake_verdict late{fake_verdict::kind::apply_then_delay, {}, std::chrono::milliseconds(random_.below(2000))};
    const fake_verdict failed{fake_verdict::kind::fail, codes[random_.below(4)], {}};
    const fake_verdict chosen = random_.below(2) == 0 ? late : failed;
    cluster.control(key, [chosen](fake::call&) -> fake::verdict { return chosen; }, times);
  }

  random_source random_;
  std::uint64_t written_ = 0;
  std::int64_t begin_ = 0;
};

TEST_CASE("no record of a position that was left is ever read, and none of the new one is missed") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    world one(seed);
    for (int round = 0; round < 60; ++round) {
      one.act();
      one.pass();
      one.check();
    }
    one.check_the_end();
  }
}

}  // namespace
}  // namespace kafka::client
