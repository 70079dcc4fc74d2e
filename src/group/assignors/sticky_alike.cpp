// SPDX-License-Identifier: Apache-2.0
// Java's ConstrainedAssignmentBuilder.
#include <algorithm>
#include <deque>
#include <numeric>
#include <utility>

#include "group/assignors/java_order.hpp"
#include "group/assignors/racks.hpp"
#include "group/assignors/sticky_algorithm.hpp"

namespace kafka::group {

namespace {

/// Everybody gets `share_` partitions, and `extras_` members get one more.
class alike_assignment {
 public:
  alike_assignment(const group_index& group, const previous_assignment& previous, rack_rule rule)
      : group_(group),
        previous_(previous),
        racks_(group),
        share_(group.partition_count() / group.members().size()),
        extras_(group.partition_count() % group.members().size()),
        counts_(group.members().size()),
        given_up_by_(group.partition_count(), no_member) {
    out_.owners.assign(group.partition_count(), no_member);
    by_racks_ = rule != rack_rule::ignore && racks_.matter();
    takes_away_ = by_racks_ && rule == rack_rule::take_away;
  }

  sticky_assignment build() {
    for (const member_number member : keepers_in_order()) keep_owned(member);
    std::sort(below_share_.begin(), below_share_.end());
    std::sort(at_share_.begin(), at_share_.end());
    std::vector<partition_number> unassigned;
    for (partition_number partition = 0; partition < out_.owners.size(); ++partition) {
      if (out_.owners[partition] == no_member) unassigned.push_back(partition);
    }
    // Those that few members are near come first, while these members still have room.
    std::sort(unassigned.begin(), unassigned.end(), [this](partition_number a, partition_number b) {
      return std::pair(racks_.members_near(a), a) < std::pair(racks_.members_near(b), b);
    });
    if (by_racks_) std::erase_if(unassigned, [this](partition_number partition) { return assign_near(partition); });
    for (const partition_number partition : unassigned) assign(partition);
    return std::move(out_);
  }

 private:
  /// The first of those who have more than a share may keep an extra; who is first is Java's choice.
  [[nodiscard]] std::vector<member_number> keepers_in_order() const {
    std::vector<member_number> order(counts_.size());
    std::iota(order.begin(), order.end(), member_number{0});
    const auto bucket = [this](member_number member) {
      return java_bucket(java_hash(group_.members()[member].said->member_id), counts_.size());
    };
    std::sort(order.begin(), order.end(), [&bucket](member_number a, member_number b) {
      return std::pair(bucket(a), a) < std::pair(bucket(b), b);
    });
    return order;
  }

  void keep_owned(member_number member) {
    const std::vector<partition_number> owned = keepable(member);
    std::size_t keep = owned.size();
    if (owned.size() < share_) {
      below_share_.push_back(member);
    } else if (owned.size() > share_ && extras_given_ < extras_) {
      keep = share_ + 1;
      give_extra();
    } else {
      keep = share_;
      if (extras_given_ < extras_) at_share_.push_back(member);
    }
    for (std::size_t index = 0; index < owned.size(); ++index) {
      if (index < keep) {
        out_.owners[owned[index]] = member;
      } else {
        given_up_by_[owned[index]] = member;
      }
    }
    counts_[member] = keep;
  }

  /// What the member had and may keep, low partitions of all topics first: whoever has too many gives up high ones.
  [[nodiscard]] std::vector<partition_number> keepable(member_number member) {
    std::vector<partition_number> owned;
    for (const partition_number partition : previous_.kept[member]) {
      if (takes_away_ && racks_.has_rack(member) && !racks_.near(member, partition)) {
        given_up_by_[partition] = member;
      } else {
        owned.push_back(partition);
      }
    }
    const auto key = [this](partition_number partition) {
      const topic_number topic = group_.topic_of(partition);
      return std::pair(partition - group_.topics()[topic].first, topic);
    };
    std::sort(owned.begin(), owned.end(), [&key](partition_number a, partition_number b) { return key(a) < key(b); });
    return owned;
  }

  void give_extra() {
    // Once all extras are given, whoever has a share has all there is for it.
    if (++extras_given_ == extras_) at_share_.clear();
  }

  void give(partition_number partition, member_number member) {
    out_.owners[partition] = member;
    ++counts_[member];
    const member_number former = given_up_by_[partition];
    if ((former != no_member && former != member) || previous_.disputed[partition]) {
      out_.in_transfer.push_back(partition);
    }
  }

  /// The next member in the list, from `first` on and around, that is near; the list's size if none is.
  template <class List>
  [[nodiscard]] std::size_t next_near(partition_number partition, const List& list, std::size_t first) const {
    for (std::size_t step = 0; step < list.size(); ++step) {
      const std::size_t index = (first + step) % list.size();
      if (racks_.near(list[index], partition)) return index;
    }
    return list.size();
  }

  /// To the next member that is near and has room; false if there is none.
  bool assign_near(partition_number partition) {
    if (const std::size_t index = next_near(partition, below_share_, turn_); index < below_share_.size()) {
      const member_number member = below_share_[index];
      give(partition, member);
      turn_ = index + 1;
      if (counts_[member] == share_) {
        below_share_.erase(below_share_.begin() + static_cast<std::ptrdiff_t>(index));
        turn_ = index;
        if (extras_given_ < extras_) at_share_.push_back(member);
      }
      if (turn_ >= below_share_.size()) turn_ = 0;
      return true;
    }
    const std::size_t index = next_near(partition, at_share_, 0);
    if (index >= at_share_.size()) return false;
    const member_number member = at_share_[index];
    at_share_.erase(at_share_.begin() + static_cast<std::ptrdiff_t>(index));
    give(partition, member);
    give_extra();
    return true;
  }

  /// In turn to those below their share; when all have theirs, the extras.
  void assign(partition_number partition) {
    if (below_share_.empty()) {
      if (at_share_.empty()) return;  // cannot be: shares and extras add up to all partitions
      give(partition, at_share_.front());
      at_share_.pop_front();
      return;
    }
    if (rest_turn_ >= below_share_.size()) rest_turn_ = 0;
    const member_number member = below_share_[rest_turn_];
    give(partition, member);
    if (counts_[member] == share_) {
      below_share_.erase(below_share_.begin() + static_cast<std::ptrdiff_t>(rest_turn_));
      at_share_.push_back(member);
    } else {
      ++rest_turn_;
    }
  }

  const group_index& group_;
  const previous_assignment& previous_;
  racks racks_;
  bool by_racks_ = false;
  bool takes_away_ = false;
  std::size_t share_;
  std::size_t extras_;
  std::size_t extras_given_ = 0;
  std::vector<member_number> below_share_;
  /// Those with their share who may still get an extra.
  std::deque<member_number> at_share_;
  /// Whose turn it is among those below their share: while going by racks, and after that.
  std::size_t turn_ = 0;
  std::size_t rest_turn_ = 0;
  std::vector<std::size_t> counts_;
  ownership given_up_by_;
  sticky_assignment out_;
};

}  // namespace

sticky_assignment assign_alike(const group_index& group, const previous_assignment& previous, rack_rule rule) {
  if (group.members().empty()) return {};
  return alike_assignment(group, previous, rule).build();
}

}  // namespace kafka::group
