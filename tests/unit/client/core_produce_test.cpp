// SPDX-License-Identifier: Apache-2.0
// Producing through the whole pure client against the fake cluster, in virtual time.
#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::producer_fixture;

producer_config with(acks wanted, std::chrono::milliseconds linger = 5ms) {
  producer_config out;
  out.acks = wanted;
  out.linger = linger;
  return out;
}

TEST_CASE_METHOD(producer_fixture, "a record is acknowledged with the offset that the log gave it") {
  create_topic("t");
  send("t", "a");
  REQUIRE(run_until_completed(1));
  send("t", "b");
  REQUIRE(run_until_completed(2));
  REQUIRE_FALSE(done[0].failure);
  REQUIRE(done[0].base_offset == 0);
  REQUIRE(done[1].base_offset == 1);
  REQUIRE(values("t") == std::vector<std::string>{"a", "b"});
}

TEST_CASE_METHOD(producer_fixture, "records that come within the linger time share a batch, and no longer") {
  create_topic("t");
  send("t", "warm up");
  REQUIRE(run_until_completed(1));
  send("t", "a");
  client.run_for(4ms);
  send("t", "b");
  REQUIRE(completed().size() == 1);
  client.run_for(1ms);
  REQUIRE(completed().size() == 2);
  REQUIRE(done[1].batch->sealed_bytes.header().record_count == 2);
}

TEST_CASE_METHOD(producer_fixture, "somebody who waits for a record does not wait for the linger time") {
  create_topic("t");
  send("t", "warm up");
  REQUIRE(run_until_completed(1));
  send("t", "a", 0, true);
  REQUIRE(completed().size() == 2);
}

TEST_CASE_METHOD(producer_fixture, "the first record of an unknown topic creates it and waits for its leader") {
  REQUIRE(send("new", "a") == accumulator::append_status::appended);
  REQUIRE(run_until_completed(1));
  REQUIRE_FALSE(done[0].failure);
  REQUIRE(values("new") == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(producer_fixture, "that no broker can be reached is reported, and that one can again") {
  client.refuse(2);
  send("new", "a");
  REQUIRE(run_until_completed(1));
  const auto reports = client.take<action::report_trouble>();
  REQUIRE(reports.size() >= 2);
  REQUIRE(reports.front().why == client_errc::connect_failed);
  REQUIRE(reports.front().why.message().find("127.0.0.1:9092") != std::string::npos);
  REQUIRE_FALSE(reports.back().why);
}

TEST_CASE("without acknowledgements a record is done when it is written") {
  producer_fixture self(with(acks::none));
  self.create_topic("t");
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  REQUIRE_FALSE(self.done[0].failure);
  REQUIRE(self.done[0].base_offset == -1);
  REQUIRE(self.values("t") == std::vector<std::string>{"a"});
}

TEST_CASE("batches of different partitions of one leader share a request") {
  producer_fixture self(with(acks::all));
  self.create_topic("t", 3);
  self.send("t", "warm up");
  REQUIRE(self.run_until_completed(1));
  const std::size_t before = self.requests(api_key::produce);
  for (std::int32_t partition = 0; partition < 3; ++partition) self.send("t", "v", partition);
  REQUIRE(self.run_until_completed(4));
  REQUIRE(self.requests(api_key::produce) == before + 1);
}

TEST_CASE("records follow a leader that moved, in order and without a second copy") {
  producer_fixture self(with(acks::all, 0ms), 2);
  self.create_topic("t", 1, 2);
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  auto& partition = self.partition("t");
  self.cluster.state().set_leader(partition, partition.leader == 1 ? 2 : 1);
  self.send("t", "b");
  self.send("t", "c");
  REQUIRE(self.run_until_completed(3));
  REQUIRE(self.values("t") == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("the leader that an answer names is used without asking for metadata") {
  producer_fixture self(with(acks::all, 0ms), 2);
  self.create_topic("t", 1, 2);
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  auto& partition = self.partition("t");
  self.cluster.state().set_leader(partition, partition.leader == 1 ? 2 : 1);
  self.cluster.control(api_key::metadata, [](auto&) { return fake_verdict{fake_verdict::kind::swallow, {}, {}}; });
  self.send("t", "b");
  REQUIRE(self.run_until_completed(2, 1s));
  REQUIRE_FALSE(self.done[1].failure);
}

TEST_CASE("a retriable error is retried after a back-off, with nothing overtaking") {
  producer_fixture self(with(acks::all, 0ms));
  self.create_topic("t");
  self.cluster.control(
      api_key::produce,
      [](auto&) { return fake_verdict{fake_verdict::kind::fail, broker_errc::not_enough_replicas, {}}; }, 3);
  self.send("t", "a");
  self.send("t", "b");
  REQUIRE(self.run_until_completed(2));
  REQUIRE(self.done[0].batch->attempts == 4);
  REQUIRE(self.values("t") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an error that no retry can cure fails the batch at once and names broker and request") {
  producer_fixture self(with(acks::all, 0ms));
  self.create_topic("t");
  self.cluster.control(api_key::produce, [](auto&) {
    return fake_verdict{fake_verdict::kind::fail, broker_errc::topic_authorization_failed, {}};
  });
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1, 1s));
  const error& failure = self.done[0].failure;
  REQUIRE(failure == broker_errc::topic_authorization_failed);
  REQUIRE(failure.outcome() == write_outcome::not_written);
  REQUIRE(failure.message().find("t-0") != std::string::npos);
  REQUIRE(failure.message().find("Produce to 127.0.0.1:9092 (id 1)") != std::string::npos);
}

TEST_CASE("a record that was never sent fails at its delivery time-out as certainly not written") {
  producer_fixture self;
  self.cluster.stop_node(1);
  self.send("t", "a");
  REQUIRE_FALSE(self.run_until_completed(1, 119s));
  REQUIRE(self.run_until_completed(1, 2s));
  const error& failure = self.done[0].failure;
  REQUIRE(failure == client_errc::timed_out);
  REQUIRE(failure.retriable());
  REQUIRE(failure.outcome() == write_outcome::not_written);
}

TEST_CASE("a record whose request was never answered fails as unknown, with the last error as its cause") {
  producer_config config = with(acks::all, 0ms);
  config.delivery_timeout = 20s;
  config.connection.request_timeout = 5s;
  producer_fixture self(config);
  self.create_topic("t");
  self.cluster.control(api_key::produce, [](auto&) { return fake_verdict{fake_verdict::kind::swallow, {}, {}}; });
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1, 21s));
  const error& failure = self.done[0].failure;
  INFO(failure.message());
  REQUIRE(failure.outcome() == write_outcome::unknown);
  REQUIRE(failure.message().find("Produce v") != std::string::npos);
}

TEST_CASE("what a broker wrote before its connection broke is sent again, never lost") {
  producer_fixture self(with(acks::all, 0ms));
  self.create_topic("t");
  self.cluster.control(
      api_key::produce, [](auto&) { return fake_verdict{fake_verdict::kind::apply_then_drop, {}, {}}; }, 1);
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  REQUIRE_FALSE(self.done[0].failure);
  REQUIRE(self.values("t") == std::vector<std::string>{"a"});
}

TEST_CASE("without idempotence a second copy is what at-least-once means") {
  producer_config config = with(acks::all, 0ms);
  config.idempotence = idempotence::off;
  producer_fixture self(config);
  self.create_topic("t");
  self.cluster.control(
      api_key::produce, [](auto&) { return fake_verdict{fake_verdict::kind::apply_then_drop, {}, {}}; }, 1);
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  REQUIRE_FALSE(self.done[0].failure);
  REQUIRE(self.values("t") == std::vector<std::string>{"a", "a"});
}

TEST_CASE("records wait for brokers that are gone for a minute, without a storm of connections") {
  producer_fixture self(with(acks::all, 0ms), 3);
  self.create_topic("t", 3, 3);
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  for (std::int32_t node = 1; node <= 3; ++node) self.cluster.stop_node(node);
  self.client.nudge();
  self.send("t", "b");
  const std::size_t before = self.client.opened();
  self.client.run_for(60s);
  // Three nodes and one bootstrap server on the control lane, about one attempt a second each.
  REQUIRE(self.client.opened() - before < 400);
  for (std::int32_t node = 1; node <= 3; ++node) self.cluster.start_node(node);
  REQUIRE(self.run_until_completed(2, 5s));
  REQUIRE_FALSE(self.done[1].failure);
}

TEST_CASE("a throttled client sends nothing until the time that the broker asked for has passed") {
  producer_fixture self(with(acks::all, 0ms));
  self.create_topic("t");
  self.cluster.control(
      api_key::produce,
      [](auto&) {
        return fake::verdict::edited<protocol::produce_response>(
            [](auto& response) { response.throttle_time_ms = 10'000; });
      },
      1);
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1));
  self.send("t", "b");
  self.client.run_for(9s);
  REQUIRE(self.completed().size() == 1);
  REQUIRE(self.run_until_completed(2, 2s));
}

TEST_CASE("a flush is over when every record sent before it is acknowledged") {
  producer_fixture self(with(acks::all, 10s));
  self.create_topic("t", 2);
  self.send("t", "a", 0);
  self.send("t", "b", 1);
  self.client.run_for(1s);
  REQUIRE(self.completed().empty());
  self.client.post(event::flush_requested{7});
  REQUIRE(self.client.run_until([&] { return self.client.count<action::complete_flush>() == 1; }, 1s));
  REQUIRE(self.completed().size() == 2);
  self.client.post(event::flush_requested{8});
  REQUIRE(self.client.count<action::complete_flush>() == 2);
}

TEST_CASE("the end of a client fails every record that is under way, once") {
  producer_fixture self(with(acks::all, 0ms));
  self.create_topic("t", 2);
  self.cluster.control(api_key::produce, [](auto&) { return fake_verdict{fake_verdict::kind::swallow, {}, {}}; });
  self.send("t", "sent", 0);
  self.client.run_for(100ms);
  self.send("t", "waiting", 0);
  self.client.post(event::closed{error(client_errc::closed)});
  REQUIRE(self.completed().size() == 2);
  REQUIRE(self.done[0].failure == client_errc::closed);
  REQUIRE(self.done[0].failure.outcome() == write_outcome::unknown);
  REQUIRE(self.done[1].failure.outcome() == write_outcome::not_written);
  REQUIRE(self.records.buffered_bytes() == 0);
}

TEST_CASE("a broker that leaves a partition out of its answer is not believed to have written it") {
  producer_fixture self(with(acks::all, 0ms));
  self.create_topic("t");
  self.cluster.control(api_key::produce, [](auto&) {
    return fake::verdict::edited<protocol::produce_response>([](auto& response) { response.responses.clear(); });
  });
  self.send("t", "a");
  REQUIRE(self.run_until_completed(1, 121s));
  REQUIRE(self.done[0].failure == client_errc::timed_out);
  REQUIRE(self.done[0].failure.message().find("no answer for the partition") != std::string::npos);
  REQUIRE(self.done[0].failure.outcome() == write_outcome::unknown);
}

TEST_CASE("an old broker is spoken to in its versions") {
  for (const char* version : {"2.1", "2.8", "3.9", "4.3"}) {
    INFO("broker " << version);
    producer_fixture self(with(acks::all, 0ms));
    for (auto& node : self.cluster.state().nodes()) REQUIRE(node.running);
    fake_cluster_options options = test::nodes(1);
    options.broker_version = version;
    fake::cluster old(options);
    core machine(test::cluster_fixture::core_settings());
    accumulator records(self.config, self.pool, {[] {}, [&self] { return self.client.now().steady; }});
    machine.add_producer(self.config, records, self.pool);
    test::simulated_client client(old, machine);
    message record;
    record.topic = "t";
    record.value = "v";
    REQUIRE(records.append(records.queue_of("t", 0), {&record, 1}, 1, nullptr, false).count == 1);
    client.post(event::tick{});
    REQUIRE(client.run_until([&] { return client.count<action::complete_batch>() == 1; }));
    REQUIRE_FALSE(client.take<action::complete_batch>()[0].completed.failure);
  }
}

TEST_CASE("the same events give the same actions, run after run") {
  std::vector<std::string> runs[2];
  for (auto& trace : runs) {
    producer_fixture self(with(acks::all, 0ms), 3);
    self.create_topic("t", 3, 3);
    self.client.refuse(2);
    for (std::int32_t index = 0; index < 30; ++index) {
      self.send("t", std::to_string(index), index % 3);
      self.client.run_for(37ms);
    }
    REQUIRE(self.run_until_completed(3));
    for (const recorded_request& one : self.cluster.requests()) {
      trace.push_back(std::string(to_string(one.key)) + " " + std::to_string(one.node) + " " +
                      std::to_string(one.arrived.time_since_epoch().count()));
    }
  }
  REQUIRE(runs[0] == runs[1]);
}

}  // namespace
}  // namespace kafka::client
