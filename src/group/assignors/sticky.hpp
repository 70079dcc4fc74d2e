// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kafka/assignor.hpp>

namespace kafka::group {

/// `sticky`, as Java's StickyAssignor. Members own nothing while they join, so what they had before comes from the
/// assignor's own user data.
class sticky_assignor final : public assignor {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "sticky"; }
  /// Null before the first assignment.
  [[nodiscard]] std::optional<std::string> user_data(const joining_member& member) const override;
  [[nodiscard]] group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) override;
};

/// `cooperative-sticky`, as Java's CooperativeStickyAssignor. Members keep what they own while they join; what is to go
/// to another member is given to nobody until its owner has given it up.
class cooperative_sticky_assignor final : public assignor {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "cooperative-sticky"; }
  [[nodiscard]] bool supports(rebalance_protocol) const noexcept override { return true; }
  /// The generation, which subscriptions before version 2 do not carry themselves.
  [[nodiscard]] std::optional<std::string> user_data(const joining_member& member) const override;
  [[nodiscard]] group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) override;
};

}  // namespace kafka::group
