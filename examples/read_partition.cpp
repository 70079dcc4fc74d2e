// SPDX-License-Identifier: Apache-2.0
// Reads a partition from its oldest record to the end that it has now.
#include <iostream>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <string>

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::producer producer({.bootstrap_servers = brokers});
  for (const char* fruit : {"apple", "pear", "plum"}) producer.send("fruit", nullptr, fruit);

  kafka::consumer consumer({.bootstrap_servers = brokers});
  consumer.assign({{.topic = "fruit", .partition = 0, .from = kafka::position::oldest()}});
  const kafka::topic_partition partition{"fruit", 0};
  do {
    const kafka::records records = consumer.poll(std::chrono::seconds(10));  // owns its bytes; views borrow from it
    for (const kafka::record_view& record : records) {
      std::cout << record.offset() << ": " << record.value().view() << '\n';
    }
  } while (consumer.position_of(partition) < consumer.end_offset_of(partition));

  consumer.seek(partition, kafka::position::at(1));
  const kafka::records again = consumer.poll(std::chrono::seconds(10));
  const kafka::record kept = (*again.begin()).retain();  // a copy that outlives `again`
  std::cout << "again: " << kept.value.value_or("null") << '\n';
  return 0;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
