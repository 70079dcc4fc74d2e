// SPDX-License-Identifier: Apache-2.0
// Sends many records without waiting for each; a callback counts what was acknowledged.
#include <atomic>
#include <iostream>
#include <kafka/producer.hpp>
#include <string>

int main(int argc, char** argv) try {
  kafka::producer producer({
      .bootstrap_servers = argc > 1 ? argv[1] : "127.0.0.1:9092",
      .acks = kafka::acks::all,
      .linger = std::chrono::milliseconds(20),
      .compression = kafka::compression::lz4,
  });

  std::atomic<int> delivered{0};
  std::atomic<int> failed{0};
  for (int number = 0; number < 10'000; ++number) {
    const std::string value = "order " + std::to_string(number);
    // Copies the record into its batch before it returns; blocks only while the buffer is full.
    producer.send({.topic = "orders", .key = std::to_string(number % 100), .value = value},
                  [&](const kafka::delivery_result& result) { ++(result ? delivered : failed); });
  }
  if (const kafka::error unsent = producer.flush()) throw unsent;
  std::cout << delivered << " delivered, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
