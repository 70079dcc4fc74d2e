// SPDX-License-Identifier: Apache-2.0
#include "client/metadata.hpp"

#include <algorithm>

namespace kafka::client {

namespace {

/// After so many answers in a row with an older epoch than ours, ours is what is out of date.
constexpr unsigned agreeing_stale_answers = 3;

}  // namespace

void metadata::want(std::string_view topic, steady_time until, steady_time now) {
  auto found = interests_.find(topic);
  if (found == interests_.end()) {
    found = interests_.emplace(std::string(topic), interest{}).first;
    stale_ = true;
    if (failures_ == 0) not_before_ = now;  // a first look-up need not wait for the pause after the last one
  }
  found->second.wanted_until = std::max(found->second.wanted_until, until);
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

std::optional<outgoing> metadata::next_request(request_id id, steady_time now) {
  const bool aged = refreshed_once_ && now >= refreshed_at_ + config_.metadata_max_age;
  if (in_flight_ || !(stale_ || aged) || now < not_before_) return std::nullopt;
  protocol::metadata_request request;
  request.allow_auto_topic_creation = allow_auto_create_;
  for (const auto& [name, asked] : interests_) {
    auto& topic = request.topics->emplace_back();
    topic.name = name;
  }
  in_flight_ = true;
  stale_ = false;
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

bool metadata::merge_partitions(const protocol::metadata_response::topic& told, topic_view& known, interest& asked) {
  bool complete = true;
  for (const auto& partition : told.partitions) {
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
  }
  return complete;
}

bool metadata::merge_topic(const protocol::metadata_response::topic& told, steady_time now) {
  if (!told.name) return true;
  const auto asked = interests_.find(*told.name);
  if (asked == interests_.end()) return true;
  topic_view& known = view_.topics[*told.name];
  known.name = *told.name;
  if (told.error_code != 0) {
    const auto code = static_cast<broker_errc>(told.error_code);
    known.failure = {code, "metadata of topic " + known.name};
    // Only somebody who still waits makes us ask again for what cannot be used.
    return !is_retriable(code) || asked->second.wanted_until <= now;
  }
  known.failure = {};
  if (!told.topic_id.is_zero() && !known.id.is_zero() && known.id != told.topic_id) {
    known.partitions.clear();  // deleted and made again: its epochs begin anew
    asked->second.stale_answers.clear();
  }
  known.id = told.topic_id;
  return merge_partitions(told, known, asked->second);
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
  refreshed_at_ = now;
  refreshed_once_ = true;
  view_.controller = response->controller_id;
  bool complete = true;
  for (const auto& topic : response->topics) complete = merge_topic(topic, now) && complete;
  ++view_.version;
  if (complete) {
    failures_ = 0;
    // Whatever made us ask was known before this answer; asking again at once would tell nothing new.
    not_before_ = now + config_.retry_backoff;
  } else {
    schedule_retry(now);
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
  if (stale_) return not_before_;
  return refreshed_once_ ? std::max(refreshed_at_ + config_.metadata_max_age, not_before_) : never;
}

}  // namespace kafka::client
