// SPDX-License-Identifier: Apache-2.0
// Slow and fast work in separate partitions, so that a minute's video does not hold up a second's picture: the sender
// knows which is which, and each kind has workers of its own that read its partitions only.
#include <atomic>
#include <iostream>
#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <string>
#include <thread>

namespace {

constexpr std::int32_t slow_partition = 0;
constexpr std::int32_t fast_partition = 1;

void work(const std::string& brokers, std::int32_t partition, std::stop_token stop,
          const std::function<void(const kafka::record_view&)>& handler) {
  kafka::consumer reader({.bootstrap_servers = brokers});
  reader.assign({{.topic = "conversions", .partition = partition, .from = kafka::position::oldest()}});
  reader.run(handler, std::move(stop));
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::admin({.bootstrap_servers = brokers}).create_topics({{.name = "conversions", .partitions = 2}});
  kafka::producer producer({.bootstrap_servers = brokers});
  for (int number = 0; number < 100; ++number) {
    const bool is_video = number % 10 == 0;  // every tenth, and before the pictures that follow
    producer.send({.topic = "conversions",
                   .value = is_video ? "video" : "picture",
                   .partition = is_video ? slow_partition : fast_partition},
                  kafka::detached);
  }
  producer.flush();

  std::stop_source stop;
  std::atomic<int> videos = 0;
  std::atomic<int> pictures = 0;
  std::atomic<bool> pictures_done = false;
  int videos_before = -1;
  std::thread slow([&] {
    work(brokers, slow_partition, stop.get_token(), [&](const kafka::record_view&) {
      pictures_done.wait(false);  // a video takes that long
      if (++videos == 10) stop.request_stop();
    });
  });
  std::thread fast([&] {
    work(brokers, fast_partition, stop.get_token(), [&](const kafka::record_view&) {
      if (++pictures < 90) return;
      videos_before = videos;
      pictures_done = true;
      pictures_done.notify_all();
    });
  });
  slow.join();
  fast.join();
  std::cout << pictures << " pictures done before the first of " << videos << " videos\n";
  return videos_before == 0 ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
