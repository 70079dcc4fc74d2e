// SPDX-License-Identifier: Apache-2.0
// DescribeProducers, 0 (KIP-664): the producers that a partition knows, with where their open transactions begin.
#include "protocol/messages/describe_producers.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"

namespace kafka::fake {

namespace {

using answered_partition = protocol::describe_producers_response::partition;

answered_partition describe(call& one, const std::string& topic, std::int32_t index) {
  answered_partition out;
  out.partition_index = index;
  const partition_state* partition = one.state().find_partition(topic, index);
  broker_errc code = one.forced_error();
  if (code == broker_errc::none && !partition) code = broker_errc::unknown_topic_or_partition;
  if (code == broker_errc::none && partition->leader != one.node()) code = broker_errc::not_leader_or_follower;
  out.error_code = static_cast<std::int16_t>(code);
  if (code != broker_errc::none) return out;
  for (const auto& known : partition->producers.all()) {
    auto& described = out.active_producers.emplace_back();
    described.producer_id = known.producer_id;
    described.producer_epoch = known.epoch;
    described.last_sequence = known.last_sequence;
    described.last_timestamp = known.last_timestamp;
    described.current_txn_start_offset = partition->transactions.first_offset(known.producer_id);
  }
  return out;
}

}  // namespace

void handle_describe_producers(call& one) {
  protocol::describe_producers_response response;
  for (const auto& topic : one.as<protocol::describe_producers_request>()->topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const std::int32_t index : topic.partition_indexes) {
      answered.partitions.push_back(describe(one, topic.name, index));
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
