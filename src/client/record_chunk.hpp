// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <kafka/types.hpp>

#include "client/fetch_machine.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::client {

/// Records of one batch, checked and decompressed, as poll returns them: what the public `records` is made of.
struct record_chunk {
  std::shared_ptr<const std::string> topic;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = -1;
  kafka::timestamp_type timestamp_type = kafka::timestamp_type::create_time;
  /// Owns the bytes that the cursor and all views borrow from.
  protocol::batch_records data;
  /// At the first of `count` records.
  protocol::record_cursor cursor;
  std::size_t count = 0;
  std::shared_ptr<fetch_charge> charge;
};

}  // namespace kafka::client
