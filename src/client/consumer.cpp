// SPDX-License-Identifier: Apache-2.0
// The blocking face of consumer_engine: waits, and nothing else.
#include <kafka/consumer.hpp>

#include "client/consumer_engine.hpp"
#include "client/consumer_loop.hpp"
#include "client/consumer_workers.hpp"

namespace kafka {

namespace client {

namespace {

consumer_config group_config(std::string bootstrap_servers, std::string group, offset_reset reset) {
  consumer_config out;
  out.bootstrap_servers = std::move(bootstrap_servers);
  out.group_id = std::move(group);
  out.offset_reset = reset;
  return out;
}

}  // namespace

class consumer_facade {
 public:
  explicit consumer_facade(consumer_config config) {
    runtime_options options{config.connection, config.client_id, config.log};
    engine_ = consumer_engine::make(std::move(config), make_threaded_runtime(std::move(options)), true);
  }
  consumer_facade(const consumer_facade&) = delete;
  consumer_facade& operator=(const consumer_facade&) = delete;
  ~consumer_facade() { (void)end(); }

  records poll(std::chrono::milliseconds timeout, error& failure) {
    const steady_time until = after(timeout);
    do {
      records out = engine_->poll_now(failure);
      if (!out.empty() || failure) return out;
    } while (engine_->wait(until));
    return {};
  }

  records poll(std::chrono::milliseconds timeout, const std::stop_token& stop, error& failure) {
    failure = {};
    const steady_time until = after(timeout);
    const std::stop_callback wake(stop, [this] { engine_->nudge(); });
    const auto stopped = [&] { return stop.stop_requested(); };
    while (!stopped()) {
      records out = engine_->poll_now(failure);
      if (!out.empty() || failure) return out;
      if (!engine_->wait(until, stopped)) break;
    }
    return {};
  }

  void subscribe(const std::vector<std::string>& topics) {
    if (engine_->config().group_id.empty()) {
      throw error(client_errc::invalid_state, "subscribe needs group.id");
    }
    engine_->subscribe(topics);
  }

  void subscribe_matching(const std::string& pattern) {
    if (engine_->config().group_id.empty()) {
      throw error(client_errc::invalid_state, "subscribe_matching needs group.id");
    }
    if (error failure = engine_->subscribe_matching(pattern)) throw failure;
  }

  void commit(group::offsets::positions what, std::chrono::milliseconds timeout, error& failure) {
    failure = {};
    if (engine_->running().inside()) {
      failure = {client_errc::would_deadlock, "a blocking commit from inside a callback"};
      return;
    }
    const auto over = std::make_shared<promised<error>>();
    engine_->commit(std::move(what), after(timeout), [over](error result) { over->set(std::move(result)); });
    failure = over->get();
  }

  group::offsets::positions committed(const std::vector<topic_partition>& partitions,
                                      std::chrono::milliseconds timeout) {
    if (engine_->running().inside()) {
      throw error(client_errc::would_deadlock, "a blocking look-up from inside a callback");
    }
    using result = std::pair<error, group::offsets::positions>;
    const auto over = std::make_shared<promised<result>>();
    engine_->look_up({partitions.begin(), partitions.end()}, [over](error why, group::offsets::positions found) {
      over->set({std::move(why), std::move(found)});
    });
    if (!over->wait_until(after(timeout)))
      throw error(client_errc::timed_out, "the group's coordinator did not answer");
    auto [why, found] = over->get();
    if (why) throw why;
    return found;
  }

  /// By query, in their order. Throws what went wrong with one of them.
  std::vector<offset_result> list_offsets(std::vector<assignment> queries, std::chrono::milliseconds timeout) {
    if (queries.empty()) return {};
    if (engine_->running().inside()) {
      throw error(client_errc::would_deadlock, "a blocking look-up from inside a callback");
    }
    using result = std::pair<error, std::vector<offset_result>>;
    const auto over = std::make_shared<promised<result>>();
    engine_->list_offsets(std::move(queries), after(timeout), [over](error why, std::vector<offset_result> found) {
      over->set({std::move(why), std::move(found)});
    });
    if (!over->wait_until(after(timeout + std::chrono::seconds(1)))) {
      throw error(client_errc::timed_out, "the partitions' leaders did not answer");
    }
    auto [why, found] = over->get();
    if (why) throw why;
    for (const offset_result& one : found) {
      if (one.failure) throw one.failure;
    }
    return std::move(found);
  }

  std::map<topic_partition, std::int64_t> places(const std::vector<topic_partition>& partitions, position which,
                                                 std::chrono::milliseconds timeout) {
    std::vector<assignment> queries;
    for (const topic_partition& one : partitions) queries.push_back({one.topic, one.partition, which});
    std::map<topic_partition, std::int64_t> out;
    for (offset_result& one : list_offsets(std::move(queries), timeout)) {
      out[{std::move(one.topic), one.partition}] = one.offset;
    }
    return out;
  }

  error close(std::chrono::milliseconds timeout) {
    error result;
    if (!closed_ && !engine_->running().inside()) {
      const auto left = std::make_shared<promised<bool>>();
      engine_->leave(after(timeout), [left] { left->set(true); });
      if (!left->wait_until(after(timeout)) && !engine_->config().group_id.empty()) {
        result = {client_errc::timed_out, "the group could not be left in time"};
      }
    }
    end();
    return result;
  }

  void end() {
    closed_ = true;
    if (engine_->running().inside()) return engine_->shut_down(nullptr);
    const auto over = std::make_shared<promised<bool>>();
    engine_->shut_down([over] { over->set(true); });
    (void)over->get();
  }

  [[nodiscard]] consumer_engine& engine() noexcept { return *engine_; }

 private:
  std::shared_ptr<consumer_engine> engine_;
  bool closed_ = false;
};

}  // namespace client

consumer::consumer(consumer_config config) : facade_(std::make_shared<client::consumer_facade>(std::move(config))) {}
consumer::consumer(consumer&&) noexcept = default;
consumer& consumer::operator=(consumer&&) noexcept = default;
consumer::~consumer() = default;

void consumer::assign(std::vector<assignment> partitions) {
  facade_->engine().assign(std::move(partitions));
}
void consumer::seek(const topic_partition& partition, position to) {
  if (error failure = facade_->engine().seek(partition, to)) throw failure;
}
std::optional<std::int64_t> consumer::position_of(const topic_partition& partition) const {
  return facade_->engine().position_of(partition);
}
void consumer::pause(const std::vector<topic_partition>& partitions) {
  facade_->engine().set_paused(partitions, true);
}
void consumer::resume(const std::vector<topic_partition>& partitions) {
  facade_->engine().set_paused(partitions, false);
}
records consumer::poll(std::chrono::milliseconds timeout) {
  error failure;
  records out = facade_->poll(timeout, failure);
  if (failure) throw failure;
  return out;
}
records consumer::poll(std::chrono::milliseconds timeout, error& failure) {
  return facade_->poll(timeout, failure);
}
records consumer::poll(std::chrono::milliseconds timeout, std::stop_token stop, error& failure) {
  return facade_->poll(timeout, stop, failure);
}
records consumer::poll(std::chrono::milliseconds timeout, std::stop_token stop) {
  error failure;
  records out = facade_->poll(timeout, stop, failure);
  if (failure) throw failure;
  return out;
}
void consumer::keep_alive() {
  facade_->engine().keep_alive();
}
void consumer::wakeup() noexcept {
  facade_->engine().wakeup();
}
std::optional<std::int64_t> consumer::end_offset_of(const topic_partition& partition) const {
  return facade_->engine().end_offset_of(partition);
}
std::optional<std::int64_t> consumer::lag_of(const topic_partition& partition) const {
  return facade_->engine().lag_of(partition);
}
std::map<topic_partition, std::int64_t> consumer::beginning_offsets(const std::vector<topic_partition>& partitions,
                                                                    std::chrono::milliseconds timeout) {
  return facade_->places(partitions, position::oldest(), timeout);
}
std::map<topic_partition, std::int64_t> consumer::end_offsets(const std::vector<topic_partition>& partitions,
                                                              std::chrono::milliseconds timeout) {
  return facade_->places(partitions, position::newest(), timeout);
}
std::map<topic_partition, offset_at_time> consumer::offsets_for_times(
    const std::map<topic_partition, timestamp_ms>& times, std::chrono::milliseconds timeout) {
  std::vector<assignment> queries;
  for (const auto& [where, time] : times) {
    if (time < 0) throw error(client_errc::invalid_argument, to_string(where) + ": a negative time");
    queries.push_back({where.topic, where.partition, position::since(time)});
  }
  std::map<topic_partition, offset_at_time> out;
  for (offset_result& one : facade_->list_offsets(std::move(queries), timeout)) {
    if (one.offset >= 0) out[{std::move(one.topic), one.partition}] = {one.offset, one.timestamp};
  }
  return out;
}
error consumer::close(std::chrono::milliseconds timeout) {
  return facade_->close(timeout);
}

// --- groups

consumer::consumer(std::string bootstrap_servers, std::string topic, std::string group, offset_reset reset)
    : consumer(client::group_config(std::move(bootstrap_servers), std::move(group), reset)) {
  subscribe({std::move(topic)});
}
void consumer::subscribe(const std::vector<std::string>& topics) {
  facade_->subscribe(topics);
}
void consumer::subscribe_matching(const std::string& pattern) {
  facade_->subscribe_matching(pattern);
}
std::vector<topic_partition> consumer::assigned() const {
  return facade_->engine().assignment_now();
}
bool consumer::is_refused() const {
  return facade_->engine().is_refused();
}
kafka::group_metadata consumer::group_metadata() const {
  return facade_->engine().metadata_of_group();
}
void consumer::commit(error& failure, std::chrono::milliseconds timeout) {
  facade_->commit(facade_->engine().positions(), timeout, failure);
}
void consumer::commit(std::chrono::milliseconds timeout) {
  error failure;
  commit(failure, timeout);
  if (failure) throw failure;
}
void consumer::commit(const record_view& record, std::chrono::milliseconds timeout) {
  error failure;
  facade_->commit(
      {{{std::string(record.topic()), record.partition()}, {record.offset() + 1, record.leader_epoch(), {}}}}, timeout,
      failure);
  if (failure) throw failure;
}
void consumer::commit(const records& processed, std::chrono::milliseconds timeout) {
  error failure;
  facade_->commit(client::ends_of(processed), timeout, failure);
  if (failure) throw failure;
}
void consumer::commit(std::span<const group_offset> offsets, std::chrono::milliseconds timeout) {
  group::offsets::positions what;
  for (const group_offset& one : offsets) what[one.partition] = {one.offset, one.leader_epoch, one.metadata};
  error failure;
  facade_->commit(std::move(what), timeout, failure);
  if (failure) throw failure;
}
void consumer::commit_async(std::function<void(const error& failure)> done) {
  facade_->engine().commit(facade_->engine().positions(), never, std::move(done));
}
std::vector<group_offset> consumer::committed(const std::vector<topic_partition>& partitions,
                                              std::chrono::milliseconds timeout) {
  std::vector<group_offset> out;
  for (auto& [where, stored] : facade_->committed(partitions, timeout)) {
    if (stored.offset >= 0) out.push_back({where, stored.offset, stored.leader_epoch, std::move(stored.metadata)});
  }
  return out;
}
void consumer::run(const std::function<void(const record_view& record)>& handler, std::stop_token stop,
                   const std::function<void(const error& failure)>& on_error) {
  client::consumer_loop(facade_->engine(), std::move(stop), on_error).run(handler);
}
void consumer::run_batches(const std::function<void(const records& batch)>& handler, std::stop_token stop,
                           const std::function<void(const error& failure)>& on_error) {
  client::consumer_loop(facade_->engine(), std::move(stop), on_error).run_batches(handler);
}
void consumer::run_parallel(std::size_t threads, const std::function<void(const record_view& record)>& handler,
                            std::stop_token stop, const std::function<void(const error& failure)>& on_error) {
  if (threads == 0) throw error(client_errc::invalid_argument, "run_parallel needs a thread");
  client::consumer_workers(facade_->engine(), threads, handler, std::move(stop), on_error).run();
}

}  // namespace kafka
