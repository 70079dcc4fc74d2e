// SPDX-License-Identifier: Apache-2.0
// Configuration: plain structs whose members carry their defaults. The defaults are those of Kafka's own Java
// client 4.x except where a comment says otherwise. docs/configuration.md lists every member with its Java key and its
// range.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kafka/assignor.hpp>
#include <kafka/error.hpp>
#include <kafka/log.hpp>
#include <kafka/metrics.hpp>
#include <kafka/partitioner.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// How brokers are reached; the same for every client.
struct connection_config {
  /// How long one request may take from the moment it is queued for its connection until its answer is there.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(30);
  /// How long one attempt to connect may take (DNS aside), and the first answer after that; how far repeated failures
  /// stretch the attempt (KIP-601).
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds connect_timeout_max = std::chrono::seconds(30);
  /// Wait before a broker is tried again, doubled up to the maximum by repeated failures, with 20 % jitter (KIP-144).
  std::chrono::milliseconds reconnect_backoff = std::chrono::milliseconds(50);
  std::chrono::milliseconds reconnect_backoff_max = std::chrono::seconds(1);
  /// Wait before a request that failed in a retriable way is sent again, likewise (KIP-580).
  std::chrono::milliseconds retry_backoff = std::chrono::milliseconds(100);
  std::chrono::milliseconds retry_backoff_max = std::chrono::seconds(1);
  /// A connection without traffic for this long is closed: below the brokers' ten minutes, so that they never do it.
  std::chrono::milliseconds connections_max_idle = std::chrono::minutes(9);
  /// Metadata older than this is fetched again even if nothing asks for it.
  std::chrono::milliseconds metadata_max_age = std::chrono::minutes(5);
  /// The largest response, in bytes, that is accepted. Must hold fetch_bytes_max and one oversize batch.
  std::size_t response_bytes_max = 100U << 20U;
};

/// Idempotence needs acks::all and at most five requests in flight: `on` refuses a configuration with anything else,
/// `automatic` (the default, as Java's) then does without, and a retry may write twice or out of order.
enum class idempotence : std::uint8_t { automatic, on, off };

class delivery_batch;
/// Called once for each batch of which a record was sent without a callback of its own, on the producer's IO thread;
/// must not block and must not throw.
using delivery_batch_handler = std::function<void(const delivery_batch& batch)>;

/// Configuration of kafka::producer.
struct producer_config {
  /// Comma-separated `host:port`; at least one must be reachable to begin with.
  std::string bootstrap_servers = {};
  /// Sent with every request, so that brokers can log and limit by it.
  std::string client_id = "asio-kafka";
  connection_config connection = {};
  /// Which replicas must have a record before it counts as delivered.
  kafka::acks acks = kafka::acks::all;
  /// How long a batch waits for more records. 0 sends at once whatever is there.
  std::chrono::milliseconds linger = std::chrono::milliseconds(5);
  /// Uncompressed size, in bytes, at which a batch is closed. Larger than Java's 16 KiB: small batches cost system
  /// calls.
  std::size_t batch_bytes_max = 1'000'000;
  /// Bytes of records that may wait or be in flight; sending blocks (at most max_block) beyond that.
  std::size_t buffer_memory = 32U << 20U;
  /// How long a call may block for metadata or for room.
  std::chrono::milliseconds max_block = std::chrono::seconds(60);
  /// A record that is not acknowledged this long after it was sent is given up, with its last error as the cause.
  std::chrono::milliseconds delivery_timeout = std::chrono::seconds(120);
  /// Whether brokers drop what they have already, so that a retry never writes a record twice or out of order (KIP-98).
  kafka::idempotence idempotence = kafka::idempotence::automatic;
  /// Requests with batches of one partition that may be under way at the same time. 1 keeps the order even without
  /// idempotence.
  std::int32_t in_flight_max = 5;
  /// How often a batch is sent again; what ends retries is normally delivery_timeout.
  std::int32_t retries = 2'147'483'647;
  /// Names this producer for transactions; a later producer of the same name fences this one (KIP-98). Empty: none.
  std::string transactional_id = {};
  /// The transaction coordinator aborts a transaction that takes longer.
  std::chrono::milliseconds transaction_timeout = std::chrono::seconds(60);
  kafka::partitioning partitioner = kafka::partitioning::murmur2_uniform;
  /// Spreads keyless batches by how fast brokers take them (KIP-794); otherwise all partitions get as much.
  bool adaptive_partitioning = true;
  /// Set: chooses in the place of `partitioner`.
  partition_function custom_partitioner = {};
  kafka::compression compression = kafka::compression::none;
  /// For gzip (1 to 9), lz4 (1 to 17) and zstd (-131072 to 22); unset means the codec's own default.
  std::optional<int> compression_level = {};
  /// Whether an unknown topic may be created by the broker (subject to its auto.create.topics.enable).
  bool allow_auto_create_topics = true;
  /// Tells of whole batches; see delivery_batch. Without it, flush tells the first failure of such records.
  delivery_batch_handler on_delivery = {};
  /// Sees every batch when it is done with, for metrics.
  produce_observer observer = {};
  log_handler log = {};
};

/// Where a group begins that has stored no offset, and where a reader goes on whose position lies outside the log.
/// `none` reports no_such_offset instead.
enum class offset_reset : std::uint8_t { earliest, latest, none, by_duration };

/// Who divides partitions among the members of a group: one of them, by an assignor of the client (`classic`), or the
/// group's coordinator (`consumer`, KIP-848: brokers of 4.0 or newer), which moves single partitions while the others
/// are read on. `automatic`: the coordinator where it can.
enum class group_protocol : std::uint8_t { classic, consumer, automatic };

/// Told what happens to a group member's partitions; the library assigns, these only observe. Called by the polling
/// thread, inside poll, keep_alive or run (asynchronously: on the client's strand). Must not throw.
struct rebalance_listener {
  /// Partitions that came, perhaps none. Their positions are set: seek from inside is allowed.
  std::function<void(const std::vector<topic_partition>& partitions)> on_assigned = {};
  /// Partitions about to go to others: what is committed from inside is still stored.
  std::function<void(const std::vector<topic_partition>& partitions)> on_revoked = {};
  /// Partitions that are gone without notice: others may have them already, nothing can be committed any more.
  std::function<void(const std::vector<topic_partition>& partitions)> on_lost = {};
  /// The same, besides, with the reason: timed_out when nobody polled for max_poll_interval, or what the coordinator
  /// said (unknown_member_id, illegal_generation, fenced_instance_id, ...).
  std::function<void(const std::vector<topic_partition>& partitions, const error& why)> on_lost_with_reason = {};
};

/// Told that the end of a partition was reached, and where that is.
using partition_end_handler = std::function<void(const topic_partition& partition, std::int64_t end_offset)>;

/// Runs a piece of work somewhere, at once or later: a thread pool's way in. Called by several threads, also by the
/// client's IO thread, and must not block; the work may outlive the client. A Boost.Asio executor becomes one by
/// `[executor](std::function<void()> work) { boost::asio::post(executor, std::move(work)); }`.
using work_executor = std::function<void(std::function<void()> work)>;

/// Configuration of kafka::consumer.
struct consumer_config {
  /// Comma-separated `host:port`; at least one must be reachable to begin with.
  std::string bootstrap_servers = {};
  std::string client_id = "asio-kafka";
  connection_config connection = {};
  /// The consumer group. Empty: none; partitions are assigned by hand and no offset is stored.
  std::string group_id = {};
  /// With `consumer`, session_timeout, heartbeat_interval and the assignors are the broker's; setting them is refused.
  kafka::group_protocol group_protocol = kafka::group_protocol::classic;
  /// How the coordinator divides partitions, if it is to: `uniform`, `range`. Empty: as its configuration says.
  std::string remote_assignor = {};
  /// Makes this a static member (KIP-345): its partitions wait for it while it restarts, up to session_timeout. Unique
  /// in the group.
  std::string group_instance_id = {};
  /// Where this consumer is: it reads from followers in its rack, where brokers support that (KIP-392), and assignors
  /// spare traffic between racks (KIP-881).
  std::string client_rack = {};
  /// Without a heartbeat for this long the group gives a member's partitions to others.
  std::chrono::milliseconds session_timeout = std::chrono::seconds(45);
  /// Heartbeats are sent by the IO thread, whatever the user's thread does.
  std::chrono::milliseconds heartbeat_interval = std::chrono::seconds(3);
  /// A member that does not poll for this long leaves the group, and says so.
  std::chrono::milliseconds max_poll_interval = std::chrono::minutes(5);
  /// How partitions are divided, in order of preference: names for make_assignor, separated by commas. All members
  /// need one in common.
  std::string assignors = "range,cooperative-sticky";
  /// An assignor of the user's own, preferred to those.
  std::shared_ptr<kafka::assignor> custom_assignor = {};
  rebalance_listener on_rebalance = {};
  /// Stores the positions of records that the poll before the last one handed out, every auto_commit_interval, before
  /// partitions are given up, and on close. Off: commit() alone stores.
  bool auto_commit = true;
  std::chrono::milliseconds auto_commit_interval = std::chrono::seconds(5);
  /// Stores the first position of a group that has none, so that a restart with `latest` skips nothing that came
  /// meanwhile.
  bool commit_first_position = true;
  /// A partition that is added to a topic after the group began with it is read from its beginning, also with `latest`.
  bool new_partitions_from_start = true;
  /// The broker answers a fetch once it has this many bytes, or after fetch_wait_max.
  std::int32_t fetch_bytes_min = 1;
  std::chrono::milliseconds fetch_wait_max = std::chrono::milliseconds(500);
  /// Bounds of one fetch answer, in bytes; the first batch is always returned whole, so that no batch can block.
  std::int32_t fetch_bytes_max = 50 << 20;
  std::int32_t partition_fetch_bytes_max = 1 << 20;
  /// Fetched bytes that may wait to be polled, over all partitions; fetching pauses beyond that.
  std::size_t prefetch_bytes_max = 64U << 20U;
  /// The most records that one poll returns, and so what has to be handled within max_poll_interval. Many times more
  /// spare a few nanoseconds a record.
  std::size_t poll_records_max = 500;
  /// How far the content of one compressed batch may unfold, in bytes.
  std::size_t decompressed_batch_bytes_max = 128U << 20U;
  /// Set: compressed batches are opened there, many at a time, while what came before is handled; order and errors stay
  /// the same. What waits opened counts into prefetch_bytes_max, and is at most half of it (or one batch). A blocking
  /// poll that has nothing else to return opens what nobody has begun with itself, so that it never waits for a busy
  /// executor; an async_poll waits. Unset: batches are opened by poll.
  work_executor unpack_on = {};
  /// Where to go on when a position lies outside the log (its records were deleted, or it was never there).
  using reset = kafka::offset_reset;
  kafka::offset_reset offset_reset = kafka::offset_reset::latest;
  /// For offset_reset::by_duration (KIP-1106): goes on at the first record that is not older than this.
  std::chrono::milliseconds offset_reset_duration = std::chrono::milliseconds(0);
  /// Called by the polling thread, inside poll, when everything up to the end of a partition, as its leader last told
  /// it, was returned by earlier polls: once for each end that is reached. Must not throw.
  partition_end_handler on_partition_end = {};
  /// Whether fetching an unknown topic may create it (subject to the broker's auto.create.topics.enable).
  bool allow_auto_create_topics = false;
  /// True hides records of open and aborted transactions.
  bool read_committed = false;
  log_handler log = {};
};

/// Configuration of kafka::admin.
struct admin_config {
  /// Comma-separated `host:port`; at least one must be reachable to begin with.
  std::string bootstrap_servers = {};
  std::string client_id = "asio-kafka";
  connection_config connection = {};
  /// How long one call may take, retries included.
  std::chrono::milliseconds api_timeout = std::chrono::seconds(60);
  log_handler log = {};
};

}  // namespace kafka
