// SPDX-License-Identifier: Apache-2.0
// kafka::async::consumer as a member of groups, over TCP against the fake cluster.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <kafka/async.hpp>
#include <kafka/fake_cluster.hpp>
#include <memory>
#include <set>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Runs a coroutine to its end on a context of its own; rethrows.
template <class Function>
void run(Function&& function) {
  asio::io_context context;
  std::exception_ptr failure;
  asio::co_spawn(context, std::forward<Function>(function)(context),
                 [&](std::exception_ptr thrown) { failure = thrown; });
  context.run();
  if (failure) std::rethrow_exception(failure);
}

struct async_group_fixture {
  async_group_fixture() : cluster({.broker_configs = {{"group.initial.rebalance.delay.ms", "10"}}}) {
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
  void write(int from, int to) {
    for (int index = from; index < to; ++index) {
      cluster.append("t", index % 2, {{-1, 1000, std::nullopt, std::to_string(index), {}}});
    }
  }
  std::int64_t stored(std::int32_t partition) const {
    return cluster.committed_offset("g", "t", partition).value_or(-1);
  }

  fake_cluster cluster;
};

TEST_CASE_METHOD(async_group_fixture, "a coroutine reads as a member, commits what it has handled, and leaves") {
  write(0, 10);
  consumer_config config = settings();
  config.auto_commit = false;
  std::set<std::string> seen;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::consumer reader(context.get_executor(), config);
    reader.subscribe({"t"});
    while (seen.size() < 10) {
      const records polled = co_await reader.async_poll();
      for (const record_view& one : polled) seen.insert(one.value().str());
      co_await reader.async_commit(polled);
      for (const record_view& one : polled) REQUIRE(stored(one.partition()) > one.offset());
    }
    REQUIRE(reader.assigned().size() == 2);
    REQUIRE(reader.group_metadata().generation_id >= 1);
    co_await reader.async_close();
    error failure;
    REQUIRE_THROWS_AS(co_await reader.async_poll(failure), boost::system::system_error);
    REQUIRE(failure == client_errc::closed);
    REQUIRE_THROWS_AS(co_await reader.async_commit(), boost::system::system_error);
    co_await reader.async_close();  // a second time it is nothing
  });
  REQUIRE(stored(0) == 5);
  REQUIRE(stored(1) == 5);
  const auto all = cluster.requests();
  REQUIRE(std::any_of(all.begin(), all.end(), [](const auto& one) { return one.key == api_key::leave_group; }));
}

TEST_CASE_METHOD(async_group_fixture, "every form of async_commit stores what it says, and async_committed tells it") {
  write(0, 8);
  consumer_config config = settings();
  config.auto_commit = false;
  config.poll_records_max = 3;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::consumer reader(context.get_executor(), config);
    reader.subscribe({"t"});
    const records first = co_await reader.async_poll();
    REQUIRE(first.size() == 3);
    const record_view head = *first.begin();
    co_await reader.async_commit(head);
    REQUIRE(stored(head.partition()) == 1);
    error failure;
    co_await reader.async_commit(first, failure);
    REQUIRE(stored(head.partition()) == 3);
    std::vector<group_offset> by_hand(1);
    by_hand[0].partition = {"t", head.partition()};
    by_hand[0].offset = 2;
    by_hand[0].metadata = "by hand";
    co_await reader.async_commit(by_hand);
    const std::vector<topic_partition> both{{"t", 0}, {"t", 1}};
    const std::vector<group_offset> found = co_await reader.async_committed(both);
    for (const group_offset& one : found) {
      if (one.partition.partition == head.partition()) REQUIRE(one.metadata == "by hand");
    }
    co_await reader.async_commit();
    REQUIRE(stored(head.partition()) == 3);
    co_await reader.async_commit(failure);
    REQUIRE_FALSE(failure);
    std::future<void> by_future = reader.async_commit(asio::use_future);
    bool called = false;
    reader.async_commit([&](boost::system::error_code code) {
      REQUIRE_FALSE(code);
      called = true;
    });
    co_await reader.async_commit();
    REQUIRE(called);
    by_future.get();
  });
}

TEST_CASE_METHOD(async_group_fixture,
                 "a commit and a look-up that are cancelled end at once, a commit that is refused says why") {
  write(0, 2);
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::consumer reader(context.get_executor(), settings());
    reader.subscribe({"t"});
    (void)co_await reader.async_poll();
    const auto refusing = cluster.control(
        api_key::offset_commit, [](auto& request) { return request.fail(broker_errc::topic_authorization_failed); });
    error failure;
    REQUIRE_THROWS_AS(co_await reader.async_commit(failure), boost::system::system_error);
    REQUIRE(failure == broker_errc::topic_authorization_failed);
    cluster.remove_control(refusing);
    for (const api_key key : {api_key::offset_commit, api_key::offset_fetch}) {
      cluster.control(key, [](auto& request) { return request.fail(broker_errc::coordinator_load_in_progress); });
    }
    asio::cancellation_signal stop;
    std::vector<boost::system::error_code> told;
    reader.async_commit(
        asio::bind_cancellation_slot(stop.slot(), [&](boost::system::error_code code) { told.push_back(code); }));
    asio::steady_timer wait(context, 20ms);
    co_await wait.async_wait(asio::use_awaitable);
    REQUIRE(told.empty());
    stop.emit(asio::cancellation_type::terminal);
    const std::vector<topic_partition> both{{"t", 0}, {"t", 1}};
    reader.async_committed(both, nullptr,
                           asio::bind_cancellation_slot(
                               stop.slot(), [&](boost::system::error_code code, const std::vector<group_offset>& none) {
                                 REQUIRE(none.empty());
                                 told.push_back(code);
                               }));
    stop.emit(asio::cancellation_type::terminal);
    wait.expires_after(20ms);
    co_await wait.async_wait(asio::use_awaitable);
    REQUIRE(told.size() == 2);
    REQUIRE(told[0] == asio::error::operation_aborted);
    REQUIRE(told[1] == asio::error::operation_aborted);
  });
}

TEST_CASE_METHOD(async_group_fixture, "members share, the listener hears it, and what it commits is stored") {
  write(0, 40);
  std::vector<std::string> heard;
  consumer_config config = settings();
  config.auto_commit = false;
  std::multiset<std::string> seen;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    std::unique_ptr<async::consumer> first;
    config.on_rebalance.on_assigned = [&](const auto& which) { heard.push_back("+" + std::to_string(which.size())); };
    config.on_rebalance.on_revoked = [&](const auto& which) {
      heard.push_back("-" + std::to_string(which.size()));
      first->async_commit(asio::detached);
    };
    first = std::make_unique<async::consumer>(context.get_executor(), config);
    first->subscribe({"t"});
    const auto read = [&](async::consumer& reader) -> asio::awaitable<void> {
      error failure;
      while (!failure) {
        try {
          const records polled = co_await reader.async_poll(failure, asio::use_awaitable);
          for (const record_view& one : polled) seen.insert(one.value().str());
        } catch (const boost::system::system_error&) {
        }
      }
    };
    const auto until = [&](const std::function<bool()>& done) -> asio::awaitable<void> {
      const auto end = std::chrono::steady_clock::now() + 20s;
      while (!done() && std::chrono::steady_clock::now() < end) {
        asio::steady_timer wait(context, 2ms);
        co_await wait.async_wait(asio::use_awaitable);
      }
    };
    asio::co_spawn(context, read(*first), asio::detached);
    co_await until([&] { return seen.size() == 40; });
    async::consumer second(context.get_executor(), settings());
    second.subscribe({"t"});
    asio::co_spawn(context, read(second), asio::detached);
    co_await until([&] { return first->assigned().size() == 1 && second.assigned().size() == 1; });
    write(40, 42);
    co_await until([&] { return seen.size() == 42; });
    co_await first->async_close();
    co_await second.async_close();
  });
  REQUIRE(seen.size() == 42);
  REQUIRE(std::set<std::string>(seen.begin(), seen.end()).size() == 42);
  REQUIRE(heard.size() >= 3);
  REQUIRE(heard[0] == "+2");
  REQUIRE(heard[1] == "-2");
}

TEST_CASE_METHOD(async_group_fixture, "heartbeats go out while a handler is busy, as long as a thread is free") {
  write(0, 1);
  consumer_config config = settings();
  asio::thread_pool pool(2);
  {
    async::consumer reader(pool.get_executor(), config);
    reader.subscribe({"t"});
    REQUIRE(reader.async_poll(asio::use_future).get().size() == 1);
    // The handler of a poll occupies one thread until three more heartbeats have come.
    std::promise<bool> done;
    write(1, 2);
    reader.async_poll([&](boost::system::error_code, const records&) {
      const auto beats = [&] {
        const auto all = cluster.requests();
        return std::count_if(all.begin(), all.end(), [](const auto& one) { return one.key == api_key::heartbeat; });
      };
      const auto before = beats();
      const auto end = std::chrono::steady_clock::now() + 20s;
      while (beats() < before + 3 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
      done.set_value(beats() >= before + 3);
    });
    REQUIRE(done.get_future().get());
    reader.async_close(20s, asio::use_future).get();
  }
  pool.join();
}

TEST_CASE_METHOD(async_group_fixture, "a poll that waits longer than max_poll_interval keeps the member's place") {
  consumer_config config = settings();
  config.max_poll_interval = 400ms;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::consumer reader(context.get_executor(), config);
    reader.subscribe({"t"});
    asio::steady_timer later(context, 1200ms);
    later.async_wait([&](boost::system::error_code) { write(0, 1); });
    const records polled = co_await reader.async_poll();  // not inside of the macro, which evaluates it twice
    REQUIRE(polled.size() == 1);
  });
  const auto all = cluster.requests();
  REQUIRE(std::count_if(all.begin(), all.end(), [](const auto& one) { return one.key == api_key::sync_group; }) == 1);
  REQUIRE(std::none_of(all.begin(), all.end(), [](const auto& one) { return one.key == api_key::leave_group; }));
}

TEST_CASE_METHOD(async_group_fixture, "polls that are cancelled from another thread at any moment lose no record") {
  constexpr int count = 3000;
  asio::thread_pool pool(2);
  std::set<int> seen;
  int cancelled = 0;
  {
    async::consumer reader(pool.get_executor(), settings());
    reader.subscribe({"t"});
    std::jthread writer([&] { write(0, count); });
    const auto mine = asio::make_strand(pool);  // signals are given where handlers run
    while (seen.size() < count) {
      asio::cancellation_signal stop;
      std::promise<boost::system::error_code> told;
      auto outcome = told.get_future();
      const std::chrono::microseconds patience(seen.size() % 700);  // sooner or later than the records come
      reader.async_poll(asio::bind_executor(
          mine, asio::bind_cancellation_slot(stop.slot(), [&](boost::system::error_code code, const records& some) {
            for (const record_view& one : some) seen.insert(std::stoi(one.value().str()));
            told.set_value(code);
          })));
      if (outcome.wait_for(patience) != std::future_status::ready) {
        asio::post(mine, asio::use_future([&] { stop.emit(asio::cancellation_type::terminal); })).get();
      }
      const boost::system::error_code code = outcome.get();
      if (code == asio::error::operation_aborted) ++cancelled;
      if (code && code != asio::error::operation_aborted) FAIL(code.message());
    }
    reader.async_close(20s, asio::use_future).get();
  }
  pool.join();
  REQUIRE(seen.size() == count);
  REQUIRE(cancelled > 0);
  REQUIRE(stored(0) + stored(1) == count);
}

TEST_CASE_METHOD(async_group_fixture, "async_close ends a poll that waits, and keeps to its time") {
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::consumer reader(context.get_executor(), settings());
    reader.subscribe({"t"});
    write(0, 1);
    (void)co_await reader.async_poll();
    cluster.control(api_key::leave_group, [](auto& request) { return request.swallow(); });
    boost::system::error_code poll_ended;
    reader.async_poll([&](boost::system::error_code code, const records&) { poll_ended = code; });
    boost::system::error_code closed;
    try {
      co_await reader.async_close(100ms);
    } catch (const boost::system::system_error& thrown) {
      closed = thrown.code();
    }
    REQUIRE(static_cast<std::error_code>(closed) == make_error_code(client_errc::timed_out));
    asio::steady_timer wait(context, 1ms);
    co_await wait.async_wait(asio::use_awaitable);
    REQUIRE(static_cast<std::error_code>(poll_ended) == make_error_code(client_errc::closed));
  });
}

TEST_CASE_METHOD(async_group_fixture, "subscribing without a group is refused") {
  asio::io_context context;
  async::consumer reader(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
  REQUIRE_THROWS_AS(reader.subscribe({"t"}), error);
  REQUIRE_FALSE(reader.is_refused());
}

}  // namespace
}  // namespace kafka
