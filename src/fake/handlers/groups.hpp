// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "fake/cluster_state.hpp"

namespace kafka::fake {

/// Why the asked node does not even look at the group; `none` if it does.
[[nodiscard]] inline broker_errc refusal_of_group(const call& one, std::string_view group) {
  if (one.forced_error() != broker_errc::none) return one.forced_error();
  return one.state().groups().check_node(group, one.node(), one.now());
}

[[nodiscard]] constexpr std::int16_t number_of(broker_errc code) noexcept {
  return static_cast<std::int16_t>(code);
}

/// What the coordinator says of where a member connects from; addresses are not known in here.
inline constexpr std::string_view client_host = "/127.0.0.1";

}  // namespace kafka::fake
