// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

namespace kafka::cli {

/// Turns SIGINT (Ctrl-C) and SIGTERM into a call on a thread of its own, so that a command can end what it waits for
/// and close in order. The second signal ends the process at once. SIGPIPE is ignored: a closed pipe shows when it is
/// written to. Make it before any other thread, which then inherits its blocked signals.
class interrupts {
 public:
  interrupts();
  interrupts(const interrupts&) = delete;
  interrupts& operator=(const interrupts&) = delete;
  ~interrupts();

  /// The signal that came, 0 while none has.
  [[nodiscard]] int signal() const noexcept { return signal_.load(std::memory_order_acquire); }
  explicit operator bool() const noexcept { return signal() != 0; }
  /// Becomes readable when a signal comes and stays so.
  [[nodiscard]] int descriptor() const noexcept { return pipe_[0]; }
  /// Returns when a signal has come.
  void wait() const;
  /// The same, but at `until` at the latest.
  void wait_until(std::chrono::steady_clock::time_point until) const;

  /// Calls `wake` on the signal's thread when a signal comes, at once if one has; never after the guard is gone.
  class guard {
   public:
    guard(interrupts& owner, std::function<void()> wake);
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard();

   private:
    interrupts& owner_;
    std::function<void()> outer_;
  };

 private:
  void run();

  std::atomic<int> signal_{0};
  std::atomic<bool> ended_{false};
  int pipe_[2];
  std::mutex mutex_;
  std::function<void()> wake_;
  std::thread thread_;
};

}  // namespace kafka::cli
