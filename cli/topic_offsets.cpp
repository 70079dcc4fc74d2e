// SPDX-License-Identifier: Apache-2.0
#include "cli/topic_offsets.hpp"

namespace kafka::cli {

topic_description look_up_topic(admin_session& admin, const std::string& topic) {
  std::vector<topic_description> found = admin->describe_topics({topic});
  if (found.size() != 1) throw error(client_errc::malformed_response, "describe topic " + topic);
  if (found.front().failure) throw found.front().failure;
  return std::move(found.front());
}

std::map<std::int32_t, offset_bounds> look_up_bounds(admin_session& admin, const std::string& topic,
                                                     const std::vector<std::int32_t>& partitions) {
  std::map<std::int32_t, offset_bounds> bounds;
  if (partitions.empty()) return bounds;
  const auto ask = [&](position from, std::int64_t offset_bounds::* to) {
    std::vector<assignment> queries;
    queries.reserve(partitions.size());
    for (const std::int32_t partition : partitions) queries.push_back({topic, partition, from});
    for (const offset_result& each : admin->list_offsets(queries)) {
      offset_bounds& bound = bounds[each.partition];
      bound.*to = each.failure ? -1 : each.offset;
      if (each.failure) bound.failure = each.failure;
    }
  };
  ask(position::oldest(), &offset_bounds::oldest);
  ask(position::newest(), &offset_bounds::newest);
  return bounds;
}

std::map<topic_partition, range_bounds> look_up_bounds(admin_session& admin,
                                                       const std::vector<topic_partition>& partitions,
                                                       std::optional<timestamp_ms> begin,
                                                       std::optional<timestamp_ms> end, bool read_committed) {
  std::vector<assignment> queries;
  for (const topic_partition& where : partitions) {
    queries.push_back({where.topic, where.partition, position::oldest()});
    queries.push_back({where.topic, where.partition, position::newest()});
    if (begin) queries.push_back({where.topic, where.partition, position::since(*begin)});
    if (end) queries.push_back({where.topic, where.partition, position::since(*end)});
  }
  std::map<topic_partition, range_bounds> out;
  if (queries.empty()) return out;
  const std::vector<offset_result> told = admin->list_offsets(queries, read_committed);
  auto next = told.begin();
  const auto take = [&](std::int64_t& to) {
    if (next->failure) throw error(next->failure);
    to = next++->offset;
  };
  for (const topic_partition& where : partitions) {
    range_bounds& one = out[where];
    take(one.bounds.oldest);
    take(one.bounds.newest);
    if (begin) take(one.since_begin);
    if (end) take(one.since_end);
  }
  return out;
}

}  // namespace kafka::cli
