// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>

#include <kafka/types.hpp>

#include "cli/output.hpp"

namespace kafka::cli {

/// Milliseconds since the epoch.
inline timestamp_ms wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Prints events line by line as they come, from whichever thread.
class event_log {
 public:
  explicit event_log(output& out) : out_(out) {}

  /// `write` appends lines to the string that it is given. Never throws: callbacks print.
  template <class Write>
  void print(Write write) noexcept {
    const std::lock_guard lock(mutex_);
    if (broken_) return;
    try {
      write(out_.text);
      out_.flush();
    } catch (...) {
      trouble_ = std::current_exception();
      broken_ = true;
    }
  }

  [[nodiscard]] bool broken() const noexcept { return broken_.load(std::memory_order_acquire); }
  /// Throws what kept an event from being printed.
  void rethrow() const {
    if (broken_) std::rethrow_exception(trouble_);
  }

 private:
  output& out_;
  std::mutex mutex_;
  std::atomic<bool> broken_{false};
  std::exception_ptr trouble_;
};

}  // namespace kafka::cli
