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
#include "group/membership.hpp"
#include "group/offsets.hpp"

namespace kafka::client {

/// By partition, which of the times it was given to this member: it may be lost, and come again, before anybody hears.
using tenures = std::map<topic_partition, std::uint64_t>;

/// What the group tells the consumer, in order.
struct group_news {
  group::membership_news::kind what{};
  /// Revoking and lost: these are going. Assigned: these came, with what the group had stored.
  std::vector<topic_partition> partitions;
  /// For assigned: by partition. An offset of -1: nothing is stored.
  std::map<topic_partition, group::stored_offset> stored;
  /// For assigned: those of which it will not be told what is stored, and why.
  std::map<topic_partition, error> failed;
  /// For assigned: those among them that came while the group was reading their topic, or after it had.
  std::set<topic_partition> added_later;
  /// Those among these whose topic was made again since this member was first given some of it.
  std::set<topic_partition> made_again;
  /// For assigned: what a commit of theirs is to say.
  tenures since;
  /// For assigned: why nothing stored will ever be told.
  error why;
};

/// A consumer's group: finds the coordinator and brings member, offsets and metadata together. Pure.
class group_session {
 public:
  group_session(const consumer_config& config, std::vector<std::shared_ptr<assignor>> assignors, std::uint64_t seed);

  void subscribe(std::set<std::string> topics, metadata& cluster, steady_time now);
  /// `pattern` is matched by the coordinator where that can be (KIP-848), otherwise here: a std::regex that the whole
  /// name of a topic must match.
  void subscribe_matching(const std::string& pattern, metadata& cluster, steady_time now);
  void polled(steady_time now);
  /// What was announced as revoking has been given up: nothing of it is stored any more.
  void revoked(const std::vector<topic_partition>& partitions, steady_time now);
  /// Everything has been given up.
  void leave(steady_time now);
  /// Left, and everything that was asked to be stored is stored or has failed.
  [[nodiscard]] bool is_over() const noexcept { return member_->is_gone() && offsets_.is_idle(); }
  /// Of what the group gives out, only what is this member's now is stored, and was all the time since it was told so:
  /// `heard` are the tenures that whoever asks knew of when he read. Others are refused with illegal_generation.
  void commit(operation_id operation, group::offsets::positions what, const tenures& heard, steady_time deadline);
  /// Told by take_committed when everything that was to be stored before is, or has failed.
  void await_commits(operation_id operation, steady_time deadline) { offsets_.await(operation, deadline); }
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
  [[nodiscard]] const group::membership& membership() const noexcept { return *member_; }

 private:
  enum class asked : std::uint8_t { coordinator, member, commit, fetch };
  struct pending_lookup {
    operation_id operation = 0;
    std::set<topic_partition> missing;
    group::offsets::positions found;
  };

  void use(group_protocol protocol, steady_time now);
  void resubscribe(metadata& cluster, steady_time now);
  void match_here(metadata& cluster, steady_time now);
  /// The broker has no groups that it assigns for itself, or not this one.
  [[nodiscard]] bool turns_classic(const reply& answer) const;
  void tell_topics(metadata& cluster, steady_time now);
  void take_member_news(const metadata& cluster);
  void take_assigned(const std::vector<topic_partition>& partitions, const metadata& cluster);
  void take_found(const metadata& cluster);
  /// Partitions are new or not by what was stored before they were assigned.
  [[nodiscard]] bool needs_history() const;
  [[nodiscard]] bool waits_for_history() const;
  /// Why what was read under this tenure (0: none) is not to be stored; no error if it is.
  [[nodiscard]] error refusal(const topic_partition& where, std::uint64_t heard) const;
  void find_coordinator(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  void ask_coordinator(request_id& next_id, steady_time now, std::vector<outgoing>& out);
  void ask(asked what, any_request request, lane on, std::int16_t version_max, steady_time deadline,
           request_id& next_id, std::vector<outgoing>& out);
  std::vector<node> on_coordinator(const reply& answer, steady_time now);
  bool on_member(reply& answer, steady_time now);
  void retry_coordinator(const error& why, steady_time now);

  consumer_config config_;
  group::member_settings settings_;
  std::uint64_t seed_;
  std::unique_ptr<group::membership> member_;
  group_protocol protocol_ = group_protocol::classic;
  bool protocol_chosen_ = false;
  bool member_is_new_ = false;  // it does not know yet what the user wants
  group::offsets offsets_;
  random_source random_;

  std::set<std::string> topics_;
  std::string pattern_;
  bool matches_here_ = false;
  bool cannot_match_ = false;  // the coordinator, it turned out
  bool ever_polled_ = false;
  steady_time polled_at_{};

  std::int32_t coordinator_ = -1;
  bool finding_ = false;
  unsigned failures_ = 0;
  steady_time find_at_{};
  error last_error_;
  std::int32_t commit_generation_ = -1;
  std::map<request_id, asked> in_flight_;
  std::uint64_t told_version_ = 0;
  std::set<std::string> told_wanted_;
  std::set<uuid> told_ids_;
  group::topic_ids ids_;
  bool topics_changed_ = false;
  /// Each topic when this member was first given some of it.
  struct beginning {
    uuid id;
    std::size_t partitions = 0;
  };
  std::map<std::string, beginning> beginnings_;
  /// Of which topics the group had stored anything before this member joined, or changed what it subscribes to: others
  /// may begin with a topic together with it, and what they store then makes no partition a new one.
  std::set<std::string> read_before_;
  bool history_asked_ = false;
  bool history_known_ = false;
  bool leaving_ = false;
  /// Assigned, but what is stored of them is not known yet.
  std::set<topic_partition> awaited_;
  /// Of what is assigned.
  tenures tenures_;
  std::uint64_t last_tenure_ = 0;
  /// Announced as revoking and not answered yet; and how many of these were overtaken by a loss.
  std::size_t open_revokes_ = 0;
  std::size_t overtaken_revokes_ = 0;
  std::vector<pending_lookup> lookups_;
  std::vector<looked_up> looked_up_;
  std::vector<group_news> news_;
};

}  // namespace kafka::client
