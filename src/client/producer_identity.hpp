// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// Who the brokers think an idempotent producer is: its producer id and epoch (KIP-98). Pure.
///
/// Without transactions any broker gives an id out, and the producer itself counts the epoch up when it has lost track
/// of a sequence (KIP-360). With them, `transaction` sets both.
class producer_identity {
 public:
  /// Epochs end here; the next one is a new producer id.
  static constexpr std::int16_t last_epoch = std::numeric_limits<std::int16_t>::max();

  producer_identity(const connection_config& config, bool own, std::uint64_t seed)
      : config_(config), own_(own), random_(seed) {}

  [[nodiscard]] bool ready() const noexcept { return producer_id_ >= 0; }
  [[nodiscard]] std::int64_t producer_id() const noexcept { return producer_id_; }
  [[nodiscard]] std::int16_t epoch() const noexcept { return epoch_; }
  /// Why there will never be one; no error as long as there is hope.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }
  /// The last answer that was not the wanted one, for causes.
  [[nodiscard]] const error& last_error() const noexcept { return last_error_; }

  void set(std::int64_t producer_id, std::int16_t epoch) noexcept {
    producer_id_ = producer_id;
    epoch_ = epoch;
  }
  /// Sequences begin anew under the next epoch, or under a new id where epochs are used up.
  void bump() noexcept {
    if (epoch_ == last_epoch) return reset();
    ++epoch_;
  }
  /// Asks for another producer id.
  void reset() noexcept { set(-1, -1); }

  /// Asks for an id if there is none.
  void step(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  /// False if the reply is not to a request from here.
  bool on_reply(reply& answer, steady_time now);
  [[nodiscard]] steady_time deadline() const noexcept;

 private:
  [[nodiscard]] bool wanted() const noexcept { return own_ && !ready() && !failure_ && asked_ == 0; }

  connection_config config_;
  bool own_;
  random_source random_;
  std::int64_t producer_id_ = -1;
  std::int16_t epoch_ = -1;
  request_id asked_ = 0;
  unsigned failures_ = 0;
  steady_time retry_at_{};
  error failure_;
  error last_error_;
};

}  // namespace kafka::client
