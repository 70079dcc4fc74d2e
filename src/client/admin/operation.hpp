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
  /// Whether the newest position is that of the first open transaction.
  bool read_committed = false;
};
struct list_groups {
  group_filter filter;
};
struct describe_groups {
  std::vector<std::string> groups;
};
struct delete_groups {
  std::vector<std::string> groups;
};
struct list_group_offsets {
  std::vector<group_query> queries;
  bool require_stable = false;
};
struct alter_group_offsets {
  std::string group;
  std::vector<group_offset> offsets;
};
struct delete_group_offsets {
  std::string group;
  std::vector<topic_partition> partitions;
};
struct remove_group_members {
  std::string group;
  std::vector<std::string> instance_ids;
};
using any = std::variant<list_topics, describe_topics, describe_cluster, create_topics, delete_topics, list_offsets,
                         list_groups, describe_groups, delete_groups, list_group_offsets, alter_group_offsets,
                         delete_group_offsets, remove_group_members>;
}  // namespace admin_call

/// What an admin_call gives: names, descriptions, the cluster, or an outcome for each item.
using admin_result =
    std::variant<std::monostate, std::vector<std::string>, std::vector<topic_description>, cluster_description,
                 std::vector<topic_result>, std::vector<offset_result>, group_list, std::vector<group_description>,
                 std::vector<group_result>, std::vector<group_offsets>, std::vector<group_offset_result>,
                 std::vector<partition_result>, std::vector<member_result>>;

/// One admin call's own logic: what to ask next, what an answer means. Pure; admin_requests does the rest (routing,
/// back-off, deadlines), so that an operation never knows of time.
class admin_operation {
 public:
  struct addressed {
    std::int32_t node = any_node;
    any_request request;
    /// Comes back with the answer.
    std::size_t tag = 0;
    /// Not a newer version than this.
    std::int16_t version_max = protocol::no_version;
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
  /// Whether result() has items, which then tell that time ran out; otherwise the call as a whole has to.
  [[nodiscard]] virtual bool has_items() const { return true; }
  /// Why the whole call failed, if it did.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }
  /// The last error met on the way, for the cause when time runs out.
  [[nodiscard]] const error& last_error() const noexcept { return last_error_; }
  /// Whether something went wrong since this was asked last.
  [[nodiscard]] bool take_trouble() noexcept { return std::exchange(troubled_, false); }

 protected:
  /// Takes note of a request's failure. True if it ends the call: trying again would not help.
  bool note_failure(const error& why) {
    note(why);
    if (!why.retriable()) failure_ = why;
    return !why.retriable();
  }
  void note(const error& why) {
    last_error_ = why;
    troubled_ = true;
  }
  void fail(error why) { failure_ = std::move(why); }

 private:
  error failure_;
  error last_error_;
  bool troubled_ = false;
};

[[nodiscard]] std::unique_ptr<admin_operation> make_operation(const admin_call::list_topics& call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::describe_topics call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(const admin_call::describe_cluster& call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::create_topics call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::delete_topics call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::list_offsets call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::list_groups call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::describe_groups call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::delete_groups call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::list_group_offsets call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::alter_group_offsets call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::delete_group_offsets call);
[[nodiscard]] std::unique_ptr<admin_operation> make_operation(admin_call::remove_group_members call);

/// Metadata of these topics, never creating one.
[[nodiscard]] protocol::metadata_request metadata_of(const std::vector<std::string>& topics);
/// A topic of a Metadata answer in the public form.
[[nodiscard]] topic_description describe(const protocol::metadata_response::topic& told, const std::string& broker);

}  // namespace kafka::client
