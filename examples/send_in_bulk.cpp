// SPDX-License-Identifier: Apache-2.0
// Sends a million records as fast as possible: many at a time, told of by the batch, and those that fail written down.
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <kafka/producer.hpp>
#include <string>
#include <vector>

int main(int argc, char** argv) try {
  std::atomic<std::size_t> delivered{0};
  std::atomic<std::size_t> failed{0};
  std::ofstream left_over;  // only the producer's IO thread touches it
  kafka::producer producer({
      .bootstrap_servers = argc > 1 ? argv[1] : "127.0.0.1:9092",
      .linger = std::chrono::milliseconds(20),
      .compression = kafka::compression::lz4,
      // Once for each batch, on the IO thread; it must not block for long.
      .on_delivery =
          [&](const kafka::delivery_batch& batch) {
            if (batch) {
              delivered += batch.count();
              return;
            }
            failed += batch.count();
            if (!left_over.is_open()) left_over.open("left-over.txt");
            left_over << batch.topic() << ": " << batch.error().what() << '\n';
            for (const kafka::record_view& record : batch.content()) left_over << record.value().view() << '\n';
          },
  });

  std::vector<std::string> values(1000);
  std::vector<kafka::message> records(values.size());
  for (int number = 0; number < 1'000'000; number += 1000) {
    for (std::size_t index = 0; index < values.size(); ++index) {
      values[index] = "measurement " + std::to_string(number + static_cast<int>(index));
      records[index] = {.topic = "measurements", .value = values[index]};
    }
    // Copies the records before it returns; blocks only while the buffer is full.
    producer.send(records);
  }
  if (const kafka::error unfinished = producer.flush()) throw unfinished;

  const kafka::producer_metrics metrics = producer.metrics();
  std::cout << delivered << " delivered, " << failed << " failed, " << metrics.batch_records.mean()
            << " records a batch\n";
  return failed == 0 ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
