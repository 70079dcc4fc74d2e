// SPDX-License-Identifier: Apache-2.0
// OffsetForLeaderEpoch, 2 to 4: where a leader epoch ends in the log, so that a consumer notices that records it read
// are gone (KIP-320). Only the leader answers.
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/leader.hpp"

namespace kafka::fake {

void handle_offset_for_leader_epoch(call& one) {
  const auto& request = *one.as<protocol::offset_for_leader_epoch_request>();
  protocol::offset_for_leader_epoch_response response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic = topic.topic;
    for (const auto& wanted : topic.partitions) {
      auto& out = answered.partitions.emplace_back();
      out.partition = wanted.partition;
      const partition_state* partition = one.state().find_partition(topic.topic, wanted.partition);
      broker_errc code = one.forced_error();
      if (code == broker_errc::none && !partition) code = broker_errc::unknown_topic_or_partition;
      if (code == broker_errc::none) code = check_epoch(*partition, wanted.current_leader_epoch);
      if (code == broker_errc::none && partition->leader != one.node()) code = broker_errc::not_leader_or_follower;
      out.error_code = static_cast<std::int16_t>(code);
      if (code != broker_errc::none) continue;
      const epoch_end end = partition->log.end_of_epoch(wanted.leader_epoch, partition->leader_epoch);
      out.leader_epoch = end.epoch;
      out.end_offset = end.end_offset;
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
