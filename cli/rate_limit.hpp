// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace kafka::cli {

/// Spreads steps evenly over time. Steps that come late (the machine was busy) are caught up with, but no more than a
/// twentieth of a second's worth of them: a rate is also a promise never to flood. Pure: the time is an argument.
class rate_limit {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `per_second` > 0. The first step may be taken at `start`.
  rate_limit(double per_second, time_point start) : interval_(1e9 / per_second), start_(start) {}

  /// Takes a step and returns from when on it may be done: not later than `now` means at once.
  time_point take(time_point now) {
    const double at = std::chrono::duration<double, std::nano>(now - start_).count();
    next_ = std::max(next_, at - lag_max);
    const double mine = next_;
    next_ += interval_;
    return start_ + std::chrono::duration_cast<time_point::duration>(std::chrono::duration<double, std::nano>(mine));
  }

 private:
  /// In nanoseconds, as all here: fractions of them add up at a million steps a second.
  static constexpr double lag_max = 50e6;
  double interval_;
  double next_ = 0;
  time_point start_;
};

}  // namespace kafka::cli
