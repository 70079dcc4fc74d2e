// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/api_key.hpp>
#include <kafka/fake_request.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// How a fake cluster is made. Nodes have the ids 1 to `nodes`.
struct fake_cluster_options {
  std::int32_t nodes = 1;
  /// The port of node 1; node n gets port + n - 1. 0: any free ports.
  std::uint16_t port = 0;
  /// The literal address to listen on and to advertise.
  std::string host = "127.0.0.1";
  /// Speak the requests and versions of this broker: "2.1", "2.8", "3.9" or "4.3".
  std::string broker_version = "4.3";
  /// As Kafka's auto.create.topics.enable: a Metadata request that allows it creates what it names.
  bool auto_create_topics = true;
  std::int32_t default_partitions = 1;
  std::int16_t default_replication_factor = 1;
  /// Configuration of brokers: group coordinators such as {"group.initial.rebalance.delay.ms", "0"}, and
  /// replica.selector.class.
  std::map<std::string, std::string> broker_configs = {};
  /// The rack of node n is racks[n - 1]; nodes without an entry have none.
  std::vector<std::string> racks = {};
  /// A larger request closes its connection, as Kafka's socket.request.max.bytes.
  std::size_t request_bytes_max = 100U << 20U;
  /// Read every record that is produced, as brokers do; off, only batch headers and checksums are checked.
  bool check_records = true;
  /// How many requests `requests()` remembers; older ones are forgotten.
  std::size_t recorded_requests_max = 100'000;
  /// Decides topic ids and the like: the same seed and the same requests give the same answers.
  std::uint64_t seed = 1;
};

struct fake_topic_options {
  /// -1: the cluster's default.
  std::int16_t replication_factor = -1;
  /// Topic configuration such as {"cleanup.policy", "compact"} or {"message.timestamp.type", "LogAppendTime"}.
  std::map<std::string, std::string> configs = {};
};

/// A record as it lies in the fake cluster's log.
struct fake_record {
  std::int64_t offset = -1;
  timestamp_ms timestamp = -1;
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};

  friend bool operator==(const fake_record&, const fake_record&) = default;
};

/// A whole Kafka cluster in this process, for tests: it listens on loopback TCP ports and speaks the wire protocol to
/// any client. Nothing is written to disk; all records are in memory until the cluster is destroyed, their topic is
/// deleted or its retention.bytes is reached.
///
/// Threads: one thread of its own serves all nodes. Every member function may be called from any thread, also from
/// inside a control function; each returns after it took effect. Control functions run on the cluster's thread, one at
/// a time: they must not block and must not wait for another thread that calls this cluster. The destructor stops the
/// thread and closes all connections; it must not run inside a control function.
///
/// Errors: std::system_error when a port cannot be opened; std::invalid_argument for a topic, partition or node that
/// does not exist and for a configuration that a broker would refuse.
class fake_cluster {
 public:
  explicit fake_cluster(const fake_cluster_options& options = {});
  fake_cluster(fake_cluster&&) noexcept;
  fake_cluster& operator=(fake_cluster&&) noexcept;
  ~fake_cluster();

  /// `host:port` of every node, with commas between.
  [[nodiscard]] std::string bootstrap_servers() const;
  /// The port that the node listens on, whether or not it runs now.
  [[nodiscard]] std::uint16_t port(std::int32_t node) const;

  // --- topics and records

  uuid create_topic(std::string_view name, std::int32_t partitions = 1, const fake_topic_options& options = {});
  /// Raises the number of partitions to `count`.
  void add_partitions(std::string_view topic, std::int32_t count);
  void delete_topic(std::string_view name);
  /// The id of a topic; nothing if there is none of that name.
  [[nodiscard]] std::optional<uuid> topic_id(std::string_view name) const;
  /// Appends records, as one batch, without a producer; their offsets are ignored, a timestamp of -1 means now. Returns
  /// the first one's offset.
  std::int64_t append(std::string_view topic, std::int32_t partition, const std::vector<fake_record>& records);
  /// All records of a partition that are still there, control records left out.
  [[nodiscard]] std::vector<fake_record> records(std::string_view topic, std::int32_t partition) const;
  [[nodiscard]] std::int64_t start_offset(std::string_view topic, std::int32_t partition) const;
  [[nodiscard]] std::int64_t end_offset(std::string_view topic, std::int32_t partition) const;
  /// What a group stored for a partition; nothing if it stored nothing.
  [[nodiscard]] std::optional<std::int64_t> committed_offset(std::string_view group, std::string_view topic,
                                                             std::int32_t partition) const;

  // --- intercepting requests

  using control_function = std::function<fake_verdict(fake_request&)>;
  using control_id = std::uint64_t;
  /// For ever, in `control`.
  static constexpr std::size_t always = SIZE_MAX;
  /// Shows `function` each request of this API before it is handled. Functions are asked in the order in which they
  /// were given; the first that does not answer pass() decides. After `times` decisions it is removed.
  control_id control(api_key key, control_function function, std::size_t times = always);
  /// Removes a control function; does nothing if it is gone already.
  void remove_control(control_id id);
  void remove_all_controls();

  /// All requests seen so far, or since the last clear_requests(), oldest first.
  [[nodiscard]] std::vector<recorded_request> requests() const;
  void clear_requests();

  // --- the life of brokers

  /// Closes the node's connections and refuses new ones. Partitions that it led get another leader from their in-sync
  /// replicas, with a higher epoch, or none.
  void stop_node(std::int32_t node);
  /// The opposite; the node is a follower again at first, unless a partition has no leader.
  void start_node(std::int32_t node);
  [[nodiscard]] bool is_running(std::int32_t node) const;
  void drop_connections(std::int32_t node);
  /// Whether Metadata names the node. One that it does not name leads and coordinates nothing that clients could find.
  void set_listed(std::int32_t node, bool listed = true);
  /// What Metadata says of the node from now on; where it really listens does not change.
  void set_advertised_address(std::int32_t node, std::string_view host, std::int32_t port);

  [[nodiscard]] std::int32_t leader(std::string_view topic, std::int32_t partition) const;
  [[nodiscard]] std::int32_t leader_epoch(std::string_view topic, std::int32_t partition) const;
  /// Makes `node` (a replica or not: it becomes one) the leader, with the next epoch. For `metadata_lag` the Metadata
  /// of all other nodes still names the one before, which refuses requests at once.
  void move_leader(std::string_view topic, std::int32_t partition, std::int32_t node,
                   std::chrono::milliseconds metadata_lag = std::chrono::milliseconds(0));
  void set_leader_epoch(std::string_view topic, std::int32_t partition, std::int32_t epoch);
  /// Makes these replicas, and the leader, the in-sync ones. When fewer are left, nobody waits for the others any more.
  void set_in_sync(std::string_view topic, std::int32_t partition, const std::vector<std::int32_t>& nodes);
  /// Makes these nodes, one at least, the replicas, as a reassignment does when it is done. If the leader is not among
  /// them, the first of them that runs leads, with the next epoch.
  void set_replicas(std::string_view topic, std::int32_t partition, const std::vector<std::int32_t>& nodes);
  /// While held, the high watermark stays where it is, as if followers had stopped replicating: what is appended is
  /// not given to consumers, and Produce with acks=all waits.
  void hold_replication(std::string_view topic, std::int32_t partition, bool held = true);

  /// Makes `node` the leader though its log ends at `end_offset`, as an unclean election does: what lies behind is
  /// lost, and the next leader epoch begins there (KIP-320).
  void elect_uncleanly(std::string_view topic, std::int32_t partition, std::int32_t node, std::int64_t end_offset);
  /// Lets the log of a follower end at `end_offset`, as if it had stopped replicating; -1: it has everything again.
  /// Consumers read from followers in their rack where broker_configs has {"replica.selector.class",
  /// "org.apache.kafka.common.replica.RackAwareReplicaSelector"} and `racks` says where nodes are (KIP-392).
  void set_follower_end(std::string_view topic, std::int32_t partition, std::int32_t node, std::int64_t end_offset);
  /// Forgets the records below `offset`, as DeleteRecords and retention do.
  void delete_records_before(std::string_view topic, std::int32_t partition, std::int64_t offset);

  /// How long after EndTxn the markers are written; until then the producer is told CONCURRENT_TRANSACTIONS.
  void set_marker_delay(std::chrono::milliseconds delay);
  /// Makes `node` coordinate this group or transactional id. What waits at the one before is told; the group is known
  /// at the new one after `loading`, during which requests are answered COORDINATOR_LOAD_IN_PROGRESS.
  void set_coordinator(std::string_view key, std::int32_t node,
                       std::chrono::milliseconds loading = std::chrono::milliseconds(0));

  /// Announces at most this version of the API from now on (node 0: on all nodes) and refuses higher ones; -1 makes
  /// the API unknown.
  void cap_version(api_key key, std::int16_t max, std::int32_t node = 0);
  /// Answers requests of this API with this throttle time and then reads nothing from the connection until it has
  /// passed (KIP-219). Zero ends it.
  void throttle(api_key key, std::chrono::milliseconds duration);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace kafka
