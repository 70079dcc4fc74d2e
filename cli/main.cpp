// SPDX-License-Identifier: Apache-2.0
// Exit codes: 0 done (also when standard output was closed early, as by `| head`), 1 failed, 2 usage, 130 after Ctrl-C,
// 143 after SIGTERM (the verifiable commands know no 2, as the tools that they stand for). Data goes to standard
// output, everything else to standard error.
#include <cerrno>
#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <unistd.h>

#include <kafka/error.hpp>

#include "cli/options.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

constexpr int failed = 1;
constexpr int usage = 2;

int complain(const char* what, int code) {
  std::fprintf(stderr, "kafka-cli: %s\n", what);
  return code;
}

/// Runs what may throw anything that a command throws. `name` is the command's.
int guarded(const std::string& name, const std::function<void()>& step, const interrupts& interrupted) {
  try {
    step();
    return 0;
  } catch (const closed_pipe&) {
    return 0;
  } catch (const usage_error& wrong) {
    return complain(wrong.what(), usage);
  } catch (const error& failure) {
    // Closed by the signal: the exit code says it.
    if (interrupted && failure == client_errc::closed) return failed;
    return complain((name + ": " + failure.what()).c_str(), failure == client_errc::invalid_config ? usage : failed);
  } catch (const std::exception& failure) {
    return complain((name + ": " + failure.what()).c_str(), failed);
  }
}

int run(const request& wanted) {
  interrupts interrupted;
  output out(STDOUT_FILENO);
  context work{out, interrupted};
  const int code = guarded(wanted.name, [&] { wanted.run(work); }, interrupted);
  // What was read before a failure is data all the same.
  const int written = guarded(wanted.name, [&] { out.flush(); }, interrupted);
  if (interrupted) return 128 + interrupted.signal();
  return code != 0 ? code : written;
}

/// A standard stream that was closed by whoever started us must not become one of our own pipes or sockets. It is one
/// that cannot be used, in the direction that it is for.
void keep_standard_places() {
  for (const int place : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(place, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one.
    [[maybe_unused]] const int opened = ::open("/dev/null", place == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
  }
}

int main_of(const std::vector<std::string>& args) {
  const request wanted = parse_command_line(args);
  if (wanted.run) return run(wanted);
  std::fputs(wanted.answer.c_str(), stdout);
  std::fputs(wanted.complaint.c_str(), stderr);
  return wanted.complaint.empty() ? 0 : wanted.complaint_code;
}

}  // namespace
}  // namespace kafka::cli

int main(int argc, char** argv) {
  kafka::cli::keep_standard_places();
  try {
    return kafka::cli::main_of(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  } catch (const std::exception& failure) {
    return kafka::cli::complain(failure.what(), kafka::cli::failed);
  }
}
