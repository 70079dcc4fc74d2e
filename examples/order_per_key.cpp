// SPDX-License-Identifier: Apache-2.0
// Order per key: what happens to one account happens in order, accounts go side by side. Equal keys share a partition,
// and a partition has one reader at a time; within a reader, run_parallel keeps the order of each key over any number
// of threads, so that slow handlers need no more partitions.
#include <iostream>
#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <map>
#include <mutex>
#include <string>

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::admin({.bootstrap_servers = brokers}).create_topics({{.name = "bookings", .partitions = 3}});
  constexpr int accounts = 20;
  constexpr int bookings = 50;
  kafka::producer producer({.bootstrap_servers = brokers});
  for (int booking = 0; booking < bookings; ++booking) {
    for (int account = 0; account < accounts; ++account) {
      const std::string key = "account " + std::to_string(account);
      producer.send({.topic = "bookings", .key = key, .value = std::to_string(booking)}, kafka::detached);
    }
  }
  producer.flush();

  std::mutex mutex;
  std::map<std::string, int> next;  // of each account
  int handled = 0;
  int out_of_order = 0;
  std::stop_source stop;
  kafka::consumer reader(brokers, "bookings", "bank", kafka::offset_reset::earliest);
  reader.run_parallel(
      8,
      [&](const kafka::record_view& booking) {
        const std::lock_guard lock(mutex);
        if (booking.value().view() != std::to_string(next[booking.key().str()]++)) ++out_of_order;
        if (++handled == accounts * bookings) stop.request_stop();
      },
      stop.get_token());
  reader.close();
  std::cout << handled << " bookings of " << next.size() << " accounts, " << out_of_order << " out of order\n";
  return out_of_order == 0 ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
