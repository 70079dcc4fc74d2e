// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace kafka {

/// A point on the steady clock. Machines never read a clock: they are given one of these as `now`. All time-outs,
/// back-offs and deadlines use it.
using steady_time = std::chrono::steady_clock::time_point;

/// A point on the wall clock, in milliseconds. Only record timestamps and token expiry use it.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// "Never": what `deadline()` returns when a machine waits for no time.
inline constexpr steady_time never = steady_time::max();

/// Both clocks as read by a driver at one moment.
struct instant {
  steady_time steady{};
  wall_time wall{};

  friend bool operator==(const instant&, const instant&) = default;
};

}  // namespace kafka
