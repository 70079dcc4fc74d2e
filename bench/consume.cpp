// SPDX-License-Identifier: Apache-2.0

// As many records as come, read from the beginning of a topic by hand-made assignment or as members of a group.
#include <chrono>
#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/properties.hpp>

#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "bench/offset_check.hpp"
#include "bench/reading_goal.hpp"
#include "bench/report.hpp"
#include "bench/worker_threads.hpp"

namespace kafka::bench {
namespace {

using std::chrono::steady_clock;

struct consume_options {
  std::string brokers = "127.0.0.1:9092";
  std::string topic;
  std::optional<std::uint64_t> records;
  std::string group;
  std::string isolation = "read_uncommitted";
  bool check = false;
  std::size_t threads = 1;
  std::size_t unpack_threads = 0;
  double timeout_seconds = 30;
  std::vector<std::string> properties;
  bool json = false;
};

constexpr const char* check_help =
    "See that the offsets of each partition rise by one from record to record (where transactions ended or a topic was "
    "compacted they do not), and add up every byte of all keys and values instead of the last byte of each value";

void add_options(CLI::App& app, consume_options& options) {
  const auto positive = CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max() / 2);
  app.add_option("-b,--brokers", options.brokers, "host:port,...")->envname("KAFKA_BROKERS")->capture_default_str();
  app.add_option("-t,--topic", options.topic, "What to read, from its beginning")->required();
  app.add_option("-n,--records", options.records,
                 "How many records are read; default: all that are there when the command begins")
      ->check(positive);
  app.add_option("-g,--group", options.group,
                 "Read as members of this group, which goes on where it was; default: partitions assigned by hand");
  app.add_option("--isolation", options.isolation, "read_uncommitted or read_committed")
      ->capture_default_str()
      ->check(CLI::IsMember({"read_uncommitted", "read_committed"}));
  app.add_flag("--check", options.check, check_help);
  app.add_option("--threads", options.threads, "Consumers, each in a thread of its own, that share the partitions")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--unpack-threads", options.unpack_threads,
                 "Threads that open compressed batches ahead of the polls, for all consumers; 0: the polls do")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  app.add_option("--timeout", options.timeout_seconds, "Seconds without any record after which to give up")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 1e6));
  app.add_option("-X", options.properties, "key=value: any property of the consumer (docs/configuration.md)");
  app.add_flag("--json", options.json, "Print one JSON object instead of a table");
}

void set(consumer_config& config, std::string_view key, std::string_view value) {
  if (const error failure = set_property(config, key, value)) throw failure;
}

consumer_config make_config(const consume_options& options) {
  consumer_config config;
  config.bootstrap_servers = options.brokers;
  config.client_id = "kafka-bench";
  config.group_id = options.group;
  config.offset_reset = offset_reset::earliest;
  config.read_committed = options.isolation == "read_committed";
  // What a record costs is measured, not how often somebody polls.
  config.poll_records_max = 100'000;
  for (const std::string& each : options.properties) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) throw error(client_errc::invalid_config, "-X: " + each + " is not key=value");
    set(config, std::string_view(each).substr(0, equals), std::string_view(each).substr(equals + 1));
  }
  return config;
}

/// Where each partition of the topic ends now.
std::map<std::int32_t, std::int64_t> look_up_ends(const consume_options& options, const consumer_config& config) {
  admin_config settings;
  settings.bootstrap_servers = config.bootstrap_servers;
  settings.client_id = config.client_id;
  settings.connection = config.connection;
  settings.api_timeout =
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(options.timeout_seconds));
  admin looker(std::move(settings));
  const std::vector<topic_description> described = looker.describe_topics({options.topic});
  if (described.front().failure) throw described.front().failure;
  std::vector<assignment> queries;
  for (const partition_description& each : described.front().partitions) {
    queries.push_back({options.topic, each.partition, position::newest()});
  }
  std::map<std::int32_t, std::int64_t> ends;
  for (const offset_result& each : looker.list_offsets(queries)) {
    if (each.failure) throw each.failure;
    ends[each.partition] = each.offset;
  }
  return ends;
}

std::uint64_t sum_of_bytes(bytes_view bytes) {
  std::uint64_t sum = 0;
  for (const char each : bytes.view()) sum += static_cast<unsigned char>(each);
  return sum;
}

/// What all readers share.
struct reading {
  reading(const consume_options& all_options, std::map<std::int32_t, std::int64_t> all_ends)
      : options(all_options),
        ends(std::move(all_ends)),
        goal(options.records, ends),
        progress(options.records.value_or(0)) {}

  const consume_options& options;
  const std::map<std::int32_t, std::int64_t> ends;
  reading_goal goal;
  std::mutex mutex;
  progress_line progress;
  std::optional<steady_clock::time_point> first;

  void show(steady_clock::time_point now) {
    const std::lock_guard lock(mutex);
    if (!first) first = now;
    progress.update(goal.admitted(), now);
  }
};

/// One consumer, its thread, and what it counted.
class reader {
 public:
  reader(reading& shared, consumer_config config) : shared_(shared), from_(watched(std::move(config))) {}

  void begin(std::vector<assignment> by_hand) {
    if (shared_.options.group.empty()) {
      from_.assign(std::move(by_hand));
    } else {
      from_.subscribe({shared_.options.topic});
    }
  }

  /// Returns when the goal is reached or something is wrong.
  void run() {
    const auto patience = std::chrono::duration<double>(shared_.options.timeout_seconds);
    auto last = steady_clock::now();
    while (!shared_.goal.reached() && error_.empty()) {
      error failure;
      const kafka::records found = from_.poll(std::chrono::milliseconds(100), failure);
      if (failure && !failure.retriable()) error_ = failure.what();
      const auto now = steady_clock::now();
      if (!found.empty()) {
        last = now;
        shared_.show(now);
        take(found);
      } else if (now - last > patience) {
        error_ = failure ? failure.what() : "no record came in time, see --timeout";
      }
      if (!shared_.goal.is_counted()) note_positions();
    }
    if (!error_.empty()) shared_.goal.give_up();
  }

  void wake() { from_.wakeup(); }

  void close() {
    const error failure = from_.close();
    if (failure && error_.empty()) error_ = failure.what();
  }

  void add_to(report& measured) const {
    measured.bytes += bytes_;
    measured.checksum = measured.checksum.value_or(0) + checksum_;
    if (measured.error.empty()) measured.error = !error_.empty() ? error_ : check_.gap().value_or("");
  }

 private:
  consumer_config watched(consumer_config config) {
    // What comes back to this member may have been read by others, or is read again.
    config.on_rebalance.on_assigned = [this](const std::vector<topic_partition>& partitions) {
      for (const topic_partition& each : partitions) check_.forget(each.partition);
    };
    return config;
  }

  void take(const kafka::records& found) {
    std::size_t left = shared_.goal.admit(found.size());
    for (const record_view& record : found) {
      if (left-- == 0) return;
      bytes_ += record.key().size() + record.value().size();
      if (shared_.options.check) {
        check_.note(record.partition(), record.offset());
        checksum_ += sum_of_bytes(record.key()) + sum_of_bytes(record.value());
      } else if (const std::string_view value = record.value().view(); !value.empty()) {
        checksum_ += static_cast<unsigned char>(value.back());
      }
    }
  }

  void note_positions() {
    for (const auto& [partition, end] : shared_.ends) {
      const auto position = from_.position_of({shared_.options.topic, partition});
      if (position) shared_.goal.note_position(partition, *position);
    }
  }

  reading& shared_;
  offset_check check_;
  consumer from_;
  std::uint64_t bytes_ = 0;
  std::uint64_t checksum_ = 0;
  std::string error_;
};

report run(const consume_options& options, const consumer_config& config) {
  reading shared(options, look_up_ends(options, config));
  std::vector<std::vector<assignment>> shares(options.threads);
  std::size_t next = 0;
  for (const auto& [partition, end] : shared.ends) {
    shares[next++ % shares.size()].push_back({options.topic, partition, position::oldest()});
  }
  report measured{.benchmark = "consume", .outcome = "read"};
  std::list<reader> readers;
  const process_usage before = process_usage::now();
  const auto began = steady_clock::now();
  for (const std::vector<assignment>& share : shares) readers.emplace_back(shared, config).begin(share);
  const auto read = [&readers](reader& mine) {
    mine.run();
    for (reader& each : readers) each.wake();  // one is done, so all are
  };
  {
    std::vector<std::jthread> others;
    for (auto each = std::next(readers.begin()); each != readers.end(); ++each) {
      others.emplace_back([&read, each] { read(*each); });
    }
    read(readers.front());
  }
  measured.used = process_usage::now() - before;
  shared.progress.update(shared.goal.admitted(), steady_clock::now());
  for (reader& each : readers) each.close();
  measured.records = shared.goal.admitted();
  measured.failed = options.records ? *options.records - measured.records : 0;
  for (const reader& each : readers) each.add_to(measured);
  if (shared.first) {
    measured.first_record_ms = std::chrono::duration<double, std::milli>(*shared.first - began).count();
  }
  return measured;
}

}  // namespace

int consume(int argc, char** argv) {
  consume_options options;
  CLI::App app("Reads records as fast as they come, and counts them", "kafka-bench consume");
  add_options(app, options);
  if (const auto code = parse(app, argc, argv)) return *code;
  consumer_config config = make_config(options);
  worker_threads unpacking(options.unpack_threads);
  if (options.unpack_threads > 0) {
    config.unpack_on = [&unpacking](std::function<void()> work) { unpacking.post(std::move(work)); };
  }
  return finish(run(options, config), options.json);
}

}  // namespace kafka::bench
