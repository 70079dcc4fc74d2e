// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/histogram.hpp"
#include "bench/stopwatch.hpp"

namespace kafka::bench {

/// What a benchmark of records measured.
struct report {
  std::string_view benchmark = {};
  /// What the records that count are: acknowledged, or read.
  std::string_view outcome = "acknowledged";
  std::uint64_t records = 0;  ///< acknowledged, or read
  std::uint64_t failed = 0;   ///< not accepted, given up, or not read
  std::uint64_t bytes = 0;    ///< of the keys and values of those that count
  process_usage used = {};
  const histogram* latencies = nullptr;
  /// From the beginning of the clock until the first record was there.
  std::optional<double> first_record_ms = {};
  /// The sum of the bytes that were looked at.
  std::optional<std::uint64_t> checksum = {};
  /// The first failure; empty if there was none.
  std::string error = {};
};

/// The figures as one line of JSON, without its end.
[[nodiscard]] std::string json_line(const report& measured);
/// The same as a table for people.
[[nodiscard]] std::string table(const report& measured);

/// Prints, complains of the failure, and returns the exit code.
int finish(const report& measured, bool json);

/// One line on a terminal that is rewritten while the work goes on; nothing if standard error is none.
class progress_line {
 public:
  explicit progress_line(std::uint64_t records_total);
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;
  /// Leaves the last line standing and ends it.
  ~progress_line();

  void update(std::uint64_t records, std::chrono::steady_clock::time_point now);

 private:
  bool shown_;
  bool drawn_ = false;
  std::uint64_t total_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace kafka::bench
