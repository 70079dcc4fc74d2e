// SPDX-License-Identifier: Apache-2.0
// A large group with the intervals that brokers and clients have by default comes to rest soon after its last member
// has joined.
#include <memory>

#include "support/client_fixtures.hpp"
#include "support/simulated_member.hpp"

namespace kafka::test {
namespace {

using namespace std::chrono_literals;

class large_group : public cluster_fixture {
 public:
  static constexpr std::int32_t partitions = 1000;
  static constexpr std::size_t members_count = 100;

  explicit large_group(consumer_config settings) : cluster_fixture(3), network(cluster), config(std::move(settings)) {
    config.group_id = std::string("g");
    create_topic("t", partitions, 1);
  }

  void add_member() {
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
