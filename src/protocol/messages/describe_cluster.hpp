// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct describe_cluster_response;

/// Brokers or controllers of the cluster (KIP-700, KIP-919).
struct describe_cluster_request {
  static constexpr const char* name = "DescribeClusterRequest";
  static constexpr api_spec api{.key = api_key::describe_cluster, .versions = {0, 2}, .flexible_since = 0};
  using response = describe_cluster_response;

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;  // 1 brokers, 2 controllers
  bool include_fenced_brokers = false;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("IncludeClusterAuthorizedOperations", self.include_cluster_authorized_operations);
    visit("EndpointType", self.endpoint_type, since(1), default_value(1));
    visit("IncludeFencedBrokers", self.include_fenced_brokers, since(2));
  }
  bool operator==(const describe_cluster_request&) const = default;
};

struct describe_cluster_response {
  static constexpr const char* name = "DescribeClusterResponse";
  static constexpr api_spec api = describe_cluster_request::api;

  struct broker {
    std::int32_t broker_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};
    bool is_fenced = false;
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("BrokerId", self.broker_id);
      visit("Host", self.host);
      visit("Port", self.port);
      visit("Rack", self.rack);
      visit("IsFenced", self.is_fenced, since(2));
    }
    bool operator==(const broker&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message{};
  std::int8_t endpoint_type = 1;
  std::string cluster_id{};
  std::int32_t controller_id = -1;
  std::vector<broker> brokers{};
  std::int32_t cluster_authorized_operations = INT32_MIN;  // bits (KIP-430); INT32_MIN: not asked for
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ErrorMessage", self.error_message);
    visit("EndpointType", self.endpoint_type, since(1), default_value(1));
    visit("ClusterId", self.cluster_id);
    visit("ControllerId", self.controller_id, default_value(-1));
    visit("Brokers", self.brokers);
    visit("ClusterAuthorizedOperations", self.cluster_authorized_operations, default_value(INT32_MIN));
  }
  bool operator==(const describe_cluster_response&) const = default;
};

}  // namespace kafka::protocol
