// SPDX-License-Identifier: Apache-2.0
// Groups and their offsets through kafka::admin and kafka::async::admin, over TCP against the fake cluster.
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <kafka/admin.hpp>
#include <kafka/async.hpp>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct fixture {
  fixture() : cluster({.nodes = 3, .broker_configs = {{"group.initial.rebalance.delay.ms", "10"}}}) {
    cluster.create_topic("t", 2);
    cluster.append("t", 0, {{-1, 1000, std::nullopt, "v", {}}});
  }
  /// A member that has its partitions.
  consumer member(std::optional<std::string> instance = {}) {
    consumer_config config;
    config.bootstrap_servers = cluster.bootstrap_servers();
    config.group_id = "g";
    config.group_instance_id = instance.value_or("");
    config.client_id = "reader";
    config.offset_reset = offset_reset::earliest;
    config.auto_commit = false;
    consumer out(config);
    out.subscribe({"t"});
    REQUIRE_FALSE(out.poll(20s).empty());
    return out;
  }

  fake_cluster cluster;
};

group_offset at(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  group_offset out;
  out.partition = {topic, partition};
  out.offset = offset;
  return out;
}

TEST_CASE_METHOD(fixture, "a group is listed, described and left alone while it has a member") {
  admin client({.bootstrap_servers = cluster.bootstrap_servers()});
  consumer reader = member();
  const group_list listed = client.list_groups({.states = {group_state::stable}});
  REQUIRE(listed.failures.empty());
  REQUIRE(listed.groups.size() == 1);
  REQUIRE(listed.groups[0].group_id == "g");
  REQUIRE(listed.groups[0].type == group_type::classic);
  const auto told = client.describe_groups({"g"});
  REQUIRE(told.at(0).coordinator.id == listed.groups[0].coordinator);
  REQUIRE(told[0].members.size() == 1);
  REQUIRE(told[0].members[0].client_id == "reader");
  REQUIRE(told[0].members[0].assignment == std::vector<topic_partition>{{"t", 0}, {"t", 1}});
  REQUIRE(client.alter_group_offsets("g", {at("t", 0, 1)}).at(0).failure == broker_errc::unknown_member_id);
  REQUIRE(client.delete_groups({"g"}).at(0).failure == broker_errc::non_empty_group);
}

TEST_CASE_METHOD(fixture, "a static member that is removed leaves an empty group, whose offsets can be changed") {
  admin client({.bootstrap_servers = cluster.bootstrap_servers()});
  {
    consumer reader = member("one");
    const auto removed = client.remove_group_members("g", {"one", "two"});
    REQUIRE_FALSE(removed.at(0).failure);
    REQUIRE(removed.at(1).failure == broker_errc::unknown_member_id);
    REQUIRE_FALSE(client.alter_group_offsets("g", {at("t", 0, 4), at("t", 1, 5)}).at(0).failure);
  }
  REQUIRE(cluster.committed_offset("g", "t", 0) == 4);
  REQUIRE_FALSE(client.delete_group_offsets("g", {{"t", 0}}).at(0).failure);
  const auto left = client.list_group_offsets({{"g", {}}, {"h", {}}});
  REQUIRE(left.at(0).offsets.size() == 1);
  REQUIRE(left[0].offsets[0].stored.partition == topic_partition{"t", 1});
  REQUIRE(left[0].offsets[0].stored.offset == 5);
  REQUIRE(left.at(1).offsets.empty());
  REQUIRE_FALSE(client.delete_groups({"g"}).at(0).failure);
  REQUIRE(client.list_groups().groups.empty());
}

TEST_CASE_METHOD(fixture, "the newest offset of committed records lies before a transaction that is open") {
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "open"});
  sender.init_transactions();
  sender.begin();
  sender.send({.topic = "t", .value = "v", .partition = 1});
  admin client({.bootstrap_servers = cluster.bootstrap_servers()});
  const std::vector<assignment> newest{{"t", 1, position::newest()}};
  REQUIRE(client.list_offsets(newest).at(0).offset == 1);
  REQUIRE(client.list_offsets(newest, true).at(0).offset == 0);
  sender.commit();
  REQUIRE(client.list_offsets(newest, true).at(0).offset == 2);  // behind the marker
}

TEST_CASE("a call about groups to nobody fails in its time, and after the end at once") {
  std::string nowhere;
  {
    fake_cluster gone;
    nowhere = gone.bootstrap_servers();
  }
  admin client({.bootstrap_servers = nowhere, .api_timeout = 300ms});
  REQUIRE_THROWS_AS(client.list_groups(), error);
  const auto told = client.describe_groups({"g"});  // its one item has the error
  REQUIRE(told.at(0).failure == client_errc::timed_out);
  REQUIRE(told.at(0).failure.message().find(nowhere) != std::string::npos);
  REQUIRE_FALSE(client.close());
  error failure;
  (void)client.delete_groups({"g"}, failure);
  REQUIRE(failure == client_errc::closed);
}

TEST_CASE_METHOD(fixture, "groups are managed with futures") {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::thread runner([&] { context.run(); });
  {
    async::admin client(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    const auto token = asio::use_future;
    REQUIRE_FALSE(client.async_alter_group_offsets("g", {at("t", 0, 3), at("t", 1, 4)}, token).get().at(0).failure);
    REQUIRE(client.async_list_groups({}, token).get().groups.at(0).state == group_state::empty);
    REQUIRE(client.async_describe_groups({"g"}, token).get().at(0).type == group_type::classic);
    REQUIRE_FALSE(client.async_delete_group_offsets("g", {{"t", 1}}, token).get().at(0).failure);
    const auto stored = client.async_list_group_offsets({{"g", {}}}, false, token).get();
    REQUIRE(stored.at(0).offsets.size() == 1);
    REQUIRE(stored[0].offsets[0].stored.offset == 3);
    REQUIRE(client.async_remove_group_members("g", {"one"}, token).get().at(0).failure ==
            broker_errc::unknown_member_id);
    REQUIRE_FALSE(client.async_delete_groups({"g"}, token).get().at(0).failure);
  }
  work.reset();
  runner.join();
}

}  // namespace
}  // namespace kafka
