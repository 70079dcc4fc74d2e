// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kafka::net {

/// What a look-up gave: literal addresses (IPv4 and IPv6) in the order to try them, or none and why.
struct resolution {
  std::vector<std::string> addresses;
  std::string problem;
};

/// Looks a host name up. May block as long as it likes: it is called on a thread of its own, perhaps on several at once
/// for different names, and may still run when everything of ours is gone. Must not throw.
using resolve_function = std::function<resolution(const std::string& host)>;

/// getaddrinfo.
[[nodiscard]] resolution resolve_by_system(const std::string& host);

}  // namespace kafka::net
