// SPDX-License-Identifier: Apache-2.0
#include "bench/producer_options.hpp"

#include <chrono>
#include <cmath>
#include <limits>

#include <kafka/error.hpp>
#include <kafka/properties.hpp>

namespace kafka::bench {
namespace {

std::string milliseconds(double value) {
  return std::to_string(std::llround(value));
}

void set(producer_config& config, std::string_view key, std::string_view value) {
  if (const error failure = set_property(config, key, value)) throw failure;
}

}  // namespace

void add_options(CLI::App& app, producer_options& options) {
  const auto positive = CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max() / 2);
  app.add_option("-b,--brokers", options.brokers, "host:port,...")->envname("KAFKA_BROKERS")->capture_default_str();
  app.add_option("-t,--topic", options.topic, "Where to")->required();
  app.add_option("-n,--records", options.records, "How many records are timed")->capture_default_str()->check(positive);
  app.add_option("--warm-up", options.warm_up, "How many are sent and acknowledged before that")->capture_default_str();
  app.add_option("-s,--size", options.size, "Bytes of each value")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 30U));
  app.add_option("--payload", options.payload, "random, json, or a file whose bytes are cut into values")
      ->capture_default_str();
  app.add_option("--acks", options.acks, "all, 1 or 0")->check(CLI::IsMember({"all", "-1", "0", "1"}));
  app.add_option("-z,--compression", options.compression, "none, gzip, snappy, lz4 or zstd")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}));
  app.add_option("--idempotence", options.idempotence, "on or off; default: on where acks allow it")
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--linger-ms", options.linger_ms, "How long a batch waits for more records")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--batch-bytes", options.batch_bytes, "Uncompressed size at which a batch is closed")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30U));
  app.add_option("--timeout", options.timeout_seconds, "Seconds that a record may wait for room and for its answer")
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("-X", options.properties, "key=value: any property of the producer (docs/configuration.md)");
  app.add_flag("--first-ack", options.first_ack,
               "As soon as one record is acknowledged print \"first_ack\" and the milliseconds since main began");
  app.add_flag("--json", options.json, "Print one JSON object instead of a table");
}

producer_config make_config(const producer_options& options) {
  producer_config config;
  config.bootstrap_servers = options.brokers;
  config.client_id = "kafka-bench";
  if (!options.acks.empty()) set(config, "acks", options.acks);
  if (!options.compression.empty()) set(config, "compression.type", options.compression);
  if (!options.idempotence.empty()) set(config, "enable.idempotence", options.idempotence == "on" ? "true" : "false");
  if (options.linger_ms) set(config, "linger.ms", milliseconds(*options.linger_ms));
  if (options.batch_bytes) config.batch_bytes_max = *options.batch_bytes;
  if (options.timeout_seconds) {
    set(config, "max.block.ms", milliseconds(*options.timeout_seconds * 1000));
    set(config, "delivery.timeout.ms", milliseconds(*options.timeout_seconds * 1000));
  }
  for (const std::string& each : options.properties) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) throw error(client_errc::invalid_config, "-X: " + each + " is not key=value");
    set(config, std::string_view(each).substr(0, equals), std::string_view(each).substr(equals + 1));
  }
  return config;
}

}  // namespace kafka::bench
