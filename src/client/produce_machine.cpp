// SPDX-License-Identifier: Apache-2.0
#include "client/produce_machine.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

/// Whether a broker that answers so may have appended the batch all the same.
bool leaves_outcome_open(broker_errc code) noexcept {
  return code == broker_errc::request_timed_out || code == broker_errc::not_enough_replicas_after_append ||
         code == broker_errc::unknown_server_error;
}

/// Whether the answer says that our metadata is wrong.
bool tells_stale_metadata(broker_errc code) noexcept {
  switch (code) {
    case broker_errc::not_leader_or_follower:
    case broker_errc::leader_not_available:
    case broker_errc::unknown_topic_or_partition:
    case broker_errc::unknown_topic_id:
    case broker_errc::inconsistent_topic_id:
    case broker_errc::fenced_leader_epoch:
    case broker_errc::unknown_leader_epoch:
    case broker_errc::kafka_storage_error:
      return true;
    default:
      return false;
  }
}

}  // namespace

produce_machine::produce_machine(const producer_config& config, accumulator& records, std::uint64_t seed)
    : config_(config), records_(records), random_(seed) {}

void produce_machine::complete(partition_state& state, error failure, std::int64_t base_offset,
                               timestamp_ms log_append_time) {
  batch_ptr batch = std::exchange(state.head, nullptr);
  state.failures = 0;
  state.retry_at = {};
  state.waits_for_metadata_after = 0;
  if (failure) {
    failure = failure.with_context("produce to " + to_string(batch->partition))
                  .with_outcome(batch->maybe_written ? write_outcome::unknown : write_outcome::not_written);
  }
  records_.release(*batch);
  completed_.push_back({std::move(batch), std::move(failure), base_offset, log_append_time});
}

bool produce_machine::fill_head(partition_state& state, steady_time now) {
  state.linger_until = never;
  while (true) {
    if (!state.head) {
      accumulator::head next = records_.take_head(*state.queue, flush_before_, now);
      state.linger_until = next.linger_until;
      if (!next.ready) return false;
      state.head = std::move(next.ready);
    }
    producer_batch& batch = *state.head;
    if (batch.seal_failure) {
      complete(state, batch.seal_failure, -1, -1);
    } else if (now >= expiry(batch)) {
      std::string cause = "not acknowledged within delivery.timeout.ms; attempts: " + std::to_string(batch.attempts);
      if (batch.last_error) cause += "; last error: " + batch.last_error.message();
      complete(state, {client_errc::timed_out, std::move(cause)}, -1, -1);
    } else {
      return true;
    }
  }
}

const partition_view* produce_machine::leader_for(partition_state& state, metadata& cluster, steady_time now) {
  const topic_partition& where = state.queue->partition();
  const topic_view* topic = cluster.view().find(where.topic);
  if (topic && topic->failure && !topic->failure.retriable()) {
    complete(state, topic->failure, -1, -1);
    return nullptr;
  }
  const partition_view* found = cluster.view().find(where.topic, where.partition);
  const std::uint64_t version = cluster.view().version;
  if (found && found->leader >= 0 && state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = 0;
    return found;
  }
  if (state.waits_for_metadata_after == 0 || state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = version;
    cluster.want(where.topic, expiry(*state.head), now);
    cluster.invalidate();
    if (!state.head->last_error) {
      state.head->last_error =
          topic && topic->failure ? topic->failure : error(broker_errc::leader_not_available, "no leader is known");
    }
  }
  return nullptr;
}

void produce_machine::adopt_changes() {
  for (accumulator::queue* changed : records_.take_changes()) {
    auto& state = states_[changed];
    if (!state) {
      state = std::make_unique<partition_state>();
      state->queue = changed;
    }
    if (!std::exchange(state->active, true)) active_.push_back(state.get());
  }
}

void produce_machine::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  if (given_up_) return fail_all(given_up_);  // what an appending thread was still sealing
  adopt_changes();
  request_builder requests;
  std::erase_if(active_, [&](partition_state* state) {
    if (state->in_flight) return false;
    if (!fill_head(*state, now)) {
      state->active = state->linger_until != never;
      return !state->active;
    }
    if (now < state->retry_at) return false;
    const partition_view* leader = leader_for(*state, cluster, now);
    if (leader) requests[leader->leader].push_back(state);
    return false;
  });
  for (auto& [node_id, states] : requests) send(node_id, states, cluster, next_id++, now, out);
}

void produce_machine::send(std::int32_t node_id, std::vector<partition_state*>& states, const metadata& cluster,
                           request_id id, steady_time now, std::vector<outgoing>& out) {
  protocol::produce_request request;
  request.acks = static_cast<std::int16_t>(config_.acks);
  request.timeout_ms = static_cast<std::int32_t>(config_.connection.request_timeout.count());
  outgoing sent;
  sent.deadline = now + config_.connection.request_timeout;
  std::sort(states.begin(), states.end(), [](const partition_state* left, const partition_state* right) {
    return left->queue->partition() < right->queue->partition();
  });
  for (partition_state* state : states) {
    const topic_partition& where = state->queue->partition();
    if (request.topic_data.empty() || request.topic_data.back().name != where.topic) {
      auto& topic = request.topic_data.emplace_back();
      topic.name = where.topic;
      topic.topic_id = cluster.view().find(where.topic)->id;
      if (topic.topic_id.is_zero()) sent.version_max = 12;  // newer versions know topics by id alone
    }
    auto& partition = request.topic_data.back().partition_data.emplace_back();
    partition.index = where.partition;
    partition.records = state->head->sealed_bytes.bytes();
    ++state->head->attempts;
    state->in_flight = true;
    sent.deadline = std::min(sent.deadline, expiry(*state->head));
  }
  sent.from = owner::producer;
  sent.id = id;
  sent.node = node_id;
  sent.lane = lane::produce;
  sent.request = std::move(request);
  sent.expects_response = config_.acks != acks::none;
  in_flight_[id] = std::move(states);
  out.push_back(std::move(sent));
}

void produce_machine::retry_or_fail(partition_state& state, error why, bool maybe_written, metadata& cluster,
                                    steady_time now) {
  state.head->maybe_written = state.head->maybe_written || maybe_written;
  if (!why.retriable()) return complete(state, std::move(why), -1, -1);
  state.head->last_error = std::move(why);
  const backoff pause{config_.connection.retry_backoff, config_.connection.retry_backoff_max};
  state.retry_at = now + pause.wait(state.failures++, random_);
  cluster.invalidate();
}

void produce_machine::on_partition(partition_state& state, const protocol::produce_response::partition& answer,
                                   const std::string& broker, metadata& cluster, steady_time now) {
  const auto code = static_cast<broker_errc>(answer.error_code);
  if (code == broker_errc::none) return complete(state, {}, answer.base_offset, answer.log_append_time_ms);
  std::string cause = "Produce to " + broker;
  if (answer.error_message) cause += ": " + *answer.error_message;
  for (const auto& bad : answer.record_errors) {
    cause += "; record " + std::to_string(bad.batch_index);
    if (bad.batch_index_error_message) cause += ": " + *bad.batch_index_error_message;
  }
  const std::uint64_t before = cluster.view().version;
  cluster.learn_leader(state.queue->partition().topic, state.queue->partition().partition,
                       answer.current_leader.leader_id, answer.current_leader.leader_epoch);
  const bool learned = cluster.view().version != before;
  const bool stale = tells_stale_metadata(code);
  retry_or_fail(state, error(code, std::move(cause)), leaves_outcome_open(code), cluster, now);
  if (!state.head || !stale) return;
  if (learned) {
    state.retry_at = now;  // the broker told where to go (KIP-951): no need to wait, nor to ask
  } else {
    state.waits_for_metadata_after = cluster.view().version;
  }
}

std::vector<node> produce_machine::on_reply(reply& answer, metadata& cluster, steady_time now) {
  const auto found = in_flight_.find(answer.id);
  if (found == in_flight_.end()) return {};
  std::vector<partition_state*> states = std::move(found->second);
  in_flight_.erase(found);
  for (partition_state* state : states) state->in_flight = false;

  if (answer.failure) {
    for (partition_state* state : states) {
      retry_or_fail(*state, answer.failure, answer.outcome != write_outcome::not_written, cluster, now);
    }
    return {};
  }
  auto* response = std::get_if<protocol::produce_response>(&answer.response);
  if (!response) {  // acks 0: written is all there is to know
    for (partition_state* state : states) complete(*state, {}, -1, -1);
    return {};
  }
  for (const auto& topic : response->responses) {
    for (const auto& partition : topic.partition_responses) {
      const auto match = std::find_if(states.begin(), states.end(), [&](const partition_state* state) {
        if (!state || state->queue->partition().partition != partition.index) return false;
        if (!topic.name.empty()) return state->queue->partition().topic == topic.name;
        const topic_view* known = cluster.view().find(state->queue->partition().topic);
        return known && known->id == topic.topic_id;
      });
      if (match == states.end()) continue;
      on_partition(*std::exchange(*match, nullptr), partition, answer.broker, cluster, now);
    }
  }
  for (partition_state* state : states) {
    if (!state) continue;
    retry_or_fail(*state,
                  {client_errc::malformed_response, "Produce to " + answer.broker + ": no answer for the partition"},
                  true, cluster, now);
  }
  std::vector<node> named;
  for (auto& endpoint : response->node_endpoints) {
    named.push_back({endpoint.node_id, std::move(endpoint.host), endpoint.port, std::move(endpoint.rack)});
  }
  return named;
}

void produce_machine::fail_all(const error& why) {
  given_up_ = why;
  flush_before_ = UINT64_MAX;
  adopt_changes();
  for (partition_state* state : active_) {
    if (std::exchange(state->in_flight, false)) state->head->maybe_written = true;
    while (fill_head(*state, {})) complete(*state, why, -1, -1);
    state->active = false;
  }
  active_.clear();
  in_flight_.clear();
}

steady_time produce_machine::deadline(const metadata& cluster) const {
  steady_time first = never;
  for (const partition_state* state : active_) {
    if (state->in_flight) continue;
    if (!state->head) {
      first = std::min(first, state->linger_until);
      continue;
    }
    first = std::min(first, expiry(*state->head));
    if (state->waits_for_metadata_after < cluster.view().version) first = std::min(first, state->retry_at);
  }
  return first;
}

}  // namespace kafka::client
