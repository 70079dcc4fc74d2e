// SPDX-License-Identifier: Apache-2.0
// Reads orders and writes invoices in transactions: the invoices of a transaction are seen all together or not at all,
// whatever fails in between. Who reads them with read_committed never sees those that were taken back.
#include <chrono>
#include <iostream>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <string>

namespace {

/// Writes an invoice for each order; false if they had to be taken back and may be written again.
bool write_invoices(kafka::producer& producer, const kafka::records& orders) {
  kafka::error failure;
  producer.begin(failure);
  for (const kafka::record_view& order : orders) {
    if (failure) break;
    const std::string invoice = "invoice for " + order.value().str();
    try {
      producer.send({.topic = "invoices", .key = order.key(), .value = invoice}, kafka::detached);
    } catch (const kafka::error& refused) {
      failure = refused;
    }
  }
  // Waits for every record; a commit that timed out has an open outcome, and only commit may be asked for again.
  while (!failure) {
    producer.commit(failure);
    if (!failure) return true;
    if (failure == kafka::client_errc::timed_out) failure = {};
  }
  if (failure.severity() == kafka::error_class::fatal) throw failure;  // another producer has this name now
  std::cerr << "taken back: " << failure.what() << '\n';
  producer.abort();
  return false;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::producer orders({.bootstrap_servers = brokers});
  for (const char* order : {"apples", "pears", "plums"}) orders.send("orders", order, order);

  // One name for each part of the work: whoever starts again under it ends what the one before left open.
  kafka::producer producer({.bootstrap_servers = brokers, .transactional_id = "invoices-0"});
  producer.init_transactions();

  kafka::consumer reader({.bootstrap_servers = brokers, .read_committed = true});
  reader.assign({{.topic = "orders", .partition = 0, .from = kafka::position::oldest()}});
  std::size_t written = 0;
  while (written < 3) {
    const kafka::records read = reader.poll(std::chrono::seconds(1));
    if (read.empty()) continue;
    while (!write_invoices(producer, read)) {
    }
    written += read.size();
  }

  // An invoice that is taken back again.
  producer.begin();
  producer.send("invoices", "melons", "invoice for melons, by mistake");
  producer.abort();

  kafka::consumer check({.bootstrap_servers = brokers, .read_committed = true});
  check.assign({{.topic = "invoices", .partition = 0, .from = kafka::position::oldest()}});
  std::size_t seen = 0;
  for (kafka::records some = check.poll(std::chrono::seconds(5)); !some.empty();
       some = check.poll(std::chrono::milliseconds(500))) {
    for (const kafka::record_view& invoice : some) std::cout << invoice.value().view() << '\n';
    seen += some.size();
  }
  std::cout << seen << " invoices\n";
  return seen == 3 ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
