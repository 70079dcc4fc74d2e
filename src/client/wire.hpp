// SPDX-License-Identifier: Apache-2.0
// The vocabulary between the machines of the client and the core that composes them, and between the core and its
// drivers (the Asio runtime, the simulation).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/log.hpp>
#include <kafka/types.hpp>

#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "protocol/api.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/consumer_group_describe.hpp"
#include "protocol/messages/consumer_group_heartbeat.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/delete_topics.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/sync_group.hpp"
#include "protocol/messages/txn_offset_commit.hpp"

namespace kafka::client {

/// Names a connection for its whole life; never used again.
using connection_id = std::uint64_t;
/// Names a request of one client for its whole life.
using request_id = std::uint64_t;
/// Names a call of the user's (an admin call, a flush).
using operation_id = std::uint64_t;

/// A broker answers one request of a connection at a time, so that whatever may wait long has a connection of its own.
enum class lane : std::uint8_t { control, produce, fetch, group };

/// Stands for "whichever broker can be reached best" in outgoing::node.
inline constexpr std::int32_t any_node = std::numeric_limits<std::int32_t>::min();

using any_request =
    std::variant<protocol::metadata_request, protocol::produce_request, protocol::fetch_request,
                 protocol::list_offsets_request, protocol::create_topics_request, protocol::delete_topics_request,
                 protocol::init_producer_id_request, protocol::find_coordinator_request,
                 protocol::add_partitions_to_txn_request, protocol::add_offsets_to_txn_request,
                 protocol::end_txn_request, protocol::txn_offset_commit_request, protocol::join_group_request,
                 protocol::sync_group_request, protocol::heartbeat_request, protocol::leave_group_request,
                 protocol::offset_commit_request, protocol::offset_fetch_request, protocol::list_groups_request,
                 protocol::describe_groups_request, protocol::consumer_group_describe_request,
                 protocol::delete_groups_request, protocol::offset_delete_request,
                 protocol::consumer_group_heartbeat_request, protocol::offset_for_leader_epoch_request>;
using any_response =
    std::variant<std::monostate, protocol::metadata_response, protocol::produce_response, protocol::fetch_response,
                 protocol::list_offsets_response, protocol::create_topics_response, protocol::delete_topics_response,
                 protocol::init_producer_id_response, protocol::find_coordinator_response,
                 protocol::add_partitions_to_txn_response, protocol::add_offsets_to_txn_response,
                 protocol::end_txn_response, protocol::txn_offset_commit_response, protocol::join_group_response,
                 protocol::sync_group_response, protocol::heartbeat_response, protocol::leave_group_response,
                 protocol::offset_commit_response, protocol::offset_fetch_response, protocol::list_groups_response,
                 protocol::describe_groups_response, protocol::consumer_group_describe_response,
                 protocol::delete_groups_response, protocol::offset_delete_response,
                 protocol::consumer_group_heartbeat_response, protocol::offset_for_leader_epoch_response>;

/// Which machine a request belongs to; its reply goes back there.
enum class owner : std::uint8_t { metadata, producer, transaction, fetcher, group, admin };

/// A request on its way out of a machine. The version is chosen when a connection is there.
struct outgoing {
  owner from{};
  request_id id = 0;
  std::int32_t node = any_node;
  client::lane lane = client::lane::control;
  any_request request;
  /// Not a newer version than this, for what a machine cannot say in newer ones.
  std::int16_t version_max = protocol::no_version;
  steady_time deadline = never;
  bool expects_response = true;

  friend bool operator==(const outgoing&, const outgoing&) = default;
};

/// What became of an outgoing request: a response, or the reason why there is none.
struct reply {
  request_id id = 0;
  /// The broker it went to, or was meant for, as text for errors: `host:port (id N)`.
  std::string broker;
  std::int16_t version = -1;
  any_response response;
  /// For owner::transaction: the broker's cluster has transactions of the second version (KIP-890).
  bool second_transactions = false;
  /// For owner::group: the broker's cluster has groups whose coordinator assigns (KIP-848).
  bool consumer_groups = false;
  error failure;
  /// For a failure: may the broker have acted on the request?
  write_outcome outcome = write_outcome::not_written;
};

/// What the drivers report to the core.
namespace event {
struct connection_ready {
  connection_id connection = 0;
  protocol::api_versions versions;
};
struct response_received {
  connection_id connection = 0;
  request_id request = 0;
  shared_bytes body;
};
struct request_written {
  connection_id connection = 0;
  request_id request = 0;
};
struct request_failed {
  connection_id connection = 0;
  request_id request = 0;
  error why;
  write_outcome outcome = write_outcome::unknown;
};
struct connection_closed {
  connection_id connection = 0;
  error why;
};
/// Time passed, or another thread left something for a machine.
struct tick {};
}  // namespace event

/// What the core asks of its drivers.
namespace action {
struct open_connection {
  connection_id connection = 0;
  std::string host;
  std::int32_t port = 0;

  friend bool operator==(const open_connection&, const open_connection&) = default;
};
struct close_connection {
  connection_id connection = 0;
  error why;

  friend bool operator==(const close_connection&, const close_connection&) = default;
};
struct send_request {
  connection_id connection = 0;
  request_id request = 0;
  api_key key{};
  std::int16_t version = 0;
  protocol::encoded_message body;
  steady_time deadline = never;
  bool expects_response = true;
};
struct write_log {
  log_level level = log_level::debug;
  std::string line;

  friend bool operator==(const write_log&, const write_log&) = default;
};
}  // namespace action

}  // namespace kafka::client
