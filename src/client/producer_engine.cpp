// SPDX-License-Identifier: Apache-2.0
#include "client/producer_engine.hpp"

#include <chrono>

#include <kafka/partitioner.hpp>

namespace kafka::client {

namespace {

std::atomic<std::uint64_t> next_identity{1};

timestamp_ms wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

producer_engine::producer_engine(producer_config config, std::shared_ptr<runtime> running)
    : config_(std::move(config)),
      identity_(next_identity.fetch_add(1, std::memory_order_relaxed)),
      runtime_(std::move(running)),
      pool_(config_.buffer_memory, config_.buffer_memory),
      records_(
          config_, pool_,
          {[this] { runtime_->wake(); }, [] { return std::chrono::steady_clock::now(); }, [this] { run_waiting(); }}),
      table_(std::make_shared<const route_table>()),
      may_append_(config_.transactional_id.empty()) {}

std::shared_ptr<producer_engine> producer_engine::make(producer_config config, std::shared_ptr<runtime> running) {
  const core_config settings = checked_core_config(config, config.allow_auto_create_topics);
  auto made = std::make_shared<producer_engine>(std::move(config), std::move(running));
  made->start(settings);
  return made;
}

void producer_engine::start(const core_config& settings) {
  auto machine = std::make_unique<core>(settings);
  machine->add_producer(config_, records_, pool_);
  runtime_->start(std::move(machine), sink_of(weak_from_this()));
}

void producer_engine::take(any_action& action) {
  if (auto* batch = std::get_if<action::complete_batch>(&action)) return complete(batch->completed);
  if (auto* view = std::get_if<action::publish_view>(&action)) return publish(*view->view);
  if (auto* trouble = std::get_if<action::report_trouble>(&action)) return note_trouble(trouble->why);
  if (auto* seen = std::get_if<action::observe_request>(&action)) return metrics_.count(seen->observed);
  if (auto* flushed = std::get_if<action::complete_flush>(&action)) {
    const auto done = flushes_.take(flushed->operation);
    if (done) done(flushed->failure ? std::move(flushed->failure) : take_noted_failure());
  }
  if (auto* ended = std::get_if<action::complete_transaction_call>(&action)) {
    const auto done = transactions_.take(ended->completed.operation);
    if (done) done(std::move(ended->completed.failure));
  }
}

void producer_engine::publish(const cluster_view& view) {
  auto table = std::make_shared<route_table>();
  table->version = view.version;
  for (const auto& [name, topic] : view.topics) {
    auto route = std::make_shared<topic_route>();
    route->failure = topic.failure;
    std::vector<std::int32_t> available;
    std::vector<std::int32_t> all;
    for (std::size_t index = 0; index < topic.partitions.size(); ++index) {
      all.push_back(static_cast<std::int32_t>(index));
      route->queues.push_back(&records_.queue_of(name, all.back()));
      if (topic.partitions[index].leader >= 0) available.push_back(all.back());
    }
    if (!all.empty()) {
      route->chooser = std::make_unique<partition_chooser>(
          config_, static_cast<std::int32_t>(all.size()), available.empty() ? all : available,
          [queues = route->queues](std::int32_t at) { return queues[static_cast<std::size_t>(at)]->backlog(); },
          random_seed());
    }
    table->topics.emplace(name, std::move(route));
  }
  {
    const std::lock_guard lock(mutex_);
    table_ = std::move(table);
    version_.store(view.version, std::memory_order_release);
  }
  changed_.notify_all();
  run_waiting();
}

void producer_engine::run_waiting() {
  if (!anyone_waiting_.exchange(false, std::memory_order_acq_rel)) return;
  std::vector<std::function<void()>> again;
  {
    const std::lock_guard lock(mutex_);
    again.swap(waiting_);
  }
  for (auto& one : again) one();
}

void producer_engine::on_change(std::function<void()> again) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(again));
  }
  anyone_waiting_.store(true, std::memory_order_release);
}

producer_engine::last_send& producer_engine::remembered() const {
  thread_local last_send last;
  if (last.identity != identity_ || last.table->version != version_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    last = {identity_, table_, {}, nullptr};
  }
  return last;
}

const producer_engine::topic_route* producer_engine::route_to(std::string_view topic) const {
  last_send& last = remembered();
  if (last.route && last.topic == topic) return last.route;
  const auto found = last.table->topics.find(topic);
  if (found == last.table->topics.end()) return nullptr;
  last.topic = found->first;
  last.route = found->second.get();
  return last.route;
}

error producer_engine::no_partition(const topic_route& route, const message& record, std::int32_t partition) const {
  const std::string topic = "topic " + std::string(record.topic);
  if (!record.partition && config_.partitioner == partitioning::manual && !config_.custom_partitioner) {
    return {client_errc::invalid_argument, "a record for " + topic + " names no partition, and partitioner is manual"};
  }
  return {client_errc::invalid_argument, topic + " has " + std::to_string(route.queues.size()) +
                                             " partitions, none with number " + std::to_string(partition)};
}

producer_engine::destination producer_engine::find_destination(std::span<const message> records, engine_status& status,
                                                               error& failure) const {
  const std::string_view topic = records.front().topic;
  const topic_route* route = route_to(topic);
  if (!route || route->queues.empty()) {
    status = engine_status::failed;
    if (records_.is_closed()) {
      failure = {client_errc::closed, "the producer was closed"};
    } else if (route && route->failure && !route->failure.retriable()) {
      failure = route->failure;
    } else {
      status = engine_status::needs_topic;
    }
    return {};
  }
  std::size_t same_topic = 1;
  while (same_topic < records.size() && records[same_topic].topic == topic) ++same_topic;
  const auto [partition, count] = route->chooser->choose(records.first(same_topic));
  if (partition >= 0 && static_cast<std::size_t>(partition) < route->queues.size()) {
    return {route->queues[static_cast<std::size_t>(partition)], count};
  }
  status = engine_status::failed;
  failure = no_partition(*route, records.front(), partition);
  return {};
}

error producer_engine::why_refused(const accumulator::append_result& refused, const message& record) const {
  if (refused.status == accumulator::append_status::closed) return {client_errc::closed, "the producer was closed"};
  std::size_t bytes = record.key.size() + record.value.size();
  for (const bytes_view piece : record.value_pieces) bytes += piece.size();
  std::string cause = "a record of " + std::to_string(bytes) + " bytes for topic " + std::string(record.topic);
  if (refused.wanted_bytes > 0) {
    cause += " takes a buffer of " + std::to_string(refused.wanted_bytes) + " bytes, and buffer.memory has " +
             std::to_string(config_.buffer_memory);
  } else {
    cause += " does not fit into batch.size (" + std::to_string(config_.batch_bytes_max) + " bytes)";
  }
  return {client_errc::record_too_large, std::move(cause)};
}

producer_engine::taken producer_engine::try_append(std::span<const message> records, delivery_callback* done,
                                                   bool urgent, error& failure) {
  taken out;
  if (!may_append_.load(std::memory_order_relaxed)) {
    failure = {client_errc::invalid_state, "a transactional producer sends between begin and commit or abort"};
    return {engine_status::failed, 0};
  }
  const timestamp_ms now = wall_clock_ms();
  while (out.count < records.size()) {
    // What goes the same way is appended under one lock.
    const std::span<const message> rest = records.subspan(out.count);
    const destination to = find_destination(rest, out.status, failure);
    if (!to.queue) return out;
    const auto run = records_.append(*to.queue, rest.first(to.count), now, done, urgent);
    out.count += run.count;
    if (run.status == accumulator::append_status::no_room)
      return {engine_status::needs_room, out.count, run.wanted_bytes};
    if (run.status != accumulator::append_status::appended) {
      failure = why_refused(run, records[out.count]);
      return {engine_status::failed, out.count};
    }
  }
  return out;
}

void producer_engine::stop_accepting() {
  records_.close();
  {
    const std::lock_guard lock(mutex_);
  }  // nobody is between looking and waiting now
  changed_.notify_all();
  run_waiting();  // they try once more, and meet the end
}

void producer_engine::want(std::string_view topic, steady_time until) {
  runtime_->post(event::topic_wanted{std::string(topic), until});
}

error producer_engine::topic_timed_out(std::string_view topic) const {
  const topic_route* route = route_to(topic);
  std::string cause = "topic " + std::string(topic) + " is not known after max.block.ms";
  if (route && route->failure) {
    cause += ": " + route->failure.message();
  } else {
    const std::lock_guard lock(mutex_);
    if (trouble_) cause += ": " + trouble_.message();
  }
  return {client_errc::timed_out, std::move(cause)};
}

bool producer_engine::wait_for_view(std::uint64_t seen, steady_time until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until,
                             [&] { return version_.load(std::memory_order_acquire) != seen || records_.is_closed(); });
}

bool producer_engine::append(std::span<const message> records, delivery_callback* done, bool urgent, error& failure) {
  steady_time until{};
  std::string_view wanted;
  while (true) {
    const std::uint64_t seen = version_.load(std::memory_order_acquire);
    const taken now = try_append(records, done, urgent, failure);
    records = records.subspan(now.count);
    if (now.status == engine_status::accepted) return true;
    if (now.status == engine_status::failed) return false;
    if (runtime_->inside()) {
      failure = {client_errc::would_deadlock, "a send from inside a callback would have to wait"};
      return false;
    }
    if (until == steady_time{} || now.count > 0) until = std::chrono::steady_clock::now() + config_.max_block;
    const std::string_view topic = records.front().topic;
    if (now.status == engine_status::needs_topic) {
      if (std::exchange(wanted, topic) != topic) want(topic, until);
      if (!wait_for_view(seen, until)) return failure = topic_timed_out(topic), false;
    } else if (!records_.wait_for_room(now.wanted_bytes, until) && !records_.is_closed()) {
      failure = {client_errc::buffer_full, "buffer.memory was used up for longer than max.block.ms"};
      return false;
    }
  }
}

void producer_engine::call_waiters(completed_batch& done) {
  producer_batch& batch = *done.batch;
  for (producer_batch::waiter& waiter : batch.waiters) {
    guarded(config_.log, "a delivery callback", [&] {
      if (done.failure) return waiter.done(delivery_result(done.failure));
      delivery out;
      out.partition = batch.partition.partition;
      out.offset = done.base_offset < 0 ? -1 : done.base_offset + waiter.index;
      out.timestamp = done.log_append_time >= 0 ? done.log_append_time : waiter.timestamp;
      waiter.done(delivery_result(out));
    });
  }
  batch.waiters.clear();
}

void producer_engine::complete(completed_batch& done) {
  metrics_.count(done);
  if (config_.observer) guarded(config_.log, "the observer", [&] { config_.observer(observation_of(done)); });
  call_waiters(done);
  if (done.batch->has_detached) {
    if (config_.on_delivery) {
      guarded(config_.log, "on_delivery", [&] { config_.on_delivery(delivery_batch(done)); });
    } else if (done.failure) {
      note_failure(done.failure);
    }
  }
  run_waiting();
}

void producer_engine::note_trouble(const error& why) {
  const std::lock_guard lock(mutex_);
  trouble_ = why;
}

void producer_engine::note_failure(const error& failure) {
  const std::lock_guard lock(mutex_);
  if (!noted_failure_) noted_failure_ = failure;
}

error producer_engine::take_noted_failure() {
  const std::lock_guard lock(mutex_);
  return std::exchange(noted_failure_, {});
}

operation_id producer_engine::flush(steady_time deadline, std::function<void(error)> done) {
  const operation_id id = flushes_.add(std::move(done));
  runtime_->post(event::flush_requested{id, deadline});
  return id;
}

void producer_engine::transact(transaction_call::any call, steady_time deadline, std::function<void(error)> done) {
  // Whatever is sent from here on cannot belong to the transaction that ends.
  const bool begins = std::holds_alternative<transaction_call::begin>(call);
  const bool ends = std::holds_alternative<transaction_call::end>(call);
  if (ends) may_append_.store(false, std::memory_order_relaxed);
  const operation_id id = transactions_.add([this, begins, ends, done = std::move(done)](error failure) {
    if (begins && !failure) may_append_.store(true, std::memory_order_relaxed);
    // What became of its records is decided: the next transaction's flush has nothing to tell of them.
    if (ends && !failure) (void)take_noted_failure();
    done(std::move(failure));
  });
  runtime_->post(event::transaction_asked{id, std::move(call), deadline});
}

producer_metrics producer_engine::metrics() const {
  producer_metrics out = metrics_.snapshot();
  out.buffer_bytes_used = records_.buffered_bytes();
  out.buffer_bytes_max = config_.buffer_memory;
  return out;
}

void producer_engine::cancel_flush(operation_id id) {
  (void)flushes_.take(id);
  runtime_->post(event::operation_cancelled{id});
}

}  // namespace kafka::client
