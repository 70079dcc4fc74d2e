// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <kafka/fake_cluster.hpp>

#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "fake/call.hpp"
#include "fake/cluster_state.hpp"
#include "fake/control.hpp"

namespace kafka::fake {

/// Bytes for the client of a connection, in order, to be sent as they are.
struct send {
  connection_id connection = 0;
  std::vector<shared_bytes> pieces;

  friend bool operator==(const send&, const send&) = default;
};

/// The cluster is done with a connection: close it after what was sent before. The id is gone; disconnect() is not
/// called for it.
struct close {
  connection_id connection = 0;

  friend bool operator==(const close&, const close&) = default;
};

using action = std::variant<send, close>;

/// A Kafka cluster without sockets, threads or clocks. Bytes of clients go in, bytes for clients come out as actions;
/// the time is an argument and may be virtual. Each connection is answered strictly one request at a time, in order, as
/// brokers do: a long poll holds up whatever was sent behind it.
///
/// Its driver
/// - calls connect() for a new connection, accept() with what it received, disconnect() when the client is gone;
/// - after each call (also of state() and of the other members) performs take_actions();
/// - calls advance() at deadline() or later.
///
/// Not thread-safe. Never throws for what a client sent; a client that breaks the protocol is disconnected.
class cluster {
 public:
  explicit cluster(const fake_cluster_options& options = {});
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;
  ~cluster();

  // --- connections

  /// A new connection to `node`; nothing if that node does not run (or does not exist).
  [[nodiscard]] std::optional<connection_id> connect(std::int32_t node, instant now);
  /// Bytes from the client, cut anywhere. Ignored for a connection that is gone.
  void accept(connection_id connection, std::span<const std::byte> bytes, instant now);
  /// The client is gone.
  void disconnect(connection_id connection);
  /// While not writable (its client does not read), no further request of the connection is handled. New connections
  /// are writable.
  void set_writable(connection_id connection, bool writable, instant now);
  /// False while so much waits unhandled on the connection that its driver had better not read more.
  [[nodiscard]] bool wants_input(connection_id connection) const;

  // --- time

  /// Does what is due: delayed requests, long polls that ended, whatever changes of state() woke.
  void advance(instant now);
  /// When to call advance() next; in the past if there is something to do now, `never` if nothing is pending.
  [[nodiscard]] steady_time deadline() const;
  /// What there is to do for the driver, in order; empties it.
  [[nodiscard]] std::vector<action> take_actions();

  // --- tests and facade

  /// Topics, logs, nodes, features. Changes take effect for requests that wait at the next advance().
  [[nodiscard]] cluster_state& state() noexcept { return state_; }
  [[nodiscard]] const cluster_state& state() const noexcept { return state_; }

  /// See fake_cluster::control. The function runs inside accept() or advance(); it may call everything of this class
  /// but accept(), advance(), disconnect() and connect().
  control_id control(api_key key, control_function function, std::size_t times = SIZE_MAX);
  void remove_control(control_id id);
  void remove_all_controls();

  [[nodiscard]] const std::deque<recorded_request>& requests() const noexcept { return recorded_; }
  void clear_requests() noexcept { recorded_.clear(); }

  void stop_node(std::int32_t node);
  void start_node(std::int32_t node);
  void drop_connections(std::int32_t node);
  [[nodiscard]] std::size_t connection_count() const noexcept { return connections_.size(); }

 private:
  struct connection;

  void pump(connection& one, instant now);
  /// Takes the next frame if there is one and starts its request; false if there was none.
  bool start_next(connection& one, instant now);
  void start(connection& one, std::unique_ptr<call> started, instant now);
  void obey(connection& one, const verdict& order, instant now);
  void run_handler(connection& one, instant now);
  void finish(connection& one, instant now);
  void send_answer(connection& one, instant now);
  void drop(connection& one);
  void wake_waiting(instant now);
  void set_timer(connection& one, steady_time at);
  void bury();
  [[nodiscard]] verdict ask_controls(call& asked);
  void record(const recorded_request& request);

  fake_cluster_options options_;
  cluster_state state_;
  std::map<connection_id, std::unique_ptr<connection>> connections_;
  connection_id next_connection_ = 1;
  /// One entry for each connection that waits for a time.
  std::set<std::pair<steady_time, connection_id>> timers_;
  /// The connections whose call waits for an event.
  std::set<connection_id> waiting_;
  std::vector<connection_id> dropped_;
  std::vector<action> actions_;
  std::vector<std::shared_ptr<control_entry>> controls_;
  control_id next_control_ = 1;
  std::deque<recorded_request> recorded_;
};

}  // namespace kafka::fake
