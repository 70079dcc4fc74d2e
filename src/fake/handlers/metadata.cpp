// SPDX-License-Identifier: Apache-2.0
// Metadata, 0 to 13.
// - 0 asks for all topics with an empty list; since 1 null does, and an empty list asks for none.
// - 4 adds whether topics may be created. As in KRaft, the first answer about such a topic is still
//   UNKNOWN_TOPIC_OR_PARTITION.
// - 10 adds topic ids to answers; only since 12 may a request use them (before it is INVALID_REQUEST), and a request
//   with any id is about ids alone.
// - 13 adds an error for the whole answer (REBOOTSTRAP_REQUIRED, KIP-1102).
#include <algorithm>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "protocol/messages/metadata.hpp"

namespace kafka::fake {

namespace {

using response_topic = protocol::metadata_response::topic;
using response_partition = protocol::metadata_response::partition;

/// Operations that may be authorized, as the bits that a broker without an authorizer answers (KIP-430).
constexpr std::int32_t topic_operations = 0xDF8;
constexpr std::int32_t cluster_operations = 0x1FA0;

constexpr std::int16_t number(broker_errc code) noexcept {
  return static_cast<std::int16_t>(code);
}

response_partition describe(const call& one, const partition_state& partition) {
  cluster_state& state = one.state();
  const leadership told = partition.leader_as_told_by(one.node(), one.now().steady);
  response_partition out;
  out.partition_index = partition.index;
  const node_state* leader = state.find_node(told.leader);
  out.leader_id = leader && leader->listed ? told.leader : -1;
  out.leader_epoch = told.epoch;
  out.replica_nodes = partition.replicas;
  out.isr_nodes = partition.in_sync;
  std::copy_if(partition.replicas.begin(), partition.replicas.end(), std::back_inserter(out.offline_replicas),
               [&](std::int32_t replica) { return !state.is_running(replica); });
  if (out.leader_id < 0) out.error_code = number(broker_errc::leader_not_available);
  return out;
}

response_topic describe(const call& one, const topic_state& topic, bool with_operations) {
  response_topic out;
  out.name = topic.name;
  out.topic_id = topic.id;
  out.is_internal = topic.internal;
  for (const auto& partition : topic.partitions) out.partitions.push_back(describe(one, partition));
  if (with_operations) out.topic_authorized_operations = topic_operations;
  return out;
}

response_topic failed(broker_errc code, std::optional<std::string> name, const uuid& id = {}) {
  response_topic out;
  out.error_code = number(code);
  out.name = std::move(name);
  out.topic_id = id;
  return out;
}

response_topic by_name(call& one, const std::string& name, const protocol::metadata_request& request) {
  cluster_state& state = one.state();
  if (const topic_state* found = state.find_topic(name)) {
    return describe(one, *found, request.include_topic_authorized_operations);
  }
  const bool may_create = state.options().auto_create_topics && request.allow_auto_topic_creation;
  const refusal refused = state.create_topic({.name = name}, !may_create);
  const bool is_bad_name = refused.code == broker_errc::invalid_topic_exception;
  return failed(is_bad_name ? refused.code : broker_errc::unknown_topic_or_partition, name);
}

response_topic by_id(call& one, const uuid& id, const protocol::metadata_request& request) {
  const topic_state* found = one.state().find_topic(id);
  if (found) return describe(one, *found, request.include_topic_authorized_operations);
  return failed(broker_errc::unknown_topic_id, std::nullopt, id);
}

void add_topics(call& one, const protocol::metadata_request& request, protocol::metadata_response& response) {
  const bool all = !request.topics || (one.version() == 0 && request.topics->empty());
  if (all) {
    for (const auto& [name, topic] : one.state().topics()) {
      response.topics.push_back(describe(one, topic, request.include_topic_authorized_operations));
    }
    return;
  }
  const auto& topics = *request.topics;
  const bool any_id = std::any_of(topics.begin(), topics.end(), [](auto& topic) { return !topic.topic_id.is_zero(); });
  const bool any_null = std::any_of(topics.begin(), topics.end(), [](auto& topic) { return !topic.name; });
  const bool refused = (any_id || any_null) && one.version() < 12;
  for (const auto& topic : topics) {
    if (refused) {
      response.topics.push_back(
          failed(broker_errc::invalid_request, topic.name.value_or(std::string()), topic.topic_id));
    } else if (any_id) {
      if (!topic.topic_id.is_zero()) response.topics.push_back(by_id(one, topic.topic_id, request));
    } else {
      response.topics.push_back(by_name(one, topic.name.value_or(std::string()), request));
    }
  }
}

}  // namespace

void handle_metadata(call& one) {
  const auto& request = *one.as<protocol::metadata_request>();
  const cluster_state& state = one.state();
  protocol::metadata_response response;
  for (const auto& node : state.nodes()) {
    if (node.serves()) response.brokers.push_back({node.id, node.host, node.port, node.rack, {}});
  }
  response.cluster_id = state.cluster_id();
  response.controller_id = state.controller();
  if (request.include_cluster_authorized_operations) response.cluster_authorized_operations = cluster_operations;
  const broker_errc forced = one.forced_error();
  if (forced == broker_errc::none) {
    add_topics(one, request, response);
  } else {
    response.error_code = number(forced);
    if (request.topics) {
      for (const auto& topic : *request.topics) {
        response.topics.push_back(failed(forced, topic.name.value_or(std::string()), topic.topic_id));
      }
    } else {
      for (const auto& [name, topic] : state.topics()) response.topics.push_back(failed(forced, name, topic.id));
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
