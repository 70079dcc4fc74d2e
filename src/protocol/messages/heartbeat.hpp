// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct heartbeat_response;

/// Keeps a classic group member alive and tells it of rebalances.
struct heartbeat_request {
  static constexpr const char* name = "HeartbeatRequest";
  static constexpr api_spec api{.key = api_key::heartbeat, .versions = {0, 4}, .flexible_since = 4};
  using response = heartbeat_response;

  std::string group_id{};
  std::int32_t generation_id = 0;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};  // static membership (KIP-345)
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("GenerationId", self.generation_id);
    visit("MemberId", self.member_id);
    visit("GroupInstanceId", self.group_instance_id, since(3));
  }
  bool operator==(const heartbeat_request&) const = default;
};

struct heartbeat_response {
  static constexpr const char* name = "HeartbeatResponse";
  static constexpr api_spec api = heartbeat_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
    visit("ErrorCode", self.error_code);
  }
  bool operator==(const heartbeat_response&) const = default;
};

}  // namespace kafka::protocol
