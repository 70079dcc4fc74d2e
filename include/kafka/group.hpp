// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/types.hpp>

namespace kafka {

/// The position of a group in one partition.
struct group_offset {
  topic_partition partition{};
  /// Of the next record to read.
  std::int64_t offset = -1;
  /// Of the last record read; -1: not known (KIP-320).
  std::int32_t leader_epoch = -1;
  std::string metadata{};
};

/// Who commits, so that a member that lost its partitions is refused (KIP-447). Without a member id only the producer's
/// epoch protects.
struct group_metadata {
  std::string group_id{};
  std::int32_t generation_id = -1;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
};

}  // namespace kafka
