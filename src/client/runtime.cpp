// SPDX-License-Identifier: Apache-2.0
#include "client/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "client/runtime_on_executor.hpp"
#include "net/connection_pool.hpp"

namespace kafka::client {

namespace {

namespace asio = boost::asio;

net::connection_options pool_options(const runtime_options& options) {
  net::connection_options out;
  out.session.client_id = options.client_id;
  out.session.software_version = KAFKA_VERSION;
  out.session.idle_timeout = options.connection.connections_max_idle;
  // Who accepts connections and then says nothing is no better than who does not accept any.
  out.session.handshake_timeout = std::min(options.connection.request_timeout, options.connection.connect_timeout);
  out.session.frame_bytes_max = options.connection.response_bytes_max;
  out.connect_timeout = options.connection.connect_timeout;
  out.connect_timeout_max = options.connection.connect_timeout_max;
  return out;
}

/// The driver proper. Everything but post, wake, inside and shut_down happens on `strand_`.
class driver final : public runtime, public net::connection_observer, public std::enable_shared_from_this<driver> {
 public:
  using strand = asio::strand<asio::any_io_executor>;

  driver(const asio::any_io_executor& executor, runtime_options options)
      : strand_(executor), options_(std::move(options)), timer_(strand_) {}

  void start(std::unique_ptr<core> machine, action_sink sink) override {
    core_ = std::move(machine);
    sink_ = std::move(sink);
    asio::dispatch(strand_, [self = shared_from_this()] {
      self->pool_ = std::make_unique<net::connection_pool>(self->strand_, pool_options(self->options_), *self);
      self->step(event::tick{});
    });
  }

  void post(any_event event) override {
    asio::post(strand_,
               [self = shared_from_this(), event = std::move(event)]() mutable { self->begin(std::move(event)); });
  }

  void wake() override {
    if (wake_pending_.exchange(true, std::memory_order_acq_rel)) return;
    asio::post(strand_, [self = shared_from_this()] {
      self->wake_pending_.store(false, std::memory_order_release);
      self->begin(event::tick{});
    });
  }

  bool inside() const override { return strand_.running_in_this_thread(); }
  [[nodiscard]] asio::any_io_executor executor() const { return strand_.get_inner_executor(); }
  [[nodiscard]] asio::any_io_executor own_strand() const { return strand_; }

  void shut_down(error why, std::function<void()> done) override {
    asio::post(strand_, [self = shared_from_this(), why = std::move(why), done = std::move(done)] {
      if (self->core_) {
        self->step(event::closed{why});
        self->pool_.reset();
        self->core_.reset();
        self->timer_.cancel();
        self->sink_ = nullptr;
      }
      if (done) done();
    });
  }

  void on_ready(net::connection_id connection, const protocol::api_versions& versions) override {
    step(event::connection_ready{connection, versions});
  }
  void on_response(net::connection_id connection, net::request_id id, shared_bytes body) override {
    step(event::response_received{connection, id, std::move(body)});
  }
  void on_written(net::connection_id connection, net::request_id id) override {
    step(event::request_written{connection, id});
  }
  void on_request_failed(net::connection_id connection, net::request_id id, const error& why,
                         write_outcome outcome) override {
    step(event::request_failed{connection, id, why, outcome});
  }
  void on_closed(net::connection_id connection, const error& why) override {
    step(event::connection_closed{connection, why});
  }

 private:
  /// A step that no connection waits for: what it asks of connections is done at its end.
  void begin(any_event event) {
    if (!pool_) return;
    pool_->hold();
    step(std::move(event));
    if (pool_) pool_->release();
  }

  void step(any_event event) {
    if (!core_) return;
    std::vector<any_action> actions = std::exchange(spare_actions_, {});
    core_->next(std::move(event), std::chrono::steady_clock::now(), actions);
    for (any_action& one : actions) {
      std::visit([&](auto& typed) { act(typed, one); }, one);
      if (!core_) return;  // shut down from inside a callback
    }
    actions.clear();
    spare_actions_ = std::move(actions);
    arm_timer();
  }

  void act(action::open_connection& open, any_action&) {
    pool_->open(open.connection, std::move(open.host), open.port);
  }
  void act(action::close_connection& close, any_action&) { pool_->close(close.connection, close.why); }
  void act(action::send_request& send, any_action&) {
    net::request out;
    out.id = send.request;
    out.key = send.key;
    out.version = send.version;
    out.body = std::move(send.body);
    out.deadline = send.deadline;
    out.expects_response = send.expects_response;
    pool_->send(send.connection, std::move(out));
  }
  void act(action::write_log& log, any_action&) {
    if (options_.log) options_.log(log.level, log.line);
  }
  template <class Other>
  void act(Other&, any_action& whole) {
    if (sink_) sink_(whole);
  }

  /// Waits for the core's deadline; a timer that is early anyway is left alone.
  void arm_timer() {
    const steady_time wanted = core_->deadline();
    if (wanted == never || wanted >= armed_for_) return;
    armed_for_ = wanted;
    timer_.expires_at(wanted);
    timer_.async_wait([self = weak_from_this()](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      if (const auto alive = self.lock()) {
        alive->armed_for_ = never;
        alive->begin(event::tick{});
      }
    });
  }

  strand strand_;
  runtime_options options_;
  asio::steady_timer timer_;
  steady_time armed_for_ = never;
  std::unique_ptr<core> core_;
  action_sink sink_;
  std::unique_ptr<net::connection_pool> pool_;
  std::vector<any_action> spare_actions_;
  std::atomic<bool> wake_pending_{false};
};

/// An io_context and the one thread that runs it. The thread shares ownership, so that it may outlive everybody else.
struct io_loop {
  /// Whoever waits for one outcome before the next call comes again within this time, and then falling asleep and being
  /// woken would be the larger part of both.
  static constexpr std::chrono::microseconds attention{20};

  void run() {
    while (context.run_one() != 0) {
      if (!expecting.exchange(false, std::memory_order_relaxed)) continue;
      const steady_time until = std::chrono::steady_clock::now() + attention;
      while (context.poll() == 0 && !context.stopped() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
      }
    }
  }

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::atomic<bool> expecting{false};
};

class threaded_runtime final : public runtime {
 public:
  explicit threaded_runtime(runtime_options options)
      : loop_(std::make_shared<io_loop>()),
        driver_(std::make_shared<driver>(loop_->context.get_executor(), std::move(options))),
        thread_([loop = loop_] { loop->run(); }) {}

  ~threaded_runtime() override {
    driver_->shut_down({client_errc::closed}, [loop = loop_] { loop->work.reset(); });
    driver_.reset();
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }
  threaded_runtime(const threaded_runtime&) = delete;
  threaded_runtime& operator=(const threaded_runtime&) = delete;

  void start(std::unique_ptr<core> machine, action_sink sink) override {
    driver_->start(std::move(machine), std::move(sink));
  }
  void post(any_event event) override { driver_->post(std::move(event)); }
  void wake() override { driver_->wake(); }
  bool inside() const override { return thread_.get_id() == std::this_thread::get_id(); }
  void expect_call() override { loop_->expecting.store(true, std::memory_order_relaxed); }
  void shut_down(error why, std::function<void()> done) override {
    driver_->shut_down(std::move(why), std::move(done));
  }

 private:
  std::shared_ptr<io_loop> loop_;
  std::shared_ptr<driver> driver_;
  std::thread thread_;
};

}  // namespace

std::shared_ptr<runtime> make_threaded_runtime(runtime_options options) {
  return std::make_shared<threaded_runtime>(std::move(options));
}

std::shared_ptr<runtime> make_runtime_on(const asio::any_io_executor& executor, runtime_options options) {
  return std::make_shared<driver>(executor, std::move(options));
}

asio::any_io_executor executor_of(const runtime& running) {
  const auto* on_executor = dynamic_cast<const driver*>(&running);
  return on_executor ? on_executor->executor() : asio::any_io_executor();
}

asio::any_io_executor strand_of(const runtime& running) {
  const auto* on_executor = dynamic_cast<const driver*>(&running);
  return on_executor ? on_executor->own_strand() : asio::any_io_executor();
}

}  // namespace kafka::client
