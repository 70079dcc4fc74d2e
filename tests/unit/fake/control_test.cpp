// SPDX-License-Identifier: Apache-2.0
#include "fake/control.hpp"

#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

using kind = fake_verdict::kind;

verdict plain(kind what, broker_errc code = {}, std::chrono::milliseconds duration = {}) {
  return fake_verdict{what, code, duration};
}

protocol::produce_request a_batch(script& cluster) {
  return produce_of("t", cluster.core.state().find_topic("t")->id, batch_of(1));
}

TEST_CASE("a control function sees the decoded request") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  std::string json;
  cluster.core.control(api_key::produce, [&](call& asked) -> verdict {
    const auto* request = asked.as<protocol::produce_request>();
    REQUIRE(request);
    CHECK(request->topic_data.at(0).topic_id == id);
    CHECK_FALSE(asked.as<protocol::fetch_request>());
    CHECK(asked.header().client_id == "test");
    json = asked.body_json();
    return {};
  });
  (void)cluster.ask(cluster.connect(), a_batch(cluster));
  CHECK(json.find("\"acks\":-1") != std::string::npos);
  CHECK(cluster.partition("t").log.end_offset() == 1);
}

TEST_CASE("functions are asked in order, the first that does not pass decides, and ends after its times") {
  script cluster;
  cluster.create_topic("t");
  std::string asked;
  cluster.core.control(api_key::produce, [&](call&) -> verdict { return asked += 'a', verdict(); });
  cluster.core.control(
      api_key::produce,
      [&](call&) -> verdict { return asked += 'b', plain(kind::fail, broker_errc::request_timed_out); }, 2);
  cluster.core.control(api_key::produce, [&](call&) -> verdict { return asked += 'c', verdict(); });
  cluster.core.control(api_key::metadata, [&](call&) -> verdict { return asked += 'm', verdict(); });
  const auto client = cluster.connect();
  std::vector<broker_errc> codes;
  for (int count = 0; count < 3; ++count) {
    codes.push_back(code_of(cluster.ask(client, a_batch(cluster)).responses[0].partition_responses[0].error_code));
  }
  CHECK(codes == std::vector{broker_errc::request_timed_out, broker_errc::request_timed_out, broker_errc::none});
  CHECK(asked == "ababac");
  CHECK(cluster.partition("t").log.end_offset() == 1);
}

TEST_CASE("a control function can be removed, also by itself and while functions are asked") {
  script cluster;
  cluster.create_topic("t");
  int calls = 0;
  control_id own = 0;
  control_id next = 0;
  own = cluster.core.control(api_key::produce, [&](call&) -> verdict {
    cluster.core.remove_control(own);
    cluster.core.remove_control(next);
    ++calls;
    return {};
  });
  next = cluster.core.control(api_key::produce, [&](call&) -> verdict { return calls += 100, verdict(); });
  const auto client = cluster.connect();
  (void)cluster.ask(client, a_batch(cluster));
  (void)cluster.ask(client, a_batch(cluster));
  CHECK(calls == 1);
  cluster.core.control(api_key::produce, [&](call&) -> verdict { return calls += 100, verdict(); });
  cluster.core.remove_all_controls();
  (void)cluster.ask(client, a_batch(cluster));
  CHECK(calls == 1);
}

TEST_CASE("delay holds the request back, then it is handled as usual") {
  script cluster;
  cluster.create_topic("t");
  cluster.core.control(api_key::produce, [](call&) { return plain(kind::delay, {}, 200ms); }, 1);
  const auto client = cluster.connect();
  cluster.send(client, a_batch(cluster), 13, 1);
  cluster.send(client, a_batch(cluster), 13, 2);
  cluster.pass(199ms);
  CHECK(cluster.answers(client) == 0);
  CHECK(cluster.partition("t").log.end_offset() == 0);
  cluster.pass(1ms);
  CHECK(cluster.take<protocol::produce_response>(client, 13, 1).responses[0].partition_responses[0].base_offset == 0);
  CHECK(cluster.take<protocol::produce_response>(client, 13, 2).responses[0].partition_responses[0].base_offset == 1);
}

TEST_CASE("dropping and swallowing apply nothing, their counterparts everything") {
  const auto [what, applied, closed] = GENERATE(table<kind, std::int64_t, bool>({
      {kind::drop_connection, 0, true},
      {kind::swallow, 0, false},
      {kind::apply_then_drop, 1, true},
      {kind::apply_then_swallow, 1, false},
  }));
  CAPTURE(static_cast<int>(what));
  script cluster;
  cluster.create_topic("t");
  cluster.core.control(api_key::produce, [verb = what](call&) { return plain(verb); }, 1);
  const auto client = cluster.connect();
  cluster.send(client, a_batch(cluster), 13, 1);
  cluster.send(client, protocol::metadata_request{}, 12, 2);
  cluster.pass(1min);
  CHECK(cluster.answers(client) == 0);
  CHECK(cluster.is_closed(client) == closed);
  CHECK(cluster.partition("t").log.end_offset() == applied);
  // Other connections are not concerned.
  (void)cluster.ask(cluster.connect(), protocol::metadata_request{});
}

TEST_CASE("apply_then_delay applies at once and answers late") {
  script cluster;
  cluster.create_topic("t");
  cluster.core.control(api_key::produce, [](call&) { return plain(kind::apply_then_delay, {}, 200ms); });
  const auto client = cluster.connect();
  cluster.send(client, a_batch(cluster));
  CHECK(cluster.partition("t").log.end_offset() == 1);
  CHECK(cluster.answers(client) == 0);
  cluster.pass(200ms);
  CHECK(cluster.take<protocol::produce_response>(client).responses[0].partition_responses[0].base_offset == 0);
}

TEST_CASE("apply_then_fail applies and answers an error") {
  script cluster;
  cluster.create_topic("t");
  cluster.core.control(api_key::produce, [](call&) {
    return plain(kind::apply_then_fail, broker_errc::not_enough_replicas_after_append);
  });
  const auto client = cluster.connect();
  const auto answer = cluster.ask(client, a_batch(cluster)).responses[0].partition_responses[0];
  CHECK(code_of(answer.error_code) == broker_errc::not_enough_replicas_after_append);
  CHECK(answer.base_offset == -1);
  CHECK(cluster.partition("t").log.end_offset() == 1);
}

TEST_CASE("an answer can be made up or edited") {
  script cluster;
  cluster.create_topic("t");
  const auto client = cluster.connect();
  cluster.core.control(
      api_key::metadata,
      [](call&) {
        protocol::metadata_response made;
        made.cluster_id = "made up";
        return verdict::answer(made);
      },
      1);
  CHECK(cluster.ask(client, protocol::metadata_request{}).cluster_id == "made up");
  cluster.core.control(
      api_key::metadata,
      [](call&) {
        return verdict::edited<protocol::metadata_response>([](auto& response) { response.controller_id = 77; });
      },
      1);
  const auto edited = cluster.ask(client, protocol::metadata_request{});
  CHECK(edited.controller_id == 77);
  CHECK(edited.brokers.size() == 1);
  cluster.core.control(
      api_key::metadata, [](call&) { return verdict::answer_bytes(shared_bytes::copy_of("\1\2\3")); }, 1);
  cluster.send(client, protocol::metadata_request{}, 7);
  CHECK(cluster.take_bytes(client).text().substr(4) == "\1\2\3");
  CHECK(cluster.ask(client, protocol::metadata_request{}).controller_id == 1);
}

TEST_CASE("a control function may change the cluster") {
  script cluster({.nodes = 2});
  cluster.create_topic("t", 1, {}, 2);
  auto& partition = cluster.partition("t");
  const std::int32_t first = partition.leader;
  cluster.core.control(
      api_key::produce,
      [&](call&) -> verdict {
        cluster.core.state().set_leader(partition, 3 - first);
        return {};
      },
      1);
  const auto client = cluster.connect(first);
  const auto answer = cluster.ask(client, a_batch(cluster)).responses[0].partition_responses[0];
  CHECK(code_of(answer.error_code) == broker_errc::not_leader_or_follower);
  cluster.core.control(api_key::produce, [&](call&) -> verdict { return cluster.core.stop_node(first), verdict(); }, 1);
  cluster.send(client, a_batch(cluster));
  cluster.settle();
  CHECK(cluster.answers(client) == 0);
  CHECK(cluster.is_closed(client));
}

/// Every error code of an answer, wherever it stands.
template <class Request>
std::string failed_json(script& cluster, Request request, std::int16_t version) {
  cluster.core.control(
      Request::api.key, [](call&) { return plain(kind::fail, broker_errc::cluster_authorization_failed); }, 1);
  const auto response = cluster.ask(cluster.connect(), request, version);
  return protocol::to_json(response, version);
}

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST_CASE("fail puts its error wherever an API has room for it, in the lowest and the highest version") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto check = [&](auto request, std::size_t places, std::size_t places_of_others = 0) {
    using type = decltype(request);
    for (const std::int16_t version : {type::api.versions.min, type::api.stable_max}) {
      CAPTURE(type::name, version);
      const std::string json = failed_json(cluster, request, version);
      CAPTURE(json);
      CHECK(count(json, "\"errorCode\":31") >= places);
      CHECK(count(json, "\"errorCode\":0") <= places_of_others);
    }
  };
  check(a_batch(cluster), 1);
  check(fetch_of("t", id, 0), 1, 1);  // the error beside the partitions is for fetch sessions alone
  protocol::metadata_request metadata;
  metadata.topics = {{{}, "t", {}}, {{}, "u", {}}};
  check(metadata, 2);
  protocol::list_offsets_request offsets;
  offsets.topics = {{"t", {{}}, {}}};
  check(offsets, 1);
  protocol::create_topics_request create;
  create.topics = {{"new", 1, 1, {}, {}, {}}};
  check(create, 1);
  protocol::describe_configs_request configs;
  configs.resources = {{2, "t", {}, {}}};
  check(configs, 1);
  protocol::offset_for_leader_epoch_request epochs;
  epochs.topics = {{"t", {{}}, {}}};
  check(epochs, 1);
  check(protocol::init_producer_id_request{std::nullopt, 0, -1, -1, false, false, {}}, 1);
  check(protocol::describe_cluster_request{}, 1);
  check(protocol::api_versions_request{}, 1);
  check(protocol::add_offsets_to_txn_request{"x", 4, 0, "g", {}}, 1);
  check(protocol::end_txn_request{"x", 4, 0, true, {}}, 1);
  check(protocol::txn_offset_commit_request{"x", "g", 4, 0, -1, "", {}, {{"t", {{0, 5, -1, "", {}}}, {}}}, {}}, 1);
  check(protocol::offset_commit_request{"g", -1, "", {}, -1, {{"t", id, {{0, 5, -1, "", {}}}, {}}}, {}}, 1);
  check(protocol::describe_producers_request{{{"t", {0}, {}}}, {}}, 1);
  check(protocol::describe_transactions_request{{"x"}, {}}, 1);
  check(protocol::list_transactions_request{}, 1);
  // Keys have another place in the highest version.
  const protocol::add_partitions_to_txn_request one_transaction{{}, "x", 4, 0, {{"t", {0}, {}}}, {}};
  CHECK(count(failed_json(cluster, one_transaction, 3), "\"partitionErrorCode\":31") == 1);
  const protocol::add_partitions_to_txn_request many{{{"x", 4, 0, false, {{"t", {0}, {}}}, {}}}, {}, 0, 0, {}, {}};
  CHECK(count(failed_json(cluster, many, 5), "rrorCode\":31") == 2);
  protocol::offset_fetch_request fetched;
  fetched.group_id = "g";
  fetched.topics->push_back({"t", {0}, {}});
  CHECK(count(failed_json(cluster, fetched, 1), "\"errorCode\":31") == 1);
  CHECK(count(failed_json(cluster, fetched, 7), "\"errorCode\":31") == 1);
  fetched = {};
  fetched.groups = {{"g", {}, -1, std::nullopt, {}}};
  CHECK(count(failed_json(cluster, fetched, 10), "\"errorCode\":31") == 1);
  protocol::find_coordinator_request coordinator;
  coordinator.key = "group";
  CHECK(count(failed_json(cluster, coordinator, 0), "\"errorCode\":31") == 1);
  coordinator = {};
  coordinator.coordinator_keys = {"a", "b"};
  CHECK(count(failed_json(cluster, coordinator, 6), "\"errorCode\":31") == 2);
  protocol::delete_topics_request remove;
  remove.topic_names = {"t"};
  CHECK(count(failed_json(cluster, remove, 1), "\"errorCode\":31") == 1);
  remove = {};
  remove.topics = {{std::nullopt, id, {}}};
  CHECK(count(failed_json(cluster, remove, 6), "\"errorCode\":31") == 1);
  CHECK(cluster.core.state().find_topic("t"));
  CHECK_FALSE(cluster.core.state().find_topic("new"));
}

}  // namespace
}  // namespace kafka::fake
