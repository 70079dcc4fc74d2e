// SPDX-License-Identifier: Apache-2.0
// OffsetCommit, 2 to 10. 7 names static members (KIP-345); since 9 the generation may be the epoch of a member of the
// new protocol (KIP-848); 10 names topics by id.
#include "protocol/messages/offset_commit.hpp"
#include "fake/cluster_state.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"
#include "fake/handlers/offsets.hpp"

namespace kafka::fake {

namespace {

using protocol::offset_commit_request;

constexpr std::int16_t ids_since = 10;

broker_errc refusal_of(call& one, const offset_commit_request& request) {
  const broker_errc refused = refusal_of_group(one, request.group_id);
  if (refused != broker_errc::none) return refused;
  return one.state().groups().commit(
      request.group_id, {request.generation_id_or_member_epoch, request.member_id, &request.group_instance_id},
      one.version(), one.now());
}

}  // namespace

void handle_offset_commit(call& one) {
  const auto& request = *one.as<offset_commit_request>();
  cluster_state& state = one.state();
  const broker_errc refused = refusal_of(one, request);
  const bool by_id = one.version() >= ids_since;
  protocol::offset_commit_response response;
  for (const auto& topic : request.topics) {
    topic_state* known = by_id ? state.find_topic(topic.topic_id) : state.find_topic(std::string_view(topic.name));
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& wanted : topic.partitions) {
      broker_errc code = refused;
      if (code == broker_errc::none && by_id && !known) code = broker_errc::unknown_topic_id;
      if (code == broker_errc::none && !(known && known->find_partition(wanted.partition_index))) {
        code = broker_errc::unknown_topic_or_partition;
      }
      if (code == broker_errc::none && is_too_large(wanted.committed_metadata)) {
        code = broker_errc::offset_metadata_too_large;
      }
      if (code == broker_errc::none) {
        state.offsets().commit(request.group_id, {known->name, wanted.partition_index},
                               {wanted.committed_offset, wanted.committed_leader_epoch, wanted.committed_metadata});
      }
      answered.partitions.push_back({wanted.partition_index, static_cast<std::int16_t>(code), {}});
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
