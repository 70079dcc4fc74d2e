// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <kafka/types.hpp>

#include "cli/starting_point.hpp"
#include "cli/topic_offsets.hpp"

namespace kafka::cli {

/// Where `consume` stops in each partition.
struct range_end {
  enum class kind : std::uint8_t { none, newest, absolute, timestamp };
  kind what = kind::none;
  /// The first offset that is not read, or the time from which on nothing is.
  std::int64_t value = 0;

  friend bool operator==(const range_end&, const range_end&) = default;
};

/// What part of each partition to read.
struct reading_range {
  starting_point from = {};
  range_end until = {};

  friend bool operator==(const reading_range&, const reading_range&) = default;
};

/// Reads what parse_starting_point knows, and the ranges of rpk: `+N` (N behind the oldest), `:end`, `A:B`, `A:`, `:B`
/// (offsets; A or B may be missing), `-48h`, `@T`, `@T1:T2`, `@T1:end`, `@:T2`, where each T is a time as parse_moment
/// knows it and T2 may also be a length of time behind T1 (`@2026-11-24:1h`). Throws usage_error for anything else.
[[nodiscard]] reading_range parse_reading_range(std::string_view text, timestamp_ms now);

/// Whether it takes the partitions' bounds to know where reading begins, or where it ends.
[[nodiscard]] bool needs_bounds(const reading_range& range) noexcept;

/// The first offset that is not read; nothing without an end. `stop_at_end`: not beyond where the partition ends now.
[[nodiscard]] std::optional<std::int64_t> end_of(const range_end& until, const range_bounds& bounds,
                                                 bool stop_at_end) noexcept;

}  // namespace kafka::cli
