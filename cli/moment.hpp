// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <kafka/types.hpp>

namespace kafka::cli {

/// Reads a length of time that is not negative: ISO 8601 as Kafka's tools want it (`P1DT12H`, `PT30M`), or units one
/// after the other, from weeks to milliseconds (`2d`, `1h30m`, `90s`, `250ms`). Nothing for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads a point in time: milliseconds since the epoch, ISO 8601 (see parse_iso_time), or `-48h`, so long before `now`.
[[nodiscard]] std::optional<timestamp_ms> parse_moment(std::string_view text, timestamp_ms now);

/// The wall clock.
[[nodiscard]] timestamp_ms wall_clock_now();

}  // namespace kafka::cli
