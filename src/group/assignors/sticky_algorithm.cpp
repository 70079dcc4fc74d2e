// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/sticky_algorithm.hpp"

#include <algorithm>
#include <utility>

namespace kafka::group {

namespace {

/// Each member's claims to partitions that exist, ascending and once each.
std::vector<std::vector<partition_number>> existing(const group_index& group, const std::vector<claim>& claims) {
  std::vector<std::vector<partition_number>> out(claims.size());
  for (std::size_t member = 0; member < claims.size(); ++member) {
    for (const topic_partition& partition : claims[member].partitions) {
      if (const auto number = group.find(partition)) out[member].push_back(*number);
    }
    std::sort(out[member].begin(), out[member].end());
    out[member].erase(std::unique(out[member].begin(), out[member].end()), out[member].end());
  }
  return out;
}

std::int32_t generation_of(const claim& said) noexcept {
  return std::max(said.generation, std::int32_t{-1});
}

/// Partitions that somebody claims, but not the one who has them now.
std::vector<partition_number> changed_hands(const group_index& group, const std::vector<claim>& claims,
                                            const ownership& owners) {
  std::vector<bool> claimed(owners.size());
  std::vector<bool> stayed(owners.size());
  const auto numbers = existing(group, claims);
  for (member_number member = 0; member < numbers.size(); ++member) {
    for (const partition_number partition : numbers[member]) {
      claimed[partition] = true;
      if (owners[partition] == member) stayed[partition] = true;
    }
  }
  std::vector<partition_number> out;
  for (partition_number partition = 0; partition < owners.size(); ++partition) {
    if (claimed[partition] && !stayed[partition]) out.push_back(partition);
  }
  return out;
}

}  // namespace

previous_assignment weigh_claims(const group_index& group, const std::vector<claim>& claims) {
  previous_assignment out{.kept = std::vector<std::vector<partition_number>>(claims.size()),
                          .disputed = std::vector<bool>(group.partition_count()),
                          .before = ownership(group.partition_count(), no_member)};
  std::int32_t newest = -1;
  for (const claim& said : claims) newest = std::max(newest, said.generation);
  ownership owners(group.partition_count(), no_member);
  const auto numbers = existing(group, claims);
  for (member_number member = 0; member < claims.size(); ++member) {
    const std::int32_t generation = generation_of(claims[member]);
    for (const partition_number partition : numbers[member]) {
      member_number& owner = owners[partition];
      if (owner == no_member || generation > generation_of(claims[owner])) {
        owner = member;
        out.disputed[partition] = false;
      } else if (generation == generation_of(claims[owner])) {
        out.disputed[partition] = true;
      }
      member_number& before = out.before[partition];
      if (generation < newest && (before == no_member || generation > generation_of(claims[before]))) before = member;
    }
  }
  for (partition_number partition = 0; partition < owners.size(); ++partition) {
    if (owners[partition] != no_member && !out.disputed[partition]) out.kept[owners[partition]].push_back(partition);
  }
  return out;
}

sticky_assignment assign_sticky(const group_index& group, const std::vector<claim>& claims) {
  const previous_assignment previous = weigh_claims(group, claims);
  if (group.all_subscribe_alike()) return assign_alike(group, previous);
  sticky_assignment out{.owners = assign_unlike(group, previous), .in_transfer = {}};
  out.in_transfer = changed_hands(group, claims, out.owners);
  return out;
}

}  // namespace kafka::group
