// SPDX-License-Identifier: Apache-2.0
// What to ask whom for. What the answers mean: fetch_answers.cpp.
#include "client/fetch_machine.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;
/// Since this version Fetch tells the epoch of the last record read, and the broker whether it still has that.
constexpr std::int16_t first_version_with_last_epoch = 12;
/// How long the end of a session may take when nothing else is to be done: it only spares the broker some memory.
constexpr auto farewell = std::chrono::milliseconds(200);

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

fetch_machine::fetch_machine(const consumer_config& config, std::shared_ptr<fetch_budget> budget,
                             std::function<timestamp_ms()> wall_clock, std::uint64_t seed)
    : config_(config),
      budget_(std::move(budget)),
      wall_clock_(wall_clock ? std::move(wall_clock) : [] { return timestamp_ms{0}; }),
      pause_{config.connection.retry_backoff, config.connection.retry_backoff_max},
      random_(seed) {}

void fetch_machine::start(partition_state& state, const assigned& from) {
  const bool paused = state.paused;
  state = {};
  state.paused = paused;
  state.version = from.version;
  state.wanted = from.from;
  if (from.from.what() != position::kind::absolute) return;
  state.now = phase::fetching;
  state.offset = from.from.value();
  state.offset_epoch = from.from.leader_epoch();
}

void fetch_machine::assign(const std::vector<assigned>& partitions, metadata& cluster, steady_time now) {
  states_.clear();
  letting_go_ = true;
  add(partitions, cluster, now);
}

void fetch_machine::end() {
  states_.clear();
  letting_go_ = ending_ = true;
}

void fetch_machine::remove(const std::vector<topic_partition>& partitions) {
  for (const topic_partition& partition : partitions) states_.erase(partition);
}

void fetch_machine::add(const std::vector<assigned>& partitions, metadata& cluster, steady_time now) {
  letting_go_ = letting_go_ && partitions.empty();
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

void fetch_machine::look(entry& partition, metadata& cluster) {
  partition_state& state = partition.second;
  const std::uint64_t version = cluster.view().version;
  if (state.seen_version == version) return;
  state.seen_version = version;
  state.topic = cluster.view().find(partition.first.topic);
  state.leader = cluster.view().find(partition.first.topic, partition.first.partition);
  const uuid id = state.topic ? state.topic->id : uuid{};
  if (!id.is_zero() && !state.topic_id.is_zero() && id != state.topic_id) {
    recreated(partition, id, state.topic->partitions.size());
  }
  if (!id.is_zero()) state.topic_id = id;
}

const partition_view* fetch_machine::leader_for(entry& partition, metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  const std::uint64_t version = cluster.view().version;
  look(partition, cluster);
  if (state.topic && state.topic->failure && !state.topic->failure.retriable()) {
    on_error(partition, state.topic->failure, cluster, now);
    return nullptr;
  }
  // A broker that knows nothing of the topic any more may soon have another of the same name: before it is asked again,
  // metadata have to tell whether that is so.
  const bool in_doubt = state.topic && state.topic->failure && state.failures > 0;
  if (!in_doubt && state.leader && state.leader->leader >= 0 && state.waits_for_metadata_after < version) {
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

void fetch_machine::plan(entry& partition, metadata& cluster, steady_time now, by_node& lookups, by_node& checks,
                         by_node& fetches) {
  partition_state& state = partition.second;
  if (state.held && !settle(partition, cluster, now)) return;
  if (state.asked_by != 0 || state.now == phase::stopped || now < state.retry_at) return;
  const bool may_fetch = !state.paused && !budget_->is_full();
  if (state.now == phase::fetching && !may_fetch) return;
  const partition_view* leader = leader_for(partition, cluster, now);
  if (!leader) return;
  const bool new_leader = state.offset_epoch >= 0 && leader->leader_epoch > state.checked_epoch;
  if (state.now == phase::fetching && new_leader) state.now = phase::checking;
  switch (state.now) {
    case phase::looking_up:
      lookups[leader->leader].push_back(&partition);
      return;
    case phase::checking:
      checks[leader->leader].push_back(&partition);
      return;
    case phase::fetching: {
      if (now >= state.preferred_until) state.preferred = -1;
      state.source = state.preferred >= 0 ? state.preferred : leader->leader;
      if (!sources_[state.source].busy) fetches[state.source].push_back(&partition);
      return;
    }
    case phase::stopped:
      return;
  }
}

void fetch_machine::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  by_node lookups;
  by_node checks;
  by_node fetches;
  (void)budget_->exhausted();
  for (entry& partition : states_) plan(partition, cluster, now, lookups, checks, fetches);
  if (letting_go_ && states_.empty()) {
    for (auto& [node_id, from] : sources_) {
      if (from.session.is_open() && (ending_ || !from.busy)) send_last(node_id, from, next_id++, now, out);
    }
  }
  for (const auto& [node_id, partitions] : lookups) send_lookup(node_id, partitions, next_id++, now, out);
  for (const auto& [node_id, partitions] : checks) send_check(node_id, partitions, next_id++, now, out);
  if (fetches.empty()) return;
  const auto busy = std::count_if(sources_.begin(), sources_.end(), [](const auto& one) { return one.second.busy; });
  const std::int32_t share = share_of(fetches.size() + static_cast<std::size_t>(busy));
  for (auto& [node_id, partitions] : fetches) send_fetch(node_id, partitions, share, next_id++, now, out);
}

outgoing& fetch_machine::ask(purpose what, std::int32_t node_id, any_request request, steady_time deadline,
                             request_id id, std::vector<outgoing>& out) {
  in_flight_[id] = {node_id, what};
  outgoing& message = out.emplace_back();
  message.from = owner::fetcher;
  message.id = id;
  message.node = node_id;
  // A session's end does not go where a fetch may still be waiting: sessions are the broker's, not a connection's.
  message.lane = what == purpose::fetch ? lane::fetch : lane::control;
  message.request = std::move(request);
  message.deadline = deadline;
  return message;
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
    asked.current_leader_epoch = partition->second.asked_epoch = partition->second.leader->leader_epoch;
    asked.timestamp = lookup_timestamp(partition->second.wanted);
    partition->second.asked_by = id;
  }
  ask(purpose::lookup, node_id, std::move(request), now + config_.connection.request_timeout, id, out);
}

void fetch_machine::send_check(std::int32_t node_id, const std::vector<entry*>& partitions, request_id id,
                               steady_time now, std::vector<outgoing>& out) {
  protocol::offset_for_leader_epoch_request request;
  request.replica_id = -1;
  for (entry* partition : partitions) {
    const topic_partition& where = partition->first;
    if (request.topics.empty() || request.topics.back().topic != where.topic) {
      request.topics.emplace_back().topic = where.topic;
    }
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition = where.partition;
    asked.current_leader_epoch = partition->second.asked_epoch = partition->second.leader->leader_epoch;
    asked.leader_epoch = partition->second.offset_epoch;
    partition->second.asked_by = id;
  }
  ask(purpose::check, node_id, std::move(request), now + config_.connection.request_timeout, id, out);
}

void fetch_machine::send_fetch(std::int32_t node_id, std::vector<entry*>& partitions, std::int32_t bytes_max,
                               request_id id, steady_time now, std::vector<outgoing>& out) {
  protocol::fetch_request request;
  request.max_wait_ms = static_cast<std::int32_t>(config_.fetch_wait_max.count());
  request.min_bytes = config_.fetch_bytes_min;
  request.max_bytes = bytes_max;
  request.isolation_level = config_.read_committed ? 1 : 0;
  request.rack_id = config_.client_rack;
  // Whoever had records last comes last. A broker with a session does the same by itself.
  std::sort(partitions.begin(), partitions.end(), [](const entry* left, const entry* right) {
    if (left->second.served != right->second.served) return left->second.served < right->second.served;
    return left->first < right->first;
  });
  source& from = sources_[node_id];
  const bool tells_last_epoch = from.version >= first_version_with_last_epoch;
  std::vector<fetch_wish> wishes;
  wishes.reserve(partitions.size());
  for (entry* partition : partitions) {
    partition_state& state = partition->second;
    fetch_wish& wish = wishes.emplace_back();
    wish.where = &partition->first;
    wish.topic_id = state.topic->id;
    wish.ask.partition = partition->first.partition;
    wish.ask.current_leader_epoch = state.asked_epoch = state.leader->leader_epoch;
    wish.ask.fetch_offset = state.offset;
    if (now < state.leader_only_until) request.rack_id.clear();
    if (tells_last_epoch) wish.ask.last_fetched_epoch = state.offset_epoch;
    wish.ask.partition_max_bytes = config_.partition_fetch_bytes_max;
    state.asked_by = id;
  }
  from.busy = true;
  from.session.compose(wishes, request);
  outgoing& sent = ask(purpose::fetch, node_id, std::move(request),
                       now + config_.connection.request_timeout + config_.fetch_wait_max, id, out);
  if (!from.session.uses_topic_ids()) sent.version_max = last_fetch_version_with_names;
}

void fetch_machine::send_last(std::int32_t node_id, source& from, request_id id, steady_time now,
                              std::vector<outgoing>& out) {
  protocol::fetch_request request;
  from.session.end(request);
  ask(purpose::farewell, node_id, std::move(request), now + (ending_ ? farewell : config_.connection.request_timeout),
      id, out);
  ++closing_;
}

steady_time fetch_machine::deadline(const metadata& cluster) const {
  steady_time first = never;
  const bool room = !budget_->is_full();
  for (const auto& [where, state] : states_) {
    if (state.asked_by != 0 || state.now == phase::stopped || state.held) continue;
    if (state.now == phase::fetching && (state.paused || !room)) continue;
    if (state.waits_for_metadata_after != 0 && state.waits_for_metadata_after >= cluster.view().version) continue;
    if (state.now == phase::fetching && state.seen_version == cluster.view().version) {
      const auto from = sources_.find(state.source);
      if (from != sources_.end() && from->second.busy) continue;
    }
    first = std::min(first, state.retry_at);
  }
  return first;
}

}  // namespace kafka::client
