// SPDX-License-Identifier: Apache-2.0
#include "support/simulated_client.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace kafka::test {

simulated_client::simulated_client(fake::cluster& cluster, client::core& core)
    : own_network_(std::make_unique<simulated_network>(cluster)),
      network_(*own_network_),
      cluster_(cluster),
      core_(core) {
  network_.clients_.push_back(this);
}

simulated_client::simulated_client(simulated_network& network, client::core& core)
    : network_(network), cluster_(network.cluster()), core_(core) {
  network_.clients_.push_back(this);
}

simulated_client::~simulated_client() {
  for (const auto& [peer, id] : by_peer_) {
    network_.owners_.erase(peer);
    cluster_.disconnect(peer);
  }
  std::erase(network_.clients_, this);
}

void simulated_client::step(client::any_event event) {
  std::vector<client::any_action> out;
  core_.next(std::move(event), now().steady, out);
  for (client::any_action& one : out) act(one);
}

void simulated_client::act(client::any_action& action) {
  if (auto* what = std::get_if<client::action::open_connection>(&action)) return open(*what);
  if (auto* close = std::get_if<client::action::close_connection>(&action)) {
    const auto found = links_.find(close->connection);
    if (found != links_.end()) found->second.session->close(close->why);
    return;
  }
  if (auto* send = std::get_if<client::action::send_request>(&action)) {
    const auto found = links_.find(send->connection);
    if (found == links_.end()) return;
    net::request out;
    out.id = send->request;
    out.key = send->key;
    out.version = send->version;
    out.body = std::move(send->body);
    out.deadline = send->deadline;
    out.expects_response = send->expects_response;
    found->second.session->send(std::move(out), now().steady);
    return;
  }
  if (auto* line = std::get_if<client::action::write_log>(&action)) {
    log_.push_back(line->line);
    return;
  }
  actions_.push_back(std::move(action));
}

void simulated_client::open(const client::action::open_connection& what) {
  ++opened_;
  std::optional<fake::connection_id> peer;
  if (refusals_ > 0) {
    --refusals_;
  } else {
    for (const fake::node_state& node : cluster_.state().nodes()) {
      if (node.host == what.host && node.port == what.port) peer = cluster_.connect(node.id, now());
    }
  }
  if (!peer) {
    refused_.emplace_back(what.connection,
                          error(client_errc::connect_failed, what.host + ":" + std::to_string(what.port) + " refused"));
    return;
  }
  link& made = links_[what.connection];
  net::session_options options;
  options.peer = what.host + ":" + std::to_string(what.port);
  made.session = std::make_unique<net::session>(options, memories_[{what.host, what.port}]);
  made.peer = *peer;
  made.has_peer = true;
  by_peer_[*peer] = what.connection;
  network_.owners_[*peer] = this;
  made.session->opened(now().steady);
}

bool simulated_client::pump_link(client::connection_id id, link& one) {
  bool moved = false;
  net::session& session = *one.session;
  while (one.has_peer && session.wants_write()) {
    std::array<std::span<const std::byte>, 16> pieces;
    const std::size_t count = session.gather(pieces);
    if (count == 0) break;
    std::size_t bytes = 0;
    for (std::size_t index = 0; index < count; ++index) {
      cluster_.accept(one.peer, pieces[index], now());
      bytes += pieces[index].size();
    }
    session.written(bytes, now().steady);
    moved = true;
  }
  net::session::event event;
  while (session.next(event)) {
    moved = true;
    if (auto* ready = std::get_if<net::session::ready>(&event)) {
      step(client::event::connection_ready{id, std::move(ready->versions)});
    } else if (auto* response = std::get_if<net::session::response>(&event)) {
      step(client::event::response_received{id, response->id, std::move(response->body)});
    } else if (auto* written = std::get_if<net::session::written_out>(&event)) {
      step(client::event::request_written{id, written->id});
    } else if (auto* failed = std::get_if<net::session::request_failed>(&event)) {
      step(client::event::request_failed{id, failed->id, std::move(failed->why), failed->outcome});
    } else if (auto* closed = std::get_if<net::session::closed>(&event)) {
      if (one.has_peer) {
        by_peer_.erase(one.peer);
        network_.owners_.erase(one.peer);
        cluster_.disconnect(one.peer);
      }
      const error why = closed->why;
      links_.erase(id);
      step(client::event::connection_closed{id, why});
      return true;
    }
  }
  return moved;
}

void simulated_client::receive(fake::connection_id peer, const std::vector<shared_bytes>& pieces) {
  link& to = links_.at(by_peer_.at(peer));
  for (const shared_bytes& piece : pieces) to.session->receive(piece.span(), now().steady);
}

void simulated_client::lose(fake::connection_id peer) {
  const auto found = by_peer_.find(peer);
  link& to = links_.at(found->second);
  by_peer_.erase(found);
  to.has_peer = false;
  to.session->lost({}, now().steady);
}

bool simulated_client::pump_once() {
  if (stopped_) return false;
  bool moved = false;
  const auto refused = std::exchange(refused_, {});
  for (const auto& [id, why] : refused) {
    step(client::event::connection_closed{id, why});
    moved = true;
  }
  std::vector<client::connection_id> ids;
  for (const auto& [id, one] : links_) ids.push_back(id);
  for (const client::connection_id id : ids) {
    const auto found = links_.find(id);
    if (found != links_.end()) moved = pump_link(id, found->second) || moved;
  }
  return moved;
}

void simulated_client::post(client::any_event event) {
  step(std::move(event));
  network_.pump();
}

steady_time simulated_client::deadline() const {
  if (stopped_) return never;
  steady_time first = core_.deadline();
  for (const auto& [id, one] : links_) first = std::min(first, one.session->deadline());
  return first;
}

void simulated_client::tick() {
  if (stopped_) return;
  for (auto& [id, one] : links_) one.session->tick(now().steady);
  step(client::event::tick{});
}

// --- the network -----------------------------------------------------------------------------------------------------

bool simulated_network::pump_cluster() {
  if (cluster_.deadline() <= now_.steady) cluster_.advance(now_);
  const std::vector<fake::action> actions = cluster_.take_actions();
  for (const fake::action& one : actions) {
    if (const auto* send = std::get_if<fake::send>(&one)) {
      const auto owner = owners_.find(send->connection);
      if (owner != owners_.end()) owner->second->receive(send->connection, send->pieces);
    } else if (const auto* close = std::get_if<fake::close>(&one)) {
      const auto owner = owners_.find(close->connection);
      if (owner == owners_.end()) continue;
      owner->second->lose(close->connection);
      owners_.erase(owner);
    }
  }
  return !actions.empty();
}

void simulated_network::pump() {
  for (bool moved = true; moved;) {
    moved = pump_cluster();
    for (simulated_client* one : clients_) moved = one->pump_once() || moved;
  }
}

steady_time simulated_network::next_deadline() const {
  steady_time first = cluster_.deadline();
  for (const simulated_client* one : clients_) first = std::min(first, one->deadline());
  return first;
}

void simulated_network::advance_to(steady_time when) {
  const auto passed = std::chrono::ceil<std::chrono::milliseconds>(when - now_.steady);
  if (passed.count() > 0) now_ = {now_.steady + passed, now_.wall + passed};
  // One alone is told of every step: what its user's side left for it is no deadline.
  for (simulated_client* one : clients_) {
    if (clients_.size() == 1 || one->deadline() <= now_.steady) one->tick();
  }
  pump();
}

void simulated_network::run_for(std::chrono::milliseconds duration) {
  (void)run_until([] { return false; }, duration);
}

bool simulated_network::run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const steady_time end = now_.steady + limit;
  pump();
  while (!done()) {
    const steady_time next = next_deadline();
    if (next > end) {
      advance_to(end);
      return done();
    }
    // A deadline that is already past and stays there would be a busy loop: one millisecond at least.
    advance_to(std::max(next, now_.steady + std::chrono::milliseconds(next <= now_.steady ? 1 : 0)));
    if (now_.steady >= end) return done();
  }
  return true;
}

}  // namespace kafka::test
