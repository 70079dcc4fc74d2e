// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"
#include "unit/fake/script.hpp"

namespace kafka::fake {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("what cannot be a request closes the connection") {
  const std::vector<std::pair<const char*, std::vector<std::byte>>> inputs = {
      {"size 0", bytes_of("\0\0\0\0"s)},
      {"size -1", bytes_of("\xFF\xFF\xFF\xFF"s)},
      {"size 2^31-1", bytes_of("\x7F\xFF\xFF\xFF"s)},
      {"HTTP", bytes_of("GET / HTTP/1.1\r\n\r\n"s)},
      {"TLS", bytes_of("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03"s)},
      {"SSH", bytes_of("SSH-2.0-OpenSSH_9.2\r\n"s)},
      {"a header that is too short", bytes_of("\0\0\0\x05\0\x03\0\0\0"s)},
      {"a client id longer than its frame", bytes_of("\0\0\0\x0A\0\x03\0\0\0\0\0\x01\x7F\xFF"s)},
  };
  for (const auto& [name, input] : inputs) {
    CAPTURE(name);
    script cluster;
    const auto client = cluster.connect();
    cluster.send_bytes(client, input);
    CHECK(cluster.is_closed(client));
    CHECK(cluster.answers(client) == 0);
    CHECK(cluster.core.connection_count() == 0);
  }
}

TEST_CASE("a request above the limit is refused by its size alone") {
  script cluster({.request_bytes_max = 1000});
  const auto client = cluster.connect();
  (void)cluster.ask(client, protocol::metadata_request{});
  cluster.send_bytes(client, bytes_of("\0\0\x03\xE9"s));
  CHECK(cluster.is_closed(client));
}

TEST_CASE("a request that is cut off inside its frame closes the connection, a part of a frame does not") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  const auto whole = script::framed(produce_of("t", id, batch_of(3)), 13);
  for (std::size_t size = 4; size < whole.size(); ++size) {
    CAPTURE(size);
    std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto waiting = cluster.connect();
    cluster.send_bytes(waiting, cut);
    CHECK_FALSE(cluster.is_closed(waiting));
    CHECK(cluster.answers(waiting) == 0);

    const std::size_t claimed = size - 4;
    cut[2] = static_cast<std::byte>(claimed >> 8U);
    cut[3] = static_cast<std::byte>(claimed);
    const auto broken = cluster.connect();
    cluster.send_bytes(broken, cut);
    CHECK(cluster.is_closed(broken));
  }
  CHECK(cluster.partition("t").log.end_offset() == 0);
}

TEST_CASE("requests before the bytes that make no sense are answered") {
  script cluster;
  const auto client = cluster.connect();
  auto bytes = script::framed(protocol::metadata_request{}, 12);
  const auto junk = bytes_of("\xFF\xFF\xFF\xFFjunk"s);
  bytes.insert(bytes.end(), junk.begin(), junk.end());
  cluster.send_bytes(client, bytes);
  CHECK(cluster.answers(client) == 1);
  CHECK(cluster.is_closed(client));
}

/// One valid request of each kind, as bytes.
std::vector<std::vector<std::byte>> valid_requests(const uuid& id) {
  std::vector<std::vector<std::byte>> out;
  const auto add = [&](const auto& request) {
    using type = std::decay_t<decltype(request)>;
    for (std::int16_t version = type::api.versions.min; version <= type::api.stable_max; ++version) {
      protocol::encoded_message body;
      if (!protocol::encode(request, version, body)) out.push_back(script::framed(request, version));
    }
  };
  add(protocol::api_versions_request{"name", "1", {}});
  add(protocol::metadata_request{});
  add(produce_of("t", id, batch_of(5, {.producer = {4, 0, 0, false}})));
  add(fetch_of("t", id, 0, 100ms));
  protocol::list_offsets_request offsets;
  offsets.topics = {{"t", {{0, -1, -1, {}}, {0, 0, 5, {}}}, {}}};
  add(offsets);
  protocol::create_topics_request create;
  create.topics = {{"u", -1, -1, {{0, {1}, {}}}, {{"retention.ms", "5", {}}}, {}}};
  add(create);
  protocol::find_coordinator_request coordinator;
  add(coordinator);
  protocol::describe_configs_request configs;
  configs.resources = {{2, "t", std::nullopt, {}}, {4, "1", std::nullopt, {}}};
  add(configs);
  add(protocol::init_producer_id_request{});
  add(protocol::describe_cluster_request{});
  protocol::offset_for_leader_epoch_request epochs;
  epochs.topics = {{"t", {{0, 0, 0, {}}}, {}}};
  add(epochs);
  add(protocol::add_partitions_to_txn_request{{{"x", 4, 0, false, {{"t", {0}, {}}}, {}}}, {}, 0, 0, {}, {}});
  add(protocol::add_partitions_to_txn_request{{}, "x", 4, 0, {{"t", {0}, {}}}, {}});
  add(protocol::add_offsets_to_txn_request{"x", 4, 0, "g", {}});
  add(protocol::end_txn_request{"x", 4, 0, true, {}});
  add(protocol::init_producer_id_request{"x", 1000, -1, -1, false, false, {}});
  add(protocol::txn_offset_commit_request{"x", "g", 4, 0, -1, "", {}, {{"t", {{0, 5, -1, "", {}}}, {}}}, {}});
  add(protocol::offset_commit_request{"g", -1, "", {}, -1, {{"t", id, {{0, 5, -1, "", {}}}, {}}}, {}});
  add(protocol::describe_producers_request{{{"t", {0, 1}, {}}}, {}});
  add(protocol::describe_transactions_request{{"x"}, {}});
  add(protocol::list_transactions_request{{"Ongoing"}, {4}, -1, {}, {}});
  add(protocol::list_transactions_request{{}, {}, 5, "x.*", {}});
  protocol::offset_fetch_request fetched;
  fetched.group_id = "g";
  fetched.topics->push_back({"t", {0}, {}});
  add(fetched);
  fetched = {};
  fetched.groups = {{"g", {}, -1, std::nullopt, {}}};
  add(fetched);
  return out;
}

TEST_CASE("damaged requests never break the cluster") {
  script cluster;
  const uuid id = cluster.create_topic("t");
  cluster.append("t", {"a", "b", "c"});
  random_source random(4711);
  const auto requests = valid_requests(id);
  REQUIRE(requests.size() > 60);
  std::size_t answered = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = requests[random.below(requests.size())];
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t change = 0; change < changes; ++change) {
      // Never the size: a frame that is not complete would only wait.
      bytes[4 + random.below(bytes.size() - 4)] = static_cast<std::byte>(random.next());
    }
    const auto client = cluster.connect();
    cluster.send_bytes(client, bytes);
    cluster.pass(std::chrono::milliseconds(random.below(3)));
    answered += cluster.answers(client);
    cluster.core.disconnect(client);
  }
  CHECK(answered > 1000);
  cluster.pass(1min);
  CHECK(cluster.core.connection_count() == 0);
  // It still works.
  CHECK(cluster.ask(cluster.connect(), protocol::metadata_request{}).brokers.size() == 1);
}

TEST_CASE("random bytes never break the cluster") {
  script cluster;
  random_source random(1);
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::byte> bytes(random.below(200) + 8);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random.next());
    // A plausible size and, half of the time, a plausible key and version.
    const std::size_t size = bytes.size() - 4;
    bytes[0] = bytes[1] = std::byte{0};
    bytes[2] = static_cast<std::byte>(size >> 8U);
    bytes[3] = static_cast<std::byte>(size);
    if (random.below(2) == 0) {
      bytes[4] = bytes[6] = std::byte{0};
      bytes[5] = static_cast<std::byte>(random.below(70));
      bytes[7] = static_cast<std::byte>(random.below(15));
    }
    const auto client = cluster.connect();
    cluster.send_bytes(client, bytes);
    cluster.core.disconnect(client);
  }
  CHECK(cluster.core.connection_count() == 0);
}

}  // namespace
}  // namespace kafka::fake
