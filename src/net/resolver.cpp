// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace kafka::net {

resolution resolve_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  resolution out;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) {
    out.problem = code == EAI_SYSTEM ? std::generic_category().message(errno) : std::string(::gai_strerror(code));
    return out;
  }
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      out.addresses.emplace_back(text.data());
    }
  }
  ::freeaddrinfo(found);
  return out;
}

namespace {

resolution resolve_without_throwing(const resolve_function& function, const std::string& host) noexcept {
  try {
    return function(host);
  } catch (const std::exception& failure) {
    return {{}, failure.what()};
  } catch (...) {
    return {{}, "the resolve function threw"};
  }
}

/// While it lives, threads that are started inherit a mask without signals: the application's handlers run on its own.
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

/// Shared by the resolver and the thread. `owner` and `executor` change under the mutex; the rest is used on the
/// executor alone.
struct resolver::lookup : std::enable_shared_from_this<lookup> {
  std::mutex mutex;
  resolver* owner = nullptr;
  // Empty once a result was posted or the resolver is gone: the thread may outlive the execution context, an executor
  // may not.
  boost::asio::any_io_executor executor;
  std::string host;
  std::vector<std::pair<ticket, handler>> waiting;

  void run(const resolve_function& function) noexcept {
    resolution found = resolve_without_throwing(function, host);
    const std::lock_guard lock(mutex);
    if (!owner) return;
    // Let go of under the lock, which tell() waits for: until then the context is there.
    const boost::asio::any_io_executor here = std::exchange(executor, {});
    boost::asio::post(here, [self = shared_from_this(), found = std::move(found)] { self->tell(found); });
  }

  void tell(const resolution& found) {
    {
      const std::lock_guard wait_for_the_thread_to_leave(mutex);
    }
    if (!owner) return;
    // A handler may destroy the resolver: then nothing waits any more, and there is no owner.
    const auto keep = shared_from_this();
    while (!waiting.empty()) {
      const handler done = std::move(waiting.front().second);
      waiting.erase(waiting.begin());
      done(found);
    }
    if (owner) owner->lookups_.erase(host);
  }

  void orphan() {
    waiting.clear();
    const std::lock_guard lock(mutex);
    owner = nullptr;
    executor = {};
  }
};

resolver::resolver(boost::asio::any_io_executor executor, resolve_function function)
    : executor_(std::move(executor)), function_(std::move(function)) {}

resolver::~resolver() {
  for (auto& [host, running] : lookups_) running->orphan();
}

resolver::ticket resolver::resolve(const std::string& host, handler done) {
  std::shared_ptr<lookup>& slot = lookups_[host];
  const bool running = slot != nullptr;
  if (!running) {
    slot = std::make_shared<lookup>();
    slot->owner = this;
    slot->executor = executor_;
    slot->host = host;
  }
  slot->waiting.emplace_back(++last_ticket_, std::move(done));
  if (running) return last_ticket_;
  try {
    const signals_blocked during_the_start;
    std::thread([state = slot, function = function_] { state->run(function); }).detach();
  } catch (const std::system_error& failure) {
    resolution none{{}, std::string("no thread for the look-up: ") + failure.what()};
    boost::asio::post(executor_, [state = slot, none = std::move(none)] { state->tell(none); });
  }
  return last_ticket_;
}

void resolver::cancel(ticket which) {
  for (auto& [host, running] : lookups_) {
    std::erase_if(running->waiting, [which](const auto& entry) { return entry.first == which; });
  }
}

}  // namespace kafka::net
