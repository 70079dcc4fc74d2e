// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/time.hpp"
#include "fake/cluster.hpp"

namespace kafka::fake {

/// Serves a cluster on loopback TCP in real time, with one thread of its own: one listening socket a node. Decides
/// nothing: it moves bytes and wakes the cluster when its deadline comes.
class tcp_server {
 public:
  /// Opens the ports and starts the thread. The cluster's nodes then advertise the addresses that are listened on.
  /// Throws std::system_error if a port cannot be opened.
  explicit tcp_server(const fake_cluster_options& options);
  tcp_server(const tcp_server&) = delete;
  tcp_server& operator=(const tcp_server&) = delete;
  /// Stops the thread and closes everything.
  ~tcp_server();

  /// Runs `work` on the server's thread and does what the cluster then wants done; returns when it is over. At once if
  /// called on that thread. What `work` throws is thrown here.
  void run(const std::function<void(cluster&, instant)>& work);

  [[nodiscard]] std::uint16_t port(std::int32_t node) const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace kafka::fake
