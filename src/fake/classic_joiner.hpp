// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "fake/classic_group.hpp"

namespace kafka::fake {

/// How long a JoinGroup of a new member waits at most. A client that is gone cannot be told from one that waits.
inline constexpr std::chrono::minutes new_member_timeout{5};

/// One JoinGroup on its way through a group.
struct classic_group::joiner {
  const join_request& request;
  std::int16_t version;
  const std::string& client_id;
  const pending_join& pending;
  instant now;

  [[nodiscard]] std::chrono::milliseconds session_timeout() const noexcept {
    return std::chrono::milliseconds(request.session_timeout_ms);
  }
  /// Version 0 has no timeout of its own for rebalances.
  [[nodiscard]] std::chrono::milliseconds rebalance_timeout() const noexcept {
    if (request.rebalance_timeout_ms == -1) return session_timeout();
    return std::chrono::milliseconds(std::max(0, request.rebalance_timeout_ms));
  }
};

/// The answers to calls that got nothing.
[[nodiscard]] inline protocol::join_group_response failed_join(std::string_view member_id, broker_errc code) {
  protocol::join_group_response out;
  out.member_id = std::string(member_id);
  out.error_code = static_cast<std::int16_t>(code);
  return out;
}

[[nodiscard]] inline protocol::sync_group_response failed_sync(broker_errc code) {
  protocol::sync_group_response out;
  out.error_code = static_cast<std::int16_t>(code);
  return out;
}

}  // namespace kafka::fake
