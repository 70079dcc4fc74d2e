// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <kafka/assignor.hpp>

namespace kafka::group {

/// Members, topics and partitions of a group_index, by number.
using member_number = std::uint32_t;
using topic_number = std::uint32_t;
using partition_number = std::size_t;

inline constexpr member_number no_member = std::numeric_limits<member_number>::max();

/// Who has each partition, by partition_number; no_member if nobody has.
using ownership = std::vector<member_number>;

/// A member of a group_index.
struct indexed_member {
  const subscribed_member* said = nullptr;
  /// In ascending order.
  std::vector<topic_number> topics{};
};

/// A topic of a group_index.
struct indexed_topic {
  const std::string* name = nullptr;
  const assignor_topic* said = nullptr;
  partition_number first = 0;
  std::size_t partitions = 0;
  /// Those who subscribe, in ascending order; never empty.
  std::vector<member_number> members{};
};

/// A group with everything in it numbered, so that assignors compare numbers. Members are numbered in order of their
/// ids, topics in order of their names, and partitions one topic after the other: to compare numbers is to compare
/// names, and the order in which the coordinator lists members plays no part.
///
/// Only topics with partitions and subscribers are in it. Of two members with one id the last is taken, of a topic
/// subscribed to twice the first. Borrows what it is built from.
class group_index {
 public:
  group_index(const std::map<std::string, assignor_topic>& topics, const std::vector<subscribed_member>& members);

  [[nodiscard]] const std::vector<indexed_member>& members() const noexcept { return members_; }
  [[nodiscard]] const std::vector<indexed_topic>& topics() const noexcept { return topics_; }
  [[nodiscard]] std::size_t partition_count() const noexcept { return topic_of_.size(); }

  [[nodiscard]] topic_number topic_of(partition_number partition) const noexcept { return topic_of_[partition]; }
  [[nodiscard]] bool subscribes(member_number member, topic_number topic) const noexcept {
    return subscribed_[member * topics_.size() + topic];
  }
  [[nodiscard]] bool may_have(member_number member, partition_number partition) const noexcept {
    return subscribes(member, topic_of(partition));
  }
  /// Whether all members subscribe to the same topics, be there such topics or not.
  [[nodiscard]] bool all_subscribe_alike() const noexcept { return all_subscribe_alike_; }

  /// Nothing if there is no such partition.
  [[nodiscard]] std::optional<partition_number> find(const topic_partition& partition) const;
  [[nodiscard]] topic_partition name_of(partition_number partition) const;

  /// In words for the world outside: for each member its partitions in order of topic and number.
  [[nodiscard]] group_assignment to_assignment(const ownership& owners) const;

 private:
  std::vector<indexed_member> members_;
  std::vector<indexed_topic> topics_;
  std::vector<topic_number> topic_of_;
  std::vector<bool> subscribed_;
  bool all_subscribe_alike_ = true;
};

/// The members in the order in which range and roundrobin serve them: static members by their instance ids first, then
/// the others by member id.
[[nodiscard]] std::vector<member_number> static_members_first(const group_index& group);

}  // namespace kafka::group
