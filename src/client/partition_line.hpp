// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "client/accumulator.hpp"

namespace kafka::client {

/// The batches of one partition that the broker has not settled yet, oldest first, and their sequence numbers
/// (KIP-98). Pure.
///
/// Several may be under way at once; they are answered in order. As soon as one fails, nothing more is sent until all
/// others are answered too, and then the line is sent again from its front, the same bytes under the same numbers. So
/// nothing overtakes, whatever the kind of failure.
///
/// A batch that the user was told about (expired, purged, refused) stays in line as long as its numbers matter:
/// - It turns out to be written: nothing is to be done.
/// - It is certainly not written: what follows takes its numbers, which only works for batches that are certainly not
///   written either.
/// - Nobody knows: the numbers are lost, and with them those of every batch behind of which nobody knows. Sequences
///   begin anew under another epoch; batches with an unknown fate are never sent under it, since they might then be
///   written twice.
class partition_line {
 public:
  explicit partition_line(bool sequenced) : sequenced_(sequenced) {}

  [[nodiscard]] const std::deque<batch_ptr>& batches() const noexcept { return line_; }
  [[nodiscard]] bool empty() const noexcept { return line_.empty(); }
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  /// The oldest that the user was not told about; null if there is none.
  [[nodiscard]] producer_batch* oldest_untold() const noexcept;
  /// The oldest that is not under way and still wanted; null if there is none.
  [[nodiscard]] batch_ptr next() const noexcept;
  /// Whether another batch may follow those under way. Until the first batch under an epoch is acknowledged only one
  /// may be: a broker that knows nothing of a producer takes any number to begin with, the second batch's as well.
  [[nodiscard]] bool may_send(std::int32_t in_flight_max) const noexcept;
  /// All is answered and something must be accounted for: settle() is due.
  [[nodiscard]] bool is_stuck() const noexcept { return unsettled_ && under_way_ == 0; }

  void push(batch_ptr batch) { line_.push_back(std::move(batch)); }
  /// The epoch to use for batches that carry no number yet. Taken over when no numbered batch is in line.
  void use(std::int64_t producer_id, std::int16_t epoch) noexcept;
  /// Whether sequences of this line belong to that producer and epoch.
  [[nodiscard]] bool uses(std::int64_t producer_id, std::int16_t epoch) const noexcept {
    return sequences_.producer_id == producer_id && sequences_.epoch == epoch;
  }
  /// Gives the batch its numbers, if it has none, and counts it as under way.
  void send(producer_batch& batch, bool transactional);

  /// The answers. All of them end the batch's way to the broker; the batch must be under way.
  void acknowledged(const batch_ptr& batch);
  void not_written(producer_batch& batch);
  void maybe_written(producer_batch& batch);

  /// The user was told about the batch. Takes it out of line if nothing hangs on it any more (true).
  bool told(const batch_ptr& batch);
  /// In the place of a batch that is not under way, its parts. `same_numbers`: together they hold all its records.
  void replace(const batch_ptr& batch, const std::vector<batch_ptr>& parts, bool same_numbers);
  /// The numbers are lost: the broker waits for others.
  void lose_numbers() noexcept { numbers_lost_ = unsettled_ = true; }
  /// A request named the topic and not its id: what it held may have come into a topic made anew under that name.
  void sent_by_name() noexcept { by_name_ = true; }
  /// The topic was made anew: the broker knows nothing, unless something was sent by name.
  void restart() noexcept { restarting_ = unsettled_ = true; }

  struct settlement {
    /// Out of line for good, told before.
    std::vector<batch_ptr> released;
    /// Out of line, still to be told: they may be written, and will not be sent again.
    std::vector<batch_ptr> lost;
    /// Sequences must go on under another epoch than this.
    bool wants_epoch = false;
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
  };
  /// Accounts for what was told; only when is_stuck().
  [[nodiscard]] settlement settle();

 private:
  struct sequences {
    std::int64_t producer_id = -1;
    std::int16_t epoch = -1;
    std::int32_t next = 0;
    bool established = false;  // the broker has acknowledged one of them
  };

  void ended(producer_batch& batch) noexcept;
  void renumber_from(std::size_t index, std::int32_t sequence);

  bool sequenced_;
  std::deque<batch_ptr> line_;
  std::size_t under_way_ = 0;
  bool unsettled_ = false;
  bool numbers_lost_ = false;
  bool restarting_ = false;
  bool by_name_ = false;  // since the numbers began
  /// From this number on, batches need new ones: one of them has fewer records than before.
  std::optional<std::int32_t> recut_at_;
  sequences sequences_;
};

/// The sequence number `count` records after `sequence`; they wrap from 2^31 - 1 to 0.
[[nodiscard]] constexpr std::int32_t sequence_after(std::int32_t sequence, std::int32_t count) noexcept {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(sequence) + static_cast<std::uint32_t>(count)) &
                                   0x7FFFFFFFU);
}

}  // namespace kafka::client
