// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kafka::client {

/// Reads a duration in the form `PnDTnHnMn.nS` (ISO 8601, as java.time.Duration reads it; a day has 24 hours). Nothing
/// for anything else, for a negative one and for one that does not fit. What is below a millisecond is cut off.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_iso_duration(std::string_view text);

/// The same as java.time.Duration prints it: hours, minutes and seconds.
[[nodiscard]] std::string iso_duration_text(std::chrono::milliseconds duration);

}  // namespace kafka::client
