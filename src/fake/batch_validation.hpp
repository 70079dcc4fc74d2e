// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <kafka/broker_errc.hpp>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "fake/topic_settings.hpp"
#include "protocol/record_batch_format.hpp"

namespace kafka::fake {

/// What a broker says about the records that a producer sent to one partition.
struct batch_verdict {
  broker_errc code = broker_errc::none;
  std::string message;
  /// The records at fault, by index, with a sentence each (KIP-467).
  std::vector<std::pair<std::int32_t, std::string>> record_errors;
  protocol::record_batch_header header;
};

struct validation {
  std::int16_t produce_version = 0;
  bool check_records = true;
  wall_time now;
};

/// Checks the records of one partition of a Produce request as a broker does before it appends them: exactly one batch
/// of format 2, whole, with the right checksum and consistent counts, a codec that the version allows, keys where the
/// topic is compacted, timestamps that are not too far from now.
[[nodiscard]] batch_verdict validate_batch(const shared_bytes& records, const topic_settings& topic,
                                           const validation& how, buffer_pool& buffers);

}  // namespace kafka::fake
