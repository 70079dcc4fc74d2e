// SPDX-License-Identifier: Apache-2.0
// What the two sticky assignors have in common (Java's AbstractStickyAssignor): evenly, and moving as little as
// possible. Racks (KIP-881) come after evenness and before stickiness.
#pragma once

#include <cstdint>
#include <vector>

#include "group/assignors/group_index.hpp"

namespace kafka::group {

/// What a member says that it had, and in which generation; -1 if it does not know.
struct claim {
  std::vector<topic_partition> partitions{};
  std::int32_t generation = -1;
};

/// What to make of the claims of all members.
struct previous_assignment {
  /// The rightful claims of each member, ascending: to partitions that exist and that nobody of a newer generation
  /// claims too.
  std::vector<std::vector<partition_number>> kept;
  /// Partitions that several members of one generation claim: none of them is believed.
  std::vector<bool> disputed;
  /// Who had a partition before the newest generation.
  ownership before;
};

struct sticky_assignment {
  ownership owners;
  /// Partitions whose former owner, another one, may still be reading them.
  std::vector<partition_number> in_transfer;
};

/// `claims` by member_number.
[[nodiscard]] previous_assignment weigh_claims(const group_index& group, const std::vector<claim>& claims);

/// How far an assignment goes for the sake of racks.
enum class rack_rule : std::uint8_t {
  take_away,  ///< As Java: whoever has a partition in another rack does not keep it, unless it is clear that nothing is
              ///< won.
  give_near,  ///< Everybody keeps everything; what nobody has goes where it is near, if somebody there may have it.
  ignore,
};

/// Where all members subscribe alike: everybody gets a share fixed beforehand. `in_transfer` is filled.
[[nodiscard]] sticky_assignment assign_alike(const group_index& group, const previous_assignment& previous,
                                             rack_rule rule);

/// Where they do not: shares follow from what can be balanced at all.
[[nodiscard]] ownership assign_unlike(const group_index& group, const previous_assignment& previous, rack_rule rule);

/// One or the other. `claims` by member_number. A group that rebalances by `how`, and in which nothing changes, has an
/// assignment that stays after a few more rebalances.
[[nodiscard]] sticky_assignment assign_sticky(const group_index& group, const std::vector<claim>& claims,
                                              rebalance_protocol how);

}  // namespace kafka::group
