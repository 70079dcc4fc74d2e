// SPDX-License-Identifier: Apache-2.0
// The APIs at run time: the table of what we speak, and what one connection's broker speaks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/api_key.hpp>

#include "protocol/schema.hpp"

namespace kafka::protocol {

struct api_versions_response;

/// All APIs that we speak, by key.
[[nodiscard]] std::span<const api_spec> all_apis() noexcept;

/// What we know of an API; null for a key that we do not speak. The pointer is valid for ever.
[[nodiscard]] const api_spec* find_api(api_key key) noexcept;

/// The highest version that both sides speak and that is stable here; nothing if there is none. A broker's minimum is
/// believed only in that nothing below it is chosen: that a broker lists a version does not mean that it accepts it
/// (4.x lists Produce 0 to 2 and refuses them).
[[nodiscard]] std::optional<std::int16_t> negotiate(const api_spec& ours, version_range theirs) noexcept;

/// What the broker at the other end of one connection can do, from its ApiVersions response. A value; never shared
/// between connections, since a broker may be another version after a reconnect.
class api_versions {
 public:
  /// Knows nothing: best() gives nothing for every API.
  api_versions() = default;
  explicit api_versions(const api_versions_response& response);

  /// The version to use for `key`; nothing if the broker speaks none of ours, or not the API at all.
  [[nodiscard]] std::optional<std::int16_t> best(api_key key) const noexcept { return best(key, no_version); }
  /// The highest version that is not above `cap`, for requests that must not use a newer one.
  [[nodiscard]] std::optional<std::int16_t> best(api_key key, std::int16_t cap) const noexcept;
  /// Whether best(key) is at least `version`: how to ask whether a feature can be used.
  [[nodiscard]] bool at_least(api_key key, std::int16_t version) const noexcept;

  /// What the broker said about `key`, as it said it; nothing if it did not name it.
  [[nodiscard]] std::optional<version_range> range(api_key key) const noexcept;

  /// The finalized level of a cluster feature such as "transaction.version" (KIP-584); 0, as in Kafka, if the cluster
  /// does not have it.
  [[nodiscard]] std::int16_t feature_level(std::string_view feature) const noexcept;
  /// The levels of a feature that this broker could run with; nothing if it does not know it.
  [[nodiscard]] std::optional<version_range> supported_feature(std::string_view feature) const noexcept;
  /// Grows with each change of the finalized features; -1 if the broker did not say. Of two answers the one with the
  /// larger epoch is newer.
  [[nodiscard]] std::int64_t features_epoch() const noexcept { return features_epoch_; }

  friend bool operator==(const api_versions&, const api_versions&) = default;

 private:
  struct api_range {
    api_key key;
    version_range versions;
    friend bool operator==(const api_range&, const api_range&) = default;
  };
  struct feature_range {
    std::string name;
    version_range levels;
    friend bool operator==(const feature_range&, const feature_range&) = default;
  };

  std::vector<api_range> apis_;
  std::vector<feature_range> supported_features_;
  std::vector<feature_range> finalized_features_;
  std::int64_t features_epoch_ = -1;
};

}  // namespace kafka::protocol
