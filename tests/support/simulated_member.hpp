// SPDX-License-Identifier: Apache-2.0
// A member of a group in virtual time: the core of a client, and what the engine and an application do with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/core.hpp"
#include "support/simulated_client.hpp"

namespace kafka::test {

/// Its user polls when it is told to, is done with records when it polls again, and stores its positions then.
class simulated_member {
 public:
  /// `client_config`'s assignors are made by their names.
  simulated_member(simulated_network& network, consumer_config config, std::uint64_t seed, std::string name);

  /// Joins with the first poll.
  void subscribe(std::set<std::string> topics);
  void subscribe_matching(std::string pattern);
  /// Done with what was handed out before; obeys the group; takes what is there.
  void poll();
  /// Done with the first so many records of what was handed out; stores that, whatever happened since the last poll.
  void commit_some(std::size_t count);
  /// What the IO thread does without the user: to be called after each step of the network.
  void service();
  /// Stores what is done, and goes; has_left() tells when.
  void close();
  [[nodiscard]] bool has_left() const noexcept { return left_; }
  [[nodiscard]] bool is_closing() const noexcept { return closing_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& member_id() const noexcept { return member_id_; }
  [[nodiscard]] std::int32_t generation() const noexcept { return generation_; }
  /// The generation, or the epoch, in which it owns what it owns.
  [[nodiscard]] std::int32_t assigned_in() const noexcept { return assigned_in_; }
  /// What the client holds to be its own: from when the group gave it until it was lost or said to be given up.
  [[nodiscard]] const std::set<topic_partition>& owned() const noexcept { return owned_; }
  /// What the user knows to be its own.
  [[nodiscard]] std::set<topic_partition> reading() const;
  /// The offsets that the user is done with since this was last called.
  [[nodiscard]] std::vector<std::pair<topic_partition, std::int64_t>> take_processed() {
    return std::exchange(processed_, {});
  }
  /// The highest position that the user asked to be stored.
  [[nodiscard]] const std::map<topic_partition, std::int64_t>& asked_to_store() const noexcept { return asked_; }
  [[nodiscard]] bool has_records() const noexcept { return !handed_out_.empty(); }
  /// Partitions were lost, and its user has not heard of it.
  [[nodiscard]] bool knows_of_loss() const noexcept {
    return std::any_of(news_.begin(), news_.end(),
                       [](const auto& one) { return one.what == group::membership_news::kind::lost; });
  }
  /// Why the group does not want it; none if it does.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }
  [[nodiscard]] const std::vector<error>& losses() const noexcept { return losses_; }
  /// Nothing waits to be handed out or to be told.
  [[nodiscard]] bool is_idle() const noexcept { return sets_.empty() && news_.empty() && giving_up_.empty(); }
  [[nodiscard]] simulated_client& process() noexcept { return client_; }

 private:
  struct slot {
    std::uint64_t version = 0;
    std::int64_t position = -1;
    std::int64_t done = -1;
    std::int64_t stored = -1;
  };

  void obey(client::group_news& news);
  void on_assigned(client::group_news& news);
  void on_going(const client::group_news& news);
  void hand_out();
  [[nodiscard]] group::offsets::positions finished(const std::vector<topic_partition>& partitions) const;
  client::operation_id commit(group::offsets::positions what, std::chrono::milliseconds timeout);
  void give_up(const std::vector<topic_partition>& partitions);

  consumer_config config_;
  std::string name_;
  client::core core_;
  simulated_client client_;

  std::vector<client::group_news> news_;
  std::vector<client::fetched> sets_;
  std::map<topic_partition, slot> slots_;
  client::tenures heard_;
  std::set<topic_partition> owned_;
  std::map<client::operation_id, std::vector<topic_partition>> giving_up_;  // once the commit is answered
  std::size_t overtaken_ = 0;
  client::operation_id leaves_after_ = 0;
  std::vector<std::pair<topic_partition, std::int64_t>> handed_out_;
  std::vector<std::pair<topic_partition, std::int64_t>> processed_;
  std::map<topic_partition, std::int64_t> asked_;
  std::vector<error> losses_;
  error failure_;
  std::string member_id_;
  std::int32_t generation_ = -1;
  std::int32_t assigned_in_ = -1;
  std::uint64_t next_version_ = 1;
  client::operation_id next_operation_ = 1;
  steady_time store_at_{};
  bool closing_ = false;
  bool left_ = false;
};

}  // namespace kafka::test
