// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include <kafka/config.hpp>
#include <kafka/metrics.hpp>

#include "client/produce_machine.hpp"

namespace kafka::client {

/// Counts what a producer does, a batch at a time; read by any thread.
class produce_metrics {
 public:
  void count(const completed_batch& done);
  void count(const observed_request& seen);
  [[nodiscard]] producer_metrics snapshot() const;

 private:
  mutable std::mutex mutex_;
  producer_metrics counted_;
};

/// What an observer is told about a batch.
[[nodiscard]] produce_observation observation_of(const completed_batch& done) noexcept;

}  // namespace kafka::client
