// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "client/admin/operation.hpp"
#include "client/wire.hpp"

namespace kafka::client {

/// An admin call that is over.
struct completed_call {
  operation_id id = 0;
  admin_result result;
  error failure;
};

/// Runs admin calls side by side: sends what their operations ask for, asks again after a back-off, and ends each call
/// at its deadline with whatever its items have met by then. Pure.
class admin_requests {
 public:
  admin_requests(const connection_config& config, std::uint64_t seed) : config_(config), random_(seed) {}

  void start(operation_id id, admin_call::any call, steady_time deadline);
  /// Forgets a call; no completion follows.
  void cancel(operation_id id) { running_.erase(id); }
  /// Ends every call.
  void fail_all(const error& why);

  /// `connection_failure`: why brokers could not be reached lately, for the cause of calls that run out of time.
  void step(request_id& next_id, const error& connection_failure, steady_time now, std::vector<outgoing>& out);
  /// The answer to a request; returns the brokers that it named: all of them, if it was metadata.
  std::vector<node> on_reply(reply& answer, steady_time now);

  [[nodiscard]] std::vector<completed_call> take_completed() { return std::exchange(completed_, {}); }
  [[nodiscard]] steady_time deadline() const;

 private:
  struct running {
    std::unique_ptr<admin_operation> operation;
    steady_time deadline = never;
    steady_time retry_at{};
    unsigned rounds = 0;
    unsigned pauses = 0;
    std::size_t in_flight = 0;
  };
  struct sent_request {
    operation_id operation = 0;
    std::size_t tag = 0;
  };

  void complete(operation_id id, running& call, const error& unfinished);

  connection_config config_;
  random_source random_;
  std::map<operation_id, running> running_;
  std::unordered_map<request_id, sent_request> in_flight_;
  std::vector<completed_call> completed_;
};

}  // namespace kafka::client
