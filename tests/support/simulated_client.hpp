// SPDX-License-Identifier: Apache-2.0
// The second driver of client::core: no sockets, no threads, virtual time. It carries bytes between the pure session of
// each connection and the pure core of the fake cluster, and moves the clock to whatever is due next.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "client/core.hpp"
#include "fake/cluster.hpp"
#include "net/session.hpp"

namespace kafka::test {

class simulated_client;

/// A fake cluster, its clients, and the time for all of them.
class simulated_network {
 public:
  explicit simulated_network(fake::cluster& cluster) : cluster_(cluster) {}
  simulated_network(const simulated_network&) = delete;
  simulated_network& operator=(const simulated_network&) = delete;

  [[nodiscard]] instant now() const noexcept { return now_; }
  [[nodiscard]] fake::cluster& cluster() noexcept { return cluster_; }
  /// Does everything that is due up to `duration` from now, then stands there.
  void run_for(std::chrono::milliseconds duration);
  /// The same until `done` holds; false if it does not within `limit`.
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(60));
  /// Moves bytes and events until nothing moves at this moment.
  void pump();

 private:
  friend class simulated_client;

  bool pump_cluster();
  [[nodiscard]] steady_time next_deadline() const;
  void advance_to(steady_time when);

  fake::cluster& cluster_;
  instant now_{steady_time(std::chrono::hours(1)), wall_time(std::chrono::milliseconds(1'800'000'000'000))};
  std::vector<simulated_client*> clients_;
  std::map<fake::connection_id, simulated_client*> owners_;
};

/// Drives one core against a fake cluster, which may have other clients. Single-threaded; two runs with the same input
/// are equal.
class simulated_client {
 public:
  /// Alone in a network of its own.
  simulated_client(fake::cluster& cluster, client::core& core);
  simulated_client(simulated_network& network, client::core& core);
  simulated_client(const simulated_client&) = delete;
  simulated_client& operator=(const simulated_client&) = delete;
  /// The process is killed.
  ~simulated_client();

  [[nodiscard]] instant now() const noexcept { return network_.now(); }
  /// What the core asked for that is not a driver's own business, in order.
  [[nodiscard]] std::vector<client::any_action>& actions() noexcept { return actions_; }
  [[nodiscard]] const std::vector<std::string>& log() const noexcept { return log_; }
  /// How many connections were opened so far, and how many are open now.
  [[nodiscard]] std::size_t opened() const noexcept { return opened_; }
  [[nodiscard]] std::size_t open() const noexcept { return links_.size(); }

  /// Hands an event to the core and does what follows at once.
  void post(client::any_event event);
  void run_for(std::chrono::milliseconds duration) { network_.run_for(duration); }
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    return network_.run_until(done, limit);
  }
  /// Stopped, the process does nothing, but its connections stay; as after SIGSTOP.
  void set_stopped(bool stopped) noexcept { stopped_ = stopped; }

  /// The next `connects` attempts to connect are refused.
  void refuse(std::size_t connects) noexcept { refusals_ = connects; }
  /// Changes of the cluster made from outside (leaders, nodes) take effect at the next step.
  void nudge() { network_.pump(); }

  /// The actions of one kind, taken out.
  template <class Action>
  std::vector<Action> take() {
    std::vector<Action> out;
    std::vector<client::any_action> rest;
    for (client::any_action& one : actions_) {
      if (auto* typed = std::get_if<Action>(&one)) {
        out.push_back(std::move(*typed));
      } else {
        rest.push_back(std::move(one));
      }
    }
    actions_ = std::move(rest);
    return out;
  }
  template <class Action>
  [[nodiscard]] std::size_t count() const {
    std::size_t found = 0;
    for (const client::any_action& one : actions_) found += std::holds_alternative<Action>(one) ? 1U : 0U;
    return found;
  }

 private:
  friend class simulated_network;

  struct link {
    std::unique_ptr<net::session> session;
    fake::connection_id peer = 0;
    bool has_peer = false;
  };

  void step(client::any_event event);
  void act(client::any_action& action);
  void open(const client::action::open_connection& what);
  bool pump_once();
  bool pump_link(client::connection_id id, link& one);
  void receive(fake::connection_id peer, const std::vector<shared_bytes>& pieces);
  void lose(fake::connection_id peer);
  [[nodiscard]] steady_time deadline() const;
  void tick();

  std::unique_ptr<simulated_network> own_network_;
  simulated_network& network_;
  fake::cluster& cluster_;
  client::core& core_;
  std::map<client::connection_id, link> links_;
  std::map<fake::connection_id, client::connection_id> by_peer_;
  std::map<std::pair<std::string, std::int32_t>, net::handshake_memory> memories_;
  std::vector<std::pair<client::connection_id, error>> refused_;
  std::vector<client::any_action> actions_;
  std::vector<std::string> log_;
  std::size_t opened_ = 0;
  std::size_t refusals_ = 0;
  bool stopped_ = false;
};

}  // namespace kafka::test
