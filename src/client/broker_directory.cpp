// SPDX-License-Identifier: Apache-2.0
#include "client/broker_directory.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace kafka::client {

namespace {

error bad_server(std::string_view part, std::string_view why) {
  return {client_errc::invalid_config,
          "bootstrap.servers: \"" + std::string(part) + "\" " + std::string(why) + "; it must be host:port"};
}

error parse_server(std::string_view part, node& out) {
  const std::size_t colon = part.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == part.size()) return bad_server(part, "has no port");
  std::string_view host = part.substr(0, colon);
  const std::string_view digits = part.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return bad_server(part, "is an IPv6 address without brackets");
  }
  if (host.empty()) return bad_server(part, "has no host");
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || out.port < 1 || out.port > 65535) {
    return bad_server(part, "has a port that is no number from 1 to 65535");
  }
  out.host = host;
  return {};
}

}  // namespace

error parse_bootstrap_servers(std::string_view text, std::vector<node>& out) {
  out.clear();
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (part.empty()) continue;
    node server;
    if (error failure = parse_server(part, server)) return failure;
    server.id = -1 - static_cast<std::int32_t>(out.size());
    out.push_back(std::move(server));
  }
  if (out.empty())
    return {client_errc::invalid_config, "bootstrap.servers is empty; it must name at least one host:port"};
  return {};
}

broker_directory::broker_directory(const connection_config& config, std::vector<node> bootstrap, std::uint64_t seed)
    : config_(config), random_(seed) {
  // A random start spreads the clients of one configuration over its bootstrap servers.
  for (std::size_t left = bootstrap.size(); left > 1; --left) {
    std::swap(bootstrap[left - 1], bootstrap[static_cast<std::size_t>(random_.below(left))]);
  }
  std::int32_t id = -1;
  for (node& server : bootstrap) {
    server.id = id--;
    broker& entry = brokers_[server.id];
    entry.name = to_string(server);
    entry.address = std::move(server);
  }
}

void broker_directory::add(const node& address, actions& out) {
  broker& entry = brokers_[address.id];
  const bool moved =
      !entry.address.host.empty() && (entry.address.host != address.host || entry.address.port != address.port);
  if (!(entry.address == address)) entry.name = to_string(address);
  entry.address = address;
  entry.in_metadata = true;
  if (!moved) return;
  entry.failures = 0;
  entry.retry_at = {};
  for (auto& [on, open] : entry.links) {
    places_.erase(open.id);
    out.emplace_back(action::close_connection{open.id, {client_errc::connection_lost, "the broker moved"}});
  }
  entry.links.clear();
}

void broker_directory::update(const std::vector<node>& brokers, actions& out) {
  if (brokers.empty()) return;  // no cluster is without brokers: a broker that just started may say so
  for (auto& [id, entry] : brokers_) entry.in_metadata = false;
  learn(brokers, out);
}

void broker_directory::learn(const std::vector<node>& brokers, actions& out) {
  for (const node& address : brokers) {
    if (address.id >= 0 && !address.host.empty()) add(address, out);
  }
}

broker_directory::state broker_directory::acquire(std::int32_t node_id, lane on, steady_time now, actions& out) {
  const auto found = brokers_.find(node_id);
  if (found == brokers_.end()) return state::unknown;
  broker& entry = found->second;
  const auto open = entry.links.find(on);
  if (open != entry.links.end()) return open->second.ready ? state::ready : state::connecting;
  if (backing_off(entry, now)) return state::waiting;
  link& made = entry.links[on];
  made.id = next_connection_++;
  entry.last_tried = now;
  places_[made.id] = {node_id, on};
  out.emplace_back(action::open_connection{made.id, entry.address.host, entry.address.port});
  return state::connecting;
}

broker_directory::link& broker_directory::ready_link(std::int32_t node_id, lane on) {
  return brokers_.at(node_id).links.at(on);
}

std::optional<std::int32_t> broker_directory::choose(lane on, steady_time now) {
  const broker* best = nullptr;
  const auto rank = [&](const broker& entry) {
    const auto open = entry.links.find(on);
    if (open != entry.links.end()) return open->second.ready ? 0 : 1;
    return entry.in_metadata ? 2 : entry.address.id < 0 ? 3 : 4;
  };
  for (const auto& [id, entry] : brokers_) {
    if (entry.links.find(on) == entry.links.end() && backing_off(entry, now)) continue;
    if (id >= 0 && !entry.in_metadata && entry.links.empty()) continue;
    // One that failed on any connection may hang on the others as well.
    const auto worth = [&](const broker& one) { return std::tuple(one.failures > 0, rank(one), one.last_tried); };
    if (!best || worth(entry) < worth(*best)) best = &entry;
  }
  if (!best) return std::nullopt;
  return best->address.id;
}

std::optional<broker_directory::place> broker_directory::find(connection_id connection) const {
  const auto found = places_.find(connection);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

void broker_directory::ready(connection_id connection, protocol::api_versions versions, actions& out) {
  const auto where = find(connection);
  if (!where) return;
  broker& entry = brokers_.at(where->node_id);
  link& open = entry.links.at(where->lane);
  open.ready = true;
  open.versions = std::move(versions);
  if (entry.failures > 0) {
    out.emplace_back(action::write_log{log_level::info, "connected to " + describe(where->node_id) + " again"});
  }
  entry.failures = 0;
  entry.retry_at = {};
  last_failure_ = {};
}

std::optional<broker_directory::place> broker_directory::closed(connection_id connection, const error& why,
                                                                steady_time now, actions& out) {
  const auto where = find(connection);
  if (!where) return std::nullopt;
  broker& entry = brokers_.at(where->node_id);
  const link open = entry.links.at(where->lane);
  places_.erase(connection);
  entry.links.erase(where->lane);
  // An idle connection that the peer closed is ordinary life; the next use opens another one at once.
  if (open.ready && open.in_flight == 0) return where;
  const backoff pause{config_.reconnect_backoff, config_.reconnect_backoff_max};
  entry.retry_at = now + pause.wait(entry.failures, random_);
  if (entry.failures == 0) {
    out.emplace_back(action::write_log{log_level::warning, describe(where->node_id) + ": " + why.message()});
  }
  ++entry.failures;
  // Silence tells less than what somebody said who is no broker.
  const bool known_better = last_failure_ == client_errc::not_kafka && why == client_errc::request_timed_out;
  if (!known_better) last_failure_ = why.with_context(describe(where->node_id));
  return where;
}

std::string broker_directory::describe(std::int32_t node_id) const {
  const auto found = brokers_.find(node_id);
  if (found != brokers_.end()) return found->second.name;
  return "broker (id " + std::to_string(node_id) + ")";
}

steady_time broker_directory::retry_at(std::int32_t node_id, lane on) const {
  const auto found = brokers_.find(node_id);
  if (found == brokers_.end() || found->second.links.contains(on)) return never;
  return found->second.retry_at;
}

steady_time broker_directory::next_retry(lane on) const {
  steady_time first = never;
  for (const auto& [id, entry] : brokers_) {
    if (entry.links.contains(on)) return never;
    if (id < 0 || entry.in_metadata) first = std::min(first, entry.retry_at);
  }
  return first;
}

}  // namespace kafka::client
