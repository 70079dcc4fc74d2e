// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/broker_errc.hpp>

namespace kafka::fake {

/// What a group stored for one partition.
struct committed_offset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::optional<std::string> metadata = {};

  friend bool operator==(const committed_offset&, const committed_offset&) = default;
};

/// Who wants to commit, as the requests say it.
struct offset_writer {
  std::int32_t generation_id = -1;
  std::string_view member_id{};
  const std::optional<std::string>* instance_id = nullptr;
};

/// The offsets that groups stored, with those that wait for the end of a transaction (KIP-98, KIP-447). Who the members
/// of a group are, and so who may commit, is not known here.
class group_offsets {
 public:
  /// A topic's name and a partition of it.
  using partition_key = std::pair<std::string, std::int32_t>;
  using offsets = std::map<partition_key, committed_offset>;

  void commit(const std::string& group, const partition_key& partition, committed_offset offset);
  /// Keeps an offset until the transaction of the producer ends. INVALID_PRODUCER_EPOCH from a producer that was
  /// fenced.
  [[nodiscard]] broker_errc stage(const std::string& group, std::int64_t producer_id, std::int16_t epoch,
                                  const partition_key& partition, committed_offset offset);
  /// The marker of a transaction: what was staged becomes the group's, or is dropped. A plain commit that came after an
  /// offset was staged stays.
  void end(std::string_view group, std::int64_t producer_id, std::int16_t epoch, bool committed);

  [[nodiscard]] bool has_group(std::string_view group) const noexcept { return groups_.contains(group); }
  /// Null if nothing is stored.
  [[nodiscard]] const committed_offset* find(std::string_view group, const partition_key& partition) const;
  /// Whether a transaction that is not over has an offset for the partition.
  [[nodiscard]] bool is_pending(std::string_view group, const partition_key& partition) const;
  /// Everything that the group stored.
  [[nodiscard]] offsets all(std::string_view group) const;

  /// All groups that stored something, now or before.
  [[nodiscard]] std::vector<std::string> group_names() const;

  /// OffsetDelete: what a transaction staged for the partition is dropped too.
  void forget(std::string_view group, const partition_key& partition);
  void forget_topic(std::string_view topic);
  void forget_group(std::string_view group);

 private:
  struct stored {
    committed_offset offset;
    std::uint64_t number = 0;  // commits are numbered as they come
  };
  using stored_offsets = std::map<partition_key, stored>;
  struct group_entry {
    stored_offsets committed;
    std::map<std::int64_t, stored_offsets> staged;  // by producer id
    std::map<std::int64_t, std::int16_t> epochs;    // the highest that each producer came with
  };

  [[nodiscard]] const group_entry* find_group(std::string_view name) const;

  std::map<std::string, group_entry, std::less<>> groups_;
  std::uint64_t next_number_ = 1;
};

}  // namespace kafka::fake
