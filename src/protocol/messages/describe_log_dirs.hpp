// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_log_dirs_response;

/// Disk use by log directory and partition.
struct describe_log_dirs_request {
  static constexpr const char* name = "DescribeLogDirsRequest";
  static constexpr api_spec api{.key = api_key::describe_log_dirs, .versions = {1, 5}, .flexible_since = 2};
  using response = describe_log_dirs_response;

  struct describable_log_dir_topic {
    std::string topic;
    std::vector<std::int32_t> partitions;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const describable_log_dir_topic&, const describable_log_dir_topic&) = default;
  };

  std::optional<std::vector<describable_log_dir_topic>> topics = std::vector<describable_log_dir_topic>{};
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) { visit("Topics", self.topics, empty_by_default); }
  friend bool operator==(const describe_log_dirs_request&, const describe_log_dirs_request&) = default;
};

struct describe_log_dirs_response {
  static constexpr const char* name = "DescribeLogDirsResponse";
  static constexpr api_spec api = describe_log_dirs_request::api;

  struct describe_log_dirs_result {
    struct describe_log_dirs_topic {
      struct describe_log_dirs_partition {
        std::int32_t partition_index = 0;
        std::int64_t partition_size = 0;
        std::int64_t offset_lag = 0;
        bool is_future_key = false;
        tagged_fields unknown_tagged_fields;

        static constexpr void fields(auto& self, auto& visit) {
          visit("PartitionIndex", self.partition_index);
          visit("PartitionSize", self.partition_size);
          visit("OffsetLag", self.offset_lag);
          visit("IsFutureKey", self.is_future_key);
        }
        friend bool operator==(const describe_log_dirs_partition&, const describe_log_dirs_partition&) = default;
      };

      std::string name;
      std::vector<describe_log_dirs_partition> partitions;
      tagged_fields unknown_tagged_fields;

      static constexpr void fields(auto& self, auto& visit) {
        visit("Name", self.name);
        visit("Partitions", self.partitions);
      }
      friend bool operator==(const describe_log_dirs_topic&, const describe_log_dirs_topic&) = default;
    };

    std::int16_t error_code = 0;
    std::string log_dir;
    std::vector<describe_log_dirs_topic> topics;
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;
    bool is_cordoned = false;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("LogDir", self.log_dir);
      visit("Topics", self.topics);
      visit("TotalBytes", self.total_bytes, since(4), default_value(std::int64_t{-1}), ignorable);
      visit("UsableBytes", self.usable_bytes, since(4), default_value(std::int64_t{-1}), ignorable);
      visit("IsCordoned", self.is_cordoned, since(5), ignorable);
    }
    friend bool operator==(const describe_log_dirs_result&, const describe_log_dirs_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<describe_log_dirs_result> results;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code, since(3), ignorable);
    visit("Results", self.results);
  }
  friend bool operator==(const describe_log_dirs_response&, const describe_log_dirs_response&) = default;
};

}  // namespace kafka::protocol
