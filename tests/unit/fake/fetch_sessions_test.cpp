// SPDX-License-Identifier: Apache-2.0
#include "fake/fetch_sessions.hpp"

#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

/// A client that keeps its session's state as a consumer does.
struct session_client {
  script& cluster;
  connection_id connection = cluster.connect();
  std::int32_t session_id = 0;
  std::int32_t epoch = 0;

  protocol::fetch_request request(std::vector<std::pair<std::int32_t, std::int64_t>> offsets) const {
    protocol::fetch_request out;
    out.session_id = session_id;
    out.session_epoch = epoch;
    for (const auto& [partition, offset] : offsets) {
      auto one = fetch_of("t", cluster.core.state().find_topic("t")->id, offset, 0ms, partition);
      if (out.topics.empty()) {
        out.topics = one.topics;
      } else {
        out.topics[0].partitions.push_back(one.topics[0].partitions[0]);
      }
    }
    return out;
  }
  protocol::fetch_response fetch(std::vector<std::pair<std::int32_t, std::int64_t>> offsets) {
    return send(request(std::move(offsets)));
  }
  protocol::fetch_response send(const protocol::fetch_request& one) {
    auto response = cluster.ask(connection, one);
    session_id = response.session_id;
    ++epoch;
    return response;
  }
};

std::vector<std::int32_t> partitions_of(const protocol::fetch_response& response) {
  std::vector<std::int32_t> out;
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partitions) out.push_back(partition.partition_index);
  }
  return out;
}

TEST_CASE("a full fetch opens a session, after which only news is told") {
  script cluster;
  cluster.create_topic("t", 3);
  session_client client{cluster};
  const auto first = client.fetch({{0, 0}, {1, 0}, {2, 0}});
  CHECK(first.session_id > 0);
  CHECK(partitions_of(first) == std::vector<std::int32_t>{0, 1, 2});
  CHECK(partitions_of(client.fetch({})).empty());

  cluster.append("t", {"a"}, 1);
  const auto news = client.fetch({});
  CHECK(news.session_id == first.session_id);
  REQUIRE(partitions_of(news) == std::vector<std::int32_t>{1});
  CHECK_FALSE(news.responses[0].partitions[0].records->empty());
  // The client moves on in that partition; nothing is new then.
  CHECK(partitions_of(client.fetch({{1, 1}})).empty());
}

TEST_CASE("a partition whose high watermark or start moved is news without records") {
  script cluster;
  cluster.create_topic("t", 2);
  cluster.append("t", {"a", "b"}, 0);
  session_client client{cluster};
  (void)client.fetch({{0, 2}, {1, 0}});
  CHECK(partitions_of(client.fetch({})).empty());
  cluster.core.state().delete_before(cluster.partition("t", 0), 1);
  const auto news = client.fetch({});
  REQUIRE(partitions_of(news) == std::vector<std::int32_t>{0});
  CHECK(news.responses[0].partitions[0].log_start_offset == 1);
  CHECK(partitions_of(client.fetch({})).empty());
}

TEST_CASE("an error is told every time and its end once more") {
  script cluster;
  cluster.create_topic("t", 1);
  session_client client{cluster};
  (void)client.fetch({{0, 99}});
  CHECK(partitions_of(client.fetch({})).size() == 1);
  CHECK(partitions_of(client.fetch({{0, 0}})).size() == 1);
  CHECK(partitions_of(client.fetch({})).empty());
}

TEST_CASE("partitions can be forgotten and added") {
  script cluster;
  const uuid id = cluster.create_topic("t", 3);
  session_client client{cluster};
  (void)client.fetch({{0, 0}, {1, 0}});
  auto change = client.request({{2, 0}});
  change.forgotten_topics_data = {{"t", id, {0}, {}}};
  CHECK(partitions_of(client.send(change)) == std::vector<std::int32_t>{2});
  for (std::int32_t partition = 0; partition < 3; ++partition) cluster.append("t", {"a"}, partition);
  CHECK(partitions_of(client.fetch({})) == std::vector<std::int32_t>{1, 2});
}

TEST_CASE("partitions that gave records go to the end of the line") {
  script cluster;
  cluster.create_topic("t", 3);
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    cluster.append("t", {"a"}, partition);
    cluster.append("t", {"b"}, partition);
  }
  session_client client{cluster};
  (void)client.fetch({{0, 0}, {1, 0}, {2, 0}});
  // One byte for all: only the first in line gives its batch.
  auto tight = client.request({});
  tight.max_bytes = 1;
  std::vector<std::int32_t> served;
  for (int count = 0; count < 3; ++count) {
    tight.session_epoch = client.epoch;
    const auto response = client.send(tight);
    for (const auto& partition : response.responses.at(0).partitions) {
      if (!partition.records->empty()) served.push_back(partition.partition_index);
    }
  }
  CHECK(served == std::vector<std::int32_t>{0, 1, 2});
}

TEST_CASE("a session with the wrong epoch or id is refused as a whole") {
  script cluster;
  cluster.create_topic("t", 1);
  session_client client{cluster};
  (void)client.fetch({{0, 0}});
  auto wrong = client.request({});
  wrong.session_epoch = 5;
  CHECK(code_of(cluster.ask(client.connection, wrong).error_code) == broker_errc::invalid_fetch_session_epoch);
  wrong = client.request({});
  wrong.session_id += 1;
  const auto refused = cluster.ask(client.connection, wrong);
  CHECK(code_of(refused.error_code) == broker_errc::fetch_session_id_not_found);
  CHECK(refused.responses.empty());
  CHECK(refused.session_id == 0);
  // The real one goes on.
  CHECK(code_of(client.fetch({}).error_code) == broker_errc::none);
}

TEST_CASE("topic names and ids do not mix in a session") {
  script cluster;
  cluster.create_topic("t", 1);
  session_client client{cluster};
  const auto opened = cluster.ask(client.connection, client.request({{0, 0}}), 12);
  client.session_id = opened.session_id;
  client.epoch = 1;
  CHECK(code_of(cluster.ask(client.connection, client.request({}), 13).error_code) ==
        broker_errc::fetch_session_topic_id_error);
}

TEST_CASE("a session ends with the final epoch, with nothing left to read, and with its node") {
  script cluster;
  const uuid id = cluster.create_topic("t", 1);
  fetch_sessions& sessions = cluster.core.state().find_node(1)->sessions;
  session_client client{cluster};
  (void)client.fetch({{0, 0}});
  CHECK(sessions.size() == 1);
  auto last = client.request({{0, 0}});
  last.session_epoch = -1;
  const auto response = client.send(last);
  CHECK(response.session_id == 0);
  CHECK(partitions_of(response).size() == 1);
  CHECK(sessions.size() == 0);

  session_client second{cluster};
  (void)second.fetch({{0, 0}});
  auto forget = second.request({});
  forget.forgotten_topics_data = {{"t", id, {0}, {}}};
  CHECK(second.send(forget).session_id == 0);
  CHECK(sessions.size() == 0);

  session_client third{cluster};
  (void)third.fetch({{0, 0}});
  cluster.core.stop_node(1);
  CHECK(sessions.size() == 0);
}

TEST_CASE("a waiting fetch whose session another connection ended is told so") {
  script cluster;
  cluster.create_topic("t", 1);
  session_client client{cluster};
  (void)client.fetch({{0, 0}});
  auto poll = client.request({});
  poll.max_wait_ms = 500;
  poll.min_bytes = 1;
  cluster.send(client.connection, poll);
  CHECK(cluster.answers(client.connection) == 0);
  auto last = client.request({});
  last.session_epoch = -1;
  (void)cluster.ask(cluster.connect(), last);
  cluster.pass(500ms);
  CHECK(code_of(cluster.take<protocol::fetch_response>(client.connection).error_code) ==
        broker_errc::fetch_session_id_not_found);
}

}  // namespace
}  // namespace kafka::fake
