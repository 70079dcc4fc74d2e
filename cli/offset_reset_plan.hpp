// SPDX-License-Identifier: Apache-2.0
// Where `groups reset-offsets` puts a group, as Kafka's own tool would. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

namespace kafka::cli {

struct reset_target {
  enum class kind : std::uint8_t { earliest, latest, current, offset, shift, time, file };
  kind what = kind::earliest;
  /// The offset, the distance, or milliseconds since the epoch.
  std::int64_t value = 0;

  friend bool operator==(const reset_target&, const reset_target&) = default;
};

/// What is known of a partition, and what becomes of it.
struct partition_reset {
  topic_partition where;
  /// What the group has stored; nothing if it has stored nothing.
  std::optional<std::int64_t> before = {};
  /// The first offset and the one behind the last.
  std::int64_t oldest = -1;
  std::int64_t newest = -1;
  /// For kind::time: the first offset of that time or later, -1 if there is none. For kind::file: the offset in it.
  std::int64_t sought = -1;
  /// The outcome; -1 together with a failure.
  std::int64_t after = -1;
  /// What was asked for lies outside the log, and its nearer end is taken.
  bool clamped = false;
  error failure = {};
};

/// Decides `after`.
void plan_reset(const reset_target& target, partition_reset& partition);

struct file_offset {
  /// Empty: the file is about one group.
  std::string group;
  topic_partition where;
  std::int64_t offset = -1;
};
/// Reads the CSV that Kafka's own tool exports: `topic,partition,offset`, or `group,topic,partition,offset`, a line
/// each; fields may stand in double quotes. Throws usage_error, naming the line.
[[nodiscard]] std::vector<file_offset> parse_offsets_file(std::string_view text);

}  // namespace kafka::cli
