// SPDX-License-Identifier: Apache-2.0
// The asynchronous face of the engines: turns their callbacks into completions, and nothing else.
#include <boost/asio/steady_timer.hpp>
#include <kafka/async.hpp>
#include <mutex>
#include <utility>

#include "client/async_completion.hpp"
#include "client/producer_engine.hpp"
#include "client/runtime_on_executor.hpp"

namespace kafka::async {

namespace {

namespace asio = boost::asio;
using client::async_completion;

template <class Engine, class Config>
std::shared_ptr<Engine> make_engine(const asio::any_io_executor& executor, Config config) {
  client::runtime_options options{config.connection, config.client_id, config.log};
  return Engine::make(std::move(config), client::make_runtime_on(executor, std::move(options)));
}

const error cancelled(client_errc::cancelled, "the operation's cancellation slot was signalled");

/// One async_send: waits for the topic and for room, then for the acknowledgement.
class send_operation : public std::enable_shared_from_this<send_operation> {
 public:
  using completion = async_completion<delivery>;

  send_operation(std::shared_ptr<client::producer_engine> engine, std::shared_ptr<completion> done,
                 const asio::any_io_executor& executor)
      : engine_(std::move(engine)), done_(std::move(done)), timer_(executor) {}

  /// The common case: nothing to wait for, nothing is copied but into the batch.
  void start(const message& record) {
    if (attempt(record)) return;
    keep(record);
    until_ = std::chrono::steady_clock::now() + engine_->config().max_block;
    engine_->want(kept_.topic, until_);
    timer_.expires_at(until_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
      if (!stopped) self->done_->complete(self->why_late(), delivery{});
    });
    again();
  }

 private:
  bool attempt(const message& record) {
    const std::lock_guard lock(mutex_);
    if (sent_ || done_->over()) return true;
    delivery_callback told = [done = done_](const delivery_result& result) {
      done->complete(result.error(), result.delivery());
    };
    error failure;
    status_ = engine_->try_append({&record, 1}, &told, false, failure).status;
    if (status_ == client::engine_status::failed) done_->complete(std::move(failure), delivery{});
    sent_ = status_ == client::engine_status::accepted || status_ == client::engine_status::failed;
    return sent_;
  }

  void again() {
    // Asked to be told first, tried once more then: a change in between is not missed.
    engine_->on_change([self = shared_from_this()] { self->retry(); });
    if (attempt(kept_)) timer_.cancel();
  }
  void retry() {
    if (done_->over()) return;
    if (attempt(kept_)) {
      timer_.cancel();
    } else {
      again();
    }
  }

  void keep(const message& record) {
    topic_ = record.topic;
    key_ = record.key.str();
    value_ = record.value.str();
    for (const header& one : record.headers) {
      auto& copy = headers_.emplace_back(one.key, std::nullopt);
      if (!one.value.is_null()) copy.second = one.value.str();
    }
    for (const auto& [key, value] : headers_) views_.push_back({key, value});
    kept_ = record;
    kept_.topic = topic_;
    kept_.key = record.key.is_null() ? bytes_view() : bytes_view(key_);
    kept_.value = record.value.is_null() ? bytes_view() : bytes_view(value_);
    kept_.headers = views_;
  }

  error why_late() const {
    if (status_ == client::engine_status::needs_topic) return engine_->topic_timed_out(topic_);
    return {client_errc::buffer_full, "buffer.memory was used up for longer than max.block.ms"};
  }

  std::shared_ptr<client::producer_engine> engine_;
  std::shared_ptr<completion> done_;
  asio::steady_timer timer_;
  std::mutex mutex_;  // the strand and the initiating thread may both try
  client::engine_status status_{};
  bool sent_ = false;
  steady_time until_{};
  std::string topic_, key_, value_;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers_;
  std::vector<header> views_;
  message kept_;
};

}  // namespace

// --- producer
// ---------------------------------------------------------------------------------------------------------

producer::producer(const asio::any_io_executor& executor, producer_config config)
    : engine_(make_engine<client::producer_engine>(executor, std::move(config))) {}
producer::producer(producer&&) noexcept = default;
producer& producer::operator=(producer&&) noexcept = default;
producer::~producer() {
  if (!engine_) return;
  engine_->stop_accepting();
  engine_->shut_down({client_errc::closed, "the producer was destroyed"}, nullptr);
}

bool producer::try_send(const message& record) {
  return try_send(std::span(&record, 1)) == 1;
}

std::size_t producer::try_send(std::span<const message> records) {
  return try_append(records, nullptr);
}

bool producer::try_send(const message& record, delivery_callback done) {
  return try_append({&record, 1}, &done) == 1;
}

std::size_t producer::try_append(std::span<const message> records, delivery_callback* done) {
  error failure;
  const auto now = engine_->try_append(records, done, false, failure);
  if (now.status == client::engine_status::failed && now.count == 0) throw failure;
  if (now.status == client::engine_status::needs_topic) {
    engine_->want(records[now.count].topic, std::chrono::steady_clock::now() + engine_->config().max_block);
  }
  return now.count;
}

void producer::start_room(const engine_ptr& engine, plain_handler handler) {
  const auto executor = client::executor_of(engine->running());
  const auto done = std::make_shared<async_completion<>>(std::move(handler), nullptr, executor);
  const auto timer = std::make_shared<asio::steady_timer>(executor, engine->config().max_block);
  done->cancellable([done = std::weak_ptr(done)] {
    if (const auto alive = done.lock()) alive->complete(cancelled);
  });
  timer->async_wait([done, timer](const boost::system::error_code& stopped) {
    if (!stopped) done->complete({client_errc::timed_out, "neither room nor the topic within max.block.ms"});
  });
  engine->on_change([done, timer] {
    done->complete({});
    timer->cancel();
  });
  if (engine->may_send()) {
    done->complete({});
    timer->cancel();
  }
}

void producer::start_send(const engine_ptr& engine, const message& record, error* failure,
                          result_handler<delivery> handler) {
  const auto executor = client::executor_of(engine->running());
  const auto done = std::make_shared<async_completion<delivery>>(std::move(handler), failure, executor);
  done->cancellable([done = std::weak_ptr(done)] {
    if (const auto alive = done.lock()) alive->complete(cancelled.with_outcome(write_outcome::unknown), delivery{});
  });
  std::make_shared<send_operation>(engine, done, executor)->start(record);
}

void producer::start_flush(const engine_ptr& engine, error* failure, plain_handler handler) {
  const auto done =
      std::make_shared<async_completion<>>(std::move(handler), failure, client::executor_of(engine->running()));
  const auto id = std::make_shared<std::atomic<client::operation_id>>(0);
  done->cancellable([done = std::weak_ptr(done), engine, id] {
    if (const auto alive = done.lock(); alive && alive->complete(cancelled)) engine->cancel_flush(*id);
  });
  *id = engine->flush(never, [done](error result) { done->complete(std::move(result)); });
}

void producer::purge(kafka::purge what) {
  engine_->purge(what);
}

producer_metrics producer::metrics() const {
  return engine_->metrics();
}

namespace {

void start_transaction_call(const std::shared_ptr<client::producer_engine>& engine, client::transaction_call::any call,
                            std::chrono::milliseconds timeout, error* failure, plain_handler handler) {
  const auto done =
      std::make_shared<async_completion<>>(std::move(handler), failure, client::executor_of(engine->running()));
  engine->transact(std::move(call), std::chrono::steady_clock::now() + timeout,
                   [done](error result) { done->complete(std::move(result)); });
}

}  // namespace

void producer::start_init(const engine_ptr& engine, std::chrono::milliseconds timeout, error* failure,
                          plain_handler handler) {
  start_transaction_call(engine, client::transaction_call::init{}, timeout, failure, std::move(handler));
}
void producer::start_begin(const engine_ptr& engine, error* failure, plain_handler handler) {
  start_transaction_call(engine, client::transaction_call::begin{}, std::chrono::minutes(1), failure,
                         std::move(handler));
}
void producer::start_send_offsets(const engine_ptr& engine, std::vector<group_offset> offsets, group_metadata group,
                                  std::chrono::milliseconds timeout, error* failure, plain_handler handler) {
  start_transaction_call(engine, client::transaction_call::send_offsets{std::move(offsets), std::move(group)}, timeout,
                         failure, std::move(handler));
}
void producer::start_end(const engine_ptr& engine, bool commit, std::chrono::milliseconds timeout, error* failure,
                         plain_handler handler) {
  start_transaction_call(engine, client::transaction_call::end{commit, 0}, timeout, failure, std::move(handler));
}

}  // namespace kafka::async
