// SPDX-License-Identifier: Apache-2.0
// What members of a classic group tell each other inside JoinGroup and SyncGroup (Kafka's consumer protocol).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/assignor.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/shared_bytes.hpp"

namespace kafka::group {

/// A member's subscription, in the newest version: older readers read what they know of it.
[[nodiscard]] shared_bytes subscription_bytes(const subscribed_member& member);
/// The inverse, for the leader. What cannot be read is as if it were not there: it comes from other programs, and one
/// of them must not keep the group from being assigned.
[[nodiscard]] subscribed_member read_subscription(const std::string& member_id,
                                                  const std::optional<std::string>& instance_id,
                                                  const shared_bytes& bytes);

[[nodiscard]] shared_bytes assignment_bytes(const member_assignment& assignment);
/// malformed_response if it cannot be read. Empty bytes are an empty assignment.
[[nodiscard]] error read_assignment(const shared_bytes& bytes, member_assignment& out);

}  // namespace kafka::group
