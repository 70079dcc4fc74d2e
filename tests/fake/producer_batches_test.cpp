// SPDX-License-Identifier: Apache-2.0
// kafka::producer over TCP against the fake cluster: records sent without callbacks, whole batches told, what purge and
// close give up, metrics, partitioners, transactions.
#include <algorithm>
#include <atomic>
#include <future>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/partitioner.hpp>
#include <kafka/producer.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
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

std::vector<std::string> values_in(const fake_cluster& cluster, const std::string& topic, std::int32_t partition = 0) {
  std::vector<std::string> out;
  for (const fake_record& one : cluster.records(topic, partition)) out.push_back(one.value.value_or("null"));
  return out;
}

/// What on_delivery was told.
struct told_batch {
  std::int32_t partition = -1;
  error failure;
  std::int64_t base_offset = -1;
  std::vector<std::uint64_t> opaques;
  std::vector<std::string> values;
};

class told_batches {
 public:
  delivery_batch_handler handler() {
    return [this](const delivery_batch& batch) {
      told_batch one{batch.partition(), batch.error(), batch.base_offset(), {}, {}};
      one.opaques.assign(batch.opaques().begin(), batch.opaques().end());
      for (const record_view& record : batch.content()) one.values.push_back(record.value().str());
      const std::lock_guard lock(mutex_);
      consistent_ = consistent_ && batch.topic() == "t" && batch.count() == one.opaques.size() &&
                    batch.count() == one.values.size() && static_cast<bool>(batch) == !one.failure;
      batches_.push_back(std::move(one));
    };
  }
  std::vector<told_batch> take() {
    const std::lock_guard lock(mutex_);
    REQUIRE(consistent_);
    return std::exchange(batches_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<told_batch> batches_;
  bool consistent_ = true;
};

TEST_CASE("records sent as a span are told batch by batch, with offsets, numbers of the user's and count") {
  fake_cluster cluster;
  cluster.create_topic("t", 3);
  told_batches told;
  producer sender(
      {.bootstrap_servers = cluster.bootstrap_servers(), .batch_bytes_max = 20'000, .on_delivery = told.handler()});
  std::vector<std::string> values;
  std::vector<message> records;
  for (std::uint64_t index = 0; index < 5000; ++index) values.push_back(std::to_string(index));
  for (std::uint64_t index = 0; index < 5000; ++index) {
    message& one = records.emplace_back();
    one.topic = "t";
    one.key = values[index];
    one.value = values[index];
    one.opaque = index;
  }
  sender.send(records);
  REQUIRE_FALSE(sender.flush());
  std::set<std::uint64_t> seen;
  for (const told_batch& batch : told.take()) {
    REQUIRE_FALSE(batch.failure);
    const auto log = values_in(cluster, "t", batch.partition);
    for (std::size_t index = 0; index < batch.values.size(); ++index) {
      REQUIRE(log.at(static_cast<std::size_t>(batch.base_offset) + index) == batch.values[index]);
      REQUIRE(batch.values[index] == std::to_string(batch.opaques[index]));
      REQUIRE(murmur2_partition(batch.values[index], 3) == batch.partition);
      REQUIRE(seen.insert(batch.opaques[index]).second);
    }
  }
  REQUIRE(seen.size() == 5000);
}

TEST_CASE("what a failed batch held can be had back from what tells of it, and sent again") {
  fake_cluster cluster;
  cluster.create_topic("t");
  cluster.control(
      api_key::produce, [](auto& request) { return request.fail(broker_errc::topic_authorization_failed); }, 1);
  told_batches told;
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .linger = 50ms, .on_delivery = told.handler()});
  for (std::uint64_t index = 0; index < 10; ++index) {
    const std::string value = std::to_string(index);
    sender.send({.topic = "t", .value = value, .opaque = index}, detached);
  }
  REQUIRE_FALSE(sender.flush());  // on_delivery is told, so flush is not
  const auto failed = told.take();
  REQUIRE(failed.size() == 1);
  REQUIRE(failed[0].failure == broker_errc::topic_authorization_failed);
  REQUIRE(failed[0].failure.outcome() == write_outcome::not_written);
  REQUIRE(failed[0].base_offset == -1);
  for (const std::string& value : failed[0].values) sender.send({.topic = "t", .value = value}, detached);
  REQUIRE_FALSE(sender.flush());
  REQUIRE(values_in(cluster, "t") == failed[0].values);
  REQUIRE(failed[0].values.size() == 10);
}

TEST_CASE("without on_delivery flush tells the first failure of records without a callback, once") {
  fake_cluster cluster;
  cluster.create_topic("t");
  const auto refusing = cluster.control(
      api_key::produce, [](auto& request) { return request.fail(broker_errc::topic_authorization_failed); });
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  sender.send({.topic = "t", .value = "v"}, detached);
  REQUIRE(sender.flush() == broker_errc::topic_authorization_failed);
  REQUIRE_FALSE(sender.flush());
  // A callback is told itself.
  std::atomic<int> failed{0};
  sender.send({.topic = "t", .value = "v"}, [&](const delivery_result& result) { failed += result ? 0 : 1; });
  REQUIRE_FALSE(sender.flush());
  REQUIRE(failed == 1);
  cluster.remove_control(refusing);
  sender.send({.topic = "t", .value = "v"}, detached);
  REQUIRE_FALSE(sender.flush());
}

TEST_CASE("a span with a record that cannot be sent takes those before it, and says why") {
  fake_cluster cluster;
  cluster.create_topic("t", 2);
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  std::vector<message> records(5);
  for (message& one : records) {
    one.topic = "t";
    one.value = "v";
    one.partition = 0;
  }
  records[3].partition = 9;
  try {
    sender.send(records);
    FAIL("it was taken");
  } catch (const error& failure) {
    REQUIRE(failure == client_errc::invalid_argument);
    REQUIRE(failure.message().find("9") != std::string::npos);
  }
  REQUIRE_FALSE(sender.flush());
  REQUIRE(cluster.records("t", 0).size() == 3);
  REQUIRE(sender.try_send(records) == 3);
  REQUIRE_THROWS_AS(sender.try_send(std::span(records).subspan(3)), error);
  REQUIRE_FALSE(sender.flush());
  REQUIRE(cluster.records("t", 0).size() == 6);
}

TEST_CASE("a span may name many topics, known and not") {
  fake_cluster cluster;
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  const std::vector<std::string> topics = {"a", "b", "c"};
  std::vector<message> records;
  for (int index = 0; index < 300; ++index) {
    message& one = records.emplace_back();
    one.topic = topics[static_cast<std::size_t>(index) % 3];
    one.value = "v";
  }
  sender.send(records);
  REQUIRE_FALSE(sender.flush());
  for (const std::string& topic : topics) REQUIRE(cluster.records(topic, 0).size() == 100);
}

TEST_CASE("try_send takes nothing for a topic that is not known yet, and looks it up") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  REQUIRE_FALSE(sender.try_send({.topic = "t", .value = "v"}));
  const auto until = std::chrono::steady_clock::now() + 30s;
  bool taken = false;
  while (!taken && std::chrono::steady_clock::now() < until) {
    taken = sender.try_send({.topic = "t", .value = "v"});
    std::this_thread::yield();
  }
  REQUIRE(taken);
  REQUIRE_FALSE(sender.flush());
  REQUIRE(values_in(cluster, "t") == std::vector<std::string>{"v"});
}

TEST_CASE("try_send is false without room, never waits, and takes records again when there is some") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(),
                   .batch_bytes_max = 20'000,
                   .buffer_memory = 100'000,
                   .max_block = 10min});
  sender.send("t", nullptr, "first");
  const auto holding = cluster.control(api_key::produce, [](auto& request) { return request.delay(10min); }, 1);
  const std::string value(1000, 'x');
  std::size_t taken = 0;
  while (sender.try_send({.topic = "t", .value = value})) ++taken;
  REQUIRE(taken > 50);
  REQUIRE(taken < 200);
  const auto begin = std::chrono::steady_clock::now();
  for (int again = 0; again < 1000; ++again) REQUIRE_FALSE(sender.try_send({.topic = "t", .value = value}));
  const std::vector<message> many(100, message{.topic = "t", .value = value});
  REQUIRE(sender.try_send(many) == 0);
  REQUIRE(std::chrono::steady_clock::now() - begin < 5s);
  REQUIRE(sender.metrics().buffer_bytes_used > 100'000 - 32'768);  // no room for another buffer
  REQUIRE(sender.metrics().buffer_bytes_used <= 100'000);
  cluster.remove_control(holding);
  cluster.drop_connections(1);
  REQUIRE_FALSE(sender.flush(60s));
  REQUIRE(sender.try_send({.topic = "t", .value = value}));
  REQUIRE_FALSE(sender.flush());
  REQUIRE(cluster.records("t", 0).size() == taken + 2);
}

TEST_CASE("purge gives up what waits as not written and what is under way as unknown, each told once") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .linger = 0ms, .batch_bytes_max = 200});
  sender.send("t", nullptr, "first");
  std::promise<void> arrived;
  cluster.control(
      api_key::produce,
      [&](auto& request) {
        arrived.set_value();
        return request.swallow();
      },
      1);
  std::mutex mutex;
  std::map<int, std::vector<error>> told;
  const std::string value(100, 'x');
  for (int index = 0; index < 20; ++index) {  // one a batch; five are under way, fifteen wait
    sender.send({.topic = "t", .value = value}, [&, index](const delivery_result& result) {
      const std::lock_guard lock(mutex);
      told[index].push_back(result.error());
    });
  }
  arrived.get_future().wait();
  sender.purge(purge::queued);
  sender.purge(purge::in_flight);
  REQUIRE_FALSE(sender.flush(30s));
  const std::lock_guard lock(mutex);
  REQUIRE(told.size() == 20);
  int unknown = 0;
  for (const auto& [index, errors] : told) {
    REQUIRE(errors.size() == 1);
    REQUIRE(errors[0] == client_errc::cancelled);
    unknown += errors[0].outcome() == write_outcome::unknown ? 1 : 0;
  }
  REQUIRE(unknown >= 1);
  REQUIRE(unknown <= 5);
  REQUIRE(told[19][0].outcome() == write_outcome::not_written);
}

TEST_CASE("close with dead brokers returns in time, from outside or from inside a callback, every callback called") {
  for (const bool inside : {false, true}) {
    INFO("from inside " << inside);
    fake_cluster cluster;
    cluster.create_topic("t");
    producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .linger = 0ms, .batch_bytes_max = 1000});
    sender.send("t", nullptr, "first");
    cluster.stop_node(1);
    std::atomic<int> told{0};
    std::atomic<int> delivered{0};
    const std::string value(300, 'x');
    for (int index = 0; index < 50; ++index) {
      sender.send({.topic = "t", .value = value}, [&](const delivery_result& result) {
        ++told;
        delivered += result ? 1 : 0;
      });
    }
    const auto begin = std::chrono::steady_clock::now();
    if (inside) {
      std::promise<error> closed;
      // The first record to be given up closes the rest.
      sender.send({.topic = "t", .value = value, .partition = 0}, [&](const delivery_result&) {
        ++told;
        closed.set_value(sender.close(200ms));
      });
      sender.purge(purge::all);
      REQUIRE_FALSE(closed.get_future().get());
      (void)sender.close(5s);
      REQUIRE(told == 51);
    } else {
      REQUIRE(sender.close(300ms) == client_errc::timed_out);
      REQUIRE(told == 50);
    }
    REQUIRE(std::chrono::steady_clock::now() - begin < 5s);
    REQUIRE(delivered == 0);
    error failure;
    sender.send({.topic = "t", .value = "v"}, failure);
    REQUIRE(failure == client_errc::closed);
    REQUIRE_THROWS_AS(sender.try_send({.topic = "t", .value = "v"}), error);
  }
}

TEST_CASE("close of a producer that never reached a broker fails what waits as not written") {
  producer sender({.bootstrap_servers = nowhere()});
  REQUIRE_FALSE(sender.try_send({.topic = "t", .value = "v"}));
  const auto begin = std::chrono::steady_clock::now();
  (void)sender.close(100ms);
  REQUIRE(std::chrono::steady_clock::now() - begin < 5s);
  REQUIRE_FALSE(sender.close(100ms));
}

TEST_CASE("a value in pieces is one value, and beside it headers and timestamps are as given") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  const std::string large(70'000, 'y');
  const bytes_view pieces[] = {"one ", "", "two ", large, nullptr};
  const header headers[] = {{"h", "1"}};
  const delivery sent = sender.send(
      {.topic = "t", .key = "k", .value = "unused", .headers = headers, .timestamp = 777, .value_pieces = pieces});
  REQUIRE(sent.timestamp == 777);
  const auto written = cluster.records("t", 0).at(0);
  REQUIRE(written.value == "one two " + large);
  REQUIRE(written.key == "k");
  REQUIRE(written.timestamp == 777);
  REQUIRE(written.headers == decltype(written.headers){{"h", "1"}});
}

TEST_CASE("a record without a timestamp gets the time of its sending") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers()});
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const timestamp_ms before = now();
  const delivery sent = sender.send("t", nullptr, "v");
  REQUIRE(sent.timestamp >= before);
  REQUIRE(sent.timestamp <= now());
  REQUIRE(cluster.records("t", 0).at(0).timestamp == sent.timestamp);
}

TEST_CASE("metrics count what was delivered and what failed, by topic and broker, and an observer sees each batch") {
  fake_cluster cluster({.nodes = 2});
  cluster.create_topic("good", 2);
  cluster.create_topic("bad");
  std::mutex mutex;
  std::uint64_t records_seen = 0;
  std::uint64_t bytes_seen = 0;
  std::uint64_t failures_seen = 0;
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(),
                   .buffer_memory = 8U << 20U,
                   .observer = [&](const produce_observation& batch) {
                     const std::lock_guard lock(mutex);
                     if (batch.failure) ++failures_seen;
                     if (batch.failure || batch.topic != "good") return;
                     records_seen += batch.records;
                     bytes_seen += batch.bytes;
                   }});
  for (int index = 0; index < 1000; ++index) {
    sender.send({.topic = "good", .value = "v", .partition = index % 2}, detached);
  }
  REQUIRE_FALSE(sender.flush());
  cluster.control(api_key::produce, [](auto& request) { return request.fail(broker_errc::not_enough_replicas); }, 1);
  sender.send("good", nullptr, "again");
  cluster.control(
      api_key::produce, [](auto& request) { return request.fail(broker_errc::topic_authorization_failed); }, 1);
  REQUIRE_THROWS_AS(sender.send("bad", nullptr, "v"), error);
  const producer_metrics seen = sender.metrics();
  REQUIRE(seen.total.records_delivered == 1001);
  REQUIRE(seen.total.records_failed == 1);
  REQUIRE(seen.total.retries == 1);
  REQUIRE(seen.topics.at("good").records_delivered == 1001);
  REQUIRE(seen.topics.at("bad").records_failed == 1);
  REQUIRE(seen.topics.at("bad").records_delivered == 0);
  REQUIRE(seen.brokers.size() == 2);
  std::uint64_t requests = 0;
  for (const auto& [node, counted] : seen.brokers) {
    requests += counted.requests;
    REQUIRE(counted.request_latency_us.count == counted.requests);
  }
  std::uint64_t arrived = 0;
  for (const recorded_request& one : cluster.requests()) arrived += one.key == api_key::produce ? 1U : 0U;
  REQUIRE(requests == arrived);
  REQUIRE(seen.buffer_bytes_used == 0);
  REQUIRE(seen.buffer_bytes_max == 8U << 20U);
  const std::lock_guard lock(mutex);
  REQUIRE(records_seen == 1001);
  REQUIRE(bytes_seen == seen.topics.at("good").bytes_delivered);
  REQUIRE(failures_seen == 1);
}

TEST_CASE("an observer or on_delivery that throws harms nobody") {
  fake_cluster cluster;
  cluster.create_topic("t");
  std::atomic<int> logged{0};
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(),
                   .on_delivery = [](const delivery_batch&) { throw std::runtime_error("mine"); },
                   .observer = [](const produce_observation&) { throw std::runtime_error("mine too"); },
                   .log = [&](log_level level, std::string_view) { logged += level == log_level::error ? 1 : 0; }});
  sender.send({.topic = "t", .value = "v"}, detached);
  REQUIRE_FALSE(sender.flush());
  REQUIRE(logged == 2);
  REQUIRE(cluster.records("t", 0).size() == 1);
}

TEST_CASE("a partitioner of the user's own sees every record, and what it says beyond the topic is refused") {
  fake_cluster cluster;
  cluster.create_topic("t", 4);
  producer_config config{.bootstrap_servers = cluster.bootstrap_servers()};
  config.custom_partitioner = [](const message& record, std::int32_t count, std::span<const std::int32_t> available) {
    if (record.key.view() == "beyond") return count;
    return available[record.key.size() % available.size()];
  };
  producer sender(config);
  for (const char* key : {"", "a", "bb", "ccc", "dddd"}) {
    REQUIRE(sender.send("t", key, "v").partition == static_cast<std::int32_t>(std::string_view(key).size() % 4));
  }
  error failure;
  sender.send({.topic = "t", .key = "beyond", .value = "v"}, failure);
  REQUIRE(failure == client_errc::invalid_argument);
  REQUIRE(sender.send({.topic = "t", .key = "beyond", .value = "v", .partition = 2}).partition == 2);
}

TEST_CASE("the manual partitioner refuses records that name no partition") {
  fake_cluster cluster;
  cluster.create_topic("t", 4);
  producer_config config{.bootstrap_servers = cluster.bootstrap_servers()};
  config.partitioner = partitioning::manual;
  producer sender(config);
  error failure;
  sender.send({.topic = "t", .value = "v"}, failure);
  REQUIRE(failure == client_errc::invalid_argument);
  REQUIRE(failure.message().find("manual") != std::string::npos);
  REQUIRE(sender.send({.topic = "t", .value = "v", .partition = 3}).partition == 3);
}

TEST_CASE("keyless records reach every partition, and none that has lost its leader") {
  fake_cluster cluster({.nodes = 2});
  cluster.create_topic("t", 4);  // one replica each: two partitions a node
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .batch_bytes_max = 20'000});
  const std::string value(1000, 'x');
  for (int index = 0; index < 4000; ++index) sender.send({.topic = "t", .value = value}, detached);
  REQUIRE_FALSE(sender.flush());
  for (std::int32_t partition = 0; partition < 4; ++partition) REQUIRE(cluster.end_offset("t", partition) > 0);
  cluster.stop_node(2);
  producer late({.bootstrap_servers = cluster.bootstrap_servers(), .batch_bytes_max = 20'000});
  std::map<std::int32_t, std::int64_t> before;
  for (std::int32_t partition = 0; partition < 4; ++partition) before[partition] = cluster.end_offset("t", partition);
  for (int index = 0; index < 1000; ++index) late.send({.topic = "t", .value = value}, detached);
  REQUIRE_FALSE(late.flush(30s));
  std::int64_t more = 0;
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    const std::int64_t now = cluster.end_offset("t", partition) - before[partition];
    if (cluster.leader("t", partition) < 0) REQUIRE(now == 0);
    more += now;
  }
  REQUIRE(more == 1000);
}

TEST_CASE("with no retries a passing refusal is final") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .retries = 0});
  sender.send("t", nullptr, "first");
  cluster.control(api_key::produce, [](auto& request) { return request.fail(broker_errc::not_enough_replicas); }, 1);
  error failure;
  sender.send({.topic = "t", .value = "v"}, failure);
  REQUIRE(failure == broker_errc::not_enough_replicas);
  REQUIRE(failure.retriable());
  REQUIRE(failure.outcome() == write_outcome::not_written);
  REQUIRE(sender.send("t", nullptr, "next").offset == 1);
}

std::vector<std::string> committed_in(const fake_cluster& cluster, const std::string& topic) {
  consumer reader({.bootstrap_servers = cluster.bootstrap_servers(), .read_committed = true});
  reader.assign({{topic, 0, position::oldest()}});
  std::vector<std::string> out;
  while (true) {
    const records some = reader.poll(500ms);
    if (some.empty()) return out;
    for (const record_view& one : some) out.push_back(one.value().str());
  }
}

TEST_CASE("transactions through the blocking face: committed is seen, aborted is not, offsets go with them") {
  for (const char* version : {"3.9", "4.3"}) {
    INFO(version);
    fake_cluster cluster({.broker_version = version});
    cluster.create_topic("out");
    cluster.create_topic("in");
    producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "mover"});
    error failure;
    sender.begin(failure);
    REQUIRE(failure == client_errc::invalid_state);
    sender.init_transactions();
    REQUIRE_THROWS_AS(sender.send("out", nullptr, "outside"), error);
    sender.begin();
    sender.send({.topic = "out", .value = "a"}, detached);
    sender.send({.topic = "out", .value = "b"}, detached);
    const group_offset offsets[] = {{{"in", 0}, 7}};
    sender.send_offsets(offsets, {.group_id = "readers"});
    REQUIRE_FALSE(cluster.committed_offset("readers", "in", 0) == 7);
    sender.commit();
    sender.begin();
    sender.send("out", nullptr, "regretted");
    sender.abort();
    sender.begin();
    sender.send({.topic = "out", .value = "c"}, detached);
    sender.commit();
    REQUIRE(committed_in(cluster, "out") == std::vector<std::string>{"a", "b", "c"});
    REQUIRE(cluster.committed_offset("readers", "in", 0) == 7);
  }
}

TEST_CASE("a later producer of the same name ends the earlier one's transactions for good") {
  fake_cluster cluster;
  cluster.create_topic("out");
  producer first({.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "mover"});
  first.init_transactions();
  first.begin();
  first.send("out", nullptr, "of the first");
  producer second({.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "mover"});
  second.init_transactions();
  error failure;
  first.commit(failure);
  REQUIRE(failure);
  REQUIRE(failure.severity() == error_class::fatal);
  second.begin();
  second.send("out", nullptr, "of the second");
  second.commit();
  REQUIRE(committed_in(cluster, "out") == std::vector<std::string>{"of the second"});
  first.begin(failure);
  REQUIRE(failure);
}

TEST_CASE("a commit that cannot be made in time leaves the outcome open, and is asked for again") {
  fake_cluster cluster;
  cluster.create_topic("out");
  producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "mover"});
  sender.init_transactions();
  sender.begin();
  sender.send("out", nullptr, "v");
  const auto holding =
      cluster.control(api_key::end_txn, [](auto& request) { return request.fail(broker_errc::not_coordinator); });
  error failure;
  sender.commit(failure, 300ms);
  REQUIRE(failure == client_errc::timed_out);
  sender.abort(failure);
  REQUIRE(failure == client_errc::invalid_state);
  cluster.remove_control(holding);
  sender.commit(failure);
  INFO(failure.message());
  REQUIRE_FALSE(failure);
  REQUIRE(committed_in(cluster, "out") == std::vector<std::string>{"v"});
}

TEST_CASE("transaction calls of a producer without a transactional id, or from inside a callback, are refused") {
  fake_cluster cluster;
  cluster.create_topic("t");
  producer plain({.bootstrap_servers = cluster.bootstrap_servers()});
  error failure;
  plain.init_transactions(failure);
  REQUIRE(failure == client_errc::invalid_state);
  std::promise<error> told;
  plain.send({.topic = "t", .value = "v"}, [&](const delivery_result&) {
    error inside;
    plain.begin(inside);
    told.set_value(std::move(inside));
  });
  REQUIRE(told.get_future().get() == client_errc::would_deadlock);
}

}  // namespace
}  // namespace kafka
