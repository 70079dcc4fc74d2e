// SPDX-License-Identifier: Apache-2.0
#include "fake/fetch_sessions.hpp"

#include <algorithm>

namespace kafka::fake {

namespace {

constexpr std::int32_t first_epoch = 0;
constexpr std::int32_t final_epoch = -1;
constexpr std::int16_t sessions_since = 7;
constexpr std::int16_t topic_ids_since = 13;

fetched_partitions partitions_of(const protocol::fetch_request& request) {
  fetched_partitions out;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      out.push_back({.topic = topic.topic, .topic_id = topic.topic_id, .wanted = partition});
    }
  }
  return out;
}

}  // namespace

fetched_partitions* fetch_sessions::find(std::int32_t session_id) noexcept {
  const auto found = sessions_.find(session_id);
  return found == sessions_.end() ? nullptr : &found->second.partitions;
}

fetch_plan fetch_sessions::begin(const protocol::fetch_request& request, std::int16_t version) {
  if (version < sessions_since || request.session_epoch == final_epoch || request.session_epoch == first_epoch) {
    // A new beginning ends the session that the client had.
    if (version >= sessions_since && request.session_id != 0) sessions_.erase(request.session_id);
    if (version >= sessions_since && request.session_epoch == first_epoch && !request.topics.empty()) {
      return open(request, version);
    }
    fetch_plan plan;
    plan.own = partitions_of(request);
    return plan;
  }
  return resume(request, version);
}

fetch_plan fetch_sessions::open(const protocol::fetch_request& request, std::int16_t version) {
  if (sessions_.size() >= sessions_max) sessions_.erase(sessions_.begin());
  const std::int32_t id = next_id_++;
  session& made = sessions_[id];
  made.partitions = partitions_of(request);
  made.uses_topic_ids = version >= topic_ids_since;
  fetch_plan plan;
  plan.session_id = id;
  plan.shared = &made.partitions;
  return plan;
}

fetch_plan fetch_sessions::resume(const protocol::fetch_request& request, std::int16_t version) {
  fetch_plan plan;
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) {
    plan.code = broker_errc::fetch_session_id_not_found;
    return plan;
  }
  session& known = found->second;
  if (request.session_epoch != known.next_epoch) {
    plan.code = broker_errc::invalid_fetch_session_epoch;
    return plan;
  }
  if (known.uses_topic_ids != (version >= topic_ids_since)) {
    plan.code = broker_errc::fetch_session_topic_id_error;
    return plan;
  }
  known.next_epoch = known.next_epoch == INT32_MAX ? 1 : known.next_epoch + 1;
  for (auto& updated : partitions_of(request)) {
    const auto same = std::find_if(known.partitions.begin(), known.partitions.end(),
                                   [&](const fetched_partition& one) { return one.same_as(updated); });
    if (same == known.partitions.end()) {
      known.partitions.push_back(std::move(updated));
    } else {
      same->wanted = updated.wanted;
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    known.partitions.remove_if([&](const fetched_partition& one) {
      return one.topic == topic.topic && one.topic_id == topic.topic_id &&
             std::find(topic.partitions.begin(), topic.partitions.end(), one.wanted.partition) !=
                 topic.partitions.end();
    });
  }
  plan.incremental = true;
  if (known.partitions.empty()) {
    // A session that reads nothing is not kept.
    sessions_.erase(found);
    return plan;
  }
  plan.session_id = request.session_id;
  plan.shared = &known.partitions;
  return plan;
}

}  // namespace kafka::fake
