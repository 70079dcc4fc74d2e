// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.hpp"
#include "group/membership.hpp"

namespace kafka::group {

/// A member of a group whose coordinator assigns (KIP-848). It says in heartbeats what it subscribes to and what it
/// owns; the answers say what it should own. What is not in there is given up first, and said to be; then it takes what
/// is new. It knows itself by an id of its own making (KIP-1082).
class consumer_member final : public membership {
 public:
  consumer_member(member_settings settings, std::uint64_t seed);

  void subscribe(std::set<std::string> topics, steady_time now) override;
  [[nodiscard]] bool subscribe_matching(const std::string& pattern, steady_time now) override;
  void polled(steady_time now) override;
  void revoked(steady_time now) override;
  void leave(steady_time now) override;
  [[nodiscard]] bool is_gone() const noexcept override { return state_ == state::gone; }
  void expire(steady_time now) override;
  [[nodiscard]] steady_time expiry() const override;

  [[nodiscard]] std::set<std::string> wanted_topics() const override { return topics_; }
  void set_topics(std::map<std::string, assignor_topic>, bool, steady_time) override {}
  [[nodiscard]] const std::set<uuid>& wanted_ids() const noexcept override { return unknown_; }
  void set_names(const std::map<uuid, std::string>& names) override;

  [[nodiscard]] std::optional<member_request> next_request(steady_time now) override;
  bool on_reply(const member_response& answer, const error& failure, const std::string& broker,
                steady_time now) override;
  void on_commit_refused(broker_errc code, steady_time now) override;
  [[nodiscard]] steady_time deadline() const override;
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept override {
    return std::max(2 * interval_, patience_min);
  }

  [[nodiscard]] std::vector<membership_news> take_news() override { return std::exchange(news_, {}); }
  [[nodiscard]] const std::set<topic_partition>& assigned() const noexcept override { return assigned_; }
  [[nodiscard]] std::int32_t generation() const noexcept override { return epoch_; }
  [[nodiscard]] const std::string& member_id() const noexcept override { return epoch_ < 0 ? nobody_ : member_id_; }
  [[nodiscard]] bool is_stable() const noexcept override {
    return state_ == state::stable || state_ == state::revoking;
  }
  [[nodiscard]] bool names_itself_to_fetch() const noexcept override { return true; }
  [[nodiscard]] const member_settings& settings() const noexcept override { return settings_; }

 private:
  using id_partition = std::pair<uuid, std::int32_t>;

  enum class state : std::uint8_t {
    idle,      ///< Not in the group, and not wanting to.
    joining,   ///< A heartbeat with epoch 0 is due or under way.
    stable,    ///< Heartbeats; what is assigned is taken as it comes.
    revoking,  ///< The same, while the user gives partitions up; then `after_revoking_`.
    leaving,   ///< A heartbeat with a negative epoch is due or under way; then `after_leaving_`.
    gone,      ///< For good.
  };

  [[nodiscard]] bool is_subscribed() const noexcept { return !topics_.empty() || !pattern_.empty(); }
  void subscription_changed(steady_time now);
  void enter(state next, steady_time now);
  void retry(steady_time now);
  void rejoin(const error& why, steady_time now);
  void leave_first(steady_time now);
  void lose_all(const error& why);
  void fail(error why);
  void announce_revoking(std::set<id_partition> partitions, state then);
  void set_target(std::set<id_partition> target);
  /// Takes steps towards the target.
  void reconcile();

  [[nodiscard]] protocol::consumer_group_heartbeat_request make_heartbeat();
  [[nodiscard]] protocol::consumer_group_heartbeat_request make_leave() const;
  void on_accepted(const protocol::consumer_group_heartbeat_response& answer, steady_time now);
  bool on_refused(broker_errc code, error why, steady_time now);
  void on_left(const protocol::consumer_group_heartbeat_response* answer, const error& failure, steady_time now);

  member_settings settings_;
  random_source random_;
  state state_ = state::idle;
  state after_revoking_ = state::stable;
  state after_leaving_ = state::idle;
  std::set<std::string> topics_;
  std::string pattern_;
  std::string member_id_;
  std::string nobody_;
  std::int32_t epoch_ = -1;

  std::set<id_partition> target_;
  std::set<id_partition> owned_;
  std::set<topic_partition> assigned_;  // owned_, by name
  std::set<id_partition> to_revoke_;
  std::map<uuid, std::string> names_;
  std::set<uuid> unknown_;  // of the target, those without a name

  bool in_flight_ = false;
  bool drop_answer_ = false;
  bool ever_polled_ = false;
  bool known_to_coordinator_ = false;  // a join was sent, whatever became of it
  bool tell_all_ = false;              // the last heartbeat may not have arrived
  bool tell_subscription_ = false;
  bool tell_owned_ = false;  // the group waits to hear it
  bool told_pattern_ = false;
  bool tell_user_ = false;     // the first assignment is news even if it is empty
  bool maybe_joined_ = false;  // the coordinator may have us as a member without our knowing
  error refused_join_;
  steady_time polled_at_{};
  std::chrono::milliseconds interval_{5000};
  steady_time next_heartbeat_{};
  steady_time retry_at_{};
  unsigned failures_ = 0;
  std::vector<membership_news> news_;
};

}  // namespace kafka::group
