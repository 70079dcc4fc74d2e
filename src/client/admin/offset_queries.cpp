// SPDX-License-Identifier: Apache-2.0
// list_offsets: asks each partition's leader.
#include <algorithm>
#include <map>
#include <set>

#include "client/admin/operation.hpp"

namespace kafka::client {

namespace {

std::int64_t query_timestamp(position from) noexcept {
  switch (from.what()) {
    case position::kind::oldest:
      return -2;
    case position::kind::timestamp:
      return from.value();
    case position::kind::newest:
    case position::kind::absolute:
      break;
  }
  return -1;
}

class offset_lookup final : public admin_operation {
 public:
  explicit offset_lookup(admin_call::list_offsets call)
      : queries_(std::move(call.queries)),
        read_committed_(call.read_committed),
        done_(queries_.size(), false),
        rounds_(queries_.size(), 0) {
    for (std::size_t index = 0; index < queries_.size(); ++index) {
      const assignment& query = queries_[index];
      results_.push_back({query.topic, query.partition, -1, -1, {}});
      if (query.from.what() == position::kind::absolute) {  // nothing to look up
        results_[index].offset = query.from.value();
        done_[index] = true;
      }
    }
  }

  std::vector<addressed> requests() override {
    std::vector<addressed> out;
    std::set<std::string> unknown;
    std::map<std::pair<std::int32_t, std::size_t>, protocol::list_offsets_request> by_node;
    std::map<std::pair<std::int32_t, topic_partition>, std::size_t> asked;
    for (std::size_t index = 0; index < queries_.size(); ++index) {
      if (done_[index]) continue;
      const topic_partition where{queries_[index].topic, queries_[index].partition};
      const auto leader = leaders_.find(where);
      if (leader == leaders_.end()) {
        unknown.insert(where.topic);
        continue;
      }
      // A request may name a partition once: a second question about it goes into a second request.
      const std::size_t round = asked[{leader->second.first, where}]++;
      rounds_[index] = round;
      add(by_node[{leader->second.first, round}], where, leader->second.second, queries_[index].from);
    }
    if (!unknown.empty()) {
      out.push_back({any_node, metadata_of({unknown.begin(), unknown.end()}), 0});
      return out;
    }
    for (auto& [where, request] : by_node) out.push_back({where.first, std::move(request), where.second});
    return out;
  }

  void on_reply(reply& answer, std::size_t round) override {
    if (answer.failure) {
      leaders_.clear();
      note_failure(answer.failure);
      return;
    }
    if (auto* told = std::get_if<protocol::metadata_response>(&answer.response))
      return on_metadata(*told, answer.broker);
    if (auto* offsets = std::get_if<protocol::list_offsets_response>(&answer.response)) {
      on_offsets(*offsets, answer.broker, round);
    }
  }

  bool finished() const override { return failure() || std::find(done_.begin(), done_.end(), false) == done_.end(); }

  admin_result result(const error& unfinished) override {
    for (std::size_t index = 0; index < results_.size(); ++index) {
      if (!done_[index]) results_[index].failure = unfinished;
    }
    return std::move(results_);
  }

 private:
  void add(protocol::list_offsets_request& request, const topic_partition& where, std::int32_t epoch,
           position from) const {
    request.replica_id = -1;
    request.isolation_level = read_committed_ ? 1 : 0;
    request.timeout_ms = 30'000;
    auto topic = std::find_if(request.topics.begin(), request.topics.end(),
                              [&](const auto& one) { return one.name == where.topic; });
    if (topic == request.topics.end()) {
      request.topics.emplace_back().name = where.topic;
      topic = request.topics.end() - 1;
    }
    auto& partition = topic->partitions.emplace_back();
    partition.partition_index = where.partition;
    partition.current_leader_epoch = epoch;
    partition.timestamp = query_timestamp(from);
  }

  void settle(const topic_partition& where, const error& why) {
    for (std::size_t index = 0; index < queries_.size(); ++index) {
      if (done_[index] || queries_[index].partition != where.partition || queries_[index].topic != where.topic)
        continue;
      results_[index].failure = why;
      done_[index] = true;
    }
  }

  void on_metadata(const protocol::metadata_response& response, const std::string& broker) {
    for (const auto& told : response.topics) {
      const topic_description topic = describe(told, broker);
      if (topic.failure) note(topic.failure);
      for (std::size_t index = 0; index < queries_.size(); ++index) {
        const topic_partition where{queries_[index].topic, queries_[index].partition};
        if (done_[index] || where.topic != topic.name) continue;
        if (topic.failure && topic.failure != broker_errc::leader_not_available) {
          settle(where, topic.failure);
          continue;
        }
        const auto partition = std::find_if(topic.partitions.begin(), topic.partitions.end(),
                                            [&](const auto& one) { return one.partition == where.partition; });
        if (partition == topic.partitions.end()) {
          if (!topic.failure)
            settle(where, {broker_errc::unknown_topic_or_partition, "no partition " + to_string(where)});
        } else if (partition->leader >= 0) {
          leaders_[where] = {partition->leader, partition->leader_epoch};
        } else {
          note({broker_errc::leader_not_available, to_string(where)});
        }
      }
    }
  }

  void on_offsets(const protocol::list_offsets_response& response, const std::string& broker, std::size_t round) {
    for (const auto& topic : response.topics) {
      for (const auto& told : topic.partitions) {
        const topic_partition where{topic.name, told.partition_index};
        const auto code = static_cast<broker_errc>(told.error_code);
        if (code != broker_errc::none) {
          const error why(code, "ListOffsets to " + broker + " for " + to_string(where));
          leaders_.erase(where);
          if (why.retriable()) {
            note(why);
          } else {
            settle(where, why);
          }
          continue;
        }
        take(where, round, told.offset, told.timestamp);
      }
    }
  }

  /// Gives the answer to the question about the partition that was asked in that round.
  void take(const topic_partition& where, std::size_t round, std::int64_t offset, timestamp_ms timestamp) {
    for (std::size_t index = 0; index < queries_.size(); ++index) {
      if (done_[index] || rounds_[index] != round) continue;
      if (queries_[index].partition != where.partition || queries_[index].topic != where.topic) continue;
      results_[index].offset = offset;
      results_[index].timestamp = timestamp;
      done_[index] = true;
      return;
    }
  }

  std::vector<assignment> queries_;
  bool read_committed_;
  std::vector<offset_result> results_;
  std::vector<bool> done_;
  std::vector<std::size_t> rounds_;  // by query: which of the requests about its partition asks it
  std::map<topic_partition, std::pair<std::int32_t, std::int32_t>> leaders_;  // node id and leader epoch
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::list_offsets call) {
  return std::make_unique<offset_lookup>(std::move(call));
}

}  // namespace kafka::client
