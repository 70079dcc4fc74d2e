// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "fake/topic_settings.hpp"

namespace kafka::fake {

/// The broker configuration of group coordinators, by name.
[[nodiscard]] std::span<const config_key> group_config_keys() noexcept;

/// The same, parsed once.
struct group_settings {
  group_settings() = default;
  /// Throws std::invalid_argument for a key that is none of group_config_keys(), or for a value that it cannot have.
  explicit group_settings(const std::map<std::string, std::string>& configs);

  std::chrono::milliseconds initial_rebalance_delay{3000};
  std::chrono::milliseconds session_timeout_min{6000};
  std::chrono::milliseconds session_timeout_max{1'800'000};
  std::size_t size_max = 2147483647;
  std::chrono::milliseconds consumer_session_timeout{45'000};
  std::chrono::milliseconds consumer_heartbeat_interval{5000};
  std::size_t consumer_size_max = 2147483647;
};

}  // namespace kafka::fake
