// SPDX-License-Identifier: Apache-2.0
// Admin calls through the whole pure client against the fake cluster, in virtual time.
#include <set>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::admin_fixture;
using strings = std::vector<std::string>;
using topic_results = std::vector<topic_result>;

TEST_CASE_METHOD(admin_fixture, "topics are listed by name, in order") {
  create_topic("b");
  create_topic("a");
  REQUIRE(get<strings>(admin_call::list_topics{}) == strings{"a", "b"});
}

TEST_CASE("a topic is created with its partitions and can be used when the call returns") {
  admin_fixture self(3);
  const auto results = self.get<topic_results>(
      admin_call::create_topics{{{.name = "t", .partitions = 4, .replication_factor = 2}}, false});
  REQUIRE(results.size() == 1);
  REQUIRE_FALSE(results[0].failure);
  const auto told = self.get<std::vector<topic_description>>(admin_call::describe_topics{{"t"}});
  REQUIRE(told[0].partitions.size() == 4);
  for (const partition_description& partition : told[0].partitions) {
    REQUIRE(partition.leader > 0);
    REQUIRE(partition.replicas.size() == 2);
    REQUIRE(partition.in_sync_replicas.size() == 2);
  }
}

TEST_CASE_METHOD(admin_fixture, "each of several topics has an outcome of its own") {
  create_topic("there");
  const auto results = get<topic_results>(admin_call::create_topics{
      {{.name = "there", .partitions = 1}, {.name = "new", .partitions = 1}, {.name = "bad/name"}}, false});
  REQUIRE(results[0].failure == broker_errc::topic_already_exists);
  REQUIRE_FALSE(results[1].failure);
  REQUIRE(results[2].failure == broker_errc::invalid_topic_exception);
  for (const std::string part : {"CreateTopics", "127.0.0.1:9092", "topic there"}) {
    INFO(part);
    REQUIRE(results[0].failure.message().find(part) != std::string::npos);
  }
}

TEST_CASE_METHOD(admin_fixture, "a call that only validates changes nothing") {
  const auto results = get<topic_results>(admin_call::create_topics{{{.name = "t", .partitions = 1}}, true});
  REQUIRE_FALSE(results[0].failure);
  REQUIRE(get<strings>(admin_call::list_topics{}).empty());
}

TEST_CASE_METHOD(admin_fixture, "a deleted topic is gone when the call returns, and one that never was is told") {
  create_topic("t");
  const auto results = get<topic_results>(admin_call::delete_topics{{"t", "never"}});
  REQUIRE_FALSE(results[0].failure);
  REQUIRE(results[1].failure == broker_errc::unknown_topic_or_partition);
  REQUIRE(get<strings>(admin_call::list_topics{}).empty());
}

TEST_CASE_METHOD(admin_fixture, "a topic that does not exist is described as that and not created") {
  const auto told = get<std::vector<topic_description>>(admin_call::describe_topics{{"t"}});
  REQUIRE(told[0].name == "t");
  REQUIRE(told[0].failure == broker_errc::unknown_topic_or_partition);
  REQUIRE(told[0].failure.message().find("for topic t") != std::string::npos);
  REQUIRE(get<strings>(admin_call::list_topics{}).empty());
}

TEST_CASE("changes go to the controller, wherever it is by now") {
  admin_fixture self(3);
  self.cluster.control(
      api_key::create_topics,
      [](auto&) { return fake_verdict{fake_verdict::kind::fail, broker_errc::not_controller, {}}; }, 2);
  const auto results = self.get<topic_results>(admin_call::create_topics{{{.name = "t", .partitions = 1}}, false});
  REQUIRE_FALSE(results[0].failure);
  REQUIRE(self.requests(api_key::create_topics) == 3);
}

TEST_CASE("offsets are asked of each partition's leader, several questions about one partition too") {
  admin_fixture self(3);
  self.create_topic("t", 6, 1);
  for (std::int32_t index = 0; index < 6; ++index) {
    auto& to = self.partition("t", index);
    for (std::int32_t count = 0; count <= index; ++count) {
      to.log.append(fake::make_batch({{-1, 1000 + count, std::nullopt, "v", {}}}, {}, self.pool).span(),
                    to.leader_epoch, std::nullopt);
    }
    to.log.set_high_watermark(to.log.end_offset());
  }
  std::vector<assignment> queries;
  for (std::int32_t index = 0; index < 6; ++index) {
    queries.push_back({"t", index, position::oldest()});
    queries.push_back({"t", index, position::newest()});
    queries.push_back({"t", index, position::since(1002)});
    queries.push_back({"t", index, position::at(77)});
  }
  const auto results = self.get<std::vector<offset_result>>(admin_call::list_offsets{queries});
  for (std::int32_t index = 0; index < 6; ++index) {
    const auto at = static_cast<std::size_t>(index) * 4;
    INFO("partition " << index);
    for (std::size_t query = 0; query < 4; ++query) REQUIRE_FALSE(results[at + query].failure);
    REQUIRE(results[at].offset == 0);
    REQUIRE(results[at + 1].offset == index + 1);
    REQUIRE(results[at + 2].offset == (index >= 2 ? 2 : -1));
    REQUIRE(results[at + 3].offset == 77);
  }
}

TEST_CASE_METHOD(admin_fixture, "offsets of what does not exist are errors of those items alone") {
  create_topic("t");
  const auto results = get<std::vector<offset_result>>(admin_call::list_offsets{
      {{"t", 0, position::newest()}, {"t", 5, position::newest()}, {"no", 0, position::newest()}}});
  REQUIRE_FALSE(results[0].failure);
  REQUIRE(results[1].failure == broker_errc::unknown_topic_or_partition);
  REQUIRE(results[2].failure == broker_errc::unknown_topic_or_partition);
}

TEST_CASE_METHOD(admin_fixture, "a retriable error of one partition is asked again until it is cured") {
  create_topic("t");
  cluster.control(
      api_key::list_offsets,
      [](auto&) { return fake_verdict{fake_verdict::kind::fail, broker_errc::leader_not_available, {}}; }, 3);
  const auto results = get<std::vector<offset_result>>(admin_call::list_offsets{{{"t", 0, position::newest()}}});
  REQUIRE_FALSE(results[0].failure);
  REQUIRE(requests(api_key::list_offsets) == 4);
}

TEST_CASE_METHOD(admin_fixture, "a call to a cluster that cannot be reached ends at its deadline and says why") {
  cluster.stop_node(1);
  const auto done = call(admin_call::list_topics{}, 10s);
  REQUIRE(done.failure == client_errc::timed_out);
  INFO(done.failure.message());
  REQUIRE(done.failure.message().find("127.0.0.1:9092") != std::string::npos);
  REQUIRE(done.failure.message().find("refused") != std::string::npos);
}

TEST_CASE_METHOD(admin_fixture, "the brokers of a cluster are described") {
  const auto told = get<cluster_description>(admin_call::describe_cluster{});
  REQUIRE_FALSE(told.cluster_id.empty());
  REQUIRE(told.controller == 1);
  REQUIRE(told.brokers.size() == 1);
  REQUIRE(told.brokers[0].port == 9092);
}

TEST_CASE_METHOD(admin_fixture, "an idle connection is closed after nine minutes and opened again when it is needed") {
  (void)get<strings>(admin_call::list_topics{});
  REQUIRE(client.open() == 1);
  client.run_for(8min);
  REQUIRE(client.open() == 1);
  client.run_for(2min);
  REQUIRE(client.open() == 0);
  REQUIRE(client.log().empty());
  REQUIRE(get<strings>(admin_call::list_topics{}).empty());
}

}  // namespace
}  // namespace kafka::client
