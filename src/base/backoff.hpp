// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace kafka {

/// A small seedable generator (splitmix64). One per purpose, injected, so that a simulation's seed decides everything.
class random_source {
 public:
  explicit constexpr random_source(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t next() noexcept {
    std::uint64_t mixed = (state_ += 0x9E3779B97F4A7C15U);
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }
  /// Uniform in [0, bound); 0 for bound 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64U);
  }
  /// Uniform in [0, 1).
  constexpr double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

/// Exponential back-off with jitter (KIP-144, KIP-580): the n-th wait is initial * 2^n, at most `max`, times a factor
/// drawn uniformly from [0.8, 1.2].
struct backoff {
  std::chrono::milliseconds initial{100};
  std::chrono::milliseconds max{1000};

  [[nodiscard]] std::chrono::milliseconds wait(unsigned attempt, random_source& random) const noexcept;
};

}  // namespace kafka
