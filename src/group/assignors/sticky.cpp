// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/sticky.hpp"

#include <utility>

#include "group/assignors/sticky_algorithm.hpp"
#include "group/assignors/user_data.hpp"

namespace kafka::group {

std::optional<std::string> sticky_assignor::user_data(const joining_member& member) const {
  if (member.generation < 0) return std::nullopt;
  return encode_sticky_user_data({.partitions = member.assigned, .generation = member.generation});
}

group_assignment sticky_assignor::assign(const std::map<std::string, assignor_topic>& topics,
                                         const std::vector<subscribed_member>& members) {
  const group_index group(topics, members);
  std::vector<claim> claims;
  claims.reserve(group.members().size());
  for (const indexed_member& member : group.members()) {
    claims.push_back(decode_sticky_user_data(member.said->user_data));
  }
  return group.to_assignment(assign_sticky(group, claims, rebalance_protocol::eager).owners);
}

std::optional<std::string> cooperative_sticky_assignor::user_data(const joining_member& member) const {
  return encode_cooperative_user_data(member.generation);
}

group_assignment cooperative_sticky_assignor::assign(const std::map<std::string, assignor_topic>& topics,
                                                     const std::vector<subscribed_member>& members) {
  const group_index group(topics, members);
  std::vector<claim> claims;
  claims.reserve(group.members().size());
  for (const indexed_member& member : group.members()) {
    const std::int32_t generation =
        member.said->generation >= 0 ? member.said->generation : decode_cooperative_user_data(member.said->user_data);
    claims.push_back({.partitions = member.said->owned, .generation = generation});
  }
  sticky_assignment assignment = assign_sticky(group, claims, rebalance_protocol::cooperative);
  for (const partition_number partition : assignment.in_transfer) assignment.owners[partition] = no_member;
  return group.to_assignment(assignment.owners);
}

}  // namespace kafka::group
