// SPDX-License-Identifier: Apache-2.0
#include "client/aborted_filter.hpp"

#include <algorithm>

namespace kafka::client {

aborted_filter::aborted_filter(std::vector<protocol::fetch_response::aborted_transaction> aborted,
                               std::set<std::int64_t>& open)
    : aborted_(std::move(aborted)), open_(open) {
  std::sort(aborted_.begin(), aborted_.end(),
            [](const auto& left, const auto& right) { return left.first_offset < right.first_offset; });
}

bool aborted_filter::keeps(const protocol::record_batch& batch) {
  const protocol::record_batch_header& header = batch.header();
  for (; next_ < aborted_.size() && aborted_[next_].first_offset <= header.last_offset(); ++next_) {
    open_.insert(aborted_[next_].producer_id);
  }
  if (header.is_control()) {
    // Any marker ends the producer's transaction; which one decides nothing here, since the list already says that it
    // was aborted.
    open_.erase(header.producer_id);
    return false;
  }
  return !(header.is_transactional() && open_.contains(header.producer_id));
}

}  // namespace kafka::client
