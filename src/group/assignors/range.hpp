// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kafka/assignor.hpp>

namespace kafka::group {

/// `range`, as Java's RangeAssignor: each topic is cut into runs of partitions, one for each subscriber in order. If
/// racks matter to any topic (KIP-881), partitions go to members in their racks first, as far as every member still
/// gets as many as it would have; topics with the same subscribers and equally many partitions stay together.
class range_assignor final : public assignor {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "range"; }
  [[nodiscard]] group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) override;
};

}  // namespace kafka::group
