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

  struct topic_data {
    std::string topic{};
    std::vector<std::int32_t> partitions{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::optional<std::vector<topic_data>> topics = std::vector<topic_data>{};  // null: all
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("Topics", self.topics, empty_by_default); }
  bool operator==(const describe_log_dirs_request&) const = default;
};

struct describe_log_dirs_response {
  static constexpr const char* name = "DescribeLogDirsResponse";
  static constexpr api_spec api = describe_log_dirs_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;  // how far the replica is behind
    bool is_future_key = false;   // a replica on its way to another directory
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("PartitionSize", self.partition_size);
      visit("OffsetLag", self.offset_lag);
      visit("IsFutureKey", self.is_future_key);
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

  struct result {
    std::int16_t error_code = 0;
    std::string log_dir{};
    std::vector<topic> topics{};
    std::int64_t total_bytes = -1;   // of the volume; -1: not known (KIP-827)
    std::int64_t usable_bytes = -1;  // -1: not known
    bool is_cordoned = false;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("ErrorCode", self.error_code);
      visit("LogDir", self.log_dir);
      visit("Topics", self.topics);
      visit("TotalBytes", self.total_bytes, since(4), default_value(-1), ignorable);
      visit("UsableBytes", self.usable_bytes, since(4), default_value(-1), ignorable);
      visit("IsCordoned", self.is_cordoned, since(5), ignorable);
    }
    bool operator==(const result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<result> results{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code, since(3), ignorable);
    visit("Results", self.results);
  }
  bool operator==(const describe_log_dirs_response&) const = default;
};

}  // namespace kafka::protocol
