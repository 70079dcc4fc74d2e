// SPDX-License-Identifier: Apache-2.0
// consumer_engine as a group's member: what the group decides on the strand is obeyed by the polling thread, at the
// beginning of a poll, when everything that was handed out before is done with.
#include <algorithm>
#include <regex>
#include <utility>

#include "client/consumer_engine.hpp"
#include "client/reset_policy.hpp"

namespace kafka::client {

using kind = group::membership_news::kind;

namespace {

timestamp_ms time_on_the_wall() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

void consumer_engine::take_group(any_action& action) {
  if (auto* changed = std::get_if<action::change_group>(&action)) {
    std::function<void()> again;
    {
      const std::lock_guard lock(mutex_);
      if (news_.empty() && changed->renamed) {
        // Nothing that the user must hear of first, so that a transaction may go out in the new generation's name.
        generation_ = changed->generation;
        member_id_ = std::move(changed->member_id);
        return;
      }
      news_.push_back(std::move(*changed));
      again = std::exchange(again_, nullptr);
    }
    bell_.ring();
    if (again) again();
  } else if (auto* stored = std::get_if<action::complete_commit>(&action)) {
    if (!stored->completed.failure) {
      const std::lock_guard lock(mutex_);
      for (const auto& [where, offset] : stored->completed.what) {
        const auto found = slots_.find(where);
        if (found != slots_.end()) found->second.stored = offset.offset;
      }
    }
    if (const auto done = commits_.take(stored->completed.done)) done(std::move(stored->completed.failure));
  } else if (auto* found = std::get_if<action::complete_look_up>(&action)) {
    if (const auto done = look_ups_.take(found->completed.operation)) {
      done(std::move(found->completed.failure), std::move(found->completed.what));
    }
  } else if (std::holds_alternative<action::left_group>(action)) {
    if (const auto left = std::exchange(left_, nullptr)) left();
  }
}

void consumer_engine::subscribe(const std::vector<std::string>& topics) {
  {
    const std::lock_guard lock(mutex_);
    subscribed_.emplace(topics.begin(), topics.end());
    unbegun_ = true;
  }
  runtime_->post(event::topics_subscribed{{topics.begin(), topics.end()}});
}

error consumer_engine::subscribe_matching(std::string pattern) {
  if (pattern.empty()) return {client_errc::invalid_argument, "an empty pattern matches no topic"};
  if (config_.group_protocol != group_protocol::consumer) {
    try {
      const std::regex compiled(pattern);
    } catch (const std::regex_error& problem) {
      return {client_errc::invalid_argument, "the pattern " + pattern + ": " + problem.what()};
    }
  }
  {
    const std::lock_guard lock(mutex_);
    subscribed_.reset();
  }
  runtime_->post(event::topics_subscribed{{}, std::move(pattern)});
  return {};
}

group::offsets::positions consumer_engine::positions() const {
  group::offsets::positions out;
  const std::lock_guard lock(mutex_);
  for (const auto& [where, one] : slots_) {
    if (one.position) out[where] = {*one.position, one.leader_epoch, {}};
  }
  return out;
}

tenures consumer_engine::heard_of(const group::offsets::positions& what) const {
  tenures out;
  const std::lock_guard lock(mutex_);
  for (const auto& [where, offset] : what) {
    const auto found = slots_.find(where);
    if (found != slots_.end()) out[where] = found->second.tenure;
  }
  return out;
}

void consumer_engine::commit(group::offsets::positions what, steady_time deadline, std::function<void(error)> done) {
  tenures heard = heard_of(what);
  request_commit(std::move(what), std::move(heard), deadline, std::move(done));
}

void consumer_engine::request_commit(group::offsets::positions what, tenures heard, steady_time deadline,
                                     std::function<void(error)> done) {
  if (is_closed()) {
    if (done) done({client_errc::closed, "the consumer was closed"});
    return;
  }
  const operation_id id = done ? commits_.add(std::move(done)) : 0;
  runtime_->post(event::commit_requested{id, std::move(what), deadline, std::move(heard)});
}

void consumer_engine::await_commits(steady_time deadline, std::function<void(error)> done) {
  runtime_->post(event::commits_awaited{commits_.add(std::move(done)), deadline});
}

void consumer_engine::look_up(std::set<topic_partition> partitions,
                              std::function<void(error, group::offsets::positions)> done) {
  if (is_closed()) return done({client_errc::closed, "the consumer was closed"}, {});
  runtime_->post(event::stored_offsets_wanted{look_ups_.add(std::move(done)), std::move(partitions)});
}

std::vector<topic_partition> consumer_engine::assignment_now() const {
  std::vector<topic_partition> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [where, one] : slots_) out.push_back(where);
  return out;
}

group_metadata consumer_engine::metadata_of_group() const {
  const std::lock_guard lock(mutex_);
  group_metadata out;
  out.group_id = config_.group_id;
  out.generation_id = generation_;
  out.member_id = member_id_;
  if (!config_.group_instance_id.empty()) out.group_instance_id = config_.group_instance_id;
  return out;
}

group::offsets::positions consumer_engine::finished(const std::vector<topic_partition>& partitions) const {
  group::offsets::positions out;
  const std::lock_guard lock(mutex_);
  for (const topic_partition& where : partitions) {
    const auto found = slots_.find(where);
    if (found == slots_.end() || !found->second.done || *found->second.done == found->second.stored) continue;
    out[where] = {*found->second.done, found->second.leader_epoch, {}};
  }
  return out;
}

std::chrono::milliseconds consumer_engine::sign_interval() const {
  if (config_.group_id.empty()) return std::chrono::hours(24);
  constexpr std::chrono::milliseconds least{10};
  const auto interval = config_.max_poll_interval / 3;
  return std::max(least, config_.auto_commit ? std::min(interval, config_.auto_commit_interval) : interval);
}

void consumer_engine::begin_poll() {
  if (config_.group_id.empty()) return;
  if (!giving_up_) {
    // Whoever polls again is done with what the last poll gave, unless he says himself what he is done with.
    const std::lock_guard lock(mutex_);
    for (auto& [where, one] : slots_) one.done = one.position;
  }
  keep_alive();
}

void consumer_engine::keep_alive() {
  if (config_.group_id.empty() || closed_) return;
  const steady_time now = std::chrono::steady_clock::now();
  std::vector<action::change_group> news;
  {
    const std::lock_guard lock(mutex_);
    news = std::exchange(news_, {});
  }
  // Not each of a million polls a second is worth a task.
  if (now >= told_poll_ + std::min(config_.max_poll_interval / 10, std::chrono::milliseconds(500))) {
    told_poll_ = now;
    runtime_->post(event::user_polled{});
  }
  for (action::change_group& one : news) obey(one);
  if (config_.auto_commit && !giving_up_ && now >= store_at_) {
    store_at_ = now + config_.auto_commit_interval;
    store_finished();
  }
}

void consumer_engine::store_finished() {
  group::offsets::positions what = finished(assignment_now());
  if (!what.empty()) commit(std::move(what), std::chrono::steady_clock::now() + config_.session_timeout, nullptr);
}

void consumer_engine::tell(const std::function<void(const std::vector<topic_partition>&)>& listener,
                           const std::vector<topic_partition>& partitions) {
  if (listener && !partitions.empty()) guarded(config_.log, "a rebalance listener", [&] { listener(partitions); });
}

void consumer_engine::obey(action::change_group& change) {
  group_news& news = change.news;
  {
    // Not before: a transaction with records of partitions that are lost must not go out in the name of the
    // generation that came after.
    const std::lock_guard lock(mutex_);
    generation_ = change.generation;
    member_id_ = std::move(change.member_id);
  }
  if (change.renamed) return;
  switch (news.what) {
    case kind::assigned:
      return on_assigned(news);
    case kind::revoking:
    case kind::lost:
      return on_going(news);
    case kind::failed: {
      const std::lock_guard lock(mutex_);
      refused_ = news.why;
    }
  }
}

void consumer_engine::fail_slot(const topic_partition& where, std::uint64_t version, error why) {
  waiting_set missing;
  missing.set.partition = where;
  missing.set.version = version;
  missing.set.next_offset = -1;
  missing.set.failure = std::move(why);
  sets_.push_back(std::move(missing));
}

void consumer_engine::on_assigned(group_news& news) {
  event::partitions_added added;
  {
    const std::lock_guard lock(mutex_);
    for (const topic_partition& where : news.partitions) {
      const group::stored_offset& known = news.stored[where];
      const std::int64_t stored = known.offset;
      position from = position::at(std::max<std::int64_t>(stored, 0), known.leader_epoch);
      slot& made = slots_[where] = {};
      made.version = next_version_++;
      made.topic = std::make_shared<const std::string>(where.topic);
      made.stored = stored;
      made.leader_epoch = known.leader_epoch;
      made.tenure = news.since[where];
      if (const auto failed = news.failed.find(where); failed != news.failed.end()) {
        // Its error comes with a poll; the others are read.
        if (!news.why) fail_slot(where, made.version, failed->second);
        continue;
      }
      if (stored >= 0) {
        made.position = stored;
      } else if (news.added_later.contains(where) && config_.new_partitions_from_start) {
        from = position::oldest();
        if (news.made_again.contains(where)) {
          fail_slot(where, made.version,
                    {client_errc::topic_recreated, to_string(where) + ": the topic was made again while it was read"});
        }
      } else if (config_.offset_reset == offset_reset::none) {
        fail_slot(where, made.version,
                  {client_errc::no_such_offset,
                   "the group has stored no offset of " + to_string(where) + ", and auto.offset.reset is none"});
        continue;
      } else {
        from = reset_position(config_, time_on_the_wall()).value_or(position::newest());
      }
      made.store_first = stored < 0 && config_.commit_first_position;
      added.partitions.push_back({where, from, made.version});
    }
  }
  if (news.why) {
    // What is stored of some could not be asked, for good: they must not stand still without a word.
    const std::lock_guard lock(mutex_);
    refused_ = news.why;
  }
  if (!added.partitions.empty()) runtime_->post(std::move(added));
  // Told even if nothing came, as Java's client does: whoever waits for the rebalance to be over learns of it.
  if (const auto& listener = config_.on_rebalance.on_assigned) {
    guarded(config_.log, "a rebalance listener", [&] { listener(news.partitions); });
  }
}

void consumer_engine::take_slots(const std::vector<topic_partition>& partitions) {
  const std::lock_guard lock(mutex_);
  for (const topic_partition& where : partitions) {
    slots_.erase(where);
    std::erase_if(sets_, [&](const waiting_set& one) { return one.set.partition == where; });
  }
}

void consumer_engine::on_going(group_news& news) {
  const bool asked_for = news.what == kind::revoking;
  if (giving_up_) giving_up_(news.partitions, asked_for);
  tell(asked_for ? config_.on_rebalance.on_revoked : config_.on_rebalance.on_lost, news.partitions);
  if (const auto& listener = config_.on_rebalance.on_lost_with_reason;
      listener && !asked_for && !news.partitions.empty()) {
    guarded(config_.log, "a rebalance listener", [&] { listener(news.partitions, news.why); });
  }
  group::offsets::positions what;
  if (asked_for && config_.auto_commit && !giving_up_) what = finished(news.partitions);
  tenures heard = heard_of(what);
  take_slots(news.partitions);
  event::partitions_given_up gone{std::move(news.partitions), asked_for};
  if (!asked_for) return runtime_->post(std::move(gone));
  // The group waits until the offsets are stored, also those that the user asked for without waiting, as long as that
  // can be expected to succeed at all.
  const steady_time until =
      std::chrono::steady_clock::now() + std::min(config_.session_timeout, config_.max_poll_interval) / 2;
  if (!what.empty()) request_commit(std::move(what), std::move(heard), until, nullptr);
  await_commits(until, [running = std::weak_ptr(runtime_), gone = std::move(gone)](const error&) mutable {
    if (const auto alive = running.lock()) alive->post(std::move(gone));
  });
}

void consumer_engine::store_first_position(const fetched& resolved) {
  slot& where = slots_.at(resolved.partition);
  where.store_first = false;
  request_commit({{resolved.partition, {resolved.from_offset, -1, {}}}}, {{resolved.partition, where.tenure}}, never,
                 nullptr);
}

void consumer_engine::leave(steady_time deadline, std::function<void()> done) {
  const std::vector<topic_partition> all = assignment_now();
  if (giving_up_) giving_up_(all, true);
  {
    const std::lock_guard lock(mutex_);
    for (auto& [where, one] : slots_) one.done = one.position;
    left_ = std::move(done);
  }
  if (config_.group_id.empty()) return runtime_->post(event::group_left{});
  tell(config_.on_rebalance.on_revoked, all);
  group::offsets::positions what;
  if (config_.auto_commit && !giving_up_) what = finished(all);
  tenures heard = heard_of(what);
  take_slots(all);
  runtime_->post(event::partitions_given_up{all, false});
  if (!what.empty()) request_commit(std::move(what), std::move(heard), deadline, nullptr);
  // Also behind what the user asked to be stored without waiting: once the member has left it would be refused.
  await_commits(deadline, [running = std::weak_ptr(runtime_)](const error&) {
    if (const auto alive = running.lock()) alive->post(event::group_left{});
  });
}

}  // namespace kafka::client
