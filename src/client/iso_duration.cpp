// SPDX-License-Identifier: Apache-2.0
#include "client/iso_duration.hpp"

#include <cstdint>
#include <limits>

namespace kafka::client {

namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

constexpr char upper(char letter) noexcept {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}
constexpr bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

/// One number with its unit, as `12H` or `1.5S`.
struct part {
  std::int64_t whole = 0;
  std::int64_t thousandths = 0;
  bool has_fraction = false;
  char unit = 0;
};

/// Takes a part off the front of `text`; nothing if there is none.
std::optional<part> take_part(std::string_view& text) {
  part out;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (out.whole > std::numeric_limits<std::int64_t>::max() / 10 - 1) return std::nullopt;
    out.whole = out.whole * 10 + (text[at] - '0');
  }
  if (at == 0) return std::nullopt;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    out.has_fraction = true;
    std::int64_t place = 100;
    for (++at; at < text.size() && is_digit(text[at]); ++at, place /= 10) out.thousandths += place * (text[at] - '0');
  }
  if (at == text.size()) return std::nullopt;
  out.unit = upper(text[at]);
  text.remove_prefix(at + 1);
  return out;
}

/// Adds whole units; false where the sum does not fit.
bool add(std::int64_t& total, std::int64_t count, std::int64_t unit) {
  if (count > (std::numeric_limits<std::int64_t>::max() - total) / unit) return false;
  total += count * unit;
  return true;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_iso_duration(std::string_view text) {
  if (text.empty() || upper(text[0]) != 'P') return std::nullopt;
  text.remove_prefix(1);
  std::int64_t total = 0;
  bool any = false;
  if (!text.empty() && upper(text[0]) != 'T') {
    const auto days = take_part(text);
    if (!days || days->unit != 'D' || days->has_fraction || !add(total, days->whole, day)) return std::nullopt;
    any = true;
  }
  if (!text.empty()) {
    if (upper(text[0]) != 'T') return std::nullopt;
    text.remove_prefix(1);
    constexpr std::string_view units = "HMS";
    constexpr std::int64_t sizes[] = {hour, minute, second};
    if (text.empty()) return std::nullopt;
    for (std::size_t next = 0; !text.empty();) {
      const auto one = take_part(text);
      if (!one) return std::nullopt;
      const std::size_t which = units.find(one->unit, next);  // in this order, each at most once
      if (which == std::string_view::npos || (one->has_fraction && one->unit != 'S')) return std::nullopt;
      if (!add(total, one->whole, sizes[which]) || !add(total, one->thousandths, 1)) return std::nullopt;
      next = which + 1;
      any = true;
    }
  }
  if (!any) return std::nullopt;
  return std::chrono::milliseconds(total);
}

std::string iso_duration_text(std::chrono::milliseconds duration) {
  std::int64_t left = duration.count();
  if (left <= 0) return "PT0S";
  std::string out = "PT";
  if (left >= hour) out += std::to_string(left / hour) + "H";
  left %= hour;
  if (left >= minute) out += std::to_string(left / minute) + "M";
  left %= minute;
  if (left == 0) return out;
  out += std::to_string(left / second);
  if (left % second != 0) {
    std::string fraction = std::to_string(1000 + left % second).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    out += "." + fraction;
  }
  return out + "S";
}

}  // namespace kafka::client
