// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

/// What a classic member tells the group leader. On the wire an int16 version goes in front.
struct consumer_protocol_subscription {
  static constexpr const char* name = "ConsumerProtocolSubscription";
  static constexpr api_spec api{.versions = {0, 3}};

  struct topic_partition {
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic, since(1));
      visit("Partitions", self.partitions, since(1));
    }
    friend bool operator==(const topic_partition&, const topic_partition&) = default;
  };

  std::vector<std::string> topics;
  std::optional<shared_bytes> user_data;
  std::vector<topic_partition> owned_partitions;
  std::int32_t generation_id = -1;
  std::optional<std::string> rack_id;

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("UserData", self.user_data);
    visit("OwnedPartitions", self.owned_partitions, since(1), ignorable);
    visit("GenerationId", self.generation_id, since(2), default_value(std::int32_t{-1}), ignorable);
    visit("RackId", self.rack_id, since(3), ignorable);
  }
  friend bool operator==(const consumer_protocol_subscription&, const consumer_protocol_subscription&) = default;
};

/// What the group leader gives to a classic member. On the wire an int16 version goes in front.
struct consumer_protocol_assignment {
  static constexpr const char* name = "ConsumerProtocolAssignment";
  static constexpr api_spec api{.versions = {0, 3}};

  struct topic_partition {
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    friend bool operator==(const topic_partition&, const topic_partition&) = default;
  };

  std::vector<topic_partition> assigned_partitions;
  std::optional<shared_bytes> user_data;

  static constexpr void fields(auto& self, auto& visit) {
    visit("AssignedPartitions", self.assigned_partitions);
    visit("UserData", self.user_data);
  }
  friend bool operator==(const consumer_protocol_assignment&, const consumer_protocol_assignment&) = default;
};

}  // namespace kafka::protocol
