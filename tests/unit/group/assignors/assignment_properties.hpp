// SPDX-License-Identifier: Apache-2.0
// What must be true of every assignment, whoever made it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kafka/assignor.hpp>

#include "small_group.hpp"

namespace kafka::test {

inline std::set<topic_partition> as_set(const std::vector<topic_partition>& partitions) {
  return {partitions.begin(), partitions.end()};
}

inline bool subscribes(const subscribed_member& member, const std::string& topic) {
  return std::find(member.topics.begin(), member.topics.end(), topic) != member.topics.end();
}

/// By member id; the last of several with one id, as in every assignor.
inline std::map<std::string, const subscribed_member*> by_id(const std::vector<subscribed_member>& members) {
  std::map<std::string, const subscribed_member*> out;
  for (const subscribed_member& member : members) out[member.member_id] = &member;
  return out;
}

/// Who has each partition. Empty if one is given twice, to somebody who does not subscribe to it or who is no member,
/// or if there is no such partition; `fault` says which.
inline std::map<topic_partition, std::string> owners_of(const topic_map& topics,
                                                        const std::vector<subscribed_member>& members,
                                                        const group_assignment& assignment, std::string& fault) {
  const auto known = by_id(members);
  std::map<topic_partition, std::string> owners;
  for (const auto& [id, given] : assignment) {
    for (const topic_partition& partition : given.partitions) {
      const auto topic = topics.find(partition.topic);
      if (!known.contains(id)) fault = "given to " + id + ", which is no member";
      if (topic == topics.end() || partition.partition < 0 || partition.partition >= topic->second.partitions) {
        fault = "there is no " + to_string(partition);
      } else if (known.contains(id) && !subscribes(*known.at(id), partition.topic)) {
        fault = id + " does not subscribe to " + to_string(partition);
      } else if (!owners.emplace(partition, id).second) {
        fault = to_string(partition) + " is given twice";
      }
    }
  }
  if (!fault.empty()) owners.clear();
  return owners;
}

/// What is wrong with it, empty if nothing: every member is there, and every partition that somebody subscribes to is
/// given to exactly one subscriber. With `withheld_allowed` partitions may also be given to nobody.
inline std::string fault_of(const topic_map& topics, const std::vector<subscribed_member>& members,
                            const group_assignment& assignment, bool withheld_allowed = false) {
  const auto known = by_id(members);
  for (const auto& [id, member] : known) {
    if (!assignment.contains(id)) return id + " is missing";
  }
  if (assignment.size() != known.size()) return "somebody is in it who is no member";
  std::string fault;
  const auto owners = owners_of(topics, members, assignment, fault);
  if (!fault.empty() || withheld_allowed) return fault;
  for (const auto& [name, topic] : topics) {
    const bool wanted =
        std::any_of(known.begin(), known.end(), [&](const auto& member) { return subscribes(*member.second, name); });
    for (std::int32_t partition = 0; wanted && partition < topic.partitions; ++partition) {
      if (!owners.contains({name, partition}))
        return to_string(topic_partition{name, partition}) + " is given to nobody";
    }
  }
  return {};
}

/// Empty if no member could take a partition from another one that has at least two more.
inline std::string imbalance_of(const topic_map& topics, const std::vector<subscribed_member>& members,
                                const group_assignment& assignment) {
  std::map<std::string, std::pair<std::size_t, std::string>> lightest;
  for (const auto& [id, member] : by_id(members)) {
    for (const std::string& topic : member->topics) {
      const auto [known, is_new] = lightest.emplace(topic, std::pair(assignment.at(id).partitions.size(), id));
      if (!is_new) known->second = std::min(known->second, std::pair(assignment.at(id).partitions.size(), id));
    }
  }
  std::string fault;
  for (const auto& [partition, owner] : owners_of(topics, members, assignment, fault)) {
    const auto& [least, by] = lightest.at(partition.topic);
    if (least + 1 < assignment.at(owner).partitions.size())
      return by + " could take " + to_string(partition) + " from " + owner;
  }
  return fault;
}

/// How many partitions that somebody had who is still there are with somebody else now.
inline std::size_t moves_between(const group_assignment& before, const group_assignment& after) {
  std::map<topic_partition, std::string> owners;
  for (const auto& [id, given] : before) {
    for (const topic_partition& partition : given.partitions) owners.emplace(partition, id);
  }
  std::size_t moves = 0;
  for (const auto& [id, given] : after) {
    for (const topic_partition& partition : given.partitions) {
      const auto former = owners.find(partition);
      if (former != owners.end() && former->second != id && after.contains(former->second)) ++moves;
    }
  }
  return moves;
}

/// The members as they join again after they were given `assignment` in `generation`.
inline std::vector<subscribed_member> rejoining(std::vector<subscribed_member> members,
                                                const group_assignment& assignment, std::int32_t generation,
                                                const assignor& used) {
  for (subscribed_member& member : members) {
    const auto given = assignment.find(member.member_id);
    if (given == assignment.end()) continue;
    member.generation = generation;
    member.owned =
        used.supports(rebalance_protocol::cooperative) ? given->second.partitions : std::vector<topic_partition>{};
    member.user_data =
        used.user_data({.topics = member.topics, .assigned = given->second.partitions, .generation = generation});
  }
  return members;
}

/// A group that rebalances until nothing changes any more.
struct settled_group {
  group_assignment assignment;
  /// How many rebalances changed something.
  int rounds = 0;
  /// In some rebalance a partition went from one member straight to another.
  bool took_from_owner = false;
};

/// A group with racks has settled after no more than these.
inline constexpr int most_rounds = 8;

inline settled_group settle(assignor& used, const topic_map& topics, const std::vector<subscribed_member>& members,
                            group_assignment given) {
  settled_group out{.assignment = std::move(given)};
  for (out.rounds = 0; out.rounds < 1000; ++out.rounds) {
    group_assignment next = used.assign(topics, rejoining(members, out.assignment, 1000 + out.rounds, used));
    if (next == out.assignment) return out;
    out.took_from_owner = out.took_from_owner || moves_between(out.assignment, next) > 0;
    out.assignment = std::move(next);
  }
  return out;
}

}  // namespace kafka::test
