// SPDX-License-Identifier: Apache-2.0
#include <kafka/properties.hpp>

#include <algorithm>
#include <fstream>

#include "client/config_table.hpp"

namespace kafka {
namespace {

using client::find_config_row;

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[right.size()];
}

/// The key that `key` may be a misprint of.
template <class Config>
void find_nearest(std::string_view key, std::string_view& nearest, std::size_t& distance) {
  for (const auto& row : client::config_rows<Config>()) {
    if (row.key.empty()) continue;
    const std::size_t now = edit_distance(key, row.key);
    if (now < distance) {
      distance = now;
      nearest = row.key;
    }
  }
}

template <class Config>
error unknown_property(std::string_view key) {
  std::string cause(key);
  std::string_view nearest;
  std::size_t distance = std::min<std::size_t>(4, key.size() / 3 + 1);
  find_nearest<Config>(key, nearest, distance);
  find_nearest<connection_config>(key, nearest, distance);
  cause += ": no such property of a ";
  cause += std::is_same_v<Config, producer_config> ? "producer" : "";
  cause += std::is_same_v<Config, consumer_config> ? "consumer" : "";
  cause += std::is_same_v<Config, admin_config> ? "admin client" : "";
  if (!nearest.empty()) cause += "; did you mean " + std::string(nearest) + "?";
  return error(client_errc::invalid_config, std::move(cause));
}

template <class Config>
bool has(std::string_view key) noexcept {
  return find_config_row<Config>(key) != nullptr || find_config_row<connection_config>(key) != nullptr;
}

template <class Config>
error set(Config& config, std::string_view key, std::string_view value) {
  if (const auto* row = find_config_row<Config>(key)) return client::set_member(*row, config, value);
  if (const auto* row = find_config_row<connection_config>(key))
    return client::set_member(*row, config.connection, value);
  return unknown_property<Config>(key);
}

bool any_client_has(std::string_view key) noexcept {
  return has<producer_config>(key) || has<consumer_config>(key) || has<admin_config>(key);
}

/// False for what cannot be read, such as a folder.
bool read_file(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  char piece[4096];
  while (file.read(piece, sizeof piece) || file.gcount() > 0)
    text.append(piece, static_cast<std::size_t>(file.gcount()));
  return file.is_open() && !file.bad();
}

template <class Config>
error load(const std::string& path, Config& config) {
  std::string text;
  if (!read_file(path, text)) return error(client_errc::invalid_argument, path + ": cannot be read");
  std::vector<property> properties;
  if (error failure = parse_properties(text, properties)) return failure.with_context(path);
  Config changed = config;
  for (const property& each : properties) {
    if (!has<Config>(each.key) && any_client_has(each.key)) continue;
    if (error failure = set(changed, each.key, each.value))
      return failure.with_context(path + ": line " + std::to_string(each.line));
  }
  config = std::move(changed);
  return {};
}

}  // namespace

error set_property(producer_config& config, std::string_view key, std::string_view value) {
  return set(config, key, value);
}
error set_property(consumer_config& config, std::string_view key, std::string_view value) {
  return set(config, key, value);
}
error set_property(admin_config& config, std::string_view key, std::string_view value) {
  return set(config, key, value);
}

bool has_property(const producer_config&, std::string_view key) noexcept {
  return has<producer_config>(key);
}
bool has_property(const consumer_config&, std::string_view key) noexcept {
  return has<consumer_config>(key);
}
bool has_property(const admin_config&, std::string_view key) noexcept {
  return has<admin_config>(key);
}

error load_properties(const std::string& path, producer_config& config) {
  return load(path, config);
}
error load_properties(const std::string& path, consumer_config& config) {
  return load(path, config);
}
error load_properties(const std::string& path, admin_config& config) {
  return load(path, config);
}

}  // namespace kafka
