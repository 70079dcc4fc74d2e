// SPDX-License-Identifier: Apache-2.0
#include "fake/producer_state.hpp"

namespace kafka::fake {

namespace {

/// Sequences go from 0 to 2^31 - 1 and then start at 0 again.
constexpr std::int32_t sequence_plus(std::int32_t sequence, std::int32_t count) noexcept {
  return static_cast<std::int32_t>((static_cast<std::int64_t>(sequence) + count) & INT32_MAX);
}

/// Whether a sequence lies behind another one, on the shorter way around.
constexpr bool is_behind(std::int32_t sequence, std::int32_t other) noexcept {
  const auto distance = static_cast<std::int32_t>((static_cast<std::int64_t>(other) - sequence) & INT32_MAX);
  return distance > 0 && distance <= INT32_MAX / 2;
}

}  // namespace

producer_states::judgement producer_states::judge(const protocol::record_batch_header& batch,
                                                  bool must_begin_at_0) const {
  if (batch.producer_id < 0) return {};
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end()) {
    if (batch.base_sequence == 0) return {};
    return {must_begin_at_0 ? broker_errc::out_of_order_sequence_number : unknown_answer_, {}};
  }
  const producer& known = found->second;
  if (batch.producer_epoch < known.epoch) return {broker_errc::invalid_producer_epoch, {}};
  if (batch.producer_epoch > known.epoch) {
    return {batch.base_sequence == 0 ? broker_errc::none : broker_errc::out_of_order_sequence_number, {}};
  }
  const std::int32_t last_sequence = sequence_plus(batch.base_sequence, batch.last_offset_delta);
  for (const auto& one : known.batches) {
    if (one.first_sequence == batch.base_sequence && one.last_sequence == last_sequence) {
      return {broker_errc::none, duplicate{one.base_offset, one.timestamp}};
    }
  }
  // After a marker with a new epoch nothing is remembered: the epoch begins like any other.
  const std::int32_t next = known.batches.empty() ? 0 : sequence_plus(known.batches.back().last_sequence, 1);
  if (batch.base_sequence == next) return {};
  const bool is_old = !known.batches.empty() && is_behind(last_sequence, known.batches.front().first_sequence);
  return {is_old ? old_duplicate_answer_ : broker_errc::out_of_order_sequence_number, {}};
}

std::int16_t producer_states::epoch_of(std::int64_t producer_id) const {
  const auto found = producers_.find(producer_id);
  return found == producers_.end() ? std::int16_t{-1} : found->second.epoch;
}

std::vector<producer_states::described> producer_states::all() const {
  std::vector<described> out;
  for (const auto& [producer_id, known] : producers_) {
    described& made = out.emplace_back();
    made.producer_id = producer_id;
    made.epoch = known.epoch;
    if (known.batches.empty()) continue;
    made.last_sequence = known.batches.back().last_sequence;
    made.last_timestamp = known.batches.back().timestamp;
  }
  return out;
}

void producer_states::fenced(std::int64_t producer_id, std::int16_t epoch) {
  producer& known = producers_[producer_id];
  if (known.epoch < epoch) known = {epoch, {}};
}

void producer_states::appended(const protocol::record_batch_header& batch, std::int64_t base_offset) {
  if (batch.producer_id < 0) return;
  producer& known = producers_[batch.producer_id];
  if (known.epoch != batch.producer_epoch) known = {batch.producer_epoch, {}};
  known.batches.push_back({batch.base_sequence, sequence_plus(batch.base_sequence, batch.last_offset_delta),
                           base_offset, batch.max_timestamp});
  if (known.batches.size() > remembered_batches) known.batches.pop_front();
}

}  // namespace kafka::fake
