// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct create_topics_response;

/// Creates topics.
struct create_topics_request {
  static constexpr const char* name = "CreateTopicsRequest";
  static constexpr api_spec api{.key = api_key::create_topics, .versions = {2, 7}, .flexible_since = 5};
  using response = create_topics_response;

  struct replica_assignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("BrokerIds", self.broker_ids);
    }
    bool operator==(const replica_assignment&) const = default;
  };

  struct config {
    std::string name{};
    std::optional<std::string> value = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Value", self.value, empty_by_default);
    }
    bool operator==(const config&) const = default;
  };

  struct topic {
    std::string name{};
    std::int32_t num_partitions = 0;      // -1: given by assignments, or by the broker (KIP-464)
    std::int16_t replication_factor = 0;  // -1: given by assignments, or by the broker (KIP-464)
    std::vector<replica_assignment> assignments{};
    std::vector<config> configs{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("NumPartitions", self.num_partitions);
      visit("ReplicationFactor", self.replication_factor);
      visit("Assignments", self.assignments);
      visit("Configs", self.configs);
    }
    bool operator==(const topic&) const = default;
  };

  std::vector<topic> topics{};
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;  // check, create nothing
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("timeoutMs", self.timeout_ms, default_value(60000));
    visit("validateOnly", self.validate_only);
  }
  bool operator==(const create_topics_request&) const = default;
};

struct create_topics_response {
  static constexpr const char* name = "CreateTopicsResponse";
  static constexpr api_spec api = create_topics_request::api;

  struct config {
    std::string name{};
    std::optional<std::string> value = std::string{};
    bool read_only = false;
    std::int8_t config_source = -1;  // as in describe_configs
    bool is_sensitive = false;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Value", self.value, empty_by_default);
      visit("ReadOnly", self.read_only);
      visit("ConfigSource", self.config_source, default_value(-1), ignorable);
      visit("IsSensitive", self.is_sensitive);
    }
    bool operator==(const config&) const = default;
  };

  struct topic {
    std::string name{};
    uuid topic_id{};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int16_t topic_config_error_code = 0;  // why there are no configs (KIP-525)
    std::int32_t num_partitions = -1;          // -1: not known
    std::int16_t replication_factor = -1;      // -1: not known
    std::optional<std::vector<config>> configs = std::vector<config>{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("TopicId", self.topic_id, since(7), ignorable);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default, ignorable);
      visit("TopicConfigErrorCode", self.topic_config_error_code, since(5), tagged(0), ignorable);
      visit("NumPartitions", self.num_partitions, since(5), default_value(-1), ignorable);
      visit("ReplicationFactor", self.replication_factor, since(5), default_value(-1), ignorable);
      visit("Configs", self.configs, since(5), empty_by_default, ignorable);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const create_topics_response&) const = default;
};

}  // namespace kafka::protocol
