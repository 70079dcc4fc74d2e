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

  struct creatable_topic {
    struct creatable_replica_assignment {
      std::int32_t partition_index = 0;
      std::vector<std::int32_t> broker_ids;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("PartitionIndex", self.partition_index);
        visit("BrokerIds", self.broker_ids);
      }
      friend bool operator==(const creatable_replica_assignment&, const creatable_replica_assignment&) = default;
    };

    struct creatable_topic_config {
      std::string name;
      std::optional<std::string> value = std::string{};
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name);
        visit("Value", self.value, empty_by_default);
      }
      friend bool operator==(const creatable_topic_config&, const creatable_topic_config&) = default;
    };

    std::string name;
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<creatable_replica_assignment> assignments;
    std::vector<creatable_topic_config> configs;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("NumPartitions", self.num_partitions);
      visit("ReplicationFactor", self.replication_factor);
      visit("Assignments", self.assignments);
      visit("Configs", self.configs);
    }
    friend bool operator==(const creatable_topic&, const creatable_topic&) = default;
  };

  std::vector<creatable_topic> topics;
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("timeoutMs", self.timeout_ms, default_value(std::int32_t{60000}));
    visit("validateOnly", self.validate_only);
  }
  friend bool operator==(const create_topics_request&, const create_topics_request&) = default;
};

struct create_topics_response {
  static constexpr const char* name = "CreateTopicsResponse";
  static constexpr api_spec api = create_topics_request::api;

  struct creatable_topic_result {
    struct creatable_topic_configs {
      std::string name;
      std::optional<std::string> value = std::string{};
      bool read_only = false;
      std::int8_t config_source = -1;
      bool is_sensitive = false;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name, since(5));
        visit("Value", self.value, since(5), empty_by_default);
        visit("ReadOnly", self.read_only, since(5));
        visit("ConfigSource", self.config_source, since(5), default_value(std::int8_t{-1}), ignorable);
        visit("IsSensitive", self.is_sensitive, since(5));
      }
      friend bool operator==(const creatable_topic_configs&, const creatable_topic_configs&) = default;
    };

    std::string name;
    uuid topic_id;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int16_t topic_config_error_code = 0;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<creatable_topic_configs>> configs = std::vector<creatable_topic_configs>{};
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("TopicId", self.topic_id, since(7), ignorable);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default, ignorable);
      visit("TopicConfigErrorCode", self.topic_config_error_code, since(5), tagged(0), ignorable);
      visit("NumPartitions", self.num_partitions, since(5), default_value(std::int32_t{-1}), ignorable);
      visit("ReplicationFactor", self.replication_factor, since(5), default_value(std::int16_t{-1}), ignorable);
      visit("Configs", self.configs, since(5), empty_by_default, ignorable);
    }
    friend bool operator==(const creatable_topic_result&, const creatable_topic_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<creatable_topic_result> topics;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
  }
  friend bool operator==(const create_topics_response&, const create_topics_response&) = default;
};

}  // namespace kafka::protocol
