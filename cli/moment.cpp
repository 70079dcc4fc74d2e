// SPDX-License-Identifier: Apache-2.0
#include "cli/moment.hpp"

#include <charconv>
#include <limits>
#include <span>

#include "cli/starting_point.hpp"

namespace kafka::cli {
namespace {

using std::chrono::milliseconds;

struct unit {
  std::string_view name;
  milliseconds length;
};

constexpr milliseconds day = std::chrono::hours(24);
/// Longer names first where one begins with the other.
constexpr unit plain_units[] = {
    {"ms", milliseconds(1)},
    {"w", 7 * day},
    {"d", day},
    {"h", std::chrono::hours(1)},
    {"m", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
};
constexpr unit date_units[] = {{"W", 7 * day}, {"D", day}};
constexpr unit clock_units[] = {
    {"H", std::chrono::hours(1)}, {"M", std::chrono::minutes(1)}, {"S", std::chrono::seconds(1)}};

/// Nobody means more than that, and sums of it fit.
constexpr std::int64_t days_max = 1'000'000;

/// Takes numbers with units off the text and adds them up, until it ends or `stop` comes. False for anything else.
bool take_units(std::string_view& text, std::span<const unit> units, char stop, milliseconds& sum) {
  while (!text.empty() && text.front() != stop) {
    std::int64_t count = 0;
    if (text.front() < '0' || text.front() > '9') return false;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failure != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    bool found = false;
    for (const unit& each : units) {
      if (!text.starts_with(each.name)) continue;
      if (count > days_max * day / each.length) return false;
      sum += count * each.length;
      text.remove_prefix(each.name.size());
      found = true;
      break;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  milliseconds sum{0};
  if (!text.starts_with('P')) {
    if (text.empty() || !take_units(text, plain_units, '\0', sum)) return std::nullopt;
    return sum;
  }
  text.remove_prefix(1);
  if (text.empty() || !take_units(text, date_units, 'T', sum)) return std::nullopt;
  if (text.empty()) return sum;
  text.remove_prefix(1);
  if (text.empty() || !take_units(text, clock_units, '\0', sum)) return std::nullopt;
  return sum;
}

std::optional<timestamp_ms> parse_moment(std::string_view text, timestamp_ms now) {
  if (text.starts_with('-')) {
    const auto ago = parse_duration(text.substr(1));
    if (!ago) return std::nullopt;
    return std::max<timestamp_ms>(0, now - ago->count());
  }
  timestamp_ms number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc{} && end == text.data() + text.size()) return number;
  const auto parsed = parse_iso_time(text);
  return parsed && *parsed >= 0 ? parsed : std::nullopt;
}

timestamp_ms wall_clock_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

}  // namespace kafka::cli
