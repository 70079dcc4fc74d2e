// SPDX-License-Identifier: Apache-2.0
#include "cli/verifiable_config.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include <kafka/properties.hpp>

#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

std::vector<property> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(), path);
  std::vector<property> properties;
  if (const error failure = parse_properties(text, properties)) throw std::runtime_error(path + ": " + failure.cause());
  return properties;
}

/// Leaving such a key out would send in the clear what was meant to be kept secret.
bool guards_secrets(const property& of) {
  if (of.key == "security.protocol") return of.value != "PLAINTEXT";
  return of.key.starts_with("ssl.") || of.key.starts_with("sasl.");
}

template <class Config>
void apply(const property& each, const std::string& path, Config& config,
           const std::function<void(const std::string&)>& ignored) {
  const std::string place = path + ": line " + std::to_string(each.line) + ": ";
  if (has_property(config, each.key)) {
    if (const error failure = set_property(config, each.key, each.value))
      throw std::runtime_error(place + failure.cause());
  } else if (guards_secrets(each)) {
    throw std::runtime_error(place + each.key + ": this version has no such security");
  } else {
    ignored(place + each.key + " is ignored");
  }
}

void set(consumer_config& config, std::string_view key, std::string_view value, const char* option) {
  if (const error failure = set_property(config, key, value))
    throw std::runtime_error(std::string(option) + ": " + failure.cause());
}

template <class Config>
void override_with(const cluster_options& options, Config& config) {
  try {
    apply_last(options, config);
  } catch (const usage_error& wrong) {
    throw std::runtime_error(wrong.what());
  }
}

}  // namespace

producer_config make_verifiable_config(const verifiable_producer_options& options,
                                       const std::function<void(const std::string&)>& ignored) {
  producer_config config{.bootstrap_servers = options.bootstrap_servers,
                         .client_id = "verifiable-producer",
                         .acks = options.acks,
                         .retries = 0};
  if (!options.properties_file.empty()) {
    for (const property& each : read_file(options.properties_file))
      apply(each, options.properties_file, config, ignored);
  }
  override_with(options.cluster, config);
  // As Java has it: who wants no retries gets no idempotence either, unless it was asked for.
  if (config.retries == 0 && config.idempotence == idempotence::automatic && config.transactional_id.empty())
    config.idempotence = idempotence::off;
  return config;
}

consumer_config make_verifiable_config(const verifiable_consumer_options& options,
                                       const std::function<void(const std::string&)>& ignored) {
  // As many records a poll as Java's client gives: after each the tool commits.
  consumer_config config{.client_id = "verifiable-consumer", .poll_records_max = 500};
  if (!options.properties_file.empty()) {
    for (const property& each : read_file(options.properties_file))
      apply(each, options.properties_file, config, ignored);
  }
  config.bootstrap_servers = options.bootstrap_servers;
  config.group_id = options.group_id;
  config.auto_commit = options.auto_commit;
  set(config, "auto.offset.reset", options.reset_policy, "--reset-policy");
  if (!options.group_instance_id.empty()) config.group_instance_id = options.group_instance_id;
  if (!options.group_protocol.empty()) set(config, "group.protocol", options.group_protocol, "--group-protocol");
  if (config.group_protocol == group_protocol::consumer) {
    if (options.session_timeout)
      throw std::runtime_error("--session-timeout: with the protocol \"consumer\" the coordinator sets it");
    if (!options.group_remote_assignor.empty())
      set(config, "group.remote.assignor", options.group_remote_assignor, "--group-remote-assignor");
  } else {
    set(config, "partition.assignment.strategy", options.assignment_strategy, "--assignment-strategy");
    if (options.session_timeout)
      set(config, "session.timeout.ms", std::to_string(*options.session_timeout), "--session-timeout");
  }
  override_with(options.cluster, config);
  return config;
}

}  // namespace kafka::cli
