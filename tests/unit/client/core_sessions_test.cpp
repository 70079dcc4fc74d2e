// SPDX-License-Identifier: Apache-2.0
// Fetch sessions, fairness and the budget, through the whole pure client against the fake cluster, in virtual time.
#include <algorithm>
#include <map>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using protocol::fetch_request;
using protocol::fetch_response;
using test::consumer_fixture;
using strings = std::vector<std::string>;

/// A consumer whose fetch requests are kept.
class watched_consumer : public consumer_fixture {
 public:
  explicit watched_consumer(consumer_config settings = {}, std::int32_t count = 1)
      : consumer_fixture(std::move(settings), count) {
    cluster.control(api_key::fetch, [this](fake::call& one) -> fake::verdict {
      sent.push_back(*one.as<fetch_request>());
      return fake_verdict{};
    });
  }
  void assign_all(const std::string& topic, std::int32_t count, position from) {
    std::vector<fetch_machine::assigned> all;
    ++version;
    for (std::int32_t index = 0; index < count; ++index) all.push_back({{topic, index}, from, version});
    client.post(event::partitions_assigned{all});
  }

  std::vector<fetch_request> sent;
};

std::size_t partitions_of(const fetch_request& request) {
  std::size_t count = 0;
  for (const auto& topic : request.topics) count += topic.partitions.size();
  return count;
}

TEST_CASE_METHOD(watched_consumer, "partitions without news are named once, however long they are read") {
  create_topic("t", 20);
  assign_all("t", 20, position::at(0));
  client.run_for(5s);
  REQUIRE(sent.size() >= 5);
  REQUIRE(partitions_of(sent[0]) == 20);
  for (std::size_t index = 1; index < sent.size(); ++index) {
    INFO("request " << index);
    REQUIRE(partitions_of(sent[index]) == 0);
    REQUIRE(sent[index].session_epoch == static_cast<std::int32_t>(index));
  }
  sent.clear();
  write("t", {"a"}, 3);
  REQUIRE(run_until_received(1, 1s));
  client.run_for(1s);
  // The one whose offset changed, and no other.
  std::size_t named = 0;
  for (const fetch_request& one : sent) named += partitions_of(one);
  REQUIRE(named == 1);
}

TEST_CASE_METHOD(watched_consumer, "a broker that forgot the session is asked in full at once and nothing is missed") {
  create_topic("t", 2);
  assign_all("t", 2, position::at(0));
  client.run_for(1s);
  cluster.state().find_node(1)->sessions.clear();
  sent.clear();
  write("t", {"a"}, 0);
  write("t", {"b"}, 1);
  REQUIRE(run_until_received(2, 1s));
  REQUIRE(failures.empty());
  client.run_for(1s);
  REQUIRE(std::count_if(sent.begin(), sent.end(), [](auto& one) { return one.session_epoch == 0; }) == 1);
}

TEST_CASE_METHOD(consumer_fixture, "a broker that never knows its sessions is asked slowly, and not told as an error") {
  create_topic("t");
  std::size_t refused = 0;
  cluster.control(api_key::fetch, [&](fake::call&) -> fake::verdict {
    ++refused;
    return fake_verdict{fake_verdict::kind::fail, broker_errc::invalid_fetch_session_epoch, {}};
  });
  assign("t", position::at(0));
  client.run_for(10s);
  values_received();
  REQUIRE(failures.empty());
  REQUIRE(refused >= 8);
  REQUIRE(refused <= 25);
}

TEST_CASE_METHOD(watched_consumer, "a session goes on after its connection was closed between two requests") {
  create_topic("t", 2);
  assign_all("t", 2, position::at(0));
  client.run_for(1s);
  client.post(event::partitions_paused{{{"t", 0}, {"t", 1}}, true});
  client.run_for(1s);  // nothing is under way now
  cluster.drop_connections(1);
  client.nudge();
  sent.clear();
  client.post(event::partitions_paused{{{"t", 0}, {"t", 1}}, false});
  client.run_for(2s);
  REQUIRE(sent.size() >= 2);
  REQUIRE(sent[0].session_epoch > 0);
  REQUIRE(partitions_of(sent[0]) == 0);
}

TEST_CASE_METHOD(watched_consumer, "a request that was cut off ends the session, and the next one closes it") {
  create_topic("t");
  assign_all("t", 1, position::at(0));
  client.run_for(700ms);
  const std::int32_t id = sent.back().session_id;
  REQUIRE(id != 0);
  sent.clear();
  cluster.drop_connections(1);
  client.run_for(3s);
  REQUIRE(sent[0].session_id == id);
  REQUIRE(sent[0].session_epoch == 0);
  REQUIRE(cluster.state().find_node(1)->sessions.size() == 1);
}

TEST_CASE_METHOD(watched_consumer,
                 "a session that nothing is read in any more is ended, and another begins when it is") {
  create_topic("t", 2);
  assign_all("t", 2, position::at(0));
  client.run_for(700ms);
  const std::int32_t id = sent.back().session_id;
  REQUIRE(id != 0);
  client.post(event::partitions_assigned{});
  client.run_for(1s);
  REQUIRE(sent.back().session_id == id);
  REQUIRE(sent.back().session_epoch == -1);
  REQUIRE(sent.back().topics.empty());
  REQUIRE(cluster.state().find_node(1)->sessions.size() == 0);
  sent.clear();
  client.run_for(10s);
  REQUIRE(sent.empty());
  assign_all("t", 2, position::at(0));
  write("t", {"a"}, 1);
  REQUIRE(run_until_received(1, 1s));
  REQUIRE(sent[0].session_id == 0);
  REQUIRE(sent[0].session_epoch == 0);
  REQUIRE(failures.empty());
}

TEST_CASE_METHOD(watched_consumer, "a consumer that ends ends its session, at once though a fetch waits there") {
  create_topic("t");
  assign_all("t", 1, position::at(0));
  client.run_for(700ms);
  const std::int32_t id = sent.back().session_id;
  client.post(event::group_left{});
  REQUIRE(client.run_until([&] { return client.count<action::left_group>() == 1; }, 50ms));
  REQUIRE(sent.back().session_id == id);
  REQUIRE(sent.back().session_epoch == -1);
  REQUIRE(cluster.state().find_node(1)->sessions.size() == 0);
}

TEST_CASE_METHOD(watched_consumer, "a broker that does not answer delays the end by a moment") {
  create_topic("t");
  assign_all("t", 1, position::at(0));
  client.run_for(700ms);
  cluster.remove_all_controls();
  cluster.control(api_key::fetch,
                  [](fake::call&) -> fake::verdict { return fake_verdict{fake_verdict::kind::swallow, {}, {}}; });
  client.post(event::group_left{});
  REQUIRE(client.run_until([&] { return client.count<action::left_group>() == 1; }, 250ms));
}

TEST_CASE_METHOD(watched_consumer, "a consumer that has read nothing ends at once") {
  create_topic("t");
  client.post(event::group_left{});
  REQUIRE(client.count<action::left_group>() == 1);
  REQUIRE(sent.empty());
}

TEST_CASE_METHOD(watched_consumer, "paused and removed partitions are forgotten, and are back when they are wanted") {
  create_topic("t", 3);
  assign_all("t", 3, position::at(0));
  client.run_for(1s);
  sent.clear();
  client.post(event::partitions_paused{{{"t", 0}}, true});
  client.post(event::partitions_given_up{{{"t", 1}}, false});
  client.run_for(1s);
  const auto forgets =
      std::find_if(sent.begin(), sent.end(), [](auto& one) { return !one.forgotten_topics_data.empty(); });
  REQUIRE(forgets != sent.end());
  REQUIRE(forgets->forgotten_topics_data.size() == 1);
  auto gone = forgets->forgotten_topics_data[0].partitions;
  std::sort(gone.begin(), gone.end());
  REQUIRE(gone == std::vector<std::int32_t>{0, 1});
  write("t", {"a"}, 0);
  write("t", {"b"}, 1);
  client.run_for(2s);
  REQUIRE(values_received().empty());
  client.post(event::partitions_paused{{{"t", 0}}, false});
  REQUIRE(run_until_received(1, 1s));
  REQUIRE(received == strings{"a"});
}

TEST_CASE_METHOD(consumer_fixture, "the end of a partition is told again to a position that was set anew") {
  create_topic("t");
  write("t", {"a"});
  assign("t", position::at(1));
  client.run_for(1s);
  values_received();
  REQUIRE(end_offset == 1);
  end_offset = -1;
  assign("t", position::at(1));
  client.run_for(2s);
  values_received();
  REQUIRE(end_offset == 1);
}

TEST_CASE_METHOD(watched_consumer, "a seek to where the last request began reads the same records again") {
  create_topic("t");
  write("t", {"a"});
  assign("t", position::at(0));
  REQUIRE(run_until_received(1));
  received.clear();
  seek("t", position::at(0));
  REQUIRE(run_until_received(1, 2s));
  REQUIRE(received == strings{"a"});
}

/// Where in the order of arrival the first record of each partition came.
void check_that_all_are_served(bool with_sessions) {
  consumer_config config;
  config.fetch_bytes_max = 1;  // one batch an answer
  consumer_fixture self(config);
  self.create_topic("t", 4);
  if (!with_sessions) {
    self.cluster.control(api_key::fetch, [](fake::call&) {
      return fake::verdict::edited<fetch_response>([](fetch_response& response) { response.session_id = 0; });
    });
  }
  for (std::int32_t index = 0; index < 4; ++index) {
    for (int record = 0; record < 50; ++record) self.write("t", {std::to_string(index)}, index);
  }
  std::vector<fetch_machine::assigned> all;
  ++self.version;
  for (std::int32_t index = 0; index < 4; ++index) all.push_back({{"t", index}, position::at(0), self.version});
  self.client.post(event::partitions_assigned{all});
  REQUIRE(self.run_until_received(200));
  // Whoever has waited longest is next, so that no one is ever two rounds behind.
  std::map<std::string, int> seen;
  for (const std::string& one : self.received) {
    const int count = ++seen[one];
    for (const auto& [other, had] : seen) REQUIRE(std::abs(count - had) <= 2);
  }
  REQUIRE(seen.size() == 4);
}

TEST_CASE("no partition starves under a small limit of bytes with sessions") {
  check_that_all_are_served(true);
}

TEST_CASE("no partition starves under a small limit of bytes without sessions") {
  check_that_all_are_served(false);
}

TEST_CASE("fetching goes on at half of the budget, not with every record that is released") {
  consumer_config config;
  config.prefetch_bytes_max = 1000;
  config.fetch_bytes_max = config.partition_fetch_bytes_max = 100;
  consumer_fixture self(config);
  self.keep = true;
  self.create_topic("t");
  for (int index = 0; index < 40; ++index) self.write("t", {std::string(32, 'x')});  // 102 bytes each
  self.assign("t", position::at(0));
  self.client.run_for(5s);
  const std::size_t first = self.values_received().size();
  REQUIRE(first == 10);
  REQUIRE(self.budget->used() >= 1000);
  const auto release = [&](std::size_t count) {
    self.charges.erase(self.charges.begin(), self.charges.begin() + static_cast<std::ptrdiff_t>(count));
    self.client.post(event::tick{});
    self.client.run_for(2s);
  };
  release(4);
  REQUIRE(self.values_received().size() == first);
  release(2);
  REQUIRE(self.budget->used() >= 1000);
  REQUIRE(self.values_received().size() > first);
}

TEST_CASE("each broker may answer with its share of the room, so that all together keep to the budget") {
  consumer_config config;
  config.prefetch_bytes_max = 3U << 20U;
  config.partition_fetch_bytes_max = 1000;
  watched_consumer self(config, 3);
  self.create_topic("t", 3);
  self.assign_all("t", 3, position::at(0));
  self.client.run_for(3s);
  REQUIRE(self.sent.size() >= 6);
  for (std::size_t index = 3; index < self.sent.size(); ++index) REQUIRE(self.sent[index].max_bytes == 1 << 20);
}

}  // namespace
}  // namespace kafka::client
