// SPDX-License-Identifier: Apache-2.0
// Kafka's words for the kinds and states of groups.
#include <algorithm>
#include <iterator>
#include <utility>

#include <kafka/group_admin.hpp>

namespace kafka {

namespace {

constexpr std::pair<group_type, std::string_view> types[] = {
    {group_type::unknown, "unknown"}, {group_type::classic, "classic"}, {group_type::consumer, "consumer"},
    {group_type::share, "share"},     {group_type::streams, "streams"},
};

constexpr std::pair<group_state, std::string_view> states[] = {
    {group_state::unknown, "Unknown"},
    {group_state::empty, "Empty"},
    {group_state::preparing_rebalance, "PreparingRebalance"},
    {group_state::completing_rebalance, "CompletingRebalance"},
    {group_state::assigning, "Assigning"},
    {group_state::reconciling, "Reconciling"},
    {group_state::stable, "Stable"},
    {group_state::dead, "Dead"},
    {group_state::not_ready, "NotReady"},
};

constexpr char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

template <class Table>
std::string_view word_of(const Table& table, decltype(std::begin(table)->first) value) noexcept {
  for (const auto& [each, word] : table) {
    if (each == value) return word;
  }
  return table[0].second;
}

template <class Table>
auto value_of(const Table& table, std::string_view text) noexcept -> std::optional<decltype(std::begin(table)->first)> {
  for (const auto& [each, word] : table) {
    if (same(word, text)) return each;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(group_type type) noexcept {
  return word_of(types, type);
}
std::optional<group_type> parse_group_type(std::string_view text) noexcept {
  return value_of(types, text);
}
std::string_view to_string(group_state state) noexcept {
  return word_of(states, state);
}
std::optional<group_state> parse_group_state(std::string_view text) noexcept {
  return value_of(states, text);
}

}  // namespace kafka
