// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "client/core.hpp"

namespace kafka::client {

/// What a runtime needs to know besides the core.
struct runtime_options {
  connection_config connection;
  std::string client_id;
  log_handler log;
};

/// The Asio driver of a core: moves bytes and events, tells the time, decides nothing. The core is touched on one
/// strand only. Held by shared_ptr: work under way keeps it alive.
class runtime {
 public:
  /// Called on the strand, after a step of the core, with each action that is not the runtime's own business.
  using action_sink = std::function<void(any_action& action)>;

  virtual ~runtime() = default;

  /// Begins to run `machine`, which nobody else touches from here on.
  virtual void start(std::unique_ptr<core> machine, action_sink sink) = 0;
  /// Hands an event to the core; any thread. Ignored after shut_down.
  virtual void post(any_event event) = 0;
  /// Hands a tick to the core soon; any thread. Many calls may become one tick.
  virtual void wake() = 0;
  /// Whether the caller is inside the strand, so that blocking here would wait for itself.
  [[nodiscard]] virtual bool inside() const = 0;
  /// A caller that waited for an outcome was just told it, and will soon call again; on the strand.
  virtual void expect_call() {}
  /// Ends the core with `why`, delivers what that completes, closes all connections and lets the sink go. Any thread;
  /// `done` is called on the strand at the end, also when it is called again later.
  virtual void shut_down(error why, std::function<void()> done) = 0;
};

/// A runtime with an IO thread of its own. Letting go of the last reference ends the thread: joins it, or detaches it
/// when that happens on the thread itself.
[[nodiscard]] std::shared_ptr<runtime> make_threaded_runtime(runtime_options options);

}  // namespace kafka::client
