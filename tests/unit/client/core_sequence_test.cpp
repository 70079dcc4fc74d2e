// SPDX-License-Identifier: Apache-2.0
// What idempotence promises, through the whole pure client in virtual time: whatever goes wrong, no record is lost,
// doubled or overtaken, and the user is told the truth.
#include "unit/client/watched_producer.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using test::watched_producer;
using kind = fake_verdict::kind;
using lines = std::vector<std::string>;

producer_config within(std::chrono::milliseconds delivery, std::chrono::milliseconds request) {
  producer_config out = watched_producer::one_record_a_batch();
  out.delivery_timeout = delivery;
  out.connection.request_timeout = request;
  return out;
}

TEST_CASE("whichever of five batches under way is applied or not before its connection breaks, each is there once") {
  for (const kind what : {kind::apply_then_drop, kind::drop_connection, kind::apply_then_swallow, kind::swallow}) {
    for (const char* unlucky : {"a", "b", "c", "d", "e"}) {
      INFO("kind " << static_cast<int>(what) << " for " << unlucky);
      watched_producer self;
      self.create_topic("t");
      self.acknowledge_one("first");
      self.misfortune(unlucky, what);
      self.send_together({"a", "b", "c", "d", "e"});
      REQUIRE(self.run_until_completed(6));
      self.verify(6);
      REQUIRE(self.log_names() == lines{"first", "a", "b", "c", "d", "e"});
      REQUIRE(self.epochs() == std::set<std::int16_t>{0});
      REQUIRE_FALSE(self.numbers_reused());
    }
  }
}

TEST_CASE("an answer later than the request time-out costs a second copy on the wire, none in the log") {
  for (const auto late : {31s, 45s, 90s}) {
    INFO(late.count() << " s");
    watched_producer self;
    self.create_topic("t");
    self.acknowledge_one("first");
    self.misfortune("a", kind::apply_then_delay, {}, late);
    self.send_together({"a", "b", "c", "d", "e"});
    REQUIRE(self.run_until_completed(6, 100s));
    self.verify(6);
    REQUIRE(self.log_names() == lines{"first", "a", "b", "c", "d", "e"});
    REQUIRE_FALSE(self.numbers_reused());
    REQUIRE(self.epochs() == std::set<std::int16_t>{0});
  }
}

TEST_CASE("when the first of five batches is refused the others follow it, in order and with the same bytes") {
  for (const auto code : {broker_errc::not_leader_or_follower, broker_errc::not_enough_replicas,
                          broker_errc::leader_not_available, broker_errc::corrupt_message}) {
    INFO(broker_error_name(code));
    watched_producer self;
    self.create_topic("t");
    self.acknowledge_one("first");
    self.misfortune("a", kind::fail, code);
    self.send_together({"a", "b", "c", "d", "e"});
    REQUIRE(self.run_until_completed(6));
    self.verify(6);
    REQUIRE(self.wire(1) == lines{"a@1", "b@2", "c@3", "d@4", "e@5", "a@1", "b@2", "c@3", "d@4", "e@5"});
    REQUIRE_FALSE(self.numbers_reused());
    REQUIRE(self.epochs() == std::set<std::int16_t>{0});
    REQUIRE(self.requests(api_key::init_producer_id) == 1);
  }
}

TEST_CASE("when one in the middle is refused nothing in front of it is sent again") {
  watched_producer self;
  self.create_topic("t");
  self.acknowledge_one("first");
  self.misfortune("c", kind::fail, broker_errc::not_enough_replicas);
  self.send_together({"a", "b", "c", "d", "e"});
  REQUIRE(self.run_until_completed(6));
  self.verify(6);
  REQUIRE(self.wire(1) == lines{"a@1", "b@2", "c@3", "d@4", "e@5", "c@3", "d@4", "e@5"});
}

TEST_CASE("five batches under way follow a leader that moves, whether metadata lags or not") {
  for (const auto lag : {0ms, 500ms, 3000ms}) {
    for (const char* version : {"2.8", "4.3"}) {  // only the newer ones name the leader in their answers
      INFO(lag.count() << " ms, broker " << version);
      watched_producer self(watched_producer::one_record_a_batch(), 3, version);
      self.create_topic("t", 1, 3);
      self.acknowledge_one("first");
      auto& partition = self.partition("t");
      self.misfortune("a", kind::delay, {}, 1s);
      self.send_together({"a", "b", "c", "d", "e", "f", "g"});
      self.cluster.state().move_leader(partition, partition.leader % 3 + 1, lag, self.client.now());
      REQUIRE(self.run_until_completed(8, 20s));
      self.verify(8);
      REQUIRE(self.log_names() == lines{"first", "a", "b", "c", "d", "e", "f", "g"});
      REQUIRE_FALSE(self.numbers_reused());
      REQUIRE(self.epochs() == std::set<std::int16_t>{0});
    }
  }
}

TEST_CASE("nothing goes to a new leader while something is under way to the old one") {
  watched_producer self(watched_producer::one_record_a_batch(), 2);
  self.create_topic("t", 2, 2);
  self.acknowledge_one("first");
  auto& partition = self.partition("t");
  const std::int32_t old = partition.leader;
  REQUIRE(self.partition("t", 1).leader != old);
  self.misfortune("a", kind::delay, {}, 5s);
  self.send_together({"a", "b"});
  self.cluster.state().set_leader(partition, 3 - old);
  const std::size_t before = self.requests(api_key::metadata);
  self.misfortune("elsewhere", kind::fail, broker_errc::leader_not_available);
  self.send_together({"elsewhere"}, 1);
  self.client.run_for(2s);
  REQUIRE(self.requests(api_key::metadata) > before);  // by now the client knows
  self.send_together({"c"});
  self.client.run_for(1s);
  for (const auto& one : self.sent) REQUIRE((one.partition == 1 || one.node == old));
  REQUIRE(self.run_until_completed(5, 5s));
  self.verify(5);
  REQUIRE(self.log_names() == lines{"first", "a", "b", "c"});
}

TEST_CASE("a topic made again under its name takes no record for a copy of one that came before the client knew") {
  for (const char* version : {"2.8", "3.9", "4.3"}) {
    INFO("broker " << version);
    watched_producer self(watched_producer::one_record_a_batch(), 1, version);
    self.create_topic("t", 2);
    self.acknowledge_one("elsewhere", 1);  // the client knows the topic, partition 0 has no number yet
    for (int round = 0; round < 3; ++round) {
      INFO("round " << round);
      self.order.clear();
      self.done.clear();
      REQUIRE(self.cluster.state().delete_topic("t"));
      self.create_topic("t", 2);
      self.send_together({"a"});
      REQUIRE(self.run_until_completed(1, 20s));
      self.client.run_for(310s);  // metadata is asked for again: another id
      self.send_together({"b"});
      REQUIRE(self.run_until_completed(2, 20s));
      self.send_together({"c", "d"});
      REQUIRE(self.run_until_completed(4, 20s));
      self.verify(4);
      REQUIRE(self.log_names() == lines{"a", "b", "c", "d"});
    }
  }
}

// The four cases of a head that expires while three later batches are under way behind it.

class expiring : public watched_producer {
 public:
  /// The head is sent ten seconds before the others, and expires eight seconds after those are sent.
  explicit expiring(fake_verdict what, std::chrono::milliseconds request = std::chrono::minutes(1),
                    std::int32_t count = 1)
      : watched_producer(within(18s, request), count) {
    create_topic("t", 1, static_cast<std::int16_t>(count));
    acknowledge_one("first");
    misfortune("head", what);
    send_together({"head"});
    client.run_for(10s);
    send_together({"x", "y", "z"});
    REQUIRE(sent.size() == 2);  // the broker looks at one request at a time
    client.run_for(8s);
    REQUIRE(completed().size() == 2);
    REQUIRE(done[1].failure == client_errc::timed_out);
    REQUIRE(done[1].failure.outcome() == write_outcome::unknown);
  }
};

TEST_CASE("a head that expires and is then acknowledged changes nothing for those behind it") {
  for (const kind what : {kind::delay, kind::apply_then_delay}) {
    expiring self({what, {}, 20s});
    REQUIRE(self.run_until_completed(5, 5s));
    self.verify(4);
    REQUIRE(self.log_names() == lines{"first", "head", "x", "y", "z"});
    REQUIRE(self.wire() == lines{"first@0", "head@1", "x@2", "y@3", "z@4"});
    self.acknowledge_one("next");
    REQUIRE(self.wire().back() == "next@5");
    REQUIRE(self.epochs() == std::set<std::int16_t>{0});
  }
}

TEST_CASE("a head that expires and is then refused leaves its numbers to those behind it") {
  expiring self({kind::delay, {}, 20s}, 1min, 2);
  auto& partition = self.partition("t");
  self.cluster.state().set_leader(partition, partition.leader == 1 ? 2 : 1);
  REQUIRE(self.run_until_completed(5, 10s));
  self.verify(4);
  REQUIRE(self.log_names() == lines{"first", "x", "y", "z"});
  REQUIRE(self.wire(5) == lines{"x@1", "y@2", "z@3"});
  self.acknowledge_one("next");
  REQUIRE(self.wire().back() == "next@4");
  REQUIRE(self.epochs() == std::set<std::int16_t>{0});
}

TEST_CASE("a head that expires and of which nobody hears again ends the epoch, written or not") {
  for (const kind what : {kind::swallow, kind::apply_then_swallow}) {
    INFO("kind " << static_cast<int>(what));
    const bool is_written = what == kind::apply_then_swallow;
    expiring self({what, {}, {}}, 20s);
    REQUIRE(self.run_until_completed(5, 15s));
    self.verify(1);
    for (std::size_t index = 2; index < 5; ++index) {
      REQUIRE(self.done[index].failure.outcome() == write_outcome::unknown);
    }
    REQUIRE_FALSE(self.numbers_reused());
    self.send_together({"m", "n", "o"});
    REQUIRE(self.run_until_completed(8));
    self.verify(4);
    REQUIRE(self.log_names() == (is_written ? lines{"first", "head", "m", "n", "o"} : lines{"first", "m", "n", "o"}));
    REQUIRE_FALSE(self.numbers_reused());
    REQUIRE(self.sent.back().header.producer_epoch == 1);
    REQUIRE(self.sent.back().sequence() == 2);
    REQUIRE(self.requests(api_key::init_producer_id) == 1);  // the producer counts its epoch up by itself (KIP-360)
  }
}

TEST_CASE("batches that expire while they wait to be sent again take their numbers with them") {
  watched_producer self(within(10s, 5s), 2);
  self.create_topic("t", 1, 2);
  self.acknowledge_one("first");
  auto& partition = self.partition("t");
  const std::int32_t before = partition.leader;
  self.misfortune("a", {fake_verdict{kind::fail, broker_errc::not_enough_replicas, {}}}, 1000);
  self.send_together({"a"});
  self.client.run_for(6s);
  self.send_together({"b", "c"});
  REQUIRE(self.run_until_completed(2, 5s));
  REQUIRE(self.done[1].failure.outcome() == write_outcome::not_written);
  REQUIRE(self.done[1].failure.message().find("NOT_ENOUGH_REPLICAS") != std::string::npos);
  REQUIRE(self.run_until_completed(4, 5s));
  self.verify(3);
  REQUIRE(self.log_names() == lines{"first", "b", "c"});
  REQUIRE(self.sent.back().sequence() == 2);
  REQUIRE(self.epochs() == std::set<std::int16_t>{0});
  REQUIRE(partition.leader == before);
}

TEST_CASE("a producer that the broker has forgotten goes on under another epoch, without a gap and without a copy") {
  for (const auto answer : {broker_errc::unknown_producer_id, broker_errc::out_of_order_sequence_number}) {
    for (const char* version : {"2.1", "4.3"}) {
      INFO(broker_error_name(answer) << ", broker " << version);
      watched_producer self(watched_producer::one_record_a_batch(), 1, version);
      self.create_topic("t");
      self.acknowledge_one("first");
      self.acknowledge_one("second");
      auto& partition = self.partition("t");
      // What retention does: the records go, and with the last of them what was known of their producer.
      self.cluster.state().delete_before(partition, 2);
      partition.producers.forget_all();
      partition.producers.answer_unknown_with(answer);
      self.send_together({"a", "b", "c", "d", "e"});
      REQUIRE(self.run_until_completed(7));
      REQUIRE(std::none_of(self.done.begin(), self.done.end(), [](const auto& one) { return bool(one.failure); }));
      REQUIRE(self.log_names() == lines{"a", "b", "c", "d", "e"});
      REQUIRE(self.sent.back().header.producer_epoch == 1);
      REQUIRE(self.sent.back().sequence() == 4);
      REQUIRE_FALSE(self.numbers_reused());
    }
  }
}

TEST_CASE("a batch of unknown fate is not sent again to a broker that has forgotten its producer") {
  watched_producer self(watched_producer::one_record_a_batch());
  self.create_topic("t");
  self.acknowledge_one("first");
  auto& partition = self.partition("t");
  partition.producers.answer_unknown_with(broker_errc::unknown_producer_id);
  self.misfortune("a", kind::apply_then_swallow);
  self.send_together({"a", "b"});
  self.client.run_for(1s);
  partition.producers.forget_all();
  REQUIRE(self.run_until_completed(3));
  self.verify(1);
  REQUIRE(self.done[1].failure.outcome() == write_outcome::unknown);
  REQUIRE(self.log_names() == lines{"first", "a"});
  self.acknowledge_one("next");
  self.verify(2);
  REQUIRE(self.sent.back().header.producer_epoch == 1);
}

TEST_CASE("after the last epoch the producer takes another id") {
  watched_producer self;
  self.create_topic("t");
  self.cluster.state().choose_producer(5000, producer_identity::last_epoch - 1);
  self.acknowledge_one("first");
  auto& partition = self.partition("t");
  partition.producers.answer_unknown_with(broker_errc::unknown_producer_id);
  partition.producers.forget_all();
  self.acknowledge_one("a");
  REQUIRE(self.sent.back().header.producer_id == 5000);
  REQUIRE(self.sent.back().header.producer_epoch == producer_identity::last_epoch);
  self.acknowledge_one("b");
  partition.producers.forget_all();
  self.send_together({"c", "d"});
  REQUIRE(self.run_until_completed(5));
  self.verify(5);
  REQUIRE(self.sent.back().header.producer_id != 5000);
  REQUIRE(self.sent.back().header.producer_epoch == 0);
  REQUIRE(self.sent.back().sequence() == 1);
  REQUIRE(self.requests(api_key::init_producer_id) == 2);
  REQUIRE(self.log_names() == lines{"first", "a", "b", "c", "d"});
}

TEST_CASE("an epoch that the broker calls old makes the producer take another id") {
  watched_producer self;
  self.create_topic("t");
  self.acknowledge_one("first");
  self.partition("t").producers.fenced(self.sent.back().header.producer_id, 9);
  self.send_together({"a", "b", "c"});
  REQUIRE(self.run_until_completed(4));
  self.verify(4);
  REQUIRE(self.requests(api_key::init_producer_id) == 2);
  REQUIRE(self.sent.back().header.producer_id != self.sent.front().header.producer_id);
  REQUIRE(self.log_names() == lines{"first", "a", "b", "c"});
}

TEST_CASE("numbers lost on one partition leave another in peace") {
  watched_producer self;
  self.create_topic("t", 2);
  self.acknowledge_one("first", 0);
  self.acknowledge_one("other", 1);
  self.partition("t", 0).producers.answer_unknown_with(broker_errc::unknown_producer_id);
  self.partition("t", 0).producers.forget_all();
  self.misfortune("p", kind::delay, {}, 2s);
  self.send_together({"p", "q"}, 1);
  self.send_together({"a", "b"}, 0);
  REQUIRE(self.run_until_completed(6));
  self.acknowledge_one("r", 1);
  self.verify(7);
  REQUIRE(self.log_names(0) == lines{"first", "a", "b"});
  REQUIRE(self.log_names(1) == lines{"other", "p", "q", "r"});
}

TEST_CASE("a topic that is deleted and made again, with fewer partitions too, begins anew") {
  for (const char* version : {"2.1", "2.8", "4.3"}) {  // names, names with ids in metadata, ids
    INFO(version);
    watched_producer self(watched_producer::one_record_a_batch(), 1, version);
    self.create_topic("t", 2);
    self.acknowledge_one("first", 0);
    self.acknowledge_one("second", 0);
    self.acknowledge_one("gone", 1);
    REQUIRE(self.cluster.state().delete_topic("t"));
    self.create_topic("t", 1);
    self.client.nudge();
    self.send_together({"a", "b", "c"}, 0);
    REQUIRE(self.run_until_completed(6, 20s));
    REQUIRE(std::none_of(self.done.begin(), self.done.end(), [](const auto& one) { return bool(one.failure); }));
    REQUIRE(self.log_names(0) == lines{"a", "b", "c"});
    if (version == std::string("4.3")) {  // it is told that the topic is another, and its numbers begin at 0
      REQUIRE(self.sent.back().sequence() == 2);
      REQUIRE(self.epochs() == std::set<std::int16_t>{0});
    }
    self.send_together({"nowhere"}, 1);
    REQUIRE(self.run_until_completed(7, 130s));
    REQUIRE(self.done[6].failure);
    REQUIRE(self.done[6].failure.outcome() == write_outcome::not_written);
  }
}

TEST_CASE("records that were under way to a topic that is made again are in the new one, once") {
  watched_producer self;
  self.create_topic("t");
  self.acknowledge_one("first");
  self.misfortune("a", kind::delay, {}, 1s);
  self.send_together({"a", "b", "c"});
  REQUIRE(self.cluster.state().delete_topic("t"));
  self.create_topic("t");
  REQUIRE(self.run_until_completed(4, 20s));
  REQUIRE(self.log_names() == lines{"a", "b", "c"});
  REQUIRE(self.done[3].base_offset == 2);
}

}  // namespace
}  // namespace kafka::client
