// SPDX-License-Identifier: Apache-2.0
// Consuming through the whole pure client against the fake cluster, in virtual time.
#include <algorithm>
#include <cstring>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::consumer_fixture;
using strings = std::vector<std::string>;

TEST_CASE_METHOD(consumer_fixture, "a consumer at the oldest record reads everything, then what comes") {
  create_topic("t");
  write("t", {"a", "b"});
  assign("t", position::oldest());
  REQUIRE(run_until_received(2));
  write("t", {"c"});
  REQUIRE(run_until_received(3, 1s));
  REQUIRE(received == strings{"a", "b", "c"});
  REQUIRE(end_offset == 3);
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(consumer_fixture, "a consumer at the newest record reads only what comes later") {
  create_topic("t");
  write("t", {"a", "b"});
  assign("t", position::newest());
  client.run_for(1s);
  write("t", {"c"});
  REQUIRE(run_until_received(1));
  REQUIRE(received == strings{"c"});
}

TEST_CASE_METHOD(consumer_fixture, "an offset in the middle of a batch skips the batch's earlier records") {
  create_topic("t");
  write("t", {"a", "b", "c"});
  assign("t", position::at(1));
  REQUIRE(run_until_received(2));
  REQUIRE(received == strings{"b", "c"});
}

TEST_CASE_METHOD(consumer_fixture, "a timestamp begins at the first record that is not older") {
  create_topic("t");
  write("t", {"old"}, 0, 1000);
  write("t", {"new"}, 0, 2000);
  assign("t", position::since(1500));
  REQUIRE(run_until_received(1));
  REQUIRE(received == strings{"new"});
}

TEST_CASE_METHOD(consumer_fixture, "a timestamp later than every record begins at the end") {
  create_topic("t");
  write("t", {"old"});
  assign("t", position::since(5000));
  client.run_for(1s);
  write("t", {"next"});
  REQUIRE(run_until_received(1));
  REQUIRE(received == strings{"next"});
}

TEST_CASE_METHOD(consumer_fixture, "a waiting fetch is answered as soon as a record is written, not polled for") {
  create_topic("t");
  assign("t", position::oldest());
  client.run_for(10s);
  // One long poll of half a second after the other.
  REQUIRE(requests(api_key::fetch) <= 22);
  write("t", {"a"});
  REQUIRE(values_received().size() == 1);
}

TEST_CASE_METHOD(consumer_fixture, "after a seek nothing of the old position arrives") {
  create_topic("t");
  write("t", {"a", "b", "c", "d"});
  assign("t", position::oldest());
  REQUIRE(run_until_received(4));
  received.clear();
  seek("t", position::at(2));
  write("t", {"e"});
  REQUIRE(run_until_received(3));
  REQUIRE(received == strings{"c", "d", "e"});
}

TEST_CASE_METHOD(consumer_fixture, "a paused partition is not fetched until it is resumed") {
  create_topic("t");
  assign("t", position::oldest());
  client.run_for(1s);
  client.post(event::partitions_paused{{{"t", 0}}, true});
  client.run_for(1s);
  const std::size_t before = requests(api_key::fetch);
  write("t", {"a"});
  client.run_for(5s);
  REQUIRE(requests(api_key::fetch) == before);
  client.post(event::partitions_paused{{{"t", 0}}, false});
  REQUIRE(run_until_received(1, 1s));
}

TEST_CASE("an offset outside the log is reset as configured, once") {
  for (const auto policy : {consumer_config::reset::earliest, consumer_config::reset::latest}) {
    consumer_config config;
    config.offset_reset = policy;
    consumer_fixture self(config);
    self.create_topic("t");
    self.write("t", {"a"});
    self.assign("t", position::at(100));
    self.client.run_for(1s);
    self.write("t", {"b"});
    const strings expected = policy == consumer_config::reset::earliest ? strings{"a", "b"} : strings{"b"};
    REQUIRE(self.run_until_received(expected.size()));
    REQUIRE(self.received == expected);
    REQUIRE(self.requests(api_key::list_offsets) == 1);
  }
}

TEST_CASE("without a reset policy an offset outside the log is an error, told once, until the user seeks") {
  consumer_config config;
  config.offset_reset = consumer_config::reset::none;
  consumer_fixture self(config);
  self.create_topic("t");
  self.write("t", {"a"});
  self.assign("t", position::at(100));
  self.client.run_for(10s);
  self.values_received();
  REQUIRE(self.failures.size() == 1);
  REQUIRE(self.failures[0] == client_errc::no_such_offset);
  REQUIRE(self.failures[0].message().find("t-0") != std::string::npos);
  self.seek("t", position::oldest());
  REQUIRE(self.run_until_received(1));
}

TEST_CASE("a consumer follows a leader that moved and skips nothing") {
  consumer_fixture self({}, 2);
  self.create_topic("t", 1, 2);
  self.write("t", {"a"});
  self.assign("t", position::oldest());
  REQUIRE(self.run_until_received(1));
  auto& partition = self.partition("t");
  self.cluster.state().set_leader(partition, partition.leader == 1 ? 2 : 1);
  self.write("t", {"b"});
  REQUIRE(self.run_until_received(2, 5s));
  REQUIRE(self.received == strings{"a", "b"});
}

TEST_CASE("a consumer goes on where it was after every broker was down for ten minutes") {
  consumer_fixture self({}, 2);
  self.create_topic("t", 1, 2);
  self.write("t", {"a"});
  self.assign("t", position::oldest());
  REQUIRE(self.run_until_received(1));
  for (std::int32_t node = 1; node <= 2; ++node) self.cluster.stop_node(node);
  self.client.nudge();
  self.client.run_for(10min);
  for (std::int32_t node = 1; node <= 2; ++node) self.cluster.start_node(node);
  self.write("t", {"b"});
  REQUIRE(self.run_until_received(2, 15s));
  REQUIRE(self.received == strings{"a", "b"});
}

TEST_CASE("fetching stops while the budget is used up and goes on when records are released") {
  consumer_config config;
  config.prefetch_bytes_max = 1;
  consumer_fixture self(config);
  self.keep = true;
  self.create_topic("t");
  self.write("t", {"a"});
  self.assign("t", position::oldest());
  REQUIRE(self.run_until_received(1));
  self.write("t", {"b"});
  self.client.run_for(5s);
  REQUIRE(self.values_received().size() == 1);
  self.charges.clear();
  self.client.post(event::tick{});
  REQUIRE(self.run_until_received(2, 1s));
}

TEST_CASE_METHOD(consumer_fixture, "a damaged batch is told with its offsets and stops the partition until a seek") {
  create_topic("t");
  write("t", {"a"});
  write("t", {"b"});
  write("t", {"c"});
  cluster.control(api_key::fetch, [](auto&) {
    return fake::verdict::edited<protocol::fetch_response>([](auto& response) {
      for (auto& topic : response.responses) {
        for (auto& partition : topic.partitions) {
          if (!partition.records) continue;
          const auto set = partition.records->span();
          unique_buffer copy(set.size());
          std::memcpy(copy.data(), set.data(), set.size());
          // Damages the batch of "b": the last byte of its value stands before the header count.
          for (std::size_t at = 61; at + 2 < set.size(); ++at) {
            if (copy.data()[at] == std::byte{'b'} && copy.data()[at - 1] == std::byte{2})
              copy.data()[at] = std::byte{'X'};
          }
          partition.records = std::move(copy).freeze(set.size());
        }
      }
    });
  });
  assign("t", position::oldest());
  client.run_for(10s);
  REQUIRE(values_received() == strings{"a"});
  REQUIRE(failures.size() == 1);
  REQUIRE(failures[0] == client_errc::corrupt_batch);
  REQUIRE(failures[0].message().find("offsets 1 to 1") != std::string::npos);
  seek("t", position::at(2));
  REQUIRE(run_until_received(2));
  REQUIRE(received == strings{"a", "c"});
}

TEST_CASE_METHOD(consumer_fixture, "a topic that may not be read is told again and again, slowly, and others go on") {
  create_topic("t");
  create_topic("u");
  write("u", {"a"});
  cluster.control(api_key::fetch, [](auto&) {
    return fake::verdict::edited<protocol::fetch_response>([](auto& response) {
      for (auto& topic : response.responses) {
        for (auto& partition : topic.partitions) {
          if (partition.records && !partition.records->empty()) continue;
          partition.error_code = static_cast<std::int16_t>(broker_errc::topic_authorization_failed);
        }
      }
    });
  });
  ++version;
  client.post(
      event::partitions_assigned{{{{"t", 0}, position::oldest(), version}, {{"u", 0}, position::oldest(), version}}});
  REQUIRE(run_until_received(1));
  client.run_for(10s);
  values_received();
  const auto told = std::count_if(failures.begin(), failures.end(), [](const error& one) {
    return one == broker_errc::topic_authorization_failed && one.message().find("t-0") != std::string::npos;
  });
  REQUIRE(told >= 5);
  REQUIRE(told <= 12);
}

TEST_CASE("many partitions of one leader share a fetch") {
  consumer_fixture self;
  self.create_topic("t", 10);
  std::vector<fetch_machine::assigned> all;
  ++self.version;
  for (std::int32_t index = 0; index < 10; ++index) all.push_back({{"t", index}, position::at(0), self.version});
  self.client.post(event::partitions_assigned{all});
  self.client.run_for(5s);
  REQUIRE(self.requests(api_key::fetch) <= 12);
}

TEST_CASE("a consumer reads from brokers of every version") {
  for (const char* version : {"2.1", "2.8", "3.9", "4.3"}) {
    INFO("broker " << version);
    fake_cluster_options options = test::nodes(1);
    options.broker_version = version;
    fake::cluster old(options);
    fake::topic_plan plan;
    plan.name = "t";
    plan.partitions = 1;
    REQUIRE_FALSE(old.state().create_topic(plan, false));
    buffer_pool pool;
    fake::partition_state& to = *old.state().find_topic("t")->find_partition(0);
    to.log.append(fake::make_batch({{-1, 1, std::nullopt, "a", {}}}, {}, pool).span(), 0, std::nullopt);
    to.log.set_high_watermark(1);
    core machine(test::cluster_fixture::core_settings(false));
    machine.add_consumer({}, std::make_shared<fetch_budget>(1U << 20U));
    test::simulated_client client(old, machine);
    client.post(event::partitions_assigned{{{{"t", 0}, position::oldest(), 1}}});
    REQUIRE(client.run_until([&] {
      for (const auto& one : client.take<action::deliver_fetched>()) {
        if (!one.result.batches.empty()) return true;
      }
      return false;
    }));
  }
}

}  // namespace
}  // namespace kafka::client
