// SPDX-License-Identifier: Apache-2.0
// ListOffsets, 1 to 11. Negative timestamps ask for places: -1 the end (below the last stable offset with
// read_committed), -2 the start, since 7 -3 the record with the greatest timestamp (KIP-734), since 8 -4 the start on
// local disk, since 9 -5 the end in remote storage, since 11 -6 the first not yet there; without remote storage the
// last two do not exist. 4 adds leader epochs.
#include <set>
#include <utility>

#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/leader.hpp"
#include "protocol/messages/list_offsets.hpp"

namespace kafka::fake {

namespace {

using wanted_partition = protocol::list_offsets_request::partition;
using answered_partition = protocol::list_offsets_response::partition;

constexpr std::int8_t read_committed = 1;

namespace place {
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t max_timestamp = -3;
constexpr std::int64_t earliest_local = -4;
constexpr std::int64_t latest_tiered = -5;
constexpr std::int64_t earliest_pending_upload = -6;
}  // namespace place

bool is_known(std::int64_t timestamp, std::int16_t version) noexcept {
  if (timestamp >= place::earliest) return true;
  if (timestamp == place::max_timestamp) return version >= 7;
  if (timestamp == place::earliest_local) return version >= 8;
  if (timestamp == place::latest_tiered) return version >= 9;
  return timestamp == place::earliest_pending_upload && version >= 11;
}

found_offset look_up(cluster_state& state, const partition_state& partition, std::int64_t timestamp, bool committed) {
  const partition_log& log = partition.log;
  const std::int64_t limit = committed ? partition.last_stable_offset() : log.high_watermark();
  switch (timestamp) {
    case place::latest:
      return {limit, -1, partition.leader_epoch};
    case place::earliest:
    case place::earliest_local:
      return {log.start_offset(), -1, log.empty() ? partition.leader_epoch : log.epoch_at(log.start_offset())};
    case place::max_timestamp:
      return log.find_max_timestamp(limit, state.buffers()).value_or(found_offset{});
    case place::latest_tiered:
    case place::earliest_pending_upload:
      return {};
    default:
      return log.find_timestamp(timestamp, limit, state.buffers()).value_or(found_offset{});
  }
}

answered_partition answer_partition(call& one, const std::string& topic, const wanted_partition& wanted,
                                    bool is_duplicate, bool committed) {
  answered_partition out;
  out.partition_index = wanted.partition_index;
  const partition_state* partition = one.state().find_partition(topic, wanted.partition_index);
  broker_errc code = one.forced_error();
  if (code == broker_errc::none && is_duplicate) code = broker_errc::invalid_request;
  if (code == broker_errc::none && !is_known(wanted.timestamp, one.version())) code = broker_errc::unsupported_version;
  if (code == broker_errc::none && !partition) code = broker_errc::unknown_topic_or_partition;
  if (code == broker_errc::none) code = check_epoch(*partition, wanted.current_leader_epoch);
  if (code == broker_errc::none && partition->leader != one.node()) code = broker_errc::not_leader_or_follower;
  if (code != broker_errc::none) {
    out.error_code = static_cast<std::int16_t>(code);
    return out;
  }
  const found_offset found = look_up(one.state(), *partition, wanted.timestamp, committed);
  out.offset = found.offset;
  out.timestamp = found.timestamp;
  if (one.version() >= 4) out.leader_epoch = found.leader_epoch;
  return out;
}

}  // namespace

void handle_list_offsets(call& one) {
  const auto& request = *one.as<protocol::list_offsets_request>();
  std::set<std::pair<std::string_view, std::int32_t>> seen;
  std::set<std::pair<std::string_view, std::int32_t>> twice;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const std::pair key(std::string_view(topic.name), partition.partition_index);
      if (!seen.insert(key).second) twice.insert(key);
    }
  }
  const bool committed = request.isolation_level == read_committed;
  protocol::list_offsets_response response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      const bool is_duplicate = twice.contains({topic.name, partition.partition_index});
      answered.partitions.push_back(answer_partition(one, topic.name, partition, is_duplicate, committed));
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
