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

  struct delete_records_topic {
    struct delete_records_partition {
      std::int32_t partition_index = 0;
      std::int64_t offset = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("Offset", self.offset);
      }
      friend bool operator==(const delete_records_partition&, const delete_records_partition&) = default;
    };

    std::string name;
    std::vector<delete_records_partition> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const delete_records_topic&, const delete_records_topic&) = default;
  };

  std::vector<delete_records_topic> topics;
  std::int32_t timeout_ms = 0;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("TimeoutMs", self.timeout_ms);
  }
  friend bool operator==(const delete_records_request&, const delete_records_request&) = default;
};

struct delete_records_response {
  static constexpr const char* name = "DeleteRecordsResponse";
  static constexpr api_spec api = delete_records_request::api;

  struct delete_records_topic_result {
    struct delete_records_partition_result {
      std::int32_t partition_index = 0;
      std::int64_t low_watermark = 0;
      std::int16_t error_code = 0;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("LowWatermark", self.low_watermark);
        visit("ErrorCode", self.error_code);
      }
      friend bool operator==(const delete_records_partition_result&, const delete_records_partition_result&) = default;
    };

    std::string name;
    std::vector<delete_records_partition_result> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const delete_records_topic_result&, const delete_records_topic_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<delete_records_topic_result> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Topics", self.topics);
  }
  friend bool operator==(const delete_records_response&, const delete_records_response&) = default;
};

}  // namespace kafka::protocol
