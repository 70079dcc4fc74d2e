// SPDX-License-Identifier: Apache-2.0
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>

int main() {
  kafka::fake_cluster cluster;
  kafka::producer producer({.bootstrap_servers = cluster.bootstrap_servers()});
  const kafka::delivery sent = producer.send("orders", "customer-7", "three apples");
  return sent.offset == 0 ? 0 : 1;
}
