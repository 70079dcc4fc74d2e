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

  struct delete_topic_state {
    std::optional<std::string> name;
    uuid topic_id;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, since(6));
      visit("TopicId", self.topic_id, since(6));
    }
    friend bool operator==(const delete_topic_state&, const delete_topic_state&) = default;
  };

  std::vector<delete_topic_state> topics;
  std::vector<std::string> topic_names;
  std::int32_t timeout_ms = 0;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics, since(6));
    visit("TopicNames", self.topic_names, until(5), ignorable);
    visit("TimeoutMs", self.timeout_ms);
  }
  friend bool operator==(const delete_topics_request&, const delete_topics_request&) = default;
};

struct delete_topics_response {
  static constexpr const char* name = "DeleteTopicsResponse";
  static constexpr api_spec api = delete_topics_request::api;

  struct deletable_topic_result {
    std::optional<std::string> name = std::string{};
    uuid topic_id;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    tagged_fields unknown_tagged_fields;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Name", self.name, nullable_since(6), empty_by_default);
      visit("TopicId", self.topic_id, since(6), ignorable);
      visit("ErrorCode", self.error_code);
      visit("ErrorMessage", self.error_message, since(5), ignorable);
    }
    friend bool operator==(const deletable_topic_result&, const deletable_topic_result&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<deletable_topic_result> responses;
  tagged_fields unknown_tagged_fields;

  static constexpr void fields(auto& self, auto& visit) {
    visit("ThrottleTimeMs", self.throttle_time_ms, ignorable);
    visit("Responses", self.responses);
  }
  friend bool operator==(const delete_topics_response&, const delete_topics_response&) = default;
};

}  // namespace kafka::protocol
