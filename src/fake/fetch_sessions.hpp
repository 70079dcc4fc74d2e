// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include <kafka/broker_errc.hpp>
#include <kafka/types.hpp>

#include "protocol/messages/fetch.hpp"

namespace kafka::fake {

/// A partition that a fetch reads, and what the client was last told of it.
struct fetched_partition {
  std::string topic;  ///< As the request has it: empty where it has an id.
  uuid topic_id;
  protocol::fetch_request::partition_data wanted;
  std::int64_t told_high_watermark = -1;
  std::int64_t told_log_start = -1;
  bool told_error = false;

  [[nodiscard]] bool same_as(const fetched_partition& other) const noexcept {
    return wanted.partition == other.wanted.partition && topic_id == other.topic_id && topic == other.topic;
  }
};

/// In the order in which they are served.
using fetched_partitions = std::list<fetched_partition>;

/// What the session part of a fetch request came to (KIP-227).
struct fetch_plan {
  broker_errc code = broker_errc::none;
  /// What the response says; 0: no session.
  std::int32_t session_id = 0;
  /// Only partitions with news are answered.
  bool incremental = false;
  /// The session's partitions, or the request's own, which live as long as the plan.
  fetched_partitions own;
  fetched_partitions* shared = nullptr;

  [[nodiscard]] fetched_partitions& partitions() noexcept { return shared ? *shared : own; }
};

/// The fetch sessions of one node.
class fetch_sessions {
 public:
  /// Opens, continues or ends a session as the request says. The plan is good until the next call.
  [[nodiscard]] fetch_plan begin(const protocol::fetch_request& request, std::int16_t version);
  /// Where the session has its partitions; null if it is gone.
  [[nodiscard]] fetched_partitions* find(std::int32_t session_id) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }
  void clear() noexcept { sessions_.clear(); }

 private:
  /// As Kafka's max.incremental.fetch.session.cache.slots; the oldest session makes room.
  static constexpr std::size_t sessions_max = 1000;

  struct session {
    fetched_partitions partitions;
    std::int32_t next_epoch = 1;
    bool uses_topic_ids = false;
  };

  [[nodiscard]] fetch_plan open(const protocol::fetch_request& request, std::int16_t version);
  [[nodiscard]] fetch_plan resume(const protocol::fetch_request& request, std::int16_t version);

  std::map<std::int32_t, session> sessions_;
  std::int32_t next_id_ = 1;
};

}  // namespace kafka::fake
