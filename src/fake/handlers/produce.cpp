// SPDX-License-Identifier: Apache-2.0
// Produce, 3 to 13.
// - With acks 0 there is no answer; an error then closes the connection, so that the client notices.
// - With acks -1 the answer waits until the high watermark has passed the batch, at most the request's timeout.
// - 5 adds the log's start, 8 which records of a batch were refused (KIP-467), 10 the current leader with
//   NOT_LEADER_OR_FOLLOWER (KIP-951); 13 names topics by id.
// - Transactional batches go only where a transaction is ongoing: 11 may answer TRANSACTION_ABORTABLE, and since 12 the
//   leader adds the partition to the transaction by itself (KIP-890).
// - A batch that an idempotent producer sent before is answered with the offset it got then.
#include "protocol/messages/produce.hpp"
#include "fake/batch_validation.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/leader.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

using protocol::produce_request;
using protocol::produce_response;
using wanted_partition = produce_request::partition;
using answered_partition = produce_response::partition;

constexpr std::int16_t acks_all = -1;
constexpr std::int16_t ids_since = 13;
constexpr std::int16_t leader_since = 10;
constexpr std::int16_t abortable_since = 11;
constexpr std::int16_t adds_since = 12;

/// A batch that is in the log but not yet below the high watermark.
struct unreplicated {
  std::size_t topic;
  std::size_t partition;
  std::string topic_name;
  std::int64_t end_offset;
};

/// Kept from the append until the followers have what was appended.
struct produce_progress {
  bool applied = false;
  produce_response response;
  std::vector<unreplicated> waiting;
};

void fail(answered_partition& out, broker_errc code, std::string message = {}) {
  out.error_code = static_cast<std::int16_t>(code);
  out.base_offset = -1;
  out.log_append_time_ms = -1;
  if (!message.empty()) out.error_message = std::move(message);
}

/// Why the partition may not be written to here, before anybody looks at the records.
broker_errc refusal_of(call& one, const produce_request& request, const topic_state* topic,
                       const partition_state* partition) {
  const bool by_id = one.version() >= ids_since;
  if (one.forced_error() != broker_errc::none) return one.forced_error();
  if (!topic) return by_id ? broker_errc::unknown_topic_id : broker_errc::unknown_topic_or_partition;
  if (!partition) return broker_errc::unknown_topic_or_partition;
  if (partition->leader != one.node()) return broker_errc::not_leader_or_follower;
  if (request.acks == acks_all && partition->in_sync.size() < topic->settings.min_insync_replicas) {
    return broker_errc::not_enough_replicas;
  }
  return broker_errc::none;
}

transaction_check check_of(const call& one) {
  if (!one.state().versions().verifies_transactions()) return transaction_check::none;
  if (one.version() >= adds_since) return transaction_check::adds;
  return one.version() >= abortable_since ? transaction_check::abortable : transaction_check::plain;
}

/// Whether the batch belongs to a transaction that goes on.
broker_errc check_transaction(call& one, const produce_request& request, const topic_state& topic,
                              const partition_state& partition, const protocol::record_batch_header& header) {
  const bool is_open = partition.transactions.is_open(header.producer_id);
  if (!header.is_transactional()) return is_open ? broker_errc::invalid_txn_state : broker_errc::none;
  // Once the first batch is in the log the partition is part of the transaction: nobody is asked any more.
  if (is_open && partition.producers.epoch_of(header.producer_id) == header.producer_epoch) return broker_errc::none;
  const transaction_check how = check_of(one);
  const broker_errc code =
      ask_coordinator(one.state(), how, request.transactional_id.value_or(std::string()), header.producer_id,
                      header.producer_epoch, {.partitions = {{topic.name, partition.index}}}, one.now());
  // To older clients this has to be an error that they try again after.
  if (code == broker_errc::concurrent_transactions && how != transaction_check::adds) {
    return broker_errc::not_enough_replicas;
  }
  return code;
}

void append_valid(call& one, const produce_request& request, topic_state& topic, partition_state& partition,
                  const shared_bytes& records, const protocol::record_batch_header& header, answered_partition& out) {
  const broker_errc refused = check_transaction(one, request, topic, partition, header);
  if (refused != broker_errc::none) return fail(out, refused);
  const bool must_begin_at_0 = header.is_transactional() && check_of(one) == transaction_check::adds;
  const auto judgement = partition.producers.judge(header, must_begin_at_0);
  if (judgement.code != broker_errc::none) return fail(out, judgement.code);
  if (judgement.known) {
    out.base_offset = judgement.known->base_offset;
    if (topic.settings.log_append_time) out.log_append_time_ms = judgement.known->timestamp;
  } else {
    out.base_offset = one.state().append(topic, partition, records, one.now());
    if (topic.settings.log_append_time) out.log_append_time_ms = one.now().wall.time_since_epoch().count();
  }
  out.log_start_offset = partition.log.start_offset();
}

answered_partition append(call& one, const produce_request& request, topic_state* topic, const wanted_partition& wanted,
                          produce_response& response) {
  answered_partition out;
  out.index = wanted.index;
  partition_state* partition = topic ? topic->find_partition(wanted.index) : nullptr;
  const broker_errc code = refusal_of(one, request, topic, partition);
  if (code != broker_errc::none) {
    fail(out, code);
    if (code == broker_errc::not_leader_or_follower && partition && one.version() >= leader_since) {
      tell_leader(one, *partition, response, out);
    }
    return out;
  }
  const shared_bytes records = wanted.records.value_or(shared_bytes());
  const validation how{one.version(), one.state().options().check_records, one.now().wall};
  batch_verdict checked = validate_batch(records, topic->settings, how, one.state().buffers());
  if (checked.code != broker_errc::none) {
    fail(out, checked.code, std::move(checked.message));
    for (auto& [index, why] : checked.record_errors) out.record_errors.push_back({index, std::move(why), {}});
    return out;
  }
  append_valid(one, request, *topic, *partition, records, checked.header, out);
  return out;
}

/// Why no partition of the request is looked at.
broker_errc request_refusal(const produce_request& request) {
  if (request.acks < -1 || request.acks > 1) return broker_errc::invalid_required_acks;
  if (request.transactional_id) return broker_errc::none;
  // Without an id nobody may be allowed to use it, and that is what brokers say.
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      if (!partition.records || partition.records->size() < protocol::batch_overhead) continue;
      const auto header = protocol::read_batch_header(*partition.records);
      if (header.magic == 2 && header.is_transactional()) return broker_errc::transactional_id_authorization_failed;
    }
  }
  return broker_errc::none;
}

void apply(call& one, const produce_request& request, produce_progress& progress) {
  const broker_errc refused = request_refusal(request);
  for (const auto& wanted : request.topic_data) {
    cluster_state& state = one.state();
    topic_state* topic = one.version() >= ids_since ? state.find_topic(wanted.topic_id) : state.find_topic(wanted.name);
    auto& answered = progress.response.responses.emplace_back();
    answered.name = wanted.name;
    answered.topic_id = wanted.topic_id;
    for (const auto& partition : wanted.partition_data) {
      if (refused != broker_errc::none) {
        answered_partition& out = answered.partition_responses.emplace_back();
        out.index = partition.index;
        fail(out, refused);
        continue;
      }
      answered.partition_responses.push_back(append(one, request, topic, partition, progress.response));
      if (request.acks != acks_all || answered.partition_responses.back().error_code != 0) continue;
      progress.waiting.push_back({progress.response.responses.size() - 1, answered.partition_responses.size() - 1,
                                  topic->name, topic->find_partition(partition.index)->log.end_offset()});
    }
  }
}

/// What the followers have by now leaves the list; what remains is waited for. True when nothing remains.
bool replicated(call& one, const produce_request& request, produce_progress& progress) {
  std::vector<event_id> events;
  std::erase_if(progress.waiting, [&](const unreplicated& batch) {
    auto& out = progress.response.responses[batch.topic].partition_responses[batch.partition];
    const partition_state* partition = one.state().find_partition(batch.topic_name, out.index);
    if (!partition || partition->leader != one.node()) {
      fail(out, broker_errc::not_leader_or_follower);
      return true;
    }
    if (partition->log.high_watermark() >= batch.end_offset) {
      // There were enough replicas when the batch was appended, or it would not be here.
      const topic_state& topic = *one.state().find_topic(std::string_view(batch.topic_name));
      const bool enough = partition->in_sync.size() >= topic.settings.min_insync_replicas;
      if (!enough) fail(out, broker_errc::not_enough_replicas_after_append);
      return true;
    }
    if (one.timed_out()) {
      fail(out, broker_errc::request_timed_out);
      return true;
    }
    events.push_back(partition->changed);
    return false;
  });
  if (progress.waiting.empty()) return true;
  const auto until =
      one.resumed() ? one.wait_until() : one.now().steady + std::chrono::milliseconds(request.timeout_ms);
  one.wait(until, std::move(events));
  return false;
}

bool any_error(const produce_response& response) {
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partition_responses) {
      if (partition.error_code != 0) return true;
    }
  }
  return false;
}

}  // namespace

void handle_produce(call& one) {
  const auto& request = *one.as<produce_request>();
  auto& progress = one.memory<produce_progress>();
  if (!progress.applied) {
    progress.applied = true;
    apply(one, request, progress);
  }
  if (request.acks == 0) return any_error(progress.response) ? one.close() : one.answer_nothing();
  if (!replicated(one, request, progress)) return;
  one.answer(std::move(progress.response));
}

}  // namespace kafka::fake
