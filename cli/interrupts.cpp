// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupts.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace kafka::cli {
namespace {

// Ends the thread; never sent by anybody else, since it is sent to that one thread.
constexpr int end_signal = SIGUSR2;

::sigset_t handled_signals() {
  ::sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, end_signal);
  return set;
}

}  // namespace

interrupts::interrupts() {
  if (::pipe(pipe_) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  // Shells start background jobs with SIGINT ignored; whoever sends one all the same means it.
  for (const int each : {SIGINT, SIGTERM, end_signal}) ::signal(each, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  const ::sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { run(); });
}

interrupts::~interrupts() {
  ended_ = true;
  ::pthread_kill(thread_.native_handle(), end_signal);
  thread_.join();
  ::close(pipe_[0]);
  ::close(pipe_[1]);
}

void interrupts::run() {
  const ::sigset_t set = handled_signals();
  std::thread waking;
  for (int number = 0; ::sigwait(&set, &number) == 0 && !ended_;) {
    if (number == end_signal) continue;
    if (signal_.load() != 0) ::_exit(128 + number);
    signal_.store(number, std::memory_order_release);
    [[maybe_unused]] const ::ssize_t written = ::write(pipe_[1], "!", 1);
    // On yet another thread: a wake may close a client and take seconds, in which a second signal must be heard.
    waking = std::thread([this] {
      const std::lock_guard lock(mutex_);
      if (wake_) std::exchange(wake_, {})();
    });
  }
  if (waking.joinable()) waking.join();
}

void interrupts::wait() const {
  ::pollfd ready{pipe_[0], POLLIN, 0};
  while (!*this && (::poll(&ready, 1, -1) >= 0 || errno == EINTR)) {
  }
}

void interrupts::wait_until(std::chrono::steady_clock::time_point until) const {
  while (!*this) {
    const std::chrono::nanoseconds left = until - std::chrono::steady_clock::now();
    if (left.count() <= 0) return;
    const ::timespec timeout{static_cast<::time_t>(left.count() / 1'000'000'000), left.count() % 1'000'000'000};
    ::pollfd ready{pipe_[0], POLLIN, 0};
    if (::ppoll(&ready, 1, &timeout, nullptr) < 0 && errno != EINTR) return;
  }
}

interrupts::guard::guard(interrupts& owner, std::function<void()> wake) : owner_(owner) {
  const std::lock_guard lock(owner_.mutex_);
  outer_ = std::exchange(owner_.wake_, std::move(wake));
  if (owner_) std::exchange(owner_.wake_, {})();
}

interrupts::guard::~guard() {
  const std::lock_guard lock(owner_.mutex_);
  owner_.wake_ = std::move(outer_);
}

}  // namespace kafka::cli
