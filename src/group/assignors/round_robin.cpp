// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/round_robin.hpp"

#include "group/assignors/group_index.hpp"

namespace kafka::group {

group_assignment round_robin_assignor::assign(const std::map<std::string, assignor_topic>& topics,
                                              const std::vector<subscribed_member>& members) {
  const group_index group(topics, members);
  const std::vector<member_number> order = static_members_first(group);
  ownership owners(group.partition_count(), no_member);
  std::size_t turn = 0;
  for (partition_number partition = 0; partition < owners.size(); ++partition) {
    // Ends: every topic of the index has a subscriber.
    while (!group.may_have(order[turn % order.size()], partition)) ++turn;
    owners[partition] = order[turn++ % order.size()];
  }
  return group.to_assignment(owners);
}

}  // namespace kafka::group
