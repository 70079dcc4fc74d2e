// SPDX-License-Identifier: Apache-2.0
#include "group/offsets.hpp"

#include <algorithm>

namespace kafka::group {

namespace {

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

void offsets::commit(std::uint64_t done, const positions& what, steady_time deadline) {
  if (what.empty()) {
    committed_.push_back({done, {}, {}});
    return;
  }
  for (const auto& [where, offset] : what) pending_[where] = offset;
  waiting_.push_back({done, what, deadline});
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
    return std::none_of(one.what.begin(), one.what.end(),
                        [&](const auto& entry) { return pending_.contains(entry.first); });
  };
  for (const waiting& one : waiting_) {
    if (all_gone(one)) committed_.push_back({one.done, one.what, why});
  }
  std::erase_if(waiting_, all_gone);
}

std::optional<protocol::offset_commit_request> offsets::next_commit(const committer& who, steady_time now) {
  if (commit_in_flight_ || pending_.empty() || now < commit_at_) return std::nullopt;
  commit_in_flight_ = true;
  sent_ = std::exchange(pending_, {});
  sent_for_ = std::exchange(waiting_, {});
  protocol::offset_commit_request out;
  out.group_id = who.group_id;
  out.member_id = who.member_id;
  out.group_instance_id = who.instance_id;
  out.generation_id_or_member_epoch = who.generation;
  for (const auto& [where, offset] : sent_) {
    if (out.topics.empty() || out.topics.back().name != where.topic) out.topics.emplace_back().name = where.topic;
    out.topics.back().partitions.push_back({where.partition, offset.offset, offset.leader_epoch, offset.metadata, {}});
  }
  return out;
}

void offsets::finish(std::vector<waiting>& who, const std::map<topic_partition, error>& failures, const error& whole) {
  for (waiting& one : who) {
    error failure = whole;
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
      for (const auto& partition : topic.partitions) {
        const auto code = static_cast<broker_errc>(partition.error_code);
        if (code == broker_errc::none) continue;
        const topic_partition where{topic.name, partition.partition_index};
        error why(code, "OffsetCommit of " + to_string(where) + " to " + broker);
        last_error_ = why;
        const bool of_membership = tells_of_membership(code);
        if (of_membership && still_member) out.refused = code;
        if (moved(code)) out.coordinator_moved = true;
        // A rebalance passes, and what is still ours then can be stored then.
        const bool passes =
            of_membership ? !still_member || code == broker_errc::rebalance_in_progress : is_retriable(code);
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
  }
  sent_.clear();
  return out;
}

std::optional<protocol::offset_fetch_request> offsets::next_fetch(const std::string& group_id, steady_time now) {
  if (fetch_in_flight_ || wanted_.empty() || now < fetch_at_) return std::nullopt;
  fetch_in_flight_ = true;
  asked_ = std::exchange(wanted_, {});
  protocol::offset_fetch_request out;
  out.group_id = group_id;
  out.require_stable = require_stable_;
  for (const topic_partition& where : asked_) {
    if (out.topics->empty() || out.topics->back().name != where.topic) out.topics->emplace_back().name = where.topic;
    out.topics->back().partition_indexes.push_back(where.partition);
  }
  return out;
}

offsets::answered offsets::on_fetch(const protocol::offset_fetch_response* answer, const error& failure,
                                    const std::string& broker, steady_time now) {
  answered out;
  fetch_in_flight_ = false;
  std::set<topic_partition> again;
  found result;
  error whole = failure;
  if (failure == client_errc::value_not_encodable) require_stable_ = false;
  if (answer && answer->error_code != 0) {
    whole = {static_cast<broker_errc>(answer->error_code), "OffsetFetch to " + broker};
    if (tells_of_membership(static_cast<broker_errc>(answer->error_code))) {
      out.refused = static_cast<broker_errc>(answer->error_code);
    }
  }
  if (whole || !answer) {
    // Never taken for "nothing is stored": that would move the group to where the reset policy says.
    out.coordinator_moved =
        static_cast<bool>(failure) || !answer || moved(static_cast<broker_errc>(answer->error_code));
    if (whole.retriable() || failure || !answer || out.refused != broker_errc::none) {
      again = asked_;
    } else {
      result.failure = whole;
      result.failed = asked_;
    }
  } else {
    for (const auto& topic : answer->topics) {
      for (const auto& partition : topic.partitions) {
        const topic_partition where{topic.name, partition.partition_index};
        if (asked_.erase(where) == 0) continue;
        const auto code = static_cast<broker_errc>(partition.error_code);
        if (code == broker_errc::none) {
          result.what[where] = {partition.committed_offset, partition.committed_leader_epoch,
                                partition.metadata.value_or("")};
        } else if (is_retriable(code)) {
          again.insert(where);
        } else {
          result.failure = {code, "OffsetFetch of " + to_string(where) + " to " + broker};
          result.failed.insert(where);
        }
      }
    }
    again.insert(asked_.begin(), asked_.end());  // left out of the answer
  }
  asked_.clear();
  wanted_.insert(again.begin(), again.end());
  if (again.empty()) {
    fetch_failures_ = 0;
  } else {
    fetch_at_ = now + pause_.wait(fetch_failures_++, random_);
  }
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
}

steady_time offsets::deadline() const {
  steady_time first = never;
  for (const std::vector<waiting>* who : {&waiting_, &sent_for_}) {
    for (const waiting& one : *who) first = std::min(first, one.deadline);
  }
  if (!commit_in_flight_ && !pending_.empty()) first = std::min(first, commit_at_);
  if (!fetch_in_flight_ && !wanted_.empty()) first = std::min(first, fetch_at_);
  return first;
}

}  // namespace kafka::group
