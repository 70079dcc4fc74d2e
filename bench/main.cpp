// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>
#include <exception>
#include <string_view>

#include <kafka/error.hpp>

#include "bench/commands.hpp"
#include "bench/stopwatch.hpp"

namespace {

struct command {
  std::string_view name;
  const char* what;
  int (*run)(int argc, char** argv);
};

constexpr std::array commands{
    command{"codec", "record batches against a bare loop", kafka::bench::codec},
    command{"produce", "records a second that are sent, and what they cost", kafka::bench::produce},
    command{"consume", "records a second that are read, and what they cost", kafka::bench::consume},
    command{"latency", "one record at a time", kafka::bench::latency},
};

int usage(std::FILE* out, int code) {
  std::fprintf(out, "usage: kafka-bench COMMAND [OPTIONS]   (kafka-bench COMMAND --help tells the options)\n\n");
  for (const command& each : commands)
    std::fprintf(out, "  %-10.*s %s\n", static_cast<int>(each.name.size()), each.name.data(), each.what);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  (void)kafka::bench::process_start();
  if (argc < 2) return usage(stderr, 2);
  const std::string_view wanted = argv[1];
  if (wanted == "--help" || wanted == "-h") return usage(stdout, 0);
  for (const command& each : commands) {
    if (each.name != wanted) continue;
    try {
      return each.run(argc - 1, argv + 1);
    } catch (const kafka::error& failure) {
      std::fprintf(stderr, "kafka-bench %s: %s\n", argv[1], failure.what());
      return failure == kafka::client_errc::invalid_config ? 2 : 1;
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "kafka-bench %s: %s\n", argv[1], failure.what());
      return 1;
    }
  }
  std::fprintf(stderr, "kafka-bench: no benchmark is called %s\n", argv[1]);
  return usage(stderr, 2);
}
