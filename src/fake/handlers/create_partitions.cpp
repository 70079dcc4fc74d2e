// SPDX-License-Identifier: Apache-2.0
// CreatePartitions, 0 to 3. Any node answers, as brokers forward to the controller.
#include "protocol/messages/create_partitions.hpp"

#include <map>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"

namespace kafka::fake {

namespace {

using wanted_topic = protocol::create_partitions_request::topic;

refusal create(call& one, const wanted_topic& topic, bool is_duplicate, bool validate_only) {
  if (one.forced_error() != broker_errc::none) return {one.forced_error(), {}};
  if (is_duplicate) return {broker_errc::invalid_request, "Duplicate topic name."};
  std::optional<std::vector<std::vector<std::int32_t>>> replicas;
  if (topic.assignments) {
    replicas.emplace();
    for (const auto& assignment : *topic.assignments) replicas->push_back(assignment.broker_ids);
  }
  return one.state().add_partitions(topic.name, topic.count, replicas, validate_only);
}

}  // namespace

void handle_create_partitions(call& one) {
  const auto& request = *one.as<protocol::create_partitions_request>();
  std::map<std::string_view, std::size_t> counts;
  for (const auto& topic : request.topics) ++counts[topic.name];
  protocol::create_partitions_response response;
  for (const auto& topic : request.topics) {
    std::size_t& count = counts[topic.name];
    if (count == 0) continue;  // answered already
    refusal refused = create(one, topic, count > 1, request.validate_only);
    count = 0;
    auto& answered = response.results.emplace_back();
    answered.name = topic.name;
    answered.error_code = static_cast<std::int16_t>(refused.code);
    if (!refused.message.empty()) answered.error_message = std::move(refused.message);
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
