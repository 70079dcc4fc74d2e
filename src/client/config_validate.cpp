// SPDX-License-Identifier: Apache-2.0
// What no single row of the configuration table can tell: whether members fit each other and what was built in.
#include <charconv>

#include "client/config_table.hpp"
#include "protocol/compression.hpp"

namespace kafka::client {
namespace {

error invalid(std::string cause) {
  return error(client_errc::invalid_config, std::move(cause));
}

bool is_port(std::string_view text) noexcept {
  unsigned port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

/// `host:port` or `[v6]:port`. An unbracketed IPv6 address is refused: where its port begins is anybody's guess.
bool is_server(std::string_view text) noexcept {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) return host.size() > 2 && host.ends_with(']');
  return !host.empty() && host.find(':') == std::string_view::npos;
}

error check_servers(std::string_view servers) {
  bool any = false;
  for (std::size_t begin = 0; begin <= servers.size();) {
    const std::size_t end = std::min(servers.find(',', begin), servers.size());
    std::string_view server = servers.substr(begin, end - begin);
    begin = end + 1;
    while (server.starts_with(' ')) server.remove_prefix(1);
    while (server.ends_with(' ')) server.remove_suffix(1);
    if (server.empty()) continue;
    if (!is_server(server)) return invalid("bootstrap.servers: \"" + std::string(server) + "\" is not host:port");
    any = true;
  }
  return any ? error{} : invalid("bootstrap.servers: names no broker");
}

error check_compression(const producer_config& config) {
  if (!protocol::compression_supported(config.compression))
    return protocol::compression_unsupported(config.compression).with_context("compression.type");
  const protocol::compression_levels levels = protocol::compression_level_range(config.compression);
  const bool takes_level = levels.min != 0 || levels.max != 0;
  const std::int32_t level = config.compression_level.value_or(levels.standard);
  if (takes_level && (level < levels.min || level > levels.max)) {
    return invalid("compression.level: " + std::to_string(level) + " is not in " + std::to_string(levels.min) +
                   " ... " + std::to_string(levels.max) + ", the levels of " +
                   std::string(to_string(config.compression)));
  }
  return {};
}

error check_idempotence(const producer_config& config) {
  if (!config.transactional_id.empty() && !is_idempotent(config))
    return invalid(
        "transactional.id: transactions need idempotence, and that acks all and at most 5 requests in flight");
  if (config.idempotence != idempotence::on) return {};
  if (config.acks != acks::all)
    return invalid("acks: idempotence needs all; set enable.idempotence to false to do without");
  if (config.in_flight_max > 5)
    return invalid("max.in.flight.requests.per.connection: brokers remember five batches, so that " +
                   std::to_string(config.in_flight_max) + " are too many with idempotence");
  return {};
}

/// What Java refuses: settings of one protocol with the other.
error check_group_protocol(const consumer_config& config) {
  const consumer_config standard;
  if (config.group_protocol == group_protocol::classic && !config.remote_assignor.empty())
    return invalid("group.remote.assignor: needs group.protocol consumer");
  if (config.group_protocol != group_protocol::consumer) return {};
  const auto refused = [](std::string_view key) {
    return invalid(std::string(key) + ": is the broker's to decide with group.protocol consumer");
  };
  if (config.session_timeout != standard.session_timeout) return refused("session.timeout.ms");
  if (config.heartbeat_interval != standard.heartbeat_interval) return refused("heartbeat.interval.ms");
  if (config.assignors != standard.assignors || config.custom_assignor) return refused("partition.assignment.strategy");
  return {};
}

error check_group(const consumer_config& config) {
  if (config.group_id.empty()) {
    if (!config.group_instance_id.empty()) return invalid("group.instance.id: needs group.id");
    return {};
  }
  if (error failure = check_group_protocol(config)) return failure;
  if (config.heartbeat_interval >= config.session_timeout)
    return invalid("heartbeat.interval.ms: " + std::to_string(config.heartbeat_interval.count()) +
                   " is not below session.timeout.ms, so that the group would take every member for dead");
  const std::vector<std::string> names = assignor_names(config);
  for (const std::string& name : names) {
    if (!make_assignor(name)) return invalid("partition.assignment.strategy: there is no assignor \"" + name + "\"");
  }
  if (names.empty() && !config.custom_assignor) return invalid("partition.assignment.strategy: names no assignor");
  return {};
}

}  // namespace

std::vector<std::string> assignor_names(const consumer_config& config) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= config.assignors.size();) {
    const std::size_t end = std::min(config.assignors.find(',', begin), config.assignors.size());
    std::string_view name(config.assignors.data() + begin, end - begin);
    begin = end + 1;
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) out.emplace_back(name);
  }
  return out;
}

error validate(const connection_config& config) {
  return check_rows(config);
}

error validate(const producer_config& config) {
  if (error failure = check_rows(config)) return failure;
  if (error failure = validate(config.connection)) return failure;
  if (error failure = check_servers(config.bootstrap_servers)) return failure;
  // Java also wants request.timeout.ms within it, because it cannot give up a request under way; this client can.
  if (config.delivery_timeout < config.linger)
    return invalid("delivery.timeout.ms: " + std::to_string(config.delivery_timeout.count()) +
                   " is less than linger.ms, so that no record could ever be sent in time");
  if (error failure = check_idempotence(config)) return failure;
  return check_compression(config);
}

error validate(const consumer_config& config) {
  if (error failure = check_rows(config)) return failure;
  if (error failure = validate(config.connection)) return failure;
  if (error failure = check_servers(config.bootstrap_servers)) return failure;
  if (config.fetch_wait_max >= config.connection.request_timeout)
    return invalid("fetch.max.wait.ms: " + std::to_string(config.fetch_wait_max.count()) +
                   " is not below request.timeout.ms, so that every idle fetch would time out");
  if (error failure = check_group(config)) return failure;
  if (static_cast<std::size_t>(config.fetch_bytes_max) > config.connection.response_bytes_max)
    return invalid("fetch.max.bytes: " + std::to_string(config.fetch_bytes_max) +
                   " is more than receive.message.max.bytes, so that full answers would be refused");
  return {};
}

error validate(const admin_config& config) {
  if (error failure = check_rows(config)) return failure;
  if (error failure = validate(config.connection)) return failure;
  return check_servers(config.bootstrap_servers);
}

}  // namespace kafka::client
