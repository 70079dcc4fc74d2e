// SPDX-License-Identifier: Apache-2.0
#include "support/simulated_member.hpp"

#include <algorithm>

#include "client/config_table.hpp"

namespace kafka::test {

namespace {

using kind = group::membership_news::kind;

client::core_config core_settings(const consumer_config& config, std::uint64_t seed) {
  client::core_config out;
  out.connection = config.connection;
  out.bootstrap = {{-1, "127.0.0.1", 9092, {}}};
  out.seed = seed;
  return out;
}

std::vector<std::shared_ptr<assignor>> assignors_of(const consumer_config& config) {
  std::vector<std::shared_ptr<assignor>> out;
  for (const std::string& name : client::assignor_names(config)) out.push_back(make_assignor(name));
  return out;
}

}  // namespace

simulated_member::simulated_member(simulated_network& network, consumer_config config, std::uint64_t seed,
                                   std::string name)
    : config_(std::move(config)), name_(std::move(name)), core_(core_settings(config_, seed)), client_(network, core_) {
  core_.add_consumer(config_, std::make_shared<client::fetch_budget>(config_.prefetch_bytes_max),
                     assignors_of(config_));
}

void simulated_member::subscribe(std::set<std::string> topics) {
  client_.post(client::event::topics_subscribed{std::move(topics), {}});
}

void simulated_member::subscribe_matching(std::string pattern) {
  client_.post(client::event::topics_subscribed{{}, std::move(pattern)});
}

std::set<topic_partition> simulated_member::reading() const {
  std::set<topic_partition> out;
  for (const auto& [where, one] : slots_) out.insert(where);
  return out;
}

group::offsets::positions simulated_member::finished(const std::vector<topic_partition>& partitions) const {
  group::offsets::positions out;
  for (const topic_partition& where : partitions) {
    const auto found = slots_.find(where);
    if (found == slots_.end() || found->second.done < 0 || found->second.done == found->second.stored) continue;
    out[where] = {found->second.done, -1, {}};
  }
  return out;
}

client::operation_id simulated_member::commit(group::offsets::positions what, std::chrono::milliseconds timeout) {
  for (const auto& [where, offset] : what) asked_[where] = std::max(asked_[where], offset.offset);
  const client::operation_id id = next_operation_++;
  client_.post(client::event::commit_requested{id, std::move(what), client_.now().steady + timeout, heard_});
  return id;
}

void simulated_member::commit_some(std::size_t count) {
  service();
  if (closing_) return;
  group::offsets::positions what;
  const auto end = handed_out_.begin() + static_cast<std::ptrdiff_t>(std::min(count, handed_out_.size()));
  for (auto one = handed_out_.begin(); one != end; ++one) what[one->first] = {one->second + 1, -1, {}};
  processed_.insert(processed_.end(), handed_out_.begin(), end);
  handed_out_.erase(handed_out_.begin(), end);
  if (!what.empty()) (void)commit(std::move(what), config_.session_timeout);
}

void simulated_member::give_up(const std::vector<topic_partition>& partitions) {
  if (overtaken_ > 0) {
    --overtaken_;
  } else {
    for (const topic_partition& where : partitions) owned_.erase(where);
  }
  client_.post(client::event::partitions_given_up{partitions, true});
}

void simulated_member::service() {
  for (client::action::change_group& one : client_.take<client::action::change_group>()) {
    generation_ = one.generation;
    member_id_ = std::move(one.member_id);
    // A classic generation counts when its assignment is there: before, a coordinator that fails may begin it anew.
    if (config_.group_protocol == group_protocol::consumer) assigned_in_ = generation_;
    if (one.renamed) continue;
    if (one.news.what == kind::assigned) assigned_in_ = generation_;
    if (one.news.what == kind::assigned) owned_.insert(one.news.partitions.begin(), one.news.partitions.end());
    if (one.news.what == kind::lost) {
      // What was to be given up is lost before it was; it may be its own again by then.
      overtaken_ = giving_up_.size();
      for (const client::group_news& waiting : news_) overtaken_ += waiting.what == kind::revoking ? 1U : 0U;
      for (const topic_partition& where : one.news.partitions) owned_.erase(where);
    }
    news_.push_back(std::move(one.news));
  }
  for (client::action::complete_commit& one : client_.take<client::action::complete_commit>()) {
    if (!one.completed.failure) {
      for (const auto& [where, offset] : one.completed.what) {
        const auto found = slots_.find(where);
        if (found != slots_.end()) found->second.stored = offset.offset;
      }
    }
    const auto going = giving_up_.find(one.completed.done);
    if (going != giving_up_.end()) {
      const std::vector<topic_partition> partitions = std::move(going->second);
      giving_up_.erase(going);
      give_up(partitions);
    }
    if (leaves_after_ != 0 && one.completed.done == leaves_after_) client_.post(client::event::group_left{});
  }
  for (client::action::deliver_fetched& one : client_.take<client::action::deliver_fetched>()) {
    sets_.push_back(std::move(one.result));
  }
  if (!client_.take<client::action::left_group>().empty()) {
    left_ = true;
    owned_.clear();
  }
}

void simulated_member::poll() {
  service();
  if (closing_) return;
  processed_.insert(processed_.end(), handed_out_.begin(), handed_out_.end());
  handed_out_.clear();
  for (auto& [where, one] : slots_) one.done = one.position;
  client_.post(client::event::user_polled{});
  service();
  for (client::group_news& one : std::exchange(news_, {})) obey(one);
  if (client_.now().steady >= store_at_) {
    store_at_ = client_.now().steady + config_.auto_commit_interval;
    const std::set<topic_partition> all = reading();
    group::offsets::positions what = finished({all.begin(), all.end()});
    if (!what.empty()) (void)commit(std::move(what), config_.session_timeout);
  }
  hand_out();
}

void simulated_member::obey(client::group_news& news) {
  if (news.what == kind::assigned) return on_assigned(news);
  if (news.what == kind::failed) {
    failure_ = news.why;
    return;
  }
  if (news.what == kind::lost) losses_.push_back(news.why);
  on_going(news);
}

void simulated_member::on_assigned(client::group_news& news) {
  client::event::partitions_added added;
  for (const topic_partition& where : news.partitions) {
    slot& made = slots_[where] = {};
    made.version = next_version_++;
    made.stored = news.stored[where].offset;
    heard_[where] = news.since[where];
    if (news.failed.contains(where)) continue;
    if (made.stored >= 0) made.position = made.stored;
    added.partitions.push_back(
        {where, made.stored >= 0 ? position::at(made.stored) : position::oldest(), made.version});
  }
  if (!added.partitions.empty()) client_.post(std::move(added));
}

void simulated_member::on_going(const client::group_news& news) {
  const bool asked_for = news.what == kind::revoking;
  group::offsets::positions what;
  if (asked_for) what = finished(news.partitions);
  for (const topic_partition& where : news.partitions) slots_.erase(where);
  if (!asked_for) return client_.post(client::event::partitions_given_up{news.partitions, false});
  if (what.empty()) return give_up(news.partitions);
  giving_up_[commit(std::move(what), config_.session_timeout / 2)] = news.partitions;
}

void simulated_member::hand_out() {
  for (client::fetched& one : std::exchange(sets_, {})) {
    const auto found = slots_.find(one.partition);
    if (found == slots_.end() || found->second.version != one.version) continue;
    for (const protocol::record_batch& batch : one.batches) {
      for (std::int64_t offset = std::max(batch.base_offset(), one.from_offset); offset <= batch.last_offset();
           ++offset) {
        handed_out_.emplace_back(one.partition, offset);
      }
    }
    if (!one.failure) found->second.position = one.next_offset;
  }
}

void simulated_member::close() {
  if (closing_) return;
  service();
  closing_ = true;
  processed_.insert(processed_.end(), handed_out_.begin(), handed_out_.end());
  handed_out_.clear();
  for (auto& [where, one] : slots_) one.done = one.position;
  const std::set<topic_partition> all = reading();
  group::offsets::positions what = finished({all.begin(), all.end()});
  slots_.clear();
  client_.post(client::event::partitions_given_up{{all.begin(), all.end()}, false});
  if (what.empty()) return client_.post(client::event::group_left{});
  leaves_after_ = commit(std::move(what), config_.session_timeout);
}

}  // namespace kafka::test
