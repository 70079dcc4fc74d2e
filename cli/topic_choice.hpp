// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin_session.hpp"

namespace kafka::cli {

/// A topic, or some of its partitions.
struct topic_choice {
  std::string topic;
  /// Empty: all.
  std::vector<std::int32_t> partitions;

  friend bool operator==(const topic_choice&, const topic_choice&) = default;
};

/// Reads `orders` and `orders:0,2`. Throws usage_error.
[[nodiscard]] topic_choice parse_topic_choice(std::string_view text);

/// The partitions that were chosen, in order, each once. Throws kafka::error for a topic or partition that is not
/// there.
[[nodiscard]] std::vector<topic_partition> partitions_of(admin_session& admin, const std::vector<topic_choice>& chosen);

}  // namespace kafka::cli
