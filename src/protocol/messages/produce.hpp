// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/leaders.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

struct produce_response;

/// Appends record batches to partitions. No response comes when acks is 0. Current leaders in the response since 10
/// (KIP-951), 11 and 12 change what a transaction may do (KIP-890), topic ids instead of names since 13 (KIP-516).
struct produce_request {
  static constexpr const char* name = "ProduceRequest";
  static constexpr api_spec api{.key = api_key::produce, .versions = {3, 13}, .flexible_since = 9};
  using response = produce_response;

  struct partition {
    std::int32_t index = 0;
    std::optional<shared_bytes> records{};  // one batch
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Index", self.index);
      visit("Records", self.records);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    uuid topic_id{};
    std::vector<partition> partition_data{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("PartitionData", self.partition_data);
    }
    bool operator==(const topic&) const = default;
  };

  std::optional<std::string> transactional_id{};  // null: not in a transaction
  std::int16_t acks = 0;                          // -1 all in-sync replicas, 1 the leader, 0 no response at all
  std::int32_t timeout_ms = 0;                    // how long the leader may wait for replicas
  std::vector<topic> topic_data{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id);
    visit("Acks", self.acks);
    visit("TimeoutMs", self.timeout_ms);
    visit("TopicData", self.topic_data);
  }
  bool operator==(const produce_request&) const = default;
};

struct produce_response {
  static constexpr const char* name = "ProduceResponse";
  static constexpr api_spec api = produce_request::api;

  struct record_error {
    std::int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("BatchIndex", self.batch_index);
      visit("BatchIndexErrorMessage", self.batch_index_error_message);
    }
    bool operator==(const record_error&) const = default;
  };

  struct partition {
    std::int32_t index = 0;
    std::int16_t error_code = 0;
    std::int64_t base_offset = 0;          // of the first record
    std::int64_t log_append_time_ms = -1;  // -1: the topic keeps the times of creation
    std::int64_t log_start_offset = -1;    // -1: not known
    // KIP-467: the records that made the broker refuse the batch
    std::vector<record_error> record_errors{};
    std::optional<std::string> error_message{};
    leader_id_and_epoch current_leader{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Index", self.index);
      visit("ErrorCode", self.error_code);
      visit("BaseOffset", self.base_offset);
      visit("LogAppendTimeMs", self.log_append_time_ms, default_value(-1), ignorable);
      visit("LogStartOffset", self.log_start_offset, since(5), default_value(-1), ignorable);
      visit("RecordErrors", self.record_errors, since(8), ignorable);
      visit("ErrorMessage", self.error_message, since(8), ignorable);
      visit("CurrentLeader", self.current_leader, since(10), tagged(0));
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    uuid topic_id{};
    std::vector<partition> partition_responses{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("PartitionResponses", self.partition_responses);
    }
    bool operator==(const topic&) const = default;
  };

  std::vector<topic> responses{};
  std::int32_t throttle_time_ms = 0;
  std::vector<node_endpoint> node_endpoints{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Responses", self.responses);
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("NodeEndpoints", self.node_endpoints, since(10), tagged(0));
  }
  bool operator==(const produce_response&) const = default;
};

}  // namespace kafka::protocol
