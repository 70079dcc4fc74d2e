// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// `host:port[,host:port...]`, with IPv6 addresses in brackets, as nodes with ids -1, -2, ... invalid_config, naming
/// the part that is wrong.
[[nodiscard]] error parse_bootstrap_servers(std::string_view text, std::vector<node>& out);

/// Which brokers there are, which connections to them, and when to connect again. Pure: decides, never connects.
///
/// A connection is (node, lane). Bootstrap servers are nodes with negative ids until metadata names the real ones; they
/// are kept, as the way back when every known broker is gone (KIP-899, KIP-1102).
class broker_directory {
 public:
  using actions = std::vector<std::variant<action::open_connection, action::close_connection, action::write_log>>;

  enum class state : std::uint8_t {
    ready,       ///< Requests may be sent.
    connecting,  ///< On its way; wait.
    waiting,     ///< A broker that failed lately; a new attempt starts when its back-off ends.
    unknown,     ///< No such node.
  };

  struct link {
    connection_id id = 0;
    bool ready = false;
    protocol::api_versions versions;
    std::size_t in_flight = 0;
  };

  broker_directory(const connection_config& config, std::vector<node> bootstrap, std::uint64_t seed);

  /// The brokers that metadata named. A broker that moved gets new connections; one that is gone keeps its connections
  /// until they are idle.
  void update(const std::vector<node>& brokers, actions& out);

  /// Addresses of brokers that an answer named beside the leader it told (KIP-951); nothing is forgotten.
  void learn(const std::vector<node>& brokers, actions& out);

  /// The state of the connection to (node, lane); starts connecting when there is none and its back-off is over.
  [[nodiscard]] state acquire(std::int32_t node_id, lane on, steady_time now, actions& out);
  /// The connection after acquire() said ready.
  [[nodiscard]] link& ready_link(std::int32_t node_id, lane on);

  /// The node to ask what any broker can answer: one with a ready connection on this lane, else one that is not backing
  /// off, known brokers before bootstrap servers, the least recently tried first; nothing while all back off.
  [[nodiscard]] std::optional<std::int32_t> choose(lane on, steady_time now);

  /// Which node and lane a connection belongs to; nothing for one that is over.
  struct place {
    std::int32_t node_id = 0;
    client::lane lane{};
    friend auto operator<=>(const place&, const place&) = default;
  };
  [[nodiscard]] std::optional<place> find(connection_id connection) const;

  void ready(connection_id connection, protocol::api_versions versions, actions& out);
  /// The connection is over; gives where it was.
  std::optional<place> closed(connection_id connection, const error& why, steady_time now, actions& out);
  /// `host:port (id N)` of a node, for errors.
  [[nodiscard]] std::string describe(std::int32_t node_id) const;
  /// Why a connection last failed, for the cause of errors that a deadline ends; none if the last one succeeded.
  [[nodiscard]] const error& last_failure() const noexcept { return last_failure_; }
  /// When a new connection to (node, lane) may be tried; `never` while there is one, or one is on its way.
  [[nodiscard]] steady_time retry_at(std::int32_t node_id, lane on) const;
  /// When choose() may have an answer for the lane again; `never` while a connection is there or on its way.
  [[nodiscard]] steady_time next_retry(lane on) const;

 private:
  struct broker {
    node address;
    std::string name;  // to_string(address), which every reply bears
    bool in_metadata = false;
    unsigned failures = 0;
    steady_time retry_at{};
    steady_time last_tried{};
    std::map<lane, link> links;
  };

  void add(const node& address, actions& out);
  [[nodiscard]] bool backing_off(const broker& entry, steady_time now) const noexcept { return entry.retry_at > now; }

  connection_config config_;
  random_source random_;
  std::map<std::int32_t, broker> brokers_;
  std::map<connection_id, place> places_;
  connection_id next_connection_ = 1;
  error last_failure_;
};

}  // namespace kafka::client
