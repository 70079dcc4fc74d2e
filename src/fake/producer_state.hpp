// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include <kafka/broker_errc.hpp>
#include <kafka/types.hpp>

#include "protocol/record_batch_format.hpp"

namespace kafka::fake {

/// What one partition remembers of idempotent producers (KIP-98): for each producer id its epoch and the last five
/// batches, so that a batch sent again is recognised and a gap refused.
class producer_states {
 public:
  /// Where a batch lies that was appended before.
  struct duplicate {
    std::int64_t base_offset = 0;
    timestamp_ms timestamp = -1;
  };
  struct judgement {
    broker_errc code = broker_errc::none;
    /// Set for a batch that is there already: it is answered with this and not appended again.
    std::optional<duplicate> known;
  };

  /// Whether a batch may be appended. Batches without a producer id always may.
  [[nodiscard]] judgement judge(const protocol::record_batch_header& batch) const;
  /// Notes a batch that was appended at `base_offset`.
  void appended(const protocol::record_batch_header& batch, std::int64_t base_offset);
  /// Forgets a producer, as brokers do when its id expires (transactional.id.expiration, producer.id.expiration.ms).
  void forget(std::int64_t producer_id) { producers_.erase(producer_id); }
  void forget_all() { producers_.clear(); }

 private:
  /// How many batches of a producer are remembered; clients may have this many requests in flight.
  static constexpr std::size_t remembered_batches = 5;

  struct remembered {
    std::int32_t first_sequence;
    std::int32_t last_sequence;
    std::int64_t base_offset;
    timestamp_ms timestamp;
  };
  struct producer {
    std::int16_t epoch = -1;
    std::deque<remembered> batches;
  };

  std::map<std::int64_t, producer> producers_;
};

}  // namespace kafka::fake
