// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <kafka/assignor.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/time.hpp"
#include "protocol/messages/consumer_group_heartbeat.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/sync_group.hpp"

namespace kafka::group {

struct member_settings {
  std::string group_id;
  std::optional<std::string> instance_id = {};
  std::optional<std::string> rack = {};
  /// Of classic groups; in those of KIP-848 the broker decides, and says how often it wants heartbeats.
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds heartbeat_interval{3000};
  /// How long the user may take between polls; also the group's time to rebalance.
  std::chrono::milliseconds max_poll_interval{300'000};
  std::chrono::milliseconds retry_backoff{100};
  std::chrono::milliseconds retry_backoff_max{1000};
  /// Of classic groups.
  std::vector<std::shared_ptr<assignor>> assignors = {};
  /// In groups of KIP-848: the coordinator's assignor to ask for; none: its own choice.
  std::optional<std::string> remote_assignor = {};
};

/// See membership::patience: a broker that collects garbage, or that is asked over a long way, is not one that hangs.
constexpr std::chrono::milliseconds patience_min{2000};

/// A request for the group's coordinator.
using member_request =
    std::variant<protocol::join_group_request, protocol::sync_group_request, protocol::heartbeat_request,
                 protocol::leave_group_request, protocol::consumer_group_heartbeat_request>;
using member_response = std::variant<std::monostate, protocol::join_group_response, protocol::sync_group_response,
                                     protocol::heartbeat_response, protocol::leave_group_response,
                                     protocol::consumer_group_heartbeat_response>;

/// What happens to the member's partitions, in this order.
struct membership_news {
  enum class kind : std::uint8_t {
    revoking,  ///< To be given up: commit what is done, then say so with revoked(). The group waits.
    assigned,  ///< `partitions` came; the member has all of assigned() now.
    lost,      ///< No longer ours, maybe somebody else's already: nothing may be committed. `why` says the reason.
    failed,    ///< The end: the group does not want this member. `why` says the reason.
  };
  kind what{};
  std::vector<topic_partition> partitions;
  error why;
};

/// A member of a consumer group, whatever the group's protocol. Pure; one request at a time.
///
/// Joins when it is subscribed and polled, keeps its place with heartbeats, follows the group's rebalances, and leaves
/// when it is told to or the user does not poll any more.
class membership {
 public:
  membership() = default;
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;
  virtual ~membership() = default;

  /// Replaces what is subscribed to. None: gives everything up and leaves.
  virtual void subscribe(std::set<std::string> topics, steady_time now) = 0;
  /// Has the coordinator find the topics that match. False if this protocol, or this coordinator, cannot: the caller
  /// finds them and subscribes to their names.
  [[nodiscard]] virtual bool subscribe_matching(const std::string& pattern, steady_time now) = 0;
  /// The user polls; not doing so for max_poll_interval loses everything.
  virtual void polled(steady_time now) = 0;
  /// What was last announced as revoking has been given up.
  virtual void revoked(steady_time now) = 0;
  /// Gives everything up and goes; is_gone() tells when.
  virtual void leave(steady_time now) = 0;
  [[nodiscard]] virtual bool is_gone() const noexcept = 0;
  /// What time alone decides: whoever does not poll loses everything, also while no coordinator is known.
  virtual void expire(steady_time now) = 0;
  /// When expire has something to do.
  [[nodiscard]] virtual steady_time expiry() const = 0;

  /// Topics whose partitions must be known for what is due next.
  [[nodiscard]] virtual std::set<std::string> wanted_topics() const = 0;
  /// Whether set_topics is waited for.
  [[nodiscard]] virtual bool needs_topics() const noexcept { return false; }
  /// Whether topics are to come with the racks of their replicas. Does not begin without needs_topics.
  [[nodiscard]] virtual bool wants_racks() const noexcept { return false; }
  /// What is known of topics now; those that are missing do not exist. `complete`: all wanted ones were looked up.
  virtual void set_topics(std::map<std::string, assignor_topic> topics, bool complete, steady_time now) = 0;
  /// Topics that the group knows by id, and whose names are needed.
  [[nodiscard]] virtual const std::set<uuid>& wanted_ids() const noexcept = 0;
  virtual void set_names(const std::map<uuid, std::string>& names) = 0;

  /// The request that is due, if any; only while a coordinator is known.
  [[nodiscard]] virtual std::optional<member_request> next_request(steady_time now) = 0;
  /// Its answer, or why there is none. True: the coordinator is another now.
  virtual bool on_reply(const member_response& answer, const error& failure, const std::string& broker,
                        steady_time now) = 0;
  /// A commit was refused in a way that says that the member is no longer what it thinks.
  virtual void on_commit_refused(broker_errc code, steady_time now) = 0;
  [[nodiscard]] virtual steady_time deadline() const = 0;
  /// How long the coordinator may take for a heartbeat, or another to be found: one that hangs must not use up the time
  /// after which its successor counts the member out.
  [[nodiscard]] virtual std::chrono::milliseconds patience() const noexcept = 0;

  [[nodiscard]] virtual std::vector<membership_news> take_news() = 0;
  [[nodiscard]] virtual const std::set<topic_partition>& assigned() const noexcept = 0;
  /// The generation, or the member epoch; negative while it is in no group.
  [[nodiscard]] virtual std::int32_t generation() const noexcept = 0;
  /// Empty while it is in no group.
  [[nodiscard]] virtual const std::string& member_id() const noexcept = 0;
  /// Whether a commit in the name of the present generation can be expected to be accepted.
  [[nodiscard]] virtual bool is_stable() const noexcept = 0;
  /// Whether offsets are asked for in the name of the member (KIP-848).
  [[nodiscard]] virtual bool names_itself_to_fetch() const noexcept { return false; }
  [[nodiscard]] virtual const member_settings& settings() const noexcept = 0;
};

}  // namespace kafka::group
