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

  /// Whether leaders ask the transaction coordinator before they append (since Kafka 3.6, KIP-890).
  [[nodiscard]] bool verifies_transactions() const noexcept { return column >= 2; }
  /// Whether producers that are not known here are refused unless they begin with sequence 0 (before Kafka 2.5).
  [[nodiscard]] bool refuses_unknown_producers() const noexcept { return column == 0; }

  /// Which column of the table this is.
  std::size_t column = 0;
};

/// "2.1", "2.8", "3.9" or "4.3"; nothing for another name.
[[nodiscard]] std::optional<broker_versions> versions_like(std::string_view name);

}  // namespace kafka::fake
