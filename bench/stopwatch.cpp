// SPDX-License-Identifier: Apache-2.0
#include "bench/stopwatch.hpp"

#include <sys/resource.h>

namespace kafka::bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::chrono::steady_clock::time_point process_start() {
  static const auto start = std::chrono::steady_clock::now();
  return start;
}

double milliseconds_since_start() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - process_start()).count();
}

process_usage process_usage::now() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return {std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(),
          seconds_of(used.ru_utime), seconds_of(used.ru_stime)};
}

std::int64_t peak_rss_kib() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

}  // namespace kafka::bench
