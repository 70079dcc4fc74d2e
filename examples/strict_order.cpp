// SPDX-License-Identifier: Apache-2.0
// Strict order: one partition, and so one consumer at a time. The other members of the group stand by; when the one
// that reads leaves or dies, another goes on behind what it had done.
#include <iostream>
#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/producer.hpp>
#include <string>

namespace {

/// A sticky assignor leaves the partition where it is when another member comes.
kafka::consumer member(const std::string& brokers) {
  kafka::consumer out({.bootstrap_servers = brokers,
                       .group_id = "ledger",
                       .assignors = "cooperative-sticky",
                       .offset_reset = kafka::offset_reset::earliest});
  out.subscribe({"journal"});
  return out;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string brokers = argc > 1 ? argv[1] : "127.0.0.1:9092";
  kafka::admin({.bootstrap_servers = brokers}).create_topics({{.name = "journal", .partitions = 1}});
  kafka::producer producer({.bootstrap_servers = brokers});  // idempotent: retries change no order
  for (int entry = 0; entry < 100; ++entry) {
    producer.send({.topic = "journal", .value = std::to_string(entry)}, kafka::detached);
  }
  producer.flush();

  int next = 0;
  bool ordered = true;
  // Handles entries until `count` are done.
  const auto apply = [&](kafka::consumer& member, int count) {
    std::stop_source stop;
    member.run(
        [&](const kafka::record_view& entry) {
          ordered = ordered && entry.value().view() == std::to_string(next);
          if (++next == count) stop.request_stop();
        },
        stop.get_token());
  };
  kafka::consumer active = member(brokers);
  apply(active, 40);

  // Joins, and gets nothing as long as the other is there. Both poll here, as both would on machines of their own.
  kafka::consumer standby = member(brokers);
  for (int turn = 0; turn < 5; ++turn) {
    active.pause(active.assigned());
    if (!active.poll(std::chrono::milliseconds(100)).empty() || !standby.poll(std::chrono::milliseconds(100)).empty()) {
      std::cerr << "read while nobody was to\n";
      return 1;
    }
  }
  std::cout << next << " entries by the first, the other stands by\n";
  active.close();
  apply(standby, 100);
  standby.close();
  std::cout << next << " entries, " << (ordered ? "in order" : "out of order") << '\n';
  return ordered ? 0 : 1;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
