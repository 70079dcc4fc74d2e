// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace kafka::bench {

/// When main began; the first call decides.
[[nodiscard]] std::chrono::steady_clock::time_point process_start();

/// Milliseconds since main began.
[[nodiscard]] double milliseconds_since_start();

/// What the whole process used, all its threads included.
struct process_usage {
  double seconds = 0;  ///< on the wall
  double cpu_user_seconds = 0;
  double cpu_system_seconds = 0;

  [[nodiscard]] static process_usage now();
  friend process_usage operator-(const process_usage& later, const process_usage& earlier) {
    return {later.seconds - earlier.seconds, later.cpu_user_seconds - earlier.cpu_user_seconds,
            later.cpu_system_seconds - earlier.cpu_system_seconds};
  }
};

/// The most memory that the process has had, in KiB.
[[nodiscard]] std::int64_t peak_rss_kib();

}  // namespace kafka::bench
