// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kafka/assignor.hpp>
#include <kafka/error.hpp>
#include <kafka/types.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "group/membership.hpp"

namespace kafka::group {

/// A member of a classic consumer group (KIP-62, KIP-345, KIP-394, KIP-429). Joins again when the group rebalances or
/// what it knows of the topics changes.
class member final : public membership {
 public:
  member(member_settings settings, std::uint64_t seed);

  void subscribe(std::set<std::string> topics, steady_time now) override;
  [[nodiscard]] bool subscribe_matching(const std::string&, steady_time) override { return false; }
  void polled(steady_time now) override;
  void revoked(steady_time now) override;
  void leave(steady_time now) override;
  [[nodiscard]] bool is_gone() const noexcept override { return state_ == state::gone; }
  void expire(steady_time now) override;
  [[nodiscard]] steady_time expiry() const override;

  [[nodiscard]] std::set<std::string> wanted_topics() const override;
  [[nodiscard]] bool needs_topics() const noexcept override {
    return state_ == state::assigning || (leader_ && watch_begins_);
  }
  [[nodiscard]] bool wants_racks() const noexcept override { return leader_; }
  void set_topics(std::map<std::string, assignor_topic> topics, bool complete, steady_time now) override;

  [[nodiscard]] const std::set<uuid>& wanted_ids() const noexcept override { return no_ids_; }
  void set_names(const std::map<uuid, std::string>&) override {}

  [[nodiscard]] std::optional<member_request> next_request(steady_time now) override;
  bool on_reply(const member_response& answer, const error& failure, const std::string& broker,
                steady_time now) override;
  void on_commit_refused(broker_errc code, steady_time now) override;
  [[nodiscard]] steady_time deadline() const override;
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept override {
    return std::max(settings_.session_timeout / 3, patience_min);
  }

  [[nodiscard]] std::vector<membership_news> take_news() override { return std::exchange(news_, {}); }
  [[nodiscard]] const std::set<topic_partition>& assigned() const noexcept override { return owned_; }
  [[nodiscard]] std::int32_t generation() const noexcept override { return generation_; }
  [[nodiscard]] const std::string& member_id() const noexcept override { return member_id_; }
  [[nodiscard]] bool is_stable() const noexcept override { return state_ == state::stable; }
  [[nodiscard]] const member_settings& settings() const noexcept override { return settings_; }

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

  const std::set<uuid> no_ids_;  // a classic group knows topics by name
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
  std::map<std::string, assignor_topic> topics_at_assignment_;  // as leader: what the assignment was made of
  /// As leader of an assignment that another made: what is told next of the topics counts as what it was made of.
  bool watch_begins_ = false;

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
