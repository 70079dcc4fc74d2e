// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <kafka/record.hpp>

namespace kafka::cli {

/// What the output forms show of a record. Borrows, as a record_view does; unlike one, a test can make it.
struct shown_record {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  timestamp_ms timestamp = -1;
  bytes_view key;
  bytes_view value;
  header_range headers;

  shown_record() = default;
  explicit shown_record(const record_view& record)
      : topic(record.topic()),
        partition(record.partition()),
        offset(record.offset()),
        timestamp(record.timestamp()),
        key(record.key()),
        value(record.value()),
        headers(record.headers()) {}
};

}  // namespace kafka::cli
