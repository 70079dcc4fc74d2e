// SPDX-License-Identifier: Apache-2.0
#include "group/offsets.hpp"

#include <algorithm>

namespace kafka::group {

namespace {

constexpr std::int16_t one_group_at_a_time = 7;  // OffsetFetch, from 8 on, asks for many groups
constexpr std::int16_t topics_by_name = 9;       // OffsetCommit and OffsetFetch, from 10 on, know them by id

uuid id_of(const topic_ids& ids, const std::string& topic) {
  const auto found = ids.find(topic);
  return found == ids.end() ? uuid{} : found->second;
}

bool moved(broker_errc code) noexcept {
  return code == broker_errc::not_coordinator || code == broker_errc::coordinator_not_available;
}

/// Whether a commit refused so says that the member lost its place.
bool tells_of_membership(broker_errc code) noexcept {
  return code == broker_errc::unknown_member_id || code == broker_errc::illegal_generation ||
         code == broker_errc::rebalance_in_progress || code == broker_errc::fenced_instance_id ||
         code == broker_errc::stale_member_epoch;
}

}  // namespace

void offsets::commit(std::uint64_t done, const positions& what, steady_time deadline, const topic_ids& ids,
                     error refused) {
  if (what.empty()) {
    committed_.push_back({done, {}, std::move(refused)});
    return;
  }
  for (const auto& [where, offset] : what) {
    const auto id = ids.find(where.topic);
    pending_[where] = {offset, id == ids.end() ? uuid{} : id->second};
  }
  waiting_.push_back({done, what, deadline, std::move(refused)});
}

void offsets::await(std::uint64_t done, steady_time deadline) {
  waiting_.push_back({done, {}, deadline, {}});
  release_idle();
}

void offsets::release_idle() {
  // Those who wait for pending_ went with it; who is left waits for nothing of his own.
  if (is_idle()) finish(waiting_, {}, {});
}

void offsets::fetch(const std::set<topic_partition>& partitions) {
  wanted_.insert(partitions.begin(), partitions.end());
}

void offsets::forget(const std::set<topic_partition>& partitions, const error& why) {
  for (const topic_partition& one : partitions) {
    pending_.erase(one);
    sent_.erase(one);  // not sent again
    wanted_.erase(one);
    asked_.erase(one);
  }
  fail_forgotten(why);
}

void offsets::fail_forgotten(const error& why) {
  const auto all_gone = [&](const waiting& one) {
    return !one.what.empty() && std::none_of(one.what.begin(), one.what.end(),
                                             [&](const auto& entry) { return pending_.contains(entry.first); });
  };
  for (const waiting& one : waiting_) {
    if (all_gone(one)) committed_.push_back({one.done, one.what, why});
  }
  std::erase_if(waiting_, all_gone);
  release_idle();
}

void offsets::drop_replaced(const topic_ids& ids) {
  std::set<topic_partition> replaced;
  for (const auto& [where, one] : pending_) {
    const uuid now = id_of(ids, where.topic);
    if (!one.topic.is_zero() && !now.is_zero() && now != one.topic) replaced.insert(where);
  }
  if (replaced.empty()) return;
  for (const topic_partition& where : replaced) pending_.erase(where);
  fail_forgotten({broker_errc::unknown_topic_id, "the topic was deleted before the offsets were stored"});
}

std::optional<versioned<protocol::offset_commit_request>> offsets::next_commit(const committer& who,
                                                                               const topic_ids& ids, steady_time now) {
  if (commit_in_flight_ || pending_.empty() || now < commit_at_) return std::nullopt;
  drop_replaced(ids);
  if (pending_.empty()) return std::nullopt;
  commit_in_flight_ = true;
  sent_ = std::exchange(pending_, {});
  sent_for_ = std::exchange(waiting_, {});
  versioned<protocol::offset_commit_request> out;
  out.request.group_id = who.group_id;
  out.request.member_id = who.member_id;
  out.request.group_instance_id = who.instance_id;
  out.request.generation_id_or_member_epoch = who.generation;
  auto& topics = out.request.topics;
  for (auto& [where, one] : sent_) {
    if (one.topic.is_zero()) one.topic = id_of(ids, where.topic);
    if (one.topic.is_zero()) out.version_max = topics_by_name;
    if (topics.empty() || topics.back().name != where.topic) {
      topics.emplace_back().name = where.topic;
      topics.back().topic_id = one.topic;
    }
    const stored_offset& offset = one.offset;
    topics.back().partitions.push_back({where.partition, offset.offset, offset.leader_epoch, offset.metadata, {}});
  }
  return out;
}

std::string offsets::sent_topic(const uuid& id) const {
  const auto one =
      std::find_if(sent_.begin(), sent_.end(), [&](const auto& entry) { return entry.second.topic == id; });
  return one == sent_.end() ? std::string() : one->first.topic;
}

void offsets::finish(std::vector<waiting>& who, const std::map<topic_partition, error>& failures, const error& whole) {
  for (waiting& one : who) {
    error failure = whole ? whole : std::move(one.refused);
    for (const auto& [where, offset] : one.what) {
      const auto refused = failures.find(where);
      if (!failure && refused != failures.end()) failure = refused->second;
    }
    committed_.push_back({one.done, std::move(one.what), std::move(failure)});
  }
  who.clear();
}

offsets::answered offsets::on_commit(const protocol::offset_commit_response* answer, const error& failure,
                                     const std::string& broker, bool still_member, steady_time now) {
  answered out;
  commit_in_flight_ = false;
  bool again = false;
  std::map<topic_partition, error> failures;
  if (failure || !answer) {
    again = out.coordinator_moved = true;
    last_error_ = failure;
  } else {
    for (const auto& topic : answer->topics) {
      const std::string name = topic.name.empty() ? sent_topic(topic.topic_id) : topic.name;
      for (const auto& partition : topic.partitions) {
        const auto code = static_cast<broker_errc>(partition.error_code);
        if (code == broker_errc::none) continue;
        const topic_partition where{name, partition.partition_index};
        error why(code, "OffsetCommit of " + to_string(where) + " to " + broker);
        last_error_ = why;
        const bool of_membership = tells_of_membership(code);
        if (of_membership && still_member) out.refused = code;
        if (moved(code)) out.coordinator_moved = true;
        if (code == broker_errc::unknown_topic_id) out.topics_changed = true;
        // A rebalance passes, and so does an epoch that is behind; what is still ours then can be stored then.
        const bool passes = of_membership ? !still_member || code == broker_errc::rebalance_in_progress ||
                                                code == broker_errc::stale_member_epoch
                                          : is_retriable(code);
        if (passes) again = true;
        failures.emplace(where, std::move(why));
      }
    }
  }
  if (again) {
    // What was asked for since wins.
    for (auto& [where, offset] : sent_) pending_.try_emplace(where, std::move(offset));
    waiting_.insert(waiting_.begin(), std::make_move_iterator(sent_for_.begin()),
                    std::make_move_iterator(sent_for_.end()));
    sent_for_.clear();
    fail_forgotten(last_error_);
    commit_at_ = now + pause_.wait(commit_failures_++, random_);
  } else {
    commit_failures_ = 0;
    finish(sent_for_, failures, {});
    release_idle();
  }
  sent_.clear();
  return out;
}

std::optional<versioned<protocol::offset_fetch_request>> offsets::next_fetch(const committer& who, const topic_ids& ids,
                                                                             steady_time now) {
  if (fetch_in_flight_ || (wanted_.empty() && !topics_wanted_) || now < fetch_at_) return std::nullopt;
  fetch_in_flight_ = true;
  if (topics_wanted_) return request_for_topics(who);
  asked_ = std::exchange(wanted_, {});
  asked_names_.clear();
  versioned<protocol::offset_fetch_request> out;
  out.request.require_stable = require_stable_;
  if (!by_group_) {
    out.version_max = one_group_at_a_time;
    out.request.group_id = who.group_id;
    auto& topics = *out.request.topics;
    for (const topic_partition& where : asked_) {
      if (topics.empty() || topics.back().name != where.topic) topics.emplace_back().name = where.topic;
      topics.back().partition_indexes.push_back(where.partition);
    }
    return out;
  }
  auto& group = out.request.groups.emplace_back();
  group.group_id = who.group_id;
  if (who.names_itself_to_fetch && who.generation >= 0) {
    group.member_id = who.member_id;
    group.member_epoch = who.generation;
  }
  auto& topics = *group.topics;
  for (const topic_partition& where : asked_) {
    if (topics.empty() || topics.back().name != where.topic) {
      topics.emplace_back().name = where.topic;
      topics.back().topic_id = id_of(ids, where.topic);
      asked_names_[topics.back().topic_id] = where.topic;
      if (topics.back().topic_id.is_zero()) out.version_max = topics_by_name;
    }
    topics.back().partition_indexes.push_back(where.partition);
  }
  return out;
}

versioned<protocol::offset_fetch_request> offsets::request_for_topics(const committer& who) {
  topics_wanted_ = false;
  topics_asked_ = true;
  versioned<protocol::offset_fetch_request> out;
  out.version_max = by_group_ ? topics_by_name : one_group_at_a_time;
  if (by_group_) {
    auto& group = out.request.groups.emplace_back();
    group.group_id = who.group_id;
    group.topics.reset();  // all
  } else {
    out.request.group_id = who.group_id;
    out.request.topics.reset();
  }
  return out;
}

offsets::answered offsets::on_topics(const protocol::offset_fetch_response* answer, const error& failure,
                                     steady_time now) {
  answered out;
  if (failure == client_errc::value_not_encodable) {
    // Before 0.10.2 there are no words for it.
    if (by_group_) topics_wanted_ = true;
    if (!std::exchange(by_group_, false)) topics_.emplace();
    return out;
  }
  std::int16_t number = 0;
  if (answer) number = answer->groups.empty() ? answer->error_code : answer->groups.front().error_code;
  const auto code = static_cast<broker_errc>(number);
  out.coordinator_moved = failure || !answer || moved(code);
  if (out.coordinator_moved || is_retriable(code)) {
    topics_wanted_ = true;
    fetch_at_ = now + pause_.wait(fetch_failures_++, random_);
    return out;
  }
  topics_.emplace();
  if (code != broker_errc::none) return out;  // who may not ask this is told when he asks for his partitions
  for (const told& one : read(*answer)) {
    if (one.code == broker_errc::none && one.stored.offset >= 0) topics_->insert(one.where.topic);
  }
  fetch_failures_ = 0;
  return out;
}

std::vector<offsets::told> offsets::read(const protocol::offset_fetch_response& answer) const {
  std::vector<told> out;
  const auto read_topics = [&](const auto& topics, const auto& name_of) {
    for (const auto& topic : topics) {
      for (const auto& one : topic.partitions) {
        out.push_back({{name_of(topic), one.partition_index},
                       {one.committed_offset, one.committed_leader_epoch, one.metadata.value_or("")},
                       static_cast<broker_errc>(one.error_code)});
      }
    }
  };
  read_topics(answer.topics, [](const auto& topic) { return topic.name; });
  for (const auto& group : answer.groups) {
    read_topics(group.topics, [&](const auto& topic) {
      const auto known = asked_names_.find(topic.topic_id);
      return topic.name.empty() && known != asked_names_.end() ? known->second : topic.name;
    });
  }
  return out;
}

void offsets::put_back(const std::set<topic_partition>& again, bool at_once, steady_time now) {
  wanted_.insert(again.begin(), again.end());
  if (again.empty()) {
    fetch_failures_ = 0;
  } else {
    fetch_at_ = at_once ? now : now + pause_.wait(fetch_failures_++, random_);
  }
}

offsets::answered offsets::on_fetch(const protocol::offset_fetch_response* answer, const error& failure,
                                    const std::string& broker, steady_time now) {
  fetch_in_flight_ = false;
  if (std::exchange(topics_asked_, false)) return on_topics(answer, failure, now);
  answered out;
  std::set<topic_partition> asked = std::exchange(asked_, {});
  if (failure == client_errc::value_not_encodable && (by_group_ || require_stable_)) {
    (by_group_ ? by_group_ : require_stable_) = false;
    put_back(asked, true, now);
    return out;
  }
  if (failure || !answer) {
    out.coordinator_moved = true;
    put_back(asked, false, now);
    return out;
  }
  const std::int16_t number = answer->groups.empty() ? answer->error_code : answer->groups.front().error_code;
  if (const auto code = static_cast<broker_errc>(number); code != broker_errc::none) {
    // Never taken for "nothing is stored": that would move the group to where the reset policy says.
    out.coordinator_moved = moved(code);
    if (tells_of_membership(code)) out.refused = code;
    if (is_retriable(code) || out.refused != broker_errc::none) {
      put_back(asked, false, now);
      return out;
    }
    found result;
    result.failure = {code, "OffsetFetch to " + broker};
    for (const topic_partition& where : asked) result.failed.emplace(where, result.failure);
    if (!asked.empty()) found_.push_back(std::move(result));
    return out;
  }
  found result;
  std::set<topic_partition> again;
  for (told& one : read(*answer)) {
    if (asked.erase(one.where) == 0) continue;
    if (one.code == broker_errc::unknown_topic_id) out.topics_changed = true;
    if (one.code == broker_errc::none) {
      result.what[one.where] = std::move(one.stored);
    } else if (is_retriable(one.code)) {
      again.insert(one.where);
    } else {
      error why(one.code, "OffsetFetch of " + to_string(one.where) + " to " + broker);
      result.failed.emplace(std::move(one.where), std::move(why));
    }
  }
  again.insert(asked.begin(), asked.end());  // left out of the answer
  put_back(again, false, now);
  if (!result.what.empty() || !result.failed.empty()) found_.push_back(std::move(result));
  return out;
}

void offsets::expire(steady_time now) {
  const auto late = [&](const waiting& one) { return now >= one.deadline; };
  for (std::vector<waiting>* who : {&waiting_, &sent_for_}) {
    for (const waiting& one : *who) {
      if (!late(one)) continue;
      std::string cause = "the offsets were not committed in time";
      if (last_error_) cause += "; last error: " + last_error_.message();
      committed_.push_back({one.done, one.what, {client_errc::timed_out, std::move(cause)}});
    }
    std::erase_if(*who, late);
  }
}

void offsets::fail_all(const error& why) {
  finish(waiting_, {}, why);
  finish(sent_for_, {}, why);
  pending_.clear();
  wanted_.clear();
  topics_wanted_ = false;
}

steady_time offsets::expiry() const {
  steady_time first = never;
  for (const std::vector<waiting>* who : {&waiting_, &sent_for_}) {
    for (const waiting& one : *who) first = std::min(first, one.deadline);
  }
  return first;
}

steady_time offsets::deadline() const {
  steady_time first = expiry();
  if (!commit_in_flight_ && !pending_.empty()) first = std::min(first, commit_at_);
  if (!fetch_in_flight_ && (!wanted_.empty() || topics_wanted_)) first = std::min(first, fetch_at_);
  return first;
}

}  // namespace kafka::group
