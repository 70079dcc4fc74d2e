// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

// Configuration as text, by the names of Kafka's Java client (`linger.ms`, `acks`, ...). docs/configuration.md lists
// them all. Functions here are thread-safe as far as their arguments are not shared.
namespace kafka {

/// Sets the member that `key` stands for. White space around the value is dropped; times are whole milliseconds, sizes
/// bytes, words are compared without regard to case.
///
/// Errors (the configuration is then unchanged): invalid_config naming the key, for a key that this kind of client does
/// not have and for a value out of its range. Whether values fit each other is checked when a client is made.
error set_property(producer_config& config, std::string_view key, std::string_view value);
error set_property(consumer_config& config, std::string_view key, std::string_view value);
error set_property(admin_config& config, std::string_view key, std::string_view value);

/// Whether set_property knows the key.
[[nodiscard]] bool has_property(const producer_config& config, std::string_view key) noexcept;
[[nodiscard]] bool has_property(const consumer_config& config, std::string_view key) noexcept;
[[nodiscard]] bool has_property(const admin_config& config, std::string_view key) noexcept;

/// Sets a configuration from a file in the format of java.util.Properties (UTF-8), top to bottom. Keys that only
/// another kind of client has are skipped, so that an application's clients can share a file; a key that none has is an
/// error, as it would be silently without effect.
///
/// Errors: invalid_config naming file, line and key; invalid_argument if the file cannot be read. The configuration is
/// then unchanged.
error load_properties(const std::string& path, producer_config& config);
error load_properties(const std::string& path, consumer_config& config);
error load_properties(const std::string& path, admin_config& config);

/// One `key = value` of a properties text and the line, counted from 1, on which it begins.
struct property {
  std::string key;
  std::string value;
  std::size_t line = 0;

  friend bool operator==(const property&, const property&) = default;
};

/// Reads text in the format of java.util.Properties: comments (`#`, `!`), `=`, `:` or white space between key and
/// value, continued lines, and the escapes \t \n \r \f \uXXXX (surrogate pairs too). Error: invalid_config naming the
/// line, for a broken \u escape; `properties` then holds what came before.
error parse_properties(std::string_view text, std::vector<property>& properties);

/// docs/configuration.md: every property with its member, default and range, as Markdown.
[[nodiscard]] std::string configuration_markdown();

}  // namespace kafka
