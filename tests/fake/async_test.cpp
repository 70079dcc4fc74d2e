// SPDX-License-Identifier: Apache-2.0
// kafka::async over TCP against the fake cluster, with several completion tokens.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <kafka/async.hpp>
#include <kafka/fake_cluster.hpp>
#include <memory>
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

TEST_CASE("a coroutine sends and reads on one thread") {
  fake_cluster cluster;
  cluster.create_topic("t");
  std::size_t seen = 0;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::producer sender(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    const delivery sent = co_await sender.async_send({.topic = "t", .key = "k", .value = "v"});
    async::consumer reader(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    reader.assign({{"t", 0, position::oldest()}});
    const records polled = co_await reader.async_poll();
    for (const record_view& one : polled) {
      if (one.offset() == sent.offset && one.value().view() == "v") ++seen;
    }
  });
  REQUIRE(seen == 1);
}

TEST_CASE("try_send with async_room sends any number of records through a small buffer") {
  fake_cluster cluster;
  cluster.create_topic("t");
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::producer sender(
        context.get_executor(),
        {.bootstrap_servers = cluster.bootstrap_servers(), .batch_bytes_max = 10'000, .buffer_memory = 40'000});
    for (int index = 0; index < 5000; ++index) {
      const std::string value = std::to_string(index) + std::string(100, 'x');
      while (!sender.try_send({.topic = "t", .value = value})) co_await sender.async_room();
    }
    co_await sender.async_flush();
  });
  const auto written = cluster.records("t", 0);
  REQUIRE(written.size() == 5000);
  for (int index = 0; index < 5000; ++index) {
    REQUIRE(written[static_cast<std::size_t>(index)].value->starts_with(std::to_string(index) + "x"));
  }
}

TEST_CASE("a flush fails when a record before it did") {
  fake_cluster cluster;
  cluster.create_topic("t");
  cluster.control(api_key::produce,
                  [](auto& request) { return request.fail(broker_errc::topic_authorization_failed); });
  error failure;
  boost::system::error_code code;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::producer sender(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    while (!sender.try_send({.topic = "t", .value = "v"})) co_await sender.async_room();
    try {
      co_await sender.async_flush(failure, asio::use_awaitable);
    } catch (const boost::system::system_error& thrown) {
      code = thrown.code();
    }
    co_await sender.async_flush();  // told once
  });
  REQUIRE(failure == broker_errc::topic_authorization_failed);
  REQUIRE(static_cast<std::error_code>(code) == make_error_code(broker_errc::topic_authorization_failed));
}

TEST_CASE("a span is taken as far as there is room, and the rest after a wait") {
  fake_cluster cluster;
  cluster.create_topic("t");
  std::vector<std::string> values;
  std::vector<message> records;
  for (int index = 0; index < 5000; ++index) values.push_back(std::to_string(index) + std::string(100, 'x'));
  for (const std::string& value : values) records.push_back({.topic = "t", .value = value});
  std::size_t waits = 0;
  std::size_t told = 0;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    producer_config config{
        .bootstrap_servers = cluster.bootstrap_servers(), .batch_bytes_max = 10'000, .buffer_memory = 40'000};
    config.on_delivery = [&](const delivery_batch& batch) { told += batch ? batch.count() : 0; };
    async::producer sender(context.get_executor(), config);
    for (std::span<const message> left = records; !left.empty();) {
      left = left.subspan(sender.try_send(left));
      if (left.empty()) break;
      ++waits;
      co_await sender.async_room();
    }
    co_await sender.async_flush();
    REQUIRE(sender.metrics().total.records_delivered == 5000);
  });
  REQUIRE(told == 5000);
  REQUIRE(waits > 1);
  const auto written = cluster.records("t", 0);
  REQUIRE(written.size() == values.size());
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (written[index].value != values[index]) FAIL("record " << index << " is another");
  }
}

TEST_CASE("try_send with a callback tells each record once, and purge gives up what waits") {
  fake_cluster cluster;
  cluster.create_topic("t");
  std::vector<error> told;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::producer sender(context.get_executor(),
                           {.bootstrap_servers = cluster.bootstrap_servers(), .linger = std::chrono::minutes(1)});
    const auto tell = [&](const delivery_result& result) { told.push_back(result.error()); };
    while (!sender.try_send({.topic = "t", .value = "v"}, tell)) co_await sender.async_room();
    REQUIRE(told.empty());
    sender.purge(purge::queued);
    co_await sender.async_flush();
    REQUIRE(sender.try_send({.topic = "t", .value = "w"}, tell));
    co_await sender.async_flush();
  });
  REQUIRE(told.size() == 2);
  REQUIRE(told[0] == client_errc::cancelled);
  REQUIRE(told[0].outcome() == write_outcome::not_written);
  REQUIRE_FALSE(told[1]);
  REQUIRE(cluster.records("t", 0).size() == 1);
}

TEST_CASE("transactions with coroutines are seen whole or not at all, their offsets with them") {
  for (const char* version : {"3.9", "4.3"}) {
    INFO(version);
    fake_cluster cluster({.broker_version = version});
    cluster.create_topic("in");
    cluster.create_topic("out");
    std::vector<std::string> seen;
    error refused;
    run([&](asio::io_context& context) -> asio::awaitable<void> {
      async::producer sender(context.get_executor(),
                             {.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "mover"});
      REQUIRE_THROWS_AS(co_await sender.async_begin(&refused), boost::system::system_error);
      co_await sender.async_init_transactions(1min);
      co_await sender.async_begin();
      co_await sender.async_send({.topic = "out", .value = "regretted"});
      co_await sender.async_abort(1min);
      co_await sender.async_begin();
      while (!sender.try_send({.topic = "out", .value = "a"})) co_await sender.async_room();
      co_await sender.async_send({.topic = "out", .value = "b"});
      // gcc 12 takes no lists in a co_await.
      const std::vector<group_offset> offsets(1, group_offset{{"in", 0}, 5});
      const group_metadata group{.group_id = "readers"};
      co_await sender.async_send_offsets(offsets, group, 1min);
      co_await sender.async_commit(1min);
      async::consumer reader(context.get_executor(),
                             {.bootstrap_servers = cluster.bootstrap_servers(), .read_committed = true});
      reader.assign({{"out", 0, position::oldest()}});
      while (seen.size() < 2) {
        const records polled = co_await reader.async_poll();
        for (const record_view& one : polled) seen.push_back(one.value().str());
      }
    });
    REQUIRE(refused == client_errc::invalid_state);
    REQUIRE(seen == std::vector<std::string>{"a", "b"});
    REQUIRE(cluster.committed_offset("readers", "in", 0) == 5);
  }
}

TEST_CASE("a transaction call that is cancelled or times out says so, and the same call again ends it") {
  fake_cluster cluster;
  cluster.create_topic("out");
  error first;
  run([&](asio::io_context& context) -> asio::awaitable<void> {
    async::producer sender(context.get_executor(),
                           {.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "mover"});
    co_await sender.async_init_transactions(1min);
    co_await sender.async_begin();
    co_await sender.async_send({.topic = "out", .value = "v"});
    const auto holding = cluster.control(
        api_key::end_txn, [](auto& request) { return request.fail(broker_errc::coordinator_not_available); });
    REQUIRE_THROWS_AS(co_await sender.async_commit(200ms, &first), boost::system::system_error);
    cluster.remove_control(holding);
    co_await sender.async_commit(1min);
  });
  REQUIRE(first == client_errc::timed_out);
  REQUIRE(cluster.records("out", 0).size() == 1);
}

TEST_CASE("a completion handler runs on its own executor and never inside the call") {
  fake_cluster cluster;
  cluster.create_topic("t");
  asio::io_context clients;
  asio::io_context mine;
  async::producer sender(clients.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
  bool called = false;
  sender.async_send(
      {.topic = "t", .value = "v"},
      asio::bind_executor(mine.get_executor(), [&](boost::system::error_code failure, const delivery& sent) {
        REQUIRE_FALSE(failure);
        REQUIRE(sent.offset == 0);
        called = true;
      }));
  REQUIRE_FALSE(called);
  std::thread runner([&] { clients.run(); });
  mine.run();  // returns when the handler has run: the operation keeps it going
  REQUIRE(called);
  clients.stop();
  runner.join();
}

TEST_CASE("a poll that is cancelled loses no record") {
  fake_cluster cluster;
  cluster.create_topic("t");
  asio::io_context context;
  async::consumer reader(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
  reader.assign({{"t", 0, position::oldest()}});
  asio::cancellation_signal stop;
  boost::system::error_code first;
  std::size_t second = 0;
  reader.async_poll(asio::bind_cancellation_slot(stop.slot(), [&](boost::system::error_code code, const records& none) {
    first = code;
    REQUIRE(none.empty());
    cluster.append("t", 0, {{-1, 1, std::nullopt, "v", {}}});
    reader.async_poll([&](boost::system::error_code, const records& some) {
      second = some.size();
      context.stop();
    });
  }));
  asio::post(context, [&] { stop.emit(asio::cancellation_type::terminal); });
  context.run();
  REQUIRE(first == asio::error::operation_aborted);
  REQUIRE(second == 1);
}

TEST_CASE("an operation of a client that is destroyed ends with closed") {
  fake_cluster cluster;
  cluster.create_topic("t");
  asio::io_context context;
  boost::system::error_code told;
  {
    async::consumer reader(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    reader.assign({{"t", 0, position::newest()}});
    reader.async_poll([&](boost::system::error_code code, const records&) { told = code; });
  }
  context.run();
  REQUIRE(static_cast<std::error_code>(told) == make_error_code(client_errc::closed));
}

TEST_CASE("a send that waits for its topic ends with closed when its client is destroyed") {
  fake_cluster cluster({.auto_create_topics = false});
  asio::io_context context;
  boost::system::error_code told;
  auto sender = std::make_unique<async::producer>(context.get_executor(),
                                                  producer_config{.bootstrap_servers = cluster.bootstrap_servers()});
  sender->async_send({.topic = "missing", .value = "v"},
                     [&](boost::system::error_code code, const delivery&) { told = code; });
  asio::post(context, [&] { sender.reset(); });
  context.run();
  REQUIRE(static_cast<std::error_code>(told) == make_error_code(client_errc::closed));
}

TEST_CASE("topics are managed with futures") {
  fake_cluster cluster;
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::thread runner([&] { context.run(); });
  {
    async::admin client(context.get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    REQUIRE_FALSE(client.async_create_topics({{.name = "t", .partitions = 2}}, asio::use_future).get().at(0).failure);
    REQUIRE(client.async_list_topics(false, asio::use_future).get() == std::vector<std::string>{"t"});
    REQUIRE(client.async_describe_topics({"t"}, asio::use_future).get().at(0).partitions.size() == 2);
    REQUIRE(client.async_list_offsets({{"t", 1, position::newest()}}, asio::use_future).get().at(0).offset == 0);
    REQUIRE(client.async_describe_cluster(asio::use_future).get().brokers.size() == 1);
    REQUIRE_FALSE(client.async_delete_topics({"t"}, asio::use_future).get().at(0).failure);
  }
  work.reset();
  runner.join();
}

TEST_CASE("a client outlives nothing of a context that is destroyed without running") {
  fake_cluster cluster;
  auto context = std::make_unique<asio::io_context>();
  bool called = false;
  {
    async::producer sender(context->get_executor(), {.bootstrap_servers = cluster.bootstrap_servers()});
    sender.async_send({.topic = "t", .value = "v"}, [&](boost::system::error_code, const delivery&) { called = true; });
  }
  context.reset();
  REQUIRE_FALSE(called);
}

}  // namespace
}  // namespace kafka
