// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/transaction_script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;

using names = std::vector<std::string>;

/// The ids that the only node lists.
names listed(script& cluster, const protocol::list_transactions_request& request, std::int16_t version = 2) {
  const auto answer = cluster.ask(cluster.connect(), request, version);
  CHECK(answer.error_code == 0);
  names out;
  for (const auto& one : answer.transaction_states) out.push_back(one.transactional_id);
  return out;
}

TEST_CASE("DescribeTransactions tells where a transaction stands") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 2);
  cluster.create_topic("u");
  cluster.core.state().transactions().set_marker_delay(100ms);
  transactional_producer producer(cluster, "tx");
  producer.begin();
  const auto describe = [&](const std::string& id = "tx") {
    const auto node = cluster.core.state().coordinator(coordinator_type::transaction, id);
    const auto answer = cluster.ask(cluster.connect(node), protocol::describe_transactions_request{{id}, {}});
    return answer.transaction_states.at(0);
  };
  const auto empty = describe();
  CHECK(empty.error_code == 0);
  CHECK(empty.transactional_id == "tx");
  CHECK(empty.transaction_state == "Empty");
  CHECK(empty.transaction_timeout_ms == 60'000);
  CHECK(empty.transaction_start_time_ms == -1);
  CHECK(empty.producer_id == producer.producer_id);
  CHECK(empty.producer_epoch == 0);
  const auto start = cluster.now.wall.time_since_epoch().count();
  REQUIRE(producer.produced("t", 1, {}, 1) == none);
  cluster.pass(1s);
  producer.sequence = 0;
  REQUIRE(producer.produced("u", 1) == none);
  REQUIRE(producer.produced("t", 1, 12, 0) == out_of_order_sequence_number);  // part of it nevertheless
  const auto ongoing = describe();
  CHECK(ongoing.transaction_state == "Ongoing");
  CHECK(ongoing.transaction_start_time_ms == start);
  REQUIRE(ongoing.topics.size() == 2);
  CHECK(ongoing.topics[0].topic == "t");
  CHECK(ongoing.topics[0].partitions == std::vector<std::int32_t>{0, 1});
  CHECK(ongoing.topics[1].topic == "u");
  REQUIRE(producer.end(true) == none);
  CHECK(describe().transaction_state == "PrepareCommit");
  cluster.pass(100ms);
  CHECK(describe().transaction_state == "CompleteCommit");
  CHECK(describe().topics.empty());
  CHECK(code_of(describe("nobody").error_code) == transactional_id_not_found);
  CHECK(code_of(describe("").error_code) == invalid_request);
  const auto elsewhere =
      cluster.ask(cluster.connect(3 - producer.coordinator()), protocol::describe_transactions_request{{"tx"}, {}});
  CHECK(code_of(elsewhere.transaction_states.at(0).error_code) == not_coordinator);
}

TEST_CASE("ListTransactions filters by state, producer, age and pattern") {
  script cluster;
  cluster.create_topic("t");
  transactional_producer open(cluster, "open");
  transactional_producer done(cluster, "done");
  open.begin();
  done.begin();
  REQUIRE(done.produced("t", 1) == none);
  REQUIRE(done.end(false) == none);
  cluster.pass(5s);
  REQUIRE(open.produced("t", 1) == none);
  cluster.pass(1s);
  for (std::int16_t version = 0; version <= 2; ++version) {
    CHECK(listed(cluster, {}, version) == names{"done", "open"});
    CHECK(listed(cluster, {.state_filters = {"Ongoing"}}, version) == names{"open"});
    CHECK(listed(cluster, {.producer_id_filters = {done.producer_id}}, version) == names{"done"});
  }
  CHECK(listed(cluster, {.duration_filter = 1000}) == names{"done"});
  CHECK(listed(cluster, {.duration_filter = 999}) == names{"done", "open"});
  CHECK(listed(cluster, {.transactional_id_pattern = "o.*"}) == names{"open"});
  CHECK(listed(cluster, {.transactional_id_pattern = "o"}).empty());
  const auto answer =
      cluster.ask(cluster.connect(), protocol::list_transactions_request{.state_filters = {"Odd", "Dead"}});
  CHECK(answer.unknown_state_filters == names{"Odd"});
  CHECK(answer.transaction_states.empty());
  const auto broken =
      cluster.ask(cluster.connect(), protocol::list_transactions_request{.transactional_id_pattern = "("});
  CHECK(code_of(broken.error_code) == invalid_regular_expression);
}

TEST_CASE("each node lists the transactions that it coordinates") {
  script cluster({.nodes = 3});
  std::size_t count = 0;
  for (int index = 0; index < 20; ++index) transactional_producer(cluster, "tx-" + std::to_string(index)).begin();
  for (std::int32_t node = 1; node <= 3; ++node) {
    for (const auto& one :
         cluster.ask(cluster.connect(node), protocol::list_transactions_request{}).transaction_states) {
      CHECK(cluster.core.state().coordinator(coordinator_type::transaction, one.transactional_id) == node);
      ++count;
    }
  }
  CHECK(count == 20);
}

TEST_CASE("DescribeProducers tells whose transactions are open") {
  script cluster({.nodes = 2});
  cluster.create_topic("t");
  cluster.append("t", {"plain"});
  transactional_producer producer(cluster, "tx");
  producer.begin();
  REQUIRE(producer.produced("t", 3) == none);
  const std::int32_t leader = cluster.partition("t").leader;
  const auto describe = [&](std::int32_t partition, std::int32_t node) {
    const protocol::describe_producers_request request{{{"t", {partition}, {}}}, {}};
    return cluster.ask(cluster.connect(node), request).topics.at(0).partitions.at(0);
  };
  const auto open = describe(0, leader);
  REQUIRE(open.active_producers.size() == 1);
  CHECK(open.active_producers[0].producer_id == producer.producer_id);
  CHECK(open.active_producers[0].producer_epoch == 0);
  CHECK(open.active_producers[0].last_sequence == 2);
  CHECK(open.active_producers[0].last_timestamp == 1'700'000'000'002);
  CHECK(open.active_producers[0].current_txn_start_offset == 1);
  REQUIRE(producer.end(true) == none);
  const auto decided = describe(0, leader);
  CHECK(decided.active_producers.at(0).producer_epoch == 1);
  CHECK(decided.active_producers.at(0).last_sequence == -1);
  CHECK(decided.active_producers.at(0).current_txn_start_offset == -1);
  CHECK(code_of(describe(5, leader).error_code) == unknown_topic_or_partition);
  CHECK(code_of(describe(0, 3 - leader).error_code) == not_leader_or_follower);
}

}  // namespace
}  // namespace kafka::fake
