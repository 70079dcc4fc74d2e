// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct join_group_response;

/// Joins a classic consumer group; may wait as long as the rebalance takes.
struct join_group_request {
  static constexpr const char* name = "JoinGroupRequest";
  static constexpr api_spec api{.key = api_key::join_group, .versions = {0, 9}, .flexible_since = 6};
  using response = join_group_response;

  struct protocol {
    std::string name{};
    shared_bytes metadata{};  // consumer_protocol_subscription
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("Metadata", self.metadata);
    }
    bool operator==(const protocol&) const = default;
  };

  std::string group_id{};
  std::int32_t session_timeout_ms = 0;
  // how long to wait for members to rejoin; version 0 uses the session timeout
  std::int32_t rebalance_timeout_ms = -1;
  std::string member_id{};                         // empty: a new member
  std::optional<std::string> group_instance_id{};  // static membership (KIP-345)
  std::string protocol_type{};                     // "consumer"
  std::vector<protocol> protocols{};               // in order of preference
  std::optional<std::string> reason{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("GroupId", self.group_id);
    visit("SessionTimeoutMs", self.session_timeout_ms);
    visit("RebalanceTimeoutMs", self.rebalance_timeout_ms, since(1), default_value(-1), ignorable);
    visit("MemberId", self.member_id);
    visit("GroupInstanceId", self.group_instance_id, since(5));
    visit("ProtocolType", self.protocol_type);
    visit("Protocols", self.protocols);
    visit("Reason", self.reason, since(8), ignorable);
  }
  bool operator==(const join_group_request&) const = default;
};

struct join_group_response {
  static constexpr const char* name = "JoinGroupResponse";
  static constexpr api_spec api = join_group_request::api;

  struct member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    shared_bytes metadata{};  // consumer_protocol_subscription
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("MemberId", self.member_id);
      visit("GroupInstanceId", self.group_instance_id, since(5), ignorable);
      visit("Metadata", self.metadata);
    }
    bool operator==(const member&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t generation_id = -1;
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name = std::string{};
  std::string leader{};
  bool skip_assignment = false;  // a returning static leader keeps the old assignment (KIP-814)
  std::string member_id{};
  std::vector<member> members{};  // for the leader only
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
    visit("ErrorCode", self.error_code);
    visit("GenerationId", self.generation_id, default_value(-1));
    visit("ProtocolType", self.protocol_type, since(7), ignorable);
    visit("ProtocolName", self.protocol_name, nullable_since(7), empty_by_default);
    visit("Leader", self.leader);
    visit("SkipAssignment", self.skip_assignment, since(9));
    visit("MemberId", self.member_id);
    visit("Members", self.members);
  }
  bool operator==(const join_group_response&) const = default;
};

}  // namespace kafka::protocol
