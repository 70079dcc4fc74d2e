// SPDX-License-Identifier: Apache-2.0
// Java's GeneralAssignmentBuilder, with three differences:
// - A partition moves back to a member that had it earlier only if that member subscribes to its topic; Java asks
//   nobody.
// - Every move makes the assignment more even. Java's may make it worse, and are then all taken back. So moving ends
//   here, and ends with as even an assignment as there is.
// - Nobody loses a partition for the sake of racks if in the end no more partitions are in the right ones. Java takes
//   partitions in wrong racks away in every rebalance and then moves others there to even out, so that some groups
//   never come to rest. For the few that even so would not, see assign_sticky().
#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "group/assignors/java_order.hpp"
#include "group/assignors/racks.hpp"
#include "group/assignors/sticky_algorithm.hpp"

namespace kafka::group {

namespace {

/// Which partitions have moved from where to where. Keeps two members from swapping partitions of one topic: before one
/// moves from A to B, one that came from B to A is moved back.
class movement_log {
 public:
  explicit movement_log(const group_index& group) : group_(group) {}

  void moved(partition_number partition, member_number from, member_number to) {
    if (const auto earlier = by_partition_.find(partition); earlier != by_partition_.end()) {
      from = earlier->second.first;
      forget(partition, earlier->second);
      by_partition_.erase(earlier);
      if (from == to) return;
    }
    by_partition_.emplace(partition, std::pair(from, to));
    route& taken = by_route_[{group_.topic_of(partition), from, to}];
    taken.partitions.push_back(partition);
    taken.most = std::max(taken.most, taken.partitions.size());
  }

  /// What to move to `to` rather than `partition`, which is with `from`.
  [[nodiscard]] partition_number instead_of(partition_number partition, member_number from, member_number to) const {
    if (const auto earlier = by_partition_.find(partition); earlier != by_partition_.end()) {
      from = earlier->second.first;
    }
    const auto reverse = by_route_.find({group_.topic_of(partition), to, from});
    return reverse == by_route_.end() ? partition : first_of(reverse->second);
  }

 private:
  /// Partitions that moved in the order in which they did, and how many there were at most: Java's HashSet never
  /// shrinks.
  struct route {
    std::vector<partition_number> partitions;
    std::size_t most = 0;
  };

  [[nodiscard]] partition_number first_of(const route& taken) const {
    const auto bucket = [&](partition_number partition) {
      const indexed_topic& topic = group_.topics()[group_.topic_of(partition)];
      return java_bucket(java_hash(*topic.name, static_cast<std::uint32_t>(partition - topic.first)), taken.most);
    };
    return *std::min_element(taken.partitions.begin(), taken.partitions.end(),
                             [&](partition_number a, partition_number b) { return bucket(a) < bucket(b); });
  }

  void forget(partition_number partition, std::pair<member_number, member_number> ends) {
    const auto found = by_route_.find({group_.topic_of(partition), ends.first, ends.second});
    std::erase(found->second.partitions, partition);
    if (found->second.partitions.empty()) by_route_.erase(found);
  }

  const group_index& group_;
  std::unordered_map<partition_number, std::pair<member_number, member_number>> by_partition_;
  std::map<std::tuple<topic_number, member_number, member_number>, route> by_route_;
};

class unlike_assignment {
 public:
  unlike_assignment(const group_index& group, const previous_assignment& previous, rack_rule rule)
      : group_(group),
        previous_(previous),
        racks_(group),
        movements_(group),
        counts_(group.members().size()),
        owners_(group.partition_count(), no_member) {
    by_racks_ = rule != rack_rule::ignore && racks_.matter();
    takes_away_ = by_racks_ && rule == rack_rule::take_away;
  }

  /// As Java does.
  ownership build() {
    const bool taken_away = !keep_owned(takes_away_);
    std::vector<partition_number> all = fewest_subscribers_first();
    std::vector<partition_number> added = assign_unowned(all);
    const auto fixed = [this](partition_number partition) { return topic_of(partition).members.size() < 2; };
    std::erase_if(all, fixed);
    std::erase_if(added, fixed);
    // If nothing had to be taken away, it may be enough to move what nobody had.
    if (!taken_away) even_out(added);
    even_out(all);
    return std::move(owners_);
  }

  /// Everybody keeps everything, if what nobody has can be given out so that the assignment is even and as many
  /// partitions are near as in `other`. Nothing otherwise, or if nobody loses anything for the sake of racks.
  std::optional<ownership> stay(const ownership& other) {
    if (!takes_away_ || !keep_owned(false)) return std::nullopt;
    assign_unowned(fewest_subscribers_first());
    for (partition_number partition = 0; partition < owners_.size(); ++partition) {
      if (evener(owners_[partition], lightest(partition, false))) return std::nullopt;
    }
    if (near_count(owners_) < near_count(other)) return std::nullopt;
    return std::move(owners_);
  }

 private:
  [[nodiscard]] const indexed_topic& topic_of(partition_number partition) const noexcept {
    return group_.topics()[group_.topic_of(partition)];
  }
  [[nodiscard]] bool suits(member_number member, partition_number partition) const {
    return !racks_.has_rack(member) || racks_.near(member, partition);
  }

  [[nodiscard]] std::size_t near_count(const ownership& owners) const {
    std::size_t count = 0;
    for (partition_number partition = 0; partition < owners.size(); ++partition) {
      if (racks_.near(owners[partition], partition)) ++count;
    }
    return count;
  }

  /// False if somebody could not keep what was rightfully claimed.
  bool keep_owned(bool only_near) {
    bool kept_all = true;
    for (member_number member = 0; member < counts_.size(); ++member) {
      for (const partition_number partition : previous_.kept[member]) {
        if (group_.may_have(member, partition) && (!only_near || suits(member, partition))) {
          owners_[partition] = member;
          ++counts_[member];
        } else {
          kept_all = false;
        }
      }
    }
    return kept_all;
  }

  /// Gives what nobody has to whoever has least, within racks first. Returns what it gave.
  std::vector<partition_number> assign_unowned(const std::vector<partition_number>& in_order) {
    std::vector<partition_number> unowned;
    std::copy_if(in_order.begin(), in_order.end(), std::back_inserter(unowned),
                 [this](partition_number partition) { return owners_[partition] == no_member; });
    if (by_racks_) {
      for (const partition_number partition : unowned) assign(partition, true);
    }
    for (const partition_number partition : unowned) {
      if (owners_[partition] == no_member) assign(partition, false);
    }
    return unowned;
  }

  [[nodiscard]] std::vector<partition_number> fewest_subscribers_first() const {
    std::vector<partition_number> order(owners_.size());
    std::iota(order.begin(), order.end(), partition_number{0});
    // Equals stay in order. (Not stable_sort: with clang, gcc 12's uses what is deprecated.)
    std::sort(order.begin(), order.end(), [this](partition_number a, partition_number b) {
      return std::pair(topic_of(a).members.size(), a) < std::pair(topic_of(b).members.size(), b);
    });
    return order;
  }

  /// Whoever has least of those who may have the partition; no_member if nobody may.
  [[nodiscard]] member_number lightest(partition_number partition, bool within_racks) const {
    member_number best = no_member;
    for (const member_number member : topic_of(partition).members) {
      if (within_racks && !suits(member, partition)) continue;
      if (best == no_member || counts_[member] < counts_[best]) best = member;
    }
    return best;
  }

  void assign(partition_number partition, bool within_racks) {
    const member_number member = lightest(partition, within_racks);
    if (member == no_member) return;
    owners_[partition] = member;
    ++counts_[member];
  }

  /// Whether the assignment is more even with a partition of `from` at `to`.
  [[nodiscard]] bool evener(member_number from, member_number to) const noexcept {
    return counts_[from] > counts_[to] + 1;
  }

  void even_out(const std::vector<partition_number>& partitions) {
    bool moved = true;
    while (moved) {
      moved = false;
      for (const partition_number partition : partitions) {
        const member_number owner = owners_[partition];
        member_number to = previous_.before[partition];
        if (to == no_member || !group_.may_have(to, partition) || !evener(owner, to)) to = lightest(partition, false);
        if (!evener(owner, to)) continue;
        move(partition, to);
        moved = true;
      }
    }
  }

  void move(partition_number partition, member_number to) {
    const partition_number other = movements_.instead_of(partition, owners_[partition], to);
    if (evener(owners_[other], to)) partition = other;
    const member_number from = std::exchange(owners_[partition], to);
    movements_.moved(partition, from, to);
    --counts_[from];
    ++counts_[to];
  }

  const group_index& group_;
  const previous_assignment& previous_;
  racks racks_;
  bool by_racks_ = false;
  bool takes_away_ = false;
  movement_log movements_;
  std::vector<std::size_t> counts_;
  ownership owners_;
};

}  // namespace

ownership assign_unlike(const group_index& group, const previous_assignment& previous, rack_rule rule) {
  ownership owners = unlike_assignment(group, previous, rule).build();
  std::optional<ownership> stayed = unlike_assignment(group, previous, rule).stay(owners);
  return stayed ? std::move(*stayed) : std::move(owners);
}

}  // namespace kafka::group
