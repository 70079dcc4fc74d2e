// SPDX-License-Identifier: Apache-2.0
#include "client/fetch_machine.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;

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

void fetch_machine::report(const entry& partition, error failure) {
  fetched result;
  result.partition = partition.first;
  result.version = partition.second.version;
  result.next_offset = partition.second.offset;
  result.failure = failure.with_context("fetch of " + to_string(partition.first));
  fetched_.push_back(std::move(result));
}

const partition_view* fetch_machine::leader_for(entry& partition, metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  const std::uint64_t version = cluster.view().version;
  const topic_view* topic = cluster.view().find(partition.first.topic);
  if (topic && topic->failure && !topic->failure.retriable()) {
    on_error(partition, topic->failure, cluster, now);
    return nullptr;
  }
  const partition_view* found = cluster.view().find(partition.first.topic, partition.first.partition);
  if (found && found->leader >= 0 && state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = 0;
    return found;
  }
  if (state.waits_for_metadata_after == 0 || state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = version;
    cluster.invalidate();
  }
  return nullptr;
}

void fetch_machine::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  std::map<std::int32_t, std::vector<entry*>> lookups;
  std::map<std::int32_t, std::vector<entry*>> fetches;
  const bool room = !budget_->exhausted();
  for (entry& partition : states_) {
    partition_state& state = partition.second;
    if (state.in_flight || state.now == phase::stopped || now < state.retry_at) continue;
    const bool wants_fetch = state.now == phase::fetching && !state.paused && room;
    if (state.now != phase::looking_up && !wants_fetch) continue;
    const partition_view* leader = leader_for(partition, cluster, now);
    if (!leader) continue;
    if (state.now == phase::looking_up) {
      lookups[leader->leader].push_back(&partition);
    } else if (!fetching_nodes_.contains(leader->leader)) {
      fetches[leader->leader].push_back(&partition);
    }
  }
  for (const auto& [node_id, partitions] : lookups) send_lookup(node_id, partitions, cluster, next_id++, now, out);
  for (const auto& [node_id, partitions] : fetches) send_fetch(node_id, partitions, cluster, next_id++, now, out);
}

void fetch_machine::send_lookup(std::int32_t node_id, const std::vector<entry*>& partitions, const metadata& cluster,
                                request_id id, steady_time now, std::vector<outgoing>& out) {
  protocol::list_offsets_request request;
  request.replica_id = -1;
  request.isolation_level = config_.read_committed ? 1 : 0;
  request.timeout_ms = static_cast<std::int32_t>(config_.connection.request_timeout.count());
  sent_request sent{node_id, false, {}};
  for (entry* partition : partitions) {
    const topic_partition& where = partition->first;
    if (request.topics.empty() || request.topics.back().name != where.topic) {
      request.topics.emplace_back().name = where.topic;
    }
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition_index = where.partition;
    asked.current_leader_epoch = cluster.view().find(where.topic, where.partition)->leader_epoch;
    asked.timestamp = lookup_timestamp(partition->second.wanted);
    partition->second.in_flight = true;
    sent.partitions.emplace_back(where, partition->second.version);
  }
  outgoing message;
  message.from = owner::fetcher;
  message.id = id;
  message.node = node_id;
  message.lane = lane::control;
  message.request = std::move(request);
  message.deadline = now + config_.connection.request_timeout;
  out.push_back(std::move(message));
  in_flight_[id] = std::move(sent);
}

void fetch_machine::send_fetch(std::int32_t node_id, const std::vector<entry*>& partitions, const metadata& cluster,
                               request_id id, steady_time now, std::vector<outgoing>& out) {
  protocol::fetch_request request;
  request.max_wait_ms = static_cast<std::int32_t>(config_.fetch_wait_max.count());
  request.min_bytes = config_.fetch_bytes_min;
  request.max_bytes = config_.fetch_bytes_max;
  request.isolation_level = config_.read_committed ? 1 : 0;
  sent_request sent{node_id, true, {}};
  outgoing message;
  for (entry* partition : partitions) {
    const topic_partition& where = partition->first;
    if (request.topics.empty() || request.topics.back().topic != where.topic) {
      auto& topic = request.topics.emplace_back();
      topic.topic = where.topic;
      topic.topic_id = cluster.view().find(where.topic)->id;
      if (topic.topic_id.is_zero()) message.version_max = 12;  // newer versions know topics by id alone
    }
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition = where.partition;
    asked.current_leader_epoch = cluster.view().find(where.topic, where.partition)->leader_epoch;
    asked.fetch_offset = partition->second.offset;
    asked.partition_max_bytes = config_.partition_fetch_bytes_max;
    partition->second.in_flight = true;
    sent.partitions.emplace_back(where, partition->second.version);
  }
  message.from = owner::fetcher;
  message.id = id;
  message.node = node_id;
  message.lane = lane::fetch;
  message.request = std::move(request);
  message.deadline = now + config_.connection.request_timeout + config_.fetch_wait_max;
  out.push_back(std::move(message));
  in_flight_[id] = std::move(sent);
  fetching_nodes_.insert(node_id);
}

fetch_machine::entry* fetch_machine::current(const sent_request& sent, std::string_view topic, std::int32_t partition) {
  for (const auto& [where, version] : sent.partitions) {
    if (where.partition != partition || where.topic != topic) continue;
    const auto found = states_.find(where);
    return found != states_.end() && found->second.version == version ? &*found : nullptr;
  }
  return nullptr;
}

std::vector<node> fetch_machine::on_reply(reply& answer, metadata& cluster, steady_time now) {
  const auto found = in_flight_.find(answer.id);
  if (found == in_flight_.end()) return {};
  const sent_request sent = std::move(found->second);
  in_flight_.erase(found);
  if (sent.is_fetch) fetching_nodes_.erase(sent.node_id);
  for (const auto& [where, version] : sent.partitions) {
    entry* partition = current(sent, where.topic, where.partition);
    if (!partition) continue;
    partition->second.in_flight = false;
    if (answer.failure) on_error(*partition, answer.failure, cluster, now);
  }
  std::vector<node> named;
  if (auto* lookup = std::get_if<protocol::list_offsets_response>(&answer.response)) {
    on_lookup(sent, *lookup, answer.broker, cluster, now);
  } else if (auto* response = std::get_if<protocol::fetch_response>(&answer.response)) {
    on_fetch(sent, *response, answer.broker, cluster, now);
    for (auto& endpoint : response->node_endpoints) {
      named.push_back({endpoint.node_id, std::move(endpoint.host), endpoint.port, std::move(endpoint.rack)});
    }
  }
  return named;
}

void fetch_machine::on_lookup(const sent_request& sent, const protocol::list_offsets_response& response,
                              const std::string& broker, metadata& cluster, steady_time now) {
  for (const auto& topic : response.topics) {
    for (const auto& told : topic.partitions) {
      entry* partition = current(sent, topic.name, told.partition_index);
      if (!partition || partition->second.now != phase::looking_up) continue;
      partition_state& state = partition->second;
      const auto code = static_cast<broker_errc>(told.error_code);
      if (code != broker_errc::none) {
        on_error(*partition, error(code, "ListOffsets to " + broker), cluster, now);
        continue;
      }
      if (told.offset < 0) {
        state.wanted = position::newest();  // no record is that young: go on with what comes next
        continue;
      }
      state.offset = told.offset;
      state.now = phase::fetching;
      state.failures = 0;
      fetched result;
      result.partition = partition->first;
      result.version = state.version;
      result.from_offset = result.next_offset = told.offset;
      if (state.wanted == position::newest()) result.high_watermark = told.offset;
      fetched_.push_back(std::move(result));
    }
  }
}

void fetch_machine::on_fetch(const sent_request& sent, protocol::fetch_response& response, const std::string& broker,
                             metadata& cluster, steady_time now) {
  if (response.error_code != 0) {
    const error why(static_cast<broker_errc>(response.error_code), "Fetch to " + broker);
    for (const auto& [where, version] : sent.partitions) {
      if (entry* partition = current(sent, where.topic, where.partition)) on_error(*partition, why, cluster, now);
    }
    return;
  }
  for (auto& topic : response.responses) {
    const topic_view* by_id = topic.topic.empty() ? cluster.view().find(topic.topic_id) : nullptr;
    const std::string& name = by_id ? by_id->name : topic.topic;
    for (auto& told : topic.partitions) {
      entry* partition = current(sent, name, told.partition_index);
      if (partition && partition->second.now == phase::fetching) on_partition(*partition, told, broker, cluster, now);
    }
  }
}

void fetch_machine::on_partition(entry& partition, protocol::fetch_response::partition_data& answer,
                                 const std::string& broker, metadata& cluster, steady_time now) {
  const auto code = static_cast<broker_errc>(answer.error_code);
  if (code == broker_errc::none) return on_records(partition, answer);
  const error why(code, "Fetch to " + broker);
  if (code == broker_errc::offset_out_of_range) return out_of_range(partition, why);
  const std::uint64_t before = cluster.view().version;
  cluster.learn_leader(partition.first.topic, partition.first.partition, answer.current_leader.leader_id,
                       answer.current_leader.leader_epoch);
  const bool learned = cluster.view().version != before;
  on_error(partition, why, cluster, now);
  if (learned) {
    partition.second.retry_at = now;  // the broker told where to go (KIP-951)
    partition.second.waits_for_metadata_after = 0;
  }
}

void fetch_machine::on_records(entry& partition, protocol::fetch_response::partition_data& answer) {
  partition_state& state = partition.second;
  state.failures = 0;
  fetched result;
  result.partition = partition.first;
  result.version = state.version;
  result.from_offset = state.offset;
  result.high_watermark = answer.high_watermark;
  const shared_bytes set = answer.records ? std::move(*answer.records) : shared_bytes();
  protocol::read_limits limits;
  limits.decompressed_bytes_max = config_.decompressed_batch_bytes_max;
  protocol::record_batch_reader reader(set, limits);
  std::vector<protocol::fetch_response::aborted_transaction> aborted;
  if (config_.read_committed && answer.aborted_transactions) aborted = std::move(*answer.aborted_transactions);
  aborted_filter filter(std::move(aborted), state.aborted_producers);
  error failure;
  for (auto step = reader.next(); step != protocol::batch_step::end; step = reader.next()) {
    if (step == protocol::batch_step::failed) {
      const protocol::batch_failure& bad = reader.failure();
      failure = bad.reason.with_context("offsets " + std::to_string(bad.base_offset) + " to " +
                                        std::to_string(bad.next_offset - 1) + ", seek beyond them to go on");
      state.now = phase::stopped;
      break;
    }
    const protocol::record_batch& batch = reader.batch();
    const bool wanted = filter.keeps(batch) && batch.next_offset() > state.offset;
    if (wanted) result.batches.push_back(batch);
    // Compaction may have emptied the batch's end: its header, not its last record, says where to go on.
    state.offset = std::max(state.offset, batch.next_offset());
    state.last_fetched_epoch = batch.header().partition_leader_epoch;
  }
  if (!failure && reader.valid_bytes() == 0 && !set.empty()) {
    failure = {client_errc::limit_exceeded,
               "the batch at offset " + std::to_string(state.offset) + " is larger than max.partition.fetch.bytes"};
    state.now = phase::stopped;
  }
  result.next_offset = state.offset;
  if (!result.batches.empty()) result.charge = std::make_shared<fetch_charge>(budget_, set.size());
  fetched_.push_back(std::move(result));
  if (failure) report(partition, std::move(failure));
}

void fetch_machine::out_of_range(entry& partition, error why) {
  partition_state& state = partition.second;
  if (config_.offset_reset == consumer_config::reset::none) {
    report(partition, {client_errc::no_such_offset, "offset " + std::to_string(state.offset) + ": " + why.message()});
    state.now = phase::stopped;
    return;
  }
  state.wanted = config_.offset_reset == consumer_config::reset::earliest ? position::oldest() : position::newest();
  state.now = phase::looking_up;
  state.aborted_producers.clear();
}

void fetch_machine::on_error(entry& partition, error why, metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  const backoff pause{config_.connection.retry_backoff, config_.connection.retry_backoff_max};
  state.retry_at = now + pause.wait(state.failures++, random_);
  state.waits_for_metadata_after = cluster.view().version;
  cluster.invalidate();
  if (!why.retriable()) {
    // It may be cured from outside (an ACL, a topic made again): said each time, and tried on at the slowest pace.
    state.retry_at = now + config_.connection.retry_backoff_max;
    report(partition, std::move(why));
  }
}

steady_time fetch_machine::deadline(const metadata& cluster) const {
  steady_time first = never;
  const bool room = !budget_->exhausted();
  for (const auto& [where, state] : states_) {
    if (state.in_flight || state.now == phase::stopped) continue;
    if (state.now == phase::fetching && (state.paused || !room)) continue;
    if (state.waits_for_metadata_after != 0 && state.waits_for_metadata_after >= cluster.view().version) continue;
    const partition_view* leader = cluster.view().find(where.topic, where.partition);
    if (state.now == phase::fetching && leader && fetching_nodes_.contains(leader->leader)) continue;
    first = std::min(first, state.retry_at);
  }
  return first;
}

}  // namespace kafka::client
