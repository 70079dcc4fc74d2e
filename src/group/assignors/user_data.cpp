// SPDX-License-Identifier: Apache-2.0
#include "group/assignors/user_data.hpp"

#include <string_view>
#include <unordered_map>

#include "protocol/codec_definitions.hpp"

namespace kafka::group {

namespace {

/// No version stands in front of these bytes: a reader tries the newer one first.
struct sticky_user_data {
  static constexpr const char* name = "StickyAssignorUserData";
  static constexpr protocol::api_spec api{.versions = {0, 1}};
  static constexpr std::int16_t newest = 1;

  struct topic_assignment {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    static constexpr void fields(auto& self, auto& visit) {
      visit("topic", self.topic);
      visit("partitions", self.partitions);
    }
    bool operator==(const topic_assignment&) const = default;
  };

  std::vector<topic_assignment> previous_assignment{};
  std::int32_t generation = -1;

  static constexpr void fields(auto& self, auto& visit) {
    visit("previous_assignment", self.previous_assignment);
    visit("generation", self.generation, protocol::since(1), protocol::default_value(-1), protocol::ignorable);
  }
};

struct cooperative_user_data {
  static constexpr const char* name = "CooperativeStickyAssignorUserData";
  static constexpr protocol::api_spec api{.versions = {0, 0}};

  std::int32_t generation = -1;

  static constexpr void fields(auto& self, auto& visit) {
    visit("generation", self.generation, protocol::default_value(-1));
  }
};

template <class M>
std::string bytes_of(const M& message, std::int16_t version) {
  protocol::encoded_message encoded;
  if (protocol::encode(message, version, encoded)) return {};  // a topic's name longer than any topic's
  return std::string(encoded.flatten().text());
}

}  // namespace

std::string encode_sticky_user_data(const claim& previous) {
  sticky_user_data message;
  message.generation = previous.generation;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const topic_partition& partition : previous.partitions) {
    const auto [place, is_new] = places.emplace(partition.topic, message.previous_assignment.size());
    if (is_new) message.previous_assignment.push_back({.topic = partition.topic, .partitions = {}});
    message.previous_assignment[place->second].partitions.push_back(partition.partition);
  }
  return bytes_of(message, sticky_user_data::newest);
}

claim decode_sticky_user_data(const std::optional<std::string>& user_data) {
  if (!user_data || user_data->empty()) return {};
  const shared_bytes bytes = shared_bytes::copy_of(*user_data);
  sticky_user_data message;
  if (protocol::decode(bytes, sticky_user_data::newest, message) && protocol::decode(bytes, 0, message)) return {};
  claim out{.partitions = {}, .generation = message.generation};
  for (const sticky_user_data::topic_assignment& topic : message.previous_assignment) {
    for (const std::int32_t partition : topic.partitions) out.partitions.push_back({topic.topic, partition});
  }
  return out;
}

std::string encode_cooperative_user_data(std::int32_t generation) {
  return bytes_of(cooperative_user_data{.generation = generation}, 0);
}

std::int32_t decode_cooperative_user_data(const std::optional<std::string>& user_data) {
  cooperative_user_data message;
  if (!user_data || protocol::decode(shared_bytes::copy_of(*user_data), 0, message)) return -1;
  return message.generation;
}

}  // namespace kafka::group
