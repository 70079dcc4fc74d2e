// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct delete_records_response;

/// Moves the start of partitions up to an offset.
struct delete_records_request {
  static constexpr const char* name = "DeleteRecordsRequest";
  static constexpr api_spec api{.key = api_key::delete_records, .versions = {0, 2}, .flexible_since = 2};
  using response = delete_records_response;

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;  // records below it go; -1: all
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("Offset", self.offset);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::vector<topic> topics{};
  std::int32_t timeout_ms = 0;  // how long to wait for the deletion to finish
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("TimeoutMs", self.timeout_ms);
  }
  bool operator==(const delete_records_request&) const = default;
};

struct delete_records_response {
  static constexpr const char* name = "DeleteRecordsResponse";
  static constexpr api_spec api = delete_records_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;  // the new start of the log
    std::int16_t error_code = 0;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("LowWatermark", self.low_watermark);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Topics", self.topics);
  }
  bool operator==(const delete_records_response&) const = default;
};

}  // namespace kafka::protocol
