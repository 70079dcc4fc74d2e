// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <kafka/assignor.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/sync_group.hpp"

namespace kafka::group {

struct member_settings {
  std::string group_id;
  std::optional<std::string> instance_id = {};
  std::optional<std::string> rack = {};
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds heartbeat_interval{3000};
  /// How long the user may take between polls; also the group's time to rebalance.
  std::chrono::milliseconds max_poll_interval{300'000};
  std::chrono::milliseconds retry_backoff{100};
  std::chrono::milliseconds retry_backoff_max{1000};
  std::vector<std::shared_ptr<assignor>> assignors = {};
};

/// A request for the group's coordinator.
using member_request = std::variant<protocol::join_group_request, protocol::sync_group_request,
                                    protocol::heartbeat_request, protocol::leave_group_request>;
using member_response = std::variant<std::monostate, protocol::join_group_response, protocol::sync_group_response,
                                     protocol::heartbeat_response, protocol::leave_group_response>;

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

/// A member of a classic consumer group (KIP-62, KIP-345, KIP-394, KIP-429). Pure; one request at a time.
///
/// Joins when it is subscribed and polled, keeps its place with heartbeats, joins again when the group rebalances or
/// what it knows of the topics changes, and leaves when it is told to or the user does not poll any more.
class member {
 public:
  member(member_settings settings, std::uint64_t seed);

  /// Replaces what is subscribed to. None: gives everything up and leaves.
  void subscribe(std::set<std::string> topics, steady_time now);
  /// The user polls; not doing so for max_poll_interval loses everything.
  void polled(steady_time now);
  /// What was last announced as revoking has been given up.
  void revoked(steady_time now);
  /// Gives everything up and goes; is_gone() tells when.
  void leave(steady_time now);
  [[nodiscard]] bool is_gone() const noexcept { return state_ == state::gone; }

  /// Topics whose partitions must be known for what is due next.
  [[nodiscard]] std::set<std::string> wanted_topics() const;
  /// Whether set_topics is waited for.
  [[nodiscard]] bool needs_topics() const noexcept { return state_ == state::assigning; }
  /// What is known of topics now; those that are missing do not exist. `complete`: all wanted ones were looked up.
  void set_topics(std::map<std::string, assignor_topic> topics, bool complete, steady_time now);

  /// The request that is due, if any; only while a coordinator is known.
  [[nodiscard]] std::optional<member_request> next_request(steady_time now);
  /// Its answer, or why there is none. True: the coordinator is another now.
  bool on_reply(const member_response& answer, const error& failure, const std::string& broker, steady_time now);
  /// A commit was refused in a way that says that the member is no longer what it thinks.
  void on_commit_refused(broker_errc code, steady_time now);
  [[nodiscard]] steady_time deadline() const;

  [[nodiscard]] std::vector<membership_news> take_news() { return std::exchange(news_, {}); }
  [[nodiscard]] const std::set<topic_partition>& assigned() const noexcept { return owned_; }
  [[nodiscard]] std::int32_t generation() const noexcept { return generation_; }
  [[nodiscard]] const std::string& member_id() const noexcept { return member_id_; }
  [[nodiscard]] bool is_stable() const noexcept { return state_ == state::stable; }
  [[nodiscard]] const member_settings& settings() const noexcept { return settings_; }

 private:
  enum class state : std::uint8_t {
    idle,       ///< Not in the group, and not wanting to.
    revoking,   ///< The user gives partitions up; then `after_revoking_`.
    joining,    ///< JoinGroup is due or under way.
    assigning,  ///< Leader: waits until all topics are known.
    syncing,    ///< SyncGroup is due or under way.
    stable,     ///< Heartbeats.
    leaving,    ///< LeaveGroup is due or under way.
    gone,       ///< For good.
  };

  void begin_rejoin(steady_time now);
  void announce_revoking(std::vector<topic_partition> partitions, state then);
  void lose_all(const error& why);
  void forget_membership(bool keep_id);
  void fail(error why);
  void retry(steady_time now);
  void enter(state next, steady_time now);
  [[nodiscard]] bool is_member() const noexcept { return !member_id_.empty() && generation_ >= 0; }
  [[nodiscard]] bool topics_changed() const;

  [[nodiscard]] protocol::join_group_request make_join();
  [[nodiscard]] protocol::sync_group_request make_sync() const;
  void assign_as_leader(steady_time now);
  bool on_join(const protocol::join_group_response& answer, const std::string& broker, steady_time now);
  bool on_sync(const protocol::sync_group_response& answer, const std::string& broker, steady_time now);
  bool on_heartbeat(const protocol::heartbeat_response& answer, const std::string& broker, steady_time now);
  void adopt(std::set<topic_partition> target, steady_time now);
  /// What all answers have in common. True: handled.
  bool on_error(broker_errc code, error why, bool& coordinator_moved, steady_time now);

  member_settings settings_;
  rebalance_protocol how_;
  random_source random_;
  state state_ = state::idle;
  state after_revoking_ = state::joining;
  std::set<std::string> subscribed_;
  std::string member_id_;
  std::int32_t generation_ = -1;
  std::set<topic_partition> owned_;
  std::vector<topic_partition> to_revoke_;  // cooperative: what was announced as revoking
  std::vector<topic_partition> last_assigned_;
  std::int32_t last_generation_ = -1;

  bool leader_ = false;
  std::string protocol_name_;
  std::vector<subscribed_member> members_;  // as leader: who joined
  std::vector<protocol::sync_group_request::member_assignment> assignments_;
  std::map<std::string, assignor_topic> topics_;
  bool topics_complete_ = false;
  std::map<std::string, std::int32_t> counts_at_assignment_;  // as leader: what the assignment was made of

  bool in_flight_ = false;
  bool drop_answer_ = false;
  bool leave_asked_ = false;
  bool rejoin_wanted_ = false;
  bool ever_polled_ = false;
  bool leaving_for_good_ = false;
  steady_time polled_at_{};
  steady_time next_heartbeat_{};
  steady_time retry_at_{};
  steady_time seen_{};
  unsigned failures_ = 0;
  std::vector<membership_news> news_;
};

}  // namespace kafka::group
