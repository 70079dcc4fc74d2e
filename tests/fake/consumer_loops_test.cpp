// SPDX-License-Identifier: Apache-2.0
// kafka::consumer's loops, over TCP against the fake cluster: what is handled is stored, what is not is read again.
#include <atomic>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

struct loop_fixture {
  loop_fixture() : cluster({.broker_configs = {{"group.initial.rebalance.delay.ms", "10"}}}) {
    cluster.create_topic("t", 2);
  }

  consumer_config settings() const {
    consumer_config out;
    out.bootstrap_servers = cluster.bootstrap_servers();
    out.group_id = std::string("g");
    out.offset_reset = offset_reset::earliest;
    out.heartbeat_interval = 50ms;
    return out;
  }
  consumer member() const { return member(settings()); }
  static consumer member(const consumer_config& config) {
    consumer out(config);
    out.subscribe({"t"});
    return out;
  }
  /// Numbers as values; the key of a number is what remains of it, so that a key's numbers rise.
  void write(int from, int to, int keys = 0) {
    std::map<std::int32_t, std::vector<fake_record>> batches;
    for (int number = from; number < to; ++number) {
      fake_record record{-1, 1000, std::nullopt, std::to_string(number), {}};
      if (keys > 0) record.key = "key " + std::to_string(number % keys);
      batches[keys > 0 ? number % keys % 2 : number % 2].push_back(std::move(record));
    }
    for (const auto& [partition, batch] : batches) cluster.append("t", partition, batch);
  }
  std::int64_t stored(std::int32_t partition) const {
    return std::max<std::int64_t>(cluster.committed_offset("g", "t", partition).value_or(0), 0);
  }
  std::int64_t stored() const { return stored(0) + stored(1); }
  static bool until(const std::function<bool()>& done, std::chrono::milliseconds patience = 20s) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return done();
  }

  fake_cluster cluster;
};

int number_of(const record_view& record) {
  return std::stoi(record.value().str());
}

/// What handlers have seen, from any thread.
class seen_records {
 public:
  void add(const record_view& record) {
    const std::lock_guard lock(mutex_);
    ++times_[number_of(record)];
    const std::string line = record.key().is_null() ? std::to_string(record.partition()) : record.key().str();
    if (const auto last = last_.find(line); last != last_.end() && last->second >= number_of(record)) ordered_ = false;
    last_[line] = number_of(record);
    ++count_;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  std::size_t different() const {
    const std::lock_guard lock(mutex_);
    return times_.size();
  }
  bool in_order() const {
    const std::lock_guard lock(mutex_);
    return ordered_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int, int> times_;
  std::map<std::string, int> last_;
  std::size_t count_ = 0;
  bool ordered_ = true;
};

TEST_CASE_METHOD(loop_fixture, "run that is stopped in the middle of a poll leaves the rest to the next member") {
  write(0, 10);
  seen_records seen;
  for (const std::size_t count : {3U, 10U}) {
    consumer reader = member();
    std::stop_source stop;
    reader.run(
        [&](const record_view& record) {
          seen.add(record);
          if (seen.count() == count) stop.request_stop();
        },
        stop.get_token());
    REQUIRE_FALSE(reader.close());
    REQUIRE(stored() == static_cast<std::int64_t>(count));
  }
  REQUIRE(seen.different() == 10);
  REQUIRE(seen.in_order());
}

TEST_CASE_METHOD(loop_fixture, "run stores what was handled before its handler threw, and nothing behind it") {
  write(0, 10);
  consumer reader = member();
  std::vector<int> handled;
  const auto fails_once = [&](const record_view& record) {
    handled.push_back(number_of(record));
    if (handled.size() == 4) throw std::runtime_error("broken");
  };
  REQUIRE_THROWS_AS(reader.run(fails_once), std::runtime_error);
  const int broken = handled.back();
  std::stop_source stop;
  reader.run(
      [&](const record_view& record) {
        handled.push_back(number_of(record));
        if (handled.size() == 11) stop.request_stop();
      },
      stop.get_token());
  REQUIRE(std::count(handled.begin(), handled.end(), broken) == 2);
  REQUIRE(std::set<int>(handled.begin(), handled.end()).size() == 10);
  REQUIRE_FALSE(reader.close());
  REQUIRE(stored() == 10);
}

TEST_CASE_METHOD(loop_fixture, "run ends while nothing comes as soon as it is asked to") {
  consumer reader = member();
  std::stop_source stop;
  std::jthread stopper([&] {
    (void)until([&] { return cluster.committed_offset("g", "t", 0).has_value(); });
    stop.request_stop();
  });
  reader.run([](const record_view&) {}, stop.get_token());
  REQUIRE(stop.stop_requested());
}

TEST_CASE_METHOD(loop_fixture, "run_batches hands over whole polls, and stores a batch when it is handled") {
  write(0, 40);
  consumer_config config = settings();
  config.poll_records_max = 7;
  config.auto_commit = false;
  consumer reader = member(config);
  std::stop_source stop;
  std::vector<std::size_t> sizes;
  std::size_t failed = 0;
  seen_records seen;
  const auto handle = [&](const records& batch) {
    if (sizes.size() == 2 && ++failed == 1) throw std::runtime_error("broken");
    for (const record_view& record : batch) seen.add(record);
    sizes.push_back(batch.size());
    if (seen.count() == 40) stop.request_stop();
  };
  REQUIRE_THROWS_AS(reader.run_batches(handle, stop.get_token()), std::runtime_error);
  REQUIRE(until([&] { return stored() == 14; }));
  reader.run_batches(handle, stop.get_token());
  REQUIRE_FALSE(reader.close());
  REQUIRE(stored() == 40);
  REQUIRE(seen.different() == 40);
  REQUIRE(seen.in_order());
  REQUIRE(*std::max_element(sizes.begin(), sizes.end()) == 7);
}

TEST_CASE_METHOD(loop_fixture, "a commit that fails for good is told to on_error") {
  write(0, 2);
  cluster.control(api_key::offset_commit,
                  [](auto& request) { return request.fail(broker_errc::topic_authorization_failed); });
  consumer reader = member();
  std::stop_source stop;
  bool told = false;
  reader.run([](const record_view&) {}, stop.get_token(),
             [&](const error& failure) {
               told = failure == broker_errc::topic_authorization_failed;
               stop.request_stop();
             });
  REQUIRE(told);
}

// --- slow handlers

TEST_CASE_METHOD(loop_fixture, "slow records are no reason to leave the group, however many one poll returned") {
  for (const bool auto_commit : {true, false}) {
    consumer_config config = settings();
    config.group_id = auto_commit ? "automatic" : "by hand";
    config.auto_commit = auto_commit;
    config.max_poll_interval = 300ms;
    if (auto_commit) write(0, 200);
    consumer reader = member(config);
    const auto stored_now = [&] {
      std::int64_t sum = 0;
      for (const std::int32_t partition : {0, 1}) {
        sum += std::max<std::int64_t>(cluster.committed_offset(config.group_id, "t", partition).value_or(0), 0);
      }
      return sum;
    };
    std::stop_source stop;
    seen_records seen;
    std::vector<error> told;
    std::int64_t stored_half_way = 0;
    cluster.clear_requests();
    reader.run(
        [&](const record_view& record) {
          (void)until([] { return false; }, 10ms);
          seen.add(record);
          if (seen.count() == 150) stored_half_way = stored_now();
          if (seen.count() == 200) stop.request_stop();
        },
        stop.get_token(), [&](const error& failure) { told.push_back(failure); });
    std::size_t joins = 0;
    for (const recorded_request& one : cluster.requests()) {
      REQUIRE(one.key != api_key::leave_group);
      if (one.key == api_key::join_group) ++joins;
    }
    REQUIRE(joins <= 2);  // once more with the id that it was given
    REQUIRE(told.empty());
    REQUIRE(stored_half_way > 50);
    REQUIRE(stored_half_way < 150);
    REQUIRE_FALSE(reader.close());
    REQUIRE(seen.count() == 200);
    REQUIRE(seen.in_order());
    REQUIRE(stored_now() == 200);
  }
}

TEST_CASE_METHOD(loop_fixture, "run gives partitions to another member between two records, which handles the rest") {
  for (const char* assignors : {"range", "cooperative-sticky"}) {
    INFO(assignors);
    consumer_config config = settings();
    config.group_id = assignors;
    config.assignors = assignors;
    const int first = static_cast<int>(cluster.end_offset("t", 0) * 2);
    write(first, first + 400);
    const std::size_t all = static_cast<std::size_t>(first) + 400;
    seen_records seen;
    std::stop_source stop;
    std::atomic<int> failures = 0;
    std::atomic<bool> second_reads = false;
    const auto read = [&](bool is_second) {
      consumer reader = member(config);
      reader.run(
          [&](const record_view& record) {
            if (is_second) second_reads = true;
            if (!second_reads) (void)until([&] { return second_reads.load(); }, 5ms);
            seen.add(record);
          },
          stop.get_token(), [&](const error&) { ++failures; });
      if (reader.close()) ++failures;
    };
    std::thread one([&] { read(false); });
    CHECK(until([&] { return seen.count() > 10; }));
    std::thread other([&] { read(true); });
    CHECK(until([&] { return seen.different() == all; }));
    stop.request_stop();
    one.join();
    other.join();
    REQUIRE(second_reads);
    REQUIRE(failures == 0);
    REQUIRE(seen.count() == all);
    REQUIRE(seen.in_order());
  }
}

TEST_CASE_METHOD(loop_fixture,
                 "run skips what it polled of partitions that are lost, and reads it again if they come back") {
  write(0, 200);
  consumer_config config = settings();
  config.max_poll_interval = 1s;
  std::vector<topic_partition> lost;
  config.on_rebalance.on_lost = [&](const auto& which) { lost = which; };
  consumer reader = member(config);
  std::stop_source stop;
  seen_records seen;
  int handled_before = -1;
  std::size_t commits_refused = 0;
  reader.run(
      [&](const record_view& record) {
        if (!lost.empty() && handled_before < 0) handled_before = static_cast<int>(seen.count());
        (void)until([] { return false; }, 5ms);
        seen.add(record);
        if (seen.count() == 60) {
          cluster.control(
              api_key::heartbeat, [](auto& request) { return request.fail(broker_errc::unknown_member_id); }, 1);
        }
        if (seen.different() == 200) stop.request_stop();
      },
      stop.get_token(), [&](const error&) { ++commits_refused; });
  REQUIRE(lost.size() == 2);
  REQUIRE(handled_before >= 60);
  REQUIRE(handled_before < 200);
  REQUIRE(seen.different() == 200);
  // Again only what was handled since positions were stored last.
  REQUIRE(seen.count() < 250);
  REQUIRE_FALSE(reader.close());
  REQUIRE(stored() == 200);
}

TEST_CASE_METHOD(loop_fixture, "run_batches that is too slow for its batches goes on with smaller ones") {
  write(0, 200);
  consumer_config config = settings();
  config.max_poll_interval = 400ms;
  consumer reader = member(config);
  std::stop_source stop;
  std::vector<std::size_t> sizes;
  seen_records seen;
  std::jthread stopper([&] {
    (void)until([&] { return stored() == 200; });
    stop.request_stop();
  });
  reader.run_batches(
      [&](const records& batch) {
        sizes.push_back(batch.size());
        for (const record_view& record : batch) {
          (void)until([] { return false; }, 5ms);
          seen.add(record);
        }
      },
      stop.get_token());
  REQUIRE_FALSE(reader.close());
  REQUIRE(sizes.front() >= 100);
  REQUIRE(*std::min_element(sizes.begin(), sizes.end()) <= 20);
  REQUIRE(seen.different() == 200);
  REQUIRE(stored() == 200);
}

TEST_CASE_METHOD(loop_fixture,
                 "a consumer that is closed by its handler stores what was handled before, and ends run") {
  write(0, 10);
  consumer reader = member();
  std::size_t handled = 0;
  error ended;
  try {
    reader.run([&](const record_view&) {
      if (++handled == 4) (void)reader.close();
    });
  } catch (const error& why) {
    ended = why;
  }
  REQUIRE(ended == client_errc::closed);
  REQUIRE(handled == 4);
  REQUIRE(stored() == 3);
}

// --- several threads

TEST_CASE_METHOD(loop_fixture, "run_parallel handles each record once, those of a key in order, keys side by side") {
  constexpr int count = 6000;
  write(0, count, 12);
  consumer reader = member();
  std::stop_source stop;
  seen_records seen;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  reader.run_parallel(
      4,
      [&](const record_view& record) {
        const int now = ++inside;
        for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
        }
        // Until another one has been seen beside this one.
        (void)until([&] { return most > 1; }, 2s);
        seen.add(record);
        --inside;
        if (seen.count() == count) stop.request_stop();
      },
      stop.get_token());
  REQUIRE_FALSE(reader.close());
  REQUIRE(seen.count() == count);
  REQUIRE(seen.different() == count);
  REQUIRE(seen.in_order());
  REQUIRE(most > 1);
  REQUIRE(most <= 4);
  REQUIRE(stored() == count);
}

TEST_CASE_METHOD(loop_fixture, "run_parallel keeps the order of each partition for records without a key") {
  write(0, 2000);
  consumer reader = member();
  std::stop_source stop;
  seen_records seen;
  reader.run_parallel(
      3,
      [&](const record_view& record) {
        seen.add(record);
        if (seen.count() == 2000) stop.request_stop();
      },
      stop.get_token());
  REQUIRE(seen.in_order());
  REQUIRE_FALSE(reader.close());
  REQUIRE(stored() == 2000);
}

TEST_CASE_METHOD(loop_fixture, "run_parallel stores nothing behind a record that is not handled yet") {
  write(0, 400, 8);
  consumer_config config = settings();
  config.auto_commit_interval = 1ms;
  consumer reader = member(config);
  std::stop_source stop;
  std::atomic<bool> first_waits = false;
  std::atomic<bool> go_on = false;
  seen_records seen;
  std::jthread judge([&] {
    // Everything but what lies behind number 0 in its thread; a while later as little is stored.
    (void)until([&] { return first_waits && stored(1) == 200; });
    (void)until([] { return false; }, 250ms);
    CHECK(stored(0) == 0);
    go_on = true;
    CHECK(until([&] { return stored() == 400; }));
    stop.request_stop();
  });
  // Key 0 on a thread of its own as far as that can be known: only its order counts.
  reader.run_parallel(
      8,
      [&](const record_view& record) {
        if (number_of(record) == 0) {
          first_waits = true;
          (void)until([&] { return go_on.load(); });
        }
        seen.add(record);
      },
      stop.get_token());
  judge.join();
  REQUIRE(seen.count() == 400);
  REQUIRE(seen.in_order());
}

TEST_CASE_METHOD(loop_fixture, "a handler that throws ends run_parallel, and its record is read again") {
  write(0, 300, 6);
  consumer reader = member();
  std::atomic<bool> broken = false;
  seen_records seen;
  std::stop_source stop;
  const auto handle = [&](const record_view& record) {
    if (number_of(record) == 100 && !broken.exchange(true)) throw std::runtime_error("broken");
    seen.add(record);
  };
  REQUIRE_THROWS_AS(reader.run_parallel(3, handle, stop.get_token()), std::runtime_error);
  REQUIRE_FALSE(reader.close());
  REQUIRE(stored(0) <= 50);  // number 100 is the 50th of its partition
  // What was handled behind a gap is handled again, so that it is the count of the second run that tells its end.
  const auto left = static_cast<std::size_t>(300 - stored());
  seen_records second;
  consumer again = member();
  again.run_parallel(
      3,
      [&](const record_view& record) {
        handle(record);
        second.add(record);
        if (second.count() == left) stop.request_stop();
      },
      stop.get_token());
  REQUIRE_FALSE(again.close());
  REQUIRE(seen.different() == 300);
  REQUIRE(stored() == 300);
}

TEST_CASE_METHOD(loop_fixture, "run_parallel that is stopped leaves what was not begun to the next member") {
  write(0, 500);
  seen_records seen;
  for (const std::size_t count : {20U, 500U}) {
    consumer reader = member();
    std::stop_source stop;
    reader.run_parallel(
        2,
        [&](const record_view& record) {
          seen.add(record);
          if (seen.count() >= count) stop.request_stop();
        },
        stop.get_token());
    REQUIRE_FALSE(reader.close());
    REQUIRE(seen.count() <= count + 1);  // the other thread may be at one
    REQUIRE(stored() == static_cast<std::int64_t>(seen.count()));
  }
  REQUIRE(seen.count() == 500);
  REQUIRE(seen.different() == 500);
}

TEST_CASE_METHOD(loop_fixture, "partitions that go to another member are waited for, what is begun is stored") {
  for (const char* assignors : {"range", "cooperative-sticky"}) {
    INFO(assignors);
    consumer_config config = settings();
    config.group_id = assignors;
    config.assignors = assignors;
    const int first = static_cast<int>(cluster.end_offset("t", 0) * 2);
    write(first, first + 2000);  // each partition in one thread: nothing is handled beyond a gap
    seen_records seen;
    std::stop_source stop;
    std::atomic<bool> second_reads = false;
    std::atomic<int> closed = 0;
    const auto read = [&](bool is_second) {
      consumer reader = member(config);
      reader.run_parallel(
          3,
          [&](const record_view& record) {
            if (is_second) second_reads = true;
            if (!second_reads) (void)until([&] { return second_reads.load(); }, 1ms);
            seen.add(record);
          },
          stop.get_token());
      if (!reader.close()) ++closed;  // Catch's macros are for one thread
    };
    std::thread one([&] { read(false); });
    CHECK(until([&] { return seen.count() > 20; }));
    std::thread other([&] { read(true); });
    const std::size_t all = assignors == std::string("range") ? 2000 : 4000;  // the other group began at the beginning
    CHECK(until([&] { return seen.different() == all; }));
    CHECK(second_reads);
    stop.request_stop();
    one.join();
    other.join();
    REQUIRE(closed == 2);
    REQUIRE(seen.count() == all);
    REQUIRE(seen.in_order());
  }
}

TEST_CASE_METHOD(loop_fixture, "run_parallel reads only so far ahead of its handlers") {
  cluster.create_topic("long");
  for (int batch = 0; batch < 50; ++batch) {
    cluster.append("long", 0, std::vector<fake_record>(200, fake_record{-1, 1000, "k", "v", {}}));
  }
  consumer_config config = settings();
  config.poll_records_max = 100;
  consumer reader(config);
  reader.subscribe({"long"});
  std::stop_source stop;
  std::atomic<int> count = 0;
  std::int64_t ahead = 0;
  reader.run_parallel(
      1,
      [&](const record_view&) {
        if (++count > 1) return;
        std::int64_t before = -1;
        while (before != ahead) {
          before = ahead;
          (void)until([] { return false; }, 300ms);
          ahead = reader.position_of({"long", 0}).value_or(0);
        }
        stop.request_stop();
      },
      stop.get_token());
  REQUIRE(ahead >= 1000);
  REQUIRE(ahead <= 1100);
  REQUIRE_FALSE(reader.close());
  REQUIRE(cluster.committed_offset("g", "long", 0) == count);
}

TEST_CASE_METHOD(loop_fixture, "run_parallel without a group reads what it was assigned") {
  write(0, 100);
  consumer_config config = settings();
  config.group_id.clear();
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}, {"t", 1, position::oldest()}});
  std::stop_source stop;
  seen_records seen;
  reader.run_parallel(
      2,
      [&](const record_view& record) {
        seen.add(record);
        if (seen.count() == 100) stop.request_stop();
      },
      stop.get_token());
  REQUIRE(seen.different() == 100);
  REQUIRE_THROWS_AS(reader.run_parallel(0, [](const record_view&) {}), error);
}

}  // namespace
}  // namespace kafka
