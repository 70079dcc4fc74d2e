// SPDX-License-Identifier: Apache-2.0
#include "unit/fake/transaction_script.hpp"

namespace kafka::fake {
namespace {

TEST_CASE("InitProducerId gives every caller another id, and a transactional one the same with a higher epoch") {
  script cluster({.nodes = 2});
  const auto client = cluster.connect(cluster.core.state().coordinator(coordinator_type::transaction, "tx"));
  protocol::init_producer_id_request request;
  request.transactional_id.reset();
  for (std::int16_t version = 0; version <= 5; ++version) {
    const auto first = cluster.ask(client, request, version);
    const auto second = cluster.ask(client, request, version);
    CHECK(first.error_code == 0);
    CHECK(first.producer_epoch == 0);
    CHECK(second.producer_id == first.producer_id + 1);
  }
  request.transactional_id = "tx";
  CHECK(code_of(cluster.ask(client, request).error_code) == broker_errc::invalid_transaction_timeout);
  request.transaction_timeout_ms = 60'000;
  const auto first = cluster.ask(client, request);
  auto second = cluster.ask(client, request);
  CHECK(first.producer_epoch == 0);
  CHECK(second.producer_id == first.producer_id);
  CHECK(second.producer_epoch == 1);
  request.producer_id = first.producer_id;
  request.producer_epoch = 0;
  CHECK(code_of(cluster.ask(client, request, 5).error_code) == broker_errc::producer_fenced);
  CHECK(code_of(cluster.ask(client, request, 3).error_code) == broker_errc::invalid_producer_epoch);
  request.producer_epoch = 1;
  CHECK(cluster.ask(client, request).producer_epoch == 2);
  request.producer_epoch = -1;
  CHECK(code_of(cluster.ask(client, request).error_code) == broker_errc::invalid_request);
  request = {};
  CHECK(code_of(cluster.ask(client, request).error_code) == broker_errc::invalid_request);
  request.transactional_id = "tx";
  const std::int32_t wrong = 3 - cluster.core.state().coordinator(coordinator_type::transaction, "tx");
  CHECK(code_of(cluster.ask(cluster.connect(wrong), request).error_code) == broker_errc::not_coordinator);
}

TEST_CASE("an idempotent producer that names what it has gets a new id nevertheless") {
  script cluster;
  const auto client = cluster.connect();
  protocol::init_producer_id_request request;
  request.transactional_id.reset();
  const auto first = cluster.ask(client, request);
  request.producer_id = first.producer_id;
  request.producer_epoch = first.producer_epoch;
  const auto second = cluster.ask(client, request);
  CHECK(second.error_code == 0);
  CHECK(second.producer_id != first.producer_id);
  CHECK(second.producer_epoch == 0);
  cluster.core.state().choose_producer(5, INT16_MAX);
  const auto chosen = cluster.ask(client, request);
  CHECK(chosen.producer_id == 5);
  CHECK(chosen.producer_epoch == INT16_MAX);
  CHECK(cluster.ask(client, request).producer_epoch == 0);
}

TEST_CASE("a retried bump gives the same epoch in every version that knows it") {
  for (std::int16_t version = 3; version <= 5; ++version) {
    CAPTURE(version);
    script cluster;
    transactional_producer producer(cluster, "tx");
    producer.begin();
    CHECK(producer.init(true, version).producer_epoch == 1);
    CHECK(producer.init(true, version).producer_epoch == 1);
    producer.epoch = 1;
    CHECK(producer.init(true, version).producer_epoch == 2);
    producer.epoch = 0;
    CHECK(code_of(producer.init(true, version).error_code) ==
          (version >= 4 ? broker_errc::producer_fenced : broker_errc::invalid_producer_epoch));
  }
}

TEST_CASE("InitProducerId is told to come again until the ongoing transaction is aborted") {
  script cluster;
  cluster.create_topic("t");
  cluster.core.state().transactions().set_marker_delay(200ms);
  transactional_producer producer(cluster, "tx");
  producer.begin();
  REQUIRE(producer.produced("t", 3) == broker_errc::none);
  transactional_producer successor(cluster, "tx");
  CHECK(code_of(successor.init().error_code) == broker_errc::concurrent_transactions);
  cluster.pass(199ms);
  const auto refused = successor.init();
  CHECK(code_of(refused.error_code) == broker_errc::concurrent_transactions);
  CHECK(refused.producer_id == -1);
  CHECK(refused.producer_epoch == -1);
  cluster.pass(1ms);
  successor.begin();
  CHECK(successor.epoch == 2);
  CHECK(producer.produced("t", 3) == broker_errc::invalid_producer_epoch);
  CHECK(successor.produced("t", 1) == broker_errc::none);
}

}  // namespace
}  // namespace kafka::fake
