// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <kafka/assignor.hpp>

#include "base/backoff.hpp"

namespace kafka::test {

struct random_group {
  std::map<std::string, assignor_topic> topics;
  std::vector<subscribed_member> members;
};

struct group_shape {
  std::size_t members_max = 12;
  std::size_t topics_max = 6;
  std::uint64_t partitions_max = 12;
  bool alike = false;
  bool racks = false;
};

/// A group of members that never owned anything; the same for the same `random`.
inline random_group make_group(random_source& random, const group_shape& shape) {
  static const std::vector<std::string> racks{"north", "south", "west"};
  const auto pick_rack = [&random] { return racks[random.below(racks.size())]; };
  random_group out;
  for (std::uint64_t topic = 1 + random.below(shape.topics_max); topic > 0; --topic) {
    assignor_topic& made = out.topics["topic-" + std::to_string(topic)];
    made.partitions = static_cast<std::int32_t>(1 + random.below(shape.partitions_max));
    for (std::int32_t partition = 0; shape.racks && partition < made.partitions; ++partition) {
      std::vector<std::string>& of = made.racks.emplace_back();
      for (std::uint64_t replicas = random.below(3); replicas > 0; --replicas) of.push_back(pick_rack());
    }
  }
  for (std::uint64_t member = 1 + random.below(shape.members_max); member > 0; --member) {
    subscribed_member& made = out.members.emplace_back();
    made.member_id = "member-" + std::to_string(random.next() % 100'000);
    if (random.below(4) == 0) made.instance_id = "instance-" + std::to_string(random.next() % 100'000);
    if (shape.racks && random.below(4) != 0) made.rack = pick_rack();
    for (const auto& [name, topic] : out.topics) {
      if (shape.alike || random.below(2) == 0) made.topics.push_back(name);
    }
  }
  return out;
}

}  // namespace kafka::test
