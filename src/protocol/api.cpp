// SPDX-License-Identifier: Apache-2.0
#include "protocol/api.hpp"

#include <algorithm>
#include <array>

#include "protocol/messages/all.hpp"

namespace kafka {

namespace {

/// A message is named after its API: `FetchRequest`.
constexpr std::string_view api_name(std::string_view request) noexcept {
  constexpr std::string_view suffix = "Request";
  return request.substr(0, request.size() - suffix.size());
}

template <class... Requests>
constexpr auto make_table(protocol::message_list<Requests...>) noexcept {
  return std::pair{std::array{Requests::api...}, std::array{api_name(Requests::name)...}};
}

constexpr auto table = make_table(protocol::all_requests{});
constexpr auto& specs = table.first;
constexpr auto& names = table.second;

constexpr bool before(const protocol::api_spec& left, const protocol::api_spec& right) noexcept {
  return left.key < right.key;
}
static_assert(std::is_sorted(specs.begin(), specs.end(), before));

}  // namespace

std::string_view to_string(api_key key) noexcept {
  const protocol::api_spec* spec = protocol::find_api(key);
  return spec ? names[static_cast<std::size_t>(spec - specs.data())] : "Unknown";
}

namespace protocol {

std::span<const api_spec> all_apis() noexcept {
  return specs;
}

const api_spec* find_api(api_key key) noexcept {
  const auto* found = std::lower_bound(specs.begin(), specs.end(), api_spec{.key = key}, before);
  return found != specs.end() && found->key == key ? found : nullptr;
}

std::optional<std::int16_t> negotiate(const api_spec& ours, version_range theirs) noexcept {
  const std::int16_t version = std::min(ours.stable_max, theirs.max);
  if (version < ours.versions.min || version < theirs.min) return std::nullopt;
  return version;
}

api_versions::api_versions(const api_versions_response& response) : features_epoch_(response.finalized_features_epoch) {
  apis_.reserve(response.api_keys.size());
  for (const auto& entry : response.api_keys) {
    apis_.push_back({static_cast<api_key>(entry.api_key), {entry.min_version, entry.max_version}});
  }
  for (const auto& entry : response.supported_features) {
    supported_features_.push_back({entry.name, {entry.min_version, entry.max_version}});
  }
  for (const auto& entry : response.finalized_features) {
    finalized_features_.push_back({entry.name, {entry.min_version_level, entry.max_version_level}});
  }
}

std::optional<std::int16_t> api_versions::best(api_key key, std::int16_t cap) const noexcept {
  const api_spec* ours = find_api(key);
  auto theirs = range(key);
  if (!ours || !theirs) return std::nullopt;
  theirs->max = std::min(theirs->max, cap);
  return negotiate(*ours, *theirs);
}

bool api_versions::at_least(api_key key, std::int16_t version) const noexcept {
  const auto found = best(key);
  return found && *found >= version;
}

std::optional<version_range> api_versions::range(api_key key) const noexcept {
  for (const auto& entry : apis_) {
    if (entry.key == key) return entry.versions;
  }
  return std::nullopt;
}

std::int16_t api_versions::feature_level(std::string_view feature) const noexcept {
  for (const auto& entry : finalized_features_) {
    if (entry.name == feature) return entry.levels.max;
  }
  return 0;
}

std::optional<version_range> api_versions::supported_feature(std::string_view feature) const noexcept {
  for (const auto& entry : supported_features_) {
    if (entry.name == feature) return entry.levels;
  }
  return std::nullopt;
}

}  // namespace protocol
}  // namespace kafka
