// SPDX-License-Identifier: Apache-2.0
// A large group with the intervals that brokers and clients have by default comes to rest soon after its last member
// has joined.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/client_fixtures.hpp"
#include "support/simulated_member.hpp"

namespace kafka::test {
namespace {

using namespace std::chrono_literals;

class large_group : public cluster_fixture {
 public:
  static constexpr std::int32_t partitions = 1000;
  static constexpr std::size_t members_count = 100;

  explicit large_group(consumer_config settings, std::vector<std::string> in_racks = {})
      : cluster_fixture(three_nodes(in_racks)),
        network(cluster),
        config(std::move(settings)),
        racks(std::move(in_racks)) {
    config.group_id = std::string("g");
    create_topic("t", partitions, 1);
  }

  static fake_cluster_options three_nodes(const std::vector<std::string>& racks) {
    fake_cluster_options out = nodes(3);
    out.racks = racks;
    return out;
  }
  void add_member() {
    if (!racks.empty()) config.client_rack = racks[members.size() % racks.size()];
    const std::string name = "m" + std::to_string(members.size());
    members.push_back(std::make_unique<simulated_member>(network, config, 50 + members.size(), name));
    members.back()->subscribe({"t"});
    members.back()->poll();
  }
  void pass(std::chrono::milliseconds duration) {
    for (const steady_time end = network.now().steady + duration; network.now().steady < end;) {
      (void)network.run_until(
          [this] {
            for (const auto& one : members) one->service();
            return is_settled();
          },
          std::min<std::chrono::milliseconds>(
              500ms, std::chrono::ceil<std::chrono::milliseconds>(end - network.now().steady)));
      for (const auto& one : members) one->poll();
      if (is_settled() && members.size() == members_count) return;
    }
  }
  /// Every partition has one owner, who reads it, and all have as many.
  [[nodiscard]] bool is_settled() const {
    if (members.size() < members_count) return false;
    std::set<topic_partition> all;
    for (const auto& one : members) {
      if (one->owned().size() != partitions / members_count) return false;
      all.insert(one->owned().begin(), one->owned().end());
    }
    return all.size() == partitions;
  }
  /// Half of the members are there from the beginning, the others come one by one. How long after the last of them.
  std::chrono::milliseconds settle() {
    for (std::size_t count = 0; count < members_count / 2; ++count) add_member();
    pass(10s);
    while (members.size() < members_count) {
      add_member();
      pass(200ms);
    }
    const steady_time last = network.now().steady - 200ms;
    pass(60s);
    REQUIRE(is_settled());
    return std::chrono::duration_cast<std::chrono::milliseconds>(network.now().steady - last);
  }

  simulated_network network;
  consumer_config config;
  std::vector<std::string> racks;
  std::vector<std::unique_ptr<simulated_member>> members;
};

TEST_CASE("a classic group of a hundred comes to rest within three heartbeats of its last member's coming") {
  const char* assignors = GENERATE("range,cooperative-sticky", "cooperative-sticky");
  CAPTURE(assignors);
  consumer_config config;
  config.assignors = assignors;
  large_group group(config);
  const auto took = group.settle();
  CAPTURE(took.count());
  REQUIRE(took <= 3 * group.config.heartbeat_interval);
}

TEST_CASE("a classic group of a hundred in three racks comes to rest as soon, and reads nearly all within its racks") {
  consumer_config config;
  config.assignors = GENERATE("range", "cooperative-sticky");
  CAPTURE(config.assignors);
  large_group group(config, {"north", "south", "west"});
  const auto took = group.settle();
  CAPTURE(took.count());
  REQUIRE(took <= 3 * group.config.heartbeat_interval);
  std::size_t near = 0;
  for (std::size_t index = 0; index < group.members.size(); ++index) {
    for (const topic_partition& where : group.members[index]->owned()) {
      near += group.partition("t", where.partition).leader == static_cast<std::int32_t>(index % 3) + 1 ? 1U : 0U;
    }
  }
  // Of a hundred members 34 are in one rack, which has no more partitions than the others.
  REQUIRE(near >= 990);
}

TEST_CASE("a group of a hundred that its coordinator divides comes to rest within three heartbeats likewise") {
  consumer_config config;
  config.group_protocol = group_protocol::consumer;
  large_group group(config);
  const auto took = group.settle();
  CAPTURE(took.count());
  REQUIRE(took <= 3 * std::chrono::seconds(5));
}

}  // namespace
}  // namespace kafka::test
