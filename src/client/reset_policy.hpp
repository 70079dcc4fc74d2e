// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include <kafka/config.hpp>
#include <kafka/consumer.hpp>

namespace kafka::client {

/// Where a consumer without a position goes on, `now` being the time on the wall; nothing where the user is to say.
[[nodiscard]] inline std::optional<position> reset_position(const consumer_config& config, timestamp_ms now) {
  switch (config.offset_reset) {
    case offset_reset::earliest:
      return position::oldest();
    case offset_reset::latest:
      return position::newest();
    case offset_reset::by_duration:
      return position::since(std::max<timestamp_ms>(now - config.offset_reset_duration.count(), 0));
    case offset_reset::none:
      break;
  }
  return std::nullopt;
}

}  // namespace kafka::client
