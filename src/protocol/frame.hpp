// SPDX-License-Identifier: Apache-2.0
// Frames: what stands around every message on a connection. A frame is a size (int32) and that many bytes: a header
// with a correlation id, then the body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <kafka/error.hpp>

#include "base/buffer_pool.hpp"
#include "base/shared_bytes.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

/// The limit until a peer has shown that it speaks Kafka: no answer of a handshake comes near it.
inline constexpr std::size_t handshake_frame_bytes_max = 1U << 20U;

/// Appends the size prefix and the request header to `out`; the body of `body_bytes` bytes must follow. Client ids
/// longer than 32767 bytes are cut. False, and nothing appended, if the frame's size does not fit its prefix.
[[nodiscard]] bool append_request_prefix(std::vector<std::byte>& out, const api_spec& api, std::int16_t version,
                                         std::int32_t correlation_id, std::string_view client_id,
                                         std::size_t body_bytes);

/// What stands before the body of a response.
struct response_prefix {
  std::int32_t correlation_id = 0;
  /// Where the body starts in the frame.
  std::size_t body_offset = 0;
};

/// Reads the header of a response from a frame (without its size). Errors: malformed_response.
[[nodiscard]] error read_response_prefix(const shared_bytes& frame, std::int16_t header_version, response_prefix& out);

/// The correlation id at the front of a frame that is long enough to have one (every frame_reader's is).
[[nodiscard]] std::int32_t correlation_id_of(const shared_bytes& frame) noexcept;

/// Cuts a stream of bytes into frames. It says where the next bytes are to be read to (prepare), is told how many came
/// (commit), and gives out the frames that are complete (next). Small frames that came together are copied out of one
/// fixed buffer into one block; a large frame is read straight into a block of its own. That block grows with the bytes
/// that came, so that a size that is only claimed costs no memory.
class frame_reader {
 public:
  /// At first no frame may be larger than handshake_frame_bytes_max, and what breaks the format is called not_kafka.
  /// Blocks of large frames come from `buffers`, or from the heap if that is null: allocators return large blocks to
  /// the system at once, and then every page of every frame costs a page fault.
  explicit frame_reader(std::shared_ptr<buffer_pool> buffers = {});

  /// The peer has shown that it is a broker: frames up to `frame_bytes_max` are accepted from the next one on.
  void trust(std::size_t frame_bytes_max) noexcept;

  /// Where the next bytes belong; never empty, valid until the next commit() or prepare().
  [[nodiscard]] std::span<std::byte> prepare();
  /// The first `count` bytes of what prepare() gave were filled.
  void commit(std::size_t count) noexcept;

  /// The next complete frame, without its size; false if more bytes are needed or the stream is broken (see failure()).
  [[nodiscard]] bool next(shared_bytes& frame);

  /// Why the stream cannot be read on: not_kafka, malformed_response or limit_exceeded; no error while it can. Known
  /// as soon as the size is, before anything is allocated for the frame.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }

  /// The correlation id of the frame that has begun, once it is there: tells garbage before memory is spent on it.
  [[nodiscard]] std::optional<std::int32_t> partial_correlation_id() const noexcept;
  /// How many bytes of an unfinished frame there are, its size prefix included.
  [[nodiscard]] std::size_t partial_bytes() const noexcept;
  /// How many bytes the unfinished frame has in all; 0 while its size is not known.
  [[nodiscard]] std::size_t partial_frame_bytes() const noexcept;

 private:
  [[nodiscard]] std::span<const std::byte> unread() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] std::optional<std::size_t> checked_size(std::span<const std::byte> at);
  void collect_complete();
  [[nodiscard]] unique_buffer make_block(std::size_t bytes) const;
  void begin_large_frame(std::size_t frame_bytes);
  void grow_large_frame();

  std::shared_ptr<buffer_pool> buffers_;
  std::size_t frame_bytes_max_ = handshake_frame_bytes_max;
  bool trusted_ = false;
  error failure_;

  unique_buffer buffer_;  // bytes [begin_, end_) are not yet cut
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  shared_bytes complete_;  // frames that are complete, sizes included
  std::size_t complete_at_ = 0;

  unique_buffer large_;  // one large frame, without its size
  std::size_t large_filled_ = 0;
  std::size_t large_bytes_ = 0;  // what it has in all; 0: there is none
};

}  // namespace kafka::protocol
