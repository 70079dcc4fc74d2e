// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/topic_offsets.hpp"

namespace kafka::cli {
namespace {

std::string joined(const std::vector<std::int32_t>& ids) {
  std::string text;
  for (const std::int32_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text.empty() ? "-" : text;
}

std::string offset_text(std::int64_t offset) {
  return offset < 0 ? "-" : std::to_string(offset);
}

void append_line(std::string& out, const partition_description& partition, const offset_bounds& bounds) {
  out += std::to_string(partition.partition) + '\t' + std::to_string(partition.leader) + '\t' +
         joined(partition.replicas) + '\t' + joined(partition.in_sync_replicas) + '\t' + offset_text(bounds.oldest) +
         '\t' + offset_text(bounds.newest) + '\n';
}

void append_json_ids(std::string& out, std::string_view name, const std::vector<std::int32_t>& ids) {
  append_json_name(out, name);
  out += '[';
  for (std::size_t at = 0; at < ids.size(); ++at) {
    if (at > 0) out += ',';
    append_json(out, std::int64_t{ids[at]});
  }
  out += ']';
}

void append_json_offset(std::string& out, std::string_view name, std::int64_t offset) {
  append_json_name(out, name);
  if (offset < 0) {
    append_json(out, bytes_view());
  } else {
    append_json(out, offset);
  }
}

void append_json_partition(std::string& out, const partition_description& partition, const offset_bounds& bounds) {
  out += '{';
  append_json_name(out, "partition");
  append_json(out, std::int64_t{partition.partition});
  append_json_name(out, "leader");
  append_json(out, std::int64_t{partition.leader});
  append_json_ids(out, "replicas", partition.replicas);
  append_json_ids(out, "in_sync_replicas", partition.in_sync_replicas);
  append_json_ids(out, "offline_replicas", partition.offline_replicas);
  append_json_offset(out, "oldest", bounds.oldest);
  append_json_offset(out, "newest", bounds.newest);
  out += '}';
}

using bounds_map = std::map<std::int32_t, offset_bounds>;

void append_json_topic(std::string& out, const topic_description& topic, bounds_map& bounds) {
  out += '{';
  append_json_name(out, "topic");
  append_json(out, bytes_view(topic.name));
  append_json_name(out, "id");
  // Brokers before 2.8 give topics no ids.
  const std::string id = topic.id.str();
  append_json(out, topic.id.is_zero() ? bytes_view() : bytes_view(id));
  append_json_name(out, "internal");
  out += topic.internal ? "true" : "false";
  append_json_name(out, "partitions");
  out += '[';
  for (std::size_t at = 0; at < topic.partitions.size(); ++at) {
    if (at > 0) out += ',';
    append_json_partition(out, topic.partitions[at], bounds[topic.partitions[at].partition]);
  }
  out += "]}\n";
}

}  // namespace

void describe_topic(const topics_describe_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  const topic_description topic = look_up_topic(admin, options.topic);
  std::vector<std::int32_t> led;
  error failure;
  for (const partition_description& each : topic.partitions) {
    if (each.leader >= 0) led.push_back(each.partition);
    if (each.leader < 0 && !failure) failure = each.failure;
  }
  bounds_map bounds = look_up_bounds(admin, options.topic, led);
  for (const auto& [partition, bound] : bounds) {
    if (bound.failure && !failure) failure = bound.failure;
  }
  std::string& out = work.out.text;
  if (options.json) {
    append_json_topic(out, topic, bounds);
  } else {
    if (::isatty(STDOUT_FILENO) != 0) out += "partition\tleader\treplicas\tin_sync\toldest\tnewest\n";
    for (const partition_description& each : topic.partitions) append_line(out, each, bounds[each.partition]);
  }
  // What is known is shown; that something is not known is a failure all the same.
  work.out.flush();
  if (failure) throw error(failure);
}

}  // namespace kafka::cli
