// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct get_telemetry_subscriptions_response;

/// Which metrics the cluster wants from this client (KIP-714).
struct get_telemetry_subscriptions_request {
  static constexpr const char* name = "GetTelemetrySubscriptionsRequest";
  static constexpr api_spec api{.key = api_key::get_telemetry_subscriptions, .versions = {0, 0}, .flexible_since = 0};
  using response = get_telemetry_subscriptions_response;

  uuid client_instance_id{};  // zero: the broker chooses one
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) { visit("ClientInstanceId", self.client_instance_id); }
  bool operator==(const get_telemetry_subscriptions_request&) const = default;
};

struct get_telemetry_subscriptions_response {
  static constexpr const char* name = "GetTelemetrySubscriptionsResponse";
  static constexpr api_spec api = get_telemetry_subscriptions_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  uuid client_instance_id{};  // zero: as in the request
  std::int32_t subscription_id = 0;
  std::vector<std::int8_t> accepted_compression_types{};  // of record batches, the preferred one first
  std::int32_t push_interval_ms = 0;
  std::int32_t telemetry_max_bytes = 0;
  bool delta_temporality = false;
  // prefixes; one empty string: all metrics; no string: none
  std::vector<std::string> requested_metrics{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
    visit("ClientInstanceId", self.client_instance_id);
    visit("SubscriptionId", self.subscription_id);
    visit("AcceptedCompressionTypes", self.accepted_compression_types);
    visit("PushIntervalMs", self.push_interval_ms);
    visit("TelemetryMaxBytes", self.telemetry_max_bytes);
    visit("DeltaTemporality", self.delta_temporality);
    visit("RequestedMetrics", self.requested_metrics);
  }
  bool operator==(const get_telemetry_subscriptions_response&) const = default;
};

}  // namespace kafka::protocol
