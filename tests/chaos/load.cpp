// SPDX-License-Identifier: Apache-2.0

// Sends numbered records at an even rate until SIGTERM, then waits for what is on its way. Unlike the events of a
// verifiable producer its lines say whether a record that failed may be in the log. A JSON object a line:
//   {"acked":[0,1,2],"partition":0,"offset":17}         offset of the first, the others follow
//   {"failed":[3,4],"outcome":"unknown","error":"..."}  or "not_written"
//   {"sent":5}                                          the end: every number below has one of the two above
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <kafka/producer.hpp>
#include <kafka/properties.hpp>

#include "tests/chaos/json_line.hpp"

namespace kafka::chaos {
namespace {

struct options {
  std::string brokers;
  std::string topic;
  double rate = 100;
  std::size_t value_bytes = 0;
  std::vector<std::string> properties;
};

std::string list(std::span<const std::uint64_t> numbers) {
  std::string text;
  for (const std::uint64_t each : numbers) text += (text.empty() ? "" : ",") + std::to_string(each);
  return '[' + text + ']';
}

void print_failure(std::span<const std::uint64_t> numbers, const error& failure) {
  const bool definite = failure.outcome() == write_outcome::not_written;
  print_line("{\"failed\":" + list(numbers) + ",\"outcome\":" + quoted(definite ? "not_written" : "unknown") +
             ",\"error\":" + quoted(failure.what()) + '}');
}

void note(const delivery_batch& batch) {
  if (!batch) return print_failure(batch.opaques(), batch.error());
  print_line("{\"acked\":" + list(batch.opaques()) + ",\"partition\":" + std::to_string(batch.partition()) +
             ",\"offset\":" + std::to_string(batch.base_offset()) + '}');
}

producer_config config(const options& wanted) {
  producer_config made{.bootstrap_servers = wanted.brokers};
  for (const std::string& each : wanted.properties) {
    const std::size_t equals = each.find('=');
    const std::string value = equals == std::string::npos ? "" : each.substr(equals + 1);
    if (const error wrong = set_property(made, each.substr(0, equals), value)) throw error(wrong);
  }
  made.on_delivery = note;
  return made;
}

void send(const options& wanted, producer& to, std::uint64_t number) {
  std::string value = std::to_string(number);
  if (value.size() < wanted.value_bytes) value += ' ' + std::string(wanted.value_bytes - value.size() - 1, '.');
  try {
    to.send({.topic = wanted.topic, .value = bytes_view(value), .opaque = number}, detached);
  } catch (const error& failure) {
    print_failure(std::span(&number, 1), failure);
  }
}

/// Waits for the time or for SIGTERM; true: that has come.
bool told_to_end(std::chrono::steady_clock::time_point until, const sigset_t& terminate) {
  const auto left = std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration(0));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec longest{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
  return ::sigtimedwait(&terminate, nullptr, &longest) == SIGTERM;
}

std::uint64_t send_until_told(const options& wanted, producer& to, const sigset_t& terminate) {
  const std::chrono::duration<double> step(1 / wanted.rate);
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t number = 0;
  const auto turn = [&] {
    return began + std::chrono::duration_cast<std::chrono::steady_clock::duration>(step * number);
  };
  while (!told_to_end(turn(), terminate)) send(wanted, to, number++);
  return number;
}

int run(int argc, char** argv) {
  options wanted;
  CLI::App app("Sends numbered records until SIGTERM");
  app.add_option("--brokers", wanted.brokers)->required();
  app.add_option("--topic", wanted.topic)->required();
  app.add_option("--rate", wanted.rate, "Records a second")->check(CLI::PositiveNumber);
  app.add_option("--value-bytes", wanted.value_bytes, "Fills values up to this size");
  app.add_option("-X", wanted.properties, "A property of the producer, key=value");
  CLI11_PARSE(app, argc, argv);
  // Before the producer's thread is there, which then leaves the signal to this one as well.
  sigset_t terminate;
  sigemptyset(&terminate);
  sigaddset(&terminate, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &terminate, nullptr);
  try {
    producer to(config(wanted));
    const std::uint64_t sent = send_until_told(wanted, to, terminate);
    if (const error late = to.flush(std::chrono::hours(1))) throw error(late);
    if (const error late = to.close()) throw error(late);
    print_line("{\"sent\":" + std::to_string(sent) + '}');
  } catch (const error& failure) {
    print_line("{\"trouble\":" + quoted(failure.what()) + '}');
    return 3;
  }
  return 0;
}

}  // namespace
}  // namespace kafka::chaos

int main(int argc, char** argv) {
  return kafka::chaos::run(argc, argv);
}
