// SPDX-License-Identifier: Apache-2.0
// create_topics and delete_topics: changes that only the controller makes.
#include <algorithm>

#include "client/admin/operation.hpp"

namespace kafka::client {

namespace {

/// Finds the controller, sends it the items without an outcome, then looks at the topics until the change shows.
class topic_change : public admin_operation {
 public:
  explicit topic_change(std::vector<std::string> names) : done_(names.size(), false) {
    for (std::string& name : names) results_.push_back({std::move(name), {}, {}});
  }

  std::vector<addressed> requests() override {
    std::vector<addressed> out;
    std::vector<std::size_t> open;
    for (std::size_t index = 0; index < results_.size(); ++index) {
      if (!done_[index]) open.push_back(index);
    }
    if (open.empty()) {
      std::vector<std::string> names;
      for (const topic_result& one : results_) {
        if (!one.failure) names.push_back(one.name);
      }
      out.push_back({any_node, metadata_of(names), 0});
    } else if (controller_ == any_node) {
      out.push_back({any_node, metadata_of({}), 0});
    } else {
      out.push_back({controller_, change_request(open), 0});
    }
    return out;
  }

  void on_reply(reply& answer, std::size_t) override {
    if (answer.failure) {
      controller_ = any_node;  // it may be another by now
      note_failure(answer.failure);
      return;
    }
    if (auto* response = std::get_if<protocol::metadata_response>(&answer.response)) {
      if (response->controller_id >= 0) controller_ = response->controller_id;
      if (all_done()) shown_ = shows(*response);
      return;
    }
    on_change(answer);
    if (all_done() && !needs_to_show()) shown_ = true;
  }

  bool finished() const override { return shown_ || failure(); }

  admin_result result(const error& unfinished) override {
    for (std::size_t index = 0; index < results_.size(); ++index) {
      if (!done_[index]) results_[index].failure = unfinished;
    }
    return std::move(results_);
  }

 protected:
  [[nodiscard]] virtual any_request change_request(const std::vector<std::size_t>& open) const = 0;
  virtual void on_change(reply& answer) = 0;
  /// Whether the cluster's metadata has to be watched after the controller said yes.
  [[nodiscard]] virtual bool needs_to_show() const = 0;
  [[nodiscard]] virtual bool shows(const protocol::metadata_response& response) const = 0;

  void on_item(const std::optional<std::string>& name, std::int16_t code, const std::optional<std::string>& message,
               const uuid& id, const std::string& context) {
    if (!name) return;
    for (std::size_t index = 0; index < results_.size(); ++index) {
      if (results_[index].name != *name || done_[index]) continue;
      const auto errc = static_cast<broker_errc>(code);
      const error why(errc, context + " for topic " + *name + (message && !message->empty() ? ": " + *message : ""));
      if (errc == broker_errc::not_controller) controller_ = any_node;
      if (errc != broker_errc::none && why.retriable() && errc != broker_errc::unknown_topic_or_partition) {
        note(why);
        continue;
      }
      done_[index] = true;
      results_[index].id = id;
      if (errc != broker_errc::none) results_[index].failure = why;
    }
  }

  [[nodiscard]] const std::vector<topic_result>& results() const noexcept { return results_; }
  [[nodiscard]] bool any_succeeded() const {
    return std::any_of(results_.begin(), results_.end(), [](const topic_result& one) { return !one.failure; });
  }

 private:
  [[nodiscard]] bool all_done() const { return std::find(done_.begin(), done_.end(), false) == done_.end(); }

  std::int32_t controller_ = any_node;
  std::vector<topic_result> results_;
  std::vector<bool> done_;
  bool shown_ = false;
};

std::vector<std::string> names_of(const std::vector<new_topic>& topics) {
  std::vector<std::string> names;
  for (const new_topic& topic : topics) names.push_back(topic.name);
  return names;
}

class topics_creation final : public topic_change {
 public:
  explicit topics_creation(admin_call::create_topics call)
      : topic_change(names_of(call.topics)), call_(std::move(call)) {}

 private:
  any_request change_request(const std::vector<std::size_t>& open) const override {
    protocol::create_topics_request request;
    request.validate_only = call_.validate_only;
    request.timeout_ms = 30'000;
    for (const std::size_t index : open) {
      const new_topic& wanted = call_.topics[index];
      auto& topic = request.topics.emplace_back();
      topic.name = wanted.name;
      topic.num_partitions = wanted.partitions;
      topic.replication_factor = wanted.replication_factor;
      for (const auto& [name, value] : wanted.configs) {
        auto& config = topic.configs.emplace_back();
        config.name = name;
        config.value = value;
      }
    }
    return request;
  }

  void on_change(reply& answer) override {
    auto* response = std::get_if<protocol::create_topics_response>(&answer.response);
    if (!response) return;
    for (const auto& topic : response->topics) {
      on_item(topic.name, topic.error_code, topic.error_message, topic.topic_id, "CreateTopics to " + answer.broker);
    }
  }

  bool needs_to_show() const override { return !call_.validate_only && any_succeeded(); }

  bool shows(const protocol::metadata_response& response) const override {
    for (const topic_result& one : results()) {
      if (one.failure) continue;
      const auto told = std::find_if(response.topics.begin(), response.topics.end(),
                                     [&](const auto& topic) { return topic.name == one.name; });
      if (told == response.topics.end() || told->error_code != 0 || told->partitions.empty()) return false;
      for (const auto& partition : told->partitions) {
        if (partition.leader_id < 0) return false;
      }
    }
    return true;
  }

  admin_call::create_topics call_;
};

class topics_deletion final : public topic_change {
 public:
  explicit topics_deletion(std::vector<std::string> names) : topic_change(std::move(names)) {}

 private:
  any_request change_request(const std::vector<std::size_t>& open) const override {
    protocol::delete_topics_request request;
    request.timeout_ms = 30'000;
    for (const std::size_t index : open) {
      // One list is for versions since 6, the other for those before; each version writes its own.
      request.topics.emplace_back().name = results()[index].name;
      request.topic_names.push_back(results()[index].name);
    }
    return request;
  }

  void on_change(reply& answer) override {
    auto* response = std::get_if<protocol::delete_topics_response>(&answer.response);
    if (!response) return;
    for (const auto& topic : response->responses) {
      on_item(topic.name, topic.error_code, topic.error_message, topic.topic_id, "DeleteTopics to " + answer.broker);
    }
  }

  bool needs_to_show() const override { return any_succeeded(); }

  bool shows(const protocol::metadata_response& response) const override {
    return std::all_of(response.topics.begin(), response.topics.end(), [](const auto& topic) {
      return static_cast<broker_errc>(topic.error_code) == broker_errc::unknown_topic_or_partition;
    });
  }
};

}  // namespace

std::unique_ptr<admin_operation> make_operation(admin_call::create_topics call) {
  return std::make_unique<topics_creation>(std::move(call));
}
std::unique_ptr<admin_operation> make_operation(admin_call::delete_topics call) {
  return std::make_unique<topics_deletion>(std::move(call.names));
}

}  // namespace kafka::client
