// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kafka::bench {

/// Whether the offsets of each partition of one topic rise by one from record to record. Not thread-safe.
class offset_check {
 public:
  /// The next record of a partition. The first one of a partition may have any offset.
  void note(std::int32_t partition, std::int64_t offset) {
    const auto index = static_cast<std::size_t>(partition);
    if (index >= next_.size()) next_.resize(index + 1, unknown);
    if (next_[index] != offset && next_[index] != unknown && !gap_) {
      gap_ = "partition " + std::to_string(partition) + ": offset " + std::to_string(offset) + " came after " +
             std::to_string(next_[index] - 1);
    }
    next_[index] = offset + 1;
  }

  /// The partition is read from another place now.
  void forget(std::int32_t partition) {
    const auto index = static_cast<std::size_t>(partition);
    if (index < next_.size()) next_[index] = unknown;
  }

  /// The first record that did not follow the one before it, as a sentence.
  [[nodiscard]] const std::optional<std::string>& gap() const noexcept { return gap_; }

 private:
  static constexpr std::int64_t unknown = -1;
  std::vector<std::int64_t> next_;
  std::optional<std::string> gap_;
};

}  // namespace kafka::bench
