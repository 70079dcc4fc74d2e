// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace kafka::fake {

/// A transaction that was aborted, as the log of one partition has it.
struct aborted_range {
  std::int64_t producer_id = -1;
  std::int64_t first_offset = 0;
  /// Of the marker.
  std::int64_t last_offset = 0;

  friend bool operator==(const aborted_range&, const aborted_range&) = default;
};

/// The transactions in the log of one partition (KIP-98): those that are open, and those that were aborted. Decides up
/// to where a consumer with read_committed may read, and what it has to leave out.
class partition_transactions {
 public:
  /// A transactional batch was appended at `base_offset`: it begins a transaction, or belongs to the producer's open
  /// one.
  void appended(std::int64_t producer_id, std::int64_t base_offset);
  /// The producer's marker was appended. Without an open transaction nothing happens, as a marker alone decides
  /// nothing.
  void ended(std::int64_t producer_id, std::int64_t marker_offset, bool committed, std::int64_t high_watermark);

  [[nodiscard]] bool is_open(std::int64_t producer_id) const noexcept { return open_.contains(producer_id); }
  /// Where the producer's open transaction begins; -1 if there is none.
  [[nodiscard]] std::int64_t first_offset(std::int64_t producer_id) const noexcept;

  /// The first offset that is not decided yet; never above the high watermark. A transaction counts as decided when its
  /// marker is below the high watermark.
  [[nodiscard]] std::int64_t last_stable_offset(std::int64_t high_watermark) const noexcept;
  /// Whether an aborted transaction ends at or behind `from`.
  [[nodiscard]] bool any_aborted(std::int64_t from) const noexcept {
    return !aborted_.empty() && aborted_.back().last_offset >= from;
  }
  /// The aborted transactions that have records or their marker in [from, to), in the order of their markers.
  [[nodiscard]] std::vector<aborted_range> aborted(std::int64_t from, std::int64_t to) const;

  /// What lies below `offset` is gone.
  void delete_before(std::int64_t offset);
  /// What lies from `offset` on is gone: markers there never came, transactions that began there never did.
  void truncate_to(std::int64_t offset);

 private:
  struct decided {
    std::int64_t producer_id;
    std::int64_t first_offset;
    std::int64_t marker_offset;
  };

  std::map<std::int64_t, std::int64_t> open_;  // producer id -> first offset
  std::deque<decided> unreplicated_;           // markers that may lie above the high watermark
  std::deque<aborted_range> aborted_;
};

}  // namespace kafka::fake
