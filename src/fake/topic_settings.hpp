// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kafka::fake {

/// The types of configuration values, by their numbers in DescribeConfigs (KIP-569).
enum class config_type : std::int8_t {
  unknown = 0,
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  float64 = 6,
  list = 7,
};

/// Where a configuration value comes from, by the numbers of DescribeConfigs.
enum class config_source : std::int8_t {
  topic = 1,
  dynamic_broker = 2,
  static_broker = 4,
  standard = 5,
};

/// One configuration key of topics, or of brokers.
struct config_key {
  std::string_view name{};
  /// The broker's key that gives the topic's default; empty if there is none.
  std::string_view broker_name{};
  std::string_view standard{};
  config_type type = config_type::unknown;
  /// What the words of a string or list may be, with commas between; empty: anything.
  std::string_view words{};
  std::int64_t min = INT64_MIN;
  std::string_view documentation{};
};

/// All keys that topics have, by name.
[[nodiscard]] std::span<const config_key> topic_config_keys() noexcept;
[[nodiscard]] const config_key* find_topic_config(std::string_view name) noexcept;

/// Why `value` cannot be the value of `key`, as a sentence; nothing if it can.
[[nodiscard]] std::optional<std::string> config_problem(const config_key& key, std::string_view value);

using config_map = std::map<std::string, std::string, std::less<>>;

/// The configuration that the cluster acts upon, parsed once.
struct topic_settings {
  topic_settings() = default;
  /// From valid values.
  explicit topic_settings(const config_map& configs);

  std::size_t max_message_bytes = 1048588;
  std::size_t min_insync_replicas = 1;
  std::int64_t retention_bytes = -1;
  bool log_append_time = false;
  bool compacted = false;
  /// How far a record's timestamp may be from now (KIP-937).
  std::int64_t timestamp_before_max_ms = INT64_MAX;
  std::int64_t timestamp_after_max_ms = 3'600'000;
};

}  // namespace kafka::fake
