// SPDX-License-Identifier: Apache-2.0
// The requests of one connection, from being queued to being answered. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kafka/api_key.hpp>

#include "base/time.hpp"
#include "net/request.hpp"
#include "protocol/schema.hpp"

namespace kafka::net {

/// Where a request is on its way.
enum class request_state : std::uint8_t {
  waiting,  ///< No byte of it was handed to the transport.
  staged,   ///< Some of its bytes were handed over; how many were taken is not known, or not all were.
  written,  ///< All its bytes were taken; its answer is awaited.
  done,     ///< Answered, or written without expecting an answer, or dropped.
};

/// Kafka answers the requests of a connection in their order, so that the n-th answer belongs to the n-th request that
/// expects one; the correlation id must say the same. Slots are used again: in steady state a request costs no
/// allocation here.
class inflight {
 public:
  /// What there is to know of one request.
  struct entry {
    request_id id = 0;
    api_key key{};
    std::int16_t version = 0;
    request_state state = request_state::waiting;
    /// A question of the handshake, of which the user of the connection knows nothing.
    bool internal = false;
    /// Nobody wants to hear of it any more.
    bool abandoned = false;
    bool expects_response = true;
    steady_time deadline = never;
    std::int32_t correlation_id = 0;
  };

  explicit inflight(std::string client_id) : client_id_(std::move(client_id)) {}

  /// Queues a request with the next correlation id; false if its frame would be too large for its size prefix.
  [[nodiscard]] bool push(request&& what, const protocol::api_spec& api, bool internal);

  /// The next bytes to write, as session::gather: what is shown is staged.
  [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> out);
  [[nodiscard]] bool wants_write() const noexcept { return write_at_ != end_; }
  /// `count` bytes of the last gather were taken, the others were not; appends to `completed` the requests that are
  /// thereby done, abandoned ones left out.
  void written(std::size_t count, std::vector<request_id>& completed);

  /// The request that the next answer must belong to; nothing if no answer is awaited.
  [[nodiscard]] std::optional<entry> expected() const noexcept;
  /// The answer to expected() came (there must be one).
  void answered() noexcept;

  /// Nothing more is to be reported of a request; one that still waits is dropped. False if there is no such request.
  bool abandon(request_id id);

  /// The earliest deadline, or something earlier.
  [[nodiscard]] steady_time deadline() const noexcept { return deadline_bound_; }
  /// Takes those whose deadline has passed: waiting ones are dropped and appended to `dropped`; gives one whose bytes
  /// may have left, if there is any.
  [[nodiscard]] std::optional<entry> expire(steady_time now, std::vector<entry>& dropped);

  /// All that are not done, in order.
  template <class Function>
  void for_each_pending(Function function) const {
    for (std::uint64_t at = begin_; at != end_; ++at) {
      if (const entry found = describe(at); found.state != request_state::done) function(found);
    }
  }
  /// How many are not done.
  [[nodiscard]] std::size_t size() const noexcept { return pending_; }
  /// How many slots there are in all; grows with the most that were ever in use at once.
  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }

 private:
  struct slot {
    request_id id = 0;
    steady_time deadline = never;
    api_key key{};
    std::int16_t version = 0;
    bool expects_response = true;
    bool internal = false;
    bool abandoned = false;
    bool done = false;
    std::vector<std::byte> prefix;  // size and header, and the body if that is small; its room is used again
    std::vector<shared_bytes> body;
  };

  [[nodiscard]] slot& at(std::uint64_t index) noexcept { return slots_[index & (slots_.size() - 1)]; }
  [[nodiscard]] const slot& at(std::uint64_t index) const noexcept { return slots_[index & (slots_.size() - 1)]; }
  [[nodiscard]] entry describe(std::uint64_t index) const noexcept;
  [[nodiscard]] request_state state_of(std::uint64_t index) const noexcept;
  [[nodiscard]] bool write_slot(slot& which, std::size_t& count) noexcept;
  void grow();
  void finish(slot& which) noexcept;
  void drop(slot& which) noexcept;
  void step_over_done() noexcept;

  std::string client_id_;
  // Indices count requests since the connection began; the slot of index i is slots_[i mod capacity].
  std::vector<slot> slots_;
  std::uint64_t begin_ = 1;
  std::uint64_t end_ = 1;
  std::uint64_t expected_at_ = 1;  // the first that is not done and expects a response, or end_
  // The first request that is not wholly written, and how far into it: its piece (0: prefix) and the offset therein.
  std::uint64_t write_at_ = 1;
  std::size_t write_piece_ = 0;
  std::size_t write_offset_ = 0;
  std::uint64_t staged_end_ = 1;  // requests before this have bytes with the transport
  std::size_t pending_ = 0;
  steady_time deadline_bound_ = never;
};

}  // namespace kafka::net
