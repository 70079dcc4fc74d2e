// SPDX-License-Identifier: Apache-2.0
// What kafka::admin asks and tells about groups and their offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/group.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// What protocol the members of a group speak. `unknown`: a kind that this library does not know.
enum class group_type : std::uint8_t { unknown, classic, consumer, share, streams };

/// Kafka's own words, in lower case: `classic`, `consumer`, `share`, `streams`; `unknown`.
[[nodiscard]] std::string_view to_string(group_type type) noexcept;
/// The inverse, in upper or lower case; nothing for any other word.
[[nodiscard]] std::optional<group_type> parse_group_type(std::string_view text) noexcept;

/// Where a group is in its life. `unknown`: the broker does not say (before 2.6, in lists), or says something that this
/// library does not know.
enum class group_state : std::uint8_t {
  unknown,
  /// No members; offsets may be stored.
  empty,
  /// Members are asked to join (classic).
  preparing_rebalance,
  /// The group's leader is assigning (classic).
  completing_rebalance,
  /// The group's coordinator is assigning (KIP-848).
  assigning,
  /// Members are giving up and taking over partitions (KIP-848).
  reconciling,
  stable,
  /// Not there, or about to go.
  dead,
  /// Waits for its topics (streams).
  not_ready,
};

/// Kafka's own words: `Empty`, `PreparingRebalance`, `Stable`, ...; `Unknown`.
[[nodiscard]] std::string_view to_string(group_state state) noexcept;
/// The inverse, in upper or lower case; nothing for any other word.
[[nodiscard]] std::optional<group_state> parse_group_state(std::string_view text) noexcept;

/// Which groups to list; an empty filter lets all pass.
struct group_filter {
  std::vector<group_state> states = {};
  std::vector<group_type> types = {};
};

struct group_listing {
  std::string group_id{};
  group_type type = group_type::unknown;
  group_state state = group_state::unknown;
  /// `consumer`, `connect`, ...; empty for groups that had no member yet.
  std::string protocol_type{};
  /// Node id of the broker that coordinates it.
  std::int32_t coordinator = -1;

  friend bool operator==(const group_listing&, const group_listing&) = default;
};

/// A broker that was asked in vain.
struct broker_failure {
  node broker{};
  error failure{};
};

struct group_list {
  /// By group id.
  std::vector<group_listing> groups{};
  /// The brokers whose groups are missing in the list.
  std::vector<broker_failure> failures{};
};

struct described_member {
  std::string member_id{};
  /// Of a static member (KIP-345).
  std::optional<std::string> instance_id{};
  std::optional<std::string> rack{};
  std::string client_id{};
  std::string host{};
  /// What the member has, in order. Of a classic group only while it is stable.
  std::vector<topic_partition> assignment{};
  /// What it is to have in the end (KIP-848); nothing in classic groups.
  std::optional<std::vector<topic_partition>> target{};
  /// KIP-848: which of the group's epochs the member has reached; -1 in classic groups.
  std::int32_t epoch = -1;
  /// A member of a KIP-848 group that speaks the classic protocol.
  bool is_classic = false;
  /// Why the assignment is not known: its bytes, which members of classic groups make, cannot be read.
  error failure{};
};

struct group_description {
  std::string group_id{};
  group_type type = group_type::unknown;
  group_state state = group_state::unknown;
  std::string protocol_type{};
  /// The assignor; empty while a classic group has none.
  std::string assignor{};
  /// KIP-848: of the group, and of the assignment that its members are going to; -1 in classic groups.
  std::int32_t epoch = -1;
  std::int32_t assignment_epoch = -1;
  node coordinator{};
  std::vector<described_member> members{};
  /// group_id_not_found, group_authorization_failed, ...; the other members are then empty.
  error failure{};
};

/// The outcome for one of several groups.
struct group_result {
  std::string group_id{};
  error failure{};
};

/// The outcome for one of several static members.
struct member_result {
  std::string instance_id{};
  error failure{};
};

/// The outcome for one of several partitions.
struct partition_result {
  topic_partition partition{};
  error failure{};
};

/// Whose offsets to look up.
struct group_query {
  std::string group_id{};
  /// Nothing: all that the group stored something for.
  std::optional<std::vector<topic_partition>> partitions{};
};

/// What a group stored for a partition (an offset of -1: nothing), or was told to store.
struct group_offset_result {
  group_offset stored{};
  error failure{};
};

struct group_offsets {
  std::string group_id{};
  /// In the order of the query; for a query of all in that of topics and partitions.
  std::vector<group_offset_result> offsets{};
  /// Why the group could not be asked at all.
  error failure{};
};

}  // namespace kafka
