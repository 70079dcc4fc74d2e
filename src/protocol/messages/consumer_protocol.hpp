// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

/// What a member of a classic consumer group tells the group leader, inside JoinGroup. An int16 version leads the
/// bytes.
struct consumer_protocol_subscription {
  static constexpr const char* name = "ConsumerProtocolSubscription";
  static constexpr api_spec api{.versions = {0, 3}};

  struct topic_data {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::vector<std::string> topics{};
  std::optional<shared_bytes> user_data{};     // of the assignor
  std::vector<topic_data> owned_partitions{};  // for cooperative rebalancing (KIP-429)
  std::int32_t generation_id = -1;             // -1: not a member yet
  std::optional<std::string> rack_id{};        // KIP-881

  static constexpr void fields(auto& self, auto& visit) {
    visit("Topics", self.topics);
    visit("UserData", self.user_data);
    visit("OwnedPartitions", self.owned_partitions, since(1), ignorable);
    visit("GenerationId", self.generation_id, since(2), default_value(-1), ignorable);
    visit("RackId", self.rack_id, since(3), ignorable);
  }
  bool operator==(const consumer_protocol_subscription&) const = default;
};

/// What the leader gives a member, inside SyncGroup. An int16 version leads the bytes.
struct consumer_protocol_assignment {
  static constexpr const char* name = "ConsumerProtocolAssignment";
  static constexpr api_spec api{.versions = {0, 3}};

  struct topic_data {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("Topic", self.topic);
      visit("Partitions", self.partitions);
    }
    bool operator==(const topic_data&) const = default;
  };

  std::vector<topic_data> assigned_partitions{};
  std::optional<shared_bytes> user_data{};  // of the assignor

  static constexpr void fields(auto& self, auto& visit) {
    visit("AssignedPartitions", self.assigned_partitions);
    visit("UserData", self.user_data);
  }
  bool operator==(const consumer_protocol_assignment&) const = default;
};

}  // namespace kafka::protocol
