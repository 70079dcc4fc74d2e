// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <kafka/api_key.hpp>

#include "protocol/schema.hpp"

namespace kafka::fake {

/// A cluster feature as ApiVersions tells it (KIP-584).
struct broker_feature {
  std::string_view name;
  std::int16_t supported_min = 0;
  std::int16_t supported_max = 0;
  std::int16_t finalized = 0;
};

/// What one version of Apache Kafka says of itself in ApiVersions.
struct broker_versions {
  std::string_view name;
  std::vector<broker_feature> features;

  /// The versions of an API that such a broker announces, whether or not this cluster handles all of them; nothing if
  /// it does not know the API.
  [[nodiscard]] std::optional<protocol::version_range> announced(api_key key) const noexcept;

  /// Which column of the table this is.
  std::size_t column = 0;
};

/// "2.1", "2.8", "3.9" or "4.3"; nothing for another name.
[[nodiscard]] std::optional<broker_versions> versions_like(std::string_view name);

}  // namespace kafka::fake
