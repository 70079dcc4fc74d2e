// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct delete_topics_response;

/// Deletes topics by name, or by id since 6 (KIP-516).
struct delete_topics_request {
  static constexpr const char* name = "DeleteTopicsRequest";
  static constexpr api_spec api{.key = api_key::delete_topics, .versions = {1, 6}, .flexible_since = 4};
  using response = delete_topics_response;

  struct topic {
    std::optional<std::string> name{};  // null: by id
    uuid topic_id{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name);
      visit("TopicId", self.topic_id);
    }
    bool operator==(const topic&) const = default;
  };

  std::vector<topic> topics{};
  std::vector<std::string> topic_names{};  // before 6
  std::int32_t timeout_ms = 0;             // how long to wait for the deletion to finish
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics, since(6));
    visit("TopicNames", self.topic_names, until(5), ignorable);
    visit("TimeoutMs", self.timeout_ms);
  }
  bool operator==(const delete_topics_request&) const = default;
};

struct delete_topics_response {
  static constexpr const char* name = "DeleteTopicsResponse";
  static constexpr api_spec api = delete_topics_request::api;

  struct topic {
    std::optional<std::string> name = std::string{};  // null: an id nobody knows
    uuid topic_id{};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    tagged_fields unknown_tagged_fields{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, nullable_since(6), empty_by_default);
      visit("TopicId", self.topic_id, since(6), ignorable);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, since(5), ignorable);
    }
    bool operator==(const topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<topic> responses{};
  tagged_fields unknown_tagged_fields{};

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Responses", self.responses);
  }
  bool operator==(const delete_topics_response&) const = default;
};

}  // namespace kafka::protocol
