// SPDX-License-Identifier: Apache-2.0
// The blocking face of producer_engine: waits, and nothing else.
#include <kafka/producer.hpp>

#include "client/batch_division.hpp"
#include "client/producer_engine.hpp"

namespace kafka {

namespace client {

class producer_facade {
 public:
  explicit producer_facade(producer_config config) {
    runtime_options options{config.connection, config.client_id, config.log};
    engine_ = producer_engine::make(std::move(config), make_threaded_runtime(std::move(options)));
  }
  producer_facade(const producer_facade&) = delete;
  producer_facade& operator=(const producer_facade&) = delete;
  ~producer_facade() {
    engine_->stop_accepting();
    shut_down_and_wait(*engine_, {client_errc::closed, "the producer was destroyed"});
  }

  delivery send(const message& record, error& failure) {
    failure = {};
    if (engine_->running().inside()) {
      failure = {client_errc::would_deadlock, "a blocking send from inside a callback"};
      return {};
    }
    const auto result = std::make_shared<promised<delivery_result>>();
    delivery_callback done = [result, running = &engine_->running()](const delivery_result& told) {
      running->expect_call();
      result->set(told);
    };
    if (!engine_->append({&record, 1}, &done, true, failure)) return {};
    const delivery_result told = result->get();
    failure = told.error();
    return told.delivery();
  }

  void send(std::span<const message> records, delivery_callback* done) {
    error failure;
    if (!engine_->append(records, done, false, failure)) throw failure;
  }

  std::size_t try_send(std::span<const message> records, delivery_callback* done) {
    error failure;
    const producer_engine::taken now = engine_->try_append(records, done, false, failure);
    if (now.status == engine_status::failed && now.count == 0) throw failure;
    if (now.status == engine_status::needs_topic) {
      engine_->want(records[now.count].topic, after(engine_->config().max_block));
    }
    return now.count;
  }

  error flush(std::chrono::milliseconds timeout) {
    if (engine_->running().inside()) return {client_errc::would_deadlock, "flush from inside a callback"};
    // Shared, because a flush that timed out may still be told.
    const auto over = std::make_shared<promised<error>>();
    const operation_id id = engine_->flush(never, [over](error result) { over->set(std::move(result)); });
    if (over->wait_until(after(timeout))) return over->get();
    engine_->cancel_flush(id);
    return {client_errc::timed_out, "records are still unacknowledged"};
  }

  void purge(kafka::purge what) { engine_->purge(what); }

  error close(std::chrono::milliseconds timeout) {
    engine_->stop_accepting();
    const error why(client_errc::closed, "the producer was closed");
    const bool first = !closed_.exchange(true);
    if (engine_->running().inside()) {
      if (first)
        engine_->flush(after(timeout), [engine = engine_, why](const error&) { engine->shut_down(why, nullptr); });
      return {};
    }
    // A second thread that closes waits for the first: ended at once, records would be lost that the first still sends.
    // Not a timed_mutex: gcc 12's thread sanitizer does not know how that is locked.
    std::unique_lock lock(mutex_);
    if (!turn_.wait_until(lock, after(timeout), [this] { return !closing_; })) {
      return {client_errc::timed_out, "another thread is closing the producer"};
    }
    closing_ = true;
    lock.unlock();
    error result;
    if (first) result = flush(timeout);
    shut_down_and_wait(*engine_, why);
    lock.lock();
    closing_ = false;
    turn_.notify_all();
    return result;
  }

  void transact(transaction_call::any call, std::chrono::milliseconds timeout, error& failure) {
    failure = {};
    if (engine_->running().inside()) {
      failure = {client_errc::would_deadlock, "a transaction call from inside a callback"};
      return;
    }
    const auto over = std::make_shared<promised<error>>();
    engine_->transact(std::move(call), after(timeout), [over](error result) { over->set(std::move(result)); });
    failure = over->get();
  }

  [[nodiscard]] producer_metrics metrics() const { return engine_->metrics(); }

 private:
  std::shared_ptr<producer_engine> engine_;
  std::atomic<bool> closed_{false};
  std::mutex mutex_;
  std::condition_variable turn_;
  bool closing_ = false;
};

}  // namespace client

using client::producer_facade;
namespace transaction_call = client::transaction_call;

std::string_view delivery_batch::topic() const noexcept {
  return batch_->batch->partition.topic;
}
std::int32_t delivery_batch::partition() const noexcept {
  return batch_->batch->partition.partition;
}
const error& delivery_batch::error() const noexcept {
  return batch_->failure;
}
std::int64_t delivery_batch::base_offset() const noexcept {
  return batch_->base_offset;
}
timestamp_ms delivery_batch::log_append_time() const noexcept {
  return batch_->log_append_time;
}
std::size_t delivery_batch::count() const noexcept {
  return static_cast<std::size_t>(batch_->batch->record_count());
}
std::span<const std::uint64_t> delivery_batch::opaques() const noexcept {
  return batch_->batch->opaques;
}
records delivery_batch::content() const {
  return client::records_of(*batch_->batch);
}

producer::producer(producer_config config) : facade_(std::make_shared<producer_facade>(std::move(config))) {}
producer::producer(producer&&) noexcept = default;
producer& producer::operator=(producer&&) noexcept = default;
producer::~producer() = default;

delivery producer::send(const message& record) {
  error failure;
  const delivery sent = facade_->send(record, failure);
  if (failure) throw failure;
  return sent;
}

delivery producer::send(const message& record, error& failure) {
  return facade_->send(record, failure);
}
void producer::send(const message& record, delivery_callback done) {
  facade_->send({&record, 1}, &done);
}
void producer::send(const message& record, detached_t) {
  facade_->send({&record, 1}, nullptr);
}
void producer::send(std::span<const message> records) {
  facade_->send(records, nullptr);
}
bool producer::try_send(const message& record, delivery_callback done) {
  return facade_->try_send({&record, 1}, &done) == 1;
}
std::size_t producer::try_send(std::span<const message> records) {
  return facade_->try_send(records, nullptr);
}
error producer::flush(std::chrono::milliseconds timeout) {
  return facade_->flush(timeout);
}
void producer::purge(kafka::purge what) {
  facade_->purge(what);
}
error producer::close(std::chrono::milliseconds timeout) {
  return facade_->close(timeout);
}
producer_metrics producer::metrics() const {
  return facade_->metrics();
}

void producer::init_transactions(error& failure, std::chrono::milliseconds timeout) {
  facade_->transact(transaction_call::init{}, timeout, failure);
}
void producer::begin(error& failure) {
  facade_->transact(transaction_call::begin{}, std::chrono::minutes(1), failure);
}
void producer::send_offsets(std::span<const group_offset> offsets, const group_metadata& group, error& failure,
                            std::chrono::milliseconds timeout) {
  facade_->transact(transaction_call::send_offsets{{offsets.begin(), offsets.end()}, group}, timeout, failure);
}
void producer::commit(error& failure, std::chrono::milliseconds timeout) {
  facade_->transact(transaction_call::end{true, 0}, timeout, failure);
}
void producer::abort(error& failure, std::chrono::milliseconds timeout) {
  facade_->transact(transaction_call::end{false, 0}, timeout, failure);
}

void producer::init_transactions(std::chrono::milliseconds timeout) {
  error failure;
  init_transactions(failure, timeout);
  if (failure) throw failure;
}
void producer::begin() {
  error failure;
  begin(failure);
  if (failure) throw failure;
}
void producer::send_offsets(std::span<const group_offset> offsets, const group_metadata& group,
                            std::chrono::milliseconds timeout) {
  error failure;
  send_offsets(offsets, group, failure, timeout);
  if (failure) throw failure;
}
void producer::commit(std::chrono::milliseconds timeout) {
  error failure;
  commit(failure, timeout);
  if (failure) throw failure;
}
void producer::abort(std::chrono::milliseconds timeout) {
  error failure;
  this->abort(failure, timeout);
  if (failure) throw failure;
}

}  // namespace kafka
