// SPDX-License-Identifier: Apache-2.0
// OffsetDelete, 0 (KIP-496): offsets of topics that no member subscribes to.
#include "protocol/messages/offset_delete.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

namespace {

/// Of a group whose members are no consumers nobody knows what they subscribe to.
broker_errc check(group_coordinator& groups, const std::string& name) {
  if (name.empty()) return broker_errc::invalid_group_id;
  if (!groups.exists(name)) return broker_errc::group_id_not_found;
  const classic_group* classic = groups.find_classic(name);
  const bool opaque = classic && !classic->is_empty() && !classic->is_of_consumers();
  return opaque ? broker_errc::non_empty_group : broker_errc::none;
}

}  // namespace

void handle_offset_delete(call& one) {
  const auto& request = *one.as<protocol::offset_delete_request>();
  cluster_state& state = one.state();
  protocol::offset_delete_response response;
  broker_errc refused = refusal_of_group(one, request.group_id);
  if (refused == broker_errc::none) refused = check(state.groups(), request.group_id);
  response.error_code = number_of(refused);
  if (refused != broker_errc::none) return one.answer(std::move(response));
  for (const auto& topic : request.topics) {
    const bool subscribed = state.groups().is_subscribed(request.group_id, topic.name);
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& wanted : topic.partitions) {
      broker_errc code = broker_errc::none;
      if (!state.find_partition(topic.name, wanted.partition_index)) {
        code = broker_errc::unknown_topic_or_partition;
      } else if (subscribed) {
        code = broker_errc::group_subscribed_to_topic;
      } else {
        state.offsets().forget(request.group_id, {topic.name, wanted.partition_index});
      }
      answered.partitions.push_back({wanted.partition_index, number_of(code)});
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
