// SPDX-License-Identifier: Apache-2.0
// kafka::transactional_processor over TCP against the fake cluster: what it writes is there once for each record read.
#include <atomic>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/transactional_processor.hpp>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

constexpr std::int32_t partition_count = 3;

struct processing_fixture {
  processing_fixture()
      : cluster(
            {.nodes = 3,
             .broker_configs = {{"group.initial.rebalance.delay.ms", "10"}, {"group.min.session.timeout.ms", "100"}},
             .seed = 7}) {
    cluster.create_topic("in", partition_count);
    cluster.create_topic("out", partition_count);
  }

  transactional_processor_config settings(const std::string& name = "p1") const {
    transactional_processor_config out;
    out.consumer.bootstrap_servers = out.producer.bootstrap_servers = cluster.bootstrap_servers();
    out.consumer.group_id = std::string("g");
    out.consumer.offset_reset = offset_reset::earliest;
    out.consumer.heartbeat_interval = 50ms;
    out.producer.transactional_id = name;
    out.producer.linger = 0ms;
    out.topics = {"in"};
    out.batch_records_max = 20;
    out.batch_time_max = 20ms;
    return out;
  }
  void write(int from, int to) {
    for (int index = from; index < to; ++index) {
      cluster.append("in", index % partition_count, {{-1, 1000, std::nullopt, std::to_string(index), {}}});
    }
    written = to;
  }
  /// What becomes of a record: one in the partition of the same number.
  static void copy(const record_view& record, transactional_output& output) {
    output.send({.topic = "out", .value = record.value(), .partition = record.partition()});
  }
  std::vector<std::vector<std::string>> expected() const {
    std::vector<std::vector<std::string>> out(partition_count);
    for (int index = 0; index < written; ++index) {
      out[static_cast<std::size_t>(index % partition_count)].push_back(std::to_string(index));
    }
    return out;
  }
  /// What a reader sees that is shown committed records only, up to the end.
  std::vector<std::vector<std::string>> seen() const {
    consumer reader({.bootstrap_servers = cluster.bootstrap_servers(), .read_committed = true});
    std::vector<assignment> all;
    for (int index = 0; index < partition_count; ++index) all.push_back({"out", index, position::oldest()});
    reader.assign(all);
    std::vector<std::vector<std::string>> out(partition_count);
    const auto at_end = [&] {
      for (const assignment& one : all) {
        const auto where = reader.position_of({one.topic, one.partition});
        if (!where || *where < cluster.end_offset(one.topic, one.partition)) return false;
      }
      return true;
    };
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!at_end() && std::chrono::steady_clock::now() < give_up) {
      for (const record_view& one : reader.poll(20ms)) {
        out[static_cast<std::size_t>(one.partition())].push_back(one.value().str());
      }
    }
    return out;
  }
  std::int64_t stored() const {
    std::int64_t out = 0;
    for (int index = 0; index < partition_count; ++index) {
      out += std::max<std::int64_t>(cluster.committed_offset("g", "in", index).value_or(0), 0);
    }
    return out;
  }
  [[nodiscard]] bool until(const std::function<bool()>& done) const {
    const auto end = std::chrono::steady_clock::now() + 40s;
    while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return done();
  }
  [[nodiscard]] bool all_stored() const {
    return until([this] { return stored() == written; });
  }

  fake_cluster cluster;
  int written = 0;
};

/// Where a handler stalls until it is let go.
struct barrier {
  void wait() {
    reached = true;
    while (!opened) std::this_thread::yield();
  }
  void open() { opened = true; }

  std::atomic<bool> reached = false;
  std::atomic<bool> opened = false;
};

/// Declared after the processor that stalls there, so that a test that fails ends.
struct open_at_end {
  explicit open_at_end(barrier& what) : what_(what) {}
  open_at_end(const open_at_end&) = delete;
  open_at_end& operator=(const open_at_end&) = delete;
  ~open_at_end() { what_.open(); }

 private:
  barrier& what_;
};

/// A processor that runs on a thread of its own until it is told to stop.
class running {
 public:
  explicit running(transactional_processor_config config,
                   transactional_processor::record_handler handler = processing_fixture::copy)
      : processor_(std::move(config)), thread_([this, handler = std::move(handler)](const std::stop_token& stop) {
          try {
            processor_.run(handler, stop, [this](const error& failure) {
              const std::lock_guard lock(mutex_);
              told_.push_back(failure);
            });
          } catch (const error& failure) {
            const std::lock_guard lock(mutex_);
            thrown_ = failure;
          }
        }) {}
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  ~running() { stop(); }

  error stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    const std::lock_guard lock(mutex_);
    return thrown_;
  }
  transactional_processor& processor() { return processor_; }
  bool has_thrown() {
    const std::lock_guard lock(mutex_);
    return static_cast<bool>(thrown_);
  }
  std::string complaints() {
    const std::lock_guard lock(mutex_);
    std::string out = thrown_.message();
    for (const error& one : told_) out += one.message() + '\n';
    return out;
  }
  bool was_told(broker_errc code) {
    const std::lock_guard lock(mutex_);
    return std::any_of(told_.begin(), told_.end(), [&](const error& one) { return one == code; });
  }

 private:
  transactional_processor processor_;
  std::mutex mutex_;
  error thrown_;
  std::vector<error> told_;
  std::jthread thread_;
};

TEST_CASE_METHOD(processing_fixture, "each record's result is seen once and in order, its position stored with it") {
  write(0, 300);
  running one(settings());
  REQUIRE(all_stored());
  REQUIRE_FALSE(one.stop());
  REQUIRE(one.processor().counts().records == 300);
  REQUIRE(one.processor().counts().committed >= 300 / 20);
  REQUIRE(one.processor().counts().aborted == 0);
  REQUIRE_FALSE(one.processor().close());
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "a transaction ends by its time when there are no more records") {
  write(0, 5);
  transactional_processor_config config = settings();
  config.batch_records_max = 1000;
  running one(config);
  REQUIRE(all_stored());
  write(5, 7);
  REQUIRE(all_stored());
  REQUIRE_FALSE(one.stop());
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "stopping commits what was handled, and another run goes on behind it") {
  write(0, 90);
  transactional_processor one(settings());
  std::vector<std::string> handled;
  for (const std::size_t count : {7U, 90U}) {
    std::stop_source stop;
    one.run(
        [&](const record_view& record, transactional_output& output) {
          copy(record, output);
          handled.push_back(record.value().str());
          if (handled.size() == count) stop.request_stop();
        },
        stop.get_token());
    REQUIRE(handled.size() == count);
    REQUIRE(stored() == static_cast<std::int64_t>(count));
  }
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "what a handler threw at is taken back, passed on and handled again") {
  write(0, 60);
  transactional_processor one(settings());
  std::size_t calls = 0;
  const auto fails_once = [&](const record_view& record, transactional_output& output) {
    copy(record, output);
    if (++calls == 30) throw std::runtime_error("broken");
  };
  REQUIRE_THROWS_AS(one.run(fails_once), std::runtime_error);
  REQUIRE(one.counts().aborted == 1);
  std::stop_source stop;
  std::thread stopper([&] {
    (void)all_stored();
    stop.request_stop();
  });
  one.run(fails_once, stop.get_token());
  stopper.join();
  REQUIRE(calls > 60);
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "a transaction of which a record is refused is aborted and made again") {
  write(0, 100);
  std::atomic<int> produced = 0;
  cluster.control(api_key::produce, [&](auto& request) {
    return ++produced % 4 == 2 ? request.fail(broker_errc::topic_authorization_failed) : request.pass();
  });
  running one(settings());
  REQUIRE(all_stored());
  REQUIRE_FALSE(one.stop());
  REQUIRE(one.was_told(broker_errc::topic_authorization_failed));
  REQUIRE(one.processor().counts().aborted > 0);
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "partitions go from one processor to another behind what was committed") {
  for (const char* assignors : {"range", "cooperative-sticky"}) {
    INFO(assignors);
    const int before = written;
    write(before, before + 300);
    transactional_processor_config config = settings();
    config.consumer.assignors = assignors;
    running first(config);
    REQUIRE(until([&] { return stored() > before; }));
    config.producer.transactional_id = "p2";
    {
      running second(config);
      REQUIRE(until([&] {
        write(written, written + 1);
        return second.processor().counts().records > 20;
      }));
      REQUIRE_FALSE(second.stop());
      REQUIRE_FALSE(second.processor().close());
    }
    REQUIRE(all_stored());
    REQUIRE_FALSE(first.stop());
    REQUIRE_FALSE(first.processor().close());
    REQUIRE(seen() == expected());
  }
}

TEST_CASE_METHOD(processing_fixture, "what a processor was at when its partitions were lost does not count") {
  write(0, 60);
  barrier at;
  transactional_processor_config config = settings();
  config.consumer.max_poll_interval = 500ms;
  config.consumer.session_timeout = 6s;
  // As soon as the second one has read something, the first goes on with what is the second's by now.
  running first(config, [&](const record_view& record, transactional_output& output) {
    copy(record, output);
    if (record.value().view() == "30") at.wait();
  });
  const open_at_end in_any_case(at);
  REQUIRE(until([&] { return at.reached.load(); }));
  config.producer.transactional_id = "p2";
  running second(config);
  const bool went_on = until([&] { return second.processor().counts().committed > 0; });
  INFO(first.complaints() << second.complaints());
  REQUIRE(went_on);
  at.open();
  REQUIRE(all_stored());
  REQUIRE(until([&] { return first.processor().counts().aborted > 0; }));
  REQUIRE_FALSE(first.stop());
  REQUIRE_FALSE(second.stop());
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture,
                 "a membership that came after the partitions were lost does not speak for their records") {
  write(0, 60);
  barrier at;
  transactional_processor_config config = settings();
  config.consumer.client_id = "first";
  config.consumer.session_timeout = 300ms;
  running first(config, [&](const record_view& record, transactional_output& output) {
    copy(record, output);
    if (record.value().view() == "30") at.wait();
  });
  const open_at_end in_any_case(at);
  REQUIRE(until([&] { return at.reached.load(); }));
  const auto silenced = cluster.control(api_key::heartbeat, [](auto& request) {
    return request.client_id() == "first" ? request.drop_connection() : request.pass();
  });
  config.consumer.client_id = "second";
  config.producer.transactional_id = "p2";
  running second(config);
  REQUIRE(all_stored());
  // Joined again, without having heard of it: the user's thread is in its handler all the time.
  cluster.clear_requests();
  cluster.remove_control(silenced);
  REQUIRE(until([&] {
    bool synced = false;
    for (const recorded_request& one : cluster.requests()) {
      if (one.client_id != "first") continue;
      if (synced && one.key == api_key::heartbeat) return true;
      if (one.key == api_key::sync_group) synced = true;
    }
    return false;
  }));
  at.open();
  REQUIRE(until([&] { return first.processor().counts().aborted > 0; }));
  write(60, 90);
  REQUIRE(all_stored());
  REQUIRE_FALSE(first.stop());
  REQUIRE_FALSE(second.stop());
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "a processor whose transactional id another one uses now says so and ends") {
  write(0, 30);
  barrier at;
  running first(settings(), [&](const record_view& record, transactional_output& output) {
    copy(record, output);
    at.wait();
  });
  const open_at_end in_any_case(at);
  REQUIRE(until([&] { return at.reached.load(); }));
  running second(settings());
  REQUIRE(until([&] { return cluster.requests().size() > 0; }));
  REQUIRE(until([&] {
    const auto all = cluster.requests();
    return std::count_if(all.begin(), all.end(),
                         [](const auto& one) { return one.key == api_key::init_producer_id; }) >= 2;
  }));
  at.open();
  REQUIRE(until([&] { return first.has_thrown(); }));
  const error ended = first.stop();
  REQUIRE((ended == broker_errc::producer_fenced || ended == broker_errc::invalid_producer_epoch));
  (void)first.processor().close();
  REQUIRE(all_stored());
  REQUIRE_FALSE(second.stop());
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "coordinators may move, and connections be lost, in the middle of transactions") {
  write(0, 400);
  std::atomic<int> asked = 0;
  const auto lose = [&](auto& request) {
    switch (++asked % 9) {
      case 3:
        return request.apply_then_drop();
      case 5:
        return request.drop_connection();
      case 7:
        return request.fail(broker_errc::not_coordinator);
      default:
        return request.pass();
    }
  };
  for (const api_key key :
       {api_key::end_txn, api_key::txn_offset_commit, api_key::produce, api_key::init_producer_id}) {
    cluster.control(key, lose);
  }
  transactional_processor_config config = settings();
  for (auto* connection : {&config.consumer.connection, &config.producer.connection}) {
    connection->retry_backoff = 10ms;
    connection->retry_backoff_max = 50ms;
    connection->reconnect_backoff = 10ms;
  }
  running one(config);
  std::int32_t node = 0;
  for (std::int64_t next = 50; next < 400; next += 100) {
    REQUIRE(until([&] { return stored() >= next; }));
    node = node % 3 + 1;
    cluster.set_coordinator("p1", node, 20ms);
    cluster.set_coordinator("g", node, 20ms);
  }
  REQUIRE(all_stored());
  REQUIRE_FALSE(one.stop());
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "a producer at its end is replaced, whatever became of its last transaction") {
  write(0, 100);
  std::atomic<int> ended = 0;
  cluster.control(api_key::end_txn, [&](auto& request) {
    switch (++ended) {
      case 2:
        return request.apply_then_fail(broker_errc::invalid_txn_state);  // it was committed
      case 4:
        return request.fail(broker_errc::invalid_txn_state);  // it was not
      default:
        return request.pass();
    }
  });
  running one(settings());
  REQUIRE(all_stored());
  REQUIRE_FALSE(one.stop());
  REQUIRE(ended >= 5);
  REQUIRE(seen() == expected());
}

TEST_CASE_METHOD(processing_fixture, "what no producer gets over is thrown") {
  write(0, 10);
  cluster.control(api_key::end_txn, [&](auto& request) { return request.fail(broker_errc::invalid_txn_state); });
  running one(settings());
  REQUIRE(until([&] { return one.has_thrown(); }));
  REQUIRE(one.stop() == broker_errc::invalid_txn_state);
  REQUIRE(stored() == 0);
}

TEST_CASE_METHOD(processing_fixture,
                 "a record that can never be sent is thrown, and nothing of its transaction stays") {
  write(0, 5);
  transactional_processor one(settings());
  const std::string large(5'000'000, 'x');
  error thrown;
  try {
    one.run([&](const record_view& record, transactional_output& output) {
      copy(record, output);
      if (record.value().view() == "4") output.send({.topic = "out", .value = large});
    });
  } catch (const error& failure) {
    thrown = failure;
  }
  REQUIRE(thrown == client_errc::record_too_large);
  REQUIRE(one.counts().committed == 0);
  REQUIRE(seen() == std::vector<std::vector<std::string>>(partition_count));
}

TEST_CASE_METHOD(processing_fixture,
                 "a group that begins at the end stores that it does, before it has read anything") {
  write(0, 9);
  transactional_processor_config config = settings();
  config.consumer.offset_reset = offset_reset::latest;
  {
    running one(config);
    REQUIRE(all_stored());
    REQUIRE_FALSE(one.stop());
    REQUIRE_FALSE(one.processor().close());
    REQUIRE(one.processor().counts().records == 0);
  }
  write(9, 12);
  running again(config);
  REQUIRE(all_stored());
  REQUIRE_FALSE(again.stop());
  REQUIRE(seen() == std::vector<std::vector<std::string>>{{"9"}, {"10"}, {"11"}});
}

TEST_CASE_METHOD(processing_fixture, "settings without which nothing can be exactly once are refused") {
  const auto refused = [&](const std::function<void(transactional_processor_config&)>& change) {
    transactional_processor_config config = settings();
    change(config);
    try {
      const transactional_processor made(config);
    } catch (const error& failure) {
      return failure == client_errc::invalid_config;
    }
    return false;
  };
  REQUIRE(refused([](auto& config) { config.consumer.group_id.clear(); }));
  REQUIRE(refused([](auto& config) { config.producer.transactional_id.clear(); }));
  REQUIRE(refused([](auto& config) { config.topics.clear(); }));
  REQUIRE(refused([](auto& config) { config.batch_records_max = 0; }));
  REQUIRE(refused([](auto& config) { config.batch_time_max = config.producer.transaction_timeout; }));
  REQUIRE(refused([](auto& config) { config.producer.bootstrap_servers = "nowhere"; }));
  REQUIRE_FALSE(refused([](auto&) {}));
  transactional_processor closed(settings());
  REQUIRE_FALSE(closed.close());
  REQUIRE_THROWS_AS(closed.run([](const record_view&, transactional_output&) {}), error);
}

}  // namespace
}  // namespace kafka
