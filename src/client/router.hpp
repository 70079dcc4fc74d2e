// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "client/broker_directory.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// Carries typed requests to brokers and typed responses back: waits for a connection, chooses the version, encodes,
/// remembers who asked, decodes. Pure. Every submitted request gets exactly one reply, at the latest at its deadline.
class router {
 public:
  using actions = std::vector<
      std::variant<action::open_connection, action::close_connection, action::send_request, action::write_log>>;
  struct addressed_reply {
    owner to{};
    client::reply reply;
  };
  using replies = std::vector<addressed_reply>;

  router(const connection_config& config, std::vector<node> bootstrap, std::uint64_t seed)
      : directory_(config, std::move(bootstrap), seed) {}

  /// Takes a request over; it is sent by the next flush().
  void submit(outgoing request);
  /// Gives up on requests of one owner that were not sent yet, and forgets the answers of those that were. No reply.
  void abandon(request_id id);

  void connection_ready(const event::connection_ready& ready);
  void connection_closed(const event::connection_closed& closed, steady_time now);
  void response_received(event::response_received& response, steady_time now);
  void request_written(const event::request_written& written);
  void request_failed(const event::request_failed& failed);

  /// Sends what can be sent, fails what is too late.
  void flush(steady_time now);
  [[nodiscard]] steady_time deadline() const;

  [[nodiscard]] actions take_actions() { return std::exchange(actions_, {}); }
  [[nodiscard]] replies take_replies() { return std::exchange(replies_, {}); }
  [[nodiscard]] bool has_replies() const noexcept { return !replies_.empty(); }

  [[nodiscard]] broker_directory& directory() noexcept { return directory_; }
  [[nodiscard]] const broker_directory& directory() const noexcept { return directory_; }
  /// How many requests wait for a connection or an answer.
  [[nodiscard]] std::size_t outstanding() const noexcept { return waiting_count_ + sent_.size(); }

 private:
  struct sent_request {
    owner from{};
    connection_id connection = 0;
    broker_directory::place where;
    std::int16_t version = 0;
    /// The request's own type, as its index in any_request; the response has the same place in any_response.
    std::size_t type = 0;
    api_key key{};
    /// Nobody wants the answer any more.
    bool abandoned = false;
  };
  using queue = std::vector<outgoing>;

  void send_waiting(std::int32_t node_id, lane on, queue& waiting, steady_time now);
  void send_to_any(steady_time now);
  void send_one(outgoing&& request, std::int32_t node_id, lane on);
  void fail(outgoing&& request, const std::string& broker, error why, write_outcome outcome);
  void fail_late(queue& waiting, std::int32_t node_id, steady_time now);
  void finish(request_id id, reply&& done);
  void adopt(broker_directory::actions&& from);

  broker_directory directory_;
  std::map<broker_directory::place, queue> waiting_;  // node any_node: those that any broker may answer
  // Connections on which the broker asked for a pause (KIP-219). The others go on: reading faster than a quota allows
  // must not cost heartbeats, and with them the membership.
  std::map<broker_directory::place, steady_time> muted_until_;
  std::unordered_map<request_id, sent_request> sent_;
  std::size_t waiting_count_ = 0;
  actions actions_;
  replies replies_;
};

/// Which API a request belongs to.
[[nodiscard]] api_key key_of(const any_request& request);

}  // namespace kafka::client
