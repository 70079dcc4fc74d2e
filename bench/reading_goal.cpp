// SPDX-License-Identifier: Apache-2.0
#include "bench/reading_goal.hpp"

#include <algorithm>
#include <utility>

namespace kafka::bench {

reading_goal::reading_goal(std::optional<std::uint64_t> records, std::map<std::int32_t, std::int64_t> ends)
    : wanted_(records), open_(std::move(ends)) {
  if (!wanted_ && open_.empty()) reached_ = true;
}

std::size_t reading_goal::admit(std::size_t records) {
  if (!wanted_) {
    admitted_.fetch_add(records, std::memory_order_relaxed);
    return records;
  }
  std::uint64_t before = admitted_.load(std::memory_order_relaxed);
  std::uint64_t granted = 0;
  do {
    granted = std::min<std::uint64_t>(records, *wanted_ - before);
  } while (!admitted_.compare_exchange_weak(before, before + granted, std::memory_order_relaxed));
  if (before + granted == *wanted_) reached_ = true;
  return granted;
}

void reading_goal::note_position(std::int32_t partition, std::int64_t position) {
  if (wanted_) return;
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(partition);
  if (found == open_.end() || position < found->second) return;
  open_.erase(found);
  if (open_.empty()) reached_ = true;
}

}  // namespace kafka::bench
