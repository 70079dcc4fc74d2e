// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "protocol/messages/fetch.hpp"
#include "protocol/record_batch_reader.hpp"

namespace kafka::client {

/// Takes control batches and batches of aborted transactions out of what a read_committed fetch returned. `aborted` is
/// sorted here, because not every broker does. Sets which producers are in the middle of an aborted transaction go on
/// from `open` (KIP-98).
class aborted_filter {
 public:
  aborted_filter(std::vector<protocol::fetch_response::aborted_transaction> aborted, std::set<std::int64_t>& open);
  /// Whether the records of this batch are for the user.
  [[nodiscard]] bool keeps(const protocol::record_batch& batch);

 private:
  std::vector<protocol::fetch_response::aborted_transaction> aborted_;
  std::size_t next_ = 0;
  std::set<std::int64_t>& open_;
};

}  // namespace kafka::client
