// SPDX-License-Identifier: Apache-2.0
#include "client/partition_line.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

producer_batch* partition_line::oldest_untold() const noexcept {
  const auto found = std::find_if(line_.begin(), line_.end(), [](const batch_ptr& batch) { return !batch->told; });
  return found == line_.end() ? nullptr : found->get();
}

batch_ptr partition_line::next() const noexcept {
  const auto found = std::find_if(line_.begin(), line_.end(),
                                  [](const batch_ptr& batch) { return !batch->told && !batch->under_way; });
  return found == line_.end() ? nullptr : *found;
}

bool partition_line::may_send(std::int32_t in_flight_max) const noexcept {
  if (unsettled_) return false;
  const std::size_t limit = sequenced_ && !sequences_.established ? 1 : static_cast<std::size_t>(in_flight_max);
  return under_way_ < limit;
}

void partition_line::use(std::int64_t producer_id, std::int16_t epoch) noexcept {
  if (uses(producer_id, epoch)) return;
  if (std::any_of(line_.begin(), line_.end(), [](const batch_ptr& batch) { return batch->stamped(); })) return;
  sequences_ = {producer_id, epoch, 0, false};
}

void partition_line::send(producer_batch& batch, bool transactional) {
  if (sequenced_ && !batch.stamped()) {
    batch.stamp = {sequences_.producer_id, sequences_.epoch, sequences_.next, transactional};
    batch.sealed_bytes.stamp(batch.stamp);
    sequences_.next = sequence_after(sequences_.next, batch.record_count());
  }
  batch.under_way = true;
  ++under_way_;
}

void partition_line::ended(producer_batch& batch) noexcept {
  batch.under_way = false;
  --under_way_;
}

void partition_line::acknowledged(const batch_ptr& batch) {
  ended(*batch);
  if (batch->stamped() && uses(batch->stamp.producer_id, batch->stamp.producer_epoch)) sequences_.established = true;
  std::erase(line_, batch);
}

void partition_line::not_written(producer_batch& batch) {
  ended(batch);
  unsettled_ = true;
}

void partition_line::maybe_written(producer_batch& batch) {
  ended(batch);
  batch.maybe_written = true;
  unsettled_ = true;
}

bool partition_line::told(const batch_ptr& batch) {
  batch->told = true;
  if (batch->under_way) return false;
  if (batch->stamped()) {
    unsettled_ = true;
    return false;
  }
  std::erase(line_, batch);
  return true;
}

void partition_line::replace(const batch_ptr& batch, const std::vector<batch_ptr>& parts, bool same_numbers) {
  const auto at = std::find(line_.begin(), line_.end(), batch);
  if (at == line_.end()) return;
  if (batch->stamped()) {
    if (same_numbers) {
      protocol::producer_stamp stamp = batch->stamp;
      for (const batch_ptr& part : parts) {
        part->stamp = stamp;
        part->sealed_bytes.stamp(stamp);
        stamp.base_sequence = sequence_after(stamp.base_sequence, part->record_count());
      }
    } else {
      for (const batch_ptr& part : parts) part->stamp = batch->stamp;  // until settle() gives them their own
      if (!recut_at_) recut_at_ = batch->stamp.base_sequence;
      unsettled_ = true;
    }
  }
  line_.insert(line_.erase(at), parts.begin(), parts.end());
}

void partition_line::renumber_from(std::size_t index, std::int32_t sequence) {
  for (std::size_t at = index; at < line_.size(); ++at) line_[at]->stamp = {};
  sequences_.next = sequence;
}

partition_line::settlement partition_line::settle() {
  settlement out;
  out.producer_id = sequences_.producer_id;
  out.epoch = sequences_.epoch;
  unsettled_ = false;
  bool lost = std::exchange(numbers_lost_, false);
  bool restart = std::exchange(restarting_, false);
  if (restart && by_name_) {  // the new log may have numbers of ours: under the same epoch they would come again
    restart = false;
    lost = true;
  }
  const std::optional<std::int32_t> recut = std::exchange(recut_at_, std::nullopt);
  std::optional<std::int32_t> hole;  // the first number that nothing was written under
  std::size_t behind_hole = 0;
  std::deque<batch_ptr> kept;
  for (batch_ptr& batch : line_) {
    const bool open_end = batch->told && batch->stamped();
    if (open_end && batch->maybe_written) lost = true;
    const bool is_recut = recut && batch->stamped() && batch->stamp.base_sequence == *recut;
    if (!hole && (is_recut || (open_end && !batch->maybe_written))) {
      hole = batch->stamp.base_sequence;
      behind_hole = kept.size();
    }
    (batch->told ? out.released.emplace_back() : kept.emplace_back()) = std::move(batch);
  }
  line_ = std::move(kept);
  if (!sequenced_) return out;
  const auto may_be_written = [](const batch_ptr& batch) { return batch->stamped() && batch->maybe_written; };
  if (hole) {
    lost = lost || std::any_of(line_.begin() + static_cast<std::ptrdiff_t>(behind_hole), line_.end(), may_be_written);
  }
  if (restart) {  // a log without history: the same records under new numbers cannot be there twice
    renumber_from(0, 0);
    sequences_.established = false;
  } else if (lost) {
    by_name_ = false;
    for (const batch_ptr& batch : line_) {
      if (may_be_written(batch)) out.lost.push_back(batch);
    }
    std::erase_if(line_, may_be_written);
    renumber_from(0, 0);
    sequences_ = {};
    out.wants_epoch = true;
  } else if (hole) {
    renumber_from(behind_hole, *hole);
  }
  return out;
}

}  // namespace kafka::client
