// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <kafka/config.hpp>

namespace kafka::bench {

/// What both benchmarks of the producer are told on the command line. Unset: the library's default.
struct producer_options {
  std::string brokers = "127.0.0.1:9092";
  std::string topic{};
  std::uint64_t records = 0;
  std::uint64_t warm_up = 0;
  std::size_t size = 100;
  std::string payload = "json";
  std::string acks{};
  std::string compression{};
  std::string idempotence{};
  std::optional<double> linger_ms{};
  std::optional<std::size_t> batch_bytes{};
  std::optional<double> timeout_seconds{};
  std::vector<std::string> properties{};
  bool first_ack = false;
  bool json = false;
};

/// Adds an option for each member; what `options` holds is the default.
void add_options(CLI::App& app, producer_options& options);

/// Throws kafka::error (invalid_config) for a property that does not exist or is out of range.
[[nodiscard]] producer_config make_config(const producer_options& options);

}  // namespace kafka::bench
