// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include <kafka/config.hpp>
#include <kafka/record.hpp>

#include "client/accumulator.hpp"

namespace kafka::client {

/// A batch's records in two new batches, in their order, each with its callbacks. One of them may be null: no record
/// fell to it.
struct divided_batch {
  batch_ptr first;
  batch_ptr second;
};

/// Divides a sealed batch: those of its records for which `belongs_first(index)` holds, and the others. The parts keep
/// the batch's id, age, attempts and compression, and carry no producer stamp. The batch gives its callbacks away.
/// Fails, and nothing changes, if the batch cannot be read back.
[[nodiscard]] error divide(producer_batch& batch, const producer_config& config, buffer_pool& pool,
                           const std::function<bool(std::int32_t index)>& belongs_first, divided_batch& out);

/// The records of a sealed batch as a consumer would see them, with offsets from 0; none if it cannot be read back.
[[nodiscard]] records records_of(producer_batch& batch);

}  // namespace kafka::client
