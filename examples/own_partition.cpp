// SPDX-License-Identifier: Apache-2.0
// A given consumer for a given partition: each shop has a partition of its own, and its till reads that one only. No
// group assigns anything; the group's id is there for what it stores: where each till goes on when it is started again.
#include <iostream>
#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <string>
#include <vector>

namespace {

/// Reads `count` orders of a shop, from where its till was stopped.
std::vector<std::string> till(const std::string& brokers, std::int32_t shop, std::size_t count) {
  kafka::consumer reader({.bootstrap_servers = brokers, .group_id = "tills", .auto_commit = false});
  const std::vector<kafka::group_offset> stored = reader.committed({{"shop-orders", shop}});
  const auto from = stored.empty() ? kafka::position::oldest() : kafka::position::at(stored[0].offset);
  reader.assign({{.topic = "shop-orders", .partition = shop, .from = from}});
  std::vector<std::string> orders;
  std::stop_source stop;
  reader.run(
      [&](const kafka::record_view& order) {
        orders.push_back(order.value().str());
        if (orders.size() == count) stop.request_stop();
      },
      stop.get_token());
  reader.close();
  return orders;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::admin({.bootstrap_servers = brokers}).create_topics({{.name = "shop-orders", .partitions = 3}});
  kafka::producer producer({.bootstrap_servers = brokers});
  for (const char* what : {"bread", "milk", "salt"}) {
    for (std::int32_t shop = 0; shop < 3; ++shop) {
      const std::string order = std::string(what) + " for shop " + std::to_string(shop);
      producer.send({.topic = "shop-orders", .value = order, .partition = shop});
    }
  }
  for (const std::size_t count : {2U, 1U}) {  // the till of shop 1 is started twice
    for (const std::string& order : till(brokers, 1, count)) std::cout << order << '\n';
    std::cout << "till closed\n";
  }
  for (const std::string& order : till(brokers, 2, 1)) std::cout << order << '\n';
  return 0;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
