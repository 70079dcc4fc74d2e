// SPDX-License-Identifier: Apache-2.0
// What the answers to the fetch machine's requests mean.
#include <algorithm>

#include "client/aborted_filter.hpp"
#include "client/fetch_machine.hpp"

namespace kafka::client {

fetched fetch_machine::news_of(const entry& partition) const {
  fetched result;
  result.partition = partition.first;
  result.version = partition.second.version;
  result.from_offset = result.next_offset = partition.second.offset;
  result.next_epoch = partition.second.offset_epoch;
  return result;
}

void fetch_machine::report(const entry& partition, error failure) {
  fetched result = news_of(partition);
  result.failure = failure.with_context("fetch of " + to_string(partition.first));
  fetched_.push_back(std::move(result));
}

fetch_machine::entry* fetch_machine::asked(request_id id, std::string_view topic, std::int32_t partition) {
  const auto found = states_.find(topic_partition{std::string(topic), partition});
  return found != states_.end() && found->second.asked_by == id ? &*found : nullptr;
}

std::vector<node> fetch_machine::on_reply(reply& answer, metadata& cluster, steady_time now) {
  const auto found = in_flight_.find(answer.id);
  if (found == in_flight_.end()) return {};
  const sent_request sent = found->second;
  in_flight_.erase(found);
  if (sent.is_fetch) sources_[sent.node_id].busy = false;
  std::vector<node> named;
  if (answer.failure) {
    if (sent.is_fetch) sources_[sent.node_id].session.lost();
    on_failure(answer.id, answer.failure, cluster, now);
  } else if (auto* lookup = std::get_if<protocol::list_offsets_response>(&answer.response)) {
    on_lookup(*lookup, answer, cluster, now);
  } else if (auto* response = std::get_if<protocol::fetch_response>(&answer.response)) {
    on_fetch(sources_[sent.node_id], *response, answer, cluster, now);
    for (auto& endpoint : response->node_endpoints) {
      named.push_back({endpoint.node_id, std::move(endpoint.host), endpoint.port, std::move(endpoint.rack)});
    }
  }
  // What the answer left out may be asked for again.
  for (entry& partition : states_) {
    if (partition.second.asked_by == answer.id) partition.second.asked_by = 0;
  }
  return named;
}

void fetch_machine::on_failure(request_id id, const error& why, metadata& cluster, steady_time now) {
  for (entry& partition : states_) {
    if (partition.second.asked_by == id) on_error(partition, why, cluster, now);
  }
}

void fetch_machine::on_lookup(const protocol::list_offsets_response& response, const reply& answer, metadata& cluster,
                              steady_time now) {
  for (const auto& topic : response.topics) {
    for (const auto& told : topic.partitions) {
      entry* partition = asked(answer.id, topic.name, told.partition_index);
      if (!partition || partition->second.now != phase::looking_up) continue;
      partition_state& state = partition->second;
      const auto code = static_cast<broker_errc>(told.error_code);
      if (code != broker_errc::none) {
        on_error(*partition, error(code, "ListOffsets to " + answer.broker), cluster, now);
        continue;
      }
      if (told.offset < 0) {
        state.wanted = position::newest();  // no record is that young: go on with what comes next
        continue;
      }
      state.offset = told.offset;
      state.offset_epoch = told.leader_epoch;
      state.now = phase::fetching;
      state.failures = 0;
      fetched result = news_of(*partition);
      if (state.wanted == position::newest()) {
        (config_.read_committed ? result.last_stable_offset : result.high_watermark) = told.offset;
      }
      fetched_.push_back(std::move(result));
    }
  }
}

void fetch_machine::on_fetch(source& from, protocol::fetch_response& response, const reply& answer, metadata& cluster,
                             steady_time now) {
  if (!from.session.take(response)) {
    // Asked again at once, in full; a broker that goes on like that is not asked all the time.
    const error why(static_cast<broker_errc>(response.error_code), "Fetch to " + answer.broker);
    const bool again = why.retriable() && from.refused_sessions++ == 0;
    if (!again) on_failure(answer.id, why, cluster, now);
    return;
  }
  from.refused_sessions = 0;
  ++turn_;
  for (auto& topic : response.responses) {
    const std::string_view name = from.session.name_of(topic);
    for (auto& told : topic.partitions) {
      entry* partition = asked(answer.id, name, told.partition_index);
      if (!partition) continue;
      partition->second.asked_by = 0;
      if (partition->second.now == phase::fetching) on_partition(*partition, told, answer.broker, cluster, now);
    }
  }
  for (entry& partition : states_) {
    partition_state& state = partition.second;
    if (state.asked_by != answer.id || state.told_end || state.now != phase::fetching) continue;
    // A session does not tell again what it told of the same end before: of a position that was left since, maybe.
    const fetch_marks marks = from.session.marks_of(partition.first);
    if (marks.high_watermark < 0) continue;
    state.told_end = true;
    fetched result = news_of(partition);
    result.high_watermark = marks.high_watermark;
    result.last_stable_offset = marks.last_stable_offset;
    fetched_.push_back(std::move(result));
  }
}

void fetch_machine::on_partition(entry& partition, protocol::fetch_response::partition_data& told,
                                 const std::string& broker, metadata& cluster, steady_time now) {
  const auto code = static_cast<broker_errc>(told.error_code);
  if (code == broker_errc::none) return on_records(partition, told);
  const error why(code, "Fetch to " + broker);
  if (code == broker_errc::offset_out_of_range) return out_of_range(partition, why);
  const std::uint64_t before = cluster.view().version;
  cluster.learn_leader(partition.first.topic, partition.first.partition, told.current_leader.leader_id,
                       told.current_leader.leader_epoch);
  const bool learned = cluster.view().version != before;
  on_error(partition, why, cluster, now);
  if (learned) {
    partition.second.retry_at = now;  // the broker told where to go (KIP-951)
    partition.second.waits_for_metadata_after = 0;
  }
}

void fetch_machine::on_records(entry& partition, protocol::fetch_response::partition_data& told) {
  partition_state& state = partition.second;
  state.failures = 0;
  state.told_end = true;
  fetched result = news_of(partition);
  result.high_watermark = told.high_watermark;
  result.last_stable_offset = told.last_stable_offset;
  const shared_bytes set = told.records ? std::move(*told.records) : shared_bytes();
  if (!set.empty()) state.served = turn_;
  protocol::read_limits limits;
  limits.decompressed_bytes_max = config_.decompressed_batch_bytes_max;
  protocol::record_batch_reader reader(set, limits);
  std::vector<protocol::fetch_response::aborted_transaction> aborted;
  if (config_.read_committed && told.aborted_transactions) aborted = std::move(*told.aborted_transactions);
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
    state.offset_epoch = batch.header().partition_leader_epoch;
  }
  if (!failure && reader.valid_bytes() == 0 && !set.empty()) {
    failure = {client_errc::limit_exceeded,
               "the batch at offset " + std::to_string(state.offset) + " is larger than max.partition.fetch.bytes"};
    state.now = phase::stopped;
  }
  result.next_offset = state.offset;
  result.next_epoch = state.offset_epoch;
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
  state.offset_epoch = -1;
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

}  // namespace kafka::client
