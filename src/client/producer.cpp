// SPDX-License-Identifier: Apache-2.0
// The blocking face of producer_engine: waits, and nothing else.
#include <kafka/producer.hpp>

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
    promised<delivery_result> result;
    delivery_callback done = [&result](const delivery_result& told) { result.set(told); };
    if (!engine_->append(record, done, true, failure)) return {};
    const delivery_result told = result.get();
    failure = told.error();
    return told.delivery();
  }

  void send(const message& record, delivery_callback& done) {
    error failure;
    if (!engine_->append(record, done, false, failure)) throw failure;
  }

  error flush(std::chrono::milliseconds timeout) {
    if (engine_->running().inside()) return {client_errc::would_deadlock, "flush from inside a callback"};
    // Shared, because a flush that timed out may still be told.
    const auto over = std::make_shared<promised<error>>();
    const operation_id id = engine_->flush([over](error result) { over->set(std::move(result)); });
    if (over->wait_until(std::chrono::steady_clock::now() + timeout)) return over->get();
    engine_->cancel_flush(id);
    return {client_errc::timed_out, "records are still unacknowledged"};
  }

  error close(std::chrono::milliseconds timeout) {
    if (engine_->running().inside()) return {client_errc::would_deadlock, "close from inside a callback"};
    engine_->stop_accepting();
    error result;
    if (!closed_.exchange(true)) result = flush(timeout);
    shut_down_and_wait(*engine_, {client_errc::closed, "the producer was closed"});
    return result;
  }

 private:
  std::shared_ptr<producer_engine> engine_;
  std::atomic<bool> closed_{false};
};

}  // namespace client

producer::producer(producer_config config) : facade_(std::make_shared<client::producer_facade>(std::move(config))) {}
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
  facade_->send(record, done);
}
error producer::flush(std::chrono::milliseconds timeout) {
  return facade_->flush(timeout);
}
error producer::close(std::chrono::milliseconds timeout) {
  return facade_->close(timeout);
}

}  // namespace kafka
