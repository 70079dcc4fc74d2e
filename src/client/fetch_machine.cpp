// SPDX-License-Identifier: Apache-2.0
// What to ask whom for. What the answers mean: fetch_answers.cpp.
#include "client/fetch_machine.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;
/// Newer versions of Fetch know topics by id alone.
constexpr std::int16_t last_version_with_names = 12;

std::int64_t lookup_timestamp(position wanted) noexcept {
  switch (wanted.what()) {
    case position::kind::oldest:
      return earliest_timestamp;
    case position::kind::timestamp:
      return wanted.value();
    case position::kind::newest:
    case position::kind::absolute:
      break;
  }
  return latest_timestamp;
}

}  // namespace

fetch_machine::fetch_machine(const consumer_config& config, std::shared_ptr<fetch_budget> budget, std::uint64_t seed)
    : config_(config), budget_(std::move(budget)), random_(seed) {}

void fetch_machine::start(partition_state& state, const assigned& from) {
  const bool paused = state.paused;
  state = {};
  state.paused = paused;
  state.version = from.version;
  state.wanted = from.from;
  if (from.from.what() != position::kind::absolute) return;
  state.now = phase::fetching;
  state.offset = from.from.value();
}

void fetch_machine::assign(const std::vector<assigned>& partitions, metadata& cluster, steady_time now) {
  states_.clear();
  add(partitions, cluster, now);
}

void fetch_machine::remove(const std::vector<topic_partition>& partitions) {
  for (const topic_partition& partition : partitions) states_.erase(partition);
}

void fetch_machine::add(const std::vector<assigned>& partitions, metadata& cluster, steady_time now) {
  for (const assigned& one : partitions) {
    start(states_[one.partition], one);
    cluster.want(one.partition.topic, never, now);
  }
}

void fetch_machine::seek(const assigned& to) {
  const auto found = states_.find(to.partition);
  if (found != states_.end()) start(found->second, to);
}

void fetch_machine::stop(const topic_partition& partition, std::uint64_t version) {
  const auto found = states_.find(partition);
  if (found != states_.end() && found->second.version == version) found->second.now = phase::stopped;
}

void fetch_machine::set_paused(const std::vector<topic_partition>& partitions, bool paused) {
  for (const topic_partition& partition : partitions) {
    const auto found = states_.find(partition);
    if (found != states_.end()) found->second.paused = paused;
  }
}

const partition_view* fetch_machine::leader_for(entry& partition, metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  const std::uint64_t version = cluster.view().version;
  if (state.seen_version != version) {
    state.seen_version = version;
    state.topic = cluster.view().find(partition.first.topic);
    state.leader = cluster.view().find(partition.first.topic, partition.first.partition);
  }
  if (state.topic && state.topic->failure && !state.topic->failure.retriable()) {
    on_error(partition, state.topic->failure, cluster, now);
    return nullptr;
  }
  if (state.leader && state.leader->leader >= 0 && state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = 0;
    return state.leader;
  }
  if (state.waits_for_metadata_after == 0 || state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = version;
    cluster.invalidate();
  }
  return nullptr;
}

std::int32_t fetch_machine::share_of(std::size_t brokers) const {
  const auto whole = static_cast<std::size_t>(config_.fetch_bytes_max);
  // Many small answers near the limit would cost more than going over it by one for each broker.
  const auto least = std::min(whole, static_cast<std::size_t>(config_.partition_fetch_bytes_max));
  return static_cast<std::int32_t>(std::clamp(budget_->room() / std::max<std::size_t>(brokers, 1), least, whole));
}

void fetch_machine::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  by_node lookups;
  by_node fetches;
  const bool room = !budget_->exhausted();
  for (entry& partition : states_) {
    partition_state& state = partition.second;
    if (state.asked_by != 0 || state.now == phase::stopped || now < state.retry_at) continue;
    const bool wants_fetch = state.now == phase::fetching && !state.paused && room;
    if (state.now != phase::looking_up && !wants_fetch) continue;
    const partition_view* leader = leader_for(partition, cluster, now);
    if (!leader) continue;
    if (state.now == phase::looking_up) {
      lookups[leader->leader].push_back(&partition);
    } else if (!sources_[leader->leader].busy) {
      fetches[leader->leader].push_back(&partition);
    }
  }
  for (const auto& [node_id, partitions] : lookups) send_lookup(node_id, partitions, next_id++, now, out);
  if (fetches.empty()) return;
  const auto busy = std::count_if(sources_.begin(), sources_.end(), [](const auto& one) { return one.second.busy; });
  const std::int32_t share = share_of(fetches.size() + static_cast<std::size_t>(busy));
  for (auto& [node_id, partitions] : fetches) send_fetch(node_id, partitions, share, next_id++, now, out);
}

void fetch_machine::send_lookup(std::int32_t node_id, const std::vector<entry*>& partitions, request_id id,
                                steady_time now, std::vector<outgoing>& out) {
  protocol::list_offsets_request request;
  request.replica_id = -1;
  request.isolation_level = config_.read_committed ? 1 : 0;
  request.timeout_ms = static_cast<std::int32_t>(config_.connection.request_timeout.count());
  for (entry* partition : partitions) {
    const topic_partition& where = partition->first;
    if (request.topics.empty() || request.topics.back().name != where.topic) {
      request.topics.emplace_back().name = where.topic;
    }
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition_index = where.partition;
    asked.current_leader_epoch = partition->second.leader->leader_epoch;
    asked.timestamp = lookup_timestamp(partition->second.wanted);
    partition->second.asked_by = id;
  }
  outgoing message;
  message.from = owner::fetcher;
  message.id = id;
  message.node = node_id;
  message.lane = lane::control;
  message.request = std::move(request);
  message.deadline = now + config_.connection.request_timeout;
  out.push_back(std::move(message));
  in_flight_[id] = {node_id, false};
}

void fetch_machine::send_fetch(std::int32_t node_id, std::vector<entry*>& partitions, std::int32_t bytes_max,
                               request_id id, steady_time now, std::vector<outgoing>& out) {
  protocol::fetch_request request;
  request.max_wait_ms = static_cast<std::int32_t>(config_.fetch_wait_max.count());
  request.min_bytes = config_.fetch_bytes_min;
  request.max_bytes = bytes_max;
  request.isolation_level = config_.read_committed ? 1 : 0;
  // Whoever had records last comes last. A broker with a session does the same by itself.
  std::stable_sort(partitions.begin(), partitions.end(),
                   [](const entry* left, const entry* right) { return left->second.served < right->second.served; });
  std::vector<fetch_wish> wishes;
  wishes.reserve(partitions.size());
  for (entry* partition : partitions) {
    partition_state& state = partition->second;
    fetch_wish& wish = wishes.emplace_back();
    wish.where = &partition->first;
    wish.topic_id = state.topic->id;
    wish.ask.partition = partition->first.partition;
    wish.ask.current_leader_epoch = state.leader->leader_epoch;
    wish.ask.fetch_offset = state.offset;
    wish.ask.partition_max_bytes = config_.partition_fetch_bytes_max;
    state.asked_by = id;
  }
  source& from = sources_[node_id];
  from.busy = true;
  from.session.compose(wishes, request);
  outgoing message;
  if (!from.session.uses_topic_ids()) message.version_max = last_version_with_names;
  message.from = owner::fetcher;
  message.id = id;
  message.node = node_id;
  message.lane = lane::fetch;
  message.request = std::move(request);
  message.deadline = now + config_.connection.request_timeout + config_.fetch_wait_max;
  out.push_back(std::move(message));
  in_flight_[id] = {node_id, true};
}

steady_time fetch_machine::deadline(const metadata& cluster) const {
  steady_time first = never;
  const bool room = !budget_->is_full();
  for (const auto& [where, state] : states_) {
    if (state.asked_by != 0 || state.now == phase::stopped) continue;
    if (state.now == phase::fetching && (state.paused || !room)) continue;
    if (state.waits_for_metadata_after != 0 && state.waits_for_metadata_after >= cluster.view().version) continue;
    if (state.now == phase::fetching && state.seen_version == cluster.view().version && state.leader) {
      const auto from = sources_.find(state.leader->leader);
      if (from != sources_.end() && from->second.busy) continue;
    }
    first = std::min(first, state.retry_at);
  }
  return first;
}

}  // namespace kafka::client
