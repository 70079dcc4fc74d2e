// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "group/assignors/group_index.hpp"

namespace kafka::group {

/// Which partitions a member can read without leaving its rack (KIP-881). Borrows nothing.
class racks {
 public:
  explicit racks(const group_index& group);

  [[nodiscard]] bool has_rack(member_number member) const noexcept { return member_racks_[member] != no_rack; }
  /// Whether the member has a rack and a replica of the partition is in it.
  [[nodiscard]] bool near(member_number member, partition_number partition) const noexcept;
  /// Whether going by racks changes anything: some of these members are in racks that these partitions (`count`, from
  /// `first` on) are in too, and not all these partitions are in the same racks.
  [[nodiscard]] bool matter(const std::vector<member_number>& members, partition_number first, std::size_t count) const;
  /// The same of all members and all partitions.
  [[nodiscard]] bool matter() const;
  /// How many members of the group are near the partition.
  [[nodiscard]] std::size_t members_near(partition_number partition) const noexcept;

 private:
  using rack_number = std::uint32_t;
  static constexpr rack_number no_rack = 0;

  std::vector<rack_number> member_racks_;
  /// Ascending; empty altogether if no member has a rack.
  std::vector<std::vector<rack_number>> partition_racks_;
  std::vector<std::size_t> members_in_;
};

}  // namespace kafka::group
