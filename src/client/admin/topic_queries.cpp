// SPDX-License-Identifier: Apache-2.0
// list_topics, describe_topics, describe_cluster: all of them questions to Metadata.
#include <algorithm>
#include <map>

#include "client/admin/operation.hpp"

namespace kafka::client {

protocol::metadata_request metadata_of(const std::vector<std::string>& topics) {
  protocol::metadata_request request;
  request.allow_auto_topic_creation = false;
  for (const std::string& name : topics) request.topics->emplace_back().name = name;
  return request;
}

topic_description describe(const protocol::metadata_response::topic& told, const std::string& broker) {
  topic_description out;
  out.name = told.name.value_or("");
  out.id = told.topic_id;
  out.internal = told.is_internal;
  const std::string question = "Metadata to " + broker + " for topic " + out.name;
  if (told.error_code != 0) out.failure = {static_cast<broker_errc>(told.error_code), question};
  for (const auto& partition : told.partitions) {
    partition_description& made = out.partitions.emplace_back();
    made.partition = partition.partition_index;
    made.leader = partition.leader_id;
    made.leader_epoch = partition.leader_epoch;
    made.replicas = partition.replica_nodes;
    made.in_sync_replicas = partition.isr_nodes;
    made.offline_replicas = partition.offline_replicas;
    if (partition.error_code != 0) {
      made.failure = {static_cast<broker_errc>(partition.error_code),
                      question + ", partition " + std::to_string(partition.partition_index)};
    }
  }
  std::sort(out.partitions.begin(), out.partitions.end(),
            [](const auto& left, const auto& right) { return left.partition < right.partition; });
  return out;
}

namespace {

/// One Metadata request whose answer is the result.
class metadata_query : public admin_operation {
 public:
  std::vector<addressed> requests() override {
    std::vector<addressed> out;
    out.push_back({any_node, request(), 0});
    return out;
  }

  void on_reply(reply& answer, std::size_t) override {
    if (answer.failure) {
      note_failure(answer.failure);
      return;
    }
    auto* response = std::get_if<protocol::metadata_response>(&answer.response);
    if (!response) return;
    if (response->error_code != 0) {
      note_failure({static_cast<broker_errc>(response->error_code), "Metadata to " + answer.broker});
      return;
    }
    answered_ = accept(*response, answer.broker);
  }

  bool finished() const override { return answered_ || failure(); }

 protected:
  [[nodiscard]] virtual protocol::metadata_request request() const = 0;
  /// False to ask again.
  [[nodiscard]] virtual bool accept(protocol::metadata_response& response, const std::string& broker) = 0;

 private:
  bool answered_ = false;
};

class topics_listing final : public metadata_query {
 public:
  explicit topics_listing(bool internal) : internal_(internal) {}

  admin_result result(const error&) override { return std::move(names_); }
  bool has_items() const override { return false; }

 private:
  protocol::metadata_request request() const override {
    protocol::metadata_request all = metadata_of({});
    all.topics.reset();
    return all;
  }

  bool accept(protocol::metadata_response& response, const std::string&) override {
    for (auto& topic : response.topics) {
      if (topic.name && (internal_ || !topic.is_internal)) names_.push_back(std::move(*topic.name));
    }
    std::sort(names_.begin(), names_.end());
    return true;
  }

  bool internal_;
  std::vector<std::string> names_;
};

class topics_description final : public metadata_query {
 public:
  explicit topics_description(std::vector<std::string> names) : names_(std::move(names)) {}

  admin_result result(const error& unfinished) override {
    std::vector<topic_description> out;
    for (const std::string& name : names_) {
      const auto found = told_.find(name);
      topic_description one = found != told_.end() ? found->second : topic_description{};
      one.name = name;
      if (found == told_.end()) one.failure = unfinished;
      out.push_back(std::move(one));
    }
    return out;
  }

 private:
  protocol::metadata_request request() const override { return metadata_of(names_); }

  bool accept(protocol::metadata_response& response, const std::string& broker) override {
    bool settled = true;
    for (const auto& topic : response.topics) {
      if (!topic.name) continue;
      topic_description& known = told_[*topic.name];
      known = describe(topic, broker);
      // A topic that was just created has no leaders for a moment; a topic that does not exist is an answer.
      if (known.failure == broker_errc::leader_not_available) {
        note(known.failure);
        settled = false;
      }
    }
    for (const std::string& name : names_) {
      if (told_.contains(name)) continue;
      told_[name].failure = {client_errc::malformed_response,
                             "Metadata to " + broker + " says nothing of topic " + name};
    }
    return settled;
  }

  std::vector<std::string> names_;
  std::map<std::string, topic_description> told_;
};

class cluster_query final : public metadata_query {
 public:
  admin_result result(const error&) override { return std::move(told_); }
  bool has_items() const override { return false; }

 private:
  protocol::metadata_request request() const override { return metadata_of({}); }

  bool accept(protocol::metadata_response& response, const std::string&) override {
    told_.cluster_id = response.cluster_id.value_or("");
    told_.controller = response.controller_id;
    for (auto& broker : response.brokers) {
      told_.brokers.push_back({broker.node_id, std::move(broker.host), broker.port, std::move(broker.rack)});
    }
    std::sort(told_.brokers.begin(), told_.brokers.end(),
              [](const node& left, const node& right) { return left.id < right.id; });
    return true;
  }

  cluster_description told_;
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(const admin_call::list_topics& call) {
  return std::make_unique<topics_listing>(call.internal);
}
std::unique_ptr<admin_operation> make_operation(admin_call::describe_topics call) {
  return std::make_unique<topics_description>(std::move(call.names));
}
std::unique_ptr<admin_operation> make_operation(const admin_call::describe_cluster&) {
  return std::make_unique<cluster_query>();
}

}  // namespace kafka::client
