// SPDX-License-Identifier: Apache-2.0
// Three ways to say which partition a record goes to: by name, by its key, and by a function of one's own.
#include <iostream>
#include <kafka/admin.hpp>
#include <kafka/partitioner.hpp>
#include <kafka/producer.hpp>

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::admin admin({.bootstrap_servers = brokers});
  admin.create_topics({{.name = "payments", .partitions = 4}});

  // A record that names its partition goes there.
  kafka::producer producer({.bootstrap_servers = brokers});
  std::cout << "named: " << producer.send({.topic = "payments", .value = "1 EUR", .partition = 3}).partition << '\n';

  // Equal keys share a partition, the one that Kafka's own producer would choose: what they mean to each other keeps
  // its order. murmur2_partition tells which without sending.
  const kafka::delivery keyed = producer.send("payments", "customer-7", "2 EUR");
  std::cout << "by key: " << (keyed.partition == kafka::murmur2_partition("customer-7", 4) ? "as Java" : "otherwise")
            << '\n';

  // To share topics with programs that use librdkafka: .partitioner = kafka::partitioning::consistent_random.

  // One's own: large payments have a partition to themselves. It is called by the sending thread and must not block.
  kafka::producer_config config{.bootstrap_servers = brokers};
  config.custom_partitioner = [](const kafka::message& payment, std::int32_t count, std::span<const std::int32_t>) {
    if (payment.value.size() > 10) return 0;
    return 1 + kafka::murmur2_partition(payment.key, count - 1);
  };
  kafka::producer sorting(config);
  std::cout << "large: " << sorting.send("payments", "customer-7", "1000000000 EUR").partition << '\n';
  std::cout << "small: " << (sorting.send("payments", "customer-7", "3 EUR").partition > 0 ? "elsewhere" : "there too")
            << '\n';
  return 0;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
