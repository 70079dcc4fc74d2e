// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/fake/script.hpp"

namespace kafka::fake {

/// Options of a cluster whose classic groups hardly wait for more members: twice 10 ms.
inline fake_cluster_options hasty(std::int32_t nodes = 1) {
  return {.nodes = nodes, .broker_configs = {{"group.initial.rebalance.delay.ms", "10"}}};
}

/// The group of all members below.
inline const std::string group = "g";

/// What classic_client's leaders assign to a member.
inline std::string share_of(const std::string& member_id) {
  std::string out("for ");
  return out.append(member_id);
}

/// A member of the classic group "g" that sends what it is told, whether or not that makes sense.
class classic_client {
 public:
  explicit classic_client(script& cluster, std::optional<std::string> its_instance = {})
      : instance(std::move(its_instance)),
        connection(cluster.connect(cluster.core.state().coordinator(coordinator_type::group, group))),
        cluster_(cluster) {}

  std::string member_id;
  std::optional<std::string> instance;
  std::int32_t generation = -1;
  std::vector<std::pair<std::string, std::string>> protocols{{"range", "subscription"}};
  std::string protocol_type = "consumer";
  std::chrono::milliseconds session_timeout = 10s;
  std::chrono::milliseconds rebalance_timeout = 60s;
  connection_id connection;

  [[nodiscard]] protocol::join_group_request join_request() const {
    protocol::join_group_request out;
    out.group_id = group;
    out.member_id = member_id;
    out.group_instance_id = instance;
    out.protocol_type = protocol_type;
    out.session_timeout_ms = static_cast<std::int32_t>(session_timeout.count());
    out.rebalance_timeout_ms = static_cast<std::int32_t>(rebalance_timeout.count());
    for (const auto& [name, text] : protocols) out.protocols.push_back({name, shared_bytes::copy_of(text), {}});
    return out;
  }
  void send_join(std::int16_t version = 9) { cluster_.send(connection, join_request(), version); }
  /// Asks for an id if it has none, then joins; the answer comes later.
  void begin_join() {
    if (member_id.empty() && !instance) {
      const auto told = cluster_.ask(connection, join_request(), 9);
      REQUIRE(code_of(told.error_code) == broker_errc::member_id_required);
      member_id = told.member_id;
    }
    send_join();
  }
  /// The answer; takes over what it says if it is no error.
  protocol::join_group_response take_join(std::int16_t version = 9) {
    auto answer = cluster_.take<protocol::join_group_response>(connection, version);
    if (answer.error_code == 0) {
      member_id = answer.member_id;
      generation = answer.generation_id;
    }
    return answer;
  }
  broker_errc joined() { return code_of(take_join().error_code); }

  [[nodiscard]] protocol::sync_group_request sync_request() const {
    protocol::sync_group_request out;
    out.group_id = group;
    out.generation_id = generation;
    out.member_id = member_id;
    out.group_instance_id = instance;
    out.protocol_type = protocol_type;
    out.protocol_name = protocols.front().first;
    return out;
  }
  void begin_sync(const std::vector<std::string>& members_to_assign = {}) {
    auto request = sync_request();
    for (const auto& id : members_to_assign) {
      request.assignments.push_back({id, shared_bytes::copy_of(share_of(id)), {}});
    }
    cluster_.send(connection, request);
  }
  protocol::sync_group_response take_sync() { return cluster_.take<protocol::sync_group_response>(connection); }

  broker_errc heartbeat() {
    protocol::heartbeat_request request;
    request.group_id = group;
    request.generation_id = generation;
    request.member_id = member_id;
    request.group_instance_id = instance;
    return code_of(cluster_.ask(connection, request).error_code);
  }
  broker_errc leave() {
    protocol::leave_group_request request;
    request.group_id = group;
    request.members = {{member_id, instance, std::nullopt, {}}};
    const auto answer = cluster_.ask(connection, request);
    CHECK(answer.error_code == 0);
    return code_of(answer.members.at(0).error_code);
  }
  broker_errc commit(std::int64_t offset, std::int16_t version = 9) {
    protocol::offset_commit_request request;
    request.group_id = group;
    request.generation_id_or_member_epoch = generation;
    request.member_id = member_id;
    if (version >= 7) request.group_instance_id = instance;
    request.topics = {{"t", {}, {{0, offset, -1, "", {}}}, {}}};
    return code_of(cluster_.ask(connection, request, version).topics.at(0).partitions.at(0).error_code);
  }
  [[nodiscard]] bool waits() const { return cluster_.answers(connection) == 0; }

 private:
  script& cluster_;
};

/// Brings all of them into one stable generation of the group, led by the first of them unless somebody leads already.
inline void form_group(script& cluster, const std::vector<classic_client*>& clients) {
  for (auto* one : clients) one->begin_join();
  cluster.pass(20ms);
  classic_client* leader = nullptr;
  std::vector<std::string> ids;
  for (auto* one : clients) {
    REQUIRE_FALSE(one->waits());
    const auto answer = one->take_join();
    REQUIRE(code_of(answer.error_code) == broker_errc::none);
    if (answer.leader == one->member_id) leader = one;
    ids.push_back(one->member_id);
  }
  REQUIRE(leader);
  for (auto* one : clients) {
    if (one != leader) one->begin_sync();
  }
  leader->begin_sync(ids);
  for (auto* one : clients) {
    const auto answer = one->take_sync();
    REQUIRE(code_of(answer.error_code) == broker_errc::none);
    CHECK(answer.assignment.text() == share_of(one->member_id));
  }
}

/// A member of the new-protocol group "g" (KIP-848).
class consumer_client {
 public:
  consumer_client(script& cluster, std::string its_id, std::vector<std::string> its_topics,
                  std::optional<std::string> its_instance = {})
      : id(std::move(its_id)),
        topics(std::move(its_topics)),
        instance(std::move(its_instance)),
        cluster_(cluster),
        connection_(cluster.connect(cluster.core.state().coordinator(coordinator_type::group, group))) {}

  std::string id;
  std::vector<std::string> topics;
  std::optional<std::string> instance;
  std::int32_t epoch = 0;
  /// What it was told to have; what it says that it owns.
  partition_set assigned;
  partition_set owned;
  std::optional<std::string> assignor;
  std::optional<std::string> regex;
  std::int32_t rebalance_timeout_ms = 60'000;

  [[nodiscard]] protocol::consumer_group_heartbeat_request request(bool full) const {
    protocol::consumer_group_heartbeat_request out;
    out.group_id = group;
    out.member_id = id;
    out.member_epoch = epoch;
    out.instance_id = instance;
    auto& said = out.topic_partitions.emplace();
    for (const auto& [topic, index] : owned) {
      if (said.empty() || said.back().topic_id != topic) said.emplace_back().topic_id = topic;
      said.back().partitions.push_back(index);
    }
    if (full) {
      out.rebalance_timeout_ms = rebalance_timeout_ms;
      out.subscribed_topic_names = topics;
      out.subscribed_topic_regex = regex;
      out.server_assignor = assignor;
    }
    return out;
  }
  protocol::consumer_group_heartbeat_response ask(const protocol::consumer_group_heartbeat_request& request,
                                                  std::int16_t version = 1) {
    return cluster_.ask(connection_, request, version);
  }
  /// A heartbeat; takes over what the answer says. It owns what it is told at once, and gives up nothing.
  broker_errc beat() {
    const auto answer = ask(request(epoch == 0));
    if (answer.error_code != 0) return code_of(answer.error_code);
    CHECK(answer.heartbeat_interval_ms == 5000);
    epoch = answer.member_epoch;
    id = answer.member_id.value_or(id);
    if (answer.assignment) {
      assigned.clear();
      for (const auto& topic : answer.assignment->topic_partitions) {
        for (const std::int32_t index : topic.partitions) assigned.emplace(topic.topic_id, index);
      }
    }
    for (const auto& one : assigned) owned.insert(one);
    return broker_errc::none;
  }
  /// The same, after it gave up what it should.
  broker_errc settle() {
    owned = assigned;
    return beat();
  }
  broker_errc leave(std::int32_t how = -1) {
    auto said = request(false);
    said.member_epoch = how;
    said.topic_partitions.reset();
    return code_of(ask(said).error_code);
  }
  broker_errc commit(std::int64_t offset, const uuid& topic, std::int16_t version = 10) {
    protocol::offset_commit_request said;
    said.group_id = group;
    said.generation_id_or_member_epoch = epoch;
    said.member_id = id;
    said.topics = {{"t", topic, {{0, offset, -1, "", {}}}, {}}};
    return code_of(cluster_.ask(connection_, said, version).topics.at(0).partitions.at(0).error_code);
  }

 private:
  script& cluster_;
  connection_id connection_;
};

}  // namespace kafka::fake
