// SPDX-License-Identifier: Apache-2.0
#include "client/core.hpp"

#include <algorithm>
#include <utility>

#include "client/group_log.hpp"

namespace kafka::client {

core::core(const core_config& config)
    : config_(config),
      router_(config.connection, config.bootstrap, config.seed),
      metadata_(config.connection, config.allow_auto_create_topics, config.seed + 1),
      admin_(config.connection, config.seed + 2) {}

void core::add_producer(const producer_config& config, accumulator& records, buffer_pool& pool) {
  if (!config.transactional_id.empty()) transaction_.emplace(config, config_.seed + 5);
  producer_.emplace(config, records, pool, transaction_ ? &*transaction_ : nullptr, config_.seed + 3);
  if (transaction_) transaction_->use(producer_->identity());
  records_ = &records;
}

void core::add_consumer(const consumer_config& config, std::shared_ptr<fetch_budget> budget,
                        std::vector<std::shared_ptr<assignor>> assignors) {
  fetcher_.emplace(config, std::move(budget), config_.wall_clock, config_.seed + 4);
  if (!config.group_id.empty()) group_.emplace(config, std::move(assignors), config_.seed + 6);
}

void core::take(event::admin_call_started& event, steady_time) {
  admin_.start(event.operation, std::move(event.call), event.deadline);
  if (closed_) admin_.fail_all({client_errc::closed});
}

void core::take(event::operation_cancelled& event, steady_time) {
  admin_.cancel(event.operation);
  if (transaction_) transaction_->cancel(event.operation);
  std::erase_if(flushes_, [&](const flush& one) { return one.operation == event.operation; });
}

void core::take(event::topic_wanted& event, steady_time now) {
  metadata_.want(event.topic, event.until, now);
}

void core::take(event::flush_requested& event, steady_time) {
  if (!records_) return pending_.emplace_back(action::complete_flush{event.operation, {}}), void();
  const std::uint64_t before = records_->next_batch_id();
  producer_->flush_before(before);
  flushes_.push_back({event.operation, before, event.deadline});
}

void core::take(event::purge_requested& event, steady_time now) {
  if (!producer_) return;
  const auto asked = static_cast<unsigned>(event.what);
  producer_->purge((asked & static_cast<unsigned>(purge::queued)) != 0,
                   (asked & static_cast<unsigned>(purge::in_flight)) != 0, {client_errc::cancelled, "purged"}, now);
}

void core::take(event::transaction_asked& event, steady_time now) {
  if (!transaction_) {
    completed_transaction_call refused{event.operation,
                                       {client_errc::invalid_state, "transactional.id is not configured"}};
    pending_.emplace_back(action::complete_transaction_call{std::move(refused)});
    return;
  }
  if (auto* end = std::get_if<transaction_call::end>(&event.call)) {
    end->before = records_->next_batch_id();
    if (end->commit) producer_->flush_before(end->before);
  }
  transaction_->start(event.operation, std::move(event.call), event.deadline, now);
}

void core::take(event::partitions_assigned& event, steady_time now) {
  if (fetcher_) fetcher_->assign(event.partitions, metadata_, now);
}

void core::take(event::partitions_added& event, steady_time now) {
  if (fetcher_) fetcher_->add(event.partitions, metadata_, now);
}

void core::take(event::partitions_given_up& event, steady_time now) {
  if (fetcher_) fetcher_->remove(event.partitions);
  if (group_ && event.asked_for) group_->revoked(event.partitions, now);
}

void core::take(event::topics_subscribed& event, steady_time now) {
  if (!group_) return;
  if (fetcher_ && event.topics.empty() && event.pattern.empty()) fetcher_->let_go();
  if (event.pattern.empty()) return group_->subscribe(std::move(event.topics), metadata_, now);
  group_->subscribe_matching(event.pattern, metadata_, now);
}

void core::take(event::user_polled&, steady_time now) {
  if (group_) group_->polled(now);
}

void core::take(event::commit_requested& event, steady_time) {
  if (group_ && !closed_) return group_->commit(event.operation, std::move(event.what), event.heard, event.deadline);
  const error why =
      closed_ ? error(client_errc::closed) : error(client_errc::invalid_state, "group.id is not configured");
  pending_.emplace_back(action::complete_commit{{event.operation, std::move(event.what), why}});
}

void core::take(event::commits_awaited& event, steady_time) {
  if (group_ && !closed_) return group_->await_commits(event.operation, event.deadline);
  pending_.emplace_back(action::complete_commit{{event.operation, {}, {client_errc::closed}}});
}

void core::take(event::stored_offsets_wanted& event, steady_time) {
  if (group_ && !closed_) return group_->look_up(event.operation, std::move(event.partitions));
  const error why =
      closed_ ? error(client_errc::closed) : error(client_errc::invalid_state, "group.id is not configured");
  pending_.emplace_back(action::complete_look_up{{event.operation, {}, why}});
}

void core::take(event::group_left&, steady_time now) {
  leaving_group_ = true;
  if (fetcher_) fetcher_->end();
  if (!group_) return;
  group_->leave(now);
}

void core::take(event::position_sought& event, steady_time) {
  if (fetcher_) fetcher_->seek(event.to);
}

void core::take(event::partitions_paused& event, steady_time) {
  if (fetcher_) fetcher_->set_paused(event.partitions, event.paused);
}

void core::take(event::partition_stopped& event, steady_time) {
  if (fetcher_) fetcher_->stop(event.partition, event.version);
}

void core::take(event::closed& event, steady_time now) {
  closed_ = true;
  admin_.fail_all(event.why);
  if (transaction_) transaction_->fail_all(event.why);
  if (producer_) producer_->fail_all(event.why, now);
  if (fetcher_) fetcher_->assign({}, metadata_, now);
  if (group_) group_->fail_all(event.why);
}

void core::learn(const std::vector<node>& brokers, bool whole_cluster) {
  broker_directory::actions out;
  if (whole_cluster) {
    router_.directory().update(brokers, out);
  } else {
    router_.directory().learn(brokers, out);
  }
  for (auto& one : out) std::visit([&](auto& typed) { pending_.emplace_back(std::move(typed)); }, one);
}

void core::deliver_replies(steady_time now) {
  for (auto& [to, answer] : router_.take_replies()) {
    switch (to) {
      case owner::metadata:
        learn(metadata_.on_reply(answer, now), true);
        break;
      case owner::admin:
        learn(admin_.on_reply(answer, now), std::holds_alternative<protocol::metadata_response>(answer.response));
        break;
      case owner::producer:
        if (producer_) learn(producer_->on_reply(answer, metadata_, now), false);
        break;
      case owner::transaction:
        if (transaction_) learn(transaction_->on_reply(answer, now), false);
        break;
      case owner::group:
        if (group_) learn(group_->on_reply(answer, now), false);
        break;
      case owner::fetcher:
        if (fetcher_) learn(fetcher_->on_reply(answer, metadata_, now), false);
        break;
    }
  }
}

void core::step_transaction(std::vector<outgoing>& out, steady_time now) {
  if (transaction_->wants_purge()) producer_->purge(true, false, transaction_->purge_reason(), now);
  transaction_->step({records_->oldest_batch_id(), producer_->idle()}, next_request_, now, out);
}

void core::step_machines(steady_time now) {
  std::vector<outgoing> out;
  if (producer_) producer_->step(metadata_, next_request_, now, out);
  if (transaction_) step_transaction(out, now);
  if (fetcher_) fetcher_->step(metadata_, next_request_, now, out);
  if (group_ && !closed_) group_->step(metadata_, next_request_, now, out);
  admin_.step(next_request_, router_.directory().last_failure(), now, out);
  if (!closed_) {
    if (auto request = metadata_.next_request(next_request_, now)) {
      ++next_request_;
      out.push_back(std::move(*request));
    }
  }
  for (outgoing& request : out) router_.submit(std::move(request));
}

void core::collect_group(std::vector<any_action>& out) {
  if (group_) {
    const std::int32_t generation = group_->membership().generation();
    const std::string& member_id = group_->membership().member_id();
    std::vector<group_news> changes = group_->take_news();
    const std::string& group = group_->membership().settings().group_id;
    if (std::exchange(told_generation_, generation) != generation) {
      if (generation >= 0) out.emplace_back(line_of_join(group, member_id, generation));
      if (changes.empty()) out.emplace_back(action::change_group{{}, generation, member_id, true});
    }
    for (group_news& news : changes) {
      out.emplace_back(line_of(group, news));
      out.emplace_back(action::change_group{std::move(news), generation, member_id, false});
    }
    for (auto& done : group_->take_committed()) out.emplace_back(action::complete_commit{std::move(done)});
    for (auto& found : group_->take_looked_up()) out.emplace_back(action::complete_look_up{std::move(found)});
  }
  if (leaving_group_ && (!group_ || group_->is_over()) && (!fetcher_ || fetcher_->is_over())) {
    leaving_group_ = false;
    out.emplace_back(action::left_group{});
  }
}

void core::collect(std::vector<any_action>& out, steady_time now) {
  if (metadata_.view().version != published_version_) {
    published_version_ = metadata_.view().version;
    out.emplace_back(action::publish_view{std::make_shared<const cluster_view>(metadata_.view())});
  }
  if (const error& trouble = last_failure(); !(trouble == reported_trouble_)) {
    reported_trouble_ = trouble;
    out.emplace_back(action::report_trouble{trouble});
  }
  for (any_action& one : pending_) out.push_back(std::move(one));
  pending_.clear();
  if (producer_) {
    // Counted before anybody is told: who was told may look at the metrics.
    for (auto& seen : producer_->take_observed()) out.emplace_back(action::observe_request{seen});
    for (auto& done : producer_->take_completed()) out.emplace_back(action::complete_batch{std::move(done)});
  }
  if (transaction_) {
    for (auto& done : transaction_->take_completed()) {
      out.emplace_back(action::complete_transaction_call{std::move(done)});
    }
  }
  if (fetcher_) {
    for (auto& result : fetcher_->take_fetched()) out.emplace_back(action::deliver_fetched{std::move(result)});
    for (auto& line : fetcher_->take_log()) out.emplace_back(std::move(line));
  }
  collect_group(out);
  for (auto& done : admin_.take_completed()) out.emplace_back(action::complete_call{std::move(done)});
  std::erase_if(flushes_, [&](const flush& one) {
    const bool over = records_->oldest_batch_id() >= one.before;
    if (!over && now < one.deadline) return false;
    error late;
    if (!over) late = {client_errc::timed_out, "records are still unacknowledged"};
    out.emplace_back(action::complete_flush{one.operation, std::move(late)});
    return true;
  });
  for (auto& one : router_.take_actions()) std::visit([&](auto& typed) { out.emplace_back(std::move(typed)); }, one);
}

void core::next(any_event event, steady_time now, std::vector<any_action>& out) {
  std::visit([&](auto& typed) { take(typed, now); }, event);
  // A reply may let a machine ask at once, and a request may fail at once: until nothing moves any more. Failures carry
  // a back-off, so that this ends.
  do {
    deliver_replies(now);
    step_machines(now);
    router_.flush(now);
  } while (router_.has_replies());
  collect(out, now);
}

steady_time core::deadline() const {
  steady_time first = router_.deadline();
  if (!closed_) first = std::min(first, metadata_.deadline());
  first = std::min(first, admin_.deadline());
  if (producer_) first = std::min(first, producer_->deadline());
  if (transaction_) first = std::min(first, transaction_->deadline());
  if (fetcher_) first = std::min(first, fetcher_->deadline(metadata_));
  if (group_ && !closed_) first = std::min(first, group_->deadline());
  for (const flush& one : flushes_) first = std::min(first, one.deadline);
  return first;
}

const error& core::last_failure() const noexcept {
  const error& connection = router_.directory().last_failure();
  return connection ? connection : metadata_.last_failure();
}

}  // namespace kafka::client
