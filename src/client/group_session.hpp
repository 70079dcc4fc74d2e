// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "base/time.hpp"
#include "client/metadata.hpp"
#include "client/wire.hpp"
#include "group/member.hpp"
#include "group/offsets.hpp"

namespace kafka::client {

/// What the group tells the consumer, in order.
struct group_news {
  group::membership_news::kind what{};
  /// Revoking and lost: these are going. Assigned: these came, with what the group had stored.
  std::vector<topic_partition> partitions;
  /// For assigned: by partition. An offset of -1: nothing is stored.
  std::map<topic_partition, group::stored_offset> stored;
  /// For assigned: those among them that were added to their topic while the group was reading it.
  std::set<topic_partition> added_later;
  error why;
};

/// A consumer's group: finds the coordinator and brings member, offsets and metadata together. Pure.
class group_session {
 public:
  group_session(const consumer_config& config, std::vector<std::shared_ptr<assignor>> assignors, std::uint64_t seed);

  void subscribe(std::set<std::string> topics, metadata& cluster, steady_time now);
  void polled(steady_time now) { member_.polled(now); }
  /// What was announced as revoking has been given up: nothing of it is stored any more.
  void revoked(const std::vector<topic_partition>& partitions, steady_time now);
  void leave(steady_time now) { member_.leave(now); }
  /// Left, and everything that was asked to be stored is stored or has failed.
  [[nodiscard]] bool is_over() const noexcept { return member_.is_gone() && offsets_.is_idle(); }
  void commit(operation_id operation, const group::offsets::positions& what, steady_time deadline) {
    offsets_.commit(operation, what, deadline);
  }
  /// Asks what the group has stored; told by take_found.
  void look_up(operation_id operation, std::set<topic_partition> partitions);

  void step(metadata& cluster, request_id& next_id, steady_time now, std::vector<outgoing>& out);
  std::vector<node> on_reply(reply& answer, steady_time now);
  void fail_all(const error& why);
  [[nodiscard]] steady_time deadline() const;

  [[nodiscard]] std::vector<group_news> take_news() { return std::exchange(news_, {}); }
  [[nodiscard]] std::vector<group::offsets::committed> take_committed() { return offsets_.take_committed(); }
  struct looked_up {
    operation_id operation = 0;
    group::offsets::positions what;
    error failure;
  };
  [[nodiscard]] std::vector<looked_up> take_looked_up() { return std::exchange(looked_up_, {}); }
  [[nodiscard]] const group::member& membership() const noexcept { return member_; }

 private:
  enum class asked : std::uint8_t { coordinator, member, commit, fetch };
  struct pending_lookup {
    operation_id operation = 0;
    std::set<topic_partition> missing;
    group::offsets::positions found;
  };

  void tell_topics(metadata& cluster, steady_time now);
  void take_member_news(const metadata& cluster);
  void take_found();
  void ask(asked what, any_request request, lane on, std::int16_t version_max, steady_time deadline,
           request_id& next_id, std::vector<outgoing>& out);
  std::vector<node> on_coordinator(const reply& answer, steady_time now);
  void retry_coordinator(const error& why, steady_time now);

  consumer_config config_;
  group::member member_;
  group::offsets offsets_;
  random_source random_;
  std::int32_t coordinator_ = -1;
  bool finding_ = false;
  unsigned failures_ = 0;
  steady_time find_at_{};
  error last_error_;
  std::int32_t commit_generation_ = -1;
  std::map<request_id, asked> in_flight_;
  std::uint64_t told_version_ = 0;
  std::set<std::string> told_wanted_;
  /// Partitions of each topic when the group began to read it.
  std::map<std::string, std::size_t> first_counts_;
  /// Assigned, but what is stored of them is not known yet.
  std::optional<group_news> waiting_;
  std::vector<pending_lookup> lookups_;
  std::vector<looked_up> looked_up_;
  std::vector<group_news> news_;
};

}  // namespace kafka::client
