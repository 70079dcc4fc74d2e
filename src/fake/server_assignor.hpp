// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/types.hpp>

namespace kafka::fake {

/// Partitions by topic id and index.
using partition_set = std::set<std::pair<uuid, std::int32_t>>;

/// What an assignor is asked: who wants which topics, and what each has so far.
struct assignment_question {
  struct member {
    /// Static members are ordered by their instance, so that one that returns with another id gets the same.
    std::string order;
    std::set<uuid> topics;
    partition_set owned;
  };
  std::map<std::string, member> members;
  std::map<uuid, std::int32_t> partition_counts;
};

/// The partitions of each member, by its id.
using assignment_answer = std::map<std::string, partition_set>;

/// The names of the assignors of the coordinator, the default one first (KIP-848).
[[nodiscard]] const std::vector<std::string>& server_assignor_names();
[[nodiscard]] bool is_server_assignor(std::string_view name) noexcept;

/// Every partition of every topic to one of the members that want the topic. "uniform" evens out how many each has and
/// moves as little as that takes; "range" gives each member neighbouring partitions, the same ones of every topic.
[[nodiscard]] assignment_answer assign_partitions(std::string_view assignor, const assignment_question& question);

}  // namespace kafka::fake
