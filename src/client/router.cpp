// SPDX-License-Identifier: Apache-2.0
#include "client/router.hpp"

#include <algorithm>
#include <type_traits>

namespace kafka::client {

namespace {

template <class Request>
std::int32_t throttle_of(const Request& response) {
  if constexpr (requires { response.throttle_time_ms; }) {
    return response.throttle_time_ms;
  } else {
    return 0;
  }
}

/// Decodes a body as the response that belongs to the request type with this index.
template <std::size_t Index = 0>
error decode_response(std::size_t type, const shared_bytes& body, std::int16_t version, any_response& out) {
  if constexpr (Index < std::variant_size_v<any_request>) {
    if (type != Index) return decode_response<Index + 1>(type, body, version, out);
    using response = typename std::variant_alternative_t<Index, any_request>::response;
    static_assert(std::is_same_v<response, std::variant_alternative_t<Index + 1, any_response>>);
    return protocol::decode(body, version, out.emplace<response>());
  } else {
    return {client_errc::malformed_response, "no such request type"};
  }
}

std::string request_name(api_key key, std::int16_t version) {
  return std::string(to_string(key)) + " v" + std::to_string(version);
}

}  // namespace

api_key key_of(const any_request& request) {
  return std::visit([](const auto& typed) { return std::remove_cvref_t<decltype(typed)>::api.key; }, request);
}

void router::submit(outgoing request) {
  const broker_directory::place where{request.node, request.lane};
  waiting_[where].push_back(std::move(request));
  ++waiting_count_;
}

void router::abandon(request_id id) {
  const auto found = sent_.find(id);
  if (found != sent_.end()) found->second.abandoned = true;
  for (auto& [where, queued] : waiting_) {
    waiting_count_ -= std::erase_if(queued, [&](const outgoing& request) { return request.id == id; });
  }
}

void router::adopt(broker_directory::actions&& from) {
  for (auto& one : from) std::visit([&](auto& typed) { actions_.emplace_back(std::move(typed)); }, one);
}

void router::connection_ready(const event::connection_ready& ready) {
  broker_directory::actions out;
  directory_.ready(ready.connection, ready.versions, out);
  adopt(std::move(out));
}

void router::connection_closed(const event::connection_closed& closed, steady_time now) {
  broker_directory::actions out;
  const auto where = directory_.closed(closed.connection, closed.why, now, out);
  adopt(std::move(out));
  if (!where) return;
  // Whoever waits for this connection is told at once: trying elsewhere may be better than waiting for the back-off.
  const auto queued = waiting_.find(*where);
  if (queued == waiting_.end()) return;
  const std::string broker = directory_.describe(where->node_id);
  queue failed;
  failed.swap(queued->second);
  for (outgoing& request : failed) {
    --waiting_count_;
    fail(std::move(request), broker, closed.why, write_outcome::not_written);
  }
}

void router::fail(outgoing&& request, const std::string& broker, error why, write_outcome outcome) {
  reply done;
  done.id = request.id;
  done.broker = broker;
  done.failure = why.with_context(std::string(to_string(key_of(request.request))) + " to " + broker);
  done.outcome = outcome;
  replies_.push_back({request.from, std::move(done)});
}

void router::finish(request_id id, reply&& done) {
  const auto found = sent_.find(id);
  if (found == sent_.end()) return;
  const sent_request sent = found->second;
  sent_.erase(found);
  if (directory_.find(sent.connection)) {
    broker_directory::link& link = directory_.ready_link(sent.where.node_id, sent.where.lane);
    if (link.in_flight > 0) --link.in_flight;
  }
  if (sent.abandoned) return;
  done.id = id;
  done.broker = directory_.describe(sent.where.node_id);
  done.version = sent.version;
  if (sent.from == owner::transaction && directory_.find(sent.connection)) {
    const auto& versions = directory_.ready_link(sent.where.node_id, sent.where.lane).versions;
    done.second_transactions = versions.feature_level("transaction.version") >= 2 &&
                               versions.at_least(api_key::produce, 12) && versions.at_least(api_key::end_txn, 5) &&
                               versions.at_least(api_key::txn_offset_commit, 5);
  }
  if (sent.from == owner::group && directory_.find(sent.connection)) {
    const auto& versions = directory_.ready_link(sent.where.node_id, sent.where.lane).versions;
    done.consumer_groups =
        versions.feature_level("group.version") >= 1 && versions.at_least(api_key::consumer_group_heartbeat, 0);
  }
  if (done.failure) {
    done.failure = done.failure.with_context(request_name(sent.key, sent.version) + " to " + done.broker);
  }
  replies_.push_back({sent.from, std::move(done)});
}

void router::response_received(event::response_received& response, steady_time now) {
  const auto found = sent_.find(response.request);
  if (found == sent_.end()) return;
  const sent_request sent = found->second;
  reply done;
  done.failure = decode_response(sent.type, response.body, sent.version, done.response);
  if (done.failure) {
    // Whatever follows on this connection cannot be trusted either.
    done.outcome = write_outcome::unknown;
    actions_.emplace_back(action::close_connection{sent.connection, done.failure});
  } else {
    const std::int32_t throttle = std::visit([](const auto& typed) { return throttle_of(typed); }, done.response);
    if (throttle > 0) {
      steady_time& until = muted_until_[sent.where];
      until = std::max(until, now + std::chrono::milliseconds(throttle));
    }
  }
  finish(response.request, std::move(done));
}

void router::request_written(const event::request_written& written) {
  finish(written.request, {});
}

void router::request_failed(const event::request_failed& failed) {
  reply done;
  done.failure = failed.why;
  done.outcome = failed.outcome;
  finish(failed.request, std::move(done));
}

void router::send_one(outgoing&& request, std::int32_t node_id, lane on) {
  broker_directory::link& link = directory_.ready_link(node_id, on);
  const api_key key = key_of(request.request);
  const auto version = link.versions.best(key, request.version_max);
  if (!version) {
    return fail(std::move(request), directory_.describe(node_id),
                {client_errc::unsupported_version, "the broker speaks no version that can carry this request"},
                write_outcome::not_written);
  }
  action::send_request send;
  const error failure =
      std::visit([&](const auto& typed) { return protocol::encode(typed, *version, send.body); }, request.request);
  if (failure) return fail(std::move(request), directory_.describe(node_id), failure, write_outcome::not_written);
  send.connection = link.id;
  send.request = request.id;
  send.key = key;
  send.version = *version;
  send.deadline = request.deadline;
  send.expects_response = request.expects_response;
  ++link.in_flight;
  sent_[request.id] = {request.from, link.id, {node_id, on}, *version, request.request.index(), key, false};
  actions_.emplace_back(std::move(send));
}

void router::fail_late(queue& waiting, std::int32_t node_id, steady_time now) {
  for (auto next = waiting.begin(); next != waiting.end();) {
    if (next->deadline > now) {
      ++next;
      continue;
    }
    const error& last = directory_.last_failure();
    const char* otherwise = muted_until_.contains({node_id, next->lane}) ? "the broker throttles this client (a quota)"
                                                                         : "no connection became ready in time";
    error why(client_errc::request_timed_out, last ? last.message() : otherwise);
    --waiting_count_;
    fail(std::move(*next), node_id == any_node ? "any broker" : directory_.describe(node_id), std::move(why),
         write_outcome::not_written);
    next = waiting.erase(next);
  }
}

void router::send_waiting(std::int32_t node_id, lane on, queue& waiting, steady_time now) {
  fail_late(waiting, node_id, now);
  if (waiting.empty() || muted_until_.contains({node_id, on})) return;
  broker_directory::actions out;
  const auto state = directory_.acquire(node_id, on, now, out);
  adopt(std::move(out));
  if (state == broker_directory::state::connecting || state == broker_directory::state::waiting) return;
  queue ready;
  ready.swap(waiting);
  for (outgoing& request : ready) {
    --waiting_count_;
    if (state == broker_directory::state::unknown) {
      fail(std::move(request), directory_.describe(node_id),
           {client_errc::connect_failed, "metadata does not name this broker"}, write_outcome::not_written);
    } else {
      send_one(std::move(request), node_id, on);
    }
  }
}

void router::send_to_any(steady_time now) {
  for (auto& [where, waiting] : waiting_) {
    if (where.node_id != any_node) continue;
    fail_late(waiting, any_node, now);
    if (waiting.empty()) continue;
    const auto node_id = directory_.choose(where.lane, now);
    if (!node_id) continue;
    broker_directory::actions out;
    const auto state = directory_.acquire(*node_id, where.lane, now, out);
    adopt(std::move(out));
    if (state != broker_directory::state::ready || muted_until_.contains({*node_id, where.lane})) continue;
    queue ready;
    ready.swap(waiting);
    for (outgoing& request : ready) {
      --waiting_count_;
      send_one(std::move(request), *node_id, where.lane);
    }
  }
}

void router::flush(steady_time now) {
  std::erase_if(muted_until_, [&](const auto& entry) { return entry.second <= now; });
  for (auto& [where, waiting] : waiting_) {
    if (where.node_id != any_node && !waiting.empty()) send_waiting(where.node_id, where.lane, waiting, now);
  }
  send_to_any(now);
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.empty(); });
}

steady_time router::deadline() const {
  steady_time first = never;
  for (const auto& [where, waiting] : waiting_) {
    if (waiting.empty()) continue;
    for (const outgoing& request : waiting) first = std::min(first, request.deadline);
    const auto pause = muted_until_.find(where);
    if (pause != muted_until_.end()) {
      first = std::min(first, pause->second);
    } else if (where.node_id == any_node) {
      first = std::min(first, directory_.next_retry(where.lane));
    } else {
      first = std::min(first, directory_.retry_at(where.node_id, where.lane));
    }
  }
  for (const auto& [where, until] : muted_until_) first = std::min(first, until);
  return first;
}

}  // namespace kafka::client
