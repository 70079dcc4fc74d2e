// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

namespace kafka::cli {
namespace {

std::string with_digits(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string megabytes(double bytes) {
  return with_digits(bytes / 1e6, 1) + " MB";
}

std::string rates(const work_done& work, std::chrono::duration<double> elapsed) {
  // Below a millisecond the clock, not the work, would be measured.
  const double seconds = std::max(elapsed.count(), 1e-3);
  return with_digits(static_cast<double>(work.records) / seconds, 0) + " records/s, " +
         megabytes(static_cast<double>(work.bytes) / seconds) + "/s";
}

std::string percent(std::uint64_t done, std::uint64_t total) {
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  return with_digits(std::floor(100.0 * std::min(share, 1.0)), 0) + " % of ";
}

}  // namespace

std::string summary_text(const work_done& work, std::chrono::duration<double> elapsed) {
  return std::to_string(work.records) + (work.records == 1 ? " record, " : " records, ") +
         megabytes(static_cast<double>(work.bytes)) + " in " + with_digits(elapsed.count(), 2) +
         " s: " + rates(work, elapsed);
}

std::string progress_text(const work_done& work, std::chrono::duration<double> elapsed) {
  std::string text = std::to_string(work.records) + " records, " + megabytes(static_cast<double>(work.bytes));
  if (work.records_total) {
    text += ", " + percent(work.records, *work.records_total) + std::to_string(*work.records_total) + " records";
  } else if (work.bytes_total) {
    text += ", " + percent(work.bytes_read.value_or(work.bytes), *work.bytes_total) +
            megabytes(static_cast<double>(*work.bytes_total));
  }
  return text + ": " + rates(work, elapsed);
}

progress_meter::progress_meter(bool wanted)
    : shown_(wanted && ::isatty(STDERR_FILENO) != 0), started_(std::chrono::steady_clock::now()), next_(started_) {}

progress_meter::~progress_meter() {
  if (!drawn_) return;
  draw(last_);
  std::fputc('\n', stderr);
}

std::chrono::duration<double> progress_meter::elapsed() const {
  return std::chrono::steady_clock::now() - started_;
}

void progress_meter::update(const work_done& work) {
  last_ = work;
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(200);
  draw(work);
}

void progress_meter::draw(const work_done& work) {
  // Back to the line's beginning; what an earlier, longer line left is erased.
  std::fprintf(stderr, "\r%s\x1b[K", progress_text(work, elapsed()).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace kafka::cli
