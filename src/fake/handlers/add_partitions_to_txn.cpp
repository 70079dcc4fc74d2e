// SPDX-License-Identifier: Apache-2.0
// AddPartitionsToTxn, 0 to 5. Up to 3 a client adds partitions of one transaction. 4 and 5 carry many transactions and
// are how brokers add or verify; a cluster without an authorizer, as this one, answers them to everybody. 2 names
// PRODUCER_FENCED, 5 TRANSACTION_ABORTABLE (KIP-890).
// - If a partition does not exist, nothing is added: the others are told OPERATION_NOT_ATTEMPTED.
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "fake/handlers.hpp"
#include "fake/handlers/transactions.hpp"

namespace kafka::fake {

namespace {

using protocol::add_partitions_to_txn_request;
using wanted_topics = std::vector<add_partitions_to_txn_request::topic>;
using answered_topics = std::vector<protocol::add_partitions_to_txn_response::topic>;

constexpr std::int16_t fenced_since = 2;
constexpr std::int16_t many_since = 4;
constexpr std::int16_t abortable_since = 5;

/// Whose transaction it is.
struct owner {
  const std::string& transactional_id;
  std::int64_t producer_id;
  std::int16_t epoch;
  bool verify_only;
};

/// The same answer for all partitions, or what `code_of(topic, partition)` says.
template <class CodeOf>
answered_topics answer_each(const wanted_topics& topics, CodeOf&& code_of) {
  answered_topics out;
  for (const auto& topic : topics) {
    auto& answered = out.emplace_back();
    answered.name = topic.name;
    for (const std::int32_t partition : topic.partitions) {
      answered.results_by_partition.push_back(
          {partition, static_cast<std::int16_t>(code_of(topic.name, partition)), {}});
    }
  }
  return out;
}

broker_errc verify_one(call& one, const owner& who, const std::string& topic, std::int32_t partition) {
  const broker_errc code = one.state().transactions().verify(who.transactional_id, who.producer_id, who.epoch,
                                                             {.partitions = {{topic, partition}}});
  const bool unknown_error = code == broker_errc::transaction_abortable && one.version() < abortable_since;
  return unknown_error ? broker_errc::invalid_txn_state : code;
}

answered_topics answer_transaction(call& one, const owner& who, const wanted_topics& topics) {
  cluster_state& state = one.state();
  const auto all_the_same = [&](broker_errc code) { return answer_each(topics, [&](auto&, auto) { return code; }); };
  if (one.forced_error() != broker_errc::none) return all_the_same(one.forced_error());
  transaction_members added;
  bool all_exist = true;
  for (const auto& topic : topics) {
    for (const std::int32_t partition : topic.partitions) {
      all_exist = all_exist && state.find_partition(topic.name, partition);
      added.partitions.emplace(topic.name, partition);
    }
  }
  if (!all_exist) {
    return answer_each(topics, [&](const std::string& topic, std::int32_t partition) {
      return state.find_partition(topic, partition) ? broker_errc::operation_not_attempted
                                                    : broker_errc::unknown_topic_or_partition;
    });
  }
  if (who.transactional_id.empty()) return all_the_same(broker_errc::invalid_request);
  if (is_elsewhere(one, who.transactional_id)) return all_the_same(broker_errc::not_coordinator);
  if (who.verify_only) {
    return answer_each(topics, [&](const std::string& topic, std::int32_t partition) {
      return verify_one(one, who, topic, partition);
    });
  }
  const broker_errc code = state.transactions().add(who.transactional_id, who.producer_id, who.epoch, added, one.now());
  return all_the_same(fenced_as_known_to(code, one.version(), fenced_since));
}

}  // namespace

void handle_add_partitions_to_txn(call& one) {
  const auto& request = *one.as<add_partitions_to_txn_request>();
  protocol::add_partitions_to_txn_response response;
  if (one.version() < many_since) {
    const owner who{request.v3_and_below_transactional_id, request.v3_and_below_producer_id,
                    request.v3_and_below_producer_epoch, false};
    response.results_by_topic_v3_and_below = answer_transaction(one, who, request.v3_and_below_topics);
    return one.answer(std::move(response));
  }
  response.error_code = static_cast<std::int16_t>(one.forced_error());
  for (const auto& wanted : request.transactions) {
    const owner who{wanted.transactional_id, wanted.producer_id, wanted.producer_epoch, wanted.verify_only};
    auto& answered = response.results_by_transaction.emplace_back();
    answered.transactional_id = wanted.transactional_id;
    answered.topic_results = answer_transaction(one, who, wanted.topics);
  }
  one.answer(std::move(response));
}

}  // namespace kafka::fake
