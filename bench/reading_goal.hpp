// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace kafka::bench {

/// How far readers of one topic go on together: for a number of records, or until each partition's end. Thread-safe.
class reading_goal {
 public:
  /// Without `records` the goal is reached when every partition's position is at its end, or behind it.
  reading_goal(std::optional<std::uint64_t> records, std::map<std::int32_t, std::int64_t> ends);

  /// A reader has got this many records; returns how many of them, from the first one on, are still wanted.
  [[nodiscard]] std::size_t admit(std::size_t records);
  /// A partition's position after that. Needs not be called while is_counted().
  void note_position(std::int32_t partition, std::int64_t position);

  /// Nobody goes on.
  void give_up() noexcept { reached_.store(true, std::memory_order_relaxed); }

  /// Whether a number of records was asked for.
  [[nodiscard]] bool is_counted() const noexcept { return wanted_.has_value(); }
  /// Whether that is so, or a reader gave up.
  [[nodiscard]] bool reached() const noexcept { return reached_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t admitted() const noexcept { return admitted_.load(std::memory_order_relaxed); }

 private:
  const std::optional<std::uint64_t> wanted_;
  std::atomic<std::uint64_t> admitted_{0};
  std::atomic<bool> reached_{false};
  std::mutex mutex_;
  std::map<std::int32_t, std::int64_t> open_;
};

}  // namespace kafka::bench
