// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>

#include "base/shared_bytes.hpp"
#include "protocol/frame.hpp"

namespace kafka::fake {

/// The requests that a client sent and nobody has handled yet. Memory grows with the bytes that came, never with what a
/// size claims.
class frame_queue {
 public:
  explicit frame_queue(std::size_t frame_bytes_max) { reader_.trust(frame_bytes_max); }

  /// False if the bytes cannot be Kafka's: a size that is too small or too large. Nothing more is taken then.
  [[nodiscard]] bool put(std::span<const std::byte> bytes);
  /// The next complete frame, without its size.
  [[nodiscard]] std::optional<shared_bytes> take();
  /// Bytes of complete frames that were not taken yet.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }

 private:
  protocol::frame_reader reader_;
  std::deque<shared_bytes> complete_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace kafka::fake
