// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace kafka::bench {

/// Counts durations in nanoseconds. Buckets are 1/128 of their value wide or narrower, so a percentile is at most that
/// much too high; the maximum is exact. Adding neither allocates nor divides.
class histogram {
 public:
  void add(std::int64_t nanoseconds) noexcept {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
    ++counts_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// The least value that `share` (0 to 1) of all values do not exceed, rounded up to its bucket's end; 0 if nothing
  /// was added.
  [[nodiscard]] std::uint64_t percentile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= wanted && seen != 0) return std::min(end_of(bucket), max_);
    }
    return max_;
  }

 private:
  // Values below 256 have a bucket each; above, each power of two has 128.
  static constexpr unsigned exact_bits = 8;
  static constexpr unsigned half = 1U << (exact_bits - 1);

  static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    const auto bits = static_cast<unsigned>(std::bit_width(value));
    if (bits <= exact_bits) return value;
    const unsigned shift = bits - exact_bits;
    return half * shift + (value >> shift);
  }
  static constexpr std::uint64_t end_of(std::size_t bucket) noexcept {
    if (bucket < 2 * half) return bucket;
    const std::size_t shift = bucket / half - 1;
    return ((half + bucket % half + 1) << shift) - 1;
  }

  std::array<std::uint64_t, 2 * half + half * (63 - exact_bits)> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace kafka::bench
