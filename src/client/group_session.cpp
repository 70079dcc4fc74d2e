// SPDX-License-Identifier: Apache-2.0
#include "client/group_session.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

/// JoinGroup is answered when all members have joined; a little later is too late.
constexpr std::chrono::milliseconds join_slack{5000};
constexpr std::int16_t one_group_at_a_time = 7;   // OffsetFetch, from 8 on, asks for many groups
constexpr std::int16_t topics_by_name = 9;        // OffsetCommit, from 10 on, knows them by id
constexpr std::int16_t one_key_at_a_time = 3;     // FindCoordinator
constexpr std::int16_t one_member_at_a_time = 2;  // LeaveGroup

group::member_settings settings_of(const consumer_config& config, std::vector<std::shared_ptr<assignor>> assignors) {
  group::member_settings out;
  out.group_id = config.group_id;
  if (!config.group_instance_id.empty()) out.instance_id = config.group_instance_id;
  if (!config.client_rack.empty()) out.rack = config.client_rack;
  out.session_timeout = config.session_timeout;
  out.heartbeat_interval = config.heartbeat_interval;
  out.max_poll_interval = config.max_poll_interval;
  out.retry_backoff = config.connection.retry_backoff;
  out.retry_backoff_max = config.connection.retry_backoff_max;
  out.assignors = std::move(assignors);
  return out;
}

template <class Response>
group::member_response member_response_of(reply& answer) {
  auto* typed = std::get_if<Response>(&answer.response);
  return typed ? group::member_response(std::move(*typed)) : group::member_response();
}

}  // namespace

group_session::group_session(const consumer_config& config, std::vector<std::shared_ptr<assignor>> assignors,
                             std::uint64_t seed)
    : config_(config),
      member_(settings_of(config, std::move(assignors)), seed),
      offsets_(config.connection.retry_backoff, config.connection.retry_backoff_max, seed + 1),
      random_(seed + 2) {}

void group_session::subscribe(std::set<std::string> topics, metadata& cluster, steady_time now) {
  for (const std::string& topic : topics) cluster.want(topic, never, now);
  member_.subscribe(std::move(topics), now);
}

void group_session::revoked(const std::vector<topic_partition>& partitions, steady_time now) {
  offsets_.forget(
      {partitions.begin(), partitions.end()},
      {broker_errc::rebalance_in_progress, "the partitions were given up before their offsets were stored"});
  member_.revoked(now);
}

void group_session::look_up(operation_id operation, std::set<topic_partition> partitions) {
  if (partitions.empty()) return looked_up_.push_back({operation, {}, {}});
  offsets_.fetch(partitions);
  lookups_.push_back({operation, std::move(partitions), {}});
}

void group_session::tell_topics(metadata& cluster, steady_time now) {
  const std::set<std::string> wanted = member_.wanted_topics();
  const bool same = told_version_ == cluster.view().version && told_wanted_ == wanted;
  if (same && !member_.needs_topics()) return;
  std::map<std::string, assignor_topic> known;
  bool complete = true;
  for (const std::string& name : wanted) {
    const topic_view* topic = cluster.view().find(name);
    if (!topic) {
      cluster.want(name, now, now);
      complete = false;
    } else if (!topic->partitions.empty()) {
      known[name].partitions = static_cast<std::int32_t>(topic->partitions.size());
    }
  }
  told_version_ = cluster.view().version;
  told_wanted_ = wanted;
  member_.set_topics(std::move(known), complete, now);
}

void group_session::take_member_news(const metadata& cluster) {
  for (group::membership_news& one : member_.take_news()) {
    group_news news;
    news.what = one.what;
    news.partitions = std::move(one.partitions);
    news.why = std::move(one.why);
    const std::set<topic_partition> which(news.partitions.begin(), news.partitions.end());
    if (news.what == group::membership_news::kind::assigned) {
      for (const topic_partition& where : news.partitions) {
        const topic_view* topic = cluster.view().find(where.topic);
        const std::size_t count = topic ? topic->partitions.size() : 0;
        const auto [first, fresh] = first_counts_.try_emplace(where.topic, count);
        if (static_cast<std::size_t>(where.partition) >= first->second) news.added_later.insert(where);
      }
      offsets_.fetch(which);
      waiting_ = std::move(news);
      if (which.empty()) take_found();
      continue;
    }
    if (news.what != group::membership_news::kind::revoking) offsets_.forget(which, news.why);
    if (waiting_) {
      // Gone before it was told to have come.
      std::erase_if(waiting_->partitions, [&](const topic_partition& where) { return which.contains(where); });
      news_.push_back(std::move(*waiting_));
      std::erase_if(news_.back().partitions, [&](const topic_partition& where) {
        return !news_.back().stored.contains(where);  // nobody knows where to begin, and nobody needs to any more
      });
      waiting_.reset();
    }
    news_.push_back(std::move(news));
  }
}

void group_session::take_found() {
  for (group::offsets::found& found : offsets_.take_found()) {
    for (pending_lookup& one : lookups_) {
      for (const auto& [where, stored] : found.what) {
        if (one.missing.erase(where) > 0) one.found[where] = stored;
      }
      const bool failed = std::any_of(one.missing.begin(), one.missing.end(),
                                      [&](const topic_partition& where) { return found.failed.contains(where); });
      if (failed) one.missing.clear();
      if (one.missing.empty()) {
        looked_up_.push_back({one.operation, std::move(one.found), failed ? found.failure : error{}});
      }
    }
    std::erase_if(lookups_, [](const pending_lookup& one) { return one.missing.empty(); });
    if (!waiting_) continue;
    for (auto& [where, stored] : found.what) waiting_->stored[where] = stored;
    if (found.failure) waiting_->why = found.failure;
    for (const topic_partition& where : found.failed) {
      std::erase(waiting_->partitions, where);
    }
  }
  if (!waiting_) return;
  const bool complete = std::all_of(waiting_->partitions.begin(), waiting_->partitions.end(),
                                    [&](const topic_partition& where) { return waiting_->stored.contains(where); });
  if (!complete) return;
  news_.push_back(std::move(*waiting_));
  waiting_.reset();
}

void group_session::ask(asked what, any_request request, lane on, std::int16_t version_max, steady_time deadline,
                        request_id& next_id, std::vector<outgoing>& out) {
  outgoing sent;
  sent.from = owner::group;
  sent.id = next_id++;
  sent.node = what == asked::coordinator ? any_node : coordinator_;
  sent.lane = on;
  sent.request = std::move(request);
  sent.version_max = version_max;
  sent.deadline = deadline;
  in_flight_[sent.id] = what;
  out.push_back(std::move(sent));
}

void group_session::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  offsets_.expire(now);
  tell_topics(cluster, now);
  take_found();
  const steady_time soon = now + config_.connection.request_timeout;
  if (coordinator_ < 0) {
    if (finding_ || now < find_at_) return take_member_news(cluster);
    finding_ = true;
    protocol::find_coordinator_request request;
    request.key = config_.group_id;
    ask(asked::coordinator, std::move(request), lane::control, one_key_at_a_time, soon, next_id, out);
    return take_member_news(cluster);
  }
  if (auto request = member_.next_request(now)) {
    const bool joins = std::holds_alternative<protocol::join_group_request>(*request);
    const bool waits = joins || std::holds_alternative<protocol::sync_group_request>(*request);
    const bool leaves = std::holds_alternative<protocol::leave_group_request>(*request);
    const steady_time until =
        waits ? now + std::max(config_.max_poll_interval, config_.connection.request_timeout) + join_slack : soon;
    any_request any = std::visit([](auto& typed) { return any_request(std::move(typed)); }, *request);
    ask(asked::member, std::move(any), lane::group, leaves ? one_member_at_a_time : protocol::no_version, until,
        next_id, out);
  }
  take_member_news(cluster);
  // On the other lane: a JoinGroup is answered only when everybody has joined, and who gives partitions up must be
  // able to store its offsets meanwhile.
  group::committer who{config_.group_id, member_.member_id(), member_.settings().instance_id, member_.generation()};
  if (auto request = offsets_.next_commit(who, now)) {
    commit_generation_ = who.generation;
    ask(asked::commit, std::move(*request), lane::control, topics_by_name, soon, next_id, out);
  }
  if (auto request = offsets_.next_fetch(config_.group_id, now)) {
    ask(asked::fetch, std::move(*request), lane::control, one_group_at_a_time, soon, next_id, out);
  }
}

void group_session::retry_coordinator(const error& why, steady_time now) {
  const backoff pause{config_.connection.retry_backoff, config_.connection.retry_backoff_max};
  find_at_ = now + pause.wait(failures_++, random_);
  last_error_ = why;
}

std::vector<node> group_session::on_coordinator(const reply& answer, steady_time now) {
  finding_ = false;
  const auto* found = std::get_if<protocol::find_coordinator_response>(&answer.response);
  error why = answer.failure;
  if (!why && !found) why = {client_errc::malformed_response, "FindCoordinator to " + answer.broker};
  if (!why && found->error_code != 0) {
    why = {static_cast<broker_errc>(found->error_code), "FindCoordinator to " + answer.broker};
  }
  if (why) {
    retry_coordinator(why, now);
    if (why.retriable() || answer.failure) return {};
    // Not allowed to use the group: nothing will change that.
    group_news news;
    news.what = group::membership_news::kind::failed;
    news.why = why;
    news_.push_back(std::move(news));
    fail_all(why);
    return {};
  }
  failures_ = 0;
  coordinator_ = found->node_id;
  return {node{found->node_id, found->host, found->port, std::nullopt}};
}

std::vector<node> group_session::on_reply(reply& answer, steady_time now) {
  const auto sent = in_flight_.find(answer.id);
  if (sent == in_flight_.end()) return {};
  const asked what = sent->second;
  in_flight_.erase(sent);
  bool moved = false;
  group::offsets::answered stored;
  switch (what) {
    case asked::coordinator:
      return on_coordinator(answer, now);
    case asked::member: {
      group::member_response typed;
      if (std::holds_alternative<protocol::join_group_response>(answer.response)) {
        typed = member_response_of<protocol::join_group_response>(answer);
      } else if (std::holds_alternative<protocol::sync_group_response>(answer.response)) {
        typed = member_response_of<protocol::sync_group_response>(answer);
      } else if (std::holds_alternative<protocol::heartbeat_response>(answer.response)) {
        typed = member_response_of<protocol::heartbeat_response>(answer);
      } else {
        typed = member_response_of<protocol::leave_group_response>(answer);
      }
      moved = member_.on_reply(typed, answer.failure, answer.broker, now);
      break;
    }
    case asked::commit:
      stored =
          offsets_.on_commit(std::get_if<protocol::offset_commit_response>(&answer.response), answer.failure,
                             answer.broker, member_.is_stable() && member_.generation() == commit_generation_, now);
      break;
    case asked::fetch:
      stored = offsets_.on_fetch(std::get_if<protocol::offset_fetch_response>(&answer.response), answer.failure,
                                 answer.broker, now);
      break;
  }
  if (stored.refused != broker_errc::none) member_.on_commit_refused(stored.refused, now);
  if ((moved || stored.coordinator_moved) && coordinator_ >= 0) {
    coordinator_ = -1;
    retry_coordinator(answer.failure, now);
  }
  return {};
}

void group_session::fail_all(const error& why) {
  offsets_.fail_all(why);
  for (pending_lookup& one : lookups_) looked_up_.push_back({one.operation, {}, why});
  lookups_.clear();
}

steady_time group_session::deadline() const {
  steady_time first = std::min(member_.deadline(), offsets_.deadline());
  if (coordinator_ < 0) {
    // Nothing can be asked before there is a coordinator; only the user's time goes on.
    first = finding_ ? never : find_at_;
  }
  return first;
}

}  // namespace kafka::client
