// SPDX-License-Identifier: Apache-2.0
// Where a consumer is, over TCP against the fake cluster: offsets asked for, lag, ends, epochs that are stored, topics
// made again, and what paused partitions must not do to others.
#include <functional>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>
#include <mutex>
#include <set>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

const topic_partition first{"t", 0};

struct fixture {
  fake_cluster cluster{{.nodes = 2, .broker_configs = {{"group.initial.rebalance.delay.ms", "10"}}}};
  consumer_config config{.bootstrap_servers = cluster.bootstrap_servers()};

  void write(const strings& texts, std::int32_t partition = 0, timestamp_ms timestamp = 1000) {
    for (const std::string& text : texts) cluster.append("t", partition, {{-1, timestamp, std::nullopt, text, {}}});
  }
  /// Polls until that many records came, or a long time has passed; errors go to `failures`.
  strings read(consumer& from, std::size_t count) {
    strings out;
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (out.size() < count && std::chrono::steady_clock::now() < end) {
      error failure;
      for (const record_view& one : from.poll(50ms, failure)) out.push_back(one.value().str());
      if (failure) failures.push_back(failure);
    }
    return out;
  }
  bool until(consumer& polled, const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      error failure;
      (void)polled.poll(20ms, failure);
      if (failure) failures.push_back(failure);
    }
    return true;
  }

  std::vector<error> failures;
};

TEST_CASE_METHOD(fixture, "a consumer is told where partitions begin, end and have records of a time") {
  cluster.create_topic("t", 2);
  write({"a"}, 0, 1000);
  write({"b"}, 0, 2000);
  write({"c"}, 0, 3000);
  cluster.delete_records_before("t", 0, 1);
  consumer reader(config);
  const topic_partition second{"t", 1};
  REQUIRE(reader.beginning_offsets({first, second}) ==
          std::map<topic_partition, std::int64_t>{{first, 1}, {second, 0}});
  REQUIRE(reader.end_offsets({first, second}) == std::map<topic_partition, std::int64_t>{{first, 3}, {second, 0}});
  const auto found = reader.offsets_for_times({{first, 2500}, {second, 0}});
  REQUIRE(found == std::map<topic_partition, offset_at_time>{{first, {2, 3000}}});
  REQUIRE(reader.offsets_for_times({{first, 9999}}).empty());
  REQUIRE(reader.beginning_offsets({}).empty());
}

TEST_CASE_METHOD(fixture, "a partition that does not exist is an error of the look-up, and so is a negative time") {
  cluster.create_topic("t");
  consumer reader(config);
  try {
    (void)reader.end_offsets({{"t", 7}}, 5s);
    FAIL("nothing was thrown");
  } catch (const error& thrown) {
    REQUIRE(thrown == broker_errc::unknown_topic_or_partition);
    REQUIRE(thrown.message().find("t-7") != std::string::npos);
  }
  REQUIRE_THROWS_AS(reader.offsets_for_times({{first, -1}}), error);
  cluster.stop_node(1);
  cluster.stop_node(2);
  try {
    (void)reader.end_offsets({first}, 300ms);
    FAIL("nothing was thrown");
  } catch (const error& thrown) {
    REQUIRE(thrown == client_errc::timed_out);
  }
}

TEST_CASE_METHOD(fixture, "the end is that of what may be read, and lag counts up to there") {
  cluster.create_topic("t");
  write({"a", "b"});
  producer_config writing{.bootstrap_servers = cluster.bootstrap_servers(), .transactional_id = "x"};
  producer writer(writing);
  writer.init_transactions();
  writer.begin();
  (void)writer.send({.topic = "t", .value = "open", .partition = 0});
  for (const bool committed : {true, false}) {
    config.read_committed = committed;
    consumer reader(config);
    REQUIRE(reader.end_offsets({first}).at(first) == (committed ? 2 : 3));
    reader.assign({{"t", 0, position::at(0)}});
    REQUIRE_FALSE(reader.is_at_end(first));
    const std::size_t visible = committed ? 2 : 3;
    REQUIRE(read(reader, visible).size() == visible);
    REQUIRE(reader.lag_of(first) == 0);
    REQUIRE(reader.is_at_end(first));
    REQUIRE(reader.end_offset_of(first) == 3);
  }
  REQUIRE_FALSE(consumer(config).lag_of(first));
}

TEST_CASE_METHOD(fixture, "each end of a partition that is reached is told once, also of an empty one") {
  cluster.create_topic("t", 2);
  write({"a", "b", "c"});
  std::vector<std::pair<std::int32_t, std::int64_t>> ends;
  config.poll_records_max = 1;
  config.on_partition_end = [&](const topic_partition& where, std::int64_t end) {
    ends.emplace_back(where.partition, end);
  };
  consumer reader(config);
  reader.assign({{"t", 0, position::at(0)}, {"t", 1, position::at(0)}});
  REQUIRE(read(reader, 3).size() == 3);
  // Not before the poll after the one that returned the last record.
  for (const auto& [partition, end] : ends) REQUIRE(partition == 1);
  REQUIRE(until(reader, [&] { return ends.size() == 2; }));
  (void)reader.poll(700ms);
  REQUIRE(ends.size() == 2);
  const std::set<std::pair<std::int32_t, std::int64_t>> expected{{0, 3}, {1, 0}};
  REQUIRE(std::set(ends.begin(), ends.end()) == expected);
  write({"d"});
  REQUIRE(read(reader, 1) == strings{"d"});
  REQUIRE(until(reader, [&] { return ends.size() == 3; }));
  REQUIRE(ends.back() == std::pair<std::int32_t, std::int64_t>{0, 4});
}

/// What OffsetCommit requests said of t-0, as `offset/epoch`.
struct watched_commits : fixture {
  watched_commits() {
    cluster.control(api_key::offset_commit, [this](fake_request& request) {
      const std::string body = request.body_json();
      const auto number = [&](const std::string& name) {
        const auto at = body.find("\"" + name + "\":");
        return at == std::string::npos
                   ? std::string("-")
                   : body.substr(at + name.size() + 3, body.find_first_of(",}", at) - at - name.size() - 3);
      };
      const std::lock_guard lock(mutex);
      commits.push_back(number("committedOffset") + "/" + number("committedLeaderEpoch"));
      return request.pass();
    });
  }
  consumer member(offset_reset reset) {
    config.group_id = "g";
    config.auto_commit = false;
    config.commit_first_position = false;
    config.offset_reset = reset;
    consumer out(config);
    out.subscribe({"t"});
    return out;
  }
  strings told() {
    const std::lock_guard lock(mutex);
    return commits;
  }

  std::mutex mutex;
  strings commits;
};

TEST_CASE_METHOD(watched_commits, "what is stored has the leader epoch of the last record before it") {
  cluster.create_topic("t");
  write({"a", "b"});
  cluster.set_leader_epoch("t", 0, 4);
  write({"c"});
  consumer reader = member(offset_reset::earliest);
  REQUIRE(read(reader, 3) == strings{"a", "b", "c"});
  reader.commit();
  REQUIRE(told() == strings{"3/4"});
}

TEST_CASE_METHOD(watched_commits, "a stored position that was cut off is noticed by the next member") {
  cluster.create_topic("t");
  write({"a", "b", "c"});
  {
    consumer reader = member(offset_reset::latest);
    REQUIRE(until(reader, [&] { return reader.position_of(first).has_value(); }));
    write({"d", "e"});
    REQUIRE(read(reader, 2) == strings{"d", "e"});
    reader.commit();
    reader.close();
  }
  REQUIRE(told() == strings{"5/0"});
  cluster.elect_uncleanly("t", 0, cluster.leader("t", 0), 4);
  write({"x", "y", "z"});
  consumer next = member(offset_reset::latest);
  REQUIRE(read(next, 3) == strings{"x", "y", "z"});
}

TEST_CASE(
    "a log that was cut off while the group was down is an error of the member that comes back, in both protocols") {
  for (const auto protocol : {group_protocol::classic, group_protocol::consumer}) {
    INFO("KIP-848: " << (protocol == group_protocol::consumer));
    watched_commits self;
    self.config.group_protocol = protocol;
    self.cluster.create_topic("t");
    self.write({"a", "b", "c"});
    {
      consumer reader = self.member(offset_reset::earliest);
      REQUIRE(self.read(reader, 3) == strings{"a", "b", "c"});
      reader.commit();
      REQUIRE_FALSE(reader.close());
    }
    self.cluster.elect_uncleanly("t", 0, self.cluster.leader("t", 0), 1);
    self.write({"x", "y", "z"});  // as long as it was, and longer: the offset alone tells nothing
    consumer next = self.member(offset_reset::none);
    error failure;
    while (!failure) REQUIRE(next.poll(10s, failure).empty());
    REQUIRE(failure == client_errc::log_truncated);
    REQUIRE(failure.message().find("t-0") != std::string::npos);
    next.seek(first, position::at(1));
    REQUIRE(self.read(next, 3) == strings{"x", "y", "z"});
  }
}

TEST_CASE_METHOD(watched_commits, "an offset of a topic that is gone is not stored for the one in its place") {
  cluster.create_topic("t");
  write({"a", "b", "c"});
  consumer reader = member(offset_reset::earliest);
  REQUIRE(read(reader, 3).size() == 3);
  cluster.delete_topic("t");
  cluster.create_topic("t");
  REQUIRE(until(reader, [&] { return !failures.empty(); }));
  REQUIRE(failures.front() == client_errc::topic_recreated);
  error failure;
  reader.commit(failure);
  for (const std::string& one : told()) REQUIRE(one.substr(0, 2) != "3/");
  write({"x"});
  REQUIRE(read(reader, 1) == strings{"x"});
  reader.commit();
  REQUIRE(cluster.committed_offset("g", "t", 0) == 1);
}

TEST_CASE_METHOD(fixture, "records of a paused partition do not keep the others from being read") {
  cluster.create_topic("t", 2);
  for (int index = 0; index < 50; ++index) write({std::string(1000, 'p') + std::to_string(index)}, 0);
  config.prefetch_bytes_max = 8000;
  config.fetch_bytes_max = config.partition_fetch_bytes_max = 2000;
  config.poll_records_max = 1;
  consumer reader(config);
  reader.assign({{"t", 0, position::at(0)}, {"t", 1, position::at(0)}});
  const strings begun = read(reader, 1);
  REQUIRE(begun.size() == 1);
  REQUIRE(until(reader, [&] { return reader.position_of(first) >= 3; }));
  reader.pause({first});
  // What was fetched ahead fills the budget by now, or will.
  for (int round = 0; round < 20; ++round) {
    write({"q" + std::to_string(round)}, 1);
    const strings one = read(reader, 1);
    REQUIRE(one == strings{"q" + std::to_string(round)});
  }
  const std::int64_t position = *reader.position_of(first);
  reader.resume({first});
  const strings rest = read(reader, static_cast<std::size_t>(50 - position));
  REQUIRE(rest.size() == static_cast<std::size_t>(50 - position));
  for (std::size_t index = 0; index < rest.size(); ++index) {
    REQUIRE(rest[index].substr(1000) == std::to_string(position + static_cast<std::int64_t>(index)));
  }
  REQUIRE(failures.empty());
}

}  // namespace
}  // namespace kafka
