// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/types.hpp>

namespace kafka {

/// How a group goes from one assignment to the next (KIP-429).
enum class rebalance_protocol : std::uint8_t {
  /// Every member gives up all its partitions before it joins; any assignment may follow.
  eager,
  /// Members keep what they have while they join. A partition that goes to another member must not be in the first
  /// assignment at all: its owner notices, gives it up, and the group assigns once more.
  cooperative,
};

/// A member of a consumer group as the group's leader sees it: what it said of itself when it joined. None of it can be
/// relied on; it comes from other programs.
struct subscribed_member {
  /// Unique in the group.
  std::string member_id{};
  /// The name of a static member (KIP-345), `group.instance.id`.
  std::optional<std::string> instance_id{};
  /// Where the member is (KIP-881), `client.rack`.
  std::optional<std::string> rack{};
  /// What it subscribes to, patterns resolved by itself. Some may not exist.
  std::vector<std::string> topics{};
  /// What it owns, if the group's protocol lets it keep that while it joins.
  std::vector<topic_partition> owned{};
  /// The generation that `owned` comes from; negative if it says none.
  std::int32_t generation = -1;
  /// What the assignor of the same name there gave it (assignor::user_data); null if nothing.
  std::optional<std::string> user_data{};

  friend bool operator==(const subscribed_member&, const subscribed_member&) = default;
};

/// A topic that can be assigned.
struct assignor_topic {
  /// How many partitions there are: 0 to this, exclusive. None are assigned if this is not positive.
  std::int32_t partitions = 0;
  /// For each partition the racks of its replicas, where they are known. May be shorter than `partitions`, and empty if
  /// no broker names its rack.
  std::vector<std::vector<std::string>> racks{};

  friend bool operator==(const assignor_topic&, const assignor_topic&) = default;
};

/// What one member gets.
struct member_assignment {
  std::vector<topic_partition> partitions{};
  /// Bytes for the assignor of the same name there (assignor::on_assignment); null if it needs none.
  std::optional<std::string> user_data{};

  friend bool operator==(const member_assignment&, const member_assignment&) = default;
};

/// By member id. Every member that was given to assign() is in it, if only with nothing.
using group_assignment = std::map<std::string, member_assignment>;

/// What a member knows of itself when it is about to join.
struct joining_member {
  std::vector<std::string> topics{};
  /// What the last assignment gave it, even if it has given that up since.
  std::vector<topic_partition> assigned{};
  /// The generation of that assignment; negative if there was none yet.
  std::int32_t generation = -1;
};

/// Divides partitions among the members of a consumer group (Java's ConsumerPartitionAssignor). All members name their
/// assignors when they join; the group's coordinator takes one that every member has, and the client that the
/// coordinator made the leader asks it. Derive from this for an assignor of your own; make_assignor() gives the four
/// that come with the library.
///
/// Threads and errors: a consumer calls its assignors from one thread at a time. None of these functions may block or
/// throw, and none may call the consumer. An assignor may serve several consumers only if it can bear their threads;
/// those of make_assignor() can, they remember nothing.
class assignor {
 public:
  virtual ~assignor() = default;

  /// The name on the wire. Members agree on an assignor by its name alone, so that different programs must not give
  /// different assignors the same.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Whether a group may rebalance in this way with what assign() gives. A consumer rebalances cooperatively if all its
  /// assignors support that.
  [[nodiscard]] virtual bool supports(rebalance_protocol protocol) const noexcept {
    return protocol == rebalance_protocol::eager;
  }

  /// Bytes to send along with the subscription; the leader's assign() finds them in subscribed_member::user_data.
  /// Called each time the member joins.
  [[nodiscard]] virtual std::optional<std::string> user_data(const joining_member& member) const {
    (void)member;
    return std::nullopt;
  }

  /// Divides the partitions of `topics`, by name, among `members`; called in the leader only. `topics` holds every
  /// topic that exists and that some member subscribes to.
  ///
  /// No partition may be given to two members, or to one that does not subscribe to its topic: a consumer that finds
  /// such a thing in the result fails the rebalance. Partitions that nobody gets are read by nobody.
  [[nodiscard]] virtual group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                                const std::vector<subscribed_member>& members) = 0;

  /// The member, leader or not, was given this in `generation`. With the cooperative protocol these are all partitions
  /// it has now, not only new ones.
  virtual void on_assignment(const member_assignment& assignment, std::int32_t generation) {
    (void)assignment;
    (void)generation;
  }
};

/// An assignor of the library, by its name on the wire or the name of Java's class. Each gives what Java's gives.
/// - `range` (RangeAssignor): topic by topic, each member a run of partitions, so that partitions of equal numbers of
///   topics with equally many come together. Prefers partitions with a replica in the member's rack, where that costs
///   neither.
/// - `roundrobin` (RoundRobinAssignor): all partitions of all topics, one to each member in turn.
/// - `sticky` (StickyAssignor): evenly, moving as few partitions as possible from where they were. Eager.
/// - `cooperative-sticky` (CooperativeStickyAssignor): the same, cooperatively.
/// Null if there is none of that name.
[[nodiscard]] std::shared_ptr<assignor> make_assignor(std::string_view name);

}  // namespace kafka
