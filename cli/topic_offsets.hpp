// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/admin_session.hpp"

namespace kafka::cli {

/// The first offset that a partition has and the one that its next record will get.
struct offset_bounds {
  std::int64_t oldest = -1;
  std::int64_t newest = -1;
  /// Why an offset is unknown (-1).
  error failure;
};

/// The topic's description. Throws kafka::error if there is no such topic.
[[nodiscard]] topic_description look_up_topic(admin_session& admin, const std::string& topic);

/// Looks the bounds of partitions up at their leaders. Throws kafka::error only if none could be asked for.
[[nodiscard]] std::map<std::int32_t, offset_bounds> look_up_bounds(admin_session& admin, const std::string& topic,
                                                                   const std::vector<std::int32_t>& partitions);

}  // namespace kafka::cli
