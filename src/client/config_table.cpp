// SPDX-License-Identifier: Apache-2.0
#include "client/config_table.hpp"

#include <array>

namespace kafka::client {
namespace {

using namespace std::chrono_literals;

// Java takes longs for some of these; a longer wait than 24 days is a slip, and would overflow clocks.
constexpr std::int64_t longest = 2'147'483'647;
constexpr std::int64_t century = 3'155'760'000'000;
constexpr std::int64_t int_max = 2'147'483'647;
// Sizes are bounded by what fits a frame of the protocol or, for memory, by what no machine has.
constexpr std::int64_t memory_max = std::int64_t{1} << 46U;

constexpr std::string_view own = "asio-kafka";
constexpr std::string_view librdkafka = "librdkafka";

constexpr std::array<config_word, 2> truth{{{"true", 1}, {"false", 0}}};
constexpr std::array<config_word, 3> idempotence_words{{{"default", static_cast<int>(idempotence::automatic)},
                                                        {"true", static_cast<int>(idempotence::on)},
                                                        {"false", static_cast<int>(idempotence::off)}}};
constexpr std::array<config_word, 4> acks_words{{{"all", -1}, {"-1", -1}, {"0", 0}, {"1", 1}}};
constexpr std::array<config_word, 5> codec_words{{{"none", 0}, {"gzip", 1}, {"snappy", 2}, {"lz4", 3}, {"zstd", 4}}};
constexpr std::array<config_word, 8> partitioning_words{
    {{"murmur2_random", static_cast<int>(partitioning::murmur2_uniform)},
     {"default", static_cast<int>(partitioning::murmur2_uniform)},
     {"consistent_random", static_cast<int>(partitioning::consistent_random)},
     {"consistent", static_cast<int>(partitioning::consistent)},
     {"uniform", static_cast<int>(partitioning::uniform)},
     {"round_robin", static_cast<int>(partitioning::round_robin)},
     {"random", static_cast<int>(partitioning::random)},
     {"manual", static_cast<int>(partitioning::manual)}}};
constexpr std::array<config_word, 4> reset_words{
    {{"earliest", static_cast<int>(consumer_config::reset::earliest)},
     {"latest", static_cast<int>(consumer_config::reset::latest)},
     {"none", static_cast<int>(consumer_config::reset::none)},
     {"by_duration:PnDTnHnMn.nS", static_cast<int>(consumer_config::reset::by_duration)}}};
constexpr std::array<config_word, 2> isolation_words{{{"read_uncommitted", 0}, {"read_committed", 1}}};

constexpr std::array<config_word, 3> protocol_words{{{"classic", static_cast<int>(group_protocol::classic)},
                                                     {"consumer", static_cast<int>(group_protocol::consumer)},
                                                     {"automatic", static_cast<int>(group_protocol::automatic)}}};
constexpr std::array<config_word, 1> codec_default{{{"default", config_unset}}};

constexpr std::string_view servers_doc = "Comma-separated `host:port` of brokers to begin with; one must be reachable.";
constexpr std::string_view client_id_doc = "Sent with every request, so that brokers can log and limit by it.";
constexpr std::string_view log_doc = "Receives what the client reports, a line at a time.";

using connection_row = config_row<connection_config>;
constexpr std::array connection_rows{
    connection_row{"request.timeout.ms", "request_timeout", &connection_config::request_timeout,
                   "How long one request may take, from the moment it is queued until its answer is there.", 1,
                   longest},
    connection_row{"socket.connection.setup.timeout.ms", "connect_timeout", &connection_config::connect_timeout,
                   "How long one attempt to connect may take, DNS aside (KIP-601).", 1, longest},
    connection_row{"socket.connection.setup.timeout.max.ms", "connect_timeout_max",
                   &connection_config::connect_timeout_max, "How far repeated failures to connect stretch the timeout.",
                   1, longest},
    connection_row{"reconnect.backoff.ms", "reconnect_backoff", &connection_config::reconnect_backoff,
                   "Wait before a broker is tried again; doubled by each failure, with 20 % jitter (KIP-144).", 0,
                   longest},
    connection_row{"reconnect.backoff.max.ms", "reconnect_backoff_max", &connection_config::reconnect_backoff_max,
                   "The longest such wait.", 0, longest},
    connection_row{"retry.backoff.ms", "retry_backoff", &connection_config::retry_backoff,
                   "Wait before a request that failed in a retriable way is sent again; doubled likewise (KIP-580).", 0,
                   longest},
    connection_row{"retry.backoff.max.ms", "retry_backoff_max", &connection_config::retry_backoff_max,
                   "The longest such wait.", 0, longest},
    connection_row{"connections.max.idle.ms", "connections_max_idle", &connection_config::connections_max_idle,
                   "A connection without traffic for this long is closed; keep it below the brokers' ten minutes.", 1,
                   longest},
    connection_row{"metadata.max.age.ms", "metadata_max_age", &connection_config::metadata_max_age,
                   "Metadata older than this is fetched again even if nothing asks for it.", 1, longest},
    connection_row{"receive.message.max.bytes",
                   "response_bytes_max",
                   &connection_config::response_bytes_max,
                   "The largest response that is accepted, in bytes; must hold `fetch.max.bytes` and one large batch.",
                   1024,
                   int_max,
                   {},
                   librdkafka},
};

using producer_row = config_row<producer_config>;
constexpr std::array producer_rows{
    producer_row{"bootstrap.servers", "bootstrap_servers", &producer_config::bootstrap_servers, servers_doc},
    producer_row{"client.id", "client_id", &producer_config::client_id, client_id_doc},
    producer_row{"acks", "acks", &producer_config::acks,
                 "Which replicas must have a record before it counts as delivered: all in sync, none, the leader.", 0,
                 0, acks_words},
    producer_row{"linger.ms", "linger", &producer_config::linger,
                 "How long a batch waits for more records; 0 sends at once whatever is there.", 0, longest},
    producer_row{"batch.size", "batch_bytes_max", &producer_config::batch_bytes_max,
                 "Uncompressed size, in bytes, at which a batch is closed. Java's 16 KiB cost more system calls.", 1,
                 int_max},
    producer_row{"buffer.memory", "buffer_memory", &producer_config::buffer_memory,
                 "Bytes of records that may wait or be in flight; sending blocks beyond that.", 1, memory_max},
    producer_row{"max.block.ms", "max_block", &producer_config::max_block,
                 "How long a call may block for metadata or for room.", 0, longest},
    producer_row{"delivery.timeout.ms", "delivery_timeout", &producer_config::delivery_timeout,
                 "A record not acknowledged this long after it was sent is given up. At least `linger.ms`.", 1,
                 longest},
    producer_row{
        "enable.idempotence", "idempotence", &producer_config::idempotence,
        "Brokers drop what they have already: a retry never writes twice or out of order. `default` is on where "
        "`acks` and requests in flight allow it.",
        0, 0, idempotence_words},
    producer_row{"max.in.flight.requests.per.connection", "in_flight_max", &producer_config::in_flight_max,
                 "Batches of one partition under way at the same time; at most 5 with idempotence.", 1, 1000},
    producer_row{"retries", "retries", &producer_config::retries,
                 "How often a batch is sent again; normally `delivery.timeout.ms` ends that.", 0, int_max},
    producer_row{"transactional.id", "transactional_id", &producer_config::transactional_id,
                 "Names this producer for transactions; a later one of the same name fences it. Empty: none."},
    producer_row{"transaction.timeout.ms", "transaction_timeout", &producer_config::transaction_timeout,
                 "The transaction coordinator aborts a transaction that takes longer.", 1, longest},
    producer_row{"partitioner", "partitioner", &producer_config::partitioner,
                 "Who chooses the partition of a record that names none; `murmur2_random` is as Java's.", 0, 0,
                 partitioning_words, librdkafka},
    producer_row{"partitioner.adaptive.partitioning.enable", "adaptive_partitioning",
                 &producer_config::adaptive_partitioning,
                 "Spreads keyless batches by how fast brokers take them (KIP-794); else all partitions get as much.", 0,
                 0, truth},
    producer_row{"", "custom_partitioner", &producer_config::custom_partitioner,
                 "Chooses partitions in the place of `partitioner`."},
    producer_row{"compression.type", "compression", &producer_config::compression, "The codec of batches.", 0, 0,
                 codec_words},
    producer_row{"compression.level", "compression_level", &producer_config::compression_level,
                 "For gzip (1 ... 9), lz4 (1 ... 17) and zstd; `default` is the codec's own (6, 9, 3).", -131'072, 22,
                 codec_default, librdkafka},
    producer_row{"allow.auto.create.topics", "allow_auto_create_topics", &producer_config::allow_auto_create_topics,
                 "Whether the broker may create an unknown topic, subject to its `auto.create.topics.enable`.", 0, 0,
                 truth},
    producer_row{"", "on_delivery", &producer_config::on_delivery, "Tells of whole batches."},
    producer_row{"", "observer", &producer_config::observer, "Sees every batch when it is done with."},
    producer_row{"", "log", &producer_config::log, log_doc},
};

using consumer_row = config_row<consumer_config>;
constexpr std::array consumer_rows{
    consumer_row{"bootstrap.servers", "bootstrap_servers", &consumer_config::bootstrap_servers, servers_doc},
    consumer_row{"client.id", "client_id", &consumer_config::client_id, client_id_doc},
    consumer_row{"group.id", "group_id", &consumer_config::group_id,
                 "The consumer group; empty: none, partitions are assigned by hand."},
    consumer_row{"group.protocol", "group_protocol", &consumer_config::group_protocol,
                 "Who divides partitions: a member (`classic`) or the broker (`consumer`, KIP-848); `automatic`: the "
                 "broker where it can.",
                 0, 0, protocol_words},
    consumer_row{"group.remote.assignor", "remote_assignor", &consumer_config::remote_assignor,
                 "How the broker divides partitions, if it is to; empty: as its configuration says."},
    consumer_row{"group.instance.id", "group_instance_id", &consumer_config::group_instance_id,
                 "Makes this a static member, whose partitions wait for it while it restarts (KIP-345)."},
    consumer_row{"client.rack", "client_rack", &consumer_config::client_rack,
                 "Where this consumer is: it reads from followers in its rack (KIP-392), and assignors spare traffic "
                 "between racks (KIP-881)."},
    consumer_row{"session.timeout.ms", "session_timeout", &consumer_config::session_timeout,
                 "Without a heartbeat for this long the group gives a member's partitions to others.", 1, longest},
    consumer_row{"heartbeat.interval.ms", "heartbeat_interval", &consumer_config::heartbeat_interval,
                 "How often a member shows that it lives. Below `session.timeout.ms`.", 1, longest},
    consumer_row{"max.poll.interval.ms", "max_poll_interval", &consumer_config::max_poll_interval,
                 "A member that does not poll for this long leaves the group.", 1, longest},
    consumer_row{
        "partition.assignment.strategy", "assignors", &consumer_config::assignors,
        "How partitions are divided, in order of preference: range, roundrobin, sticky, cooperative-sticky, or "
        "the names of Java's classes."},
    consumer_row{"", "custom_assignor", &consumer_config::custom_assignor, "An assignor of the user's own."},
    consumer_row{"", "on_rebalance", &consumer_config::on_rebalance, "Told what happens to a member's partitions."},
    consumer_row{"enable.auto.commit", "auto_commit", &consumer_config::auto_commit,
                 "Stores what the poll before the last handed out, by itself.", 0, 0, truth},
    consumer_row{"auto.commit.interval.ms", "auto_commit_interval", &consumer_config::auto_commit_interval,
                 "How often that happens.", 1, longest},
    consumer_row{"commit.first.position", "commit_first_position", &consumer_config::commit_first_position,
                 "Stores a group's first position at once, so that a restart skips nothing.", 0, 0, truth, own},
    consumer_row{"new.partitions.from.start", "new_partitions_from_start", &consumer_config::new_partitions_from_start,
                 "A partition added to a topic after the group began with it is read from its beginning.", 0, 0, truth,
                 own},
    consumer_row{"fetch.min.bytes", "fetch_bytes_min", &consumer_config::fetch_bytes_min,
                 "The broker answers a fetch once it has this many bytes, or after `fetch.max.wait.ms`.", 0, int_max},
    consumer_row{"fetch.max.wait.ms", "fetch_wait_max", &consumer_config::fetch_wait_max,
                 "How long the broker may wait for `fetch.min.bytes`. Below `request.timeout.ms`.", 0, longest},
    consumer_row{"fetch.max.bytes", "fetch_bytes_max", &consumer_config::fetch_bytes_max,
                 "Bound of one fetch answer, in bytes; the first batch is returned whole all the same.", 1, int_max},
    consumer_row{"max.partition.fetch.bytes", "partition_fetch_bytes_max", &consumer_config::partition_fetch_bytes_max,
                 "The same for each partition in the answer.", 1, int_max},
    consumer_row{"prefetch.max.bytes",
                 "prefetch_bytes_max",
                 &consumer_config::prefetch_bytes_max,
                 "Fetched bytes that may wait to be polled, over all partitions; fetching pauses beyond that.",
                 1,
                 memory_max,
                 {},
                 own},
    consumer_row{"max.poll.records", "poll_records_max", &consumer_config::poll_records_max,
                 "The most records that one poll returns: what is to be handled within `max.poll.interval.ms`.", 1,
                 int_max},
    consumer_row{"decompressed.batch.max.bytes",
                 "decompressed_batch_bytes_max",
                 &consumer_config::decompressed_batch_bytes_max,
                 "How far the content of one compressed batch may unfold, in bytes.",
                 1024,
                 memory_max,
                 {},
                 own},
    consumer_row{"", "unpack_on", &consumer_config::unpack_on,
                 "Opens compressed batches ahead of the polls, on threads of the user's."},
    consumer_row{"auto.offset.reset", "offset_reset", &consumer_config::offset_reset,
                 "Where to begin, and to go on when a position lies outside the log: the first record, behind the "
                 "last, nowhere (no_such_offset is reported), the first that is not older than a duration (KIP-1106).",
                 0, 0, reset_words},
    consumer_row{"", "offset_reset_duration", &consumer_config::offset_reset_duration, "The duration of `by_duration`.",
                 0, century},
    consumer_row{"", "on_partition_end", &consumer_config::on_partition_end,
                 "Told that everything up to a partition's end was returned."},
    consumer_row{
        "allow.auto.create.topics", "allow_auto_create_topics", &consumer_config::allow_auto_create_topics,
        "Whether fetching an unknown topic may create it, subject to the broker's `auto.create.topics.enable`.", 0, 0,
        truth},
    consumer_row{"isolation.level", "read_committed", &consumer_config::read_committed,
                 "`read_committed` hides records of open and aborted transactions.", 0, 0, isolation_words},
    consumer_row{"", "log", &consumer_config::log, log_doc},
};

using admin_row = config_row<admin_config>;
constexpr std::array admin_rows{
    admin_row{"bootstrap.servers", "bootstrap_servers", &admin_config::bootstrap_servers, servers_doc},
    admin_row{"client.id", "client_id", &admin_config::client_id, client_id_doc},
    admin_row{"default.api.timeout.ms", "api_timeout", &admin_config::api_timeout,
              "How long one call may take, retries included.", 1, longest},
    admin_row{"", "log", &admin_config::log, log_doc},
};

}  // namespace

template <>
std::span<const config_row<connection_config>> config_rows() noexcept {
  return connection_rows;
}
template <>
std::span<const config_row<producer_config>> config_rows() noexcept {
  return producer_rows;
}
template <>
std::span<const config_row<consumer_config>> config_rows() noexcept {
  return consumer_rows;
}
template <>
std::span<const config_row<admin_config>> config_rows() noexcept {
  return admin_rows;
}

}  // namespace kafka::client
