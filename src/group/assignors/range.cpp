// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/range.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "group/assignors/group_index.hpp"
#include "group/assignors/racks.hpp"

namespace kafka::group {

namespace {

/// How much of one topic each of its members may still get.
class topic_shares {
 public:
  topic_shares(const indexed_topic& topic, std::vector<member_number> members, std::size_t group_size)
      : first_(topic.first),
        partitions_(topic.partitions),
        members_(std::move(members)),
        each_(topic.partitions / members_.size()),
        extras_left_(topic.partitions % members_.size()),
        assigned_(group_size) {}

  [[nodiscard]] partition_number first() const noexcept { return first_; }
  [[nodiscard]] std::size_t partitions() const noexcept { return partitions_; }
  /// In the order in which they are served.
  [[nodiscard]] const std::vector<member_number>& members() const noexcept { return members_; }
  [[nodiscard]] std::size_t left_for(member_number member) const noexcept {
    const std::size_t share = each_ + (extras_left_ > 0 ? 1 : 0);
    return share - std::min<std::size_t>(share, assigned_[member]);
  }
  void took(member_number member, std::size_t count) noexcept {
    assigned_[member] += static_cast<std::uint32_t>(count);
    if (count > 0 && assigned_[member] > each_) --extras_left_;
  }

 private:
  partition_number first_;
  std::size_t partitions_;
  std::vector<member_number> members_;
  std::size_t each_;
  /// How many members may still get one more than the others.
  std::size_t extras_left_;
  std::vector<std::uint32_t> assigned_;
};

class range_assignment {
 public:
  explicit range_assignment(const group_index& group) : racks_(group), owners_(group.partition_count(), no_member) {
    const std::vector<member_number> order = static_members_first(group);
    for (topic_number topic = 0; topic < group.topics().size(); ++topic) {
      std::vector<member_number> members;
      for (const member_number member : order) {
        if (group.subscribes(member, topic)) members.push_back(member);
      }
      topics_.emplace_back(group.topics()[topic], std::move(members), group.members().size());
    }
  }

  ownership build() {
    if (std::any_of(topics_.begin(), topics_.end(), [this](const topic_shares& topic) { return racks_matter(topic); }))
      assign_near();
    for (topic_shares& topic : topics_) assign_runs(topic, [](member_number, partition_number) { return true; });
    return std::move(owners_);
  }

 private:
  [[nodiscard]] bool racks_matter(const topic_shares& topic) const {
    return racks_.matter(topic.members(), topic.first(), topic.partitions());
  }
  [[nodiscard]] bool suits(member_number member, partition_number partition) const {
    return !racks_.has_rack(member) || racks_.near(member, partition);
  }

  template <class May>
  void assign_runs(topic_shares& topic, May may_take) {
    const partition_number end = topic.first() + topic.partitions();
    for (const member_number member : topic.members()) {
      const std::size_t most = topic.left_for(member);
      std::size_t taken = 0;
      for (partition_number partition = topic.first(); partition < end && taken < most; ++partition) {
        if (owners_[partition] != no_member || !may_take(member, partition)) continue;
        owners_[partition] = member;
        ++taken;
      }
      topic.took(member, taken);
    }
  }

  /// What can be assigned within racks.
  void assign_near() {
    for (std::vector<topic_shares*>& together : co_partitioned()) {
      if (together.size() > 1) {
        assign_together(together);
      } else if (racks_matter(*together.front())) {
        assign_runs(*together.front(),
                    [this](member_number member, partition_number partition) { return suits(member, partition); });
      }
    }
  }

  /// Topics with the same members and equally many partitions.
  [[nodiscard]] std::vector<std::vector<topic_shares*>> co_partitioned() {
    std::map<std::pair<std::size_t, std::vector<member_number>>, std::vector<topic_shares*>> sets;
    for (topic_shares& topic : topics_) sets[{topic.partitions(), topic.members()}].push_back(&topic);
    std::vector<std::vector<topic_shares*>> out;
    out.reserve(sets.size());
    for (auto& [key, topics] : sets) out.push_back(std::move(topics));
    return out;
  }

  /// Partition by partition, that of all topics at once: to the first member for which it is near in every topic.
  void assign_together(const std::vector<topic_shares*>& topics) {
    std::vector<member_number> members = topics.front()->members();
    for (std::size_t index = 0; index < topics.front()->partitions() && !members.empty(); ++index) {
      const auto taker = std::find_if(members.begin(), members.end(), [&](member_number member) {
        return std::all_of(topics.begin(), topics.end(), [&](const topic_shares* topic) {
          return suits(member, topic->first() + index) && topic->left_for(member) > 0;
        });
      });
      if (taker == members.end()) continue;
      for (topic_shares* topic : topics) {
        owners_[topic->first() + index] = *taker;
        topic->took(*taker, 1);
      }
      const bool full = std::all_of(topics.begin(), topics.end(),
                                    [&](const topic_shares* topic) { return topic->left_for(*taker) == 0; });
      if (full) members.erase(taker);
    }
  }

  racks racks_;
  ownership owners_;
  std::vector<topic_shares> topics_;
};

}  // namespace

group_assignment range_assignor::assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) {
  const group_index group(topics, members);
  return group.to_assignment(range_assignment(group).build());
}

}  // namespace kafka::group
