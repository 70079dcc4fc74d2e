// SPDX-License-Identifier: Apache-2.0
#include "client/fetch_session.hpp"

#include <algorithm>
#include <utility>

namespace kafka::client {

namespace {

void add(const fetch_wish& wish, protocol::fetch_request& request) {
  auto& topics = request.topics;
  if (topics.empty() || topics.back().topic != wish.where->topic || topics.back().topic_id != wish.topic_id) {
    auto& made = topics.emplace_back();
    made.topic = wish.where->topic;
    made.topic_id = wish.topic_id;
  }
  topics.back().partitions.push_back(wish.ask);
}

void forget(const topic_partition& where, const uuid& topic_id, protocol::fetch_request& request) {
  auto& topics = request.forgotten_topics_data;
  const auto same = std::find_if(topics.begin(), topics.end(),
                                 [&](const auto& one) { return one.topic == where.topic && one.topic_id == topic_id; });
  auto& topic = same == topics.end() ? topics.emplace_back() : *same;
  topic.topic = where.topic;
  topic.topic_id = topic_id;
  topic.partitions.push_back(where.partition);
}

}  // namespace

void fetch_session::compose(const std::vector<fetch_wish>& wishes, protocol::fetch_request& request) {
  ++turn_;
  const bool by_id =
      std::none_of(wishes.begin(), wishes.end(), [](const fetch_wish& wish) { return wish.topic_id.is_zero(); });
  if (by_id != uses_topic_ids_) next_epoch_ = first_epoch;  // a session speaks one of both languages
  uses_topic_ids_ = by_id;
  request.session_id = id_;
  request.session_epoch = next_epoch_;
  if (next_epoch_ == first_epoch) {
    begin(wishes, request);
  } else {
    go_on(wishes, request);
  }
}

void fetch_session::begin(const std::vector<fetch_wish>& wishes, protocol::fetch_request& request) {
  known_.clear();
  names_.clear();
  for (const fetch_wish& wish : wishes) {
    known_[*wish.where] = {wish.topic_id, wish.ask, {}, turn_};
    if (uses_topic_ids_) names_.try_emplace(wish.topic_id, wish.where->topic);
    add(wish, request);
  }
}

void fetch_session::go_on(const std::vector<fetch_wish>& wishes, protocol::fetch_request& request) {
  for (const fetch_wish& wish : wishes) {
    const auto [found, is_new] = known_.try_emplace(*wish.where);
    known_partition& known = found->second;
    known.turn = turn_;
    const bool is_another = !is_new && known.topic_id != wish.topic_id;  // deleted and made again
    if (!is_new && !is_another && known.asked == wish.ask) continue;
    if (is_another) forget(*wish.where, known.topic_id, request);
    if (is_new || is_another) {
      known.told = {};
      if (uses_topic_ids_) names_.try_emplace(wish.topic_id, wish.where->topic);
    }
    known.topic_id = wish.topic_id;
    known.asked = wish.ask;
    add(wish, request);
  }
  if (known_.size() == wishes.size()) return;
  for (auto next = known_.begin(); next != known_.end();) {
    const auto current = next++;
    if (current->second.turn == turn_) continue;
    forget(current->first, current->second.topic_id, request);
    known_.erase(current);
  }
}

void fetch_session::end(protocol::fetch_request& request) {
  request.session_id = std::exchange(id_, 0);
  request.session_epoch = final_epoch;
  next_epoch_ = first_epoch;
  known_.clear();
  names_.clear();
}

bool fetch_session::take(const protocol::fetch_response& response) {
  const auto code = static_cast<broker_errc>(response.error_code);
  if (code != broker_errc::none) {
    // Where the broker may still have the session, the next request names it, so that it makes room for the new one.
    if (code == broker_errc::fetch_session_id_not_found) id_ = 0;
    next_epoch_ = first_epoch;
    return false;
  }
  id_ = response.session_id;
  if (id_ == 0) {
    next_epoch_ = first_epoch;
  } else {
    next_epoch_ = next_epoch_ == INT32_MAX ? 1 : next_epoch_ + 1;
  }
  remember_marks(response);
  return true;
}

void fetch_session::remember_marks(const protocol::fetch_response& response) {
  for (const auto& topic : response.responses) {
    topic_partition where{std::string(name_of(topic)), 0};
    for (const auto& told : topic.partitions) {
      where.partition = told.partition_index;
      const auto found = known_.find(where);
      if (found == known_.end() || told.error_code != 0) continue;
      found->second.told = {told.high_watermark, told.last_stable_offset};
    }
  }
}

std::string_view fetch_session::name_of(const protocol::fetch_response::topic_data& topic) const {
  if (!topic.topic.empty()) return topic.topic;
  const auto found = names_.find(topic.topic_id);
  return found == names_.end() ? std::string_view() : std::string_view(found->second);
}

fetch_marks fetch_session::marks_of(const topic_partition& where) const {
  const auto found = known_.find(where);
  return found == known_.end() ? fetch_marks{} : found->second.told;
}

}  // namespace kafka::client
