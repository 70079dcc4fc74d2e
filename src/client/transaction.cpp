// SPDX-License-Identifier: Apache-2.0
// The user's calls, and which request is due. What the answers mean: transaction_answers.cpp.
#include "client/transaction.hpp"

#include <algorithm>

namespace kafka::client {

transaction::transaction(const producer_config& config, std::uint64_t seed) : config_(config), random_(seed) {}

// --- the user's calls

void transaction::finish(error failure) {
  if (!call_) return;
  completed_.push_back({call_->operation, std::move(failure)});
  call_.reset();
}

void transaction::succeed(unclaimed what) {
  unclaimed_ = call_ ? unclaimed::nothing : what;
  finish();
}

bool transaction::claim(unclaimed what) {
  if (unclaimed_ != what) return false;
  unclaimed_ = unclaimed::nothing;
  finish();
  return true;
}

void transaction::cancel(operation_id operation) {
  if (call_ && call_->operation == operation) call_.reset();
}

void transaction::start(operation_id operation, transaction_call::any call, steady_time deadline, steady_time now) {
  if (call_) {
    completed_.push_back({operation, {client_errc::invalid_state, "another transaction call is under way"}});
    return;
  }
  call_ = running_call{operation, deadline};
  if (fatal_) return finish(fatal_);
  if (std::holds_alternative<transaction_call::init>(call)) {
    start_init();
  } else if (std::holds_alternative<transaction_call::begin>(call)) {
    opened_at_ = now;
    start_begin();
  } else if (auto* offsets = std::get_if<transaction_call::send_offsets>(&call)) {
    start_offsets(std::move(*offsets));
  } else {
    start_end(std::get<transaction_call::end>(call));
  }
}

void transaction::start_init() {
  if (state_ == state::fresh) {
    state_ = state::initializing;
  } else if (state_ != state::initializing && !claim(unclaimed::init)) {
    finish({client_errc::invalid_state, "transactions were initialized before"});
  }
}

void transaction::start_begin() {
  if (state_ != state::ready) {
    return finish({client_errc::invalid_state, state_ == state::fresh || state_ == state::initializing
                                                   ? "begin before init_transactions"
                                                   : "begin before the last transaction has ended"});
  }
  state_ = state::open;
  unclaimed_ = unclaimed::nothing;
  abort_reason_ = {};
  added_.clear();
  to_add_.clear();
  groups_added_.clear();
  touched_ = false;
  finish();
}

void transaction::start_offsets(transaction_call::send_offsets&& call) {
  if (state_ != state::open) return finish({client_errc::invalid_state, "send_offsets outside of a transaction"});
  if (abort_reason_) return finish(abort_reason_);
  if (call.group.group_id.empty()) return finish({client_errc::invalid_argument, "send_offsets: no group id"});
  if (call.offsets.empty()) return finish();
  offsets_ = std::move(call);
}

void transaction::start_end(const transaction_call::end& call) {
  if (state_ == state::committing || state_ == state::aborting || state_ == state::renewing) {
    if (call.commit == commit_) return;  // asked again after a time-out: whoever asks last is told
    return finish({client_errc::invalid_state,
                   commit_ ? "the outcome of commit is not known yet: only commit can be asked for again"
                           : "the transaction is being aborted"});
  }
  if (state_ == state::ready && claim(call.commit ? unclaimed::commit : unclaimed::aborted)) return;
  if (state_ != state::open) return finish({client_errc::invalid_state, "there is no transaction to end"});
  if (call.commit && abort_reason_) return finish(abort_reason_);
  if (call.commit && offsets_) {
    return finish({client_errc::invalid_state, "send_offsets has not succeeded: call it again, or abort"});
  }
  commit_ = call.commit;
  end_before_ = call.before;
  ending_ = false;
  state_ = commit_ ? state::committing : state::aborting;
  if (!commit_) {
    purge_reason_ = {client_errc::cancelled, "the transaction was aborted"};
    to_add_.clear();
    offsets_.reset();
  }
}

void transaction::fail_fatally(error why) {
  fatal_ = error(why.code(), why.cause(), error_class::fatal);
  state_ = state::failed;
  finish(fatal_);
}

void transaction::must_abort(error why) {
  why = error(why.code(), why.cause(), error_class::abortable);
  offsets_.reset();
  to_add_.clear();
  if (!abort_reason_) abort_reason_ = std::move(why);
  if (state_ == state::committing) state_ = state::open;
  if (state_ == state::open) finish(abort_reason_);
}

void transaction::fail_all(const error& why) {
  fatal_ = why;
  state_ = state::failed;
  asked_ = asked::nothing;
  finish(why);
}

// --- for produce_machine

bool transaction::admits(const topic_partition& partition) {
  if (!in_transaction() || abort_reason_ || ending_) return false;
  if (second_version_) {
    touched_ = true;
    return true;
  }
  if (added_.contains(partition)) return true;
  to_add_.insert(partition);
  return false;
}

void transaction::on_batch_failed(const error& why) {
  if (!in_transaction()) return;
  const bool ends_it = why == broker_errc::producer_fenced || why == broker_errc::cluster_authorization_failed ||
                       why == broker_errc::transactional_id_authorization_failed ||
                       why == client_errc::unsupported_version;
  if (ends_it) return fail_fatally(why);
  // The coordinator, or a later producer of our name, has ended the transaction; abort finds out which.
  if (why == broker_errc::invalid_producer_epoch) needs_epoch_ = true;
  must_abort(why);
}

// --- requests

void transaction::ask(asked what, any_request request, std::int32_t node_id, std::int16_t version_max,
                      request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  outgoing sent;
  sent.from = owner::transaction;
  sent.id = request_ = next_id++;
  sent.node = node_id;
  sent.lane = node_id == any_node ? lane::control : lane::group;
  sent.request = std::move(request);
  sent.version_max = version_max;
  sent.deadline = now + config_.connection.request_timeout;
  asked_ = what;
  out.push_back(std::move(sent));
}

bool transaction::ask_for_coordinator(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  if (coordinator_ >= 0) return false;
  protocol::find_coordinator_request request;
  request.key = config_.transactional_id;
  request.key_type = 1;
  ask(asked::coordinator, std::move(request), any_node, 3, next_id, now, out);  // from 4 on: many keys at once
  return true;
}

void transaction::ask_for_producer_id(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  protocol::init_producer_id_request request;
  request.transactional_id = config_.transactional_id;
  request.transaction_timeout_ms = static_cast<std::int32_t>(config_.transaction_timeout.count());
  if (state_ == state::renewing) {
    request.producer_id = identity_->producer_id();
    request.producer_epoch = identity_->epoch();
  }
  ask(asked::producer_id, std::move(request), coordinator_, protocol::no_version, next_id, now, out);
}

void transaction::ask_to_add(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  protocol::add_partitions_to_txn_request request;
  request.v3_and_below_transactional_id = config_.transactional_id;
  request.v3_and_below_producer_id = identity_->producer_id();
  request.v3_and_below_producer_epoch = identity_->epoch();
  adding_.assign(to_add_.begin(), to_add_.end());
  for (const topic_partition& one : adding_) {
    auto& topics = request.v3_and_below_topics;
    if (topics.empty() || topics.back().name != one.topic) topics.emplace_back().name = one.topic;
    topics.back().partitions.push_back(one.partition);
  }
  touched_ = true;
  ask(asked::partitions, std::move(request), coordinator_, 3, next_id, now, out);
}

void transaction::ask_for_offsets(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  const group_metadata& group = offsets_->group;
  touched_ = true;
  if (!second_version_ && !groups_added_.contains(group.group_id)) {
    protocol::add_offsets_to_txn_request request;
    request.transactional_id = config_.transactional_id;
    request.producer_id = identity_->producer_id();
    request.producer_epoch = identity_->epoch();
    request.group_id = group.group_id;
    return ask(asked::offsets_added, std::move(request), coordinator_, protocol::no_version, next_id, now, out);
  }
  if (group_coordinator_ < 0 || group_of_coordinator_ != group.group_id) {
    protocol::find_coordinator_request request;
    request.key = group_of_coordinator_ = group.group_id;
    return ask(asked::group_coordinator, std::move(request), any_node, 3, next_id, now, out);
  }
  protocol::txn_offset_commit_request request;
  request.transactional_id = config_.transactional_id;
  request.group_id = group.group_id;
  request.producer_id = identity_->producer_id();
  request.producer_epoch = identity_->epoch();
  request.generation_id = group.generation_id;
  request.member_id = group.member_id;
  request.group_instance_id = group.group_instance_id;
  for (const group_offset& one : offsets_->offsets) {
    auto topic = std::find_if(request.topics.begin(), request.topics.end(),
                              [&](const auto& known) { return known.name == one.partition.topic; });
    if (topic == request.topics.end()) {
      topic = request.topics.emplace(topic);
      topic->name = one.partition.topic;
    }
    topic->partitions.push_back({one.partition.partition, one.offset, one.leader_epoch, one.metadata, {}});
  }
  ask(asked::offsets, std::move(request), group_coordinator_, second_version_ ? protocol::no_version : std::int16_t{4},
      next_id, now, out);
}

void transaction::ask_to_end(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  protocol::end_txn_request request;
  request.transactional_id = config_.transactional_id;
  request.producer_id = identity_->producer_id();
  request.producer_epoch = identity_->epoch();
  request.committed = commit_;
  ending_ = true;
  ask(asked::end, std::move(request), coordinator_, second_version_ ? protocol::no_version : std::int16_t{4}, next_id,
      now, out);
}

void transaction::step(const progress& records, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  stepped_at_ = now;
  if (call_ && now >= call_->deadline) {
    finish({client_errc::timed_out, "the transaction call was not over in time" +
                                        (last_error_ ? "; last error: " + last_error_.message() : std::string())});
  }
  if (asked_ != asked::nothing || now < retry_at_) return;
  switch (state_) {
    case state::fresh:
    case state::ready:
    case state::failed:
      return;
    case state::initializing:
    case state::renewing:
      if (!ask_for_coordinator(next_id, now, out)) ask_for_producer_id(next_id, now, out);
      return;
    case state::open:
    case state::committing:
      if (to_add_.empty() && !offsets_) break;
      if (ask_for_coordinator(next_id, now, out)) return;
      return to_add_.empty() ? ask_for_offsets(next_id, now, out) : ask_to_add(next_id, now, out);
    case state::aborting:
      break;
  }
  const bool all_sent = state_ == state::aborting || records.oldest_batch >= end_before_;
  if (state_ == state::open || !all_sent || !records.idle) return;
  if (!touched_) return finish_end();
  if (!ask_for_coordinator(next_id, now, out)) ask_to_end(next_id, now, out);
}

void transaction::finish_end() {
  ending_ = false;
  touched_ = false;
  added_.clear();
  if (needs_epoch_) {
    state_ = state::renewing;
    return;
  }
  state_ = state::ready;
  succeed(commit_ ? unclaimed::commit : unclaimed::aborted);
}

steady_time transaction::deadline() const {
  steady_time first = call_ ? call_->deadline : never;
  if (asked_ == asked::nothing && retry_at_ > stepped_at_) first = std::min(first, retry_at_);
  return first;
}

}  // namespace kafka::client
