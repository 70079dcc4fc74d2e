// SPDX-License-Identifier: Apache-2.0
// Groups whose members and brokers are in racks (KIP-881), over TCP against the fake cluster.
#include <algorithm>
#include <array>
#include <functional>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

const std::array<std::string, 3> rack_names{"north", "south", "west"};

/// What a member was given and has not given up.
class held_partitions {
 public:
  void listen(consumer_config& config) {
    config.on_rebalance.on_assigned = [this](const std::vector<topic_partition>& came) {
      held_.insert(came.begin(), came.end());
    };
    config.on_rebalance.on_revoked = [this](const std::vector<topic_partition>& going) {
      for (const topic_partition& where : going) held_.erase(where);
    };
    config.on_rebalance.on_lost = config.on_rebalance.on_revoked;
  }
  [[nodiscard]] const std::set<topic_partition>& held() const noexcept { return held_; }

 private:
  std::set<topic_partition> held_;
};

/// Node n is in rack n - 1; a topic of nine partitions, three of them in each rack, and three members, one in each.
struct racks_fixture {
  static fake_cluster_options nodes_in(std::vector<std::string> racks) {
    fake_cluster_options out;
    out.nodes = 3;
    out.broker_configs["group.initial.rebalance.delay.ms"] = "50";
    out.racks = std::move(racks);
    return out;
  }
  explicit racks_fixture(const fake_cluster_options& options) : cluster(options) { cluster.set_coordinator("g", 1); }
  racks_fixture() : racks_fixture(nodes_in({rack_names.begin(), rack_names.end()})) {}
  void place(std::int32_t partition, std::vector<std::int32_t> on) {
    cluster.set_replicas("t", partition, on);
    nodes_of.resize(std::max<std::size_t>(nodes_of.size(), static_cast<std::size_t>(partition) + 1));
    nodes_of[static_cast<std::size_t>(partition)] = std::move(on);
  }
  void create_topic(std::size_t copies = 1) {
    cluster.create_topic("t", 9);
    for (std::int32_t partition = 0; partition < 9; ++partition) {
      std::vector<std::int32_t> on;
      // Not where range would give them anyway.
      for (std::size_t copy = 0; copy < copies; ++copy) {
        on.push_back((partition + static_cast<std::int32_t>(copy)) % 3 + 1);
      }
      place(partition, on);
    }
  }
  void add_member(const std::string& assignors, const std::string& rack) {
    consumer_config config;
    config.bootstrap_servers = cluster.bootstrap_servers();
    config.connection.metadata_max_age = 50ms;
    config.group_id = std::string("g");
    config.client_rack = rack;
    config.assignors = assignors;
    config.heartbeat_interval = 30ms;
    racks.push_back(rack);
    held.push_back(std::make_unique<held_partitions>());
    held.back()->listen(config);
    members.push_back(std::make_unique<consumer>(config));
    members.back()->subscribe({"t"});
  }
  void poll_all() {
    for (const auto& one : members) (void)one->poll(5ms);
  }
  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!done() && std::chrono::steady_clock::now() < end) poll_all();
    return done();
  }
  void poll_for(std::chrono::milliseconds duration) {
    for (const auto end = std::chrono::steady_clock::now() + duration; std::chrono::steady_clock::now() < end;) {
      poll_all();
    }
  }
  /// Everything is given out, and nobody has two more than another.
  [[nodiscard]] bool is_even() const {
    std::size_t all = 0;
    std::size_t most = 0;
    for (const auto& one : held) {
      all += one->held().size();
      most = std::max(most, one->held().size());
    }
    return all == 9 && most == (9 + held.size() - 1) / held.size();
  }
  /// And all of them have a replica in its rack.
  [[nodiscard]] bool is_near() const {
    if (!is_even()) return false;
    for (std::size_t member = 0; member < members.size(); ++member) {
      for (const topic_partition& where : held[member]->held()) {
        const std::vector<std::int32_t>& on = nodes_of[static_cast<std::size_t>(where.partition)];
        const bool near = std::any_of(on.begin(), on.end(), [&](std::int32_t node) {
          return rack_names[static_cast<std::size_t>(node - 1)] == racks[member];
        });
        if (!near) return false;
      }
    }
    return true;
  }
  std::size_t joins() const {
    std::size_t count = 0;
    for (const recorded_request& one : cluster.requests()) count += one.key == api_key::join_group ? 1U : 0U;
    return count;
  }

  fake_cluster cluster;
  std::vector<std::vector<std::int32_t>> nodes_of;
  std::vector<std::string> racks;
  std::vector<std::unique_ptr<held_partitions>> held;
  std::vector<std::unique_ptr<consumer>> members;
};

TEST_CASE_METHOD(racks_fixture, "each member gets what is in its rack, and the group follows replicas that move") {
  const char* assignors = GENERATE("range", "cooperative-sticky");
  CAPTURE(assignors);
  create_topic();
  for (const std::string& rack : rack_names) add_member(assignors, rack);
  REQUIRE(until([&] { return is_near(); }));
  const std::set<topic_partition> before = held[0]->held();
  // The members in north and south change what they read; nobody else has to.
  for (const std::int32_t partition : {0, 1, 3, 4}) place(partition, {partition % 3 == 0 ? 2 : 1});
  REQUIRE_FALSE(is_near());
  REQUIRE(until([&] { return is_near(); }));
  REQUIRE(held[0]->held() != before);
  cluster.clear_requests();
  poll_for(300ms);
  REQUIRE(is_near());
  REQUIRE(joins() == 0);
}

TEST_CASE_METHOD(racks_fixture, "members come to where their rack's partitions are, one after the other") {
  create_topic();
  for (const std::string& rack : rack_names) {
    add_member("cooperative-sticky", rack);
    REQUIRE(until([&] { return is_even(); }));
  }
  REQUIRE(until([&] { return is_near(); }));
}

TEST_CASE_METHOD(racks_fixture, "a broker that is away for a while moves nothing, though it took its rack along") {
  create_topic(2);
  for (const std::string& rack : rack_names) add_member("range", rack);
  REQUIRE(until([&] { return is_even(); }));
  const std::set<topic_partition> before = held[0]->held();
  cluster.clear_requests();
  for (const std::int32_t node : {2, 3}) {
    cluster.stop_node(node);
    poll_for(200ms);
    cluster.start_node(node);
    poll_for(200ms);
  }
  REQUIRE(held[0]->held() == before);
  REQUIRE(joins() == 0);
}

TEST_CASE_METHOD(racks_fixture, "replicas that move to other racks are nothing to members without racks") {
  create_topic();
  for (std::size_t count = 0; count < rack_names.size(); ++count) add_member("range", "");
  REQUIRE(until([&] { return is_even(); }));
  cluster.clear_requests();
  place(0, {3});
  poll_for(300ms);
  REQUIRE(is_even());
  REQUIRE(joins() == 0);
}

TEST_CASE("members with racks divide as ever where no broker names its own") {
  racks_fixture group(racks_fixture::nodes_in({}));
  group.create_topic();
  for (const std::string& rack : rack_names) group.add_member("range", rack);
  REQUIRE(group.until([&] { return group.is_even(); }));
  for (const auto& one : group.held) {
    const std::int32_t first = one->held().begin()->partition;
    REQUIRE(one->held() == std::set<topic_partition>{{"t", first}, {"t", first + 1}, {"t", first + 2}});
  }
}

}  // namespace
}  // namespace kafka
