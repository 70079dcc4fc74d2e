// SPDX-License-Identifier: Apache-2.0
// Any consumer takes any message: three workers share a queue. Messages without a key are spread over the partitions,
// the group spreads the partitions over its members, so that there must be as many of them at least. When a worker
// comes or goes, the others take over; a message is done when its handler has returned, not before.
#include <atomic>
#include <iostream>
#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::admin({.bootstrap_servers = brokers}).create_topics({{.name = "pictures", .partitions = 6}});

  std::stop_source stop;
  std::mutex mutex;
  std::set<std::string> done;
  std::set<int> busy;
  const auto work = [&](int worker) {
    kafka::consumer pictures(brokers, "pictures", "thumbnails", kafka::offset_reset::earliest);
    pictures.run(
        [&](const kafka::record_view& picture) {
          const std::lock_guard lock(mutex);
          done.insert(picture.value().str());
          busy.insert(worker);
          if (done.size() >= 600 && busy.size() == 3) stop.request_stop();
        },
        stop.get_token());
    pictures.close();
  };
  std::vector<std::thread> workers;
  for (int worker = 1; worker <= 3; ++worker) workers.emplace_back(work, worker);

  // Partition 0 to 5 in turn; without naming one they are filled by batches, which balances a busier queue as well.
  kafka::producer producer({.bootstrap_servers = brokers, .partitioner = kafka::partitioning::round_robin});
  for (int number = 0; !stop.stop_requested(); ++number) {
    const std::string name = "picture " + std::to_string(number);
    producer.send({.topic = "pictures", .value = name}, kafka::detached);
    if (number >= 600) producer.flush();  // enough: now as fast as they are taken
  }
  for (std::thread& each : workers) each.join();
  std::cout << (done.size() >= 600 ? "all" : "not all") << " pictures done by " << busy.size() << " workers\n";
  return done.size() >= 600 ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
