// SPDX-License-Identifier: Apache-2.0
// The blocking face of consumer_engine: waits, and nothing else.
#include <kafka/consumer.hpp>

#include "client/consumer_engine.hpp"

namespace kafka {

namespace client {

class consumer_facade {
 public:
  explicit consumer_facade(consumer_config config) {
    runtime_options options{config.connection, config.client_id, config.log};
    engine_ = consumer_engine::make(std::move(config), make_threaded_runtime(std::move(options)));
  }
  consumer_facade(const consumer_facade&) = delete;
  consumer_facade& operator=(const consumer_facade&) = delete;
  ~consumer_facade() { (void)close(); }

  records poll(std::chrono::milliseconds timeout, error& failure) {
    const steady_time until = std::chrono::steady_clock::now() + timeout;
    do {
      records out = engine_->poll_now(failure);
      if (!out.empty() || failure) return out;
    } while (engine_->wait(until));
    return {};
  }

  error close() {
    if (engine_->running().inside()) {
      engine_->shut_down(nullptr);
      return {};
    }
    const auto over = std::make_shared<promised<bool>>();
    engine_->shut_down([over] { over->set(true); });
    (void)over->get();
    return {};
  }

  [[nodiscard]] consumer_engine& engine() noexcept { return *engine_; }

 private:
  std::shared_ptr<consumer_engine> engine_;
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
void consumer::wakeup() {
  facade_->engine().wakeup();
}
std::optional<std::int64_t> consumer::end_offset_of(const topic_partition& partition) const {
  return facade_->engine().end_offset_of(partition);
}
error consumer::close(std::chrono::milliseconds) {
  return facade_->close();
}

}  // namespace kafka
