// SPDX-License-Identifier: Apache-2.0
// Which address of a broker to try next, and for how long. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kafka/error.hpp>

#include "base/time.hpp"
#include "net/resolve.hpp"

namespace kafka::net {

/// What is remembered of one endpoint between attempts, so that an address that is dead is not always tried first.
struct dial_memory {
  /// The address that was used last, and whether a broker answered there.
  std::string address;
  bool worked = false;
  /// Attempts in a row that reached no address; they stretch the time-outs (KIP-601).
  unsigned failures = 0;
};

struct dial_options {
  /// How the broker is called in the texts of errors.
  std::string peer;
  /// For each address; doubled by each failed attempt up to the maximum.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds connect_timeout_max{30'000};
  std::chrono::milliseconds resolve_timeout{30'000};
};

/// One attempt to connect: a look-up, then each of the addresses in turn, beginning with the one that worked last, or
/// behind the one that did not.
class dialer {
 public:
  /// What to do now: connect to this literal address, or give up.
  using step = std::variant<std::string, error>;

  /// `memory` belongs to the endpoint and must outlive this.
  dialer(dial_options options, dial_memory& memory) : options_(std::move(options)), memory_(memory) {}

  void start(steady_time now);
  [[nodiscard]] step resolved(const resolution& found, steady_time now);
  /// The address of the last step could not be connected to.
  [[nodiscard]] step connect_failed(std::string_view why, steady_time now);
  /// The address of the last step was connected to.
  void connected();
  /// No broker answered at the address that was connected to: another one comes first next time.
  void disappointed() { memory_.worked = false; }

  /// The next step if the current one took too long.
  [[nodiscard]] std::optional<step> tick(steady_time now);
  [[nodiscard]] steady_time deadline() const noexcept { return deadline_; }

 private:
  [[nodiscard]] step next_address(steady_time now);
  [[nodiscard]] std::chrono::milliseconds connect_timeout() const noexcept;

  dial_options options_;
  dial_memory& memory_;
  std::vector<std::string> addresses_;  // in the order to try them
  std::size_t at_ = 0;
  bool resolving_ = false;
  std::string problems_;
  steady_time deadline_ = never;
};

}  // namespace kafka::net
