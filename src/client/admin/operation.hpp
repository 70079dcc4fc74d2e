// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/error.hpp>

#include "client/wire.hpp"

namespace kafka::client {

/// What the user asks of a cluster, one struct a call of kafka::admin.
namespace admin_call {
struct list_topics {
  bool internal = false;
};
struct describe_topics {
  std::vector<std::string> names;
};
struct describe_cluster {};
struct create_topics {
  std::vector<new_topic> topics;
  bool validate_only = false;
};
struct delete_topics {
  std::vector<std::string> names;
};
struct list_offsets {
  std::vector<assignment> queries;
};
using any = std::variant<list_topics, describe_topics, describe_cluster, create_topics, delete_topics, list_offsets>;
}  // namespace admin_call

/// What an admin_call gives: names, descriptions, the cluster, or an outcome for each item.
using admin_result = std::variant<std::monostate, std::vector<std::string>, std::vector<topic_description>,
                                  cluster_description, std::vector<topic_result>, std::vector<offset_result>>;

/// One admin call's own logic: what to ask next, what an answer means. Pure; admin_requests does the rest (routing,
/// back-off, deadlines), so that an operation never knows of time.
class admin_operation {
 public:
  struct addressed {
    std::int32_t node = any_node;
    any_request request;
    /// Comes back with the answer.
    std::size_t tag = 0;
  };

  admin_operation() = default;
  admin_operation(const admin_operation&) = delete;
  admin_operation& operator=(const admin_operation&) = delete;
  virtual ~admin_operation() = default;

  /// What to send now; called again, after a back-off, when all answers are in and the operation is not finished.
  [[nodiscard]] virtual std::vector<addressed> requests() = 0;
  /// One answer. Failures of a whole request come here too.
  virtual void on_reply(reply& answer, std::size_t tag) = 0;
  /// Whether every item has its outcome, or the call as a whole has failed for good.
  [[nodiscard]] virtual bool finished() const = 0;
  /// What the user gets. `unfinished` is the outcome of items that have none, because time ran out; no error otherwise.
  [[nodiscard]] virtual admin_result result(const error& unfinished) = 0;
  /// Why the whole call failed, if it did.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }
  /// The last error met on the way, for the cause when time runs out.
  [[nodiscard]] const error& last_error() const noexcept { return last_error_; }

 protected:
  /// Takes note of a request's failure. True if it ends the call: trying again would not help.
  bool note_failure(const error& why) {
    last_error_ = why;
    if (!why.retriable()) failure_ = why;
    return !why.retriable();
  }
  void note(const error& why) { last_error_ = why; }
  void fail(error why) { failure_ = std::move(why); }

 private:
  error failure_;
  error last_error_;
};

[[nodiscard]] std::unique_ptr<admin_operation> make_operation(const admin_call::list_topics& call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::describe_topics call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(const admin_call::describe_cluster& call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::create_topics call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::delete_topics call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::list_offsets call);

/// Metadata of these topics, never creating one.
[[nodiscard]] protocol::metadata_request metadata_of(const std::vector<std::string>& topics);
/// A topic of a Metadata answer in the public form.
[[nodiscard]] topic_description describe(const protocol::metadata_response::topic& told, const std::string& broker);

}  // namespace kafka::client
