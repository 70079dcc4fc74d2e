// SPDX-License-Identifier: Apache-2.0
#include "client/admin_engine.hpp"

#include <chrono>
#include <utility>

namespace kafka::client {

admin_engine::admin_engine(admin_config config, std::shared_ptr<runtime> running)
    : config_(std::move(config)), runtime_(std::move(running)) {}

std::shared_ptr<admin_engine> admin_engine::make(admin_config config, std::shared_ptr<runtime> running) {
  const core_config settings = checked_core_config(config, false);
  auto made = std::make_shared<admin_engine>(std::move(config), std::move(running));
  made->start(settings);
  return made;
}

void admin_engine::start(const core_config& settings) {
  runtime_->start(std::make_unique<core>(settings), sink_of(weak_from_this()));
}

void admin_engine::take(any_action& action) {
  auto* over = std::get_if<action::complete_call>(&action);
  if (!over) return;
  if (const auto done = calls_.take(over->completed.id)) {
    guarded(config_.log, "an admin handler",
            [&] { done(std::move(over->completed.failure), std::move(over->completed.result)); });
  }
}

void admin_engine::call(admin_call::any what, callback done) {
  const operation_id id = calls_.add(std::move(done));
  runtime_->post(
      event::admin_call_started{id, std::move(what), std::chrono::steady_clock::now() + config_.api_timeout});
  if (!closed_.load(std::memory_order_acquire)) return;
  // After the end no event reaches the core: whoever came too late is told here.
  if (const auto late = calls_.take(id)) late({client_errc::closed, "the admin client was closed"}, {});
}

void admin_engine::shut_down(error why, std::function<void()> done) {
  closed_.store(true, std::memory_order_release);
  runtime_->shut_down(why, [self = shared_from_this(), why, done = std::move(done)]() mutable {
    for (auto& [id, left] : self->calls_.take_all()) left(why, {});
    keeping_alive(std::move(self), std::move(done))();
  });
}

}  // namespace kafka::client
