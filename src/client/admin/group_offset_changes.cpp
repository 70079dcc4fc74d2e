// SPDX-License-Identifier: Apache-2.0
// alter_group_offsets and delete_group_offsets: a commit by nobody, and OffsetDelete.
#include <algorithm>
#include <map>

#include "client/admin/group_operation.hpp"

namespace kafka::client {

namespace {

/// Newer versions know topics by id alone.
constexpr std::int16_t topics_by_name_until = 9;

/// Partitions of one group, each with an outcome; those that the coordinator is to be asked about again are open.
class group_offsets_change : public group_operation {
 protected:
  group_offsets_change(const std::string& group, std::vector<topic_partition> partitions)
      : group_operation({group}), partitions_(std::move(partitions)) {}

  [[nodiscard]] const std::vector<topic_partition>& partitions() const noexcept { return partitions_; }
  [[nodiscard]] bool is_open(const topic_partition& where) const { return !outcomes_.contains(where); }

  /// What the coordinator said of each partition.
  template <class Topic>
  void take(const std::vector<Topic>& topics, const std::string& context) {
    std::vector<error> passing;
    for (const Topic& topic : topics) {
      for (const auto& told : topic.partitions) {
        const topic_partition where{topic.name, told.partition_index};
        const auto code = static_cast<broker_errc>(told.error_code);
        if (code == broker_errc::none) {
          outcomes_[where] = {};
          continue;
        }
        const error why(code, context + ", " + to_string(where) + explanation(code));
        // What is not there now will not be there for asking.
        if (why.retriable() && code != broker_errc::unknown_topic_or_partition) {
          passing.push_back(why);
        } else {
          outcomes_[where] = why;
        }
      }
    }
    if (!passing.empty()) return ask_again(0, passing.front());
    for (const topic_partition& where : partitions_) {
      if (is_open(where)) outcomes_[where] = {client_errc::malformed_response, context + ", " + to_string(where)};
    }
    settle(0);
  }

  [[nodiscard]] error outcome_of(const topic_partition& where, const error& unfinished) const {
    const auto told = outcomes_.find(where);
    return told != outcomes_.end() ? told->second : outcome(0, unfinished);
  }

 private:
  static std::string explanation(broker_errc code) {
    if (code != broker_errc::unknown_member_id && code != broker_errc::stale_member_epoch) return {};
    return ": while the group has members they alone store its offsets";
  }

  std::vector<topic_partition> partitions_;
  std::map<topic_partition, error> outcomes_;
};

class group_offsets_storing final : public group_offsets_change {
 public:
  explicit group_offsets_storing(admin_call::alter_group_offsets call)
      : group_offsets_change(call.group, partitions_of(call.offsets)), call_(std::move(call)) {}

  admin_result result(const error& unfinished) override {
    std::vector<group_offset_result> out;
    for (group_offset& one : call_.offsets) {
      error failure = outcome_of(one.partition, unfinished);
      out.push_back({std::move(one), std::move(failure)});
    }
    return out;
  }

 private:
  static std::vector<topic_partition> partitions_of(const std::vector<group_offset>& offsets) {
    std::vector<topic_partition> out;
    for (const group_offset& one : offsets) out.push_back(one.partition);
    return out;
  }

  question ask(const items&) override {
    std::map<topic_partition, const group_offset*> last;
    for (const group_offset& one : call_.offsets) {
      if (is_open(one.partition)) last[one.partition] = &one;
    }
    protocol::offset_commit_request request;
    request.group_id = call_.group;
    for (const auto& [where, wanted] : last) {
      if (request.topics.empty() || request.topics.back().name != where.topic)
        request.topics.emplace_back().name = where.topic;
      auto& partition = request.topics.back().partitions.emplace_back();
      partition.partition_index = where.partition;
      partition.committed_offset = wanted->offset;
      partition.committed_leader_epoch = wanted->leader_epoch;
      partition.committed_metadata = wanted->metadata;
    }
    return {std::move(request), topics_by_name_until};
  }

  void on_answer(reply& answer, const items&) override {
    const auto* response = std::get_if<protocol::offset_commit_response>(&answer.response);
    if (response) take(response->topics, "OffsetCommit to " + answer.broker + " for group " + call_.group);
  }

  admin_call::alter_group_offsets call_;
};

class group_offsets_deletion final : public group_offsets_change {
 public:
  explicit group_offsets_deletion(const admin_call::delete_group_offsets& call)
      : group_offsets_change(call.group, call.partitions) {}

  admin_result result(const error& unfinished) override {
    std::vector<partition_result> out;
    for (const topic_partition& where : partitions()) out.push_back({where, outcome_of(where, unfinished)});
    return out;
  }

 private:
  question ask(const items&) override {
    std::map<std::string, std::vector<std::int32_t>> by_topic;
    for (const topic_partition& where : partitions()) {
      std::vector<std::int32_t>& known = by_topic[where.topic];
      if (is_open(where) && std::find(known.begin(), known.end(), where.partition) == known.end())
        known.push_back(where.partition);
    }
    protocol::offset_delete_request request;
    request.group_id = group(0);
    for (const auto& [name, indexes] : by_topic) {
      auto& topic = request.topics.emplace_back();
      topic.name = name;
      for (const std::int32_t index : indexes) topic.partitions.push_back({index});
    }
    return {std::move(request)};
  }

  void on_answer(reply& answer, const items&) override {
    const auto* response = std::get_if<protocol::offset_delete_response>(&answer.response);
    const std::string context = "OffsetDelete to " + answer.broker + " for group " + group(0);
    if (response && served(0, response->error_code, context)) take(response->topics, context);
  }
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::alter_group_offsets call) {
  return std::make_unique<group_offsets_storing>(std::move(call));
}
std::unique_ptr<admin_operation> make_operation(admin_call::delete_group_offsets call) {
  return std::make_unique<group_offsets_deletion>(call);
}

}  // namespace kafka::client
