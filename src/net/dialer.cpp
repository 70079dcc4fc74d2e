// SPDX-License-Identifier: Apache-2.0
#include "net/dialer.hpp"

#include <algorithm>

namespace kafka::net {

void dialer::start(steady_time now) {
  resolving_ = true;
  deadline_ = now + options_.resolve_timeout;
}

dialer::step dialer::resolved(const resolution& found, steady_time now) {
  resolving_ = false;
  deadline_ = never;
  if (found.addresses.empty()) {
    return error(client_errc::resolve_failed,
                 options_.peer + ": " + (found.problem.empty() ? "the name has no address" : found.problem));
  }
  addresses_ = found.addresses;
  const auto last = std::find(addresses_.begin(), addresses_.end(), memory_.address);
  if (last != addresses_.end()) std::rotate(addresses_.begin(), memory_.worked ? last : last + 1, addresses_.end());
  return next_address(now);
}

dialer::step dialer::next_address(steady_time now) {
  deadline_ = never;
  if (at_ == addresses_.size()) {
    ++memory_.failures;
    return error(client_errc::connect_failed, options_.peer + ": " + problems_);
  }
  memory_.address = addresses_[at_];
  memory_.worked = false;
  deadline_ = now + connect_timeout();
  return memory_.address;
}

std::chrono::milliseconds dialer::connect_timeout() const noexcept {
  std::chrono::milliseconds timeout = options_.connect_timeout;
  for (unsigned failure = 0; failure < memory_.failures && timeout < options_.connect_timeout_max; ++failure) {
    timeout *= 2;
  }
  return std::min(timeout, std::max(options_.connect_timeout, options_.connect_timeout_max));
}

dialer::step dialer::connect_failed(std::string_view why, steady_time now) {
  if (!problems_.empty()) problems_ += "; ";
  problems_.append(addresses_[at_]).append(": ").append(why);
  ++at_;
  return next_address(now);
}

void dialer::connected() {
  memory_.worked = true;
  memory_.failures = 0;
  deadline_ = never;
}

std::optional<dialer::step> dialer::tick(steady_time now) {
  if (now < deadline_) return std::nullopt;
  if (!resolving_) return connect_failed("no answer in time", now);
  return resolved({{}, "the look-up of the name took too long"}, now);
}

}  // namespace kafka::net
