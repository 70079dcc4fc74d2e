// SPDX-License-Identifier: Apache-2.0
#include "group/member_bytes.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "protocol/embedded.hpp"
#include "protocol/messages/consumer_protocol.hpp"

namespace kafka::group {

namespace {

std::optional<shared_bytes> bytes_of(const std::optional<std::string>& text) {
  return text ? std::optional(shared_bytes::copy_of(*text)) : std::nullopt;
}

std::optional<std::string> text_of(const std::optional<shared_bytes>& bytes) {
  return bytes ? std::optional(std::string(bytes->text())) : std::nullopt;
}

template <class TopicData>
std::vector<TopicData> by_topic(const std::vector<topic_partition>& partitions) {
  const std::set<topic_partition> sorted(partitions.begin(), partitions.end());
  std::vector<TopicData> out;
  for (const topic_partition& one : sorted) {
    if (out.empty() || out.back().topic != one.topic) out.emplace_back().topic = one.topic;
    out.back().partitions.push_back(one.partition);
  }
  return out;
}

template <class TopicData>
std::vector<topic_partition> flat(const std::vector<TopicData>& topics) {
  std::vector<topic_partition> out;
  for (const TopicData& topic : topics) {
    for (const std::int32_t partition : topic.partitions) {
      if (partition >= 0) out.push_back({topic.topic, partition});
    }
  }
  return out;
}

}  // namespace

shared_bytes subscription_bytes(const subscribed_member& member) {
  protocol::consumer_protocol_subscription out;
  out.topics = member.topics;
  std::sort(out.topics.begin(), out.topics.end());
  out.user_data = bytes_of(member.user_data);
  out.owned_partitions = by_topic<protocol::consumer_protocol_subscription::topic_data>(member.owned);
  out.generation_id = member.generation;
  out.rack_id = member.rack;
  return protocol::encode_embedded(out);
}

subscribed_member read_subscription(const std::string& member_id, const std::optional<std::string>& instance_id,
                                    const shared_bytes& bytes) {
  subscribed_member out;
  out.member_id = member_id;
  out.instance_id = instance_id;
  protocol::consumer_protocol_subscription read;
  if (protocol::decode_embedded(bytes, read)) return out;
  out.topics = std::move(read.topics);
  out.user_data = text_of(read.user_data);
  out.owned = flat(read.owned_partitions);
  out.generation = read.generation_id;
  out.rack = std::move(read.rack_id);
  return out;
}

shared_bytes assignment_bytes(const member_assignment& assignment) {
  protocol::consumer_protocol_assignment out;
  out.assigned_partitions = by_topic<protocol::consumer_protocol_assignment::topic_data>(assignment.partitions);
  out.user_data = bytes_of(assignment.user_data);
  return protocol::encode_embedded(out);
}

error read_assignment(const shared_bytes& bytes, member_assignment& out) {
  out = {};
  if (bytes.empty()) return {};
  protocol::consumer_protocol_assignment read;
  if (error bad = protocol::decode_embedded(bytes, read))
    return bad.with_context("the group's assignment cannot be read");
  out.partitions = flat(read.assigned_partitions);
  out.user_data = text_of(read.user_data);
  return {};
}

}  // namespace kafka::group
