// SPDX-License-Identifier: Apache-2.0
// Partitions that a member loses, and that come again before its user hears of it: what he read before is not stored.
#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <functional>
#include <kafka/async.hpp>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;
using lines = std::multiset<std::string>;

constexpr auto patience = 20s;
constexpr auto short_session = "400";

/// One partition; "first" reads four records of it, and is lost while "second" reads ten.
struct ownership_fixture {
  ownership_fixture()
      : cluster({.broker_configs = {{"group.initial.rebalance.delay.ms", "10"},
                                    {"group.min.session.timeout.ms", short_session},
                                    {"group.consumer.session.timeout.ms", short_session},
                                    {"group.consumer.heartbeat.interval.ms", "50"}}}) {
    cluster.create_topic("t", 1);
    protocol = GENERATE(group_protocol::classic, group_protocol::consumer);
    CAPTURE(static_cast<int>(protocol));
    write(0, 4);
  }

  consumer_config settings(const std::string& name) const {
    consumer_config out;
    out.bootstrap_servers = cluster.bootstrap_servers();
    out.client_id = name;
    out.group_id = std::string("g");
    out.offset_reset = offset_reset::earliest;
    out.group_protocol = protocol;
    out.auto_commit = false;
    if (protocol != group_protocol::consumer) {
      out.session_timeout = 400ms;
      out.heartbeat_interval = 50ms;
    }
    return out;
  }
  void write(int from, int to) {
    for (int index = from; index < to; ++index) {
      cluster.append("t", 0, {{-1, 1000, std::nullopt, std::to_string(index), {}}});
    }
  }
  static lines numbers(int from, int to) {
    lines out;
    for (int index = from; index < to; ++index) out.insert(std::to_string(index));
    return out;
  }
  std::int64_t stored() const { return cluster.committed_offset("g", "t", 0).value_or(-1); }
  static bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return done();
  }

  /// The group counts "first" out; another member reads on and stores that; then "first" is a member again, by itself.
  void lose_and_find_again() {
    std::vector<fake_cluster::control_id> silent;
    for (const api_key key : {api_key::heartbeat, api_key::consumer_group_heartbeat}) {
      silent.push_back(cluster.control(key, [](auto& request) {
        return request.client_id() == "first" ? request.drop_connection() : request.pass();
      }));
    }
    write(4, 10);
    {
      consumer second(settings("second"));
      second.subscribe({"t"});
      lines seen;
      const auto end = std::chrono::steady_clock::now() + patience;
      while (!seen.contains("9") && std::chrono::steady_clock::now() < end) {
        for (const record_view& one : second.poll(20ms)) seen.insert(one.value().str());
      }
      REQUIRE(seen.contains("9"));
      second.commit();
      REQUIRE(stored() == 10);
      REQUIRE_FALSE(second.close());
    }
    cluster.clear_requests();
    for (const auto one : silent) cluster.remove_control(one);
    // It asks where to go on with what it was given.
    REQUIRE(until([&] {
      for (const recorded_request& one : cluster.requests()) {
        if (one.client_id == "first" && one.key == api_key::offset_fetch) return true;
      }
      return false;
    }));
  }

  fake_cluster cluster;
  group_protocol protocol = group_protocol::classic;
};

TEST_CASE_METHOD(ownership_fixture, "what was read before its partition was lost is not stored, though it came again") {
  consumer first(settings("first"));
  first.subscribe({"t"});
  records polled;
  std::vector<record> read;
  while (read.size() < 4) {
    polled = first.poll(1s);
    for (const record_view& one : polled) read.push_back(one.retain());
  }
  lose_and_find_again();
  std::vector<group_offset> by_hand(1);
  by_hand[0].partition = {"t", 0};
  by_hand[0].offset = 4;
  std::vector<error> told;
  const auto refused = [&](const std::function<void()>& commit) {
    try {
      commit();
    } catch (const error& why) {
      told.push_back(why);
    }
    return stored() == 10;
  };
  REQUIRE(refused([&] { first.commit(); }));
  REQUIRE(refused([&] { first.commit(polled); }));
  REQUIRE(refused([&] { first.commit(*polled.begin()); }));
  REQUIRE(refused([&] { first.commit(std::span(by_hand)); }));
  REQUIRE(told.size() == 4);
  for (const error& why : told) REQUIRE(why == broker_errc::illegal_generation);
  std::mutex mutex;
  error later;
  first.commit_async([&](const error& why) {
    const std::lock_guard lock(mutex);
    later = why;
  });
  REQUIRE(until([&] {
    const std::lock_guard lock(mutex);
    return later == broker_errc::illegal_generation;
  }));
  // Whoever polls hears of it, goes on where the other one stopped, and stores again.
  write(10, 12);
  lines after;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (after.size() < 2 && std::chrono::steady_clock::now() < end) {
    for (const record_view& one : first.poll(20ms)) after.insert(one.value().str());
  }
  REQUIRE(after == numbers(10, 12));
  first.commit();
  REQUIRE(stored() == 12);
}

TEST_CASE_METHOD(ownership_fixture, "nor does an asynchronous commit store it") {
  boost::asio::thread_pool pool(2);
  {
    async::consumer first(pool.get_executor(), settings("first"));
    first.subscribe({"t"});
    records polled;
    for (std::size_t count = 0; count < 4; count += polled.size()) {
      polled = first.async_poll(boost::asio::use_future).get();
    }
    lose_and_find_again();
    for (const bool by_records : {true, false}) {
      error told;
      (by_records ? first.async_commit(polled, told, boost::asio::use_future)
                  : first.async_commit(told, boost::asio::use_future))
          .wait();
      REQUIRE(told == broker_errc::illegal_generation);
      REQUIRE(stored() == 10);
    }
    first.async_close(5s, boost::asio::use_future).wait();
  }
  pool.join();
  REQUIRE(stored() == 10);
}

TEST_CASE_METHOD(ownership_fixture, "a member that commits by itself stores nothing of what it read before a loss") {
  consumer_config config = settings("first");
  config.auto_commit = true;
  config.auto_commit_interval = 1h;
  {
    consumer first(config);
    first.subscribe({"t"});
    std::size_t count = 0;
    while (count < 4) count += first.poll(1s).size();
    lose_and_find_again();
    REQUIRE_FALSE(first.close());
  }
  REQUIRE(stored() == 10);
}

TEST_CASE_METHOD(ownership_fixture,
                 "what a member keeps through a rebalance is stored in the generation that follows") {
  cluster.create_topic("two", 2);
  for (const std::int32_t partition : {0, 1}) cluster.append("two", partition, {{-1, 1000, std::nullopt, "early", {}}});
  const auto member = [&](const std::string& name) {
    consumer_config config = settings(name);
    if (protocol == group_protocol::classic) config.assignors = std::string("cooperative-sticky");
    consumer out(config);
    out.subscribe({"two"});
    return out;
  };
  consumer first = member("first");
  std::vector<record> read;
  while (read.size() < 2) {
    for (const record_view& one : first.poll(1s)) read.push_back(one.retain());
  }
  const auto before = first.group_metadata().generation_id;
  consumer second = member("second");
  const auto end = std::chrono::steady_clock::now() + patience;
  while ((first.assigned().size() != 1 || second.assigned().size() != 1) && std::chrono::steady_clock::now() < end) {
    (void)first.poll(10ms);
    (void)second.poll(10ms);
  }
  REQUIRE(first.assigned().size() == 1);
  REQUIRE(first.group_metadata().generation_id > before);
  std::vector<group_offset> offsets(1);
  offsets[0].partition = first.assigned().front();
  offsets[0].offset = 1;
  first.commit(std::span(offsets));
  REQUIRE(cluster.committed_offset("g", "two", offsets[0].partition.partition).value_or(-1) == 1);
  // What went is not the first one's to store.
  offsets[0].partition.partition = 1 - offsets[0].partition.partition;
  REQUIRE_THROWS_AS(first.commit(std::span(offsets)), error);
}

/// Holds a handler where it is until it is opened.
class gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool is_reached() {
    const std::lock_guard lock(mutex_);
    return reached_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool open_ = false;
};

/// A loop on a thread of its own, ended at the latest with this.
class looping {
 public:
  looping(std::function<void(std::stop_token)> loop, gate& held)
      : held_(held), thread_([loop = std::move(loop)](std::stop_token stop) { loop(std::move(stop)); }) {}
  looping(const looping&) = delete;
  looping& operator=(const looping&) = delete;
  ~looping() { held_.open(); }  // and the thread is asked to stop, and waited for

  void end() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  gate& held_;
  std::jthread thread_;
};

TEST_CASE_METHOD(ownership_fixture,
                 "the loops tell of what was lost under their handlers, and read on from the others") {
  const int threads = GENERATE(0, 1, 3);
  CAPTURE(threads);
  consumer_config config = settings("first");
  gate held;
  std::mutex mutex;
  lines handled;
  std::vector<error> told;
  consumer first(config);
  first.subscribe({"t"});
  const auto handler = [&](const record_view& one) {
    const std::string value = one.value().str();
    {
      const std::lock_guard lock(mutex);
      handled.insert(value);
    }
    if (value == "2") held.wait();
  };
  const auto on_error = [&](const error& why) {
    const std::lock_guard lock(mutex);
    told.push_back(why);
  };
  looping loop(
      [&](const std::stop_token& stop) {
        if (threads == 0) return first.run(handler, stop, on_error);
        first.run_parallel(static_cast<std::size_t>(threads), handler, stop, on_error);
      },
      held);
  REQUIRE(until([&] { return held.is_reached(); }));
  lose_and_find_again();
  held.open();
  write(10, 12);
  const auto has = [&](const std::string& value) {
    const std::lock_guard lock(mutex);
    return handled.contains(value);
  };
  REQUIRE(until([&] { return has("11") && stored() == 12; }));
  loop.end();
  // Where the polling thread handles it hears of the loss only when it stores; elsewhere it has obeyed already.
  const auto refused =
      std::count_if(told.begin(), told.end(), [](const error& why) { return why == broker_errc::illegal_generation; });
  REQUIRE(refused == (threads == 0 ? 1 : 0));
  // What the other one handled is not handled again.
  for (int value = 4; value < 10; ++value) REQUIRE_FALSE(handled.contains(std::to_string(value)));
  REQUIRE(stored() == 12);
}

}  // namespace
}  // namespace kafka
