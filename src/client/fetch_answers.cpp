// SPDX-License-Identifier: Apache-2.0
// What the answers to the fetch machine's requests mean.
#include <algorithm>

#include "client/aborted_filter.hpp"
#include "client/fetch_machine.hpp"
#include "client/reset_policy.hpp"

namespace kafka::client {

namespace {

/// A leader may send to a follower that is gone or behind until it notices that itself: for so long it is not asked for
/// a nearer replica again.
constexpr auto follower_pause = std::chrono::seconds(10);
/// What metadata told so long ago still counts for an answer by name: no topic is deleted, made again and filled so
/// fast, and asking about each answer would double the requests.
constexpr auto name_trust = std::chrono::milliseconds(100);

}  // namespace

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
  if (sent.what == purpose::farewell) {
    --closing_;
    return {};
  }
  if (sent.what == purpose::fetch) sources_[sent.node_id].busy = false;
  std::vector<node> named;
  if (sent.what == purpose::check && answer.failure == client_errc::unsupported_version) {
    skip_check(answer.id);
  } else if (answer.failure) {
    if (sent.what == purpose::fetch) {
      sources_[sent.node_id].session.lost();
      sources_[sent.node_id].version = -1;
    }
    on_failure(answer.id, answer.failure, cluster, now);
  } else if (auto* checked = std::get_if<protocol::offset_for_leader_epoch_response>(&answer.response)) {
    on_check(*checked, answer, cluster, now);
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
      state.checked_epoch = state.asked_epoch;
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
  from.version = answer.version;
  ++turn_;
  for (auto& topic : response.responses) {
    const std::string_view name = from.session.name_of(topic);
    for (auto& told : topic.partitions) {
      entry* partition = asked(answer.id, name, told.partition_index);
      if (!partition) continue;
      partition->second.asked_by = 0;
      if (partition->second.now != phase::fetching) continue;
      const bool by_name = answer.version <= last_fetch_version_with_names;
      if (by_name && doubts(*partition, told, answer.broker, cluster, now)) continue;
      on_partition(*partition, told, answer.broker, cluster, now);
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

void fetch_machine::skip_check(request_id id) {
  for (auto& [where, state] : states_) {
    if (state.asked_by != id) continue;
    state.checked_epoch = state.asked_epoch;
    state.now = phase::fetching;
  }
}

void fetch_machine::on_check(const protocol::offset_for_leader_epoch_response& response, const reply& answer,
                             metadata& cluster, steady_time now) {
  for (const auto& topic : response.topics) {
    for (const auto& told : topic.partitions) {
      entry* partition = asked(answer.id, topic.topic, told.partition);
      if (!partition || partition->second.now != phase::checking) continue;
      partition_state& state = partition->second;
      const auto code = static_cast<broker_errc>(told.error_code);
      // Brokers before 2.3 want a right for it that consumers do not have.
      if (code != broker_errc::none && code != broker_errc::cluster_authorization_failed) {
        on_error(*partition, error(code, "OffsetForLeaderEpoch to " + answer.broker), cluster, now);
        continue;
      }
      state.failures = 0;
      state.checked_epoch = state.asked_epoch;
      state.now = phase::fetching;
      if (code == broker_errc::none) diverged(*partition, told.leader_epoch, told.end_offset);
    }
  }
}

void fetch_machine::diverged(entry& partition, std::int32_t epoch, std::int64_t end_offset) {
  partition_state& state = partition.second;
  if (epoch >= 0 && end_offset >= state.offset) {
    state.offset_epoch = std::min(state.offset_epoch, epoch);  // nothing of what was read is missing
    return;
  }
  const bool is_known = epoch >= 0 && end_offset >= 0;
  std::string what = "what was read up to offset " + std::to_string(state.offset) + ", of leader epoch " +
                     std::to_string(state.offset_epoch) + ", is no longer in the log, which ";
  what += is_known ? "has leader epoch " + std::to_string(epoch) + " up to offset " + std::to_string(end_offset)
                   : std::string("has nothing of that epoch");
  if (config_.offset_reset != offset_reset::none) {
    log_.push_back({log_level::warning, to_string(partition.first) + " was truncated: " + what});
  }
  if (!is_known || config_.offset_reset == offset_reset::none) {
    return reset(partition, {client_errc::log_truncated, std::move(what)});
  }
  state.offset = end_offset;
  state.offset_epoch = epoch;
  state.aborted_producers.clear();
  fetched_.push_back(news_of(partition));
}

void fetch_machine::recreated(entry& partition, const uuid& id, std::size_t partitions) {
  partition_state& state = partition.second;
  std::string what = "the topic has the id " + id.str() + " now, in place of " + state.topic_id.str();
  if (static_cast<std::size_t>(partition.first.partition) >= partitions) {
    what += ", and has only " + std::to_string(partitions) + " partitions";
  }
  report(partition, {client_errc::topic_recreated, std::move(what)});
  fetched_.back().next_offset = -1;
  partition_state fresh;
  fresh.version = state.version;
  fresh.paused = state.paused;
  fresh.seen_version = state.seen_version;
  fresh.topic = state.topic;
  fresh.leader = state.leader;
  fresh.now = config_.offset_reset == offset_reset::none ? phase::stopped : phase::looking_up;
  // Everything in the new topic came while this was being read.
  fresh.wanted = config_.new_partitions_from_start
                     ? position::oldest()
                     : reset_position(config_, wall_clock_()).value_or(position::newest());
  state = std::move(fresh);
}

bool fetch_machine::doubts(entry& partition, protocol::fetch_response::partition_data& told, const std::string& broker,
                           metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  if (told.error_code != 0 || !told.records || told.records->empty()) return false;
  const topic_view* topic = cluster.view().find(partition.first.topic);
  const bool is_sure = topic && !topic->failure && topic->id == state.topic_id;
  if (state.topic_id.is_zero() || (is_sure && cluster.as_of() + name_trust >= now)) return false;
  state.held = held_answer{std::move(told), broker, cluster.asked() + 1};
  cluster.invalidate();
  return true;
}

bool fetch_machine::settle(entry& partition, metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  look(partition, cluster);
  if (!state.held) return true;  // the topic is another: what was held is gone
  if (cluster.answered() < state.held->question || !state.topic || state.topic->failure) return false;
  held_answer held = std::move(*state.held);
  state.held.reset();
  on_partition(partition, held.told, held.broker, cluster, now);
  return true;
}

void fetch_machine::on_partition(entry& partition, protocol::fetch_response::partition_data& told,
                                 const std::string& broker, metadata& cluster, steady_time now) {
  const auto code = static_cast<broker_errc>(told.error_code);
  partition_state& state = partition.second;
  if (code == broker_errc::none) {
    state.checked_epoch = std::max(state.checked_epoch, state.asked_epoch);
    if (told.diverging_epoch.epoch >= 0) {
      if (state.failures++ > 0) state.retry_at = now + pause_.wait(state.failures - 2, random_);
      return diverged(partition, told.diverging_epoch.epoch, told.diverging_epoch.end_offset);
    }
    on_records(partition, told);
    if (told.preferred_read_replica >= 0) {
      const std::string node = std::to_string(told.preferred_read_replica);
      log_.push_back(
          {log_level::debug, to_string(partition.first) + " is read from node " + node + ", which is nearer"});
      state.preferred = told.preferred_read_replica;
      state.preferred_until = now + config_.connection.metadata_max_age;
    }
    return;
  }
  const error why(code, "Fetch to " + broker);
  if (code == broker_errc::offset_out_of_range) return out_of_range(partition, why, now);
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

void fetch_machine::leave_follower(partition_state& state, steady_time now) {
  state.preferred = -1;
  state.leader_only_until = now + follower_pause;
}

void fetch_machine::out_of_range(entry& partition, const error& why, steady_time now) {
  partition_state& state = partition.second;
  if (state.preferred >= 0) return leave_follower(state, now);  // it may be behind: the leader knows what there is
  reset(partition, {client_errc::no_such_offset, "offset " + std::to_string(state.offset) + ": " + why.message()});
}

void fetch_machine::reset(entry& partition, error otherwise) {
  partition_state& state = partition.second;
  const std::optional<position> to = reset_position(config_, wall_clock_());
  if (!to) {
    report(partition, std::move(otherwise));
    state.now = phase::stopped;
    return;
  }
  state.wanted = *to;
  state.now = phase::looking_up;
  state.offset_epoch = -1;
  state.aborted_producers.clear();
}

void fetch_machine::on_error(entry& partition, error why, metadata& cluster, steady_time now) {
  partition_state& state = partition.second;
  state.retry_at = now + pause_.wait(state.failures++, random_);
  state.waits_for_metadata_after = cluster.view().version;
  if (state.preferred >= 0) leave_follower(state, now);
  cluster.invalidate();
  if (!why.retriable()) {
    // It may be cured from outside (an ACL, a topic made again): said each time, and tried on at the slowest pace.
    state.retry_at = now + config_.connection.retry_backoff_max;
    report(partition, std::move(why));
  }
}

}  // namespace kafka::client
