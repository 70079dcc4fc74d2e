// SPDX-License-Identifier: Apache-2.0
#include "cli/reading_range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "cli/moment.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

using from_kind = starting_point::kind;
using until_kind = range_end::kind;

std::optional<std::int64_t> parse_offset(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// The text behind `@` up to a colon.
std::optional<starting_point> parse_time_begin(std::string_view text, timestamp_ms now) {
  if (text.empty()) return starting_point{from_kind::oldest, 0};
  const auto moment = parse_moment(text, now);
  if (!moment) return std::nullopt;
  return starting_point{from_kind::timestamp, *moment};
}

std::optional<range_end> parse_time_end(std::string_view text, const starting_point& from, timestamp_ms now) {
  if (text == "end") return range_end{until_kind::newest, 0};
  if (const auto moment = parse_moment(text, now)) return range_end{until_kind::timestamp, *moment};
  const auto length = parse_duration(text);
  if (!length || from.what != from_kind::timestamp) return std::nullopt;
  return range_end{until_kind::timestamp, from.value + length->count()};
}

std::optional<reading_range> parse_times(std::string_view text, timestamp_ms now) {
  if (text.empty()) return std::nullopt;
  if (const auto begin = parse_time_begin(text, now)) return reading_range{*begin, {}};
  // Times have colons, too: the one between two of them is the first that leaves a time on either side.
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    const auto begin = parse_time_begin(text.substr(0, colon), now);
    if (!begin) continue;
    if (const auto end = parse_time_end(text.substr(colon + 1), *begin, now)) return reading_range{*begin, *end};
  }
  return std::nullopt;
}

std::optional<reading_range> parse_offsets(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.size() == 1) return std::nullopt;
  reading_range range;
  const std::string_view begin = text.substr(0, colon);
  const std::string_view end = text.substr(colon + 1);
  if (!begin.empty() && begin != "start") {
    const auto offset = parse_offset(begin);
    if (!offset) return std::nullopt;
    range.from = {from_kind::absolute, *offset};
  }
  if (end == "end") {
    range.until = {until_kind::newest, 0};
  } else if (!end.empty()) {
    const auto offset = parse_offset(end);
    if (!offset) return std::nullopt;
    range.until = {until_kind::absolute, *offset};
  }
  return range;
}

}  // namespace

reading_range parse_reading_range(std::string_view text, timestamp_ms now) {
  std::optional<reading_range> range;
  if (text == "start") return {{from_kind::oldest, 0}, {}};
  if (text.starts_with('@')) {
    range = parse_times(text.substr(1), now);
  } else if (text.starts_with('+')) {
    if (const auto count = parse_offset(text.substr(1))) range = reading_range{{from_kind::after_oldest, *count}, {}};
  } else if (text.starts_with('-') && parse_duration(text.substr(1))) {
    range = parse_times(text, now);
  } else {
    range = parse_offsets(text);
  }
  return range ? *range : reading_range{parse_starting_point(text), {}};
}

bool needs_bounds(const reading_range& range) noexcept {
  return range.from.what == from_kind::last || range.from.what == from_kind::after_oldest ||
         range.until.what != until_kind::none;
}

std::optional<std::int64_t> end_of(const range_end& until, const range_bounds& bounds, bool stop_at_end) noexcept {
  const std::int64_t newest = bounds.bounds.newest;
  switch (until.what) {
    case until_kind::absolute:
      return stop_at_end ? std::min(until.value, newest) : until.value;
    case until_kind::timestamp:
      return bounds.since_end >= 0 ? std::min(bounds.since_end, newest) : newest;
    case until_kind::newest:
      return newest;
    case until_kind::none:
      break;
  }
  return stop_at_end ? std::optional(newest) : std::nullopt;
}

}  // namespace kafka::cli
