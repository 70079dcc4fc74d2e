// SPDX-License-Identifier: Apache-2.0
// Sends records one by one, waiting for each acknowledgement.
#include <iostream>
#include <kafka/producer.hpp>

int main(int argc, char** argv) try {
  kafka::producer producer({.bootstrap_servers = argc > 1 ? argv[1] : "127.0.0.1:9092"});

  const kafka::delivery sent = producer.send("orders", "customer-7", "three apples");
  std::cout << "partition " << sent.partition << ", offset " << sent.offset << '\n';

  // Everything a record can have; a null value is a tombstone.
  const kafka::header headers[] = {{"trace", "4711"}, {"trace", nullptr}};
  const kafka::message record{
      .topic = "orders", .key = "customer-8", .value = nullptr, .headers = headers, .partition = 0};
  kafka::error failure;
  producer.send(record, failure);
  if (failure) std::cerr << failure.what() << '\n';
  return failure ? 1 : 0;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
