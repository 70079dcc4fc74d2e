// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/config.hpp>

namespace kafka::cli {

/// What every command that talks to a cluster is told about it.
struct cluster_options {
  /// Comma-separated `host[:port]`; empty: those of the properties file, else 127.0.0.1:9092.
  std::string brokers = {};
  /// `key=value`, in the order given; they win over everything else.
  std::vector<std::string> properties = {};
  /// A properties file; empty: none.
  std::string properties_file = {};
  /// How long to wait for brokers to answer before the command fails.
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  /// `debug`, `info`, `warning`, `error`: what the client reports is then written to standard error; empty: nothing is.
  std::string log_level = {};
};

/// `host` and `[v6]` get the port 9092.
[[nodiscard]] std::string with_ports(std::string_view brokers);

/// Throws usage_error for `-X` without `=` and for a key that none of the clients that a command makes would heed:
/// every command makes an admin client, some a producer or a consumer.
void check_properties(const cluster_options& options, bool with_producer, bool with_consumer);

/// What wins over everything else: the properties of `-X`; with it ports and the log. Throws usage_error.
void apply_last(const cluster_options& options, producer_config& config);
void apply_last(const cluster_options& options, consumer_config& config);

/// The configuration for a client of that kind. Throws usage_error for a bad value, or an unreadable file.
[[nodiscard]] producer_config make_producer_config(const cluster_options& options);
[[nodiscard]] consumer_config make_consumer_config(const cluster_options& options);
[[nodiscard]] admin_config make_admin_config(const cluster_options& options);

}  // namespace kafka::cli
