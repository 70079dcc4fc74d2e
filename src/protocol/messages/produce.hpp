// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct produce_response;

/// Appends record batches to partitions. Topic ids instead of names since 13 (KIP-516), current leader since 10
/// (KIP-951).
struct produce_request {
  static constexpr const char* name = "ProduceRequest";
  static constexpr api_spec api{.key = api_key::produce, .versions = {3, 13}, .flexible_since = 9};
  using response = produce_response;

  struct topic_produce_data {
    struct partition_produce_data {
      std::int32_t index = 0;
      std::optional<shared_bytes> records;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Index", self.index);
        visit("Records", self.records);
      }
      friend bool operator==(const partition_produce_data&, const partition_produce_data&) = default;
    };

    std::string name;
    uuid topic_id;
    std::vector<partition_produce_data> partition_data;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("PartitionData", self.partition_data);
    }
    friend bool operator==(const topic_produce_data&, const topic_produce_data&) = default;
  };

  std::optional<std::string> transactional_id;
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<topic_produce_data> topic_data;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id);
    visit("Acks", self.acks);
    visit("TimeoutMs", self.timeout_ms);
    visit("TopicData", self.topic_data);
  }
  friend bool operator==(const produce_request&, const produce_request&) = default;
};

struct produce_response {
  static constexpr const char* name = "ProduceResponse";
  static constexpr api_spec api = produce_request::api;

  struct topic_produce_response {
    struct partition_produce_response {
      struct batch_index_and_error_message {
        std::int32_t batch_index = 0;
        std::optional<std::string> batch_index_error_message;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("BatchIndex", self.batch_index, since(8));
          visit("BatchIndexErrorMessage", self.batch_index_error_message, since(8));
        }
        friend bool operator==(const batch_index_and_error_message&, const batch_index_and_error_message&) = default;
      };

      struct leader_id_and_epoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("LeaderId", self.leader_id, since(10), default_value(std::int32_t{-1}));
          visit("LeaderEpoch", self.leader_epoch, since(10), default_value(std::int32_t{-1}));
        }
        friend bool operator==(const leader_id_and_epoch&, const leader_id_and_epoch&) = default;
      };

      std::int32_t index = 0;
      std::int16_t error_code = 0;
      std::int64_t base_offset = 0;
      std::int64_t log_append_time_ms = -1;
      std::int64_t log_start_offset = -1;
      std::vector<batch_index_and_error_message> record_errors;
      std::optional<std::string> error_message;
      leader_id_and_epoch current_leader;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Index", self.index);
        visit("ErrorCode", self.error_code);
        visit("BaseOffset", self.base_offset);
        visit("LogAppendTimeMs", self.log_append_time_ms, default_value(std::int64_t{-1}), ignorable);
        visit("LogStartOffset", self.log_start_offset, since(5), default_value(std::int64_t{-1}), ignorable);
        visit("RecordErrors", self.record_errors, since(8), ignorable);
        visit("ErrorMessage", self.error_message, since(8), ignorable);
        visit("CurrentLeader", self.current_leader, since(10), tagged(0));
      }
      friend bool operator==(const partition_produce_response&, const partition_produce_response&) = default;
    };

    std::string name;
    uuid topic_id;
    std::vector<partition_produce_response> partition_responses;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, until(12), ignorable);
      visit("TopicId", self.topic_id, since(13), ignorable);
      visit("PartitionResponses", self.partition_responses);
    }
    friend bool operator==(const topic_produce_response&, const topic_produce_response&) = default;
  };

  struct node_endpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("NodeId", self.node_id, since(10));
      visit("Host", self.host, since(10));
      visit("Port", self.port, since(10));
      visit("Rack", self.rack, since(10));
    }
    friend bool operator==(const node_endpoint&, const node_endpoint&) = default;
  };

  std::vector<topic_produce_response> responses;
  std::int32_t throttle_time_ms = 0;
  std::vector<node_endpoint> node_endpoints;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Responses", self.responses);
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("NodeEndpoints", self.node_endpoints, since(10), tagged(0));
  }
  friend bool operator==(const produce_response&, const produce_response&) = default;
};

}  // namespace kafka::protocol
