// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

namespace kafka::client {

/// What one thread waits for and others ring, also from inside a signal handler: a pipe. A ring that nobody waits for
/// is kept for the next wait; several are one.
class bell {
 public:
  /// Throws kafka::error where the process may open no more files.
  bell();
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;
  ~bell();

  /// Async-signal-safe; leaves errno alone.
  void ring() noexcept;
  /// True when it rang, false when `until` came first.
  [[nodiscard]] bool wait_until(steady_time until) noexcept;

 private:
  void silence() noexcept;

  int read_end_ = -1;
  int write_end_ = -1;
};

}  // namespace kafka::client
