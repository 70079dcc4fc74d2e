// SPDX-License-Identifier: Apache-2.0
// The same operations with a future, with a callback, and cancelled by a time-out.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>
#include <kafka/async.hpp>
#include <thread>

namespace asio = boost::asio;

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::thread thread([&] { context.run(); });

  {
    kafka::async::admin admin(context.get_executor(), {.bootstrap_servers = brokers});
    const auto created = admin.async_create_topics({{.name = "words", .partitions = 1}}, asio::use_future).get();
    std::cout << created.at(0).name << " created\n";

    kafka::async::producer producer(context.get_executor(), {.bootstrap_servers = brokers});
    const kafka::message record{.topic = "words", .value = "hello"};
    const kafka::delivery sent = producer.async_send(record, asio::use_future).get();
    std::cout << "offset " << sent.offset << '\n';

    // A poll that is given up after 50 ms, because there is nothing newer than the end.
    kafka::async::consumer consumer(context.get_executor(), {.bootstrap_servers = brokers});
    consumer.assign({{.topic = "words", .partition = 0, .from = kafka::position::newest()}});
    asio::cancellation_signal stop;
    std::promise<boost::system::error_code> over;
    consumer.async_poll(asio::bind_cancellation_slot(
        stop.slot(), [&](boost::system::error_code code, const kafka::records&) { over.set_value(code); }));
    asio::steady_timer timer(context, std::chrono::milliseconds(50));
    timer.async_wait([&](boost::system::error_code) { stop.emit(asio::cancellation_type::all); });
    std::cout << "poll: " << over.get_future().get().message() << '\n';
  }
  work.reset();
  thread.join();
  return 0;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
