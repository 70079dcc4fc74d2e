// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct offset_delete_response;

/// Deletes stored offsets of a group (KIP-496).
struct offset_delete_request {
  static constexpr const char* name = "OffsetDeleteRequest";
  static constexpr api_spec api{.key = api_key::offset_delete, .versions = {0, 0}};
  using response = offset_delete_response;

  struct partition {
    std::int32_t partition_index = 0;

    static constexpr void fields(auto& self, auto& visit) { visit("PartitionIndex", self.partition_index); }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::string group_id{};
  std::vector<topic> topics{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("Topics", self.topics);
  }
  bool operator==(const offset_delete_request&) const = default;
};

struct offset_delete_response {
  static constexpr const char* name = "OffsetDeleteResponse";
  static constexpr api_spec api = offset_delete_request::api;

  struct partition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;

    static constexpr void fields(auto& self, auto& visit) {
      visit("PartitionIndex", self.partition_index);
      visit("ErrorCode", self.error_code);
    }
    bool operator==(const partition&) const = default;
  };

  struct topic {
    std::string name{};
    std::vector<partition> partitions{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic&) const = default;
  };

  std::int16_t error_code = 0;
  std::int32_t throttle_time_ms = 0;
  std::vector<topic> topics{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ErrorCode", self.error_code);
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Topics", self.topics);
  }
  bool operator==(const offset_delete_response&) const = default;
};

}  // namespace kafka::protocol
