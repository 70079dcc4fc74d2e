// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct find_coordinator_response;

/// Which broker coordinates a group, a transactional id or a share group; several keys at once since 4 (KIP-699).
struct find_coordinator_request {
  static constexpr const char* name = "FindCoordinatorRequest";
  static constexpr api_spec api{.key = api_key::find_coordinator, .versions = {0, 6}, .flexible_since = 3};
  using response = find_coordinator_response;

  std::string key{};
  std::int8_t key_type = 0;  // 0 group, 1 transactional id, 2 share group and partition
  std::vector<std::string> coordinator_keys{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Key", self.key, until(3));
    visit("KeyType", self.key_type, since(1));
    visit("CoordinatorKeys", self.coordinator_keys, since(4));
  }
  bool operator==(const find_coordinator_request&) const = default;
};

struct find_coordinator_response {
  static constexpr const char* name = "FindCoordinatorResponse";
  static constexpr api_spec api = find_coordinator_request::api;

  struct coordinator {
    std::string key{};
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Key", self.key);
      visit("NodeId", self.node_id);
      visit("Host", self.host);
      visit("Port", self.port);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, empty_by_default, ignorable);
    }
    bool operator==(const coordinator&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::int32_t node_id = 0;
  std::string host{};
  std::int32_t port = 0;
  std::vector<coordinator> coordinators{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("ErrorCode", self.error_code, until(3));
    visit("ErrorMessage", self.error_message, since(1), until(3), empty_by_default, ignorable);
    visit("NodeId", self.node_id, until(3));
    visit("Host", self.host, until(3));
    visit("Port", self.port, until(3));
    visit("Coordinators", self.coordinators, since(4));
  }
  bool operator==(const find_coordinator_response&) const = default;
};

}  // namespace kafka::protocol
