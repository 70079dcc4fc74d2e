// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <kafka/types.hpp>

namespace kafka::cli {

/// Where `consume --from` begins in each partition.
struct starting_point {
  enum class kind : std::uint8_t { oldest, newest, absolute, last, after_oldest, timestamp };
  kind what = kind::oldest;
  /// The offset, how many records before the end or behind the oldest, or milliseconds since the epoch.
  std::int64_t value = 0;

  friend bool operator==(const starting_point&, const starting_point&) = default;
};

/// Reads oldest | newest | N | -N | @ms | @ISO-time; earliest, beginning and latest, end are taken as well. Throws
/// usage_error for anything else.
[[nodiscard]] starting_point parse_starting_point(std::string_view text);

/// Reads ISO 8601 as people write it: `2026-11-24`, `2026-11-24T08:15`, `...T08:15:30`, `...30.123`, a space for the T,
/// and a zone (`Z`, `+02:00`, `-0530`); without one it is UTC, so that a script means the same everywhere.
[[nodiscard]] std::optional<timestamp_ms> parse_iso_time(std::string_view text);

}  // namespace kafka::cli
