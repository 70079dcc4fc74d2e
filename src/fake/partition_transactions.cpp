// SPDX-License-Identifier: Apache-2.0
#include "fake/partition_transactions.hpp"

#include <algorithm>

namespace kafka::fake {

void partition_transactions::appended(std::int64_t producer_id, std::int64_t base_offset) {
  open_.emplace(producer_id, base_offset);
}

void partition_transactions::ended(std::int64_t producer_id, std::int64_t marker_offset, bool committed,
                                   std::int64_t high_watermark) {
  std::erase_if(unreplicated_, [&](const decided& one) { return one.marker_offset < high_watermark; });
  const auto found = open_.find(producer_id);
  if (found == open_.end()) return;
  unreplicated_.push_back({producer_id, found->second, marker_offset});
  if (!committed) aborted_.push_back({producer_id, found->second, marker_offset});
  open_.erase(found);
}

std::int64_t partition_transactions::first_offset(std::int64_t producer_id) const noexcept {
  const auto found = open_.find(producer_id);
  return found == open_.end() ? -1 : found->second;
}

std::int64_t partition_transactions::last_stable_offset(std::int64_t high_watermark) const noexcept {
  std::int64_t stable = high_watermark;
  for (const auto& [producer_id, first_offset] : open_) stable = std::min(stable, first_offset);
  for (const decided& one : unreplicated_) {
    if (one.marker_offset >= high_watermark) stable = std::min(stable, one.first_offset);
  }
  return stable;
}

std::vector<aborted_range> partition_transactions::aborted(std::int64_t from, std::int64_t to) const {
  std::vector<aborted_range> out;
  // Their markers lie in the order of the log, their beginnings do not.
  const auto first =
      std::lower_bound(aborted_.begin(), aborted_.end(), from,
                       [](const aborted_range& one, std::int64_t offset) { return one.last_offset < offset; });
  std::copy_if(first, aborted_.end(), std::back_inserter(out),
               [&](const aborted_range& one) { return one.first_offset < to; });
  return out;
}

void partition_transactions::delete_before(std::int64_t offset) {
  std::erase_if(aborted_, [&](const aborted_range& one) { return one.last_offset < offset; });
  std::erase_if(unreplicated_, [&](const decided& one) { return one.marker_offset < offset; });
  for (auto& [producer_id, first_offset] : open_) first_offset = std::max(first_offset, offset);
}

void partition_transactions::truncate_to(std::int64_t offset) {
  std::erase_if(aborted_, [&](const aborted_range& one) { return one.last_offset >= offset; });
  std::erase_if(unreplicated_, [&](const decided& one) {
    if (one.marker_offset < offset) return false;
    open_.emplace(one.producer_id, one.first_offset);
    return true;
  });
  std::erase_if(open_, [&](const auto& one) { return one.second >= offset; });
}

}  // namespace kafka::fake
