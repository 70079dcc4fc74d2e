// SPDX-License-Identifier: Apache-2.0
// What a row of the configuration table can do: read, print and check its member.
#include <algorithm>
#include <charconv>
#include <type_traits>

#include "client/config_table.hpp"
#include "client/iso_duration.hpp"

namespace kafka::client {
namespace {

/// `by_duration:PT1H` of auto.offset.reset: a word and a value in one.
constexpr std::string_view by_duration_prefix = "by_duration:";

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n\f";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool same_word(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [lower](char a, char b) { return lower(a) == lower(b); });
}

std::optional<std::int64_t> parse_number(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A member as the number that stands for it in the table, and back.
template <class Value>
std::int64_t as_number(const Value& value) noexcept {
  if constexpr (std::is_same_v<Value, std::chrono::milliseconds>) {
    return value.count();
  } else if constexpr (std::is_same_v<Value, std::optional<std::int32_t>>) {
    return value ? *value : config_unset;
  } else {
    return static_cast<std::int64_t>(value);
  }
}

template <class Value>
Value from_number(std::int64_t number) noexcept {
  if constexpr (std::is_same_v<Value, std::optional<std::int32_t>>) {
    return number == config_unset ? Value{} : Value{static_cast<std::int32_t>(number)};
  } else {
    return static_cast<Value>(number);
  }
}

/// Functions have no text form.
template <class Value>
constexpr bool is_number_v =
    std::is_arithmetic_v<Value> || std::is_enum_v<Value> || std::is_same_v<Value, std::chrono::milliseconds> ||
    std::is_same_v<Value, std::optional<std::int32_t>>;

/// Whether the row takes numbers, besides words if it has any.
template <class Config>
bool takes_numbers(const config_row<Config>& row) noexcept {
  return row.min != row.max;
}

template <class Config>
bool is_allowed(const config_row<Config>& row, std::int64_t value) noexcept {
  if (takes_numbers(row) && value >= row.min && value <= row.max) return true;
  return std::any_of(row.words.begin(), row.words.end(),
                     [value](const config_word& word) { return word.value == value; });
}

template <class Config>
std::optional<std::int64_t> parse_in_range(const config_row<Config>& row, std::string_view text) noexcept {
  for (const config_word& word : row.words) {
    // The text of by_duration stands for a form and is none itself.
    if (!word.text.starts_with(by_duration_prefix) && same_word(word.text, text)) return word.value;
  }
  const std::optional<std::int64_t> value = parse_number(text);
  if (!takes_numbers(row) || !value || *value < row.min || *value > row.max) return std::nullopt;
  return value;
}

bool set_by_duration(consumer_config& config, std::string_view text) {
  if (text.size() < by_duration_prefix.size()) return false;
  if (!same_word(text.substr(0, by_duration_prefix.size()), by_duration_prefix)) return false;
  const auto duration = parse_iso_duration(text.substr(by_duration_prefix.size()));
  if (!duration) return false;
  config.offset_reset = consumer_config::reset::by_duration;
  config.offset_reset_duration = *duration;
  return true;
}
template <class Config>
bool set_by_duration(Config&, std::string_view) {
  return false;
}

std::optional<std::string> by_duration_text(const consumer_config& config) {
  if (config.offset_reset != consumer_config::reset::by_duration) return std::nullopt;
  return std::string(by_duration_prefix) + iso_duration_text(config.offset_reset_duration);
}
template <class Config>
std::optional<std::string> by_duration_text(const Config&) {
  return std::nullopt;
}

template <class Config>
error bad_value(const config_row<Config>& row, std::string_view text) {
  std::string cause(row.key);
  cause += ": \"";
  cause += text;
  cause += takes_numbers(row) ? "\" is not a whole number in " : "\" is none of ";
  cause += range_text(row);
  return error(client_errc::invalid_config, std::move(cause));
}

template <class Config>
error check_row(const config_row<Config>& row, const Config& config) {
  return std::visit(
      [&](auto member) -> error {
        if constexpr (is_number_v<std::remove_cvref_t<decltype(config.*member)>>) {
          const std::int64_t value = as_number(config.*member);
          if (!is_allowed(row, value)) return bad_value(row, std::to_string(value));
        }
        return {};
      },
      row.member);
}

}  // namespace

template <class Config>
const config_row<Config>* find_config_row(std::string_view key) noexcept {
  for (const config_row<Config>& row : config_rows<Config>()) {
    if (!key.empty() && row.key == key) return &row;
  }
  return nullptr;
}

template <class Config>
error set_member(const config_row<Config>& row, Config& config, std::string_view text) {
  const std::string_view value = trimmed(text);
  return std::visit(
      [&](auto member) -> error {
        using value_type = std::remove_cvref_t<decltype(config.*member)>;
        if constexpr (std::is_same_v<value_type, std::string>) {
          config.*member = std::string(value);
        } else if constexpr (is_number_v<value_type>) {
          if constexpr (std::is_same_v<value_type, consumer_config::reset>) {
            if (set_by_duration(config, value)) return {};
          }
          const std::optional<std::int64_t> number = parse_in_range(row, value);
          if (!number) return bad_value(row, value);
          config.*member = from_number<value_type>(*number);
        }
        return {};
      },
      row.member);
}

template <class Config>
std::optional<std::string> member_text(const config_row<Config>& row, const Config& config) {
  if (row.key.empty()) return std::nullopt;
  return std::visit(
      [&](auto member) -> std::optional<std::string> {
        using value_type = std::remove_cvref_t<decltype(config.*member)>;
        if constexpr (std::is_same_v<value_type, std::string>) {
          return config.*member;
        } else if constexpr (is_number_v<value_type>) {
          if constexpr (std::is_same_v<value_type, consumer_config::reset>) {
            if (auto text = by_duration_text(config)) return text;
          }
          const std::int64_t value = as_number(config.*member);
          for (const config_word& word : row.words) {
            if (word.value == value) return std::string(word.text);
          }
          return std::to_string(value);
        } else {
          return std::nullopt;
        }
      },
      row.member);
}

template <class Config>
std::string range_text(const config_row<Config>& row) {
  std::string text;
  if (takes_numbers(row)) text = std::to_string(row.min) + " ... " + std::to_string(row.max);
  for (const config_word& word : row.words) {
    if (!text.empty()) text += ", ";
    text += word.text;
  }
  return text;
}

template <class Config>
error check_rows(const Config& config) {
  for (const config_row<Config>& row : config_rows<Config>()) {
    if (error failure = check_row(row, config)) return failure;
  }
  return {};
}

template error check_rows(const connection_config&);
template const config_row<connection_config>* find_config_row(std::string_view) noexcept;
template error set_member(const config_row<connection_config>&, connection_config&, std::string_view);
template std::optional<std::string> member_text(const config_row<connection_config>&, const connection_config&);
template std::string range_text(const config_row<connection_config>&);

template error check_rows(const producer_config&);
template const config_row<producer_config>* find_config_row(std::string_view) noexcept;
template error set_member(const config_row<producer_config>&, producer_config&, std::string_view);
template std::optional<std::string> member_text(const config_row<producer_config>&, const producer_config&);
template std::string range_text(const config_row<producer_config>&);

template error check_rows(const consumer_config&);
template const config_row<consumer_config>* find_config_row(std::string_view) noexcept;
template error set_member(const config_row<consumer_config>&, consumer_config&, std::string_view);
template std::optional<std::string> member_text(const config_row<consumer_config>&, const consumer_config&);
template std::string range_text(const config_row<consumer_config>&);

template error check_rows(const admin_config&);
template const config_row<admin_config>* find_config_row(std::string_view) noexcept;
template error set_member(const config_row<admin_config>&, admin_config&, std::string_view);
template std::optional<std::string> member_text(const config_row<admin_config>&, const admin_config&);
template std::string range_text(const config_row<admin_config>&);

}  // namespace kafka::client
