// SPDX-License-Identifier: Apache-2.0
#include "fake/server_assignor.hpp"

#include <algorithm>
#include <tuple>

namespace kafka::fake {

namespace {

using members_in_order = std::vector<std::pair<const std::string*, const assignment_question::member*>>;

/// The members that want a topic, in the order in which they are served.
members_in_order subscribers(const assignment_question& question, const uuid& topic) {
  members_in_order out;
  for (const auto& [id, member] : question.members) {
    if (member.topics.contains(topic)) out.emplace_back(&id, &member);
  }
  std::sort(out.begin(), out.end(), [](const auto& left, const auto& right) {
    return std::tie(left.second->order, *left.first) < std::tie(right.second->order, *right.first);
  });
  return out;
}

/// The one of them that has the least.
const std::string& poorest(const members_in_order& among, const assignment_answer& given) {
  return *std::min_element(among.begin(), among.end(), [&](const auto& left, const auto& right) {
            return given.at(*left.first).size() < given.at(*right.first).size();
          })->first;
}

/// Where the partitions of a topic begin among those that a member has.
partition_set::iterator first_of(partition_set& has, const uuid& topic) {
  const auto found = has.lower_bound({topic, 0});
  return found != has.end() && found->first == topic ? found : has.end();
}

/// The one of them that has the most, of those that have something of this topic; null if nobody has.
const std::string* richest(const members_in_order& among, assignment_answer& given, const uuid& topic) {
  const std::string* out = nullptr;
  for (const auto& [id, member] : among) {
    auto& has = given.at(*id);
    const bool more = !out || has.size() > given.at(*out).size();
    if (more && first_of(has, topic) != has.end()) out = id;
  }
  return out;
}

/// Moves partitions from who has the most to who has the least, until they differ by one at most. Each move makes the
/// shares more even, so that this ends.
void even_out(const assignment_question& question, assignment_answer& given) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& [topic, count] : question.partition_counts) {
      const members_in_order among = subscribers(question, topic);
      while (const std::string* rich = richest(among, given, topic)) {
        auto& has = given.at(*rich);
        auto& little = given.at(poorest(among, given));
        if (little.size() + 1 >= has.size()) break;
        little.insert(has.extract(first_of(has, topic)));
        moved = true;
      }
    }
  }
}

assignment_answer assign_uniform(const assignment_question& question) {
  assignment_answer given;
  partition_set taken;
  for (const auto& [id, member] : question.members) {
    auto& has = given[id];
    for (const auto& partition : member.owned) {
      const auto count = question.partition_counts.find(partition.first);
      const bool exists = count != question.partition_counts.end() && partition.second < count->second;
      if (exists && member.topics.contains(partition.first) && taken.insert(partition).second) has.insert(partition);
    }
  }
  for (const auto& [topic, count] : question.partition_counts) {
    const members_in_order among = subscribers(question, topic);
    if (among.empty()) continue;
    for (std::int32_t index = 0; index < count; ++index) {
      if (!taken.contains({topic, index})) given.at(poorest(among, given)).emplace(topic, index);
    }
  }
  even_out(question, given);
  return given;
}

assignment_answer assign_range(const assignment_question& question) {
  assignment_answer given;
  for (const auto& [id, member] : question.members) given[id];
  for (const auto& [topic, count] : question.partition_counts) {
    const members_in_order among = subscribers(question, topic);
    const auto total = static_cast<std::int32_t>(among.size());
    std::int32_t next = 0;
    for (std::int32_t place = 0; place < total; ++place) {
      const std::int32_t share = count / total + (place < count % total ? 1 : 0);
      auto& has = given.at(*among[static_cast<std::size_t>(place)].first);
      for (std::int32_t end = next + share; next < end; ++next) has.emplace(topic, next);
    }
  }
  return given;
}

}  // namespace

const std::vector<std::string>& server_assignor_names() {
  static const std::vector<std::string> names{"uniform", "range"};
  return names;
}

bool is_server_assignor(std::string_view name) noexcept {
  const auto& names = server_assignor_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

assignment_answer assign_partitions(std::string_view assignor, const assignment_question& question) {
  return assignor == "range" ? assign_range(question) : assign_uniform(question);
}

}  // namespace kafka::fake
