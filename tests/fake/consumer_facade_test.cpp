// SPDX-License-Identifier: Apache-2.0
// kafka::consumer and kafka::admin over TCP against the fake cluster.
#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>
#include <optional>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

std::vector<fake_record> numbered(int from, int to) {
  std::vector<fake_record> out;
  for (int index = from; index < to; ++index) out.push_back({-1, 1000 + index, "k", std::to_string(index), {}});
  return out;
}

struct fixture {
  fake_cluster cluster;
  consumer_config config{.bootstrap_servers = cluster.bootstrap_servers()};

  static std::vector<std::string> read(consumer& from, std::size_t count) {
    std::vector<std::string> out;
    while (out.size() < count) {
      const records polled = from.poll(10s);
      if (polled.empty()) break;
      for (const record_view& one : polled) out.push_back(one.value().str());
    }
    return out;
  }
};

TEST_CASE_METHOD(fixture, "poll returns records with everything they have, and they outlive the consumer") {
  cluster.create_topic("t");
  cluster.append("t", 0,
                 {{-1, 77, std::nullopt, "v", {{"a", "1"}, {"a", std::nullopt}}}, {-1, 78, "", std::nullopt, {}}});
  std::optional<records> kept;
  {
    consumer reader(config);
    reader.assign({{"t", 0, position::oldest()}});
    kept = reader.poll(10s);
  }
  REQUIRE(kept->size() == 2);
  std::vector<record> copies;
  for (const record_view& one : *kept) copies.push_back(one.retain());
  REQUIRE(copies[0] ==
          record{"t", 0, 0, 77, timestamp_type::create_time, std::nullopt, "v", {{"a", "1"}, {"a", std::nullopt}}});
  REQUIRE(copies[1] == record{"t", 0, 1, 78, timestamp_type::create_time, "", std::nullopt, {}});
  // A second pass sees the same.
  REQUIRE((*kept->begin()).value().view() == "v");
}

TEST_CASE_METHOD(fixture, "records are read in order from every kind of position") {
  cluster.create_topic("t");
  for (int batch = 0; batch < 10; ++batch) cluster.append("t", 0, numbered(batch * 10, batch * 10 + 10));
  for (const auto& [from, first] :
       {std::pair{position::oldest(), 0}, std::pair{position::at(55), 55}, std::pair{position::since(1034), 34}}) {
    consumer reader(config);
    reader.assign({{"t", 0, from}});
    const auto values = read(reader, static_cast<std::size_t>(100 - first));
    REQUIRE(values.size() == static_cast<std::size_t>(100 - first));
    for (std::size_t index = 0; index < values.size(); ++index) {
      REQUIRE(values[index] == std::to_string(first + static_cast<int>(index)));
    }
  }
}

TEST_CASE_METHOD(fixture, "a poll returns at most poll_records_max records and the next one goes on there") {
  cluster.create_topic("t");
  cluster.append("t", 0, numbered(0, 25));
  config.poll_records_max = 10;
  consumer reader(config);
  reader.assign({{"t", 0, position::at(3)}});
  std::vector<std::size_t> sizes;
  int next = 3;
  while (next < 25) {
    const records polled = reader.poll(10s);
    sizes.push_back(polled.size());
    for (const record_view& one : polled) REQUIRE(one.value().view() == std::to_string(next++));
    REQUIRE(reader.position_of({"t", 0}) == next);
  }
  REQUIRE(sizes == std::vector<std::size_t>{10, 10, 2});
}

TEST_CASE_METHOD(fixture, "a poll with nothing to read returns empty after its time, or at once when woken") {
  cluster.create_topic("t");
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(reader.poll(20ms).empty());
  std::thread waker([&] { reader.wakeup(); });
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(reader.poll(60s).empty());
  REQUIRE(std::chrono::steady_clock::now() - begin < 30s);
  waker.join();
}

TEST_CASE_METHOD(fixture, "after a seek poll begins there, whatever was fetched before") {
  cluster.create_topic("t");
  cluster.append("t", 0, numbered(0, 10));
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(read(reader, 10).size() == 10);
  reader.seek({"t", 0}, position::at(7));
  REQUIRE(read(reader, 3) == std::vector<std::string>{"7", "8", "9"});
  REQUIRE_THROWS_AS(reader.seek({"t", 1}, position::oldest()), error);
}

TEST_CASE_METHOD(fixture, "a paused partition keeps its records until it is resumed") {
  cluster.create_topic("t", 2);
  cluster.append("t", 0, numbered(0, 1));
  cluster.append("t", 1, numbered(1, 2));
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}, {"t", 1, position::oldest()}});
  reader.pause({{"t", 0}});
  REQUIRE(read(reader, 1) == std::vector<std::string>{"1"});
  REQUIRE(reader.poll(50ms).empty());
  reader.resume({{"t", 0}});
  REQUIRE(read(reader, 1) == std::vector<std::string>{"0"});
}

TEST_CASE_METHOD(fixture, "each codec is read") {
  for (const auto codec :
       {compression::none, compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    const std::string topic(to_string(codec));
    cluster.create_topic(topic);
    producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .compression = codec});
    sender.send(topic, "k", std::string(5000, 'y'));
    consumer reader(config);
    reader.assign({{topic, 0, position::oldest()}});
    REQUIRE(read(reader, 1).at(0) == std::string(5000, 'y'));
  }
}

TEST_CASE_METHOD(fixture, "a batch that unfolds too far is an error with its offsets, and a seek goes past it") {
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .compression = compression::zstd});
  sender.send("t", nullptr, "before");
  sender.send("t", nullptr, std::string(500'000, 'x'));
  sender.send("t", nullptr, "after");
  config.decompressed_batch_bytes_max = 100'000;
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(read(reader, 1) == std::vector<std::string>{"before"});
  error failure;
  REQUIRE(reader.poll(10s, failure).empty());
  REQUIRE(failure == client_errc::limit_exceeded);
  REQUIRE(failure.message().find("offsets 1 to 1") != std::string::npos);
  REQUIRE(reader.poll(50ms, failure).empty());
  REQUIRE_FALSE(failure);
  reader.seek({"t", 0}, position::at(2));
  REQUIRE(read(reader, 1) == std::vector<std::string>{"after"});
}

TEST_CASE_METHOD(fixture, "a closed consumer says so") {
  consumer reader(config);
  REQUIRE_FALSE(reader.close());
  REQUIRE_THROWS_AS(reader.poll(1s), error);
}

TEST_CASE_METHOD(fixture, "the end offset follows the log") {
  cluster.create_topic("t");
  cluster.append("t", 0, numbered(0, 5));
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE_FALSE(reader.end_offset_of({"t", 0}));
  REQUIRE(read(reader, 5).size() == 5);
  REQUIRE(reader.end_offset_of({"t", 0}) == 5);
}

TEST_CASE_METHOD(fixture, "a marker that comes while the records before it are opened is behind them all the same") {
  cluster.create_topic("t");
  {
    producer_config writing{.bootstrap_servers = cluster.bootstrap_servers(), .compression = compression::zstd};
    writing.transactional_id = "aborted";
    producer sender(writing);
    sender.init_transactions();
    sender.begin();
    sender.send("t", nullptr, std::string(900'000, 'x'));
    sender.abort();
  }
  config.partition_fetch_bytes_max = 1;  // a batch a fetch
  int left_behind = 0;
  for (int turn = 0; turn < 150; ++turn) {
    consumer reader(config);
    reader.assign({{"t", 0, position::oldest()}});
    REQUIRE(read(reader, 1).size() == 1);
    const auto end = std::chrono::steady_clock::now() + 1s;
    while (reader.position_of({"t", 0}) != 2 && std::chrono::steady_clock::now() < end) (void)reader.poll(10ms);
    left_behind += reader.position_of({"t", 0}) != 2 ? 1 : 0;
  }
  REQUIRE(left_behind == 0);
}

TEST_CASE("an admin call to nobody fails in its time and names the address") {
  std::string nowhere;
  {
    fake_cluster gone;
    nowhere = gone.bootstrap_servers();
  }
  admin client({.bootstrap_servers = nowhere, .api_timeout = 300ms});
  error failure;
  REQUIRE(client.list_topics(false, failure).empty());
  REQUIRE(failure == client_errc::timed_out);
  INFO(failure.message());
  REQUIRE(failure.message().find(nowhere) != std::string::npos);
  REQUIRE_FALSE(client.close());
  (void)client.list_topics(false, failure);
  REQUIRE(failure == client_errc::closed);
}

}  // namespace
}  // namespace kafka
