// SPDX-License-Identifier: Apache-2.0
// Copies records from one topic to another with coroutines: one thread, the program's own, and nothing blocks.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <kafka/async.hpp>

namespace asio = boost::asio;

asio::awaitable<void> relay(std::string brokers) {  // by value: a coroutine outlives its caller's temporaries
  const auto executor = co_await asio::this_coro::executor;
  kafka::async::producer producer(executor, {.bootstrap_servers = brokers});
  for (const char* word : {"one", "two", "three"}) {
    co_await producer.async_send({.topic = "in", .key = word, .value = word});
  }

  kafka::async::consumer consumer(executor, {.bootstrap_servers = brokers});
  consumer.assign({{.topic = "in", .partition = 0, .from = kafka::position::oldest()}});
  std::size_t copied = 0;
  while (copied < 3) {
    const kafka::records records = co_await consumer.async_poll();
    for (const kafka::record_view& record : records) {
      while (!producer.try_send({.topic = "out", .key = record.key(), .value = record.value()})) {
        co_await producer.async_room();
      }
    }
    co_await producer.async_flush();  // throws unless all of them were acknowledged
    copied += records.size();
  }
  std::cout << copied << " records relayed\n";
}

int main(int argc, char** argv) {
  asio::io_context context;
  int result = 0;
  asio::co_spawn(context, relay(argc > 1 ? argv[1] : "127.0.0.1:9092"), [&](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& thrown) {
      std::cerr << thrown.what() << '\n';
      result = 1;
    }
  });
  context.run();
  return result;
}
