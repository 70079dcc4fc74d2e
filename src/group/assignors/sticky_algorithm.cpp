// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/sticky_algorithm.hpp"

#include <algorithm>
#include <utility>

#include "group/assignors/racks.hpp"

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

/// One or the other way; where members do not subscribe alike, nothing is said of what is in transfer.
sticky_assignment assign_by(rack_rule rule, const group_index& group, const previous_assignment& previous) {
  if (group.all_subscribe_alike()) return assign_alike(group, previous, rule);
  return {.owners = assign_unlike(group, previous, rule), .in_transfer = {}};
}

/// After so many rebalances in which nothing else changes an assignment is to stay.
constexpr int rounds_to_rest = 4;

/// Whether it does, after a rebalance with this result, if all those to come go by this rule.
bool comes_to_rest(const group_index& group, const sticky_assignment& first, rack_rule rule, rebalance_protocol how) {
  ownership owned = first.owners;
  const bool cooperates = how == rebalance_protocol::cooperative;
  if (cooperates) {
    for (const partition_number partition : first.in_transfer) owned[partition] = no_member;
  }
  for (int round = 0; round < rounds_to_rest; ++round) {
    previous_assignment previous{.kept = std::vector<std::vector<partition_number>>(group.members().size()),
                                 .disputed = std::vector<bool>(owned.size()),
                                 .before = ownership(owned.size(), no_member)};
    for (partition_number partition = 0; partition < owned.size(); ++partition) {
      if (owned[partition] != no_member) previous.kept[owned[partition]].push_back(partition);
    }
    ownership next = assign_by(rule, group, previous).owners;
    if (next == owned) return true;
    for (partition_number partition = 0; cooperates && partition < owned.size(); ++partition) {
      if (owned[partition] != no_member && owned[partition] != next[partition]) next[partition] = no_member;
    }
    owned = std::move(next);
  }
  return false;
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

sticky_assignment assign_sticky(const group_index& group, const std::vector<claim>& claims, rebalance_protocol how) {
  const previous_assignment previous = weigh_claims(group, claims);
  const auto by = [&](rack_rule rule) {
    sticky_assignment out = assign_by(rule, group, previous);
    if (!group.all_subscribe_alike()) out.in_transfer = changed_hands(group, claims, out.owners);
    return out;
  };
  // What one rebalance takes away for the sake of racks or evenness the next may give to somebody with whom it cannot
  // stay either, and so on in a circle. The rebalances to come are known if nothing else changes, so they are looked at
  // beforehand. A rule that leads to rest leads there from the next rebalance on as well: no circle is made of two.
  if (racks(group).matter()) {
    for (const rack_rule rule : {rack_rule::take_away, rack_rule::give_near}) {
      sticky_assignment out = by(rule);
      if (comes_to_rest(group, out, rule, how)) return out;
    }
  }
  return by(rack_rule::ignore);
}

}  // namespace kafka::group
