// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct add_offsets_to_txn_response;

/// Adds a group's offsets to a transaction.
struct add_offsets_to_txn_request {
  static constexpr const char* name = "AddOffsetsToTxnRequest";
  static constexpr api_spec api{.key = api_key::add_offsets_to_txn, .versions = {0, 4}, .flexible_since = 3};
  using response = add_offsets_to_txn_response;

  std::string transactional_id{};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::string group_id{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("TransactionalId", self.transactional_id);
    visit("ProducerId", self.producer_id);
    visit("ProducerEpoch", self.producer_epoch);
    visit("GroupId", self.group_id);
  }
  bool operator==(const add_offsets_to_txn_request&) const = default;
};

struct add_offsets_to_txn_response {
  static constexpr const char* name = "AddOffsetsToTxnResponse";
  static constexpr api_spec api = add_offsets_to_txn_request::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms);
    visit("ErrorCode", self.error_code);
  }
  bool operator==(const add_offsets_to_txn_response&) const = default;
};

}  // namespace kafka::protocol
