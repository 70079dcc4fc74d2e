// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kafka::cli {

/// How far a long piece of work is.
struct work_done {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  /// How many records there will be, or how many bytes, where one of them is known.
  std::optional<std::uint64_t> records_total = {};
  std::optional<std::uint64_t> bytes_total = {};
  /// How far in those, where that is not `bytes`, as of packed input.
  std::optional<std::uint64_t> bytes_read = {};
};

/// `120000 records, 14.4 MB in 0.25 s: 480000 records/s, 57.6 MB/s`. MB are 10^6 bytes.
[[nodiscard]] std::string summary_text(const work_done& work, std::chrono::duration<double> elapsed);
/// The same with `30 % of 400000 records` where the total is known, for a line that is rewritten in place.
[[nodiscard]] std::string progress_text(const work_done& work, std::chrono::duration<double> elapsed);

/// Shows progress on standard error, five times a second, if that is a terminal and `wanted`.
class progress_meter {
 public:
  explicit progress_meter(bool wanted);
  progress_meter(const progress_meter&) = delete;
  progress_meter& operator=(const progress_meter&) = delete;
  /// Leaves the last line standing and ends it.
  ~progress_meter();

  void update(const work_done& work);
  /// Since the meter was made.
  [[nodiscard]] std::chrono::duration<double> elapsed() const;

 private:
  void draw(const work_done& work);

  bool shown_;
  bool drawn_ = false;
  work_done last_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace kafka::cli
