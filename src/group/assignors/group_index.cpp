// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/group_index.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>

namespace kafka::group {

group_index::group_index(const std::map<std::string, assignor_topic>& topics,
                         const std::vector<subscribed_member>& members) {
  std::map<std::string_view, const subscribed_member*> by_id;
  for (const subscribed_member& member : members) by_id[member.member_id] = &member;
  std::map<std::string_view, std::vector<member_number>> subscribers;
  for (const auto& [id, said] : by_id) {
    const auto number = static_cast<member_number>(members_.size());
    members_.push_back({.said = said});
    for (const std::string& topic : said->topics) {
      std::vector<member_number>& known = subscribers[topic];
      if (known.empty() || known.back() != number) known.push_back(number);
    }
  }
  all_subscribe_alike_ = std::all_of(subscribers.begin(), subscribers.end(),
                                     [this](const auto& topic) { return topic.second.size() == members_.size(); });
  for (const auto& [name, said] : topics) {
    const auto found = subscribers.find(name);
    if (found == subscribers.end() || said.partitions <= 0) continue;
    topics_.push_back({.name = &name,
                       .said = &said,
                       .first = topic_of_.size(),
                       .partitions = static_cast<std::size_t>(said.partitions),
                       .members = std::move(found->second)});
    topic_of_.resize(topic_of_.size() + topics_.back().partitions, static_cast<topic_number>(topics_.size() - 1));
  }
  subscribed_.resize(members_.size() * topics_.size());
  for (topic_number topic = 0; topic < topics_.size(); ++topic) {
    for (const member_number member : topics_[topic].members) {
      members_[member].topics.push_back(topic);
      subscribed_[member * topics_.size() + topic] = true;
    }
  }
}

std::optional<partition_number> group_index::find(const topic_partition& partition) const {
  const auto found =
      std::lower_bound(topics_.begin(), topics_.end(), partition.topic,
                       [](const indexed_topic& topic, const std::string& wanted) { return *topic.name < wanted; });
  if (found == topics_.end() || *found->name != partition.topic) return std::nullopt;
  if (partition.partition < 0 || static_cast<std::size_t>(partition.partition) >= found->partitions)
    return std::nullopt;
  return found->first + static_cast<std::size_t>(partition.partition);
}

topic_partition group_index::name_of(partition_number partition) const {
  const indexed_topic& of = topics_[topic_of_[partition]];
  return {*of.name, static_cast<std::int32_t>(partition - of.first)};
}

group_assignment group_index::to_assignment(const ownership& owners) const {
  std::vector<member_assignment> each(members_.size());
  for (partition_number partition = 0; partition < owners.size(); ++partition) {
    if (owners[partition] != no_member) each[owners[partition]].partitions.push_back(name_of(partition));
  }
  group_assignment assignment;
  for (member_number member = 0; member < members_.size(); ++member) {
    assignment.emplace_hint(assignment.end(), members_[member].said->member_id, std::move(each[member]));
  }
  return assignment;
}

std::vector<member_number> static_members_first(const group_index& group) {
  std::vector<member_number> order(group.members().size());
  std::iota(order.begin(), order.end(), member_number{0});
  const auto key = [&group](member_number member) {
    const std::optional<std::string>& name = group.members()[member].said->instance_id;
    return std::tuple(!name.has_value(), name ? std::string_view(*name) : std::string_view(), member);
  };
  std::sort(order.begin(), order.end(), [&key](member_number a, member_number b) { return key(a) < key(b); });
  return order;
}

}  // namespace kafka::group
