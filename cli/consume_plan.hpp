// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/consumer.hpp>

#include "cli/starting_point.hpp"
#include "cli/topic_offsets.hpp"

namespace kafka::cli {

/// Where to begin in a partition whose bounds are known, or (without bounds) need not be.
[[nodiscard]] position begin_of(starting_point from, const offset_bounds& bounds);

/// Knows how far each partition is to be read, and when all is read. Partitions without an end are read for ever.
class reading_limits {
 public:
  /// Reads the partition up to, not including, the offset `end`; `begin` is where it starts, -1 if that is not known.
  void add(std::int32_t partition, std::int64_t begin, std::int64_t end);

  /// Whether a record is wanted. Notes that everything before it was read.
  bool take(std::int32_t partition, std::int64_t offset) {
    const auto index = static_cast<std::size_t>(partition);
    if (index >= limits_.size() || !limits_[index].bounded) return true;
    return take_bounded(limits_[index], offset);
  }
  /// Everything before `position` was read or left out by the broker.
  void note_position(std::int32_t partition, std::int64_t position);

  /// True once every partition with an end was read up to it; false if there is none.
  [[nodiscard]] bool finished() const noexcept { return bounded_ > 0 && open_ == 0; }
  /// The partitions that still have something to read before their end.
  [[nodiscard]] std::vector<std::int32_t> unfinished() const;
  /// How many offsets there are to read; nothing if some beginning is not known.
  [[nodiscard]] std::optional<std::uint64_t> total() const noexcept { return total_; }

 private:
  struct limit {
    bool bounded = false;
    bool finished = false;
    std::int64_t end = 0;
  };
  bool take_bounded(limit& of, std::int64_t offset) {
    if (offset + 1 >= of.end) finish(of);
    return offset < of.end;
  }
  void finish(limit& of);

  /// By partition: a topic's partitions are numbered from 0.
  std::vector<limit> limits_;
  std::size_t bounded_ = 0;
  std::size_t open_ = 0;
  std::optional<std::uint64_t> total_ = 0;
};

/// The limits of several topics. Either all partitions have an end or none has.
class topics_limits {
 public:
  /// Of a topic; made when it is asked for first.
  [[nodiscard]] reading_limits& of(std::string_view topic);

  bool take(std::string_view topic, std::int32_t partition, std::int64_t offset) {
    if (topics_.empty()) return true;
    // Records come in batches of one topic each.
    if (topics_[last_].name != topic) {
      for (last_ = 0; last_ + 1 < topics_.size() && topics_[last_].name != topic;) ++last_;
    }
    return topics_[last_].name != topic || topics_[last_].limits.take(partition, offset);
  }
  /// Whether the partitions have ends.
  [[nodiscard]] bool bounded() const noexcept { return !topics_.empty(); }
  [[nodiscard]] bool finished() const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> total() const noexcept;
  [[nodiscard]] std::vector<topic_partition> unfinished() const;

 private:
  struct topic_entry {
    std::string name;
    reading_limits limits;
  };
  /// In the order of the first mention; few.
  std::vector<topic_entry> topics_;
  std::size_t last_ = 0;
};

}  // namespace kafka::cli
