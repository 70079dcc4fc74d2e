// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_producers_response;

/// Producers that are active on partitions (KIP-664).
struct describe_producers_request {
  static constexpr const char* name = "DescribeProducersRequest";
  static constexpr api_spec api{.key = api_key::describe_producers, .versions = {0, 0}, .flexible_since = 0};
  using response = describe_producers_response;

  struct topic_request {
    std::string name;
    std::vector<std::int32_t> partition_indexes;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("PartitionIndexes", self.partition_indexes);
    }
    friend bool operator==(const topic_request&, const topic_request&) = default;
  };

  std::vector<topic_request> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) { visit("Topics", self.topics); }
  friend bool operator==(const describe_producers_request&, const describe_producers_request&) = default;
};

struct describe_producers_response {
  static constexpr const char* name = "DescribeProducersResponse";
  static constexpr api_spec api = describe_producers_request::api;

  struct topic_response {
    struct partition_response {
      struct producer_state {
        std::int64_t producer_id = 0;
        std::int32_t producer_epoch = 0;
        std::int32_t last_sequence = -1;
        std::int64_t last_timestamp = -1;
        std::int32_t coordinator_epoch = 0;
        std::int64_t current_txn_start_offset = -1;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("ProducerId", self.producer_id);
          visit("ProducerEpoch", self.producer_epoch);
          visit("LastSequence", self.last_sequence, default_value(std::int32_t{-1}));
          visit("LastTimestamp", self.last_timestamp, default_value(std::int64_t{-1}));
          visit("CoordinatorEpoch", self.coordinator_epoch);
          visit("CurrentTxnStartOffset", self.current_txn_start_offset, default_value(std::int64_t{-1}));
        }
        friend bool operator==(const producer_state&, const producer_state&) = default;
      };

      std::int32_t partition_index = 0;
      std::int16_t error_code = 0;
      std::optional<std::string> error_message;
      std::vector<producer_state> active_producers;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("ErrorCode", self.error_code);
        visit("ErrorMessage", self.error_message);
        visit("ActiveProducers", self.active_producers);
      }
      friend bool operator==(const partition_response&, const partition_response&) = default;
    };

    std::string name;
    std::vector<partition_response> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const topic_response&, const topic_response&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic_response> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("Topics", self.topics);
  }
  friend bool operator==(const describe_producers_response&, const describe_producers_response&) = default;
};

}  // namespace kafka::protocol
