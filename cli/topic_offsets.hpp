// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

/// What a part of a log begins and ends with.
struct range_bounds {
  offset_bounds bounds;
  /// The first offsets of the times that were asked for; -1 if no record is so late, or no time was asked for.
  std::int64_t since_begin = -1;
  std::int64_t since_end = -1;
};

/// Looks the bounds of all these partitions up at once. `read_committed`: the newest offset is the one behind what
/// readers of committed records can read. Throws kafka::error.
[[nodiscard]] std::map<topic_partition, range_bounds> look_up_bounds(admin_session& admin,
                                                                     const std::vector<topic_partition>& partitions,
                                                                     std::optional<timestamp_ms> begin,
                                                                     std::optional<timestamp_ms> end,
                                                                     bool read_committed);

/// The topic's description. Throws kafka::error if there is no such topic.
[[nodiscard]] topic_description look_up_topic(admin_session& admin, const std::string& topic);

/// Looks the bounds of partitions up at their leaders. Throws kafka::error only if none could be asked for.
[[nodiscard]] std::map<std::int32_t, offset_bounds> look_up_bounds(admin_session& admin, const std::string& topic,
                                                                   const std::vector<std::int32_t>& partitions);

}  // namespace kafka::cli
