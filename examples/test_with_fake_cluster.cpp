// SPDX-License-Identifier: Apache-2.0
// A test of a user's own code, in milliseconds and without a broker: the program's cluster lives in its process.
#include <iostream>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>

int main() {
  kafka::fake_cluster cluster({.nodes = 3});
  cluster.create_topic("orders", 1, {.replication_factor = 3});
  // The first attempt to write meets a broker that is not the leader any more.
  cluster.control(
      kafka::api_key::produce, [](auto& request) { return request.fail(kafka::broker_errc::not_leader_or_follower); },
      1);

  kafka::producer producer({.bootstrap_servers = cluster.bootstrap_servers()});
  const kafka::delivery sent = producer.send("orders", "key", "value");
  std::cout << "offset " << sent.offset << " after a retry; the log holds "
            << cluster.records("orders", 0).at(0).value.value_or("null") << '\n';
  return 0;
}
