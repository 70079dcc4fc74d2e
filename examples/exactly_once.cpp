// SPDX-License-Identifier: Apache-2.0
// Reads orders and writes invoices, exactly once: an order's invoice and the group's position behind the order are
// committed together, so that no order gets two invoices or none, whatever dies in between. Start as many of these as
// orders has partitions, each with a transactional id of its own.
#include <iostream>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <kafka/transactional_processor.hpp>
#include <stdexcept>
#include <string>

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::producer orders({.bootstrap_servers = brokers});
  for (const char* order : {"apples", "pears", "plums"}) orders.send("orders", order, order);

  kafka::transactional_processor invoices(
      {.consumer = {.bootstrap_servers = brokers,
                    .group_id = "invoicing",
                    .offset_reset = kafka::offset_reset::earliest},
       .producer = {.bootstrap_servers = brokers, .transactional_id = "invoicing-0"},
       .topics = {"orders"}});
  std::stop_source stop;
  int calls = 0;
  const auto invoice = [&](const kafka::record_view& order, kafka::transactional_output& output) {
    const std::string text = "invoice for " + order.value().str();
    output.send({.topic = "invoices", .key = order.key(), .value = text});
    // The second order fails once: what was written until then is taken back, and nobody ever sees it.
    if (++calls == 2) throw std::runtime_error("out of paper");
    if (order.value().view() == "plums") stop.request_stop();
  };
  try {
    invoices.run(invoice, stop.get_token());
  } catch (const std::runtime_error& failure) {
    std::cout << failure.what() << ", once more\n";
    invoices.run(invoice, stop.get_token());
  }
  invoices.close();

  kafka::consumer check({.bootstrap_servers = brokers, .read_committed = true});
  check.assign({{.topic = "invoices", .partition = 0, .from = kafka::position::oldest()}});
  std::size_t seen = 0;
  for (kafka::records some = check.poll(std::chrono::seconds(5)); !some.empty();
       some = check.poll(std::chrono::milliseconds(500))) {
    for (const kafka::record_view& record : some) std::cout << record.value().view() << '\n';
    seen += some.size();
  }
  std::cout << seen << " invoices\n";
  return seen == 3 ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
