// SPDX-License-Identifier: Apache-2.0
// The one table of configuration: Java's key <-> member <-> range <-> sentence. Properties, validation and
// docs/configuration.md all come from it. A member without a row fails a test.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

namespace kafka::client {

/// A word that a property takes and the value it stands for.
struct config_word {
  std::string_view text;
  std::int64_t value;
};

/// The number of a word that leaves an optional member unset.
inline constexpr std::int64_t config_unset = std::numeric_limits<std::int64_t>::min();

/// Which member of `Config` a row is about.
template <class Config>
using config_member =
    std::variant<std::string Config::*, std::chrono::milliseconds Config::*, std::size_t Config::*,
                 std::int32_t Config::*, std::optional<std::int32_t> Config::*, bool Config::*, kafka::acks Config::*,
                 kafka::compression Config::*, kafka::partitioning Config::*, kafka::idempotence Config::*,
                 consumer_config::reset Config::*, kafka::group_protocol Config::*, log_handler Config::*,
                 partition_function Config::*, delivery_batch_handler Config::*, produce_observer Config::*,
                 std::shared_ptr<kafka::assignor> Config::*, rebalance_listener Config::*,
                 partition_end_handler Config::*, work_executor Config::*>;

template <class Config>
struct config_row {
  /// Empty: has no text form, is set in code.
  std::string_view key;
  std::string_view name;
  config_member<Config> member;
  /// What the member means, one sentence.
  std::string_view doc;
  /// For numbers, in the unit of the key (milliseconds, bytes). Both ends included.
  std::int64_t min = 0;
  std::int64_t max = 0;
  /// For everything that is spelled with words; the first one of a value is the one it is printed with. An optional
  /// number has one, for being unset, whose value lies out of the range.
  std::span<const config_word> words = {};
  /// Whose name the key is, where it is not Java's.
  std::string_view origin = {};
};

/// The rows of a struct's own members: connection_config, producer_config, consumer_config, admin_config. The member
/// `connection` of the latter three has none: its rows are those of connection_config.
template <class Config>
[[nodiscard]] std::span<const config_row<Config>> config_rows() noexcept;
template <>
std::span<const config_row<connection_config>> config_rows() noexcept;
template <>
std::span<const config_row<producer_config>> config_rows() noexcept;
template <>
std::span<const config_row<consumer_config>> config_rows() noexcept;
template <>
std::span<const config_row<admin_config>> config_rows() noexcept;

/// Null if there is no such key.
template <class Config>
[[nodiscard]] const config_row<Config>* find_config_row(std::string_view key) noexcept;

/// Reads `text` into the row's member, which stays as it was on failure. invalid_config naming key and range.
template <class Config>
[[nodiscard]] error set_member(const config_row<Config>& row, Config& config, std::string_view text);

/// The member's value in the form that set_member reads; nothing for a row without a key.
template <class Config>
[[nodiscard]] std::optional<std::string> member_text(const config_row<Config>& row, const Config& config);

/// The values that a row takes, for people: `0 ... 2147483647`, `all, 0, 1`; empty where anything goes.
template <class Config>
[[nodiscard]] std::string range_text(const config_row<Config>& row);

/// Whether each of the struct's own members lies in its range, taken for itself.
template <class Config>
[[nodiscard]] error check_rows(const Config& config);

/// Whether the producer writes with sequence numbers.
[[nodiscard]] inline bool is_idempotent(const producer_config& config) noexcept {
  if (config.idempotence == idempotence::automatic) return config.acks == acks::all && config.in_flight_max <= 5;
  return config.idempotence == idempotence::on;
}

/// The names in partition.assignment.strategy.
[[nodiscard]] std::vector<std::string> assignor_names(const consumer_config& config);

/// Whether each member lies in its range and the members fit each other; invalid_config naming the key, or
/// unsupported_feature for a codec that was not built in.
[[nodiscard]] error validate(const connection_config& config);
[[nodiscard]] error validate(const producer_config& config);
[[nodiscard]] error validate(const consumer_config& config);
[[nodiscard]] error validate(const admin_config& config);

}  // namespace kafka::client
