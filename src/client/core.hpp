// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "base/time.hpp"
#include "client/accumulator.hpp"
#include "client/admin_requests.hpp"
#include "client/fetch_machine.hpp"
#include "client/group_session.hpp"
#include "client/metadata.hpp"
#include "client/produce_machine.hpp"
#include "client/router.hpp"
#include "client/transaction.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// What the user's side reports; see also the drivers' events in wire.hpp.
namespace event {
struct admin_call_started {
  operation_id operation = 0;
  admin_call::any call;
  steady_time deadline = never;
};
/// A call, or a flush, whose result nobody wants any more.
struct operation_cancelled {
  operation_id operation = 0;
};
/// Somebody waits until `until` for the topic to become known; the answer is a change of the cluster_view.
struct topic_wanted {
  std::string topic;
  steady_time until = never;
};
/// Asks to be told when every record sent before is done with.
struct flush_requested {
  operation_id operation = 0;
  /// Told then that it timed out.
  steady_time deadline = never;
};
/// Gives records up.
struct purge_requested {
  kafka::purge what{};
};
struct transaction_asked {
  operation_id operation = 0;
  transaction_call::any call;
  steady_time deadline = never;
};
struct partitions_assigned {
  std::vector<fetch_machine::assigned> partitions;
};
struct position_sought {
  fetch_machine::assigned to;
};
/// A group member's own partitions came, or go; see fetch_machine.
struct partitions_added {
  std::vector<fetch_machine::assigned> partitions;
};
struct partitions_given_up {
  std::vector<topic_partition> partitions;
  /// The group waits to hear of it.
  bool asked_for = false;
};
struct topics_subscribed {
  std::set<std::string> topics;
  /// Set: all topics whose names match, instead.
  std::string pattern = {};
};
struct user_polled {};
struct commit_requested {
  operation_id operation = 0;
  group::offsets::positions what;
  steady_time deadline = never;
  /// What the user knew of the partitions when he read; of members of a group only.
  tenures heard = {};
};
/// Told like a commit, when those before it are over.
struct commits_awaited {
  operation_id operation = 0;
  steady_time deadline = never;
};
struct stored_offsets_wanted {
  operation_id operation = 0;
  std::set<topic_partition> partitions;
};
/// The consumer is to end: goes when what was asked to be stored is stored, and ends its fetch sessions. Told by
/// action::left_group, also without a group.
struct group_left {};
struct partitions_paused {
  std::vector<topic_partition> partitions;
  bool paused = true;
};
/// A batch could not be opened after it was fetched; the partition stands still until it is sought or assigned anew.
struct partition_stopped {
  topic_partition partition;
  std::uint64_t version = 0;
};
/// Everything still under way fails with `why`; connections are closed. Nothing but ticks may follow.
struct closed {
  error why;
};
}  // namespace event

using any_event =
    std::variant<event::tick, event::connection_ready, event::response_received, event::request_written,
                 event::request_failed, event::connection_closed, event::admin_call_started, event::operation_cancelled,
                 event::topic_wanted, event::flush_requested, event::purge_requested, event::transaction_asked,
                 event::partitions_assigned, event::partitions_added, event::partitions_given_up,
                 event::topics_subscribed, event::user_polled, event::commit_requested, event::commits_awaited,
                 event::stored_offsets_wanted, event::group_left, event::position_sought, event::partitions_paused,
                 event::partition_stopped, event::closed>;

namespace action {
/// What is known of topics changed; for the threads that send. The view is a copy of its own.
struct publish_view {
  std::shared_ptr<const cluster_view> view;
};
/// core::last_failure() changed; for the causes of those who wait. No error: all is well again.
struct report_trouble {
  error why;
};
struct complete_batch {
  completed_batch completed;
};
struct complete_call {
  completed_call completed;
};
struct complete_flush {
  operation_id operation = 0;
  error failure;
};
struct complete_transaction_call {
  completed_transaction_call completed;
};
struct observe_request {
  observed_request observed;
};
struct change_group {
  group_news news;
  std::int32_t generation = -1;
  std::string member_id;
  /// There is no news but these two.
  bool renamed = false;
};
struct complete_commit {
  group::offsets::committed completed;
};
struct complete_look_up {
  group_session::looked_up completed;
};
struct left_group {};
struct deliver_fetched {
  fetched result;
};
}  // namespace action

using any_action = std::variant<action::open_connection, action::close_connection, action::send_request,
                                action::write_log, action::publish_view, action::report_trouble, action::complete_batch,
                                action::complete_call, action::complete_flush, action::complete_transaction_call,
                                action::observe_request, action::change_group, action::complete_commit,
                                action::complete_look_up, action::left_group, action::deliver_fetched>;

/// Everything a client needs besides its machines' own settings.
struct core_config {
  connection_config connection;
  std::vector<node> bootstrap;
  bool allow_auto_create_topics = false;
  /// The time on the wall, in milliseconds since 1970; for what is asked by time. Never null with a consumer.
  std::function<timestamp_ms()> wall_clock = {};
  /// Decides every random choice (jitter, order of servers), so that a run can be repeated.
  std::uint64_t seed = 0;
};

/// The whole client as one pure machine: events in, actions out. It has two drivers, the Asio runtime and the
/// simulation, which decide nothing. Single-threaded; only the accumulator and the fetch budget are shared with others.
class core {
 public:
  explicit core(const core_config& config);

  /// Adds the machines of a producer, or of a consumer. At most once each, before the first event.
  void add_producer(const producer_config& config, accumulator& records, buffer_pool& pool);
  /// `assignors`: for a member of a group.
  void add_consumer(const consumer_config& config, std::shared_ptr<fetch_budget> budget,
                    std::vector<std::shared_ptr<assignor>> assignors = {});

  /// Takes one event and appends what is to be done about it, in order.
  void next(any_event event, steady_time now, std::vector<any_action>& out);
  /// When `next` wants a tick at the latest.
  [[nodiscard]] steady_time deadline() const;

  [[nodiscard]] const cluster_view& view() const noexcept { return metadata_.view(); }
  /// The last failure to reach a broker, or of a metadata request; none if all is well. For causes.
  [[nodiscard]] const error& last_failure() const noexcept;

 private:
  struct flush {
    operation_id operation = 0;
    std::uint64_t before = 0;
    steady_time deadline = never;
  };

  void take(event::tick&, steady_time) {}
  void take(event::connection_ready& event, steady_time) { router_.connection_ready(event); }
  void take(event::response_received& event, steady_time now) { router_.response_received(event, now); }
  void take(event::request_written& event, steady_time) { router_.request_written(event); }
  void take(event::request_failed& event, steady_time) { router_.request_failed(event); }
  void take(event::connection_closed& event, steady_time now) { router_.connection_closed(event, now); }
  void take(event::admin_call_started& event, steady_time now);
  void take(event::operation_cancelled& event, steady_time now);
  void take(event::topic_wanted& event, steady_time now);
  void take(event::flush_requested& event, steady_time now);
  void take(event::purge_requested& event, steady_time now);
  void take(event::transaction_asked& event, steady_time now);
  void take(event::partitions_assigned& event, steady_time now);
  void take(event::partitions_added& event, steady_time now);
  void take(event::partitions_given_up& event, steady_time now);
  void take(event::topics_subscribed& event, steady_time now);
  void take(event::user_polled& event, steady_time now);
  void take(event::commit_requested& event, steady_time now);
  void take(event::commits_awaited& event, steady_time now);
  void take(event::stored_offsets_wanted& event, steady_time now);
  void take(event::group_left& event, steady_time now);
  void take(event::position_sought& event, steady_time now);
  void take(event::partitions_paused& event, steady_time now);
  void take(event::partition_stopped& event, steady_time now);
  void take(event::closed& event, steady_time now);

  void step_machines(steady_time now);
  void step_transaction(std::vector<outgoing>& out, steady_time now);
  void deliver_replies(steady_time now);
  void collect(std::vector<any_action>& out, steady_time now);
  void collect_group(std::vector<any_action>& out);
  void learn(const std::vector<node>& brokers, bool whole_cluster);

  core_config config_;
  router router_;
  metadata metadata_;
  admin_requests admin_;
  std::optional<transaction> transaction_;
  std::optional<produce_machine> producer_;
  accumulator* records_ = nullptr;
  std::optional<fetch_machine> fetcher_;
  std::optional<group_session> group_;
  bool leaving_group_ = false;
  std::int32_t told_generation_ = -1;
  std::vector<flush> flushes_;
  request_id next_request_ = 1;
  std::uint64_t published_version_ = 1;
  error reported_trouble_;
  bool closed_ = false;
  std::vector<any_action> pending_;
};

}  // namespace kafka::client
