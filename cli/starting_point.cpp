// SPDX-License-Identifier: Apache-2.0
#include "cli/starting_point.hpp"

#include <charconv>
#include <chrono>
#include <string>

#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

/// Takes pieces off a text from the left.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `digits` digits that make a number in [0, max].
  bool take_number(std::size_t digits, int max, int& out) {
    if (rest_.size() < digits || rest_.substr(0, digits).find_first_not_of("0123456789") != std::string_view::npos)
      return false;
    std::from_chars(rest_.data(), rest_.data() + digits, out);
    rest_.remove_prefix(digits);
    return out <= max;
  }

  /// One or more digits after the decimal sign, as milliseconds; what is finer is cut off.
  bool take_fraction(int& milliseconds) {
    int scale = 100;
    const std::string_view before = rest_;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      milliseconds += (rest_.front() - '0') * scale;
      scale /= 10;
    }
    return rest_.size() < before.size();
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool take_clock(scanner& in, std::chrono::milliseconds& clock) {
  int hours = 0, minutes = 0, seconds = 0, milliseconds = 0;
  if (!in.take_number(2, 23, hours) || !in.take(':') || !in.take_number(2, 59, minutes)) return false;
  if (in.take(':')) {
    if (!in.take_number(2, 59, seconds)) return false;
    if ((in.take('.') || in.take(',')) && !in.take_fraction(milliseconds)) return false;
  }
  clock = std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds) +
          std::chrono::milliseconds(milliseconds);
  return true;
}

bool take_zone(scanner& in, std::chrono::milliseconds& east) {
  if (in.at_end() || in.take('Z') || in.take('z')) return true;
  const bool plus = in.take('+');
  int hours = 0, minutes = 0;
  if ((!plus && !in.take('-')) || !in.take_number(2, 18, hours)) return false;
  if ((in.take(':') || !in.at_end()) && !in.take_number(2, 59, minutes)) return false;
  east = (plus ? 1 : -1) * (std::chrono::hours(hours) + std::chrono::minutes(minutes));
  return true;
}

}  // namespace

std::optional<timestamp_ms> parse_iso_time(std::string_view text) {
  scanner in(text);
  int year = 0, month = 0, day = 0;
  if (!in.take_number(4, 9999, year) || !in.take('-') || !in.take_number(2, 12, month) || !in.take('-') ||
      !in.take_number(2, 31, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  std::chrono::milliseconds clock{0};
  std::chrono::milliseconds east{0};
  if (!date.ok()) return std::nullopt;
  if (in.take('T') || in.take('t') || in.take(' ')) {
    if (!take_clock(in, clock) || !take_zone(in, east)) return std::nullopt;
  }
  if (!in.at_end()) return std::nullopt;
  const std::chrono::sys_time<std::chrono::milliseconds> time = std::chrono::sys_days(date) + clock - east;
  return time.time_since_epoch().count();
}

starting_point parse_starting_point(std::string_view text) {
  using kind = starting_point::kind;
  if (text == "oldest" || text == "earliest" || text == "beginning") return {kind::oldest, 0};
  if (text == "newest" || text == "latest" || text == "end") return {kind::newest, 0};
  if (text.starts_with('@')) {
    const std::string_view time = text.substr(1);
    if (const auto number = parse_number(time); number && *number >= 0) return {kind::timestamp, *number};
    if (const auto parsed = parse_iso_time(time); parsed && *parsed >= 0) return {kind::timestamp, *parsed};
  } else if (const auto number = parse_number(text)) {
    if (!text.starts_with('-')) return {kind::absolute, *number};
    if (*number != std::numeric_limits<std::int64_t>::min()) return {kind::last, -*number};
  }
  throw usage_error("--from: \"" + std::string(text) +
                    "\" is not oldest, newest, an offset N, -N (the last N), +N, @milliseconds, "
                    "@2026-11-24T08:15:00Z, -48h, or a range of offsets (5:9, :end) or times (@-48h:-24h)");
}

}  // namespace kafka::cli
