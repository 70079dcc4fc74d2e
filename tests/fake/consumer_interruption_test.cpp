// SPDX-License-Identifier: Apache-2.0
// What ends a consumer's waiting: signals, stop tokens, close; over TCP against the fake cluster.
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

struct member_fixture {
  member_fixture() : cluster({.broker_configs = {{"group.initial.rebalance.delay.ms", "10"}}}) {
    cluster.create_topic("t", 2);
  }

  consumer_config settings(const std::string& group = std::string("g")) const {
    consumer_config out;
    out.bootstrap_servers = cluster.bootstrap_servers();
    out.group_id = group;
    out.offset_reset = offset_reset::earliest;
    out.heartbeat_interval = 50ms;
    return out;
  }
  static void join(consumer& reader) {
    reader.subscribe({"t"});
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (reader.assigned().size() < 2 && std::chrono::steady_clock::now() < end) (void)reader.poll(20ms);
    REQUIRE(reader.assigned().size() == 2);
  }
  void read_three(consumer& reader, std::int32_t partition) {
    cluster.append("t", partition, std::vector<fake_record>(3, fake_record{-1, 1000, std::nullopt, "v", {}}));
    while (reader.position_of({"t", partition}) != 3) (void)reader.poll(20ms);
  }
  std::int64_t stored(std::int32_t partition) const {
    return cluster.committed_offset("g", "t", partition).value_or(-1);
  }

  fake_cluster cluster;
};

std::atomic<consumer*> woken_by_signal{nullptr};

void on_signal(int) {
  if (consumer* one = woken_by_signal.load()) one->wakeup();
}

TEST_CASE_METHOD(member_fixture, "a signal's handler wakes the poll that is waiting, and the next one") {
  consumer reader(settings());
  join(reader);
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = on_signal;
  REQUIRE(::sigaction(SIGUSR2, &action, &before) == 0);
  woken_by_signal = &reader;

  REQUIRE(std::raise(SIGUSR2) == 0);
  REQUIRE(reader.poll(1h).empty());

  // In the thread that polls, while it does: one signal for each poll.
  std::atomic<int> polls = 0;
  std::thread poller([&] {
    for (int count = 0; count < 20; ++count) {
      (void)reader.poll(1h);
      ++polls;
    }
  });
  for (int count = 0; count < 20; ++count) {
    REQUIRE(::pthread_kill(poller.native_handle(), SIGUSR2) == 0);
    while (polls <= count) std::this_thread::yield();
  }
  poller.join();
  REQUIRE(polls == 20);
  woken_by_signal = nullptr;
  ::sigaction(SIGUSR2, &before, nullptr);
}

TEST_CASE_METHOD(member_fixture,
                 "a poll ends when its stop token says so, and the token of another poll does not end it") {
  consumer reader(settings());
  join(reader);
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  REQUIRE(reader.poll(1h, stop.get_token()).empty());
  stopper.join();
  REQUIRE(reader.poll(1h, stop.get_token()).empty());
  error failure(client_errc::closed);
  REQUIRE(reader.poll(1h, stop.get_token(), failure).empty());
  REQUIRE_FALSE(failure);

  cluster.append("t", 0, {{-1, 1000, std::nullopt, "v", {}}});
  REQUIRE(reader.poll(20s).size() == 1);
  cluster.append("t", 0, {{-1, 1000, std::nullopt, "w", {}}});
  const std::stop_source other;
  REQUIRE(reader.poll(20s, other.get_token()).size() == 1);
}

TEST_CASE_METHOD(member_fixture, "a wake-up before the poll counts once") {
  consumer reader(settings());
  join(reader);
  reader.wakeup();
  reader.wakeup();
  REQUIRE(reader.poll(1h).empty());
  cluster.append("t", 0, {{-1, 1000, std::nullopt, "v", {}}});
  REQUIRE(reader.poll(20s).size() == 1);
}

TEST_CASE_METHOD(member_fixture,
                 "a poll that waits longer than max_poll_interval keeps its place, and stores what is due") {
  consumer_config config = settings();
  config.max_poll_interval = 400ms;
  config.auto_commit_interval = 200ms;
  consumer reader(config);
  join(reader);
  const std::int32_t generation = reader.group_metadata().generation_id;
  read_three(reader, 0);
  REQUIRE(reader.poll(1200ms).empty());
  REQUIRE(stored(0) == 3);
  REQUIRE(reader.assigned().size() == 2);
  REQUIRE(reader.group_metadata().generation_id == generation);
  for (const recorded_request& one : cluster.requests()) REQUIRE(one.key != api_key::leave_group);
}

TEST_CASE_METHOD(member_fixture, "calls after close fail with closed") {
  consumer reader(settings());
  join(reader);
  REQUIRE_FALSE(reader.close());
  error failure;
  reader.commit(failure);
  REQUIRE(failure == client_errc::closed);
  failure = {};
  try {
    (void)reader.committed({{"t", 0}});
  } catch (const error& thrown) {
    failure = thrown;
  }
  REQUIRE(failure == client_errc::closed);
  bool told = false;
  reader.commit_async([&](const error& why) { told = why == client_errc::closed; });
  REQUIRE(told);
}

TEST_CASE_METHOD(member_fixture,
                 "close keeps to its time though the coordinator does not answer, and ends the consumer") {
  for (const api_key key : {api_key::leave_group, api_key::offset_commit}) {
    INFO(static_cast<int>(key));
    consumer reader(settings("group " + std::to_string(static_cast<int>(key))));
    cluster.append("t", 0, {{-1, 1000, std::nullopt, "v", {}}});
    join(reader);
    while (reader.position_of({"t", 0}) != cluster.end_offset("t", 0)) (void)reader.poll(20ms);
    const auto silent = cluster.control(key, [](auto& request) { return request.swallow(); });
    const auto begun = std::chrono::steady_clock::now();
    REQUIRE(reader.close(100ms) == client_errc::timed_out);
    REQUIRE(std::chrono::steady_clock::now() - begun < 10s);
    cluster.remove_control(silent);
    error failure;
    REQUIRE(reader.poll(1h, failure).empty());
    REQUIRE(failure == client_errc::closed);
    REQUIRE_FALSE(reader.close());
  }
}

TEST_CASE_METHOD(member_fixture, "close without a broker is over at once, or in time") {
  consumer never_joined(settings());
  REQUIRE_FALSE(never_joined.close(20s));
  consumer reader(settings());
  join(reader);
  cluster.stop_node(1);
  const auto begun = std::chrono::steady_clock::now();
  const error late = reader.close(200ms);
  REQUIRE((!late || late == client_errc::timed_out));
  REQUIRE(std::chrono::steady_clock::now() - begun < 10s);
  error failure;
  REQUIRE(reader.poll(1h, failure).empty());
  REQUIRE(failure == client_errc::closed);
}

TEST_CASE_METHOD(member_fixture, "what a listener commits without waiting is stored before its partitions go") {
  consumer_config config = settings();
  config.auto_commit = false;
  consumer* reader_of_listener = nullptr;
  config.on_rebalance.on_revoked = [&](const auto&) { reader_of_listener->commit_async(); };
  consumer reader(config);
  reader_of_listener = &reader;
  join(reader);
  // One commit is under way for a while, so that the next has to wait.
  cluster.control(api_key::offset_commit, [](auto& request) { return request.delay(300ms); }, 1);
  read_three(reader, 0);
  reader.commit_async();
  const auto is_under_way = [&] {
    for (const recorded_request& one : cluster.requests()) {
      if (one.key == api_key::offset_commit) return true;
    }
    return false;
  };
  while (!is_under_way()) std::this_thread::yield();
  read_three(reader, 1);
  consumer other(settings());
  other.subscribe({"t"});
  const auto end = std::chrono::steady_clock::now() + 20s;
  std::size_t read_again = 0;
  while (other.assigned().empty() && std::chrono::steady_clock::now() < end) {
    (void)reader.poll(10ms);
    read_again += other.poll(10ms).size();
  }
  REQUIRE(stored(0) == 3);
  REQUIRE(stored(1) == 3);
  REQUIRE(read_again == 0);
}

}  // namespace
}  // namespace kafka
