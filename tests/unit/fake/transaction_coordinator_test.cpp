// SPDX-License-Identifier: Apache-2.0
#include "fake/transaction_coordinator.hpp"

#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using enum broker_errc;
using phase = transaction_phase;

/// The coordinator alone, with one topic of two partitions.
struct coordinator_script {
  coordinator_script() { cluster.create_topic("t", 2); }

  transaction_coordinator& machine() { return cluster.core.state().transactions(); }
  transaction& state() {
    transaction* found = machine().find("tx");
    REQUIRE(found);
    return *found;
  }
  producer_identity init(const std::optional<producer_identity>& expected = {},
                         std::chrono::milliseconds timeout = 60s) {
    return machine().init_producer("tx", timeout, expected, cluster.now);
  }
  broker_errc add(const producer_identity& who, std::int32_t partition = 0) {
    return machine().add("tx", who.producer_id, who.epoch, {.partitions = {{"t", partition}}}, cluster.now);
  }
  broker_errc verify(const producer_identity& who, std::int32_t partition = 0) {
    return machine().verify("tx", who.producer_id, who.epoch, {.partitions = {{"t", partition}}});
  }
  producer_identity end(const producer_identity& who, bool committed, bool bumps) {
    return machine().end("tx", who.producer_id, who.epoch, committed, bumps, cluster.now);
  }

  script cluster;
};

TEST_CASE("a transactional id gets a producer id once and a higher epoch each time") {
  coordinator_script test;
  const auto first = test.init();
  CHECK(first.code == none);
  CHECK(first.producer_id >= 0);
  CHECK(first.epoch == 0);
  CHECK(test.state().phase == phase::empty);
  const auto second = test.init();
  CHECK(second.producer_id == first.producer_id);
  CHECK(second.epoch == 1);
  CHECK(test.add(first) == producer_fenced);
  CHECK(test.add(second) == none);
  const auto other = test.machine().init_producer("other", 1s, {}, test.cluster.now);
  CHECK(other.producer_id != first.producer_id);
}

TEST_CASE("an empty id and a time-out that is too long are refused") {
  coordinator_script test;
  const auto code = [&](const std::string& id, std::chrono::milliseconds timeout) {
    return test.machine().init_producer(id, timeout, {}, test.cluster.now).code;
  };
  CHECK(code("", 1s) == invalid_request);
  CHECK(code("tx", 0s) == invalid_transaction_timeout);
  CHECK(code("tx", -1ms) == invalid_transaction_timeout);
  CHECK(code("tx", 900'001ms) == invalid_transaction_timeout);
  CHECK(code("tx", 900'000ms) == none);
}

TEST_CASE("a producer that names its epoch gets the next one, and the same again when it asks again") {
  coordinator_script test;
  const auto first = test.init();
  const auto second = test.init(first);
  CHECK(second.epoch == 1);
  // The answer was lost.
  CHECK(test.init(first).epoch == 1);
  CHECK(test.init(second).epoch == 2);
  CHECK(test.init(first).code == producer_fenced);
  CHECK(test.init(producer_identity{none, first.producer_id + 100, 2}).code == producer_fenced);
  // Another producer that knows nothing takes the id over: nothing may be asked again then.
  const auto third = test.init();
  CHECK(third.epoch == 3);
  CHECK(test.init(producer_identity{none, first.producer_id, 2}).code == producer_fenced);
}

TEST_CASE("when the epochs of an id are used up, another id begins") {
  coordinator_script test;
  const auto first = test.init();
  test.state().epoch = INT16_MAX - 1;
  const auto exhausted = producer_identity{none, first.producer_id, INT16_MAX - 1};
  const auto second = test.init(exhausted);
  CHECK(second.producer_id != first.producer_id);
  CHECK(second.epoch == 0);
  const auto again = test.init(exhausted);
  CHECK(again.producer_id == second.producer_id);
  CHECK(again.epoch == 0);
  test.state().epoch = INT16_MAX;
  const auto third = test.init();
  CHECK(third.producer_id != second.producer_id);
  CHECK(third.epoch == 0);
}

TEST_CASE("InitProducerId aborts an ongoing transaction first") {
  coordinator_script test;
  const auto first = test.init();
  REQUIRE(test.add(first) == none);
  test.machine().set_marker_delay(100ms);
  CHECK(test.init().code == concurrent_transactions);
  CHECK(test.state().phase == phase::prepare_abort);
  CHECK(test.init().code == concurrent_transactions);
  // The old producer is out from the first moment.
  CHECK(test.end(first, true, false).code == producer_fenced);
  test.cluster.pass(100ms);
  CHECK(test.state().phase == phase::complete_abort);
  const auto second = test.init();
  CHECK(second.code == none);
  CHECK(second.epoch == 2);
  CHECK(test.cluster.partition("t").log.end_offset() == 1);
}

TEST_CASE("before KIP-890 the end leaves the epoch, and the same end again is fine") {
  coordinator_script test;
  const auto who = test.init();
  CHECK(test.end(who, true, false).code == invalid_txn_state);
  CHECK(test.end(who, false, false).code == invalid_txn_state);
  for (const bool committed : {true, false}) {
    CAPTURE(committed);
    REQUIRE(test.add(who) == none);
    CHECK(test.verify(who) == none);
    CHECK(test.verify(who, 1) == transaction_abortable);
    CHECK(test.state().phase == phase::ongoing);
    const auto ended = test.end(who, committed, false);
    CHECK(ended.code == none);
    CHECK(ended.epoch == who.epoch);
    CHECK(test.state().phase == (committed ? phase::complete_commit : phase::complete_abort));
    CHECK(test.verify(who) == transaction_abortable);
    CHECK(test.end(who, committed, false).code == none);
    CHECK(test.end(who, !committed, false).code == invalid_txn_state);
  }
  CHECK(test.end({none, who.producer_id, 7}, true, false).code == producer_fenced);
  CHECK(test.end({none, who.producer_id + 1, 0}, true, false).code == invalid_producer_id_mapping);
  CHECK(test.machine().end("nobody", 1, 0, true, false, test.cluster.now).code == invalid_producer_id_mapping);
  CHECK(test.machine().end("", 1, 0, true, false, test.cluster.now).code == invalid_request);
}

TEST_CASE("since KIP-890 each end gives the next epoch, and gives it again to whoever asks again") {
  coordinator_script test;
  const auto first = test.init();
  REQUIRE(test.add(first) == none);
  const auto second = test.end(first, true, true);
  CHECK(second.code == none);
  CHECK(second.producer_id == first.producer_id);
  CHECK(second.epoch == 1);
  const auto again = test.end(first, true, true);
  CHECK(again.code == none);
  CHECK(again.epoch == 1);
  CHECK(test.end(first, false, true).code == invalid_txn_state);
  // With the new epoch it is another transaction, which has not begun.
  CHECK(test.end(second, true, true).code == invalid_txn_state);
  CHECK(test.add(first) == producer_fenced);
  REQUIRE(test.add(second) == none);
  CHECK(test.end(first, true, true).code == producer_fenced);
  CHECK(test.end(second, false, true).epoch == 2);
  CHECK(test.end(second, true, true).code == invalid_txn_state);
}

TEST_CASE("since KIP-890 a producer may abort what has not begun, which fences what is on its way") {
  coordinator_script test;
  const auto first = test.init();
  CHECK(test.end(first, true, true).code == invalid_txn_state);
  const auto second = test.end(first, false, true);
  CHECK(second.code == none);
  CHECK(second.epoch == 1);
  CHECK(test.state().phase == phase::complete_abort);
  CHECK(test.add(first) == producer_fenced);
  CHECK(test.end(second, false, true).epoch == 2);
}

TEST_CASE("an end without an epoch left gives a new id, and gives it again") {
  coordinator_script test;
  const auto first = test.init();
  test.state().epoch = INT16_MAX - 1;
  const producer_identity last{none, first.producer_id, INT16_MAX - 1};
  REQUIRE(test.add(last) == none);
  test.machine().set_marker_delay(50ms);
  const auto next = test.end(last, true, true);
  CHECK(next.code == none);
  CHECK(next.producer_id != first.producer_id);
  CHECK(next.epoch == 0);
  CHECK(test.add(next) == concurrent_transactions);
  CHECK(test.end(last, true, true).code == concurrent_transactions);
  test.cluster.pass(50ms);
  const auto again = test.end(last, true, true);
  CHECK(again.code == none);
  CHECK(again.producer_id == next.producer_id);
  CHECK(again.epoch == 0);
  CHECK(test.add(last) == invalid_producer_id_mapping);
  CHECK(test.add(next) == none);
  // The marker has the highest epoch of the old id: nothing of it is taken any more.
  CHECK(test.cluster.partition("t").producers.epoch_of(first.producer_id) == INT16_MAX);
}

TEST_CASE("while markers are on their way everything waits") {
  coordinator_script test;
  const auto who = test.init();
  REQUIRE(test.add(who) == none);
  test.machine().set_marker_delay(100ms);
  CHECK(test.end(who, true, false).code == none);
  CHECK(test.cluster.partition("t").log.end_offset() == 0);
  CHECK(test.add(who) == concurrent_transactions);
  CHECK(test.verify(who) == concurrent_transactions);
  CHECK(test.end(who, true, false).code == concurrent_transactions);
  CHECK(test.init().code == concurrent_transactions);
  test.cluster.pass(99ms);
  CHECK(test.add(who) == concurrent_transactions);
  CHECK(test.cluster.core.deadline() == test.cluster.now.steady + 1ms);
  test.cluster.pass(1ms);
  CHECK(test.cluster.partition("t").log.end_offset() == 1);
  CHECK(test.add(who) == none);
}

TEST_CASE("a transaction that takes too long is aborted, and its producer fenced") {
  coordinator_script test;
  const auto who = test.init({}, 5s);
  REQUIRE(test.add(who) == none);
  test.cluster.pass(1s);
  REQUIRE(test.add(who, 1) == none);
  CHECK(test.cluster.core.deadline() == test.cluster.now.steady + 4s);
  test.cluster.pass(3999ms);
  CHECK(test.state().phase == phase::ongoing);
  test.cluster.pass(1ms);
  CHECK(test.state().phase == phase::complete_abort);
  CHECK(test.state().epoch == 1);
  CHECK(test.cluster.partition("t").log.end_offset() == 1);
  CHECK(test.cluster.partition("t", 1).log.end_offset() == 1);
  CHECK(test.add(who) == producer_fenced);
  CHECK(test.end(who, true, false).code == producer_fenced);
  CHECK(test.cluster.core.deadline() == never);
  CHECK(test.init().epoch == 2);
}

TEST_CASE("markers wait for a partition that nobody leads") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 2);
  auto& machine = cluster.core.state().transactions();
  const auto who = machine.init_producer("tx", 60s, {}, cluster.now);
  REQUIRE(machine.add("tx", who.producer_id, who.epoch, {.partitions = {{"t", 0}, {"t", 1}, {"gone", 0}}},
                      cluster.now) == none);
  const std::int32_t node = cluster.partition("t").leader;
  cluster.core.stop_node(node);
  CHECK(machine.end("tx", who.producer_id, who.epoch, true, false, cluster.now).code == none);
  cluster.pass(1min);
  CHECK(machine.find("tx")->phase == phase::prepare_commit);
  CHECK(cluster.partition("t", 1).log.end_offset() == 1);
  cluster.core.start_node(node);
  cluster.settle();
  CHECK(machine.find("tx")->phase == phase::complete_commit);
  CHECK(cluster.partition("t").log.end_offset() == 1);
  CHECK(cluster.partition("t", 1).log.end_offset() == 1);
}

TEST_CASE("markers do not wait for a topic that is deleted") {
  script cluster({.nodes = 2});
  cluster.create_topic("t");
  auto& machine = cluster.core.state().transactions();
  const auto who = machine.init_producer("tx", 60s, {}, cluster.now);
  REQUIRE(machine.add("tx", who.producer_id, who.epoch, {.partitions = {{"t", 0}}}, cluster.now) == none);
  cluster.core.stop_node(cluster.partition("t").leader);
  REQUIRE(machine.end("tx", who.producer_id, who.epoch, true, false, cluster.now).code == none);
  CHECK(machine.find("tx")->phase == phase::prepare_commit);
  cluster.core.state().delete_topic("t");
  cluster.settle();
  CHECK(machine.find("tx")->phase == phase::complete_commit);
}

TEST_CASE("a test chooses what the next InitProducerId gives") {
  coordinator_script test;
  (void)test.init();
  test.cluster.core.state().choose_producer(77, 32'000);
  const auto chosen = test.init();
  CHECK(chosen.producer_id == 77);
  CHECK(chosen.epoch == 32'000);
  CHECK(test.init().epoch == 32'001);
}

}  // namespace
}  // namespace kafka::fake
