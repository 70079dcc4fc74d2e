// SPDX-License-Identifier: Apache-2.0

// Copies a topic to another, exactly once, until SIGTERM or SIGINT; each record to the partition of the same number. A
// JSON object a line:
//   {"handled":100}                                        the records that went through the handler, every 50th time
//   {"holding":95}                                         --hold-at: it is in the handler and stays there
//   {"got_over":"..."}                                     an error that on_error was told of
//   {"records":4711,"committed":240,"aborted":1}           the end
//   {"failed":"...","severity":"fatal"}                    another end, exit code 3
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include <kafka/properties.hpp>
#include <kafka/transactional_processor.hpp>

#include "tests/chaos/json_line.hpp"

namespace kafka::chaos {
namespace {

/// Asks to stop when a signal comes that ends the program. Made before there are other threads, so that none of them
/// gets the signals.
class stop_on_signal {
 public:
  stop_on_signal() {
    ::sigemptyset(&signals_);
    for (const int each : {SIGINT, SIGTERM, SIGUSR1}) ::sigaddset(&signals_, each);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this] {
      int number = 0;
      ::sigwait(&signals_, &number);
      stop_.request_stop();
    });
  }
  stop_on_signal(const stop_on_signal&) = delete;
  stop_on_signal& operator=(const stop_on_signal&) = delete;
  ~stop_on_signal() {
    ::pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  ::sigset_t signals_{};
  std::stop_source stop_;
  std::thread thread_;
};

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

void process(const transactional_processor_config& config, const std::string& to, std::uint64_t hold_at) {
  const stop_on_signal stop;
  transactional_processor processor(config);
  std::uint64_t handled = 0;
  processor.run(
      [&](const record_view& record, transactional_output& output) {
        output.send({.topic = to, .key = record.key(), .value = record.value(), .partition = record.partition()});
        if (++handled == hold_at) {
          print_line("{\"holding\":" + number(handled) + '}');
          while (true) ::pause();  // to be killed in the middle of a transaction
        }
        if (handled % 50 == 0) print_line("{\"handled\":" + number(handled) + '}');
      },
      stop.token(), [](const error& failure) { print_line("{\"got_over\":" + quoted(failure.what()) + '}'); });
  if (const error late = processor.close()) throw error(late);
  const transactional_processor_counts counts = processor.counts();
  print_line("{\"records\":" + number(counts.records) + ",\"committed\":" + number(counts.committed) +
             ",\"aborted\":" + number(counts.aborted) + '}');
}

void set(consumer_config& reader, producer_config& writer, const std::string& property, bool reads) {
  const std::size_t equals = property.find('=');
  const std::string key = property.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : property.substr(equals + 1);
  if (const error wrong = reads ? set_property(reader, key, value) : set_property(writer, key, value)) {
    throw error(wrong);
  }
}

int run(int argc, char** argv) {
  std::string brokers;
  std::string from;
  std::string to;
  transactional_processor_config config;
  std::vector<std::string> reader;
  std::vector<std::string> writer;
  CLI::App app("Copies a topic to another, exactly once");
  app.add_option("--brokers", brokers)->required();
  app.add_option("--from", from)->required();
  app.add_option("--to", to)->required();
  app.add_option("--group", config.consumer.group_id)->required();
  app.add_option("--transactional-id", config.producer.transactional_id)->required();
  app.add_option("--per-transaction", config.batch_records_max)->check(CLI::PositiveNumber);
  app.add_option("-X", reader, "A property of the consumer, key=value");
  app.add_option("-Y", writer, "A property of the producer, key=value");
  std::uint64_t hold_at = 0;
  app.add_option("--hold-at", hold_at, "Stays for ever in the handler of the record of this number, counted from 1");
  CLI11_PARSE(app, argc, argv);
  try {
    config.consumer.bootstrap_servers = config.producer.bootstrap_servers = brokers;
    config.consumer.offset_reset = offset_reset::earliest;
    config.topics = {from};
    for (const std::string& each : reader) set(config.consumer, config.producer, each, true);
    for (const std::string& each : writer) set(config.consumer, config.producer, each, false);
    process(config, to, hold_at);
  } catch (const error& failure) {
    const char* severity = failure.severity() == error_class::fatal ? "fatal" : "not fatal";
    print_line("{\"failed\":" + quoted(failure.what()) + ",\"severity\":" + quoted(severity) + '}');
    return 3;
  }
  return 0;
}

}  // namespace
}  // namespace kafka::chaos

int main(int argc, char** argv) {
  return kafka::chaos::run(argc, argv);
}
