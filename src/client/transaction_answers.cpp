// SPDX-License-Identifier: Apache-2.0
// What the coordinators' answers mean. The user's calls, and which request is due: transaction.cpp.
#include <algorithm>

#include "client/transaction.hpp"

namespace kafka::client {

namespace {

using namespace std::chrono_literals;

/// The markers of the last transaction are written in a moment; a whole back-off would be most of the next one's time.
constexpr std::chrono::milliseconds concurrent_backoff = 20ms;

bool moved(broker_errc code) noexcept {
  return code == broker_errc::not_coordinator || code == broker_errc::coordinator_not_available;
}

}  // namespace

void transaction::retry(std::chrono::milliseconds first, steady_time now) {
  const backoff pause{first, config_.connection.retry_backoff_max};
  retry_at_ = now + pause.wait(failures_++, random_);
}

bool transaction::retried(asked what, broker_errc code, const error& why, steady_time now) {
  if (!is_retriable(code)) return false;
  last_error_ = why;
  if (moved(code))
    (what == asked::offsets || what == asked::group_coordinator ? group_coordinator_ : coordinator_) = -1;
  retry(code == broker_errc::concurrent_transactions ? concurrent_backoff : config_.connection.retry_backoff, now);
  return true;
}

void transaction::refused(asked what, broker_errc code, error why, steady_time now) {
  if (what == asked::end && state_ == state::aborting) {
    if (code == broker_errc::invalid_txn_state && !second_version_ && added_.empty() && groups_added_.empty()) {
      return finish_end();  // what began the transaction never arrived
    }
    if (code == broker_errc::invalid_producer_id_mapping) {
      identity_->reset();  // the coordinator has forgotten us, and the transaction with it
      state_ = state::renewing;
      return;
    }
  }
  const bool fenced = code == broker_errc::producer_fenced || code == broker_errc::invalid_producer_epoch;
  const bool overdue = now - opened_at_ >= config_.transaction_timeout;
  if (overdue && (fenced || code == broker_errc::invalid_txn_state)) {
    why =
        why.with_context("the transaction took longer than transaction.timeout.ms, so that its coordinator aborted it");
  }
  // That the coordinator may only have aborted it by time cannot be found out: InitProducerId with an old epoch aborts
  // whatever transaction is open before it looks at the epoch, be it a later producer's.
  if (fenced && overdue && in_transaction() && what != asked::producer_id) {
    needs_epoch_ = true;
    ending_ = false;
    return must_abort(std::move(why));
  }
  const bool abortable = code == broker_errc::transaction_abortable ||
                         code == broker_errc::topic_authorization_failed ||
                         code == broker_errc::group_authorization_failed || code == broker_errc::fenced_instance_id ||
                         code == broker_errc::unknown_member_id || code == broker_errc::illegal_generation ||
                         code == broker_errc::stale_member_epoch || code == broker_errc::invalid_producer_id_mapping;
  if (abortable && in_transaction()) {
    ending_ = false;
    return must_abort(std::move(why));
  }
  fail_fatally(std::move(why));
}

std::vector<node> transaction::on_coordinator(asked what, const protocol::find_coordinator_response& response,
                                              const std::string& broker, steady_time now) {
  const auto code = static_cast<broker_errc>(response.error_code);
  if (code != broker_errc::none) {
    error why(code, "FindCoordinator to " + broker);
    if (!retried(what, code, why, now)) refused(what, code, std::move(why), now);
    return {};
  }
  (what == asked::coordinator ? coordinator_ : group_coordinator_) = response.node_id;
  return {node{response.node_id, response.host, response.port, std::nullopt}};
}

void transaction::on_producer_id(const protocol::init_producer_id_response& response, const reply& whole,
                                 steady_time now) {
  const auto code = static_cast<broker_errc>(response.error_code);
  if (code != broker_errc::none) {
    error why(code, "InitProducerId to " + whole.broker);
    if (!retried(asked::producer_id, code, why, now)) refused(asked::producer_id, code, std::move(why), now);
    return;
  }
  identity_->set(response.producer_id, response.producer_epoch);
  second_version_ = whole.second_transactions;
  needs_epoch_ = false;
  const bool first = state_ == state::initializing;
  state_ = state::ready;
  succeed(first ? unclaimed::init : commit_ ? unclaimed::commit : unclaimed::aborted);
}

void transaction::on_partitions(const protocol::add_partitions_to_txn_response& response, const reply& whole,
                                steady_time now) {
  std::set<topic_partition> unanswered(adding_.begin(), adding_.end());
  for (const auto& topic : response.results_by_topic_v3_and_below) {
    for (const auto& partition : topic.results_by_partition) {
      const topic_partition where{topic.name, partition.partition_index};
      const auto code = static_cast<broker_errc>(partition.partition_error_code);
      unanswered.erase(where);
      if (code == broker_errc::none) {
        to_add_.erase(where);
        added_.insert(where);
        continue;
      }
      // One that failed for itself makes the broker refuse the others; the reason stands with it.
      if (code == broker_errc::operation_not_attempted) continue;
      error why(code, "AddPartitionsToTxn of " + to_string(where) + " to " + whole.broker);
      if (!retried(asked::partitions, code, why, now)) return refused(asked::partitions, code, std::move(why), now);
    }
  }
  if (to_add_.empty()) {
    failures_ = 0;
  } else if (now >= retry_at_ && !unanswered.empty()) {
    retry(config_.connection.retry_backoff, now);
  }
}

void transaction::on_offsets_added(const protocol::add_offsets_to_txn_response& response, const reply& whole,
                                   steady_time now) {
  const auto code = static_cast<broker_errc>(response.error_code);
  if (code == broker_errc::none) {
    if (offsets_) groups_added_.insert(offsets_->group.group_id);
    failures_ = 0;
    return;
  }
  error why(code, "AddOffsetsToTxn to " + whole.broker);
  if (!retried(asked::offsets_added, code, why, now)) refused(asked::offsets_added, code, std::move(why), now);
}

void transaction::on_offsets(const protocol::txn_offset_commit_response& response, const reply& whole,
                             steady_time now) {
  bool again = false;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      const auto code = static_cast<broker_errc>(partition.error_code);
      if (code == broker_errc::none) continue;
      error why(code, "TxnOffsetCommit of " + topic.name + "-" + std::to_string(partition.partition_index) + " to " +
                          whole.broker);
      if (!retried(asked::offsets, code, why, now)) return refused(asked::offsets, code, std::move(why), now);
      again = true;
    }
  }
  if (again) return;
  failures_ = 0;
  offsets_.reset();
  finish();
}

void transaction::on_end(const protocol::end_txn_response& response, const reply& whole, steady_time now) {
  const auto code = static_cast<broker_errc>(response.error_code);
  if (code != broker_errc::none) {
    error why(code, "EndTxn to " + whole.broker);
    if (!retried(asked::end, code, why, now)) refused(asked::end, code, std::move(why), now);
    return;
  }
  failures_ = 0;
  const bool before = std::exchange(second_version_, whole.second_transactions);
  if (whole.version >= 5 && response.producer_id >= 0) {
    identity_->set(response.producer_id, response.producer_epoch);
    needs_epoch_ = false;
  } else if (second_version_ && !before) {
    needs_epoch_ = true;  // a first transaction of the second version begins under an epoch of its own
  }
  finish_end();
}

std::vector<node> transaction::on_reply(reply& answer, steady_time now) {
  if (answer.id != request_ || asked_ == asked::nothing) return {};
  const asked what = std::exchange(asked_, asked::nothing);
  retry_at_ = now;
  if (answer.failure) {
    const bool hopeless = !answer.failure.retriable() && answer.outcome == write_outcome::not_written;
    last_error_ = answer.failure;
    if (hopeless && answer.failure.code().category() == client_category() &&
        (answer.failure == client_errc::unsupported_version || answer.failure == client_errc::value_not_encodable)) {
      fail_fatally(answer.failure);
      return {};
    }
    // Wherever it went may be gone: ask who coordinates now.
    (what == asked::offsets ? group_coordinator_ : coordinator_) = -1;
    retry(config_.connection.retry_backoff, now);
    return {};
  }
  const bool adds = what == asked::partitions || what == asked::offsets_added || what == asked::offsets;
  // The transaction is being aborted, or can only be: what was to become part of it does not matter any more.
  if (adds && (!in_transaction() || abort_reason_)) return {};
  if (auto* found = std::get_if<protocol::find_coordinator_response>(&answer.response)) {
    return on_coordinator(what, *found, answer.broker, now);
  }
  if (auto* id = std::get_if<protocol::init_producer_id_response>(&answer.response)) {
    on_producer_id(*id, answer, now);
  } else if (auto* added = std::get_if<protocol::add_partitions_to_txn_response>(&answer.response)) {
    on_partitions(*added, answer, now);
  } else if (auto* group = std::get_if<protocol::add_offsets_to_txn_response>(&answer.response)) {
    on_offsets_added(*group, answer, now);
  } else if (auto* offsets = std::get_if<protocol::txn_offset_commit_response>(&answer.response)) {
    on_offsets(*offsets, answer, now);
  } else if (auto* end = std::get_if<protocol::end_txn_response>(&answer.response)) {
    on_end(*end, answer, now);
  }
  return {};
}

}  // namespace kafka::client
