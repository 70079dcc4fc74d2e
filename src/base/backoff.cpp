// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"

#include <algorithm>

namespace kafka {

std::chrono::milliseconds backoff::wait(unsigned attempt, random_source& random) const noexcept {
  // In double: 2^attempt may be beyond any integer, and the limit is applied before it becomes one again.
  double wait = static_cast<double>(std::max(initial.count(), initial.zero().count()));
  const auto limit = static_cast<double>(std::max(max.count(), max.zero().count()));
  for (unsigned doubled = 0; doubled < attempt && wait < limit && wait > 0; ++doubled) wait *= 2;
  wait = std::min(wait, limit) * (0.8 + 0.4 * random.unit());
  constexpr double representable = 9.0e18;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(wait, representable)));
}

}  // namespace kafka
