// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <kafka/fake_cluster.hpp>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"
#include "base/time.hpp"
#include "fake/partition_log.hpp"
#include "protocol/record_batch_format.hpp"

namespace kafka::fake {

/// One uncompressed batch of these records, without a producer; a timestamp of -1 becomes `now`.
[[nodiscard]] shared_bytes make_batch(const std::vector<fake_record>& records, wall_time now, buffer_pool& buffers);

/// The control batch that ends a transaction of this producer.
[[nodiscard]] shared_bytes make_marker(protocol::producer_stamp producer, bool committed, wall_time now,
                                       buffer_pool& buffers);

/// All records of a log but those of control batches.
[[nodiscard]] std::vector<fake_record> read_records(const partition_log& log, buffer_pool& buffers);

}  // namespace kafka::fake
