// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kafka/assignor.hpp>

namespace kafka::group {

/// `roundrobin`, as Java's RoundRobinAssignor: the partitions of all topics in order, one to each member in turn; those
/// who do not subscribe to the topic are passed over.
class round_robin_assignor final : public assignor {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "roundrobin"; }
  [[nodiscard]] group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) override;
};

}  // namespace kafka::group
