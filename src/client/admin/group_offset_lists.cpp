// SPDX-License-Identifier: Apache-2.0
// list_group_offsets: OffsetFetch, of several groups at once where the broker can (KIP-709).
#include <algorithm>
#include <map>

#include "client/admin/group_operation.hpp"

namespace kafka::client {

namespace {

using protocol::offset_fetch_request;
using protocol::offset_fetch_response;

/// Newer versions know topics by id alone.
constexpr std::int16_t topics_by_name_until = 9;
/// The newest version that asks for one group.
constexpr std::int16_t one_group_until = 7;

/// Both forms of the request name partitions by topic.
template <class Topic>
std::optional<std::vector<Topic>> topics_of(const group_query& query) {
  if (!query.partitions) return std::nullopt;
  std::map<std::string, std::vector<std::int32_t>> by_topic;
  for (const topic_partition& one : *query.partitions) {
    std::vector<std::int32_t>& partitions = by_topic[one.topic];
    if (std::find(partitions.begin(), partitions.end(), one.partition) == partitions.end())
      partitions.push_back(one.partition);
  }
  std::vector<Topic> out;
  for (auto& [name, partitions] : by_topic) {
    Topic& topic = out.emplace_back();
    topic.name = name;
    topic.partition_indexes = std::move(partitions);
  }
  return out;
}

class group_offset_lookup final : public group_operation {
 public:
  explicit group_offset_lookup(admin_call::list_group_offsets call)
      : group_operation(names_of(call.queries)), call_(std::move(call)), told_(size()), asked_alone_(size(), false) {}

  admin_result result(const error& unfinished) override {
    std::vector<group_offsets> out;
    for (std::size_t item = 0; item < size(); ++item) {
      group_offsets& one = out.emplace_back();
      one.group_id = group(item);
      one.failure = outcome(item, unfinished);
      if (!one.failure) one.offsets = in_order(item);
    }
    return out;
  }

 private:
  using found_offsets = std::map<topic_partition, group_offset_result>;

  static std::vector<std::string> names_of(const std::vector<group_query>& queries) {
    std::vector<std::string> names;
    for (const group_query& query : queries) names.push_back(query.group_id);
    return names;
  }

  question ask(const items& asked) override {
    offset_fetch_request request;
    request.require_stable = call_.require_stable;
    if (one_at_a_time_) {
      asked_alone_[asked.front()] = true;
      request.group_id = group(asked.front());
      request.topics = topics_of<offset_fetch_request::topic>(call_.queries[asked.front()]);
      return {std::move(request), one_group_until};
    }
    for (const std::size_t item : asked) {
      auto& added = request.groups.emplace_back();
      added.group_id = group(item);
      added.topics = topics_of<offset_fetch_request::group_topic>(call_.queries[item]);
    }
    return {std::move(request), topics_by_name_until};
  }

  bool finds_another_way(const items& asked) override {
    if (asked_alone_[asked.front()]) return false;
    one_at_a_time_ = true;
    set_batch_max(1);
    return true;
  }

  void on_answer(reply& answer, const items& asked) override {
    auto* response = std::get_if<offset_fetch_response>(&answer.response);
    if (!response) return;
    const std::string context = "OffsetFetch to " + answer.broker + " for group ";
    if (response->groups.empty() && answer.version <= one_group_until) {
      const std::size_t item = asked.front();
      if (served(item, response->error_code, context + group(item))) take(item, response->topics, context);
      return;
    }
    for (auto& told : response->groups) {
      const std::size_t item = find(asked, told.group_id);
      if (item != size() && served(item, told.error_code, context + told.group_id)) take(item, told.topics, context);
    }
  }

  template <class Topic>
  void take(std::size_t item, const std::vector<Topic>& topics, const std::string& context) {
    found_offsets found;
    for (const Topic& topic : topics) {
      for (const auto& told : topic.partitions) {
        const topic_partition where{topic.name, told.partition_index};
        group_offset_result& one = found[where];
        one.stored = {where, told.committed_offset, told.committed_leader_epoch, told.metadata.value_or("")};
        if (told.error_code == 0) continue;
        one.failure = {static_cast<broker_errc>(told.error_code), context + group(item) + ", " + to_string(where)};
        one.stored.offset = -1;
        // Before version 2 the group's own errors stand here, too.
        if (is_passing(static_cast<broker_errc>(told.error_code))) return ask_again(item, one.failure);
      }
    }
    told_[item] = std::move(found);
    settle(item);
  }

  static bool is_passing(broker_errc code) noexcept {
    return code != broker_errc::unknown_topic_or_partition && code != broker_errc::unknown_topic_id &&
           is_retriable(code);
  }

  std::vector<group_offset_result> in_order(std::size_t item) const {
    std::vector<group_offset_result> out;
    const found_offsets& found = told_[item];
    if (!call_.queries[item].partitions) {
      for (const auto& [where, one] : found) out.push_back(one);
      return out;
    }
    for (const topic_partition& where : *call_.queries[item].partitions) {
      const auto told = found.find(where);
      if (told != found.end()) {
        out.push_back(told->second);
      } else {
        const error silent(client_errc::malformed_response, "OffsetFetch says nothing of " + to_string(where));
        out.push_back({{where}, silent});
      }
    }
    return out;
  }

  admin_call::list_group_offsets call_;
  std::vector<found_offsets> told_;
  std::vector<bool> asked_alone_;
  bool one_at_a_time_ = false;
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::list_group_offsets call) {
  return std::make_unique<group_offset_lookup>(std::move(call));
}

}  // namespace kafka::client
