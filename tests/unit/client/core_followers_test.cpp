// SPDX-License-Identifier: Apache-2.0
// Reading from followers (KIP-392) through the whole pure client against the fake cluster, in virtual time.
#include <algorithm>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::consumer_fixture;
using strings = std::vector<std::string>;

constexpr std::int32_t leader = 1;
constexpr std::int32_t follower = 2;

fake_cluster_options two_racks() {
  fake_cluster_options out = test::nodes(2);
  out.racks = {"far", "near"};
  out.broker_configs = {{"replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector"}};
  return out;
}

consumer_config in_rack(const std::string& rack) {
  consumer_config out;
  out.client_rack = rack;
  out.offset_reset = offset_reset::none;
  return out;
}

/// A topic whose leader is far and whose follower is near.
class near_follower : public consumer_fixture {
 public:
  explicit near_follower(consumer_config asked = in_rack("near")) : consumer_fixture(std::move(asked), two_racks()) {
    create_topic("t", 1, 2);
    if (partition("t").leader != leader) cluster.state().set_leader(partition("t"), leader);
  }
  /// How many fetches the node had since the last call.
  std::size_t fetches(std::int32_t node) {
    const auto& all = cluster.requests();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const recorded_request& one) {
      return one.key == api_key::fetch && one.node == node;
    }));
  }
};

TEST_CASE_METHOD(near_follower, "a consumer reads from the follower in its rack as soon as the leader says so") {
  write("t", {"a", "b"});
  assign("t", position::at(0));
  REQUIRE(run_until_received(2, 2s));
  REQUIRE(fetches(leader) == 1);
  client.run_for(5s);
  write("t", {"c"});
  REQUIRE(run_until_received(3, 1s));
  REQUIRE(received == strings{"a", "b", "c"});
  REQUIRE(fetches(leader) == 1);
  REQUIRE(fetches(follower) >= 10);
  REQUIRE(end_offset == 3);
  REQUIRE(failures.empty());
}

TEST_CASE("a consumer without a rack, or in the leader's, reads from the leader") {
  for (const char* rack : {"", "far", "elsewhere"}) {
    near_follower self(in_rack(rack));
    self.write("t", {"a"});
    self.assign("t", position::at(0));
    REQUIRE(self.run_until_received(1, 2s));
    self.client.run_for(3s);
    REQUIRE(self.fetches(follower) == 0);
  }
}

TEST_CASE_METHOD(near_follower, "the leader is asked again which replica is the nearest when metadata would be old") {
  assign("t", position::at(0));
  client.run_for(4min);
  REQUIRE(fetches(leader) == 1);
  client.run_for(62s);
  REQUIRE(fetches(leader) == 2);
  const std::size_t before = fetches(follower);
  client.run_for(2s);
  REQUIRE(fetches(follower) > before);
}

TEST_CASE_METHOD(near_follower, "a follower that is behind is left for the leader, and no position is reset") {
  write("t", {"a", "b", "c"});
  assign("t", position::at(0));
  REQUIRE(run_until_received(3, 2s));
  client.run_for(1s);
  // The next fetch finds a follower that has lost what was read: it says OFFSET_OUT_OF_RANGE.
  cluster.state().set_follower_end(partition("t"), follower, 1);
  client.nudge();
  write("t", {"d"});
  REQUIRE(run_until_received(4, 2s));
  REQUIRE(received == strings{"a", "b", "c", "d"});
  REQUIRE(failures.empty());
  REQUIRE(requests(api_key::list_offsets) == 0);
  // It is not tried all the time, and used again when it has caught up.
  client.run_for(8s);
  const std::size_t before = fetches(follower);
  client.run_for(20s);
  REQUIRE(fetches(follower) == before);
  cluster.state().set_follower_end(partition("t"), follower, -1);
  client.run_for(2s);
  REQUIRE(fetches(follower) > before);
}

TEST_CASE_METHOD(near_follower, "when leader and follower both say out of range the policy decides, once") {
  write("t", {"a", "b"});
  assign("t", position::at(0));
  REQUIRE(run_until_received(2, 2s));
  seek("t", position::at(100));
  client.run_for(5s);
  values_received();
  REQUIRE(failures.size() == 1);
  REQUIRE(failures[0] == client_errc::no_such_offset);
}

TEST_CASE_METHOD(near_follower, "a follower that is gone is left for the leader") {
  write("t", {"a"});
  assign("t", position::at(0));
  REQUIRE(run_until_received(1, 2s));
  cluster.stop_node(follower);
  client.nudge();
  write("t", {"b"});
  REQUIRE(run_until_received(2, 3s));
  REQUIRE(received == strings{"a", "b"});
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(near_follower, "a node that is no replica any more is left for the leader") {
  write("t", {"a"});
  assign("t", position::at(0));
  REQUIRE(run_until_received(1, 2s));
  auto& moved = partition("t");
  std::erase(moved.replicas, follower);
  std::erase(moved.in_sync, follower);
  write("t", {"b"});
  REQUIRE(run_until_received(2, 3s));
  REQUIRE(received == strings{"a", "b"});
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(near_follower, "what a follower does not have yet is waited for there") {
  write("t", {"a", "b"});
  cluster.state().set_follower_end(partition("t"), follower, 0);
  assign("t", position::at(0));
  client.run_for(2s);
  REQUIRE(values_received().empty());
  REQUIRE(failures.empty());
  cluster.state().set_follower_end(partition("t"), follower, 2);
  client.nudge();
  REQUIRE(run_until_received(2, 1s));
  REQUIRE(fetches(leader) == 1);
}

}  // namespace
}  // namespace kafka::client
