// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <kafka/assignor.hpp>

namespace kafka::test {

using topic_map = std::map<std::string, assignor_topic>;

inline subscribed_member member(std::string id, std::vector<std::string> topics) {
  return {.member_id = std::move(id), .topics = std::move(topics)};
}

/// Who owns what in the cooperative protocol.
inline subscribed_member member(std::string id, std::vector<std::string> topics, std::vector<topic_partition> owned,
                                std::int32_t generation = 1) {
  return {.member_id = std::move(id), .topics = std::move(topics), .owned = std::move(owned), .generation = generation};
}

/// `x: a-0 a-1; y: b-0; z:`, to compare at a glance.
inline std::string in_words(const group_assignment& assignment) {
  std::string out;
  for (const auto& [id, given] : assignment) {
    if (!out.empty()) out += "; ";
    out.append(id).append(":");
    for (const topic_partition& partition : given.partitions) out.append(" ").append(to_string(partition));
  }
  return out;
}

}  // namespace kafka::test
