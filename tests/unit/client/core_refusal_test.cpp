// SPDX-License-Identifier: Apache-2.0
// What brokers refuse, and what becomes of it, through the whole pure client in virtual time.
#include "unit/client/watched_producer.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::watched_producer;
using kind = fake_verdict::kind;
using lines = std::vector<std::string>;

/// Batches that gather whatever comes within the linger time.
producer_config gathering(std::chrono::milliseconds linger = 20ms) {
  producer_config out;
  out.linger = linger;
  out.on_delivery = [](const delivery_batch&) {};
  return out;
}

void create_with(watched_producer& self, const std::string& key, const std::string& value) {
  fake::topic_plan plan;
  plan.name = "t";
  plan.partitions = 1;
  plan.replication_factor = 1;
  plan.configs = {{key, value}};
  REQUIRE_FALSE(self.cluster.state().create_topic(plan, false));
}

lines numbered(int count, const std::string& prefix = "r") {
  lines out;
  for (int index = 0; index < count; ++index) out.emplace_back(prefix) += std::to_string(index);
  return out;
}

TEST_CASE("a topic that metadata lose for half a minute keeps its records and their sequence") {
  for (const auto code : {broker_errc::unknown_topic_or_partition, broker_errc::leader_not_available}) {
    INFO(broker_error_name(code));
    watched_producer self;
    self.create_topic("t");
    self.acknowledge_one("first");
    const auto hidden = self.cluster.control(api_key::metadata, [code](fake::call&) {
      return fake::verdict::edited<protocol::metadata_response>([code](auto& response) {
        for (auto& topic : response.topics) {
          topic.error_code = static_cast<std::int16_t>(code);
          topic.partitions.clear();
        }
      });
    });
    self.misfortune("a", {fake_verdict{kind::fail, broker_errc::not_leader_or_follower, {}}}, 1000);
    self.send_together({"a", "b", "c"});
    self.client.run_for(30s);
    REQUIRE(self.completed().size() == 1);
    REQUIRE(self.requests(api_key::metadata) < 80);
    self.cluster.remove_all_controls();
    (void)hidden;
    REQUIRE(self.run_until_completed(4, 5s));
    self.verify(4);
    REQUIRE(self.log_names() == lines{"first", "a", "b", "c"});
    REQUIRE(self.epochs() == std::set<std::int16_t>{0});
    REQUIRE(self.requests(api_key::init_producer_id) == 1);
  }
}

TEST_CASE("an error after the append is no failure: sent again, the batch is known and its offset told") {
  for (const auto code : {broker_errc::request_timed_out, broker_errc::not_enough_replicas_after_append,
                          broker_errc::kafka_storage_error, broker_errc::unknown_server_error}) {
    INFO(broker_error_name(code));
    watched_producer self;
    self.create_topic("t");
    self.acknowledge_one("first");
    self.misfortune("a", kind::apply_then_fail, code);
    self.send_together({"a", "b"});
    REQUIRE(self.run_until_completed(3));
    self.verify(3);
    const completed_batch& late = self.done[2];  // the one behind it was answered first
    REQUIRE(watched_producer::name_of(test::values_of(*late.batch).at(0)) == "a");
    REQUIRE(late.base_offset == 1);
    REQUIRE(late.batch->attempts == 2);
    REQUIRE_FALSE(self.numbers_reused());
    REQUIRE(self.epochs() == std::set<std::int16_t>{0});
  }
}

TEST_CASE("without a retry an error after the append leaves the outcome open, whatever is in the log") {
  for (const auto code : {broker_errc::request_timed_out, broker_errc::not_enough_replicas_after_append}) {
    for (const kind what : {kind::apply_then_fail, kind::fail}) {
      INFO(broker_error_name(code));
      producer_config config = watched_producer::one_record_a_batch();
      config.retries = 0;
      watched_producer self(config);
      self.create_topic("t");
      self.acknowledge_one("first");
      self.misfortune("a", what, code);
      self.send_together({"a"});
      REQUIRE(self.run_until_completed(2));
      REQUIRE(self.done[1].failure == code);
      REQUIRE(self.done[1].failure.outcome() == write_outcome::unknown);
      REQUIRE(self.done[1].batch->attempts == 1);
      self.acknowledge_one("next");
      self.verify(2);
      REQUIRE(self.sent.back().header.producer_epoch == 1);  // nobody knows which number is next under the old one
      REQUIRE_FALSE(self.numbers_reused());
    }
  }
}

TEST_CASE("without a retry a refusal is certain, and the epoch goes on") {
  producer_config config = watched_producer::one_record_a_batch();
  config.retries = 0;
  watched_producer self(config);
  self.create_topic("t");
  self.acknowledge_one("first");
  self.misfortune("a", kind::fail, broker_errc::not_enough_replicas);
  self.send_together({"a"});
  REQUIRE(self.run_until_completed(2));
  REQUIRE(self.done[1].failure == broker_errc::not_enough_replicas);
  REQUIRE(self.done[1].failure.outcome() == write_outcome::not_written);
  self.acknowledge_one("next");
  self.verify(2);
  REQUIRE(self.sent.back().sequence() == 1);
  REQUIRE(self.epochs() == std::set<std::int16_t>{0});
}

TEST_CASE("a batch that is too large is split until its parts fit, and the order stays") {
  for (const auto codec : {compression::none, compression::lz4}) {
    if (!protocol::compression_supported(codec)) continue;
    producer_config config = gathering();
    config.compression = codec;
    watched_producer self(config);
    create_with(self, "max.message.bytes", codec == compression::none ? "1000" : "150");
    self.send_together({"first"});
    self.client.run_for(1s);
    self.send_together(numbered(40));
    self.client.run_for(5ms);
    self.send_together(numbered(5, "later"));
    REQUIRE(self.client.run_until(
        [&] {
          std::int32_t told = 0;
          for (const auto& one : self.completed()) told += one.batch->record_count();
          return told == 46;
        },
        20s));
    self.verify(46);
    REQUIRE(self.sent.size() > 10);
    REQUIRE(self.epochs() == std::set<std::int16_t>{0});
    REQUIRE(self.records.buffered_bytes() == 0);
    REQUIRE(self.records.oldest_batch_id() == self.records.next_batch_id());
    // Batches are closed earlier from then on, but not below 16 KiB.
    self.send_together(numbered(3, "after"));
    REQUIRE(self.client.run_until([&] { return self.log_names().size() == 49; }, 5s));
  }
}

TEST_CASE("a batch of unknown fate is not split when it is too large, since its parts might be copies") {
  producer_config config = gathering(0ms);
  config.connection.request_timeout = 5s;
  watched_producer self(config);
  self.create_topic("t");
  self.acknowledge_one("first");
  self.misfortune("a", kind::apply_then_swallow);
  self.send_together({"a", "b"});
  self.misfortune("a", kind::fail, broker_errc::message_too_large);
  REQUIRE(self.run_until_completed(2));
  REQUIRE(self.done[1].batch->record_count() == 2);
  REQUIRE(self.done[1].failure == broker_errc::message_too_large);
  REQUIRE(self.done[1].failure.outcome() == write_outcome::unknown);
  self.acknowledge_one("next");
  self.verify(2);
  REQUIRE(self.log_names() == lines{"first", "a", "b", "next"});
}

TEST_CASE("a single record that is too large fails, and those around it arrive") {
  watched_producer self(gathering());
  create_with(self, "max.message.bytes", "1000");
  self.acknowledge_one("first");
  const std::string large(2000, 'x');
  message record;
  record.topic = "t";
  record.value = large;
  self.send_together({"a", "b"});
  REQUIRE(self.records.append(self.records.queue_of("t", 0), {&record, 1}, 1000, nullptr, false).count == 1);
  self.send_together({"c", "d"});
  REQUIRE(self.client.run_until([&] { return self.log_names().size() == 5; }, 20s));
  REQUIRE(self.log_names() == lines{"first", "a", "b", "c", "d"});
  std::size_t failed = 0;
  for (const auto& one : self.completed()) {
    if (!one.failure) continue;
    ++failed;
    REQUIRE(one.failure == broker_errc::message_too_large);
    REQUIRE(one.failure.outcome() == write_outcome::not_written);
    REQUIRE(one.batch->record_count() == 1);
  }
  REQUIRE(failed == 1);
  self.acknowledge_one("next");
  REQUIRE(self.epochs() == std::set<std::int16_t>{0});
}

TEST_CASE("records that a broker refuses fail alone, and the others of their batch arrive in order") {
  watched_producer self(gathering());
  create_with(self, "cleanup.policy", "compact");
  const auto append = [&](const std::string& name, bool keyed, std::uint64_t opaque) {
    message record;
    record.topic = "t";
    if (keyed) record.key = name;
    record.value = name;
    record.opaque = opaque;
    REQUIRE(self.records.append(self.records.queue_of("t", 0), {&record, 1}, 1000, nullptr, false).count == 1);
  };
  const lines names = numbered(10);
  for (std::uint64_t index = 0; index < 10; ++index) append(names[index], index % 3 != 1, index);
  self.client.post(event::tick{});
  REQUIRE(self.run_until_completed(2));
  const auto& refused = self.done[0].failure ? self.done[0] : self.done[1];
  const auto& taken = self.done[0].failure ? self.done[1] : self.done[0];
  REQUIRE(refused.failure == broker_errc::invalid_record);
  REQUIRE(refused.failure.outcome() == write_outcome::not_written);
  REQUIRE(refused.failure.message().find("record 1: Compacted topic cannot accept") != std::string::npos);
  REQUIRE(refused.batch->opaques == std::vector<std::uint64_t>{1, 4, 7});
  REQUIRE_FALSE(taken.failure);
  REQUIRE(taken.base_offset == 0);
  REQUIRE(taken.batch->opaques == std::vector<std::uint64_t>{0, 2, 3, 5, 6, 8, 9});
  REQUIRE(self.values("t") == lines{"r0", "r2", "r3", "r5", "r6", "r8", "r9"});
  append("next", true, 10);
  self.client.post(event::tick{});
  REQUIRE(self.run_until_completed(3));
  REQUIRE(self.values("t").back() == "next");
  REQUIRE(self.sent.back().sequence() == 7);
  REQUIRE(self.epochs() == std::set<std::int16_t>{0});
  REQUIRE(self.records.buffered_bytes() == 0);
}

TEST_CASE("a batch of which all records are refused fails as a whole, and the numbers go on without it") {
  watched_producer self(gathering(0ms));
  create_with(self, "cleanup.policy", "compact");
  self.send_together({"keyless"});
  REQUIRE(self.run_until_completed(1));
  REQUIRE(self.done[0].failure == broker_errc::invalid_record);
  message record;
  record.topic = "t";
  record.key = "k";
  record.value = "good";
  REQUIRE(self.records.append(self.records.queue_of("t", 0), {&record, 1}, 1000, nullptr, false).count == 1);
  self.client.post(event::tick{});
  REQUIRE(self.run_until_completed(2));
  REQUIRE_FALSE(self.done[1].failure);
  REQUIRE(self.sent.back().sequence() == 0);
}

TEST_CASE("a throttled producer takes no more than its memory, and all of it arrives once the time has passed") {
  producer_config config;
  config.linger = 0ms;
  config.batch_bytes_max = 20'000;
  config.buffer_memory = 1U << 20U;
  watched_producer self(config);
  self.create_topic("t");
  self.acknowledge_one("first");
  self.cluster.state().throttle(api_key::produce, 10s);
  const lines names = numbered(20'000);
  std::size_t taken = 1;
  std::size_t refused = 0;
  const steady_time begin = self.client.now().steady;
  while (self.client.now().steady < begin + 60s) {
    for (int count = 0; count < 300; ++count) {
      const std::string value = watched_producer::padded(names.at(taken), 1000);
      self.send("t", value) == accumulator::append_status::appended ? ++taken : ++refused;
      REQUIRE(self.records.buffered_bytes() <= config.buffer_memory);
    }
    self.client.run_for(1s);
  }
  REQUIRE(refused > 1000);
  self.cluster.state().throttle(api_key::produce, 0ms);
  REQUIRE(self.client.run_until([&] { return self.values("t").size() == taken; }, 60s));
  REQUIRE(self.client.run_until([&] { return self.records.buffered_bytes() == 0; }, 15s));
  const lines written = self.log_names();
  REQUIRE(std::equal(written.begin() + 1, written.end(), names.begin() + 1));
}

TEST_CASE("batches that grow on many partitions at once share the one memory") {
  producer_config config;
  config.linger = 10s;
  config.buffer_memory = 1U << 20U;
  config.batch_bytes_max = 100'000;
  watched_producer self(config);
  constexpr std::int32_t partitions = 40;
  self.create_topic("t", partitions);
  self.cluster.stop_node(1);
  const std::string value(1000, 'x');
  std::size_t refused = 0;
  for (int round = 0; round < 200; ++round) {
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      if (self.send("t", value, partition) != accumulator::append_status::appended) ++refused;
    }
  }
  REQUIRE(refused > 0);
  REQUIRE(self.records.buffered_bytes() <= config.buffer_memory);
}

TEST_CASE("a leader that only the refusal names, not even metadata, is found at once") {
  watched_producer self(watched_producer::one_record_a_batch(), 3);
  self.create_topic("t", 1, 1);
  auto& partition = self.partition("t");
  const std::int32_t other = partition.leader % 3 + 1;
  self.cluster.state().find_node(other)->listed = false;
  self.acknowledge_one("first");
  self.cluster.state().find_node(other)->listed = true;
  self.cluster.state().move_leader(partition, other, 10min, self.client.now());
  self.cluster.control(api_key::metadata, [](auto&) { return fake_verdict{kind::swallow, {}, {}}; });
  self.send_together({"a", "b", "c"});
  REQUIRE(self.run_until_completed(4, 500ms));
  self.verify(4);
  REQUIRE(self.sent.back().node == other);
}

TEST_CASE("a refusal of a batch that was purged still makes the client look for the leader") {
  watched_producer self(watched_producer::one_record_a_batch(), 2, "2.8");  // its answers name no leader
  self.create_topic("t", 1, 2);
  self.acknowledge_one("first");
  self.client.run_for(10s);
  auto& partition = self.partition("t");
  self.misfortune("a", kind::delay, {}, 1s);
  self.send_together({"a"});
  self.cluster.state().set_leader(partition, partition.leader == 1 ? 2 : 1);
  self.client.post(event::purge_requested{purge::in_flight});
  REQUIRE(self.completed().size() == 2);
  REQUIRE(self.done[1].failure.outcome() == write_outcome::unknown);
  self.client.run_for(2s);
  self.send_together({"b"});
  REQUIRE(self.run_until_completed(3, 5s));
  self.verify(2);
  REQUIRE(self.log_names() == lines{"first", "b"});
}

TEST_CASE("what a purge gives up under way is answered later without harm, and what waits is certainly not written") {
  for (const kind what : {kind::delay, kind::apply_then_delay, kind::apply_then_drop}) {
    watched_producer self;
    self.create_topic("t");
    self.acknowledge_one("first");
    self.misfortune("a", kind::delay, {}, 1s);
    self.misfortune("b", what, {}, 1s);
    self.send_together(numbered(8, "x"));  // the first five of them are under way
    self.send_together({"a", "b"});
    self.client.post(event::purge_requested{purge::all});
    REQUIRE(self.run_until_completed(11, 1ms));
    for (const auto& one : self.done) {
      if (one.failure) REQUIRE(one.failure == client_errc::cancelled);
    }
    self.client.run_for(5s);
    self.acknowledge_one("next");
    self.client.run_for(130s);
    std::size_t good = 0;
    for (const auto& one : self.completed()) good += one.failure ? 0U : 1U;
    self.verify(good);
    REQUIRE(self.records.buffered_bytes() == 0);
  }
}

}  // namespace
}  // namespace kafka::client
