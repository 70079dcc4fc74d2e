// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kafka/broker_errc.hpp>

namespace kafka::fake {

/// An error with the sentence that goes with it in a response.
struct refusal {
  broker_errc code = broker_errc::none;
  std::string message{};

  [[nodiscard]] explicit operator bool() const noexcept { return code != broker_errc::none; }
};

}  // namespace kafka::fake
