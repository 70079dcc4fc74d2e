// SPDX-License-Identifier: Apache-2.0
// Positions that lose their ground: truncated logs (KIP-320), topics made again, records deleted. Through the whole
// pure client against the fake cluster, in virtual time.
#include <algorithm>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using protocol::offset_for_leader_epoch_response;
using test::consumer_fixture;
using strings = std::vector<std::string>;

consumer_config with_reset(offset_reset policy) {
  consumer_config out;
  out.offset_reset = policy;
  return out;
}

/// Two nodes, and a topic of which three records, each in a batch of its own, were read.
class reader : public consumer_fixture {
 public:
  explicit reader(consumer_config asked = with_reset(offset_reset::earliest)) : consumer_fixture(std::move(asked), 2) {
    create_topic("t", 1, 2);
    for (const char* one : {"a", "b", "c"}) write("t", {one});
  }
  void read_three() {
    assign("t", position::oldest());
    REQUIRE(run_until_received(3));
    client.run_for(1s);
  }
  [[nodiscard]] std::int32_t other_node() { return partition("t").leader == 1 ? 2 : 1; }
  void elect_uncleanly(std::int32_t node, std::int64_t offset) {
    cluster.state().elect_uncleanly(partition("t"), node, offset);
    client.nudge();
  }
  [[nodiscard]] bool logged(const std::string& part) const {
    return std::any_of(client.log().begin(), client.log().end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }
};

// --- truncation

TEST_CASE_METHOD(reader, "a new leader that has everything that was read is asked once, and reading goes on") {
  read_three();
  cluster.state().set_leader(partition("t"), other_node());
  write("t", {"d"});
  REQUIRE(run_until_received(4, 2s));
  REQUIRE(received == strings{"a", "b", "c", "d"});
  REQUIRE(requests(api_key::offset_for_leader_epoch) == 1);
  client.run_for(10s);
  REQUIRE(requests(api_key::offset_for_leader_epoch) == 1);
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(reader, "after an unclean election reading goes on where the logs part, and the log tells of it") {
  read_three();
  elect_uncleanly(other_node(), 1);
  write("t", {"x", "y", "z"});
  REQUIRE(run_until_received(6, 2s));
  REQUIRE(received == strings{"a", "b", "c", "x", "y", "z"});
  REQUIRE(failures.empty());
  REQUIRE(logged("t-0 was truncated: what was read up to offset 3, of leader epoch 0"));
  REQUIRE(logged("has leader epoch 0 up to offset 1"));
  // The policy had nothing to decide: the place is known.
  REQUIRE(requests(api_key::list_offsets) == 1);
}

TEST_CASE("without a reset policy a truncated log is an error that says where, until the user seeks") {
  reader self(with_reset(offset_reset::none));
  self.read_three();
  self.elect_uncleanly(self.other_node(), 1);
  self.write("t", {"x", "y", "z"});
  self.client.run_for(10s);
  self.values_received();
  REQUIRE(self.received == strings{"a", "b", "c"});
  REQUIRE(self.failures.size() == 1);
  REQUIRE(self.failures[0] == client_errc::log_truncated);
  REQUIRE(self.failures[0].message().find("t-0") != std::string::npos);
  REQUIRE(self.failures[0].message().find("offset 3, of leader epoch 0") != std::string::npos);
  REQUIRE(self.failures[0].message().find("leader epoch 0 up to offset 1") != std::string::npos);
  self.received.clear();
  self.seek("t", position::at(1));
  REQUIRE(self.run_until_received(3, 2s));
  REQUIRE(self.received == strings{"x", "y", "z"});
}

TEST_CASE_METHOD(reader, "a position of an epoch that is not in the log any more is checked before it is used") {
  elect_uncleanly(other_node(), 1);
  write("t", {"x", "y", "z"});
  // As a group stored it before.
  assign("t", position::at(3, 0));
  REQUIRE(run_until_received(3, 2s));
  REQUIRE(received == strings{"x", "y", "z"});
  REQUIRE(logged("was truncated"));
}

TEST_CASE_METHOD(reader, "a leader that knows nothing of an epoch leaves the position to the policy") {
  read_three();
  cluster.control(api_key::offset_for_leader_epoch, [](fake::call&) {
    return fake::verdict::edited<offset_for_leader_epoch_response>([](auto& response) {
      for (auto& topic : response.topics) {
        for (auto& one : topic.partitions) one.leader_epoch = -1, one.end_offset = -1;
      }
    });
  });
  received.clear();
  cluster.state().set_leader(partition("t"), other_node());
  client.nudge();
  REQUIRE(run_until_received(3, 2s));
  REQUIRE(received == strings{"a", "b", "c"});
  REQUIRE(logged("has nothing of that epoch"));
}

TEST_CASE_METHOD(reader, "where no check can be asked for, the fetch itself tells that the logs part") {
  for (auto& node : cluster.state().nodes()) node.version_caps[api_key::offset_for_leader_epoch] = -1;
  read_three();
  elect_uncleanly(partition("t").leader, 1);
  write("t", {"x"});
  REQUIRE(run_until_received(4, 2s));
  REQUIRE(received == strings{"a", "b", "c", "x"});
  REQUIRE(logged("has leader epoch 0 up to offset 1"));
  REQUIRE(requests(api_key::list_offsets) == 1);
  REQUIRE(requests(api_key::offset_for_leader_epoch) == 0);
}

TEST_CASE_METHOD(reader, "a check that fails is made again, and nothing is read before") {
  read_three();
  cluster.control(
      api_key::offset_for_leader_epoch,
      [](fake::call&) -> fake::verdict {
        return fake_verdict{fake_verdict::kind::fail, broker_errc::unknown_leader_epoch, {}};
      },
      3);
  elect_uncleanly(other_node(), 1);
  write("t", {"x", "y", "z"});
  REQUIRE(run_until_received(6, 10s));
  REQUIRE(received == strings{"a", "b", "c", "x", "y", "z"});
  REQUIRE(requests(api_key::offset_for_leader_epoch) == 4);
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(reader, "an answer to a check of a position that was left moves nothing") {
  read_three();
  cluster.control(
      api_key::offset_for_leader_epoch,
      [](fake::call&) -> fake::verdict { return fake_verdict{fake_verdict::kind::delay, {}, 1s}; }, 1);
  elect_uncleanly(other_node(), 1);
  write("t", {"x", "y", "z"});
  client.run_for(500ms);
  REQUIRE(requests(api_key::offset_for_leader_epoch) == 1);
  values_received();
  received.clear();
  seek("t", position::at(2));
  REQUIRE(run_until_received(2, 3s));
  REQUIRE(received == strings{"y", "z"});
}

TEST_CASE_METHOD(reader, "a broker that says again and again that logs part is not asked all the time") {
  read_three();
  const std::size_t before = requests(api_key::fetch);
  cluster.control(api_key::fetch, [](fake::call&) {
    return fake::verdict::edited<protocol::fetch_response>([](auto& response) {
      for (auto& topic : response.responses) {
        for (auto& one : topic.partitions) one.diverging_epoch.epoch = 0, one.diverging_epoch.end_offset = 3;
      }
    });
  });
  cluster.state().signal(partition("t").changed);
  write("t", {"d"});
  client.run_for(10s);
  REQUIRE(requests(api_key::fetch) - before <= 30);
}

// --- topics made again

class recreating : public reader {
 public:
  explicit recreating(consumer_config asked = with_reset(offset_reset::latest)) : reader(std::move(asked)) {}

  void recreate(std::int32_t partitions = 1) {
    cluster.state().delete_topic("t");
    client.nudge();
    create_topic("t", partitions, 2);
    client.nudge();
  }
};

TEST_CASE_METHOD(recreating, "a topic that was made again is told once and read from its beginning") {
  read_three();
  recreate();
  write("t", {"v", "w", "x", "y", "z"});
  REQUIRE(run_until_received(8, 5s));
  REQUIRE(received == strings{"a", "b", "c", "v", "w", "x", "y", "z"});
  REQUIRE(failures.size() == 1);
  REQUIRE(failures[0] == client_errc::topic_recreated);
  REQUIRE(failures[0].message().find("t-0") != std::string::npos);
  REQUIRE(failures[0].message().find(cluster.state().find_topic("t")->id.str()) != std::string::npos);
  client.run_for(10s);
  REQUIRE(failures.size() == 1);
}

TEST_CASE("a topic that was made again is noticed where fetches go by name, too") {
  recreating self;
  for (auto& node : self.cluster.state().nodes()) node.version_caps[api_key::fetch] = 12;
  self.read_three();
  self.recreate();
  self.write("t", {"v", "w", "x", "y", "z"});
  REQUIRE(self.run_until_received(8, 5s));
  REQUIRE(self.received == strings{"a", "b", "c", "v", "w", "x", "y", "z"});
  REQUIRE(self.failures.size() == 1);
  REQUIRE(self.failures[0] == client_errc::topic_recreated);
}

/// Fetches by name, and a topic of which three records were read.
class by_name : public recreating {
 public:
  by_name() {
    for (auto& node : cluster.state().nodes()) node.version_caps[api_key::fetch] = 12;
    read_three();
  }
  /// In one moment, so that a fetch that waits sees nothing of it.
  void recreate_unseen() {
    cluster.state().delete_topic("t");
    create_topic("t", 1, 2);
    write("t", {"v", "w", "x", "y", "z"});
  }
};

TEST_CASE_METHOD(by_name, "by name, a topic that was made again within a long poll is not read where the old one was") {
  recreate_unseen();
  REQUIRE(run_until_received(8, 5s));
  REQUIRE(received == strings{"a", "b", "c", "v", "w", "x", "y", "z"});
  REQUIRE(failures.size() == 1);
  REQUIRE(failures[0] == client_errc::topic_recreated);
}

TEST_CASE_METHOD(by_name,
                 "by name, a topic that was made again while nothing was fetched is not read where the old one was") {
  client.post(event::partitions_paused{{{"t", 0}}, true});
  client.run_for(1s);
  recreate_unseen();
  client.post(event::partitions_paused{{{"t", 0}}, false});
  REQUIRE(run_until_received(8, 5s));
  REQUIRE(received == strings{"a", "b", "c", "v", "w", "x", "y", "z"});
  REQUIRE(failures.size() == 1);
}

TEST_CASE_METHOD(by_name, "by name, what waits for metadata is not given to a position that was sought meanwhile") {
  bool is_held = true;
  cluster.control(api_key::metadata, [&](fake::call&) -> fake::verdict {
    return fake_verdict{
        is_held ? fake_verdict::kind::fail : fake_verdict::kind::pass, broker_errc::leader_not_available, {}};
  });
  write("t", {"d"});
  client.run_for(1s);
  REQUIRE(values_received() == strings{"a", "b", "c"});
  seek("t", position::at(1));
  received.clear();
  is_held = false;
  REQUIRE(run_until_received(3, 5s));
  client.run_for(1s);
  REQUIRE(values_received() == strings{"b", "c", "d"});
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(by_name, "by name, reading asks for metadata now and then, not with every answer, and loses nothing") {
  const std::size_t before = requests(api_key::metadata);
  strings written{"a", "b", "c"};
  for (int index = 0; index < 200; ++index) {
    written.push_back(std::to_string(index));
    write("t", {written.back()});
    client.run_for(10ms);
  }
  REQUIRE(run_until_received(203, 5s));
  REQUIRE(received == written);
  REQUIRE(failures.empty());
  REQUIRE(requests(api_key::metadata) - before <= 22);
}

TEST_CASE("where topics have no ids, reading by name asks for no metadata") {
  reader self;
  for (auto& node : self.cluster.state().nodes()) {
    node.version_caps[api_key::fetch] = 11;
    node.version_caps[api_key::metadata] = 9;
  }
  self.read_three();
  const std::size_t before = self.requests(api_key::metadata);
  self.write("t", {"d"});
  REQUIRE(self.run_until_received(4, 2s));
  REQUIRE(self.requests(api_key::metadata) == before);
}

TEST_CASE("without a reset policy a topic that was made again is not read until the user seeks") {
  recreating self(with_reset(offset_reset::none));
  self.read_three();
  self.recreate();
  self.write("t", {"x"});
  self.client.run_for(10s);
  REQUIRE(self.values_received() == strings{"a", "b", "c"});
  REQUIRE(self.failures.size() == 1);
  self.received.clear();
  self.seek("t", position::oldest());
  REQUIRE(self.run_until_received(1, 2s));
  REQUIRE(self.received == strings{"x"});
}

TEST_CASE("a topic that was made again with fewer partitions says so and the others go on") {
  consumer_fixture self;
  self.create_topic("t", 2);
  ++self.version;
  self.client.post(event::partitions_assigned{
      {{{"t", 0}, position::at(0), self.version}, {{"t", 1}, position::at(0), self.version}}});
  self.write("t", {"a"}, 0);
  self.write("t", {"b"}, 1);
  REQUIRE(self.run_until_received(2));
  self.cluster.state().delete_topic("t");
  self.client.nudge();
  self.create_topic("t", 1);
  self.write("t", {"c"});
  REQUIRE(self.run_until_received(3, 5s));
  self.client.run_for(10s);
  self.values_received();
  REQUIRE(self.failures.size() == 2);
  REQUIRE(std::count_if(self.failures.begin(), self.failures.end(), [](const error& one) {
            return one.message().find("has only 1 partition") != std::string::npos;
          }) == 1);
}

TEST_CASE_METHOD(reader, "a topic that is gone for a while and comes back as it was is no other topic") {
  read_three();
  // A broker that has not heard of the topic yet answers so: nothing is dropped.
  cluster.control(
      api_key::fetch,
      [](fake::call&) -> fake::verdict {
        return fake_verdict{fake_verdict::kind::fail, broker_errc::unknown_topic_id, {}};
      },
      3);
  write("t", {"d"});
  REQUIRE(run_until_received(4, 10s));
  REQUIRE(received == strings{"a", "b", "c", "d"});
  REQUIRE(failures.empty());
}

// --- resets

TEST_CASE_METHOD(reader, "records deleted below the position leave it, above it they reset it once") {
  read_three();
  cluster.state().delete_before(partition("t"), 2);
  write("t", {"d", "e"});
  REQUIRE(run_until_received(5, 2s));
  REQUIRE(requests(api_key::list_offsets) == 1);
  client.post(event::partitions_paused{{{"t", 0}}, true});
  write("t", {"f", "g", "h"});
  client.run_for(1s);
  values_received();
  received.clear();
  seek("t", position::at(3));
  cluster.state().delete_before(partition("t"), 6);
  client.post(event::partitions_paused{{{"t", 0}}, false});
  REQUIRE(run_until_received(2, 2s));
  client.run_for(5s);
  REQUIRE(values_received() == strings{"g", "h"});
  REQUIRE(requests(api_key::list_offsets) == 2);
  REQUIRE(failures.empty());
}

TEST_CASE("an error of the look-up is no answer: the policy still runs, once, when there is one") {
  reader self(with_reset(offset_reset::earliest));
  self.cluster.control(
      api_key::list_offsets,
      [](fake::call&) -> fake::verdict {
        return fake_verdict{fake_verdict::kind::fail, broker_errc::not_leader_or_follower, {}};
      },
      3);
  self.assign("t", position::at(100));
  REQUIRE(self.run_until_received(3, 10s));
  REQUIRE(self.received == strings{"a", "b", "c"});
  REQUIRE(self.requests(api_key::list_offsets) == 4);
}

TEST_CASE("a reset by duration goes on at the first record that is young enough") {
  consumer_config config = with_reset(offset_reset::by_duration);
  config.offset_reset_duration = 1h;
  consumer_fixture self(config);
  self.create_topic("t");
  const timestamp_ms now = self.client.now().wall.time_since_epoch().count();
  self.write("t", {"old"}, 0, now - std::chrono::milliseconds(2h).count());
  self.write("t", {"young"}, 0, now - std::chrono::milliseconds(30min).count());
  self.assign("t", position::at(100));
  REQUIRE(self.run_until_received(1, 2s));
  REQUIRE(self.received == strings{"young"});
  // Where nothing is young enough, with what comes next.
  self.client.run_for(2h);
  self.received.clear();
  self.seek("t", position::at(100));
  self.client.run_for(1s);
  self.write("t", {"next"}, 0, self.client.now().wall.time_since_epoch().count());
  REQUIRE(self.run_until_received(1, 2s));
  REQUIRE(self.received == strings{"next"});
}

// --- leaders told in answers (KIP-951)

TEST_CASE_METHOD(reader, "the leader that a refusal names is asked at once, whatever metadata still say") {
  read_three();
  cluster.state().move_leader(partition("t"), other_node(), 30s, client.now());
  write("t", {"d"});
  REQUIRE(run_until_received(4, 200ms));
  REQUIRE(received.back() == "d");
}

}  // namespace
}  // namespace kafka::client
