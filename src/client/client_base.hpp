// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <kafka/error.hpp>
#include <kafka/log.hpp>

#include "client/config_table.hpp"
#include "client/runtime.hpp"

namespace kafka::client {

/// Checks a client's configuration and gives the core's part of it. Throws kafka::error (invalid_config).
template <class Config>
[[nodiscard]] core_config checked_core_config(const Config& config, bool allow_auto_create_topics);

/// A seed that differs from client to client and from run to run.
[[nodiscard]] std::uint64_t random_seed();

/// Runs user code on the strand: what it throws is logged, never passed on, since nobody there could catch it.
template <class Function>
void guarded(const log_handler& log, std::string_view what, Function&& function) noexcept {
  try {
    std::forward<Function>(function)();
  } catch (const std::exception& thrown) {
    if (log) log(log_level::error, std::string(what) + " threw: " + thrown.what());
  } catch (...) {
    if (log) log(log_level::error, std::string(what) + " threw");
  }
}

/// Calls under way, by id: who is to be told of the end. Thread-safe. Each callback is called at most once.
template <class... Result>
class pending_calls {
 public:
  using callback = std::function<void(Result...)>;

  operation_id add(callback done) {
    const std::lock_guard lock(mutex_);
    const operation_id id = ++last_;
    waiting_.emplace(id, std::move(done));
    return id;
  }
  /// Takes the callback out, to be called under no lock; null if it was taken already.
  [[nodiscard]] callback take(operation_id id) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return nullptr;
    callback done = std::move(found->second);
    waiting_.erase(found);
    return done;
  }
  [[nodiscard]] std::unordered_map<operation_id, callback> take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }

 private:
  std::mutex mutex_;
  operation_id last_ = 0;
  std::unordered_map<operation_id, callback> waiting_;
};

/// A result that one thread waits for and another brings. For the blocking facades only. Shared by both, because the
/// one that waits may be gone by the time the other has woken it: so it can be woken without holding the lock, which it
/// would only wait for.
template <class T>
class promised {
 public:
  void set(T value) {
    {
      const std::lock_guard lock(mutex_);
      value_.emplace(std::move(value));
    }
    ready_.notify_all();
  }
  [[nodiscard]] T get() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return value_.has_value(); });
    return std::move(*value_);
  }
  [[nodiscard]] bool wait_until(steady_time until) {
    std::unique_lock lock(mutex_);
    return ready_.wait_until(lock, until, [&] { return value_.has_value(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<T> value_;
};

/// The time `timeout` from now; `never` where that lies beyond the clock's range.
[[nodiscard]] inline steady_time after(std::chrono::milliseconds timeout) {
  const steady_time now = std::chrono::steady_clock::now();
  return timeout > never - now ? never : now + timeout;
}

template <class Config>
core_config checked_core_config(const Config& config, bool allow_auto_create_topics) {
  core_config out;
  if (error bad = validate(config)) throw bad;
  if (error bad = parse_bootstrap_servers(config.bootstrap_servers, out.bootstrap)) throw bad;
  out.connection = config.connection;
  out.allow_auto_create_topics = allow_auto_create_topics;
  out.wall_clock = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  out.seed = random_seed();
  return out;
}

/// Where a runtime brings an engine's actions. Does not hold the engine: it may be that nobody runs its executor any
/// more, and then nothing would ever break the circle of engine, runtime and sink.
template <class Engine>
[[nodiscard]] runtime::action_sink sink_of(std::weak_ptr<Engine> engine) {
  return [engine = std::move(engine)](any_action& action) {
    if (const auto alive = engine.lock()) alive->take(action);
  };
}

/// For the end of a runtime: holds the engine until then, since the core refers to what it owns, and lets it go before
/// `done`, so that whoever waits for that holds the last reference and can join the IO thread.
template <class Engine>
[[nodiscard]] std::function<void()> keeping_alive(std::shared_ptr<Engine> engine, std::function<void()> done) {
  return [engine = std::move(engine), done = std::move(done)]() mutable {
    const auto last = std::exchange(done, nullptr);
    engine.reset();
    if (last) last();
  };
}

/// Ends an engine and waits for the end, unless the caller is inside its runtime (then the end follows by itself).
template <class Engine>
void shut_down_and_wait(Engine& engine, const error& why) {
  if (engine.running().inside()) return engine.shut_down(why, nullptr);
  const auto over = std::make_shared<promised<bool>>();
  engine.shut_down(why, [over] { over->set(true); });
  (void)over->get();
}

}  // namespace kafka::client
