// SPDX-License-Identifier: Apache-2.0
// A fake cluster and one client of it in virtual time, ready made for the tests of client/core.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer_pool.hpp"
#include "client/core.hpp"
#include "fake/cluster.hpp"
#include "fake/records.hpp"
#include "protocol/record_batch_reader.hpp"
#include "support/catch.hpp"
#include "support/simulated_client.hpp"

namespace kafka::test {

inline fake_cluster_options nodes(std::int32_t count, const std::string& version = "4.3") {
  fake_cluster_options out;
  out.broker_version = version;
  out.nodes = count;
  out.port = 9092;
  return out;
}

/// The cluster's side of a test.
class cluster_fixture {
 public:
  explicit cluster_fixture(std::int32_t count = 1, const std::string& version = "4.3")
      : cluster_fixture(nodes(count, version)) {}
  explicit cluster_fixture(const fake_cluster_options& options) : cluster(options) {}

  void create_topic(const std::string& name, std::int32_t partitions = 1, std::int16_t replicas = 1) {
    fake::topic_plan plan;
    plan.name = name;
    plan.partitions = partitions;
    plan.replication_factor = replicas;
    const fake::refusal refused = cluster.state().create_topic(plan, false);
    INFO(refused.message);
    REQUIRE_FALSE(refused);
  }
  fake::partition_state& partition(const std::string& topic, std::int32_t index = 0) {
    fake::topic_state* found = cluster.state().find_topic(topic);
    REQUIRE(found);
    REQUIRE(found->find_partition(index));
    return *found->find_partition(index);
  }
  std::vector<std::string> values(const std::string& topic, std::int32_t index = 0) {
    std::vector<std::string> out;
    for (const fake_record& one : fake::read_records(partition(topic, index).log, pool)) {
      out.push_back(one.value.value_or("null"));
    }
    return out;
  }
  std::size_t requests(api_key key) const {
    std::size_t count = 0;
    for (const recorded_request& one : cluster.requests()) count += one.key == key ? 1U : 0U;
    return count;
  }
  [[nodiscard]] static client::core_config core_settings(bool auto_create = true) {
    client::core_config out;
    out.bootstrap = {{-1, "127.0.0.1", 9092, {}}};
    out.allow_auto_create_topics = auto_create;
    out.seed = 11;
    return out;
  }

  buffer_pool pool;
  fake::cluster cluster;
};

/// A producer on that cluster.
class producer_fixture : public cluster_fixture {
 public:
  explicit producer_fixture(producer_config settings = {}, std::int32_t count = 1, const std::string& version = "4.3")
      : cluster_fixture(count, version),
        config(std::move(settings)),
        records(config, pool, {[] {}, [this] { return client.now().steady; }}),
        core(core_settings()),
        client(cluster, core) {
    core.add_producer(config, records, pool);
  }

  /// Appends without waiting; the partition is given, as the facade would have chosen it.
  client::accumulator::append_status send(const std::string& topic, const std::string& value,
                                          std::int32_t partition = 0, bool urgent = false) {
    message record;
    record.topic = topic;
    record.value = value;
    const auto result = records.append(records.queue_of(topic, partition), {&record, 1},
                                       client.now().wall.time_since_epoch().count(), nullptr, urgent);
    client.post(client::event::tick{});
    return result.status;
  }
  std::vector<client::completed_batch> completed() {
    for (auto& one : client.take<client::action::complete_batch>()) done.push_back(std::move(one.completed));
    return done;
  }
  /// Runs until that many batches are done with.
  bool run_until_completed(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    return client.run_until([&] { return completed().size() >= count; }, limit);
  }

  /// Asks, and runs until there is an answer.
  error transact(client::transaction_call::any call, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    client.post(client::event::transaction_asked{++last_call, std::move(call), client.now().steady + limit});
    std::vector<client::action::complete_transaction_call> ended;
    REQUIRE(client.run_until(
        [&] {
          ended = client.take<client::action::complete_transaction_call>();
          return !ended.empty();
        },
        limit + std::chrono::seconds(1)));
    REQUIRE(ended.size() == 1);
    REQUIRE(ended[0].completed.operation == last_call);
    return ended[0].completed.failure;
  }
  /// What a read_committed consumer sees of a partition, in order: nothing at or behind the first open transaction.
  std::vector<std::string> committed_values(const std::string& topic, std::int32_t index = 0) {
    const fake::partition_log& log = partition(topic, index).log;
    std::vector<std::pair<std::int64_t, std::string>> seen;
    std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::string>>> open;
    for (std::int64_t offset = log.start_offset(); offset < log.end_offset();) {
      protocol::record_batch_reader reader(log.read(offset, log.end_offset(), SIZE_MAX, true));
      while (reader.next() == protocol::batch_step::batch) {
        const protocol::record_batch& batch = reader.batch();
        protocol::batch_records content;
        REQUIRE_FALSE(batch.open(pool, content));
        offset = batch.next_offset();
        protocol::record_cursor cursor = content.cursor();
        protocol::record_ref record;
        auto& mine = open[batch.header().producer_id];
        if (batch.header().is_control()) {
          REQUIRE(cursor.next(record));
          const bool commits = record.key.view()[3] == 1;
          if (commits) seen.insert(seen.end(), mine.begin(), mine.end());
          mine.clear();
          continue;
        }
        while (cursor.next(record)) {
          (batch.header().is_transactional() ? mine : seen).emplace_back(record.offset, record.value.str());
        }
      }
    }
    std::int64_t stable = log.end_offset();
    for (const auto& [id, left] : open) {
      if (!left.empty()) stable = std::min(stable, left.front().first);
    }
    std::sort(seen.begin(), seen.end());
    std::vector<std::string> out;
    for (auto& [offset, value] : seen) {
      if (offset < stable) out.push_back(std::move(value));
    }
    return out;
  }

  producer_config config;
  client::operation_id last_call = 0;
  client::accumulator records;
  client::core core;
  simulated_client client;
  std::vector<client::completed_batch> done;
};

/// A consumer on that cluster: what the facade would have received.
class consumer_fixture : public cluster_fixture {
 public:
  explicit consumer_fixture(consumer_config settings = {}, std::int32_t count = 1)
      : consumer_fixture(std::move(settings), nodes(count)) {}
  consumer_fixture(consumer_config settings, const fake_cluster_options& options)
      : cluster_fixture(options),
        config(std::move(settings)),
        budget(std::make_shared<client::fetch_budget>(config.prefetch_bytes_max)),
        core(timed(core_settings(false))),
        client(cluster, core) {
    core.add_consumer(config, budget);
  }

  client::core_config timed(client::core_config settings) {
    settings.wall_clock = [this] { return client.now().wall.time_since_epoch().count(); };
    return settings;
  }
  void write(const std::string& topic, const std::vector<std::string>& texts, std::int32_t index = 0,
             timestamp_ms timestamp = 1000) {
    std::vector<fake_record> made;
    for (const std::string& text : texts) made.push_back({-1, timestamp, std::nullopt, text, {}});
    fake::partition_state& to = partition(topic, index);
    to.log.append(fake::make_batch(made, client.now().wall, pool).span(), to.leader_epoch, std::nullopt);
    to.log.set_high_watermark(to.log.end_offset());
    cluster.state().signal(to.changed);
    client.nudge();
  }
  void assign(const std::string& topic, position from, std::int32_t index = 0) {
    client.post(client::event::partitions_assigned{{{{topic, index}, from, ++version}}});
  }
  void seek(const std::string& topic, position to, std::int32_t index = 0) {
    client.post(client::event::position_sought{{{topic, index}, to, ++version}});
  }

  /// The values received so far for the present version, in order; failures go to `failures`.
  const std::vector<std::string>& values_received() {
    for (auto& one : client.take<client::action::deliver_fetched>()) {
      client::fetched& result = one.result;
      if (result.version != version) continue;
      if (result.failure) failures.push_back(result.failure);
      if (result.charge && keep) charges.push_back(result.charge);
      end_offset = std::max(end_offset, result.high_watermark);
      next_offset = result.next_offset;
      for (const protocol::record_batch& batch : result.batches) {
        protocol::batch_records content;
        REQUIRE_FALSE(batch.open(pool, content));
        protocol::record_cursor cursor = content.cursor();
        for (protocol::record_ref record; cursor.next(record);) {
          if (record.offset >= result.from_offset) received.push_back(record.value.str());
        }
      }
    }
    return received;
  }
  bool run_until_received(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    return client.run_until([&] { return values_received().size() >= count; }, limit);
  }

  consumer_config config;
  std::shared_ptr<client::fetch_budget> budget;
  client::core core;
  simulated_client client;
  std::uint64_t version = 0;
  std::vector<std::string> received;
  std::vector<error> failures;
  std::vector<std::shared_ptr<client::fetch_charge>> charges;
  bool keep = false;
  std::int64_t end_offset = -1;
  std::int64_t next_offset = -1;
};

/// An admin on that cluster.
class admin_fixture : public cluster_fixture {
 public:
  explicit admin_fixture(std::int32_t count = 1)
      : cluster_fixture(count), core(core_settings(false)), client(cluster, core) {}

  /// Runs a call to its end.
  client::completed_call call(client::admin_call::any what,
                              std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    client.post(client::event::admin_call_started{++last_, std::move(what), client.now().steady + timeout});
    REQUIRE(client.run_until([&] { return client.count<client::action::complete_call>() == 1; }, timeout * 2));
    client::completed_call out = std::move(client.take<client::action::complete_call>()[0].completed);
    REQUIRE(out.id == last_);
    return out;
  }
  template <class Result>
  Result get(client::admin_call::any what) {
    client::completed_call done = call(std::move(what));
    INFO(done.failure.message());
    REQUIRE_FALSE(done.failure);
    REQUIRE(std::holds_alternative<Result>(done.result));
    return std::get<Result>(std::move(done.result));
  }

  client::core core;
  simulated_client client;

 private:
  client::operation_id last_ = 0;
};

}  // namespace kafka::test
