// SPDX-License-Identifier: Apache-2.0
// TxnOffsetCommit, 0 to 5: offsets of a group that count when the transaction is committed. 3 names the member and its
// generation, so that a member that lost its partitions is found out (KIP-447). Up to 4 AddOffsetsToTxn must have come
// before; since 5 the group's coordinator adds them to the transaction by itself (KIP-890).
#include "protocol/messages/txn_offset_commit.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/groups.hpp"
#include "fake/handlers/offsets.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

using protocol::txn_offset_commit_request;

constexpr std::int16_t abortable_since = 4;
constexpr std::int16_t adds_since = 5;

transaction_check check_of(const call& one) {
  if (!one.state().versions().verifies_transactions()) return transaction_check::none;
  if (one.version() >= adds_since) return transaction_check::adds;
  return one.version() >= abortable_since ? transaction_check::abortable : transaction_check::plain;
}

/// Why nothing of the request may be stored.
broker_errc refusal_of(call& one, const txn_offset_commit_request& request) {
  cluster_state& state = one.state();
  if (one.forced_error() != broker_errc::none) return one.forced_error();
  if (request.group_id.empty()) return broker_errc::invalid_group_id;
  const broker_errc refused = refusal_of_group(one, request.group_id);
  if (refused != broker_errc::none) return refused;
  const broker_errc code = ask_coordinator(state, check_of(one), request.transactional_id, request.producer_id,
                                           request.producer_epoch, {.groups = {request.group_id}}, one.now());
  if (code != broker_errc::none) return code;
  return state.groups().commit_in_transaction(
      request.group_id, {request.generation_id, request.member_id, &request.group_instance_id}, one.now());
}

}  // namespace

void handle_txn_offset_commit(call& one) {
  const auto& request = *one.as<txn_offset_commit_request>();
  group_offsets& offsets = one.state().offsets();
  const broker_errc refused = refusal_of(one, request);
  protocol::txn_offset_commit_response response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& wanted : topic.partitions) {
      broker_errc code = refused;
      if (code == broker_errc::none && !one.state().find_partition(topic.name, wanted.partition_index)) {
        code = broker_errc::unknown_topic_or_partition;
      }
      if (code == broker_errc::none && is_too_large(wanted.committed_metadata)) {
        code = broker_errc::offset_metadata_too_large;
      }
      if (code == broker_errc::none) {
        code = offsets.stage(request.group_id, request.producer_id, request.producer_epoch,
                             {topic.name, wanted.partition_index},
                             {wanted.committed_offset, wanted.committed_leader_epoch, wanted.committed_metadata});
      }
      answered.partitions.push_back({wanted.partition_index, static_cast<std::int16_t>(code), {}});
    }
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
