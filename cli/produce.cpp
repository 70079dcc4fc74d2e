// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdio>
#include <stdexcept>

#include <kafka/producer.hpp>

#include "cli/commands.hpp"
#include "cli/delivery_count.hpp"
#include "cli/progress.hpp"
#include "cli/rate_limit.hpp"
#include "cli/record_input.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

using namespace std::chrono_literals;

// How long records on their way, and a transaction to be aborted, are waited for after Ctrl-C.
constexpr std::chrono::seconds last_wait{5};

void check(const produce_options& options) {
  const auto exclude = [](bool both, const char* words) {
    if (both) throw usage_error(std::string(words) + " exclude each other");
  };
  exclude(options.value && !options.files.empty(), "-v and files");
  exclude(options.value && options.json, "-v and --json");
  exclude(options.value && options.rate, "-v and --rate");
  exclude(options.value && !options.key_delimiter.empty(), "-v and -K");
  exclude(options.json && !options.key_delimiter.empty(), "--json and -K");
  exclude(options.keep_partition && options.partition, "--keep-partition and -p");
  if (options.keep_partition && !options.json) throw usage_error("--keep-partition needs --json");
  if (options.topic.empty()) throw usage_error("produce wants the name of a topic");
}

producer_config config_of(const produce_options& options, delivery_count& count) {
  producer_config config = make_producer_config(options.cluster);
  if (options.compression) config.compression = *options.compression;
  config.on_delivery = [&count](const delivery_batch& batch) { count.note(batch); };
  return config;
}

/// One run of the command: sends everything and, with a transactional id, all of it in one transaction.
class production {
 public:
  production(const produce_options& options, context& work)
      : options_(options), work_(work), config_(config_of(options, count_)), to_(config_) {}

  void run(record_input& input) {
    if (transactional()) begin();
    {
      progress_meter meter(true);
      send_all(input, meter);
      note_progress(input, meter);
      const bool good = complete();
      if (transactional()) end(good);
      if (const error closed = to_.close(last_wait); closed && !trouble_) trouble_ = closed;
      if (!transactional() || committed_) show_summary(meter);
    }
    report();
  }

  void run_one() {
    if (transactional()) begin();
    delivery sent;
    {
      const interrupts::guard waking(work_.interrupted, [this] { give_up_waiting(); });
      line_records form(options_);
      sent = to_.send(form.common(*options_.value), trouble_);
      if (!trouble_) accepted_ = 1;
    }
    if (transactional()) end(!trouble_ && !work_.interrupted);
    to_.close(last_wait);
    if (trouble_) throw error(with_ending(trouble_));
    if (!ending_.empty()) return say_interrupted();
    work_.out.text += std::to_string(sent.partition) + '\t' + std::to_string(sent.offset) + '\n';
  }

 private:
  [[nodiscard]] bool transactional() const noexcept { return !config_.transactional_id.empty(); }

  void begin() {
    const interrupts::guard closing(work_.interrupted, [this] { to_.close(0ms); });
    to_.init_transactions(std::max(options_.cluster.timeout, std::chrono::milliseconds(1)));
    to_.begin();
  }

  /// On the signal's thread: ends whatever the command waits for. A producer that was closed could not abort any more.
  void give_up_waiting() {
    if (transactional() && accepted_ > 0) {
      to_.purge(purge::all);
    } else {
      to_.close(last_wait);
    }
  }

  /// Sends, and waits for the outcome of, every record; until the input ends, a signal comes or a record cannot be
  /// sent.
  void send_all(record_input& input, progress_meter& meter) {
    // The guard ends before anybody closes or aborts: either the signal's call has returned by then, or it never comes.
    const interrupts::guard waking(work_.interrupted, [this] { give_up_waiting(); });
    try {
      send_records(input, meter);
    } catch (const std::exception& wrong) {
      complaint_ = wrong.what();
    }
    if (!work_.interrupted) {
      const error late = to_.flush(24h);
      if (!trouble_) trouble_ = late;
    }
  }

  void send_records(record_input& input, progress_meter& meter) {
    std::optional<rate_limit> limit;
    if (options_.rate) limit.emplace(*options_.rate, std::chrono::steady_clock::now());
    while (const message* record = input.next()) {
      if (limit && !wait_for_turn(*limit, input, meter)) return;
      if (!send(*record)) return;
      // The clock is not read for every record.
      if (accepted_.fetch_add(1, std::memory_order_relaxed) % 1024 == 0) note_progress(input, meter);
    }
  }

  /// False after a signal.
  bool wait_for_turn(rate_limit& limit, const record_input& input, progress_meter& meter) {
    const auto now = std::chrono::steady_clock::now();
    const auto turn = limit.take(now);
    if (turn <= now) return !work_.interrupted;
    note_progress(input, meter);
    work_.interrupted.wait_until(turn);
    return !work_.interrupted;
  }

  /// Waits for room for as long as records on their way still may make some. False: it was not sent, see trouble_.
  bool send(const message& record) {
    for (;;) {
      try {
        to_.send(record, detached);
        return true;
      } catch (const error& thrown) {
        if (thrown == client_errc::buffer_full && count_.failed() == 0 && !work_.interrupted) continue;
        trouble_ = thrown;
        refused_ = 1;
        return false;
      }
    }
  }

  void note_progress(const record_input& input, progress_meter& meter) {
    done_.records = accepted_;
    done_.bytes = input.line_bytes();
    done_.bytes_read = input.bytes_read();
    done_.bytes_total = input.bytes_total();
    meter.update(done_);
  }

  [[nodiscard]] bool complete() const {
    return !work_.interrupted && complaint_.empty() && !trouble_ && count_.failed() == 0 &&
           count_.delivered() == accepted_;
  }

  /// Commits or aborts; says of the latter in `ending_`.
  void end(bool good) {
    if (good) {
      const interrupts::guard closing(work_.interrupted, [this] { to_.close(0ms); });
      to_.commit(trouble_, std::max<std::chrono::milliseconds>(options_.cluster.timeout, config_.delivery_timeout));
      committed_ = !trouble_;
      if (committed_) return;
      // A record's time-out has the same code, but asks for the transaction to be aborted.
      const bool open_end = trouble_ == client_errc::timed_out && trouble_.retriable();
      if (open_end || trouble_ == client_errc::closed) {
        ending_ = "it is not known whether the transaction was committed";
        return;
      }
    }
    // A second Ctrl-C ends the program, so that this needs no guard.
    error failure;
    to_.abort(failure, last_wait);
    ending_ = failure
                  ? std::string("the transaction could not be aborted, the coordinator will do it: ") + failure.what()
                  : "the transaction was aborted";
  }

  void show_summary(const progress_meter& meter) const {
    const work_done delivered{.records = count_.delivered(), .bytes = done_.bytes};
    std::fprintf(stderr, "%s\n", summary_text(delivered, meter.elapsed()).c_str());
  }

  void say_interrupted() const {
    if (!ending_.empty()) std::fprintf(stderr, "kafka-cli: produce: interrupted: %s\n", ending_.c_str());
  }

  [[nodiscard]] error with_ending(const error& failure) const {
    return ending_.empty() ? failure : failure.with_context(ending_);
  }

  /// What went wrong, if anything did, by throwing it.
  void report() const {
    const std::uint64_t tried = accepted_ + refused_;
    const std::uint64_t lost = tried - std::min(tried, count_.delivered());
    const error first = count_.failed() > 0 ? count_.first_failure() : trouble_;
    const std::string losses = std::to_string(lost) + " of " + std::to_string(tried) + " records were not delivered";
    if (!complaint_.empty()) {
      std::string text = complaint_;
      if (lost > 0) text += "; " + losses + ": " + first.what();
      throw std::runtime_error(ending_.empty() ? text : text + "; " + ending_);
    }
    if (work_.interrupted && (transactional() || count_.failed() == 0)) {
      return say_interrupted();
    }
    if (lost > 0) throw error(with_ending(first.with_context(losses)));
    if (trouble_) throw error(with_ending(trouble_));
  }

  const produce_options& options_;
  context& work_;
  delivery_count count_;
  const producer_config config_;
  producer to_;
  /// Records that the producer took; read by the signal's thread.
  std::atomic<std::uint64_t> accepted_{0};
  std::uint64_t refused_ = 0;
  work_done done_;
  /// Why a record could not be sent, or the end not be reached.
  error trouble_;
  /// What is wrong with the input.
  std::string complaint_;
  bool committed_ = false;
  std::string ending_;
};

}  // namespace

void produce(const produce_options& options, context& work) {
  check(options);
  if (options.value) {
    production(options, work).run_one();
    return;
  }
  record_input input(options, work.interrupted);
  production(options, work).run(input);
}

}  // namespace kafka::cli
