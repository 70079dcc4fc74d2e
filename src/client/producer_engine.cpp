// SPDX-License-Identifier: Apache-2.0
#include "client/producer_engine.hpp"

#include <chrono>

#include <kafka/partitioner.hpp>

namespace kafka::client {

namespace {

/// Keyless records stay with one partition for so many bytes, so that batches fill (KIP-480, KIP-794).
constexpr std::size_t sticky_bytes_max = 64U << 10U;

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
      pool_(config_.buffer_memory),
      records_(config_, pool_, [this] { runtime_->wake(); }),
      table_(std::make_shared<const route_table>()) {}

std::shared_ptr<producer_engine> producer_engine::make(producer_config config, std::shared_ptr<runtime> running) {
  const core_config settings = checked_core_config(config, config.allow_auto_create_topics);
  auto made = std::make_shared<producer_engine>(std::move(config), std::move(running));
  made->start(settings);
  return made;
}

void producer_engine::start(const core_config& settings) {
  auto machine = std::make_unique<core>(settings);
  machine->add_producer(config_, records_);
  runtime_->start(std::move(machine), sink_of(weak_from_this()));
}

void producer_engine::take(any_action& action) {
  if (auto* batch = std::get_if<action::complete_batch>(&action)) return complete(batch->completed);
  if (auto* view = std::get_if<action::publish_view>(&action)) return publish(*view->view);
  if (auto* trouble = std::get_if<action::report_trouble>(&action)) return note_trouble(trouble->why);
  if (auto* flushed = std::get_if<action::complete_flush>(&action)) {
    if (const auto done = flushes_.take(flushed->operation)) done({});
  }
}

void producer_engine::publish(const cluster_view& view) {
  auto table = std::make_shared<route_table>();
  table->version = view.version;
  for (const auto& [name, topic] : view.topics) {
    auto route = std::make_shared<topic_route>();
    route->failure = topic.failure;
    for (std::size_t index = 0; index < topic.partitions.size(); ++index) {
      const auto partition = static_cast<std::int32_t>(index);
      route->queues.push_back(&records_.queue_of(name, partition));
      if (topic.partitions[index].leader >= 0) route->available.push_back(partition);
    }
    if (route->available.empty()) {
      for (std::size_t index = 0; index < route->queues.size(); ++index) {
        route->available.push_back(static_cast<std::int32_t>(index));
      }
    }
    route->sticky.store(static_cast<std::uint32_t>(random_seed()), std::memory_order_relaxed);
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

const producer_engine::route_table& producer_engine::routes() const {
  // Each thread keeps the table it used last, so that sending takes no lock that all threads share.
  struct cached {
    std::uint64_t identity = 0;
    std::shared_ptr<const route_table> table;
  };
  thread_local cached last;
  if (last.identity != identity_ || last.table->version != version_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    last = {identity_, table_};
  }
  return *last.table;
}

std::int32_t producer_engine::choose_partition(const topic_route& route, const message& record) const {
  if (record.partition) return *record.partition;
  if (!record.key.is_null()) return murmur2_partition(record.key, static_cast<std::int32_t>(route.queues.size()));
  const std::size_t bytes = record.value.size() + 16;
  if (route.sticky_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes >= sticky_bytes_max) {
    route.sticky_bytes.store(0, std::memory_order_relaxed);
    route.sticky.fetch_add(1, std::memory_order_relaxed);
  }
  return route.available[route.sticky.load(std::memory_order_relaxed) % route.available.size()];
}

producer_engine::status producer_engine::try_append(const message& record, delivery_callback& done, bool urgent,
                                                    error& failure) {
  const route_table& table = routes();
  const auto found = table.topics.find(record.topic);
  if (found == table.topics.end() || found->second->queues.empty()) {
    if (records_.is_closed()) return failure = {client_errc::closed, "the producer was closed"}, status::failed;
    if (found == table.topics.end() || found->second->failure.retriable() || !found->second->failure) {
      return status::needs_topic;
    }
    return failure = found->second->failure, status::failed;
  }
  const topic_route& route = *found->second;
  const std::int32_t partition = choose_partition(route, record);
  if (partition < 0 || static_cast<std::size_t>(partition) >= route.queues.size()) {
    failure = {client_errc::invalid_argument, "topic " + std::string(record.topic) + " has " +
                                                  std::to_string(route.queues.size()) +
                                                  " partitions, none with number " + std::to_string(partition)};
    return status::failed;
  }
  const timestamp_ms timestamp = record.timestamp >= 0 ? record.timestamp : wall_clock_ms();
  switch (records_.append(*route.queues[static_cast<std::size_t>(partition)], record, timestamp, done, urgent,
                          std::chrono::steady_clock::now())) {
    case accumulator::append_status::appended:
      return status::accepted;
    case accumulator::append_status::no_room:
      return status::needs_room;
    case accumulator::append_status::closed:
      failure = {client_errc::closed, "the producer was closed"};
      return status::failed;
    case accumulator::append_status::too_large:
      break;
  }
  failure = {client_errc::record_too_large, "a record of " + std::to_string(record.key.size() + record.value.size()) +
                                                " bytes for topic " + std::string(record.topic) +
                                                " does not fit into batch.size (" +
                                                std::to_string(config_.batch_bytes_max) + " bytes)"};
  return status::failed;
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
  const auto& topics = routes().topics;
  const auto found = topics.find(topic);
  std::string cause = "topic " + std::string(topic) + " is not known after max.block.ms";
  if (found != topics.end() && found->second->failure) {
    cause += ": " + found->second->failure.message();
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

bool producer_engine::append(const message& record, delivery_callback& done, bool urgent, error& failure) {
  steady_time until{};
  bool wanted = false;
  while (true) {
    const std::uint64_t seen = version_.load(std::memory_order_acquire);
    const status now = try_append(record, done, urgent, failure);
    if (now == status::accepted) return true;
    if (now == status::failed) return false;
    if (runtime_->inside()) {
      failure = {client_errc::would_deadlock, "a send from inside a callback would have to wait"};
      return false;
    }
    if (until == steady_time{}) until = std::chrono::steady_clock::now() + config_.max_block;
    if (now == status::needs_topic) {
      if (!std::exchange(wanted, true)) want(record.topic, until);
      if (!wait_for_view(seen, until)) return failure = topic_timed_out(record.topic), false;
    } else if (!records_.wait_for_room(until) && !records_.is_closed()) {
      failure = {client_errc::buffer_full, "buffer.memory was used up for longer than max.block.ms"};
      return false;
    }
  }
}

void producer_engine::complete(completed_batch& done) {
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

operation_id producer_engine::flush(std::function<void(error)> done) {
  const operation_id id = flushes_.add(std::move(done));
  runtime_->post(event::flush_requested{id});
  return id;
}

void producer_engine::cancel_flush(operation_id id) {
  (void)flushes_.take(id);
  runtime_->post(event::operation_cancelled{id});
}

}  // namespace kafka::client
