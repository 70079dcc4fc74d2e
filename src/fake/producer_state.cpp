// SPDX-License-Identifier: Apache-2.0
#include "fake/producer_state.hpp"

namespace kafka::fake {

namespace {

/// Sequences go from 0 to 2^31 - 1 and then start at 0 again.
constexpr std::int32_t sequence_plus(std::int32_t sequence, std::int32_t count) noexcept {
  return static_cast<std::int32_t>((static_cast<std::int64_t>(sequence) + count) & INT32_MAX);
}

}  // namespace

producer_states::judgement producer_states::judge(const protocol::record_batch_header& batch) const {
  if (batch.producer_id < 0) return {};
  const auto found = producers_.find(batch.producer_id);
  // A producer that is not known here may start anywhere: its former batches may have been deleted.
  if (found == producers_.end()) return {};
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
  const bool next =
      known.batches.empty() || batch.base_sequence == sequence_plus(known.batches.back().last_sequence, 1);
  return {next ? broker_errc::none : broker_errc::out_of_order_sequence_number, {}};
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
