// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupDescribe, 0 and 1 (KIP-848): groups of the new protocol. 1 tells members of both protocols apart.
#include "protocol/messages/consumer_group_describe.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

namespace {

using described = protocol::consumer_group_describe_response;

/// Read, delete and describe, by the codes of ACL operations: without an authorizer all is allowed.
constexpr std::int32_t all_operations = (1 << 3) | (1 << 6) | (1 << 8);
constexpr std::int8_t consumer_member_type = 1;

/// Partitions of topics that are gone are left out: they have no name any more.
described::member_assignment with_names(cluster_state& state, const partition_set& partitions) {
  described::member_assignment out;
  for (const auto& [id, index] : partitions) {
    const topic_state* topic = state.find_topic(id);
    if (!topic) continue;
    auto& topics = out.topic_partitions;
    if (topics.empty() || topics.back().topic_id != id) {
      auto& added = topics.emplace_back();
      added.topic_id = id;
      added.topic_name = topic->name;
    }
    topics.back().partitions.push_back(index);
  }
  return out;
}

described::group describe(call& one, const std::string& name) {
  described::group out;
  out.group_id = name;
  const broker_errc refused = refusal_of_group(one, name);
  out.error_code = number_of(refused);
  if (refused != broker_errc::none) return out;
  const consumer_group* group = one.state().groups().find_consumer(name);
  if (!group) {
    out.error_code = number_of(broker_errc::group_id_not_found);
    const bool exists = one.state().groups().exists(name);
    out.error_message = "Group " + name + (exists ? " is not a consumer group." : " not found.");
    return out;
  }
  out.group_state = group->phase_name();
  out.group_epoch = group->epoch();
  out.assignment_epoch = group->assignment_epoch();
  out.assignor_name = group->assignor();
  for (const auto& [id, member] : group->members()) {
    auto& added = out.members.emplace_back();
    added.member_id = id;
    added.instance_id = member.instance_id;
    added.rack_id = member.rack_id;
    added.member_epoch = member.epoch;
    added.client_id = member.client_id;
    added.client_host = client_host;
    added.subscribed_topic_names.assign(member.topics.begin(), member.topics.end());
    if (!member.regex.empty()) added.subscribed_topic_regex = member.regex;
    added.assignment = with_names(one.state(), member.assigned);
    added.target_assignment = with_names(one.state(), group->target(id));
    added.member_type = consumer_member_type;
  }
  return out;
}

}  // namespace

void handle_consumer_group_describe(call& one) {
  const auto& request = *one.as<protocol::consumer_group_describe_request>();
  described response;
  for (const auto& name : request.group_ids) {
    auto group = describe(one, name);
    if (request.include_authorized_operations && group.error_code == 0) group.authorized_operations = all_operations;
    response.groups.push_back(std::move(group));
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
