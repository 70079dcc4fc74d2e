// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_options.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <kafka/properties.hpp>

#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

std::pair<std::string_view, std::string_view> split_property(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw usage_error("-X: \"" + std::string(text) + "\" is not key=value");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

log_handler handler_of(std::string_view wanted) {
  for (const log_level least : {log_level::debug, log_level::info, log_level::warning, log_level::error}) {
    if (wanted != to_string(least)) continue;
    return [least](log_level level, std::string_view line) {
      if (level < least) return;
      const std::string text = std::string(to_string(level)) + ": " + std::string(line) + "\n";
      std::fwrite(text.data(), 1, text.size(), stderr);
    };
  }
  return {};
}

template <class Config>
void override_with(const cluster_options& options, Config& config) {
  for (const std::string& each : options.properties) {
    const auto [key, value] = split_property(each);
    if (!has_property(config, key)) continue;
    if (const error failure = set_property(config, key, value)) throw usage_error("-X: " + failure.cause());
  }
  config.bootstrap_servers = with_ports(config.bootstrap_servers);
  config.log = handler_of(options.log_level);
}

template <class Config>
Config make(const cluster_options& options, Config config) {
  // So that of several brokers another is tried, and of a single one it is known what it did not do, before time is up.
  config.connection.connect_timeout = std::min(config.connection.connect_timeout, options.timeout * 2 / 5);
  if (!options.properties_file.empty()) {
    if (const error failure = load_properties(options.properties_file, config)) throw usage_error(failure.cause());
  }
  if (!options.brokers.empty()) config.bootstrap_servers = options.brokers;
  if (config.bootstrap_servers.empty()) config.bootstrap_servers = "127.0.0.1:9092";
  override_with(options, config);
  return config;
}

}  // namespace

std::string with_ports(std::string_view brokers) {
  std::string list;
  for (std::size_t begin = 0; begin <= brokers.size();) {
    const std::size_t end = std::min(brokers.find(',', begin), brokers.size());
    const std::string_view broker = brokers.substr(begin, end - begin);
    begin = end + 1;
    if (broker.empty()) continue;
    if (!list.empty()) list += ',';
    list += broker;
    const bool has_port = broker.starts_with('[') ? !broker.ends_with(']') : broker.find(':') != std::string_view::npos;
    if (!has_port) list += ":9092";
  }
  return list;
}

void check_properties(const cluster_options& options, bool with_producer, bool with_consumer) {
  for (const std::string& each : options.properties) {
    const std::string_view key = split_property(each).first;
    if (has_property(admin_config{}, key) || (with_producer && has_property(producer_config{}, key)) ||
        (with_consumer && has_property(consumer_config{}, key))) {
      continue;
    }
    producer_config producer;
    consumer_config consumer;
    admin_config admin;
    const error failure = with_producer   ? set_property(producer, key, "")
                          : with_consumer ? set_property(consumer, key, "")
                                          : set_property(admin, key, "");
    throw usage_error("-X: " + failure.cause());
  }
}

void apply_last(const cluster_options& options, producer_config& config) {
  override_with(options, config);
}
void apply_last(const cluster_options& options, consumer_config& config) {
  override_with(options, config);
}

producer_config make_producer_config(const cluster_options& options) {
  return make(options, producer_config{.client_id = "kafka-cli", .max_block = options.timeout});
}

consumer_config make_consumer_config(const cluster_options& options) {
  // A position outside the log was asked for on the command line: going elsewhere in silence would be a lie.
  return make(options, consumer_config{.client_id = "kafka-cli", .offset_reset = consumer_config::reset::none});
}

admin_config make_admin_config(const cluster_options& options) {
  return make(options, admin_config{.client_id = "kafka-cli", .api_timeout = options.timeout});
}

}  // namespace kafka::cli
