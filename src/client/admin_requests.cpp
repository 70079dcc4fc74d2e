// SPDX-License-Identifier: Apache-2.0
#include "client/admin_requests.hpp"

#include <algorithm>

namespace kafka::client {

void admin_requests::start(operation_id id, admin_call::any call, steady_time deadline) {
  running& made = running_[id];
  made.operation = std::visit([](auto& typed) { return make_operation(std::move(typed)); }, call);
  made.deadline = deadline;
}

void admin_requests::complete(operation_id id, running& call, const error& unfinished) {
  completed_call done;
  done.id = id;
  done.failure = call.operation->failure() ? call.operation->failure() : unfinished;
  done.result = call.operation->result(done.failure);
  // Outcomes of single items stand in the results; only what no item could tell is the call's own failure.
  if (unfinished && !call.operation->failure() && call.operation->has_items()) done.failure = {};
  completed_.push_back(std::move(done));
}

void admin_requests::fail_all(const error& why) {
  for (auto& [id, call] : running_) completed_.push_back({id, call.operation->result(why), why});
  running_.clear();
  in_flight_.clear();
}

void admin_requests::step(request_id& next_id, const error& connection_failure, steady_time now,
                          std::vector<outgoing>& out) {
  for (auto next = running_.begin(); next != running_.end();) {
    auto& [id, call] = *next;
    const bool over = call.in_flight == 0 && call.operation->finished();
    if (over || now >= call.deadline) {
      error late;
      if (!over) {
        const error& last = call.operation->last_error() ? call.operation->last_error() : connection_failure;
        late = {client_errc::timed_out, last ? last.message() : "no answer in time"};
      }
      complete(id, call, late);
      next = running_.erase(next);
      continue;
    }
    ++next;
    if (call.in_flight != 0 || now < call.retry_at) continue;
    ++call.rounds;
    for (admin_operation::addressed& request : call.operation->requests()) {
      outgoing message;
      message.from = owner::admin;
      message.id = next_id++;
      message.node = request.node;
      message.lane = lane::control;
      message.version_max = request.version_max;
      message.request = std::move(request.request);
      message.deadline = std::min(call.deadline, now + config_.request_timeout);
      in_flight_[message.id] = {id, request.tag};
      ++call.in_flight;
      out.push_back(std::move(message));
    }
  }
}

namespace {

/// The coordinators that were found.
void add(const protocol::find_coordinator_response& told, std::vector<node>& brokers) {
  if (told.error_code == 0 && told.coordinators.empty())
    brokers.push_back({told.node_id, told.host, told.port, std::nullopt});
  for (const auto& one : told.coordinators) {
    if (one.error_code == 0) brokers.push_back({one.node_id, one.host, one.port, std::nullopt});
  }
}

}  // namespace

std::vector<node> admin_requests::on_reply(reply& answer, steady_time now) {
  std::vector<node> brokers;
  if (const auto* told = std::get_if<protocol::metadata_response>(&answer.response)) {
    for (const auto& broker : told->brokers) brokers.push_back({broker.node_id, broker.host, broker.port, broker.rack});
  }
  if (const auto* told = std::get_if<protocol::find_coordinator_response>(&answer.response)) add(*told, brokers);
  const auto found = in_flight_.find(answer.id);
  if (found == in_flight_.end()) return brokers;
  const sent_request sent = found->second;
  in_flight_.erase(found);
  const auto call = running_.find(sent.operation);
  if (call == running_.end()) return brokers;
  running& state = call->second;
  --state.in_flight;
  state.operation->on_reply(answer, sent.tag);
  if (state.in_flight != 0) return brokers;
  // The steps of one operation follow each other at once; only after something went wrong, or when there are more of
  // them than any operation has, is there a pause.
  if (state.operation->take_trouble() || state.rounds > 3) {
    const backoff pause{config_.retry_backoff, config_.retry_backoff_max};
    state.retry_at = now + pause.wait(state.pauses++, random_);
  }
  return brokers;
}

steady_time admin_requests::deadline() const {
  steady_time first = never;
  for (const auto& [id, call] : running_) {
    first = std::min(first, call.deadline);
    if (call.in_flight == 0) first = std::min(first, call.retry_at);
  }
  return first;
}

}  // namespace kafka::client
