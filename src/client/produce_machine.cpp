// SPDX-License-Identifier: Apache-2.0
// What to send, and when. What the answers mean: produce_answers.cpp.
#include "client/produce_machine.hpp"

#include "client/config_table.hpp"
#include "client/transaction.hpp"

namespace kafka::client {

namespace {

/// A request takes batches of further partitions up to this many bytes.
constexpr std::size_t request_bytes_max = 4U << 20U;
/// What may be under way to one broker, so that batches age in the accumulator, where they still fill, rather than in
/// the socket.
constexpr std::size_t node_bytes_max = 24U << 20U;

}  // namespace

produce_machine::produce_machine(const producer_config& config, accumulator& records, buffer_pool& pool,
                                 transaction* transactional, std::uint64_t seed)
    : config_(config),
      records_(records),
      pool_(pool),
      transaction_(transactional),
      sequenced_(is_idempotent(config)),
      random_(seed),
      identity_(config.connection, sequenced_ && !transactional, seed + 1) {}

void produce_machine::give_up(partition_state& state, const batch_ptr& batch, error why, steady_time now) {
  why =
      why.with_context("produce to " + to_string(batch->partition))
          .with_outcome(batch->maybe_written || batch->under_way ? write_outcome::unknown : write_outcome::not_written);
  if (transaction_) transaction_->on_batch_failed(why);
  if (state.line.told(batch)) records_.release(*batch);
  records_.settle(*batch);
  completed_.push_back({batch, std::move(why), -1, -1, now});
}

void produce_machine::release(const std::vector<batch_ptr>& batches) {
  for (const batch_ptr& batch : batches) records_.release(*batch);
}

void produce_machine::expire(partition_state& state, steady_time now) {
  for (producer_batch* oldest = state.line.oldest_untold(); oldest && now >= expiry(*oldest);
       oldest = state.line.oldest_untold()) {
    std::string cause = "not acknowledged within delivery.timeout.ms; attempts: " + std::to_string(oldest->attempts);
    if (oldest->last_error) cause += "; last error: " + oldest->last_error.message();
    const auto& line = state.line.batches();
    const auto shared =
        std::find_if(line.begin(), line.end(), [&](const batch_ptr& one) { return one.get() == oldest; });
    give_up(state, batch_ptr(*shared), {client_errc::timed_out, std::move(cause)}, now);
  }
}

void produce_machine::settle(partition_state& state, steady_time now) {
  if (!state.line.is_stuck()) return;
  partition_line::settlement settled = state.line.settle();
  release(settled.released);
  for (const batch_ptr& batch : settled.lost) {
    batch->stamp = {};  // out of line already
    error why = batch->last_error ? batch->last_error : error(client_errc::timed_out);
    why = why.with_context("whether it was written cannot be found out any more: the sequence was interrupted");
    give_up(state, batch, std::move(why), now);
  }
  if (!settled.wants_epoch) return;
  if (transaction_) return transaction_->on_numbers_lost();
  if (identity_.producer_id() == settled.producer_id && identity_.epoch() == settled.epoch) identity_.bump();
}

batch_ptr produce_machine::next_batch(partition_state& state, steady_time now) {
  while (true) {
    batch_ptr batch = state.line.next();
    if (!batch) {
      accumulator::head head = records_.take_head(state.queue, flush_before_, now);
      state.wake_at = std::min(state.wake_at, head.linger_until);
      if (!head.ready) return nullptr;
      batch = std::move(head.ready);
      state.line.push(batch);
    }
    if (batch->seal_failure) {
      give_up(state, batch, batch->seal_failure, now);
    } else if (now >= expiry(*batch)) {
      expire(state, now);
    } else {
      return batch;
    }
  }
}

const partition_view* produce_machine::leader_for(partition_state& state, const batch_ptr& batch, metadata& cluster,
                                                  steady_time now) {
  const topic_partition& where = state.queue.partition();
  const topic_view* topic = cluster.view().find(where.topic);
  if (topic && topic->failure && !topic->failure.retriable()) {
    give_up(state, batch, topic->failure, now);
    return nullptr;
  }
  const partition_view* found = cluster.view().find(where.topic, where.partition);
  const std::uint64_t version = cluster.view().version;
  if (found && found->leader >= 0 && state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = 0;
    const uuid before = std::exchange(state.topic_id, topic->id);
    // Deleted and made again under the same name: the new log knows nothing of our sequence.
    if (!before.is_zero() && !topic->id.is_zero() && before != topic->id) state.line.restart();
    return found;
  }
  if (state.waits_for_metadata_after == 0 || state.waits_for_metadata_after < version) {
    state.waits_for_metadata_after = version;
    cluster.want(where.topic, expiry(*batch), now);
    cluster.invalidate();
    if (!batch->last_error) {
      batch->last_error =
          topic && topic->failure ? topic->failure : error(broker_errc::leader_not_available, "no leader is known");
    }
  }
  return nullptr;
}

void produce_machine::adopt_changes() {
  for (accumulator::queue* changed : records_.take_changes()) {
    auto& state = states_[changed];
    if (!state) state = std::make_unique<partition_state>(*changed, sequenced_);
    if (!std::exchange(state->active, true)) active_.push_back(state.get());
  }
}

bool produce_machine::may_send(partition_state& state, const producer_batch& batch, steady_time now) {
  if (now < state.retry_at) {
    state.wake_at = std::min(state.wake_at, state.retry_at);
    return false;
  }
  if (!state.line.may_send(config_.in_flight_max)) return false;
  if (transaction_ && !transaction_->admits(batch.partition)) return false;
  if (sequenced_ && !identity_.ready()) return false;
  return true;
}

bool produce_machine::advance(partition_state& state, metadata& cluster, steady_time now, plans& out) {
  state.wake_at = never;
  state.next_request = 0;
  expire(state, now);
  while (true) {
    settle(state, now);
    batch_ptr batch = next_batch(state, now);
    if (!batch) break;
    if (const error& hopeless = transaction_ ? transaction_->fatal() : identity_.failure()) {
      give_up(state, batch, hopeless, now);
      continue;
    }
    if (!may_send(state, *batch, now)) break;
    const std::size_t batches_before = state.line.batches().size();
    const partition_view* leader = leader_for(state, batch, cluster, now);
    if (!leader && state.line.batches().size() < batches_before) continue;  // given up: the next one may be another's
    if (leader && state.line.is_stuck()) continue;                          // it is another topic now
    if (!leader || !state.line.may_send(config_.in_flight_max)) break;
    if (state.line.under_way() > 0 && leader->leader != state.node_id) break;  // nothing may overtake on the way
    std::size_t& under_way = node_bytes_[leader->leader];
    if (under_way > 0 && under_way + batch->sealed_bytes.size() > node_bytes_max) break;
    under_way += batch->sealed_bytes.size();
    add_to_plan(state, std::move(batch), leader->leader, now, out[leader->leader]);
    if (state.line.under_way() >= static_cast<std::size_t>(config_.in_flight_max)) break;
  }
  settle(state, now);
  const producer_batch* oldest = state.line.oldest_untold();
  if (oldest) state.wake_at = std::min(state.wake_at, expiry(*oldest));
  return !state.line.empty() || state.wake_at != never;
}

void produce_machine::add_to_plan(partition_state& state, batch_ptr batch, std::int32_t node_id, steady_time now,
                                  std::vector<request_plan>& out) {
  if (sequenced_) state.line.use(identity_.producer_id(), identity_.epoch());
  state.line.send(*batch, transaction_ != nullptr);
  state.node_id = batch->node_id = node_id;
  if (++batch->attempts == 1) batch->first_sent_at = now;
  // A request holds one batch a partition; several are sent one request after the other, in order.
  const std::size_t bytes = batch->sealed_bytes.size();
  std::size_t at = state.next_request;
  while (at < out.size() && out[at].bytes > 0 && out[at].bytes + bytes > request_bytes_max) ++at;
  if (at >= out.size()) out.resize(at + 1);
  out[at].bytes += bytes;
  out[at].batches.push_back({&state, std::move(batch)});
  state.next_request = at + 1;
}

void produce_machine::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  if (given_up_) return fail_all(given_up_, now);  // what an appending thread was still sealing
  identity_.step(next_id, now, out);
  adopt_changes();
  plans requests;
  std::erase_if(active_, [&](partition_state* state) {
    state->active = advance(*state, cluster, now, requests);
    return !state->active;
  });
  for (auto& [node_id, planned] : requests) {
    for (request_plan& plan : planned) send(node_id, std::move(plan), cluster, next_id++, now, out);
  }
}

outgoing produce_machine::make_request(const request_plan& plan, const metadata& cluster, steady_time now) {
  protocol::produce_request request;
  request.acks = static_cast<std::int16_t>(config_.acks);
  request.timeout_ms = static_cast<std::int32_t>(config_.connection.request_timeout.count());
  outgoing sent;
  sent.deadline = now + config_.connection.request_timeout;
  if (transaction_) {
    request.transactional_id = config_.transactional_id;
    // From 12 on, sending is all it takes to make a partition part of the transaction (KIP-890).
    if (!transaction_->adds_by_producing()) sent.version_max = 11;
  }
  for (const sent_batch& one : plan.batches) {
    const topic_partition& where = one.batch->partition;
    if (request.topic_data.empty() || request.topic_data.back().name != where.topic) {
      auto& topic = request.topic_data.emplace_back();
      topic.name = where.topic;
      topic.topic_id = cluster.view().find(where.topic)->id;
      if (topic.topic_id.is_zero() && sent.version_max == protocol::no_version) {
        sent.version_max = produce_by_id_version - 1;
      }
    }
    auto& partition = request.topic_data.back().partition_data.emplace_back();
    partition.index = where.partition;
    partition.records = one.batch->sealed_bytes.bytes();
  }
  sent.request = std::move(request);
  return sent;
}

void produce_machine::send(std::int32_t node_id, request_plan&& plan, const metadata& cluster, request_id id,
                           steady_time now, std::vector<outgoing>& out) {
  std::sort(plan.batches.begin(), plan.batches.end(), [](const sent_batch& left, const sent_batch& right) {
    return left.batch->partition < right.batch->partition;
  });
  outgoing sent = make_request(plan, cluster, now);
  sent.from = owner::producer;
  sent.id = id;
  sent.node = node_id;
  sent.lane = lane::produce;
  sent.expects_response = config_.acks != acks::none;
  in_flight_[id] = {std::move(plan.batches), node_id, plan.bytes, now};
  out.push_back(std::move(sent));
}

void produce_machine::purge(bool queued, bool in_flight, const error& why, steady_time now) {
  adopt_changes();
  if (queued) {
    for (accumulator::queue* queue : records_.all_queues()) {
      std::vector<batch_ptr> taken = records_.take_all(*queue);
      if (taken.empty()) continue;
      auto& state = states_[queue];
      if (!state) state = std::make_unique<partition_state>(*queue, sequenced_);
      for (batch_ptr& batch : taken) state->line.push(std::move(batch));
      if (!std::exchange(state->active, true)) active_.push_back(state.get());
    }
  }
  for (partition_state* state : active_) {
    const std::deque<batch_ptr> line = state->line.batches();
    for (const batch_ptr& batch : line) {
      if (!batch->told && (batch->under_way ? in_flight : queued)) give_up(*state, batch, why, now);
    }
    settle(*state, now);
  }
}

void produce_machine::fail_all(const error& why, steady_time now) {
  given_up_ = why;
  purge(true, true, why, now);
  for (partition_state* state : active_) release({state->line.batches().begin(), state->line.batches().end()});
  active_.clear();
  states_.clear();
  in_flight_.clear();
  node_bytes_.clear();
}

steady_time produce_machine::deadline() const {
  steady_time first = given_up_ ? never : identity_.deadline();
  for (const partition_state* state : active_) first = std::min(first, state->wake_at);
  return first;
}

}  // namespace kafka::client
