// SPDX-License-Identifier: Apache-2.0
// Transactions through the whole pure client against the fake cluster, in virtual time, of both versions (KIP-890).
#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
namespace call = transaction_call;

producer_config transactional(std::chrono::milliseconds timeout = 60s) {
  producer_config out;
  out.linger = 0ms;
  out.transactional_id = "mover";
  out.transaction_timeout = timeout;
  return out;
}

constexpr call::end commit{true, 0};
constexpr call::end abandon{false, 0};

/// With transactions of the first version (brokers before 4.0) or of the second.
class world : public test::producer_fixture {
 public:
  explicit world(const std::string& version, producer_config settings = transactional(), std::int32_t count = 3)
      : producer_fixture(std::move(settings), count, version) {
    create_topic("t", 2, static_cast<std::int16_t>(count));
  }
  /// Everything up to an open transaction.
  void open() {
    REQUIRE_FALSE(transact(call::init{}));
    REQUIRE_FALSE(transact(call::begin{}));
  }
  std::int32_t coordinator() { return cluster.state().coordinator(fake::coordinator_type::transaction, "mover"); }
};

const char* const both[] = {"3.9", "4.3"};
using lines = std::vector<std::string>;

/// Offsets in topic "in" for the group "readers".
call::send_offsets offsets(const std::vector<std::pair<std::int32_t, std::int64_t>>& positions,
                           const std::string& member = "", std::int32_t generation = -1) {
  call::send_offsets out;
  out.group.group_id = "readers";
  out.group.member_id = member;
  out.group.generation_id = generation;
  for (const auto& [partition, offset] : positions) {
    group_offset& one = out.offsets.emplace_back();
    one.partition.topic = "in";
    one.partition.partition = partition;
    one.offset = offset;
    one.metadata = "m";
  }
  return out;
}

TEST_CASE("what is committed is seen, what is aborted never is") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.open();
    self.send("t", "a", 0);
    self.send("t", "b", 1);
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.committed_values("t", 0) == lines{"a"});
    REQUIRE(self.committed_values("t", 1) == lines{"b"});
    REQUIRE_FALSE(self.transact(call::begin{}));
    self.send("t", "c", 0);
    REQUIRE(self.run_until_completed(3));
    REQUIRE_FALSE(self.transact(abandon));
    REQUIRE_FALSE(self.transact(call::begin{}));
    self.send("t", "d", 0);
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.values("t", 0).size() == 3);
    REQUIRE(self.committed_values("t", 0) == lines{"a", "d"});
  }
}

TEST_CASE("producing alone makes a partition part of a transaction of the second version") {
  world first("3.9");
  first.open();
  first.send("t", "a");
  REQUIRE_FALSE(first.transact(commit));
  REQUIRE(first.requests(api_key::add_partitions_to_txn) == 1);
  world second("4.3");
  second.open();
  second.send("t", "a");
  REQUIRE_FALSE(second.transact(commit));
  REQUIRE(second.requests(api_key::add_partitions_to_txn) == 0);
}

TEST_CASE("a transaction without a record ends without asking anybody") {
  for (const char* version : both) {
    world self(version);
    self.open();
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE_FALSE(self.transact(call::begin{}));
    REQUIRE_FALSE(self.transact(abandon));
    REQUIRE(self.requests(api_key::end_txn) == 0);
  }
}

TEST_CASE("calls out of order are refused and change nothing") {
  world self("4.3");
  REQUIRE(self.transact(call::begin{}) == client_errc::invalid_state);
  REQUIRE(self.transact(commit) == client_errc::invalid_state);
  self.open();
  REQUIRE(self.transact(call::begin{}) == client_errc::invalid_state);
  REQUIRE(self.transact(call::init{}) == client_errc::invalid_state);
  self.send("t", "a");
  REQUIRE_FALSE(self.transact(commit));
  REQUIRE(self.transact(abandon) == client_errc::invalid_state);
  REQUIRE(self.committed_values("t") == lines{"a"});
}

TEST_CASE("a record that fails for good can only be aborted with its transaction") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.open();
    self.send("t", "good", 0);
    REQUIRE(self.run_until_completed(1));
    self.cluster.control(
        api_key::produce,
        [](auto&) { return fake_verdict{fake_verdict::kind::fail, broker_errc::topic_authorization_failed, {}}; }, 1);
    self.send("t", "bad", 1);
    REQUIRE(self.run_until_completed(2));
    const error refused = self.transact(commit);
    REQUIRE(refused == broker_errc::topic_authorization_failed);
    REQUIRE(refused.severity() == error_class::abortable);
    REQUIRE_FALSE(self.transact(abandon));
    REQUIRE_FALSE(self.transact(call::begin{}));
    self.send("t", "next", 0);
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.committed_values("t", 0) == lines{"next"});
  }
}

TEST_CASE("a commit whose answer is lost is asked for again until its outcome is known") {
  using kind = fake_verdict::kind;
  for (const char* version : both) {
    for (const kind loss : {kind::drop_connection, kind::apply_then_drop, kind::swallow, kind::apply_then_swallow}) {
      INFO(version << " " << static_cast<int>(loss));
      world self(version);
      self.open();
      self.send("t", "a");
      self.cluster.control(api_key::end_txn, [loss](auto&) { return fake_verdict{loss, {}, {}}; }, 1);
      REQUIRE_FALSE(self.transact(commit, 120s));
      REQUIRE_FALSE(self.transact(call::begin{}));
      self.send("t", "b");
      REQUIRE_FALSE(self.transact(commit));
      REQUIRE(self.committed_values("t") == lines{"a", "b"});
    }
  }
}

TEST_CASE("a commit that timed out can only be asked for again") {
  world self("4.3");
  self.open();
  self.send("t", "a");
  const auto deaf = self.cluster.control(
      api_key::end_txn, [](auto&) { return fake_verdict{fake_verdict::kind::apply_then_swallow, {}, {}}; });
  REQUIRE(self.transact(commit, 5s) == client_errc::timed_out);
  REQUIRE(self.transact(abandon) == client_errc::invalid_state);
  REQUIRE(self.transact(call::begin{}) == client_errc::invalid_state);
  self.cluster.remove_control(deaf);
  REQUIRE_FALSE(self.transact(commit));
  REQUIRE(self.committed_values("t") == lines{"a"});
}

TEST_CASE("a commit that succeeded after its call had timed out is told so when it is asked for again") {
  for (const char* version : both) {
    world self(version);
    self.cluster.control(
        api_key::init_producer_id, [](auto&) { return fake_verdict{fake_verdict::kind::delay, {}, 4s}; }, 1);
    REQUIRE(self.transact(call::init{}, 2s) == client_errc::timed_out);
    self.client.run_for(5s);
    REQUIRE_FALSE(self.transact(call::init{}));
    REQUIRE(self.transact(call::init{}) == client_errc::invalid_state);
    REQUIRE_FALSE(self.transact(call::begin{}));
    self.send("t", "a");
    self.cluster.control(api_key::end_txn, [](auto&) { return fake_verdict{fake_verdict::kind::delay, {}, 4s}; }, 1);
    REQUIRE(self.transact(commit, 2s) == client_errc::timed_out);
    self.client.run_for(5s);
    REQUIRE(self.transact(abandon) == client_errc::invalid_state);
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.transact(commit) == client_errc::invalid_state);
    REQUIRE_FALSE(self.transact(call::begin{}));
    REQUIRE(self.committed_values("t") == lines{"a"});
  }
}

TEST_CASE("coordinators that move, load or are away only cost time") {
  for (const char* version : both) {
    for (const broker_errc code : {broker_errc::not_coordinator, broker_errc::coordinator_not_available,
                                   broker_errc::coordinator_load_in_progress, broker_errc::concurrent_transactions}) {
      INFO(version << " " << static_cast<int>(code));
      world self(version);
      for (const api_key key : {api_key::init_producer_id, api_key::add_partitions_to_txn, api_key::end_txn}) {
        self.cluster.control(key, [code](auto&) { return fake_verdict{fake_verdict::kind::fail, code, {}}; }, 3);
      }
      self.open();
      self.send("t", "a");
      REQUIRE_FALSE(self.transact(commit));
      REQUIRE(self.committed_values("t") == lines{"a"});
    }
    world self(version);
    self.open();
    self.send("t", "a");
    REQUIRE(self.run_until_completed(1));
    const std::int32_t before = self.coordinator();
    self.cluster.stop_node(before);
    self.cluster.state().set_coordinator("mover", before % 3 + 1);
    self.client.nudge();
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.committed_values("t") == lines{"a"});
  }
}

TEST_CASE("a later producer of the same name fences the earlier one for good") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.open();
    self.send("t", "old");
    REQUIRE(self.run_until_completed(1));

    core other(test::cluster_fixture::core_settings());
    accumulator records(self.config, self.pool, {[] {}, [&self] { return self.client.now().steady; }});
    other.add_producer(self.config, records, self.pool);
    test::simulated_client second(self.cluster, other);
    second.run_for(
        self.client.now().steady - second.now().steady > 0s
            ? std::chrono::duration_cast<std::chrono::milliseconds>(self.client.now().steady - second.now().steady)
            : 0ms);
    second.post(event::transaction_asked{1, call::init{}, second.now().steady + 60s});
    REQUIRE(second.run_until([&] { return second.count<action::complete_transaction_call>() == 1; }));
    REQUIRE_FALSE(second.take<action::complete_transaction_call>()[0].completed.failure);
    self.client.run_for(
        second.now().steady > self.client.now().steady
            ? std::chrono::duration_cast<std::chrono::milliseconds>(second.now().steady - self.client.now().steady)
            : 0ms);

    self.send("t", "too late");
    const error refused = self.transact(commit);
    REQUIRE(refused);
    if (refused.severity() != error_class::fatal) {
      const error ended = self.transact(abandon);
      REQUIRE(ended.severity() == error_class::fatal);
    }
    REQUIRE(self.transact(call::begin{}).severity() == error_class::fatal);
    REQUIRE(self.committed_values("t").empty());
  }
}

TEST_CASE(
    "a transaction that its coordinator ended by time is not seen, and the producer is told why it is at its end") {
  for (const char* version : both) {
    INFO(version);
    world self(version, transactional(10s));
    self.open();
    self.send("t", "too slow");
    REQUIRE(self.run_until_completed(1));
    self.client.run_for(15s);
    const error refused = self.transact(commit);
    INFO(refused.message());
    REQUIRE(refused.severity() != error_class::retriable);
    // Only the coordinator knows whether a later producer has come; as with Kafka's own client it says so of itself
    // too.
    const error ended = self.transact(abandon);
    INFO(ended.message());
    REQUIRE(ended.severity() == error_class::fatal);
    REQUIRE(refused.message().find("transaction.timeout.ms") != std::string::npos);
    REQUIRE(self.committed_values("t").empty());
  }
}

TEST_CASE("an abort gives up what is queued and waits for what is under way") {
  for (const char* version : both) {
    INFO(version);
    producer_config config = transactional();
    config.linger = 10s;
    world self(version, config);
    self.open();
    self.send("t", "sent", 0, true);
    self.send("t", "lingers", 1);
    REQUIRE_FALSE(self.transact(abandon));
    REQUIRE(self.completed().size() == 2);
    REQUIRE(self.records.buffered_bytes() == 0);
    REQUIRE_FALSE(self.transact(call::begin{}));
    self.send("t", "next", 1);
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.committed_values("t", 0).empty());
    REQUIRE(self.committed_values("t", 1) == lines{"next"});
  }
}

TEST_CASE("offsets of a group are committed with the transaction, or not at all") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.open();
    self.send("t", "a");
    self.create_topic("in", 5, 3);
    REQUIRE_FALSE(self.transact(offsets({{3, 42}, {4, 7}})));
    REQUIRE(self.cluster.state().offsets().find("readers", {"in", 3}) == nullptr);
    REQUIRE_FALSE(self.transact(commit));
    const auto* stored = self.cluster.state().offsets().find("readers", {"in", 3});
    REQUIRE(stored);
    REQUIRE(stored->offset == 42);
    REQUIRE(stored->metadata == "m");
    REQUIRE(self.cluster.state().offsets().find("readers", {"in", 4})->offset == 7);

    REQUIRE_FALSE(self.transact(call::begin{}));
    REQUIRE_FALSE(self.transact(offsets({{3, 50}})));
    REQUIRE_FALSE(self.transact(abandon));
    REQUIRE(self.cluster.state().offsets().find("readers", {"in", 3})->offset == 42);
  }
}

TEST_CASE("an answer that comes late is not taken for the answer to what was asked since") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.create_topic("in", 1, 3);
    self.open();
    self.cluster.control(
        api_key::txn_offset_commit, [](auto&) { return fake_verdict{fake_verdict::kind::apply_then_delay, {}, 3s}; },
        1);
    REQUIRE(self.transact(offsets({{0, 1}}), 2s) == client_errc::timed_out);
    REQUIRE_FALSE(self.transact(abandon));
    REQUIRE(self.requests(api_key::end_txn) == 1);
    REQUIRE_FALSE(self.transact(call::begin{}));
    REQUIRE_FALSE(self.transact(commit));
    REQUIRE(self.cluster.state().offsets().find("readers", {"in", 0}) == nullptr);
  }
}

TEST_CASE("a member that its group does not know may not commit offsets, and the transaction is aborted") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.create_topic("in", 1, 3);
    self.open();
    const error refused = self.transact(offsets({{0, 1}}, "gone", 5));
    REQUIRE(refused);
    REQUIRE(refused.severity() == error_class::abortable);
    REQUIRE(self.transact(commit).severity() == error_class::abortable);
    REQUIRE_FALSE(self.transact(abandon));
  }
}

TEST_CASE("records sent while the markers of the last transaction are being written wait for them") {
  for (const char* version : both) {
    INFO(version);
    world self(version);
    self.cluster.state().transactions().set_marker_delay(300ms);
    self.open();
    for (int round = 0; round < 3; ++round) {
      self.send("t", std::to_string(round));
      REQUIRE_FALSE(self.transact(commit));
      if (round < 2) REQUIRE_FALSE(self.transact(call::begin{}));
    }
    self.client.run_for(1s);
    REQUIRE(self.committed_values("t") == lines{"0", "1", "2"});
  }
}

TEST_CASE("without a transactional id there are no transactions") {
  world self("4.3", producer_config{});
  REQUIRE(self.transact(call::init{}) == client_errc::invalid_state);
}

TEST_CASE("a broker that knows no such producer ids ends the matter with a clear error") {
  world self("4.3");
  self.cluster.control(api_key::init_producer_id, [](auto&) {
    return fake_verdict{fake_verdict::kind::fail, broker_errc::transactional_id_authorization_failed, {}};
  });
  const error refused = self.transact(call::init{});
  REQUIRE(refused == broker_errc::transactional_id_authorization_failed);
  REQUIRE(refused.severity() == error_class::fatal);
  self.send("t", "never");
  REQUIRE(self.run_until_completed(1, 1s));
  REQUIRE(self.done[0].failure == broker_errc::transactional_id_authorization_failed);
  REQUIRE(self.done[0].failure.outcome() == write_outcome::not_written);
}

}  // namespace
}  // namespace kafka::client
