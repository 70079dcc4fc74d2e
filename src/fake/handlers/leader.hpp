// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

/// Puts the current leader of a partition into a response (KIP-951): its id and epoch at the partition, its address
/// beside, once. The leader that was before knows the new one; others tell what their metadata say.
template <class Response, class Partition>
void tell_leader(const call& one, const partition_state& partition, Response& response, Partition& out) {
  leadership told = partition.leader_as_told_by(one.node(), one.now().steady);
  if (told.leader == one.node()) told = {partition.leader, partition.leader_epoch};
  out.current_leader.leader_id = told.leader;
  out.current_leader.leader_epoch = told.epoch;
  for (const auto& node : one.state().nodes()) {
    if (node.id != told.leader || !node.listed) continue;
    auto& endpoints = response.node_endpoints;
    const bool there = std::any_of(endpoints.begin(), endpoints.end(),
                                   [&](auto& told_before) { return told_before.node_id == node.id; });
    if (!there) endpoints.push_back({node.id, node.host, node.port, node.rack, {}});
  }
}

/// What a request that names the leader epoch it knows is told (KIP-320); -1 names none.
[[nodiscard]] inline broker_errc check_epoch(const partition_state& partition, std::int32_t known_epoch) noexcept {
  if (known_epoch < 0 || known_epoch == partition.leader_epoch) return broker_errc::none;
  return known_epoch < partition.leader_epoch ? broker_errc::fenced_leader_epoch : broker_errc::unknown_leader_epoch;
}

}  // namespace kafka::fake
