// SPDX-License-Identifier: Apache-2.0
// What the answers to batches mean. What to send, and when: produce_machine.cpp.
#include <set>
#include <string>

#include "client/batch_division.hpp"
#include "client/produce_machine.hpp"
#include "client/transaction.hpp"

namespace kafka::client {

namespace {

error answered(const protocol::produce_response::partition& answer, const std::string& broker) {
  std::string cause = "Produce to " + broker;
  if (answer.error_message) cause += ": " + *answer.error_message;
  for (const auto& bad : answer.record_errors) {
    cause += "; record " + std::to_string(bad.batch_index);
    if (bad.batch_index_error_message) cause += ": " + *bad.batch_index_error_message;
  }
  return {static_cast<broker_errc>(answer.error_code), std::move(cause)};
}

}  // namespace

void produce_machine::deliver(sent_batch& sent, std::int64_t base_offset, timestamp_ms log_append_time,
                              steady_time now) {
  partition_state& state = *sent.state;
  state.failures = 0;
  state.line.acknowledged(sent.batch);
  records_.release(*sent.batch);
  if (sent.batch->told) return;
  records_.settle(*sent.batch);
  completed_.push_back({sent.batch, {}, base_offset, log_append_time, now});
}

void produce_machine::on_again(sent_batch& sent, produce_verdict verdict, error why, metadata& cluster,
                               steady_time now) {
  partition_state& state = *sent.state;
  producer_batch& batch = *sent.batch;
  verdict == produce_verdict::unknown ? state.line.maybe_written(batch) : state.line.not_written(batch);
  batch.last_error = why;
  if (batch.told) return;
  if (batch.attempts > static_cast<std::uint64_t>(config_.retries))
    return give_up(state, sent.batch, std::move(why), now);
  // The markers of the last transaction are written in a moment: a whole back-off would be most of this one's time.
  const bool soon = batch.last_error == broker_errc::concurrent_transactions;
  const backoff pause{soon ? std::chrono::milliseconds(20) : config_.connection.retry_backoff,
                      config_.connection.retry_backoff_max};
  state.retry_at = now + pause.wait(state.failures++, random_);
  cluster.invalidate();
}

void produce_machine::on_out_of_order(sent_batch& sent, produce_verdict verdict, error why, metadata& cluster,
                                      steady_time now) {
  partition_state& state = *sent.state;
  if (state.line.batches().front() != sent.batch) {
    // What went before it failed, and it could not but follow: it is sent again right behind that.
    state.line.not_written(*sent.batch);
    sent.batch->last_error = std::move(why);
    return;
  }
  // The broker has lost, or never had, what we count on.
  const bool fenced = verdict == produce_verdict::epoch_refused;
  if (transaction_) {
    state.line.not_written(*sent.batch);
    state.line.lose_numbers();
    return sent.batch->told ? void() : give_up(state, sent.batch, std::move(why), now);
  }
  const auto& stamp = sent.batch->stamp;
  if (fenced && stamp.producer_id == identity_.producer_id() && stamp.producer_epoch == identity_.epoch()) {
    identity_.reset();
  }
  on_again(sent, produce_verdict::again, std::move(why), cluster, now);
  state.line.lose_numbers();
}

void produce_machine::split(sent_batch& sent, const error& why, steady_time now) {
  partition_state& state = *sent.state;
  state.line.not_written(*sent.batch);
  if (sent.batch->told) return;
  const std::int32_t count = sent.batch->record_count();
  divided_batch parts;
  // What may be written from an earlier attempt must not be cut anew: its parts would not be recognized as copies.
  if (count < 2 || sent.batch->maybe_written ||
      divide(*sent.batch, config_, pool_, [&](std::int32_t index) { return index < count / 2; }, parts)) {
    return give_up(state, sent.batch, why, now);
  }
  records_.limit(state.queue, sent.batch->sealed_bytes.size() / 2);
  for (const batch_ptr& part : {parts.first, parts.second}) records_.adopt(*part);
  state.line.replace(sent.batch, {parts.first, parts.second}, true);
  records_.settle(*sent.batch);
  records_.release(*sent.batch);
}

void produce_machine::drop_bad_records(sent_batch& sent, const protocol::produce_response::partition& answer,
                                       const error& why, steady_time now) {
  partition_state& state = *sent.state;
  state.line.not_written(*sent.batch);
  if (sent.batch->told) return;
  std::set<std::int32_t> bad;
  for (const auto& one : answer.record_errors) bad.insert(one.batch_index);
  divided_batch parts;
  const auto is_good = [&](std::int32_t index) { return !bad.contains(index); };
  if (bad.empty() || sent.batch->maybe_written || divide(*sent.batch, config_, pool_, is_good, parts) || !parts.first ||
      !parts.second) {
    return give_up(state, sent.batch, why, now);
  }
  records_.adopt(*parts.first);
  state.line.replace(sent.batch, {parts.first}, false);
  error told =
      why.with_context("produce to " + to_string(sent.batch->partition)).with_outcome(write_outcome::not_written);
  if (transaction_) transaction_->on_batch_failed(told);
  completed_.push_back({parts.second, std::move(told), -1, -1, now});
  records_.settle(*sent.batch);
  records_.release(*sent.batch);
}

void produce_machine::on_answer(sent_batch& sent, const protocol::produce_response::partition& answer,
                                const reply& whole, metadata& cluster, steady_time now) {
  const auto code = static_cast<broker_errc>(answer.error_code);
  const produce_verdict verdict = judge(code, answer.base_offset);
  if (verdict == produce_verdict::written) {
    return deliver(sent, code == broker_errc::none ? answer.base_offset : -1, answer.log_append_time_ms, now);
  }
  partition_state& state = *sent.state;
  error why = answered(answer, whole.broker);
  const topic_partition& where = sent.batch->partition;
  cluster.learn_leader(where.topic, where.partition, answer.current_leader.leader_id,
                       answer.current_leader.leader_epoch);
  switch (verdict) {
    case produce_verdict::too_large:
      return split(sent, why, now);
    case produce_verdict::bad_records:
      return drop_bad_records(sent, answer, why, now);
    case produce_verdict::out_of_order:
    case produce_verdict::epoch_refused:
      if (sequenced_) return on_out_of_order(sent, verdict, std::move(why), cluster, now);
      [[fallthrough]];
    case produce_verdict::refused:
      state.line.not_written(*sent.batch);
      return sent.batch->told ? void() : give_up(state, sent.batch, std::move(why), now);
    default:
      on_again(sent, verdict, std::move(why), cluster, now);
  }
  if (!tells_stale_metadata(code)) return;
  const partition_view* known = cluster.view().find(where.topic, where.partition);
  if (known && known->leader >= 0 && known->leader != sent.batch->node_id) {
    // This answer told where to go (KIP-951), or one before it did: no need to wait, nor to ask.
    state.retry_at = now;
  } else {
    state.waits_for_metadata_after = cluster.view().version;
    cluster.invalidate();  // whether or not the user still waits for this batch: the next one takes the same way
  }
}

void produce_machine::on_failed_request(sent_request& request, const reply& answer, metadata& cluster,
                                        steady_time now) {
  for (sent_batch& sent : request.batches) {
    const bool clean = answer.outcome == write_outcome::not_written;
    if (answer.failure.retriable() || !clean) {
      on_again(sent, clean ? produce_verdict::again : produce_verdict::unknown, answer.failure, cluster, now);
    } else {
      sent.state->line.not_written(*sent.batch);
      if (!sent.batch->told) give_up(*sent.state, sent.batch, answer.failure, now);
    }
  }
}

std::vector<node> produce_machine::on_reply(reply& answer, metadata& cluster, steady_time now) {
  if (identity_.on_reply(answer, now)) return {};
  const auto found = in_flight_.find(answer.id);
  if (found == in_flight_.end()) return {};
  sent_request request = std::move(found->second);
  in_flight_.erase(found);
  node_bytes_[request.node_id] -= request.bytes;
  observed_.push_back({request.node_id, request.bytes, now - request.sent_at, static_cast<bool>(answer.failure)});
  if (answer.version < produce_by_id_version && !(answer.failure && answer.outcome == write_outcome::not_written)) {
    for (const sent_batch& sent : request.batches) sent.state->line.sent_by_name();
  }
  if (answer.failure) {
    on_failed_request(request, answer, cluster, now);
    return {};
  }
  auto* response = std::get_if<protocol::produce_response>(&answer.response);
  if (!response) {  // acks 0: written is all there is to know
    for (sent_batch& sent : request.batches) deliver(sent, -1, -1, now);
    return {};
  }
  for (const auto& topic : response->responses) {
    for (const auto& partition : topic.partition_responses) {
      const auto match = std::find_if(request.batches.begin(), request.batches.end(), [&](const sent_batch& sent) {
        if (!sent.state || sent.batch->partition.partition != partition.index) return false;
        if (!topic.name.empty()) return sent.batch->partition.topic == topic.name;
        return sent.state->topic_id == topic.topic_id;
      });
      if (match == request.batches.end()) continue;
      on_answer(*match, partition, answer, cluster, now);
      match->state = nullptr;
    }
  }
  for (sent_batch& sent : request.batches) {
    if (!sent.state) continue;
    error silent(client_errc::malformed_response, "Produce to " + answer.broker + ": no answer for the partition");
    on_again(sent, produce_verdict::unknown, std::move(silent), cluster, now);
  }
  std::vector<node> named;
  for (auto& endpoint : response->node_endpoints) {
    named.push_back({endpoint.node_id, std::move(endpoint.host), endpoint.port, std::move(endpoint.rack)});
  }
  return named;
}

}  // namespace kafka::client
