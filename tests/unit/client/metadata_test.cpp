// SPDX-License-Identifier: Apache-2.0
#include "client/metadata.hpp"

#include "support/catch.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time(1h);
const uuid first_id{{1}};
const uuid second_id{{2}};

struct told_partition {
  std::int32_t leader;
  std::int32_t epoch;
};

protocol::metadata_response::topic topic(const std::string& name, uuid id, std::vector<told_partition> partitions,
                                         broker_errc code = broker_errc::none) {
  protocol::metadata_response::topic out;
  out.name = name;
  out.topic_id = id;
  out.error_code = static_cast<std::int16_t>(code);
  for (const told_partition& one : partitions) {
    auto& made = out.partitions.emplace_back();
    made.partition_index = static_cast<std::int32_t>(out.partitions.size()) - 1;
    made.leader_id = one.leader;
    made.leader_epoch = one.epoch;
  }
  return out;
}

reply answer(std::vector<protocol::metadata_response::topic> topics) {
  protocol::metadata_response response;
  response.controller_id = 3;
  auto& broker = response.brokers.emplace_back();
  broker.node_id = 3;
  broker.host = "h";
  broker.port = 9;
  response.topics = std::move(topics);
  reply out;
  out.broker = "h:9 (id 3)";
  out.response = std::move(response);
  return out;
}

struct fixture {
  metadata known{{}, false, 1};
  steady_time now = start;

  /// Asks and takes the answer, when it is due.
  std::vector<node> round(reply told) {
    now = std::max(now, known.deadline());
    REQUIRE(known.next_request(1, now));
    return known.on_reply(told, now);
  }
};

TEST_CASE_METHOD(fixture, "nothing is asked while nobody wants anything") {
  REQUIRE_FALSE(known.next_request(1, now));
  REQUIRE(known.deadline() == never);
}

TEST_CASE_METHOD(fixture, "a wanted topic is asked for at once and only once") {
  known.want("t", now + 1min, now);
  const auto request = known.next_request(1, now);
  REQUIRE(request);
  REQUIRE(std::get<protocol::metadata_request>(request->request).topics->at(0).name == "t");
  REQUIRE_FALSE(std::get<protocol::metadata_request>(request->request).allow_auto_topic_creation);
  REQUIRE_FALSE(known.next_request(2, now + 1h));
}

TEST_CASE_METHOD(fixture, "an answer gives leaders, controller and brokers") {
  known.want("t", now + 1min, now);
  const auto brokers = round(answer({topic("t", first_id, {{1, 5}, {2, 6}})}));
  REQUIRE(brokers == std::vector<node>{{3, "h", 9, {}}});
  REQUIRE(known.view().controller == 3);
  REQUIRE(*known.view().find("t", 1) == partition_view{2, 6});
  REQUIRE(known.view().find("t", 2) == nullptr);
  REQUIRE(known.deadline() == now + 5min);
}

TEST_CASE_METHOD(fixture, "a topic that does not exist is asked for again only as long as somebody waits for it") {
  known.want("t", now + 2s, now);
  int rounds = 0;
  while (known.deadline() < start + 10s) {
    round(answer({topic("t", {}, {}, broker_errc::unknown_topic_or_partition)}));
    ++rounds;
  }
  REQUIRE(rounds >= 4);
  REQUIRE(rounds <= 12);
  REQUIRE(now <= start + 4s);
  REQUIRE(known.view().find("t")->failure == broker_errc::unknown_topic_or_partition);
  REQUIRE(known.view().find("t")->failure.message().find("Metadata to h:9 (id 3) for topic t") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a leader epoch does not go back, unless three answers in a row say so") {
  known.want("t", now + 1min, now);
  round(answer({topic("t", first_id, {{1, 5}})}));
  for (int stale = 0; stale < 2; ++stale) {
    known.invalidate();
    round(answer({topic("t", first_id, {{2, 4}})}));
    REQUIRE(*known.view().find("t", 0) == partition_view{1, 5});
  }
  known.invalidate();
  round(answer({topic("t", first_id, {{2, 4}})}));
  REQUIRE(*known.view().find("t", 0) == partition_view{2, 4});
}

TEST_CASE_METHOD(fixture, "a topic that was deleted and made again begins with new epochs") {
  known.want("t", now + 1min, now);
  round(answer({topic("t", first_id, {{1, 5}, {1, 5}})}));
  known.invalidate();
  round(answer({topic("t", second_id, {{2, 0}})}));
  REQUIRE(known.view().find("t")->id == second_id);
  REQUIRE(known.view().find("t")->partitions == std::vector<partition_view>{{2, 0}});
}

TEST_CASE_METHOD(fixture, "a topic that an answer reports with an error keeps its partitions") {
  known.want("t", now + 1min, now);
  round(answer({topic("t", first_id, {{1, 5}})}));
  known.invalidate();
  round(answer({topic("t", {}, {}, broker_errc::unknown_topic_or_partition)}));
  REQUIRE(*known.view().find("t", 0) == partition_view{1, 5});
}

TEST_CASE_METHOD(fixture, "a failed request is repeated after a back-off and keeps its reason") {
  known.want("t", now + 1min, now);
  REQUIRE(known.next_request(1, now));
  reply failed;
  failed.failure = {client_errc::connection_lost, "b1"};
  REQUIRE(known.on_reply(failed, now).empty());
  REQUIRE(known.last_failure() == client_errc::connection_lost);
  REQUIRE_FALSE(known.next_request(2, now));
  REQUIRE(known.deadline() >= now + 80ms);
  REQUIRE(known.deadline() <= now + 120ms);
}

TEST_CASE_METHOD(fixture, "a broker's word about a newer leader is taken at once, an older one is not") {
  known.want("t", now + 1min, now);
  round(answer({topic("t", first_id, {{1, 5}})}));
  const std::uint64_t before = known.view().version;
  known.learn_leader("t", 0, 2, 5);
  known.learn_leader("t", 0, -1, 9);
  known.learn_leader("t", 7, 2, 9);
  known.learn_leader("other", 0, 2, 9);
  REQUIRE(known.view().version == before);
  known.learn_leader("t", 0, 2, 6);
  REQUIRE(*known.view().find("t", 0) == partition_view{2, 6});
  REQUIRE(known.view().version == before + 1);
}

/// A cluster of three, of which some brokers are there, and a topic whose partitions have these replicas.
reply racks_answer(const std::map<std::int32_t, std::optional<std::string>>& brokers,
                   const std::vector<std::vector<std::int32_t>>& replicas, std::int32_t epoch = 5) {
  auto told = topic("t", first_id, std::vector<told_partition>(replicas.size(), {1, epoch}));
  for (std::size_t index = 0; index < replicas.size(); ++index) told.partitions[index].replica_nodes = replicas[index];
  reply out = answer({told});
  auto& response = std::get<protocol::metadata_response>(out.response);
  response.brokers.clear();
  for (const auto& [id, rack] : brokers) {
    auto& broker = response.brokers.emplace_back();
    broker.node_id = id;
    broker.rack = rack;
  }
  return out;
}

using topic_racks = std::vector<std::vector<std::string>>;

TEST_CASE_METHOD(fixture, "racks of a partition are those of its replicas, each once, where brokers name them") {
  known.want("t", now + 1min, now);
  round(racks_answer({{1, "west"}, {2, "north"}, {3, "north"}, {4, std::nullopt}, {5, ""}},
                     {{1, 2, 3}, {3, 4}, {4, 5, 6}, {}}));
  REQUIRE(known.racks_of("t") == topic_racks{{"north", "west"}, {"north"}, {}, {}});
  REQUIRE(known.racks_of("other").empty());
}

TEST_CASE_METHOD(fixture, "where no broker names a rack there are none") {
  known.want("t", now + 1min, now);
  round(racks_answer({{1, std::nullopt}}, {{1}}));
  REQUIRE(known.racks_of("t").empty());
}

TEST_CASE_METHOD(fixture, "a broker that is away has not moved, one that comes back elsewhere or nowhere has") {
  known.want("t", now + 1min, now);
  round(racks_answer({{1, "west"}, {2, "north"}}, {{1, 2}}));
  known.invalidate();
  round(racks_answer({{1, "west"}}, {{1, 2}}));
  REQUIRE(known.racks_of("t") == topic_racks{{"north", "west"}});
  known.invalidate();
  round(racks_answer({{1, "west"}, {2, "south"}}, {{1, 2}}));
  REQUIRE(known.racks_of("t") == topic_racks{{"south", "west"}});
  known.invalidate();
  round(racks_answer({{1, "west"}, {2, std::nullopt}}, {{1, 2}}));
  REQUIRE(known.racks_of("t") == topic_racks{{"west"}});
}

TEST_CASE_METHOD(fixture, "racks follow replicas, but not those of an older epoch, and a leader's move changes none") {
  known.want("t", now + 1min, now);
  const std::map<std::int32_t, std::optional<std::string>> brokers{{1, "west"}, {2, "north"}};
  round(racks_answer(brokers, {{1}, {1}}));
  known.invalidate();
  round(racks_answer(brokers, {{2}, {1, 2}}, 4));
  REQUIRE(known.racks_of("t") == topic_racks{{"west"}, {"west"}});
  known.learn_leader("t", 0, 2, 9);
  REQUIRE(known.racks_of("t") == topic_racks{{"west"}, {"west"}});
  known.invalidate();
  round(racks_answer(brokers, {{2}, {1, 2}}, 9));
  REQUIRE(known.racks_of("t") == topic_racks{{"north"}, {"north", "west"}});
}

TEST_CASE_METHOD(fixture, "a topic that was made again with fewer partitions has the racks of these") {
  known.want("t", now + 1min, now);
  round(racks_answer({{1, "west"}, {2, "north"}}, {{1}, {1}, {1}}));
  known.invalidate();
  reply again = racks_answer({{1, "west"}, {2, "north"}}, {{2}}, 0);
  std::get<protocol::metadata_response>(again.response).topics[0].topic_id = second_id;
  round(std::move(again));
  REQUIRE(known.racks_of("t") == topic_racks{{"north"}});
}

TEST_CASE_METHOD(fixture, "partition numbers beyond the count of partitions are ignored") {
  known.want("t", now + 1min, now);
  auto told = topic("t", first_id, {{1, 5}, {1, 5}});
  told.partitions[1].partition_index = INT32_MAX;
  round(answer({told}));
  REQUIRE(known.view().find("t")->partitions.size() == 1);
}

TEST_CASE("only topics that somebody waits for may be created by being asked for, never one that was used once") {
  metadata known({}, true, 1);
  steady_time now = start;
  const auto ask = [&] {
    now = std::max(now, known.deadline());
    const auto request = known.next_request(1, now);
    REQUIRE(request);
    const auto& asked = std::get<protocol::metadata_request>(request->request);
    std::vector<std::string> names;
    for (const auto& one : *asked.topics) names.push_back(*one.name);
    return std::pair(asked.allow_auto_topic_creation, names);
  };
  using asked = std::pair<bool, std::vector<std::string>>;
  const auto tell = [&](std::vector<protocol::metadata_response::topic> topics) {
    reply told = answer(std::move(topics));
    (void)known.on_reply(told, now);
  };
  const auto gone = [](const std::string& name) {
    return topic(name, {}, {}, broker_errc::unknown_topic_or_partition);
  };

  known.want("t", now + 60s, now);
  REQUIRE(ask() == asked{true, {"t"}});
  tell({gone("t")});  // it is being made
  REQUIRE(ask() == asked{true, {"t"}});
  tell({topic("t", first_id, {{3, 0}})});
  REQUIRE(ask() == asked{false, {"t"}});  // much later, because of its age
  tell({gone("t")});
  REQUIRE(known.view().find("t")->failure);
  REQUIRE(ask() == asked{false, {"t"}});

  tell({gone("t")});
  known.want("u", now + 20min, now);
  REQUIRE(ask() == asked{true, {"u"}});
  tell({gone("u")});
  // As long as it is waited for in vain, the others have their turns.
  for (int round = 0; round < 3; ++round) {
    REQUIRE(ask() == asked{false, {"t", "u"}});
    tell({gone("t"), gone("u")});
    REQUIRE(ask() == asked{true, {"u"}});
    tell({gone("u")});
  }
  known.want("t", now + 60s, now);  // somebody sends to it again
  REQUIRE(ask() == asked{false, {"t", "u"}});
  tell({gone("t"), gone("u")});
  REQUIRE(ask() == asked{true, {"t", "u"}});
}

}  // namespace
}  // namespace kafka::client
