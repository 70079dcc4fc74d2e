// SPDX-License-Identifier: Apache-2.0
#include "client/metadata.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

/// After so many answers in a row with an older epoch than ours, ours is what is out of date.
constexpr unsigned agreeing_stale_answers = 3;

bool is_there(const protocol::metadata_response::topic& told) noexcept {
  return !told.is_internal && static_cast<broker_errc>(told.error_code) != broker_errc::unknown_topic_or_partition;
}

}  // namespace

void metadata::want(std::string_view topic, steady_time until, steady_time now) {
  auto found = interests_.find(topic);
  if (found == interests_.end()) {
    found = interests_.emplace(std::string(topic), interest{}).first;
    ask_soon(now);
  }
  found->second.wanted_until = std::max(found->second.wanted_until, until);
}

void metadata::ask_soon(steady_time now) {
  stale_ = true;
  if (failures_ == 0) not_before_ = now;  // a first look-up need not wait for the pause after the last one
}

void metadata::want_ids(std::set<uuid> ids, steady_time now) {
  std::erase_if(ids, [this](const uuid& id) { return view_.find(id) != nullptr; });
  const bool more = std::any_of(ids.begin(), ids.end(), [this](const uuid& id) { return !ids_.contains(id); });
  ids_ = std::move(ids);
  if (more && failures_ == 0) not_before_ = now;
}

void metadata::want_matching(std::function<bool(std::string_view)> matches, steady_time now) {
  matches_ = std::move(matches);
  matching_.reset();
  if (matches_) ask_soon(now);
}

void metadata::learn_leader(std::string_view topic, std::int32_t partition, std::int32_t leader,
                            std::int32_t leader_epoch) {
  const auto found = view_.topics.find(topic);
  if (found == view_.topics.end() || partition < 0) return;
  auto& partitions = found->second.partitions;
  const auto index = static_cast<std::size_t>(partition);
  if (index >= partitions.size() || leader < 0 || leader_epoch <= partitions[index].leader_epoch) return;
  partitions[index] = {leader, leader_epoch};
  ++view_.version;
}

bool metadata::is_awaited(const std::string& name, const interest& asked, steady_time now) const {
  if (!asked.looked_up) return true;
  const topic_view* known = view_.find(name);
  return asked.wanted_until > now && (!known || known->failure);
}

void metadata::ask_for_names(protocol::metadata_request& request, steady_time now) {
  // A request that may create topics names only those that somebody waits for: it must not bring back one that was
  // deleted, only because something was sent to it once. The others have their turn after that.
  const bool creates = allow_auto_create_ && asked_ != question::awaited &&
                       std::any_of(interests_.begin(), interests_.end(),
                                   [&](const auto& one) { return is_awaited(one.first, one.second, now); });
  request.allow_auto_topic_creation = creates;
  for (const auto& [name, asked] : interests_) {
    if (!creates || is_awaited(name, asked, now)) request.topics->emplace_back().name = name;
  }
  const bool all = request.topics->size() == interests_.size();
  asked_ = all ? question::names : question::awaited;
  stale_ = !all;
}

std::optional<outgoing> metadata::next_request(request_id id, steady_time now) {
  const bool aged = refreshed_once_ && now >= refreshed_at_ + config_.metadata_max_age;
  if (in_flight_ || !(stale_ || aged || !ids_.empty()) || now < not_before_) return std::nullopt;
  protocol::metadata_request request;
  request.allow_auto_topic_creation = false;
  if (!ids_.empty() && !(asked_ == question::ids && (stale_ || aged))) {
    // Apart from the others, in turn: a broker that sees an id looks at no name.
    asked_ = question::ids;
    for (const uuid& one : ids_) request.topics->push_back({one, std::nullopt, {}});
  } else if (matches_) {
    asked_ = question::everything;
    request.topics.reset();
    stale_ = false;
  } else {
    ask_for_names(request, now);
  }
  in_flight_ = true;
  if (asked_ != question::ids) {
    ++questions_;
    asked_at_ = now;
  }
  outgoing out;
  out.from = owner::metadata;
  out.id = id;
  out.request = std::move(request);
  out.deadline = now + config_.request_timeout;
  return out;
}

void metadata::schedule_retry(steady_time now) {
  const backoff pause{config_.retry_backoff, config_.retry_backoff_max};
  not_before_ = now + pause.wait(failures_, random_);
  ++failures_;
  stale_ = true;
}

void metadata::learn_racks(const std::vector<protocol::metadata_response::broker>& told) {
  // Who is not named is away, and has not moved: a broker that restarts is no reason to divide partitions anew.
  for (const auto& broker : told) {
    if (broker.rack && !broker.rack->empty()) {
      racks_[broker.node_id] = *broker.rack;
    } else {
      racks_.erase(broker.node_id);
    }
  }
}

std::vector<std::vector<std::string>> metadata::racks_of(std::string_view topic) const {
  const auto asked = interests_.find(topic);
  if (asked == interests_.end() || racks_.empty()) return {};
  std::vector<std::vector<std::string>> out(asked->second.replicas.size());
  for (std::size_t partition = 0; partition < out.size(); ++partition) {
    std::vector<std::string>& of = out[partition];
    for (const std::int32_t replica : asked->second.replicas[partition]) {
      if (const auto rack = racks_.find(replica); rack != racks_.end()) of.push_back(rack->second);
    }
    std::sort(of.begin(), of.end());
    of.erase(std::unique(of.begin(), of.end()), of.end());
  }
  return out;
}

bool metadata::merge_partitions(protocol::metadata_response::topic& told, topic_view& known, interest& asked) {
  bool complete = true;
  for (auto& partition : told.partitions) {
    // Ids are dense in Kafka; the bound keeps a hostile answer from making us allocate by a number it only claims.
    if (partition.partition_index < 0 ||
        static_cast<std::size_t>(partition.partition_index) >= told.partitions.size()) {
      continue;
    }
    const auto index = static_cast<std::size_t>(partition.partition_index);
    if (index >= known.partitions.size()) known.partitions.resize(index + 1);
    partition_view& entry = known.partitions[index];
    if (partition.leader_id < 0) complete = false;
    if (partition.leader_epoch >= 0 && partition.leader_epoch < entry.leader_epoch) {
      if (++asked.stale_answers[partition.partition_index] < agreeing_stale_answers) {
        complete = false;
        continue;
      }
    }
    asked.stale_answers.erase(partition.partition_index);
    entry = {partition.leader_id, partition.leader_epoch};
    asked.replicas.resize(known.partitions.size());
    asked.replicas[index] = std::move(partition.replica_nodes);
  }
  return complete;
}

bool metadata::merge_topic(protocol::metadata_response::topic& told, steady_time now) {
  if (!told.name) return asked_ != question::ids;  // nobody knows the id yet, or nobody any more
  auto asked = interests_.find(*told.name);
  if (asked_ == question::ids) {
    ids_.erase(told.topic_id);
    asked = interests_.try_emplace(*told.name).first;
  } else if (asked_ == question::everything && matches_ && is_there(told) && matches_(*told.name)) {
    matching_->insert(*told.name);
    asked = interests_.try_emplace(*told.name).first;
  }
  if (asked == interests_.end()) return true;
  asked->second.looked_up = true;
  topic_view& known = view_.topics[*told.name];
  known.name = *told.name;
  if (told.error_code != 0) {
    const auto code = static_cast<broker_errc>(told.error_code);
    known.failure = {code, "Metadata to " + answered_by_ + " for topic " + known.name};
    // Only somebody who still waits makes us ask again for what cannot be used.
    return !is_retriable(code) || asked->second.wanted_until <= now;
  }
  known.failure = {};
  if (!told.topic_id.is_zero() && !known.id.is_zero() && known.id != told.topic_id) {
    known.partitions.clear();  // deleted and made again: its epochs begin anew
    asked->second.stale_answers.clear();
    asked->second.replicas.clear();
  }
  known.id = told.topic_id;
  return merge_partitions(told, known, asked->second);
}

bool metadata::merge(protocol::metadata_response& told, steady_time now) {
  bool complete = true;
  std::set<std::string, std::less<>> seen;
  if (asked_ == question::everything) matching_.emplace();
  for (auto& topic : told.topics) {
    complete = merge_topic(topic, now) && complete;
    if (topic.name) seen.insert(*topic.name);
  }
  if (asked_ != question::everything) return complete;
  for (const auto& [name, asked] : interests_) {
    if (seen.contains(name)) continue;
    // Asked by name, it would have been named with this error.
    protocol::metadata_response::topic missing;
    missing.name = name;
    missing.error_code = static_cast<std::int16_t>(broker_errc::unknown_topic_or_partition);
    complete = merge_topic(missing, now) && complete;
  }
  return complete;
}

std::vector<node> metadata::on_reply(reply& answer, steady_time now) {
  in_flight_ = false;
  auto* response = std::get_if<protocol::metadata_response>(&answer.response);
  if (answer.failure || !response || response->error_code != 0) {
    last_failure_ = answer.failure ? answer.failure
                    : response ? error(static_cast<broker_errc>(response->error_code), "Metadata to " + answer.broker)
                               : error(client_errc::malformed_response, "Metadata to " + answer.broker);
    schedule_retry(now);
    return {};
  }
  last_failure_ = {};
  if (asked_ == question::names || asked_ == question::everything) {
    refreshed_at_ = now;
    refreshed_once_ = true;
    as_of_ = asked_at_;
    answered_ = questions_;
  }
  view_.controller = response->controller_id;
  learn_racks(response->brokers);
  answered_by_ = answer.broker;
  const bool complete = merge(*response, now);
  ++view_.version;
  if (complete) {
    failures_ = 0;
    // Whatever made us ask was known before this answer; asking again at once would tell nothing new.
    not_before_ = now + config_.retry_backoff;
  } else {
    const bool was_stale = stale_;
    schedule_retry(now);
    if (asked_ == question::ids) stale_ = was_stale;  // those that have names are well
  }
  std::vector<node> brokers;
  brokers.reserve(response->brokers.size());
  for (auto& broker : response->brokers) {
    brokers.push_back({broker.node_id, std::move(broker.host), broker.port, std::move(broker.rack)});
  }
  return brokers;
}

steady_time metadata::deadline() const {
  if (in_flight_) return never;
  if (stale_ || !ids_.empty()) return not_before_;
  return refreshed_once_ ? std::max(refreshed_at_ + config_.metadata_max_age, not_before_) : never;
}

}  // namespace kafka::client
