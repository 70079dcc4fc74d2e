// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <kafka/producer.hpp>

namespace kafka::cli {

/// Counts how records ended. `note` is called on the producer's thread, the rest on the command's.
class delivery_count {
 public:
  void note(const delivery_result& result) {
    if (result) {
      delivered_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const std::lock_guard lock(mutex_);
    if (failed_++ == 0) first_ = result.error();
  }

  void note(const delivery_batch& batch) {
    if (batch) {
      delivered_.fetch_add(batch.count(), std::memory_order_relaxed);
      return;
    }
    const std::lock_guard lock(mutex_);
    if (failed_ == 0) first_ = batch.error();
    failed_ += batch.count();
  }

  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }
  /// The first failure; no error if there was none.
  [[nodiscard]] error first_failure() const {
    const std::lock_guard lock(mutex_);
    return first_;
  }

 private:
  std::atomic<std::uint64_t> delivered_{0};
  mutable std::mutex mutex_;
  std::uint64_t failed_ = 0;
  error first_;
};

}  // namespace kafka::cli
