// SPDX-License-Identifier: Apache-2.0
// Creates, lists, describes and deletes topics.
#include <iostream>
#include <kafka/admin.hpp>

int main(int argc, char** argv) try {
  kafka::admin admin({.bootstrap_servers = argc > 1 ? argv[1] : "127.0.0.1:9092"});

  const auto created = admin.create_topics({
      {.name = "orders", .partitions = 3, .replication_factor = 1, .configs = {{"retention.ms", "3600000"}}},
      {.name = "not/a/topic", .partitions = 1},
  });
  for (const kafka::topic_result& one : created) {
    std::cout << one.name << ": " << (one.failure ? one.failure.what() : "created") << '\n';
  }
  for (const std::string& name : admin.list_topics()) std::cout << "there is " << name << '\n';

  const kafka::topic_description orders = admin.describe_topics({"orders"}).at(0);
  for (const kafka::partition_description& partition : orders.partitions) {
    std::cout << "partition " << partition.partition << " led by node " << partition.leader << '\n';
  }
  const auto offsets = admin.list_offsets({{"orders", 0, kafka::position::newest()}});
  std::cout << "partition 0 ends at " << offsets.at(0).offset << '\n';

  admin.delete_topics({"orders"});
  std::cout << admin.list_topics().size() << " topics left\n";
  return 0;
} catch (const kafka::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
