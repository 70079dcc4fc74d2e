// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/fake_cluster.hpp>

#include "base/backoff.hpp"
#include "base/buffer_pool.hpp"
#include "base/time.hpp"
#include "fake/broker_versions.hpp"
#include "fake/call.hpp"
#include "fake/fetch_sessions.hpp"
#include "fake/group_coordinator.hpp"
#include "fake/group_offsets.hpp"
#include "fake/partition_log.hpp"
#include "fake/partition_transactions.hpp"
#include "fake/producer_state.hpp"
#include "fake/refusal.hpp"
#include "fake/topic_settings.hpp"
#include "fake/transaction_coordinator.hpp"

namespace kafka::fake {

struct node_state {
  std::int32_t id = 0;
  /// What Metadata says.
  std::string host;
  std::int32_t port = 0;
  std::optional<std::string> rack;
  bool running = true;
  /// Whether Metadata knows the node; what is not listed may run nevertheless.
  bool listed = true;
  /// APIs that are announced up to a lower version than the cluster's; -1: not at all.
  std::map<api_key, std::int16_t> version_caps;
  fetch_sessions sessions;

  /// Whether clients can find the node, and so whether it may be a controller or a coordinator.
  [[nodiscard]] bool serves() const noexcept { return running && listed; }
};

/// Who leads a partition, as a node knows it.
struct leadership {
  std::int32_t leader = -1;
  std::int32_t epoch = 0;
};

struct partition_state {
  std::int32_t index = 0;
  /// -1: none is alive.
  std::int32_t leader = -1;
  std::int32_t leader_epoch = 0;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> in_sync;
  partition_log log;
  producer_states producers;
  partition_transactions transactions;
  /// What nodes that have not heard of the last move of the leader say until then; see cluster_state::move_leader().
  leadership outdated;
  steady_time outdated_until = steady_time::min();
  /// Signalled whenever a fetch or an acks=all produce that waits may go on.
  event_id changed = 0;
  bool replication_held = false;
  /// Where the logs of followers end that are behind; others have everything.
  std::map<std::int32_t, std::int64_t> follower_ends;

  /// Where the log ends at a replica.
  [[nodiscard]] std::int64_t end_at(std::int32_t node) const noexcept;
  [[nodiscard]] bool has_replica(std::int32_t node) const noexcept;
  /// What Metadata of `node` says at this time.
  [[nodiscard]] leadership leader_as_told_by(std::int32_t node, steady_time now) const noexcept;
  /// Up to where consumers with read_committed may read.
  [[nodiscard]] std::int64_t last_stable_offset() const noexcept;
};

struct topic_state {
  std::string name;
  uuid id;
  config_map configs;
  topic_settings settings;
  bool internal = false;
  /// By index; a deque, because partitions do not move when more are added.
  std::deque<partition_state> partitions;

  [[nodiscard]] partition_state* find_partition(std::int32_t index) noexcept;
};

/// A topic to be created, as CreateTopics describes it.
struct topic_plan {
  std::string name{};
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  /// Replicas of each partition; overrides the two above.
  std::vector<std::pair<std::int32_t, std::vector<std::int32_t>>> assignments{};
  std::vector<std::pair<std::string, std::optional<std::string>>> configs{};
};

/// What create_topic() made, or would make.
struct created_topic {
  uuid id;
  std::int32_t partitions = 0;
  std::int16_t replication_factor = 0;
  config_map configs;
};

/// The kinds of keys of FindCoordinator.
enum class coordinator_type : std::int8_t { group = 0, transaction = 1, share = 2 };

/// Everything that a cluster knows apart from its connections: nodes, topics with their logs, producer ids. What all
/// handlers work on.
class cluster_state {
 public:
  explicit cluster_state(const fake_cluster_options& options);
  cluster_state(const cluster_state&) = delete;
  cluster_state& operator=(const cluster_state&) = delete;

  [[nodiscard]] const fake_cluster_options& options() const noexcept { return options_; }
  [[nodiscard]] const std::string& cluster_id() const noexcept { return cluster_id_; }

  // --- nodes

  [[nodiscard]] std::deque<node_state>& nodes() noexcept { return nodes_; }
  [[nodiscard]] const std::deque<node_state>& nodes() const noexcept { return nodes_; }
  /// Null if there is none of this id.
  [[nodiscard]] node_state* find_node(std::int32_t id) noexcept;
  [[nodiscard]] bool is_running(std::int32_t id) const noexcept;
  /// The node with the lowest id of those that run and are listed; -1 if there is none.
  [[nodiscard]] std::int32_t controller() const noexcept;
  /// Marks the node and elects leaders; the cluster closes its connections.
  void set_running(node_state& node, bool running);

  /// What this node answers: ours, the broker version's and the node's cap, taken together; nothing for an API that is
  /// not known there. The minimum is the one announced, which may be below what is really understood.
  [[nodiscard]] std::optional<protocol::version_range> announced(std::int32_t node, api_key key) noexcept;
  [[nodiscard]] const broker_versions& versions() const noexcept { return versions_; }

  // --- topics

  [[nodiscard]] const std::map<std::string, topic_state, std::less<>>& topics() const noexcept { return topics_; }
  /// Null if there is none.
  [[nodiscard]] topic_state* find_topic(std::string_view name) noexcept;
  [[nodiscard]] topic_state* find_topic(const uuid& id) noexcept;
  [[nodiscard]] partition_state* find_partition(std::string_view topic, std::int32_t partition) noexcept;
  /// Checks everything that a controller checks, and creates the topic unless `validate_only`. `created` (if not null)
  /// gets what was or would be created.
  refusal create_topic(const topic_plan& plan, bool validate_only, created_topic* created = nullptr);
  /// Raises the number of partitions to `count`; `replicas` are those of each new one.
  refusal add_partitions(std::string_view topic, std::int32_t count,
                         const std::optional<std::vector<std::vector<std::int32_t>>>& replicas, bool validate_only);
  /// False if there is none of this name.
  bool delete_topic(std::string_view name);
  /// Grows whenever topics or partitions come or go.
  [[nodiscard]] std::uint64_t topics_version() const noexcept { return topics_version_; }

  // --- partitions

  /// Appends a valid batch to the log, with everything that belongs to it: epoch, time, producer, high watermark,
  /// retention. Returns the base offset.
  std::int64_t append(topic_state& topic, partition_state& partition, std::span<const std::byte> batch, instant now);
  /// Appends the marker that ends the transaction of a producer on this partition, and with it what belongs to it.
  void append_marker(topic_state& topic, partition_state& partition, const protocol::producer_stamp& producer,
                     bool committed, instant now);
  /// Makes `node` the leader (-1: nobody), with the next epoch.
  void set_leader(partition_state& partition, std::int32_t node);
  /// The same, but for `metadata_lag` the Metadata of all nodes but the new leader still names the old one, as while
  /// the news spreads. The old leader refuses requests at once, and names the new one when it does (KIP-951).
  void move_leader(partition_state& partition, std::int32_t to, std::chrono::milliseconds metadata_lag, instant now);
  /// Makes these the in-sync replicas; the leader always is one. When replicas leave, nobody waits for them any more:
  /// everything that is there counts as replicated.
  void set_in_sync(partition_state& partition, const std::vector<std::int32_t>& nodes);
  /// Makes these the replicas, each of them complete, as a reassignment does when it is done. If the leader is not
  /// among them, the first of them that runs leads, with the next epoch.
  void set_replicas(partition_state& partition, const std::vector<std::int32_t>& nodes);
  void set_leader_epoch(partition_state& partition, std::int32_t epoch);
  void hold_replication(partition_state& partition, bool held);
  /// Forgets what is below `offset` (DeleteRecords, retention).
  void delete_before(partition_state& partition, std::int64_t offset);
  /// Forgets what lies from `offset` on, as an unclean election does.
  void truncate_to(partition_state& partition, std::int64_t offset);
  /// Makes a node the leader whose log ends at `offset`: what lies behind is lost, the next epoch begins there.
  void elect_uncleanly(partition_state& partition, std::int32_t node, std::int64_t offset);
  /// Lets a follower's log end at `offset`, whatever is appended; -1: it has everything again.
  void set_follower_end(partition_state& partition, std::int32_t node, std::int64_t offset);
  /// The replica that a consumer in this rack is to read from; -1: the leader. Only where the brokers are configured
  /// with replica.selector.class RackAwareReplicaSelector (KIP-392).
  [[nodiscard]] std::int32_t preferred_replica(const partition_state& partition, std::string_view rack,
                                               std::int64_t offset) const noexcept;

  // --- coordinators and producer ids

  /// The node that coordinates a key; -1 if no node could.
  [[nodiscard]] std::int32_t coordinator(coordinator_type type, std::string_view key) const noexcept;
  void set_coordinator(std::string_view key, std::int32_t node) {
    coordinators_.insert_or_assign(std::string(key), node);
    groups_.coordinators_changed();
  }

  [[nodiscard]] std::int64_t next_producer_id() noexcept { return next_producer_id_++; }
  /// The next InitProducerId that succeeds gives this id and epoch, whatever it would have given.
  void choose_producer(std::int64_t producer_id, std::int16_t epoch) {
    chosen_producer_ = {broker_errc::none, producer_id, epoch};
  }
  [[nodiscard]] std::optional<producer_identity> take_chosen_producer() noexcept {
    return std::exchange(chosen_producer_, std::nullopt);
  }
  [[nodiscard]] transaction_coordinator& transactions() noexcept { return transactions_; }
  [[nodiscard]] group_offsets& offsets() noexcept { return offsets_; }
  [[nodiscard]] group_coordinator& groups() noexcept { return groups_; }

  // --- time

  /// When something happens here by itself: transactions that time out, markers, members that are gone.
  [[nodiscard]] steady_time deadline() const noexcept { return std::min(transactions_.deadline(), groups_.deadline()); }
  void advance(instant now) {
    transactions_.advance(now);
    groups_.advance(now);
  }

  // --- events

  [[nodiscard]] event_id make_event() noexcept { return next_event_++; }
  /// Lets the calls that wait for this event run again.
  void signal(event_id event);
  [[nodiscard]] bool has_signals() const noexcept { return !signalled_.empty(); }
  [[nodiscard]] std::vector<event_id> take_signals() noexcept { return std::exchange(signalled_, {}); }

  // --- throttling

  void throttle(api_key key, std::chrono::milliseconds duration) { throttles_.insert_or_assign(key, duration); }
  [[nodiscard]] std::chrono::milliseconds throttle_of(api_key key) const noexcept;

  [[nodiscard]] buffer_pool& buffers() noexcept { return buffers_; }
  [[nodiscard]] random_source& random() noexcept { return random_; }
  [[nodiscard]] uuid random_uuid() noexcept;

 private:
  /// What follows every append: replication, retention, and whoever waits.
  void after_append(const topic_state& topic, partition_state& partition);
  /// A running in-sync replica to lead the partition; -1 if there is none.
  [[nodiscard]] std::int32_t electable(const partition_state& partition) const noexcept;

  fake_cluster_options options_;
  broker_versions versions_;
  random_source random_;
  std::string cluster_id_;
  std::deque<node_state> nodes_;
  std::map<std::string, topic_state, std::less<>> topics_;
  std::map<std::string, std::int32_t, std::less<>> coordinators_;
  transaction_coordinator transactions_{*this};
  group_offsets offsets_;
  group_coordinator groups_;
  std::uint64_t topics_version_ = 1;
  std::map<api_key, std::chrono::milliseconds> throttles_;
  std::int64_t next_producer_id_ = 1000;
  std::optional<producer_identity> chosen_producer_;
  event_id next_event_ = 1;
  std::vector<event_id> signalled_;
  std::size_t next_first_replica_ = 0;
  buffer_pool buffers_;
};

}  // namespace kafka::fake
