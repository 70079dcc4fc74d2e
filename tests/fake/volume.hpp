// SPDX-License-Identifier: Apache-2.0
// What tests with millions of records share.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <functional>
#include <kafka/fake_cluster.hpp>
#include <string>

#include "support/catch.hpp"

namespace kafka::volume {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

inline constexpr std::size_t a_tenth = sanitized ? 20'000 : 1'000'000;
/// Batches that linger out hold fewer records when everything is slower.
inline constexpr std::size_t records_an_allocation = sanitized ? 20 : 100;

/// How far full buffers may differ from half of a test to the other; a leak in each record would be many times that.
inline constexpr std::size_t memory_slack = 16U << 20U;

/// Bytes of this process that are in memory now.
inline std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// A cluster in a process of its own, so that what is measured here is the client.
class other_process {
 public:
  /// `prepare` is called there; it must not use Catch.
  other_process(fake_cluster_options options, const std::function<void(fake_cluster&)>& prepare) {
    REQUIRE(pipe(address_.data()) == 0);
    REQUIRE(pipe(end_.data()) == 0);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) serve(std::move(options), prepare);
    close(address_[1]);
    close(end_[0]);
    std::array<char, 100> text{};
    const ssize_t size = read(address_[0], text.data(), text.size());
    REQUIRE(size > 0);
    bootstrap_servers.assign(text.data(), static_cast<std::size_t>(size));
  }
  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;
  ~other_process() {
    close(end_[1]);
    close(address_[0]);
    waitpid(child_, nullptr, 0);
  }

  std::string bootstrap_servers;

 private:
  [[noreturn]] void serve(fake_cluster_options options, const std::function<void(fake_cluster&)>& prepare) {
    close(end_[1]);
    fake_cluster cluster(std::move(options));
    prepare(cluster);
    const std::string address = cluster.bootstrap_servers();
    if (write(address_[1], address.data(), address.size()) < 0) _exit(1);
    char none = 0;
    _exit(read(end_[0], &none, 1) == 0 ? 0 : 1);  // until the other end is closed
  }

  std::array<int, 2> address_{};
  std::array<int, 2> end_{};
  pid_t child_ = -1;
};

}  // namespace kafka::volume
