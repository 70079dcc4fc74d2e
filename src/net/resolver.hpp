// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "net/resolve.hpp"

namespace kafka::net {

/// Looks names up without ever blocking the executor or its owner: each look-up runs on a detached thread that shares
/// nothing but its own small state, so that a look-up that hangs holds up neither a close nor an exit. (Asio's own
/// resolver joins its thread when the execution context is destroyed.) Not thread-safe: used on the executor.
class resolver {
 public:
  using handler = std::function<void(const resolution&)>;
  using ticket = std::uint64_t;

  resolver(boost::asio::any_io_executor executor, resolve_function function);
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;
  /// Never blocks; no handler is called afterwards.
  ~resolver();

  /// Calls `done` on the executor, later. One look-up at a time runs for a name: whoever asks meanwhile gets its
  /// result.
  ticket resolve(const std::string& host, handler done);
  /// The handler is not called (if it was not yet).
  void cancel(ticket which);

 private:
  struct lookup;

  boost::asio::any_io_executor executor_;
  resolve_function function_;
  std::map<std::string, std::shared_ptr<lookup>> lookups_;
  ticket last_ticket_ = 0;
};

}  // namespace kafka::net
