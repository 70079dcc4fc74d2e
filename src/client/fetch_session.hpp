// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <kafka/types.hpp>

#include "client/wire.hpp"

namespace kafka::client {

/// Newer versions of Fetch know topics by id alone.
inline constexpr std::int16_t last_fetch_version_with_names = 12;

/// What is to be read of one partition. Borrows its name.
struct fetch_wish {
  const topic_partition* where = nullptr;
  /// All zero where the cluster gives topics no ids.
  uuid topic_id;
  protocol::fetch_request::partition_data ask;
};

/// What a leader last told of a partition; -1: nothing yet.
struct fetch_marks {
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
};

/// A consumer's fetch session at one broker (KIP-227). The broker remembers what is read; requests name only what is
/// new, changed or to be forgotten, and answers only partitions with news. Belongs to the node, not to a connection: it
/// outlives those that end between two requests. Brokers may refuse to keep one, and forget it at any time; then every
/// partition is named, as without sessions. Pure.
class fetch_session {
 public:
  /// Fills in the session, the partitions and what is to be forgotten. `wishes` is all that is to be read from this
  /// broker now, in the order in which it is to be served. take() or lost() must follow before the next.
  void compose(const std::vector<fetch_wish>& wishes, protocol::fetch_request& request);
  /// Whether the last request can speak of all its topics by id, as versions above 12 do.
  [[nodiscard]] bool uses_topic_ids() const noexcept { return uses_topic_ids_; }

  /// The answer to the last request. False: the broker does not know the session any more; nothing was read, and the
  /// next request names everything again.
  [[nodiscard]] bool take(const protocol::fetch_response& response);
  /// No answer came: what the broker made of the request is unknown, so that the next one begins anew.
  void lost() noexcept { next_epoch_ = first_epoch; }

  /// Fills in what ends the session at the broker. It is forgotten here, too.
  void end(protocol::fetch_request& request);

  /// The name of the topic in an answer; empty if it is none that was asked for.
  [[nodiscard]] std::string_view name_of(const protocol::fetch_response::topic_data& topic) const;
  /// What was last told of a partition in this session: it is not told again while it stays the same.
  [[nodiscard]] fetch_marks marks_of(const topic_partition& where) const;
  /// The broker keeps the session.
  [[nodiscard]] bool is_open() const noexcept { return id_ != 0 && next_epoch_ != first_epoch; }

 private:
  static constexpr std::int32_t first_epoch = 0;
  static constexpr std::int32_t final_epoch = -1;

  struct known_partition {
    uuid topic_id;
    protocol::fetch_request::partition_data asked;
    fetch_marks told;
    /// Of the request that last wished for it.
    std::uint64_t turn = 0;
  };

  void begin(const std::vector<fetch_wish>& wishes, protocol::fetch_request& request);
  void go_on(const std::vector<fetch_wish>& wishes, protocol::fetch_request& request);
  void remember_marks(const protocol::fetch_response& response);

  std::int32_t id_ = 0;
  std::int32_t next_epoch_ = first_epoch;
  bool uses_topic_ids_ = false;
  std::uint64_t turn_ = 0;
  std::unordered_map<topic_partition, known_partition> known_;
  std::map<uuid, std::string> names_;
};

}  // namespace kafka::client
