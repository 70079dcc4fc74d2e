// SPDX-License-Identifier: Apache-2.0

// Appends numbered records in transactions, and says before each step what it is about to do, so that whoever kills it
// knows of every transaction: committed, aborted, never asked to be committed, or unknown. A JSON object a line:
//   {"ready":true}                                      init_transactions is done
//   {"step":"begin","first":0,"last":49}                before the transaction is begun
//   {"step":"committing","first":0,"last":49}           before it is asked to be committed
//   {"first":0,"last":49,"outcome":"committed"}         or "aborted", with "why" where that was not the plan
//   {"failed":"...","severity":"fatal"}                 the end, exit code 3
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <kafka/producer.hpp>
#include <kafka/properties.hpp>

#include "tests/chaos/json_line.hpp"

namespace kafka::chaos {
namespace {

enum class idle_place : std::uint8_t { within, before_commit, between };

struct options {
  std::string brokers;
  std::string topic;
  std::string transactional_id;
  std::uint64_t from = 0;
  std::uint64_t count = 0;
  std::uint64_t per_transaction = 50;
  std::uint64_t abort_every = 0;
  std::chrono::milliseconds idle{0};
  idle_place idle_at = idle_place::before_commit;
  std::vector<std::string> properties;
};

/// Of one transaction, both included.
struct range {
  std::uint64_t first;
  std::uint64_t last;

  [[nodiscard]] std::string text() const {
    return "\"first\":" + std::to_string(first) + ",\"last\":" + std::to_string(last);
  }
};

void print_step(std::string_view step, const range& of) {
  print_line("{\"step\":" + quoted(step) + ',' + of.text() + '}');
}

void print_outcome(std::string_view outcome, const range& of, const error& why = {}) {
  const std::string reason = why ? ",\"why\":" + quoted(why.what()) : std::string();
  print_line('{' + of.text() + ",\"outcome\":" + quoted(outcome) + reason + '}');
}

/// Calls again for as long as the call's deadline was all that went wrong: nothing else is accepted then. (That of a
/// record, whose transaction must be aborted, has the same code.)
template <class Call>
error insist(Call call) {
  error failure;
  do {
    call(failure);
  } while (failure == client_errc::timed_out && failure.retriable());
  return failure;
}

class mover {
 public:
  explicit mover(const options& wanted) : wanted_(wanted), to_(config(wanted)) {}

  void run() {
    check(insist([this](error& failure) { to_.init_transactions(failure); }));
    print_line("{\"ready\":true}");
    const std::uint64_t end = wanted_.from + wanted_.count;
    for (std::uint64_t first = wanted_.from; first < end; first += wanted_.per_transaction) {
      const range next{first, std::min(first + wanted_.per_transaction, end) - 1};
      while (!move(next)) {
      }
      rest(idle_place::between);
    }
    check(to_.close());
  }

 private:
  static producer_config config(const options& wanted) {
    producer_config made{.bootstrap_servers = wanted.brokers, .transactional_id = wanted.transactional_id};
    for (const std::string& each : wanted.properties) {
      const std::size_t equals = each.find('=');
      check(set_property(made, each.substr(0, equals), equals == std::string::npos ? "" : each.substr(equals + 1)));
    }
    return made;
  }

  static void check(const error& failure) {
    if (failure) throw error(failure);
  }

  /// Every so many-th transaction is aborted, whoever counts them: it follows from the number of its first record.
  [[nodiscard]] bool planned_to_abort(const range& of) const {
    return wanted_.abort_every > 0 && of.first / wanted_.per_transaction % wanted_.abort_every == 0;
  }

  /// False: it was aborted because of an error, and may be tried again.
  bool move(const range& of) {
    print_step("begin", of);
    error failure;
    to_.begin(failure);
    if (!failure) failure = send(of);
    if (!failure && planned_to_abort(of)) {
      // Every other of them is in the log when it is aborted; the rest may be anywhere.
      if (of.first / wanted_.per_transaction % 2 == 0) failure = to_.flush();
      if (!failure) {
        abort(of, {});
        return true;
      }
    }
    if (!failure) {
      rest(idle_place::before_commit);
      print_step("committing", of);
      failure = insist([this](error& told) { to_.commit(told); });
    }
    if (!failure) {
      print_outcome("committed", of);
      return true;
    }
    if (failure.severity() == error_class::fatal) throw error(failure);
    abort(of, failure);
    return false;
  }

  void abort(const range& of, const error& why) {
    check(insist([this](error& failure) { to_.abort(failure); }));
    print_outcome("aborted", of, why);
  }

  error send(const range& of) {
    try {
      for (std::uint64_t number = of.first; number <= of.last; ++number) {
        if (number == of.first + wanted_.per_transaction / 2 && idles(idle_place::within)) {
          check(to_.flush());
          rest(idle_place::within);
        }
        const std::string text = std::to_string(number);
        to_.send({.topic = wanted_.topic, .key = bytes_view(text), .value = bytes_view(text)}, detached);
      }
    } catch (const error& failure) {
      return failure;
    }
    return {};
  }

  [[nodiscard]] bool idles(idle_place place) const {
    return !rested_ && wanted_.idle.count() > 0 && wanted_.idle_at == place;
  }

  /// Idles once.
  void rest(idle_place place) {
    if (!idles(place)) return;
    rested_ = true;
    ::poll(nullptr, 0, static_cast<int>(wanted_.idle.count()));
  }

  const options& wanted_;
  producer to_;
  bool rested_ = false;
};

int run(int argc, char** argv) {
  options wanted;
  std::int64_t idle = 0;
  CLI::App app("Appends numbered records to a topic in transactions");
  app.add_option("--brokers", wanted.brokers)->required();
  app.add_option("--topic", wanted.topic)->required();
  app.add_option("--transactional-id", wanted.transactional_id)->required();
  app.add_option("--from", wanted.from, "The first number");
  app.add_option("--count", wanted.count, "How many records")->required();
  app.add_option("--per-transaction", wanted.per_transaction)->check(CLI::PositiveNumber);
  app.add_option("--abort-every", wanted.abort_every, "One of so many transactions is aborted (default 0: none)");
  app.add_option("--idle", idle, "Milliseconds to wait once, in or after the first transaction");
  app.add_option("--idle-at", wanted.idle_at, "Where")
      ->transform(
          CLI::Transformer(std::vector<std::pair<std::string, idle_place>>{{"within", idle_place::within},
                                                                           {"before-commit", idle_place::before_commit},
                                                                           {"between", idle_place::between}}));
  app.add_option("-X", wanted.properties, "A property of the producer, key=value");
  CLI11_PARSE(app, argc, argv);
  wanted.idle = std::chrono::milliseconds(idle);
  try {
    mover(wanted).run();
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
