// SPDX-License-Identifier: Apache-2.0
// CreateTopics, 2 to 7. Any node answers, as brokers forward to the controller.
// - 4 lets -1 stand for the default number of partitions and replicas.
// - 5 adds partitions, replicas and configuration to the answer; 7 the topic's id.
#include <map>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "protocol/messages/create_topics.hpp"

namespace kafka::fake {

namespace {

using result = protocol::create_topics_response::topic;
using wanted_topic = protocol::create_topics_request::topic;

topic_plan plan_of(const wanted_topic& topic) {
  topic_plan plan;
  plan.name = topic.name;
  plan.partitions = topic.num_partitions;
  plan.replication_factor = topic.replication_factor;
  for (const auto& one : topic.assignments) plan.assignments.emplace_back(one.partition_index, one.broker_ids);
  for (const auto& one : topic.configs) plan.configs.emplace_back(one.name, one.value);
  return plan;
}

void describe(const created_topic& created, result& out) {
  out.topic_id = created.id;
  out.num_partitions = created.partitions;
  out.replication_factor = created.replication_factor;
  auto& configs = out.configs.emplace();
  for (const auto& key : topic_config_keys()) {
    const auto given = created.configs.find(key.name);
    const bool is_given = given != created.configs.end();
    configs.push_back(
        {.name = std::string(key.name),
         .value = is_given ? given->second : std::string(key.standard),
         .config_source = static_cast<std::int8_t>(is_given ? config_source::topic : config_source::standard),
         .unknown_tagged_fields = {}});
  }
}

result create(call& one, const wanted_topic& topic, bool is_duplicate, bool validate_only) {
  refusal refused;
  created_topic created;
  if (one.forced_error() != broker_errc::none) {
    refused = {one.forced_error(), {}};
  } else if (is_duplicate) {
    refused = {broker_errc::invalid_request, "Duplicate topic name."};
  } else if (one.version() < 4 && topic.assignments.empty() && topic.num_partitions == -1) {
    refused = {broker_errc::invalid_partitions, "Number of partitions must be larger than 0."};
  } else if (one.version() < 4 && topic.assignments.empty() && topic.replication_factor == -1) {
    refused = {broker_errc::invalid_replication_factor, "Replication factor must be larger than 0."};
  } else {
    refused = one.state().create_topic(plan_of(topic), validate_only, &created);
  }
  result out;
  out.name = topic.name;
  out.error_code = static_cast<std::int16_t>(refused.code);
  out.error_message.reset();
  if (!refused) {
    describe(created, out);
  } else if (!refused.message.empty()) {
    out.error_message = refused.message;
  }
  return out;
}

}  // namespace

void handle_create_topics(call& one) {
  const auto& request = *one.as<protocol::create_topics_request>();
  std::map<std::string_view, std::size_t> counts;
  for (const auto& topic : request.topics) ++counts[topic.name];
  protocol::create_topics_response response;
  for (const auto& topic : request.topics) {
    std::size_t& count = counts[topic.name];
    if (count == 0) continue;  // answered already
    response.topics.push_back(create(one, topic, count > 1, request.validate_only));
    count = 0;
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
