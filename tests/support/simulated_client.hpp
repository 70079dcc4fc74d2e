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

/// Drives one core against one fake cluster. Single-threaded; two runs with the same input are equal.
class simulated_client {
 public:
  simulated_client(fake::cluster& cluster, client::core& core) : cluster_(cluster), core_(core) {}

  [[nodiscard]] instant now() const noexcept { return now_; }
  /// What the core asked for that is not a driver's own business, in order.
  [[nodiscard]] std::vector<client::any_action>& actions() noexcept { return actions_; }
  [[nodiscard]] const std::vector<std::string>& log() const noexcept { return log_; }
  /// How many connections were opened so far, and how many are open now.
  [[nodiscard]] std::size_t opened() const noexcept { return opened_; }
  [[nodiscard]] std::size_t open() const noexcept { return links_.size(); }

  /// Hands an event to the core and does what follows at once.
  void post(client::any_event event);
  /// Does everything that is due up to `duration` from now, then stands there.
  void run_for(std::chrono::milliseconds duration);
  /// The same until `done` holds; false if it does not within `limit`.
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(60));

  /// The next `connects` attempts to connect are refused.
  void refuse(std::size_t connects) noexcept { refusals_ = connects; }
  /// Changes of the cluster made from outside (leaders, nodes) take effect at the next step.
  void nudge() { pump(); }

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
  struct link {
    std::unique_ptr<net::session> session;
    fake::connection_id peer = 0;
    bool has_peer = false;
  };

  void step(client::any_event event);
  void act(client::any_action& action);
  void open(const client::action::open_connection& what);
  /// Moves bytes and events until nothing moves at this moment.
  void pump();
  bool pump_once();
  bool pump_link(client::connection_id id, link& one);
  bool pump_cluster();
  [[nodiscard]] steady_time next_deadline() const;
  void advance_to(steady_time when);

  fake::cluster& cluster_;
  client::core& core_;
  instant now_{steady_time(std::chrono::hours(1)), wall_time(std::chrono::milliseconds(1'800'000'000'000))};
  std::map<client::connection_id, link> links_;
  std::map<fake::connection_id, client::connection_id> by_peer_;
  std::map<std::pair<std::string, std::int32_t>, net::handshake_memory> memories_;
  std::vector<std::pair<client::connection_id, error>> refused_;
  std::vector<client::any_action> actions_;
  std::vector<std::string> log_;
  std::size_t opened_ = 0;
  std::size_t refusals_ = 0;
};

}  // namespace kafka::test
