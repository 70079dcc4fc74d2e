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

  struct topic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("PartitionIndexes", self.partition_indexes);
    }
    bool operator==(const topic&) const = default;
  };

  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("Topics", self.topics); }
  bool operator==(const describe_producers_request&) const = default;
};

struct describe_producers_response {
  static constexpr const char* name = "DescribeProducersResponse";
  static constexpr api_spec api = describe_producers_request::api;

  struct producer {
    std::int64_t producer_id = 0;
    std::int32_t producer_epoch = 0;
    std::int32_t last_sequence = -1;   // -1: none
    std::int64_t last_timestamp = -1;  // -1: none
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_start_offset = -1;  // -1: no open transaction
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ProducerId", self.producer_id);
      visit("ProducerEpoch", self.producer_epoch);
      visit("LastSequence", self.last_sequence, default_value(-1));
      visit("LastTimestamp", self.last_timestamp, default_value(-1));
      visit("CoordinatorEpoch", self.coordinator_epoch);
      visit("CurrentTxnStartOffset", self.current_txn_start_offset, default_value(-1));
    }
    bool operator==(const producer&) const = default;
  };

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::vector<producer> active_producers{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message);
      visit("ActiveProducers", self.active_producers);
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
  bool operator==(const describe_producers_response&) const = default;
};

}  // namespace kafka::protocol
