// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/types.hpp>

namespace kafka::client {

/// One partition as metadata last told.
struct partition_view {
  /// Node id, -1 while there is none.
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;

  friend bool operator==(const partition_view&, const partition_view&) = default;
};

/// One topic as metadata last told. Partition ids are the positions in `partitions`.
struct topic_view {
  std::string name;
  uuid id;
  std::vector<partition_view> partitions;
  /// Why the topic cannot be used at all; `partitions` then holds what was known before.
  error failure;

  friend bool operator==(const topic_view&, const topic_view&) = default;
};

/// A version of what is known of the cluster's topics. Immutable once published to other threads.
struct cluster_view {
  std::map<std::string, topic_view, std::less<>> topics;
  std::int32_t controller = -1;
  /// Counts up with every change.
  std::uint64_t version = 1;

  [[nodiscard]] const topic_view* find(std::string_view topic) const {
    const auto found = topics.find(topic);
    return found == topics.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const topic_view* find(const uuid& id) const {
    for (const auto& [name, topic] : topics) {
      if (topic.id == id) return &topic;
    }
    return nullptr;
  }
  [[nodiscard]] const partition_view* find(std::string_view topic, std::int32_t partition) const {
    const topic_view* found = find(topic);
    if (!found || partition < 0 || static_cast<std::size_t>(partition) >= found->partitions.size()) return nullptr;
    return &found->partitions[static_cast<std::size_t>(partition)];
  }
};

}  // namespace kafka::client
