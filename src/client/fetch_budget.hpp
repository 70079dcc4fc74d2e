// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace kafka::client {

/// Counts the fetched bytes that wait to be polled or are still held by the user. Shared between the strand, which
/// stops fetching at the limit and goes on once half of that is free, and whoever releases records. Thread-safe.
class fetch_budget {
 public:
  explicit fetch_budget(std::size_t limit) : limit_(limit), low_(limit / 2) {}

  /// Who is told, from any thread, when there is room again; null to stop that.
  void on_room(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void charge(std::size_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void release(std::size_t bytes) {
    const std::size_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (before <= low_ || before - bytes > low_) return;
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }
  /// Decides whether to fetch on; for the strand alone. Whoever releases past the low mark afterwards wakes it.
  [[nodiscard]] bool exhausted() noexcept {
    const std::size_t now = used();
    if (now >= limit_) full_.store(true, std::memory_order_relaxed);
    if (now <= low_) full_.store(false, std::memory_order_relaxed);
    return is_full();
  }
  /// What exhausted() last decided; from any thread.
  [[nodiscard]] bool is_full() const noexcept { return full_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t room() const noexcept {
    const std::size_t now = used();
    return now >= limit_ ? 0 : limit_ - now;
  }

 private:
  const std::size_t limit_;
  const std::size_t low_;
  std::atomic<std::size_t> used_{0};
  std::atomic<bool> full_{false};
  std::mutex mutex_;
  std::function<void()> wake_;
};

/// Bytes of one fetched set, charged for as long as anybody holds a copy of the pointer.
class fetch_charge {
 public:
  fetch_charge(std::shared_ptr<fetch_budget> budget, std::size_t bytes) : budget_(std::move(budget)), bytes_(bytes) {
    budget_->charge(bytes_);
  }
  fetch_charge(const fetch_charge&) = delete;
  fetch_charge& operator=(const fetch_charge&) = delete;
  ~fetch_charge() { budget_->release(bytes_); }

 private:
  std::shared_ptr<fetch_budget> budget_;
  std::size_t bytes_;
};

}  // namespace kafka::client
