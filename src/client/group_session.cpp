// SPDX-License-Identifier: Apache-2.0
#include "client/group_session.hpp"

#include <algorithm>
#include <regex>
#include <type_traits>

#include "group/consumer_member.hpp"
#include "group/member.hpp"

namespace kafka::client {

namespace {

/// JoinGroup is answered when all members have joined; a little later is too late.
constexpr std::chrono::milliseconds join_slack{5000};
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
  if (!config.remote_assignor.empty()) out.remote_assignor = config.remote_assignor;
  return out;
}

group::member_response member_response_of(any_response& answer) {
  return std::visit(
      [](auto& typed) -> group::member_response {
        if constexpr (std::is_constructible_v<group::member_response, decltype(std::move(typed))>) {
          return std::move(typed);
        } else {
          return {};
        }
      },
      answer);
}

std::unique_ptr<group::membership> make_member(group_protocol protocol, const group::member_settings& settings,
                                               std::uint64_t seed) {
  if (protocol == group_protocol::consumer) return std::make_unique<group::consumer_member>(settings, seed);
  return std::make_unique<group::member>(settings, seed);
}

}  // namespace

group_session::group_session(const consumer_config& config, std::vector<std::shared_ptr<assignor>> assignors,
                             std::uint64_t seed)
    : config_(config),
      settings_(settings_of(config, std::move(assignors))),
      seed_(seed),
      member_(make_member(config.group_protocol, settings_, seed)),
      protocol_(config.group_protocol == group_protocol::consumer ? group_protocol::consumer : group_protocol::classic),
      protocol_chosen_(config.group_protocol != group_protocol::automatic),
      offsets_(config.connection.retry_backoff, config.connection.retry_backoff_max, seed + 1),
      random_(seed + 2) {}

// --- what the user wants ---------------------------------------------------------------------------------------------

void group_session::subscribe(std::set<std::string> topics, metadata& cluster, steady_time now) {
  topics_ = std::move(topics);
  pattern_.clear();
  if (std::exchange(matches_here_, false)) cluster.want_matching(nullptr, now);
  resubscribe(cluster, now);
}

void group_session::subscribe_matching(const std::string& pattern, metadata& cluster, steady_time now) {
  topics_.clear();
  pattern_ = pattern;
  matches_here_ = false;
  resubscribe(cluster, now);
}

void group_session::resubscribe(metadata& cluster, steady_time now) {
  for (const std::string& topic : topics_) cluster.want(topic, never, now);
  history_asked_ = false;
  member_is_new_ = !protocol_chosen_;
  if (member_is_new_) return;
  if (pattern_.empty()) return member_->subscribe(topics_, now);
  if (cannot_match_ || !member_->subscribe_matching(pattern_, now)) match_here(cluster, now);
}

void group_session::match_here(metadata& cluster, steady_time now) {
  matches_here_ = true;
  std::regex compiled;
  try {
    compiled.assign(pattern_);
  } catch (const std::regex_error& problem) {
    // The coordinator's patterns are others than ours; this one was meant for it.
    group_news news;
    news.what = group::membership_news::kind::failed;
    news.why = {client_errc::invalid_argument, "the coordinator cannot match patterns, and " + pattern_ +
                                                   " is none of this client: " + problem.what()};
    news_.push_back(std::move(news));
    return;
  }
  cluster.want_matching(
      [compiled](std::string_view topic) { return std::regex_match(topic.begin(), topic.end(), compiled); }, now);
  told_version_ = 0;
}

void group_session::polled(steady_time now) {
  ever_polled_ = true;
  polled_at_ = now;
  member_->polled(now);
}

void group_session::use(group_protocol protocol, steady_time now) {
  protocol_ = protocol;
  member_ = make_member(protocol, settings_, ++seed_);
  if (ever_polled_) member_->polled(std::min(polled_at_, now));
  member_is_new_ = true;
}

void group_session::revoked(const std::vector<topic_partition>& partitions, steady_time now) {
  if (open_revokes_ > 0) --open_revokes_;
  if (overtaken_revokes_ > 0) {
    // Lost meanwhile; what is ours by these names now came later.
    --overtaken_revokes_;
    return;
  }
  for (const topic_partition& where : partitions) tenures_.erase(where);
  offsets_.forget(
      {partitions.begin(), partitions.end()},
      {broker_errc::rebalance_in_progress, "the partitions were given up before their offsets were stored"});
  member_->revoked(now);
}

void group_session::leave(steady_time now) {
  leaving_ = true;
  member_->leave(now);
  member_->revoked(now);
}

error group_session::refusal(const topic_partition& where, std::uint64_t heard) const {
  // Whose partitions the others are now has begun where the group's offset was, and would be led astray.
  if (heard == 0 || !member_->assigned().contains(where)) {
    return {broker_errc::illegal_generation, to_string(where) + " is not this member's"};
  }
  // So may have whoever had it meanwhile: the group is further than what was read before.
  const auto now = tenures_.find(where);
  if (now != tenures_.end() && now->second == heard) return {};
  return {broker_errc::illegal_generation, to_string(where) + " was lost since, and came again"};
}

void group_session::commit(operation_id operation, group::offsets::positions what, const tenures& heard,
                           steady_time deadline) {
  error refused;
  if (!topics_.empty() || !pattern_.empty()) {
    for (auto one = what.begin(); one != what.end();) {
      const auto known = heard.find(one->first);
      error why = refusal(one->first, known == heard.end() ? 0 : known->second);
      if (!why) {
        ++one;
        continue;
      }
      refused = std::move(why);
      one = what.erase(one);
    }
  }
  offsets_.commit(operation, what, deadline, ids_, std::move(refused));
}

void group_session::look_up(operation_id operation, std::set<topic_partition> partitions) {
  if (partitions.empty()) return looked_up_.push_back({operation, {}, {}});
  offsets_.fetch(partitions);
  lookups_.push_back({operation, std::move(partitions), {}});
}

// --- what the group decides ------------------------------------------------------------------------------------------

void group_session::tell_topics(metadata& cluster, steady_time now) {
  if (std::exchange(topics_changed_, false)) cluster.invalidate();
  const std::set<std::string> wanted = member_->wanted_topics();
  const bool same_view = told_version_ == cluster.view().version;
  if (!same_view) {
    for (const auto& [name, topic] : cluster.view().topics) {
      if (!topic.id.is_zero()) ids_[name] = topic.id;
    }
  }
  if (!same_view || told_ids_ != member_->wanted_ids()) {
    told_ids_ = member_->wanted_ids();
    std::map<uuid, std::string> names;
    for (const uuid& id : told_ids_) {
      if (const topic_view* topic = cluster.view().find(id)) names[id] = topic->name;
    }
    cluster.want_ids(told_ids_, now);
    member_->set_names(names);
  }
  if (same_view && told_wanted_ == wanted && !member_->needs_topics()) return;
  if (!same_view && matches_here_ && cluster.matching()) member_->subscribe(*cluster.matching(), now);
  std::map<std::string, assignor_topic> known;
  bool complete = true;
  for (const std::string& name : wanted) {
    const topic_view* topic = cluster.view().find(name);
    if (!topic) {
      cluster.want(name, now, now);
      complete = false;
    } else if (!topic->partitions.empty()) {
      assignor_topic& told = known[name];
      told.partitions = static_cast<std::int32_t>(topic->partitions.size());
      if (member_->wants_racks()) told.racks = cluster.racks_of(name);
    }
  }
  told_version_ = cluster.view().version;
  told_wanted_ = wanted;
  member_->set_topics(std::move(known), complete, now);
}

void group_session::take_assigned(const std::vector<topic_partition>& partitions, const metadata& cluster) {
  if (partitions.empty()) {
    group_news news;
    news.what = group::membership_news::kind::assigned;
    news_.push_back(std::move(news));
    return;
  }
  for (const topic_partition& where : partitions) {
    const topic_view* topic = cluster.view().find(where.topic);
    const std::size_t count = topic ? topic->partitions.size() : 0;
    beginnings_.try_emplace(where.topic, beginning{topic ? topic->id : uuid{}, count});
    awaited_.insert(where);
    tenures_[where] = ++last_tenure_;
  }
  offsets_.fetch({partitions.begin(), partitions.end()});
}

void group_session::take_member_news(const metadata& cluster) {
  for (group::membership_news& one : member_->take_news()) {
    if (one.what == group::membership_news::kind::assigned) {
      take_assigned(one.partitions, cluster);
      continue;
    }
    if (one.what != group::membership_news::kind::revoking) {
      offsets_.forget({one.partitions.begin(), one.partitions.end()}, one.why);
    }
    if (one.what == group::membership_news::kind::revoking) ++open_revokes_;
    if (one.what == group::membership_news::kind::lost) {
      overtaken_revokes_ = open_revokes_;
      for (const topic_partition& where : one.partitions) tenures_.erase(where);
    }
    group_news news;
    news.what = one.what;
    news.why = std::move(one.why);
    for (topic_partition& where : one.partitions) {
      if (awaited_.erase(where) > 0) {
        offsets_.forget({where}, news.why);  // gone before the user was told that it had come
      } else {
        news.partitions.push_back(std::move(where));
      }
    }
    news_.push_back(std::move(news));
  }
}

void group_session::take_found(const metadata& cluster) {
  for (group::offsets::found& found : offsets_.take_found()) {
    for (pending_lookup& one : lookups_) {
      for (const auto& [where, stored] : found.what) {
        if (one.missing.erase(where) > 0) one.found[where] = stored;
      }
      const auto failed = std::find_if(found.failed.begin(), found.failed.end(),
                                       [&](const auto& entry) { return one.missing.contains(entry.first); });
      if (failed != found.failed.end()) one.missing.clear();
      if (one.missing.empty()) {
        looked_up_.push_back(
            {one.operation, std::move(one.found), failed == found.failed.end() ? error{} : failed->second});
      }
    }
    std::erase_if(lookups_, [](const pending_lookup& one) { return one.missing.empty(); });
    std::set<std::string> remade;
    // Each is told as soon as it can be: the trouble of one holds up no other.
    group_news news;
    news.what = group::membership_news::kind::assigned;
    news.why = found.failure;
    const auto take = [&](const topic_partition& where) {
      const auto awaited = awaited_.find(where);
      if (awaited == awaited_.end()) return false;
      news.partitions.push_back(where);
      beginning& first = beginnings_[where.topic];
      const topic_view* topic = cluster.view().find(where.topic);
      if (topic && !topic->id.is_zero() && topic->id != first.id) {
        // All of the new topic came while the old one was read.
        if (!first.id.is_zero()) {
          first.partitions = 0;
          remade.insert(where.topic);
        }
        first.id = topic->id;
      }
      if (remade.contains(where.topic)) news.made_again.insert(where);
      const bool beyond = static_cast<std::size_t>(where.partition) >= first.partitions;
      if (beyond || read_before_.contains(where.topic)) news.added_later.insert(where);
      news.since[where] = tenures_[where];
      awaited_.erase(awaited);
      return true;
    };
    for (auto& [where, stored] : found.what) {
      if (take(where)) news.stored[where] = std::move(stored);
    }
    for (auto& [where, why] : found.failed) {
      if (take(where)) news.failed.emplace(where, std::move(why));
    }
    if (!news.partitions.empty()) news_.push_back(std::move(news));
  }
}

// --- requests and answers --------------------------------------------------------------------------------------------

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

void group_session::find_coordinator(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  if (finding_ || now < find_at_) return;
  finding_ = true;
  protocol::find_coordinator_request request;
  request.key = config_.group_id;
  ask(asked::coordinator, std::move(request), lane::control, one_key_at_a_time,
      now + std::min(member_->patience(), config_.connection.request_timeout), next_id, out);
}

bool group_session::needs_history() const {
  const bool skips = config_.offset_reset == offset_reset::latest || config_.offset_reset == offset_reset::by_duration;
  return skips && config_.new_partitions_from_start && (!topics_.empty() || !pattern_.empty());
}

bool group_session::waits_for_history() const {
  return needs_history() && !history_known_ && member_->generation() < 0 && !leaving_;
}

void group_session::ask_coordinator(request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  const steady_time soon = now + std::min(member_->patience(), config_.connection.request_timeout);
  if (needs_history() && !history_asked_) {
    history_asked_ = true;
    offsets_.ask_topics();
  }
  if (auto told = offsets_.take_topics()) {
    history_known_ = true;
    read_before_.insert(told->begin(), told->end());
  }
  // Whoever joins before he knows could take what a new group stores first for what it had stored before.
  if (waits_for_history()) return;
  if (auto request = member_->next_request(now)) {
    const bool joins = std::holds_alternative<protocol::join_group_request>(*request);
    const bool waits = joins || std::holds_alternative<protocol::sync_group_request>(*request);
    const bool leaves = std::holds_alternative<protocol::leave_group_request>(*request);
    const steady_time until =
        waits ? now + std::max(config_.max_poll_interval, config_.connection.request_timeout) + join_slack : soon;
    any_request any = std::visit([](auto& typed) { return any_request(std::move(typed)); }, *request);
    ask(asked::member, std::move(any), lane::group, leaves ? one_member_at_a_time : protocol::no_version, until,
        next_id, out);
  }
}

void group_session::step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out) {
  offsets_.expire(now);
  member_->expire(now);
  if (member_is_new_ && protocol_chosen_) resubscribe(cluster, now);
  if (!pattern_.empty() && !matches_here_ && cannot_match_) match_here(cluster, now);
  tell_topics(cluster, now);
  take_found(cluster);
  if (coordinator_ < 0) {
    find_coordinator(next_id, now, out);
    return take_member_news(cluster);
  }
  ask_coordinator(next_id, now, out);
  take_member_news(cluster);
  // On the other lane: a JoinGroup is answered only when everybody has joined, and who gives partitions up must be
  // able to store its offsets meanwhile.
  const steady_time soon = now + config_.connection.request_timeout;
  const group::committer who{config_.group_id, member_->member_id(), settings_.instance_id, member_->generation(),
                             member_->names_itself_to_fetch()};
  if (auto sent = offsets_.next_commit(who, ids_, now)) {
    commit_generation_ = who.generation;
    ask(asked::commit, std::move(sent->request), lane::control, sent->version_max, soon, next_id, out);
  }
  if (auto sent = offsets_.next_fetch(who, ids_, now)) {
    ask(asked::fetch, std::move(sent->request), lane::control, sent->version_max, soon, next_id, out);
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
  if (!protocol_chosen_ && !member_->is_gone()) {
    protocol_chosen_ = true;
    if (answer.consumer_groups) use(group_protocol::consumer, now);
  }
  return {node{found->node_id, found->host, found->port, std::nullopt}};
}

bool group_session::turns_classic(const reply& answer) const {
  if (config_.group_protocol != group_protocol::automatic || protocol_ != group_protocol::consumer) return false;
  if (member_->generation() >= 0 || member_->is_gone()) return false;
  if (answer.failure == client_errc::unsupported_version) return true;
  const auto* beat = std::get_if<protocol::consumer_group_heartbeat_response>(&answer.response);
  const auto code = beat ? static_cast<broker_errc>(beat->error_code) : broker_errc::none;
  return code == broker_errc::unsupported_version || code == broker_errc::group_id_not_found;
}

bool group_session::on_member(reply& answer, steady_time now) {
  if (turns_classic(answer)) {
    use(group_protocol::classic, now);
    return false;
  }
  if (answer.failure == client_errc::value_not_encodable && !pattern_.empty()) cannot_match_ = true;
  return member_->on_reply(member_response_of(answer.response), answer.failure, answer.broker, now);
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
    case asked::member:
      moved = on_member(answer, now);
      break;
    case asked::commit:
      stored =
          offsets_.on_commit(std::get_if<protocol::offset_commit_response>(&answer.response), answer.failure,
                             answer.broker, member_->is_stable() && member_->generation() == commit_generation_, now);
      break;
    case asked::fetch:
      stored = offsets_.on_fetch(std::get_if<protocol::offset_fetch_response>(&answer.response), answer.failure,
                                 answer.broker, now);
      break;
  }
  if (stored.topics_changed) topics_changed_ = true;
  if (stored.refused != broker_errc::none) member_->on_commit_refused(stored.refused, now);
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
  const steady_time turn = waits_for_history() ? member_->expiry() : member_->deadline();
  if (coordinator_ >= 0) return std::min(turn, offsets_.deadline());
  // Nothing can be asked before there is a coordinator; only the user's time goes on.
  return std::min({member_->expiry(), offsets_.expiry(), finding_ ? never : find_at_});
}

}  // namespace kafka::client
