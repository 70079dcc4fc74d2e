// SPDX-License-Identifier: Apache-2.0
#include "client/bell.hpp"

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "support/catch.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;

steady_time in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

std::atomic<bell*> rung_by_signal{nullptr};

void on_signal(int) {
  if (bell* one = rung_by_signal.load()) one->ring();
}

TEST_CASE("a ring ends the wait, or the next one, and many are one") {
  bell one;
  for (int count = 0; count < 100'000; ++count) one.ring();  // more than a pipe holds
  REQUIRE(one.wait_until(in(1h)));
  REQUIRE_FALSE(one.wait_until(in(0ms)));
  REQUIRE_FALSE(one.wait_until(in(20ms)));
  std::jthread other([&] { one.ring(); });
  REQUIRE(one.wait_until(never));
}

TEST_CASE("a wait ends by its time, and not before") {
  bell one;
  const steady_time until = in(30ms);
  REQUIRE_FALSE(one.wait_until(until));
  REQUIRE(std::chrono::steady_clock::now() >= until);
}

TEST_CASE("a signal's handler rings, and disturbs neither errno nor a wait that is not for it") {
  bell one;
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = on_signal;
  REQUIRE(::sigaction(SIGUSR2, &action, &before) == 0);

  rung_by_signal = &one;
  errno = ENOTTY;
  REQUIRE(std::raise(SIGUSR2) == 0);
  REQUIRE(errno == ENOTTY);
  REQUIRE(one.wait_until(in(1h)));

  // Into the wait itself: first a signal that rings nothing, then one that does.
  rung_by_signal = nullptr;
  std::atomic<bool> over{false};
  std::atomic<bool> rang{false};
  std::thread waiter([&] {
    rang = one.wait_until(in(1h));
    over = true;
  });
  const steady_time quiet = in(30ms);
  while (std::chrono::steady_clock::now() < quiet) REQUIRE(::pthread_kill(waiter.native_handle(), SIGUSR2) == 0);
  REQUIRE_FALSE(over);
  rung_by_signal = &one;
  REQUIRE(::pthread_kill(waiter.native_handle(), SIGUSR2) == 0);
  waiter.join();
  REQUIRE(rang);
  rung_by_signal = nullptr;
  ::sigaction(SIGUSR2, &before, nullptr);
}

}  // namespace
}  // namespace kafka::client
