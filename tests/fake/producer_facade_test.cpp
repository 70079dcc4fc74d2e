// SPDX-License-Identifier: Apache-2.0
// kafka::producer over TCP against the fake cluster: threads, blocking, callbacks and ends.
#include <atomic>
#include <future>
#include <kafka/fake_cluster.hpp>
#include <kafka/partitioner.hpp>
#include <kafka/producer.hpp>
#include <memory>
#include <optional>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;

/// Nobody listens there: the port was free a moment ago.
std::string nowhere() {
  fake_cluster gone;
  return gone.bootstrap_servers();
}

TEST_CASE("a blocking send returns partition, offset and timestamp") {
  fake_cluster cluster;
  cluster.create_topic("t", 3);
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  const delivery first = sender.send({.topic = "t", .key = "k", .value = "a", .timestamp = 12345});
  REQUIRE(first == delivery{murmur2_partition("k", 3), 0, 12345});
  REQUIRE(sender.send("t", "k", "b").offset == 1);
  const auto written = cluster.records("t", first.partition);
  REQUIRE(written.size() == 2);
  REQUIRE(written[0] == fake_record{0, 12345, "k", "a", {}});
}

TEST_CASE("a log-append time is the broker's and is what a send returns") {
  fake_cluster cluster;
  cluster.create_topic("t", 1, {.configs = {{"message.timestamp.type", "LogAppendTime"}}});
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  const delivery sent = sender.send({.topic = "t", .value = "a", .timestamp = 12345});
  REQUIRE(sent.timestamp > 12345);
  REQUIRE(cluster.records("t", 0).at(0).timestamp == sent.timestamp);
}

TEST_CASE("null and empty keys, values and headers arrive as they were sent") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  const header headers[] = {{"h", "1"}, {"h", nullptr}, {"", ""}};
  sender.send({.topic = "t", .key = nullptr, .value = nullptr, .headers = headers});
  sender.send({.topic = "t", .key = "", .value = ""});
  const auto written = cluster.records("t", 0);
  REQUIRE_FALSE(written[0].key);
  REQUIRE_FALSE(written[0].value);
  REQUIRE(written[0].headers == decltype(written[0].headers){{"h", "1"}, {"h", std::nullopt}, {"", ""}});
  REQUIRE(written[1].key == "");
  REQUIRE(written[1].value == "");
}

TEST_CASE("every callback is called exactly once, by the time flush returns") {
  fake_cluster cluster;
  cluster.create_topic("t", 4);
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  std::vector<std::atomic<int>> called(20'000);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t index = thread; index < called.size(); index += 4) {
        sender.send({.topic = "t", .key = std::to_string(index), .value = "v"},
                    [&called, index](const delivery_result& result) {
                      if (result) ++called[index];
                    });
      }
    });
  }
  for (std::thread& one : threads) one.join();
  REQUIRE_FALSE(sender.flush(60s));
  std::size_t total = 0;
  for (std::int32_t partition = 0; partition < 4; ++partition) total += cluster.records("t", partition).size();
  REQUIRE(total == called.size());
  REQUIRE(std::all_of(called.begin(), called.end(), [](const auto& count) { return count == 1; }));
}

TEST_CASE("each codec's batches are read by a broker") {
  fake_cluster cluster;
  for (const auto codec :
       {compression::none, compression::gzip, compression::snappy, compression::lz4, compression::zstd}) {
    const std::string topic(to_string(codec));
    cluster.create_topic(topic);
    producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .compression = codec});
    sender.send(topic, nullptr, std::string(10'000, 'x'));
    REQUIRE(cluster.records(topic, 0).at(0).value == std::string(10'000, 'x'));
  }
}

TEST_CASE("a topic that does not exist and may not be created fails after max_block with its name") {
  fake_cluster cluster({.auto_create_topics = false});
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .max_block = 300ms});
  error failure;
  sender.send({.topic = "missing", .value = "v"}, failure);
  REQUIRE(failure == client_errc::timed_out);
  REQUIRE(failure.message().find("missing") != std::string::npos);
  REQUIRE(failure.message().find("UNKNOWN_TOPIC_OR_PARTITION") != std::string::npos);
  REQUIRE_THROWS_AS(sender.send("missing", "k", "v"), error);
}

TEST_CASE("a partition that the topic does not have is refused by number") {
  fake_cluster cluster;
  cluster.create_topic("t", 2);
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  error failure;
  sender.send({.topic = "t", .value = "v", .partition = 2}, failure);
  REQUIRE(failure == client_errc::invalid_argument);
}

TEST_CASE("a record larger than a batch is refused, and smaller ones go on") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .batch_bytes_max = 1000});
  error failure;
  sender.send({.topic = "t", .value = std::string(2000, 'x')}, failure);
  REQUIRE(failure == client_errc::record_too_large);
  REQUIRE(failure.message().find("batch.size") != std::string::npos);
  REQUIRE(sender.send("t", nullptr, "small").offset == 0);
}

TEST_CASE("a record that all of the memory could not hold is refused at once, and the refusal names the memory") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .buffer_memory = 50'000});
  error failure;
  sender.send({.topic = "t", .value = std::string(60'000, 'x')}, failure);
  REQUIRE(failure == client_errc::record_too_large);
  REQUIRE(failure.message().find("buffer.memory") != std::string::npos);
  REQUIRE(sender.send("t", nullptr, "small").offset == 0);
}

TEST_CASE("sending blocks while the buffer is full and fails with buffer_full after max_block") {
  fake_cluster cluster;
  cluster.create_topic("t");
  cluster.control(api_key::produce, [](auto& request) { return request.swallow(); });
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(),
                   .batch_bytes_max = 20'000,
                   .buffer_memory = 100'000,
                   .max_block = 200ms});
  error failure;
  for (int index = 0; index < 1000 && !failure; ++index) {
    try {
      sender.send({.topic = "t", .value = std::string(1000, 'x')}, [](const delivery_result&) {});
    } catch (const error& thrown) {
      failure = thrown;
    }
  }
  REQUIRE(failure == client_errc::buffer_full);
}

TEST_CASE("blocking calls from inside a callback are refused instead of waiting for themselves") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  std::promise<std::vector<error>> told;
  sender.send({.topic = "t", .value = "v"}, [&](const delivery_result&) {
    std::vector<error> failures(2);
    sender.send({.topic = "t", .value = "w"}, failures[0]);
    failures[1] = sender.flush();
    told.set_value(std::move(failures));
  });
  for (const error& one : told.get_future().get()) REQUIRE(one == client_errc::would_deadlock);
  REQUIRE(sender.send("t", nullptr, "x").offset == 1);
}

TEST_CASE("a producer may be destroyed inside its own callback") {
  fake_cluster cluster;
  cluster.create_topic("t");
  auto sender = std::make_unique<producer>(producer_config{.bootstrap_servers = cluster.bootstrap_servers()});
  std::promise<bool> over;
  sender->send({.topic = "t", .value = "v"}, [&](const delivery_result& result) {
    sender.reset();
    over.set_value(static_cast<bool>(result));
  });
  REQUIRE(over.get_future().get());
}

TEST_CASE("a callback that throws harms nobody") {
  fake_cluster cluster;
  cluster.create_topic("t");
  std::atomic<int> logged{0};
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .log = [&](log_level level, std::string_view) {
                     if (level == log_level::error) ++logged;
                   }});
  sender.send({.topic = "t", .value = "v"}, [](const delivery_result&) { throw std::runtime_error("mine"); });
  REQUIRE_FALSE(sender.flush());
  REQUIRE(logged == 1);
}

TEST_CASE("close delivers what it can and fails the rest as closed, within its deadline") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer good({.bootstrap_servers = cluster.bootstrap_servers(), .linger = 60s});
  std::atomic<int> delivered{0};
  good.send({.topic = "t", .value = "v"}, [&](const delivery_result& result) { delivered += result ? 1 : 0; });
  REQUIRE_FALSE(good.close());
  REQUIRE(delivered == 1);

  cluster.control(api_key::produce, [](auto& request) { return request.swallow(); });
  producer stuck({.bootstrap_servers = cluster.bootstrap_servers()});
  std::optional<error> told;
  stuck.send({.topic = "t", .value = "v"}, [&](const delivery_result& result) { told = result.error(); });
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(stuck.close(300ms) == client_errc::timed_out);
  REQUIRE(std::chrono::steady_clock::now() - begin < 5s);
  REQUIRE(told == client_errc::closed);
  REQUIRE(told->outcome() == write_outcome::unknown);
  error failure;
  stuck.send({.topic = "t", .value = "v"}, failure);
  REQUIRE(failure == client_errc::closed);
}

TEST_CASE("destroying a producer does not wait for brokers that cannot be reached") {
  const std::string brokers = nowhere();
  const auto begin = std::chrono::steady_clock::now();
  std::thread blocked;
  error failure;
  {
    producer sender({.bootstrap_servers = brokers});
    std::promise<void> started;
    blocked = std::thread([&] {
      started.set_value();
      sender.send({.topic = "t", .value = "v"}, failure);
    });
    started.get_future().wait();
    (void)sender.close(0ms);
    blocked.join();
  }
  REQUIRE(failure == client_errc::closed);
  REQUIRE(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a configuration that cannot work is refused by its key") {
  try {
    producer sender({.bootstrap_servers = "localhost"});
    FAIL("it was taken");
  } catch (const error& failure) {
    REQUIRE(failure == client_errc::invalid_config);
    REQUIRE(failure.message().find("bootstrap.servers") != std::string::npos);
  }
}

TEST_CASE("a flush does not tell of the records that an abort gave up") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .linger = 1min, .transactional_id = "mover"});
  sender.init_transactions();
  sender.begin();
  sender.send({.topic = "t", .value = "given up"}, detached);
  sender.abort();
  sender.begin();
  sender.send({.topic = "t", .value = "kept"}, detached);
  REQUIRE(sender.flush() == error());
  sender.commit();
  REQUIRE(cluster.records("t", 0).at(0).value == "kept");
}

}  // namespace
}  // namespace kafka
