// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct push_telemetry_response;

/// Sends client metrics to the cluster (KIP-714).
struct push_telemetry_request {
  static constexpr const char* name = "PushTelemetryRequest";
  static constexpr api_spec api{.key = api_key::push_telemetry, .versions = {0, 0}, .flexible_since = 0};
  using response = push_telemetry_response;

  uuid client_instance_id{};
  std::int32_t subscription_id = 0;
  bool terminating = false;          // the last push of this client
  std::int8_t compression_type = 0;  // of metrics, as in record batches
  shared_bytes metrics{};            // OpenTelemetry MetricsData v1 in protobuf
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ClientInstanceId", self.client_instance_id);
    visit("SubscriptionId", self.subscription_id);
    visit("Terminating", self.terminating);
    visit("CompressionType", self.compression_type);
    visit("Metrics", self.metrics);
  }
  bool operator==(const push_telemetry_request&) const = default;
};

struct push_telemetry_response {
  static constexpr const char* name = "PushTelemetryResponse";
  static constexpr api_spec api = push_telemetry_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
  }
  bool operator==(const push_telemetry_response&) const = default;
};

}  // namespace kafka::protocol
