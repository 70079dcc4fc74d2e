// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "client/client_base.hpp"
#include "client/runtime.hpp"

namespace kafka::client {

/// What the blocking and the asynchronous admin share: starts calls and hands their results out. Thread-safe.
class admin_engine : public std::enable_shared_from_this<admin_engine> {
 public:
  using callback = std::function<void(error failure, admin_result result)>;

  /// Throws kafka::error (invalid_config).
  static std::shared_ptr<admin_engine> make(admin_config config, std::shared_ptr<runtime> running);

  /// `done` is called once, on the strand, after api_timeout at the latest.
  void call(admin_call::any what, callback done);
  /// Ends everything; calls under way fail with `why`. `done` is called on the strand.
  void shut_down(error why, std::function<void()> done);

  [[nodiscard]] runtime& running() noexcept { return *runtime_; }

  /// What the core asks for; on the strand.
  void take(any_action& action);

  admin_engine(admin_config config, std::shared_ptr<runtime> running);

 private:
  void start(const core_config& settings);

  const admin_config config_;
  std::shared_ptr<runtime> runtime_;
  pending_calls<error, admin_result> calls_;
  std::atomic<bool> closed_{false};
};

}  // namespace kafka::client
