// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

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

  /// Whether a batch may be appended. Batches without a producer id always may. A producer that is not known may begin
  /// with any sequence, because its former batches may have been deleted, unless `must_begin_at_0` (KIP-890).
  [[nodiscard]] judgement judge(const protocol::record_batch_header& batch, bool must_begin_at_0 = false) const;
  /// Notes a batch that was appended at `base_offset`.
  void appended(const protocol::record_batch_header& batch, std::int64_t base_offset);
  /// A marker was written with this epoch: lower ones are refused from now on, and a higher one begins at sequence 0.
  void fenced(std::int64_t producer_id, std::int16_t epoch);
  /// Forgets a producer, as brokers do when its id expires (transactional.id.expiration, producer.id.expiration.ms).
  void forget(std::int64_t producer_id) { producers_.erase(producer_id); }
  void forget_all() { producers_.clear(); }
  /// -1 for a producer that is not known.
  [[nodiscard]] std::int16_t epoch_of(std::int64_t producer_id) const;
  [[nodiscard]] bool knows(std::int64_t producer_id) const { return producers_.contains(producer_id); }

  /// What is known of one producer; -1 where nothing is.
  struct described {
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
    std::int32_t last_sequence = -1;
    timestamp_ms last_timestamp = -1;
  };
  [[nodiscard]] std::vector<described> all() const;

  /// What a producer that is not known is told unless it begins with sequence 0; `none`, the standard, lets it go on.
  /// UNKNOWN_PRODUCER_ID is what brokers before 2.5 say.
  void answer_unknown_with(broker_errc code) noexcept { unknown_answer_ = code; }
  /// What a batch is told that was appended before, but is not among the last five. The standard is
  /// OUT_OF_ORDER_SEQUENCE_NUMBER, as brokers have it; DUPLICATE_SEQUENCE_NUMBER is the other that clients must know.
  void answer_old_duplicates_with(broker_errc code) noexcept { old_duplicate_answer_ = code; }

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
  broker_errc unknown_answer_ = broker_errc::none;
  broker_errc old_duplicate_answer_ = broker_errc::out_of_order_sequence_number;
};

}  // namespace kafka::fake
