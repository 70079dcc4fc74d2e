// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/consumer.hpp>
#include <kafka/error.hpp>
#include <kafka/group_admin.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// One partition as the cluster describes it.
struct partition_description {
  std::int32_t partition = 0;
  /// Node id, -1 while there is none.
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> in_sync_replicas;
  std::vector<std::int32_t> offline_replicas;
  /// What the broker says is wrong with it (leader_not_available, ...); no error when it can be used.
  kafka::error failure;

  friend bool operator==(const partition_description&, const partition_description&) = default;
};

struct topic_description {
  std::string name;
  uuid id;
  bool internal = false;
  std::vector<partition_description> partitions;
  /// unknown_topic_or_partition, topic_authorization_failed, ...; the other members are then empty.
  kafka::error failure;

  friend bool operator==(const topic_description&, const topic_description&) = default;
};

struct cluster_description {
  std::string cluster_id;
  /// Node id, -1 if unknown.
  std::int32_t controller = -1;
  std::vector<node> brokers;
};

/// A topic to create. Java's NewTopic.
struct new_topic {
  std::string name;
  /// -1: the broker's default (num.partitions, default.replication.factor; KIP-464).
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> configs = {};
};

/// The outcome for one of several items.
struct topic_result {
  std::string name;
  uuid id;
  kafka::error failure;
};

/// The outcome of a look-up for one partition.
struct offset_result {
  std::string topic;
  std::int32_t partition = 0;
  /// -1: no record matches (a timestamp later than every record's).
  std::int64_t offset = -1;
  timestamp_ms timestamp = -1;
  kafka::error failure;
};

namespace client {
class admin_facade;
}

/// Looks at and changes a cluster. Each call blocks until every item has its outcome, at most api_timeout; an item's
/// own failure is in its result, while a failure of the whole call (no broker reachable, closed, timed out) is thrown
/// as kafka::error or set in `failure` by the overload that takes one. Retriable errors are retried until the timeout.
///
/// Thread-safe. Owns one IO thread. Destroying it is close with a deadline of zero.
class admin {
 public:
  /// Starts the IO thread; connects in the background. Throws kafka::error (invalid_config) for a value out of range.
  explicit admin(admin_config config);
  admin(admin&&) noexcept;
  admin& operator=(admin&&) noexcept;
  ~admin();

  /// The names of all topics, sorted; internal ones (such as __consumer_offsets) only when asked for.
  std::vector<std::string> list_topics(bool internal = false);
  std::vector<std::string> list_topics(bool internal, error& failure);

  /// One description for each name, in that order. Never creates a topic.
  std::vector<topic_description> describe_topics(const std::vector<std::string>& names);
  std::vector<topic_description> describe_topics(const std::vector<std::string>& names, error& failure);

  cluster_description describe_cluster();
  cluster_description describe_cluster(error& failure);

  /// Creates topics and waits until they can be used (each partition has a leader). `validate_only` changes nothing.
  std::vector<topic_result> create_topics(const std::vector<new_topic>& topics, bool validate_only = false);
  std::vector<topic_result> create_topics(const std::vector<new_topic>& topics, bool validate_only, error& failure);

  std::vector<topic_result> delete_topics(const std::vector<std::string>& names);
  std::vector<topic_result> delete_topics(const std::vector<std::string>& names, error& failure);

  /// Looks offsets up at the partitions' leaders: oldest, newest (the high watermark) or by timestamp.
  /// `read_committed`: the newest is the one behind what readers of committed records can read (the last stable
  /// offset).
  std::vector<offset_result> list_offsets(const std::vector<assignment>& queries, bool read_committed = false);
  std::vector<offset_result> list_offsets(const std::vector<assignment>& queries, error& failure);
  std::vector<offset_result> list_offsets(const std::vector<assignment>& queries, bool read_committed, error& failure);

  // --- groups. A group that moves to another coordinator, or is being loaded there, is asked again until the timeout.

  /// The groups of all brokers. Brokers that cannot be asked are told in the result; the call fails only if none could
  /// be found. A filter for states fails at brokers before 2.6, which do not tell them.
  group_list list_groups(const group_filter& filter = {});
  group_list list_groups(const group_filter& filter, error& failure);

  /// One description for each group, in that order, whichever protocol its members speak.
  std::vector<group_description> describe_groups(const std::vector<std::string>& groups);
  std::vector<group_description> describe_groups(const std::vector<std::string>& groups, error& failure);

  /// Deletes groups with all their offsets; non_empty_group for one that has members.
  std::vector<group_result> delete_groups(const std::vector<std::string>& groups);
  std::vector<group_result> delete_groups(const std::vector<std::string>& groups, error& failure);

  /// What groups stored, one result for each query, in that order. A group that does not exist has stored nothing;
  /// that is no error. `require_stable` waits until transactions with offsets of the group are over (KIP-447).
  std::vector<group_offsets> list_group_offsets(const std::vector<group_query>& queries, bool require_stable = false);
  std::vector<group_offsets> list_group_offsets(const std::vector<group_query>& queries, bool require_stable,
                                                error& failure);

  /// Stores offsets for a group without being a member, one result for each, in that order; makes the group if there is
  /// none. Only while the group has no members: unknown_member_id otherwise, as brokers say it. A partition that is
  /// named twice gets the last offset.
  std::vector<group_offset_result> alter_group_offsets(const std::string& group,
                                                       const std::vector<group_offset>& offsets);
  std::vector<group_offset_result> alter_group_offsets(const std::string& group,
                                                       const std::vector<group_offset>& offsets, error& failure);

  /// Forgets what a group stored for these (KIP-496); group_subscribed_to_topic for a topic that its members read.
  std::vector<partition_result> delete_group_offsets(const std::string& group,
                                                     const std::vector<topic_partition>& partitions);
  std::vector<partition_result> delete_group_offsets(const std::string& group,
                                                     const std::vector<topic_partition>& partitions, error& failure);

  /// Makes static members (KIP-345) leave a classic group at once: unknown_member_id for one that is not there.
  std::vector<member_result> remove_group_members(const std::string& group,
                                                  const std::vector<std::string>& instance_ids);
  std::vector<member_result> remove_group_members(const std::string& group,
                                                  const std::vector<std::string>& instance_ids, error& failure);

  error close(std::chrono::milliseconds timeout = std::chrono::seconds(30));

 private:
  std::shared_ptr<client::admin_facade> facade_;
};

}  // namespace kafka
