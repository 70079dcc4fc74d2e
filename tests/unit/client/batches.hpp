// SPDX-License-Identifier: Apache-2.0
// Sealed batches, as the accumulator would have made them, for the tests of what comes after it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <kafka/record.hpp>

#include "base/buffer_pool.hpp"
#include "client/accumulator.hpp"
#include "client/batch_division.hpp"
#include "support/catch.hpp"

namespace kafka::test {

inline void seal(client::producer_batch& batch, compression codec = compression::none) {
  REQUIRE_FALSE(batch.writer.seal({.codec = codec}, batch.sealed_bytes));
  batch.sealed.store(true);
}

/// One record a value.
inline client::batch_ptr batch_of(buffer_pool& pool, const std::vector<std::string>& values) {
  auto batch = std::make_shared<client::producer_batch>();
  batch->partition = {"t", 0};
  batch->writer = protocol::record_batch_writer(pool);
  for (const std::string& value : values) REQUIRE(batch->writer.append(1000, nullptr, value));
  batch->has_detached = true;
  seal(*batch);
  return batch;
}

/// The smallest records there are, so many of them.
inline client::batch_ptr batch_of(buffer_pool& pool, std::int32_t count) {
  auto batch = std::make_shared<client::producer_batch>();
  batch->partition = {"t", 0};
  batch->writer = protocol::record_batch_writer(pool, {.bytes_max = 100U << 20U});
  for (std::int32_t index = 0; index < count; ++index) {
    if (!batch->writer.append(1000, nullptr, nullptr)) FAIL("record " << index << " does not fit");
  }
  seal(*batch);
  return batch;
}

inline std::vector<record> content_of(client::producer_batch& batch) {
  std::vector<record> out;
  for (const record_view& one : client::records_of(batch)) out.push_back(one.retain());
  return out;
}

inline std::vector<std::string> values_of(client::producer_batch& batch) {
  std::vector<std::string> out;
  for (const record& one : content_of(batch)) out.push_back(one.value.value_or("null"));
  return out;
}

}  // namespace kafka::test
