// SPDX-License-Identifier: Apache-2.0
#include "fake/frame_queue.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kafka::fake {

bool frame_queue::put(std::span<const std::byte> bytes) {
  while (!bytes.empty() && !reader_.failure()) {
    const auto room = reader_.prepare();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    reader_.commit(count);
    bytes = bytes.subspan(count);
    for (shared_bytes frame; reader_.next(frame);) {
      waiting_bytes_ += frame.size();
      complete_.push_back(std::move(frame));
    }
  }
  return !reader_.failure();
}

std::optional<shared_bytes> frame_queue::take() {
  if (complete_.empty()) return std::nullopt;
  shared_bytes out = std::move(complete_.front());
  complete_.pop_front();
  waiting_bytes_ -= out.size();
  return out;
}

}  // namespace kafka::fake
