// SPDX-License-Identifier: Apache-2.0
// The asynchronous face of consumer_engine: turns its callbacks into completions, and nothing else.
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <kafka/async.hpp>
#include <utility>

#include "client/async_completion.hpp"
#include "client/consumer_engine.hpp"
#include "client/consumer_loop.hpp"
#include "client/runtime_on_executor.hpp"

namespace kafka::async {

namespace {

namespace asio = boost::asio;
using client::async_completion;
using engine_ptr = std::shared_ptr<client::consumer_engine>;

const error cancelled(client_errc::cancelled, "the operation's cancellation slot was signalled");

/// One async_poll. Everything but cancel() on the client's strand.
class poll_operation : public std::enable_shared_from_this<poll_operation> {
 public:
  using completion = async_completion<records>;

  poll_operation(engine_ptr engine, std::shared_ptr<completion> done)
      : engine_(std::move(engine)), done_(std::move(done)), timer_(client::strand_of(engine_->running())) {}

  void start() {
    asio::post(timer_.get_executor(), [self = shared_from_this()] { self->attempt(); });
  }

  /// Any thread.
  void cancel() {
    state now = state::waiting;
    if (state_.compare_exchange_strong(now, state::over)) {
      done_->complete(cancelled, records{});
      asio::post(timer_.get_executor(), [self = shared_from_this()] { self->timer_.cancel(); });
    } else if (now == state::polling) {
      // What it gets is handed out: it is too late to leave it to the next one.
      state_.compare_exchange_strong(now, state::unwanted);
    }
  }

 private:
  enum class state : std::uint8_t { waiting, polling, unwanted, over };

  void attempt() {
    state now = state::waiting;
    if (!state_.compare_exchange_strong(now, state::polling)) return;
    error failure;
    records out = engine_->poll_now(failure);
    if (!out.empty() || failure) return finish(std::move(failure), std::move(out));
    now = state::polling;
    if (!state_.compare_exchange_strong(now, state::waiting)) return finish(cancelled, {});
    if (const auto pause = engine_->sign_interval(); pause < std::chrono::hours(1)) {
      // The group has to hear that somebody polls.
      timer_.expires_after(pause);
      timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
        if (!stopped) self->attempt();
      });
    }
    engine_->on_ready(
        [self = shared_from_this()] { asio::dispatch(self->timer_.get_executor(), [self] { self->attempt(); }); });
  }

  void finish(error failure, records out) {
    state_ = state::over;
    timer_.cancel();
    done_->complete(std::move(failure), std::move(out));
  }

  engine_ptr engine_;
  std::shared_ptr<completion> done_;
  asio::steady_timer timer_;
  std::atomic<state> state_{state::waiting};
};

/// One async_close, on the client's strand: leaves, for at most its time, then ends the engine.
class close_operation : public std::enable_shared_from_this<close_operation> {
 public:
  close_operation(engine_ptr engine, std::shared_ptr<async_completion<>> done)
      : engine_(std::move(engine)), done_(std::move(done)), timer_(client::strand_of(engine_->running())) {}

  void start(std::chrono::milliseconds timeout) {
    asio::post(timer_.get_executor(), [self = shared_from_this(), timeout] {
      if (self->engine_->is_closed()) return self->end({});
      const steady_time until = client::after(timeout);
      self->timer_.expires_at(until);
      self->timer_.async_wait([self](const boost::system::error_code& stopped) {
        if (stopped || self->ended_) return;
        const bool is_member = !self->engine_->config().group_id.empty();
        self->end(is_member ? error(client_errc::timed_out, "the group could not be left in time") : error());
      });
      self->engine_->leave(until, [self] {
        self->timer_.cancel();
        self->end({});
      });
    });
  }

 private:
  void end(error result) {
    if (std::exchange(ended_, true)) return;
    engine_->shut_down([self = shared_from_this(), result = std::move(result)]() mutable {
      self->done_->complete(std::move(result));
    });
    engine_.reset();
  }

  engine_ptr engine_;
  std::shared_ptr<async_completion<>> done_;
  asio::steady_timer timer_;
  bool ended_ = false;
};

consumer_config unpacking_on(consumer_config config, const asio::any_io_executor& where) {
  config.unpack_on = [where](std::function<void()> work) { asio::post(where, std::move(work)); };
  return config;
}

group_offset offset_at(const topic_partition& where, const group::stored_offset& stored) {
  return {where, stored.offset, stored.leader_epoch, stored.metadata};
}

std::vector<group_offset> offsets_of(const group::offsets::positions& positions) {
  std::vector<group_offset> out;
  for (const auto& [where, stored] : positions) out.push_back(offset_at(where, stored));
  return out;
}

template <class Result>
std::shared_ptr<async_completion<Result>> completion_of(const engine_ptr& engine, error* failure,
                                                        result_handler<Result> handler) {
  return std::make_shared<async_completion<Result>>(std::move(handler), failure,
                                                    client::executor_of(engine->running()));
}

}  // namespace

consumer::consumer(const asio::any_io_executor& executor, consumer_config config) {
  client::runtime_options options{config.connection, config.client_id, config.log};
  engine_ =
      client::consumer_engine::make(std::move(config), client::make_runtime_on(executor, std::move(options)), false);
}
consumer::consumer(const asio::any_io_executor& executor, consumer_config config,
                   const asio::any_io_executor& unpack_on)
    : consumer(executor, unpacking_on(std::move(config), unpack_on)) {}
consumer::consumer(consumer&&) noexcept = default;
consumer& consumer::operator=(consumer&&) noexcept = default;
consumer::~consumer() {
  if (engine_) engine_->shut_down(nullptr);
}

void consumer::assign(std::vector<assignment> partitions) {
  engine_->assign(std::move(partitions));
}
void consumer::subscribe(const std::vector<std::string>& topics) {
  if (engine_->config().group_id.empty()) throw error(client_errc::invalid_state, "subscribe needs group.id");
  engine_->subscribe(topics);
}
std::vector<topic_partition> consumer::assigned() const {
  return engine_->assignment_now();
}
bool consumer::is_refused() const {
  return engine_->is_refused();
}
kafka::group_metadata consumer::group_metadata() const {
  return engine_->metadata_of_group();
}
void consumer::seek(const topic_partition& partition, position to) {
  if (error failure = engine_->seek(partition, to)) throw failure;
}
std::optional<std::int64_t> consumer::position_of(const topic_partition& partition) const {
  return engine_->position_of(partition);
}
std::optional<std::int64_t> consumer::end_offset_of(const topic_partition& partition) const {
  return engine_->end_offset_of(partition);
}
void consumer::pause(const std::vector<topic_partition>& partitions) {
  engine_->set_paused(partitions, true);
}
void consumer::resume(const std::vector<topic_partition>& partitions) {
  engine_->set_paused(partitions, false);
}

std::vector<group_offset> consumer::positions() const {
  return offsets_of(engine_->positions());
}
std::vector<group_offset> consumer::ends_of(const records& processed) {
  return offsets_of(client::ends_of(processed));
}
std::vector<group_offset> consumer::end_of(const record_view& processed) {
  return {
      {{std::string(processed.topic()), processed.partition()}, processed.offset() + 1, processed.leader_epoch(), {}}};
}

void consumer::start_poll(const engine_ptr& engine, error* failure, result_handler<records> handler) {
  const auto done = completion_of(engine, failure, std::move(handler));
  const auto operation = std::make_shared<poll_operation>(engine, done);
  done->cancellable([operation = std::weak_ptr(operation)] {
    if (const auto alive = operation.lock()) alive->cancel();
  });
  operation->start();
}

void consumer::start_commit(const engine_ptr& engine, const std::vector<group_offset>& offsets, error* failure,
                            plain_handler handler) {
  const auto done =
      std::make_shared<async_completion<>>(std::move(handler), failure, client::executor_of(engine->running()));
  done->cancellable([done = std::weak_ptr(done)] {
    if (const auto alive = done.lock()) alive->complete(cancelled);
  });
  group::offsets::positions what;
  for (const group_offset& one : offsets) what[one.partition] = {one.offset, one.leader_epoch, one.metadata};
  engine->commit(std::move(what), never, [done](error result) { done->complete(std::move(result)); });
}

void consumer::start_committed(const engine_ptr& engine, const std::vector<topic_partition>& partitions, error* failure,
                               result_handler<std::vector<group_offset>> handler) {
  const auto done = completion_of(engine, failure, std::move(handler));
  done->cancellable([done = std::weak_ptr(done)] {
    if (const auto alive = done.lock()) alive->complete(cancelled, {});
  });
  engine->look_up({partitions.begin(), partitions.end()}, [done](error why, group::offsets::positions found) {
    std::erase_if(found, [](const auto& one) { return one.second.offset < 0; });
    done->complete(std::move(why), offsets_of(found));
  });
}

void consumer::start_close(const engine_ptr& engine, std::chrono::milliseconds timeout, plain_handler handler) {
  const auto done =
      std::make_shared<async_completion<>>(std::move(handler), nullptr, client::executor_of(engine->running()));
  std::make_shared<close_operation>(engine, done)->start(timeout);
}

}  // namespace kafka::async
