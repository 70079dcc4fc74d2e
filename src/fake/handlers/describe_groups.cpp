// SPDX-License-Identifier: Apache-2.0
// DescribeGroups, 0 to 6: classic groups. 3 adds authorized operations, 4 static members. Since 6 a group that is not
// there is an error (KIP-1043); before, it is a dead one.
#include "protocol/messages/describe_groups.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"

namespace kafka::fake {

namespace {

using described = protocol::describe_groups_response::group;

constexpr std::int16_t not_found_since = 6;

/// Without an authorizer everything is allowed: read, delete and describe, by the codes of ACL operations.
constexpr std::int32_t all_operations = (1 << 3) | (1 << 6) | (1 << 8);

described describe(call& one, const std::string& name) {
  described out;
  out.group_id = name;
  const broker_errc refused = refusal_of_group(one, name);
  out.error_code = number_of(refused);
  if (refused != broker_errc::none) return out;
  const classic_group* group = one.state().groups().find_classic(name);
  if (!group) {
    out.group_state = name_of(classic_phase::dead);
    if (one.version() < not_found_since) return out;
    out.error_code = number_of(broker_errc::group_id_not_found);
    out.error_message = "Group " + name + " not found.";
    return out;
  }
  out.group_state = name_of(group->phase());
  out.protocol_type = group->protocol_type();
  const bool is_stable = group->phase() == classic_phase::stable;
  // What members said and got means something only while nothing is changing.
  if (is_stable) out.protocol_data = group->protocol().value_or("");
  for (const auto& [id, member] : group->members()) {
    auto& added = out.members.emplace_back();
    added.member_id = id;
    added.group_instance_id = member.instance_id;
    added.client_id = member.client_id;
    added.client_host = client_host;
    if (!is_stable) continue;
    added.member_metadata = member.metadata(out.protocol_data);
    added.member_assignment = member.assignment;
  }
  return out;
}

}  // namespace

void handle_describe_groups(call& one) {
  const auto& request = *one.as<protocol::describe_groups_request>();
  protocol::describe_groups_response response;
  for (const auto& name : request.groups) {
    described group = describe(one, name);
    if (request.include_authorized_operations && group.error_code == 0) group.authorized_operations = all_operations;
    response.groups.push_back(std::move(group));
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
