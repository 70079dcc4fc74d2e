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

void apply(const property& each, const std::string& path, producer_config& config,
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
  try {
    apply_last(options.cluster, config);
  } catch (const usage_error& wrong) {
    throw std::runtime_error(wrong.what());
  }
  // As Java has it: who wants no retries gets no idempotence either, unless it was asked for.
  if (config.retries == 0 && config.idempotence == idempotence::automatic && config.transactional_id.empty())
    config.idempotence = idempotence::off;
  return config;
}

}  // namespace kafka::cli
