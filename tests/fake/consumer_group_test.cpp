// SPDX-License-Identifier: Apache-2.0
// kafka::consumer as a member of groups, over TCP against the fake cluster.
#include <algorithm>
#include <atomic>
#include <functional>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>
#include <mutex>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "support/catch.hpp"

namespace kafka {
namespace {

using namespace std::chrono_literals;
using lines = std::multiset<std::string>;

struct group_fixture {
  explicit group_fixture(const std::string& version = "4.3")
      : cluster({.broker_version = version,
                 .broker_configs = {{"group.initial.rebalance.delay.ms", "10"},
                                    {"group.consumer.heartbeat.interval.ms", "50"}}}) {
    cluster.create_topic("t", 2);
  }

  consumer_config settings(offset_reset reset = offset_reset::earliest) const {
    consumer_config out;
    out.bootstrap_servers = cluster.bootstrap_servers();
    out.group_id = "g";
    out.offset_reset = reset;
    out.group_protocol = protocol;
    if (protocol != group_protocol::consumer) out.heartbeat_interval = 50ms;
    return out;
  }
  /// Runs the rest of the test once with each protocol.
  void with_both_protocols() {
    protocol = GENERATE(group_protocol::classic, group_protocol::consumer);
    CAPTURE(static_cast<int>(protocol));
  }
  std::size_t requests(api_key key) const {
    std::size_t count = 0;
    for (const recorded_request& one : cluster.requests()) count += one.key == key ? 1U : 0U;
    return count;
  }
  consumer member(const consumer_config& config) const {
    consumer out(config);
    out.subscribe({"t"});
    return out;
  }
  void write(int from, int to) {
    for (int index = from; index < to; ++index) {
      cluster.append("t", index % 2, {{-1, 1000, std::nullopt, std::to_string(index), {}}});
    }
  }
  static lines numbers(int from, int to) {
    lines out;
    for (int index = from; index < to; ++index) out.insert(std::to_string(index));
    return out;
  }
  /// Polls all members in turn until so many records came, or a long time has passed.
  static lines read(const std::vector<consumer*>& members, std::size_t count) {
    lines out;
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (out.size() < count && std::chrono::steady_clock::now() < end) {
      for (consumer* one : members) {
        for (const record_view& record : one->poll(20ms)) out.insert(record.value().str());
      }
    }
    return out;
  }
  static bool until(const std::vector<consumer*>& members, const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!done() && std::chrono::steady_clock::now() < end) {
      for (consumer* one : members) (void)one->poll(10ms);
    }
    return done();
  }
  std::int64_t stored(std::int32_t partition) const {
    return cluster.committed_offset("g", "t", partition).value_or(-1);
  }

  fake_cluster cluster;
  group_protocol protocol = group_protocol::classic;
};

/// A broker whose coordinator assigns, but does not match patterns.
struct older_group_fixture : group_fixture {
  older_group_fixture() { cluster.cap_version(api_key::consumer_group_heartbeat, 0); }
};

TEST_CASE_METHOD(group_fixture, "a group goes on where its last member stopped") {
  with_both_protocols();
  write(0, 10);
  {
    consumer first = member(settings());
    REQUIRE(read({&first}, 10) == numbers(0, 10));
    REQUIRE_FALSE(first.close());
  }
  REQUIRE(stored(0) == 5);
  write(10, 14);
  consumer second = member(settings());
  REQUIRE(read({&second}, 4) == numbers(10, 14));
}

TEST_CASE_METHOD(group_fixture, "what a poll handed out is stored only when the next poll says that it is done with") {
  with_both_protocols();
  consumer_config config = settings();
  config.auto_commit_interval = 1ms;
  std::vector<fake_record> batch;
  for (int index = 0; index < 4; ++index) batch.push_back({-1, 1000, std::nullopt, std::to_string(index), {}});
  cluster.append("t", 0, batch);
  consumer reader = member(config);
  std::size_t got = 0;
  while (got == 0) got = reader.poll(1s).size();
  REQUIRE(got == 4);
  REQUIRE(stored(0) <= 0);
  REQUIRE(until({&reader}, [&] { return stored(0) == 4; }));
}

TEST_CASE_METHOD(group_fixture, "commit stores what was handed out, and committed tells it") {
  with_both_protocols();
  consumer_config config = settings();
  config.auto_commit = false;
  consumer reader = member(config);
  write(0, 6);
  REQUIRE(read({&reader}, 6).size() == 6);
  reader.commit();
  REQUIRE(stored(0) == 3);
  const std::vector<group_offset> found = reader.committed({{"t", 0}, {"t", 1}});
  REQUIRE(found.size() == 2);
  REQUIRE(found[0].offset == 3);
  group_offset back;
  back.partition = {"t", 1};
  back.offset = 1;
  back.metadata = "by hand";
  reader.commit(std::span(&back, 1));
  REQUIRE(reader.committed({{"t", 1}}).at(0).metadata == "by hand");
  REQUIRE(stored(1) == 1);
  REQUIRE(reader.group_metadata().generation_id >= 1);
}

TEST_CASE_METHOD(group_fixture,
                 "no record of a topic is handed out that is subscribed to no longer, though it was fetched") {
  with_both_protocols();
  cluster.create_topic("u", 1);
  write(0, 40);
  consumer_config config = settings();
  config.poll_records_max = 1;
  consumer reader = member(config);
  REQUIRE(read({&reader}, 2).size() == 2);
  for (const std::vector<std::string>& topics : {std::vector<std::string>{"u"}, std::vector<std::string>{}}) {
    reader.subscribe(topics);
    // What was fetched of "t" is there until the group has taken its partitions away.
    for (int poll = 0; poll < 100; ++poll) REQUIRE(reader.poll(0ms).empty());
  }
  reader.subscribe({"u", "t"});
  cluster.append("u", 0, {{-1, 1000, std::nullopt, "of u", {}}});
  lines rest = read({&reader}, 39);
  REQUIRE(rest.erase("of u") == 1);
  REQUIRE(rest.size() == 38);
  reader.subscribe_matching("t");
  write(40, 42);
  REQUIRE(read({&reader}, 2) == numbers(40, 42));
}

TEST_CASE_METHOD(group_fixture, "members share the partitions, and each record goes to one of them") {
  for (const char* assignors : {"range", "cooperative-sticky"}) {
    INFO(assignors);
    consumer_config config = settings();
    config.group_id = assignors;
    config.assignors = assignors;
    consumer first = member(config);
    REQUIRE(until({&first}, [&] { return first.assigned().size() == 2; }));
    consumer second = member(config);
    REQUIRE(until({&first, &second}, [&] { return first.assigned().size() == 1 && second.assigned().size() == 1; }));
    REQUIRE_FALSE(first.close());
    REQUIRE(until({&second}, [&] { return second.assigned().size() == 2; }));
  }
}

TEST_CASE_METHOD(group_fixture, "a listener hears of what comes and goes, and may commit before it goes") {
  std::vector<std::string> heard;
  consumer_config config = settings();
  config.on_rebalance.on_assigned = [&](const auto& partitions) {
    heard.push_back("+" + std::to_string(partitions.size()));
  };
  config.on_rebalance.on_revoked = [&](const auto& partitions) {
    heard.push_back("-" + std::to_string(partitions.size()));
  };
  consumer first = member(config);
  REQUIRE(until({&first}, [&] { return first.assigned().size() == 2; }));
  consumer second = member(settings());
  REQUIRE(until({&first, &second}, [&] { return second.assigned().size() == 1 && first.assigned().size() == 1; }));
  REQUIRE_FALSE(first.close());
  REQUIRE(heard == std::vector<std::string>{"+2", "-2", "+1", "-1"});
}

TEST_CASE_METHOD(group_fixture,
                 "a member that waits in a poll for longer than it may take between polls stays in the group") {
  int lost = 0;
  consumer_config config = settings();
  config.max_poll_interval = 300ms;
  config.on_rebalance.on_lost = [&](const auto&) { ++lost; };
  consumer reader = member(config);
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  REQUIRE(reader.poll(1500ms).empty());
  (void)reader.poll(0ms);  // obeys what came meanwhile
  REQUIRE(lost == 0);
  REQUIRE(reader.assigned().size() == 2);
}

TEST_CASE_METHOD(group_fixture, "a loss is told with its reason, to the listener and as a warning in the log") {
  std::mutex mutex;
  std::vector<std::string> warnings;
  std::vector<std::string> news;
  std::vector<topic_partition> lost;
  error reason;
  consumer_config config = settings();
  config.max_poll_interval = 400ms;
  config.on_rebalance.on_lost_with_reason = [&](const auto& which, const error& why) {
    lost = which;
    reason = why;
  };
  config.log = [&](log_level level, std::string_view line) {
    const std::lock_guard lock(mutex);
    if (level == log_level::warning) warnings.emplace_back(line);
    if (level == log_level::info) news.emplace_back(line);
  };
  const auto tells = [&](const std::vector<std::string>& told, std::string_view what) {
    const std::lock_guard lock(mutex);
    return std::any_of(told.begin(), told.end(),
                       [&](const std::string& one) { return one.find(what) != std::string::npos; });
  };
  consumer reader = member(config);
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  CHECK(tells(news, "group g: joined"));
  CHECK(tells(news, "group g: assigned t-0, t-1"));
  SECTION("the user polls too seldom") {
    REQUIRE(until({}, [&] { return tells(warnings, "group g: lost t-0, t-1: "); }));
    REQUIRE(tells(warnings, "max.poll.interval.ms"));
    REQUIRE(until({&reader}, [&] { return lost.size() == 2; }));
    REQUIRE(reason == client_errc::timed_out);
  }
  SECTION("the coordinator knows the member no longer") {
    cluster.control(api_key::heartbeat, [](auto& request) { return request.fail(broker_errc::unknown_member_id); }, 1);
    REQUIRE(until({&reader}, [&] { return lost.size() == 2; }));
    REQUIRE(reason == broker_errc::unknown_member_id);
    REQUIRE(tells(warnings, "group g: lost t-0, t-1: "));
    REQUIRE(tells(warnings, "UNKNOWN_MEMBER_ID"));
  }
  SECTION("nothing is lost") {
    REQUIRE_FALSE(reader.close());
    REQUIRE(warnings.empty());
  }
}

TEST_CASE_METHOD(group_fixture, "what the group has stored cannot be waited for inside a callback") {
  consumer reader = member(settings());
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  std::atomic<bool> called = false;
  error refused;
  reader.commit_async([&](const error&) {
    try {
      (void)reader.committed({{"t", 0}});
    } catch (const error& why) {
      refused = why;
    }
    called = true;
  });
  REQUIRE(until({}, [&] { return called.load(); }));
  REQUIRE(refused == client_errc::would_deadlock);
}

TEST_CASE_METHOD(group_fixture, "close stores what was committed without waiting before it leaves") {
  write(0, 4);
  cluster.control(api_key::offset_commit, [](auto& request) { return request.delay(300ms); });
  consumer_config config = settings();
  config.auto_commit = false;
  config.commit_first_position = false;
  consumer reader = member(config);
  REQUIRE(read({&reader}, 4) == numbers(0, 4));
  std::atomic<bool> called = false;
  error failure;
  reader.commit_async([&](const error& why) {
    failure = why;
    called = true;
  });
  REQUIRE_FALSE(reader.close());
  REQUIRE(called);
  REQUIRE_FALSE(failure);
  REQUIRE(stored(0) == 2);
  REQUIRE(stored(1) == 2);
}

TEST_CASE_METHOD(group_fixture, "what was handed out is stored while the next poll waits") {
  consumer_config config = settings();
  config.auto_commit_interval = 400ms;
  consumer reader = member(config);
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  write(0, 4);
  REQUIRE(read({&reader}, 4).size() == 4);
  REQUIRE(reader.poll(1200ms).empty());
  REQUIRE(stored(0) == 2);
  REQUIRE(stored(1) == 2);
}

TEST_CASE_METHOD(group_fixture, "a group that begins at the end skips nothing that comes before it is started again") {
  with_both_protocols();
  write(0, 4);
  {
    consumer first = member(settings(offset_reset::latest));
    // Its first position is stored before it has read anything.
    REQUIRE(until({&first}, [&] { return stored(0) == 2 && stored(1) == 2; }));
    REQUIRE_FALSE(first.close());
  }
  write(4, 8);
  consumer again = member(settings(offset_reset::latest));
  REQUIRE(read({&again}, 4) == numbers(4, 8));
}

TEST_CASE_METHOD(group_fixture, "a partition that is added later is read from its beginning") {
  with_both_protocols();
  consumer_config config = settings(offset_reset::latest);
  config.connection.metadata_max_age = 50ms;
  consumer reader = member(config);
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2 && stored(0) == 0; }));
  cluster.add_partitions("t", 3);
  cluster.append("t", 2, {{-1, 1000, std::nullopt, "early", {}}});
  REQUIRE(read({&reader}, 1) == lines{"early"});
}

TEST_CASE_METHOD(group_fixture, "a partition that is added while no member runs is read from its beginning") {
  with_both_protocols();
  const bool from_start = GENERATE(true, false);
  consumer_config config = settings(offset_reset::latest);
  config.new_partitions_from_start = from_start;
  {
    consumer first = member(config);
    REQUIRE(until({&first}, [&] { return stored(0) == 0 && stored(1) == 0; }));
    REQUIRE_FALSE(first.close());
  }
  cluster.add_partitions("t", 4);
  for (const std::int32_t partition : {2, 3}) cluster.append("t", partition, {{-1, 1000, std::nullopt, "early", {}}});
  consumer reader = member(config);
  if (from_start) {
    REQUIRE(read({&reader}, 2) == lines{"early", "early"});
    return;
  }
  REQUIRE(until({&reader}, [&] { return stored(2) == 1 && stored(3) == 1; }));
  REQUIRE(reader.poll(50ms).empty());
}

TEST_CASE_METHOD(group_fixture,
                 "a partition that is added and goes to a member that comes later is read from its beginning") {
  with_both_protocols();
  consumer_config config = settings(offset_reset::latest);
  config.connection.metadata_max_age = 50ms;
  consumer first = member(config);
  REQUIRE(until({&first}, [&] { return stored(0) == 0 && stored(1) == 0; }));
  cluster.add_partitions("t", 4);
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    cluster.append("t", partition, {{-1, 1000, std::nullopt, std::to_string(partition), {}}});
  }
  consumer second = member(config);
  REQUIRE(read({&second, &first}, 4) == numbers(0, 4));
}

TEST_CASE_METHOD(group_fixture,
                 "members that begin a group together at the end read nothing of what was there before") {
  with_both_protocols();
  write(0, 20);
  // Nothing is new to a group that is new itself, whoever of them stores its first position first.
  for (int round = 0; round < 5; ++round) {
    consumer_config config = settings(offset_reset::latest);
    config.group_id = std::string("begin-").append(std::to_string(round));
    consumer first = member(config);
    consumer second = member(config);
    std::size_t seen = 0;
    REQUIRE(until({}, [&] {
      for (consumer* one : {&first, &second}) seen += one->poll(5ms).size();
      return cluster.committed_offset(config.group_id, "t", 0).value_or(-1) == 10 &&
             cluster.committed_offset(config.group_id, "t", 1).value_or(-1) == 10;
    }));
    REQUIRE(seen == 0);
  }
}

TEST_CASE_METHOD(group_fixture,
                 "a topic that is made again with more partitions is read from its beginning, and that is told") {
  with_both_protocols();
  consumer_config config = settings(offset_reset::latest);
  config.connection.metadata_max_age = 50ms;
  write(0, 4);
  consumer reader = member(config);
  REQUIRE(until({&reader}, [&] { return stored(0) == 2 && stored(1) == 2; }));
  cluster.delete_topic("t");
  cluster.create_topic("t", 4);
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    cluster.append("t", partition, {{-1, 1000, std::nullopt, std::to_string(partition), {}}});
  }
  lines seen;
  bool told = false;
  REQUIRE(until({}, [&] {
    error failure;
    for (const record_view& one : reader.poll(10ms, failure)) seen.insert(one.value().str());
    told = told || failure == client_errc::topic_recreated;
    return seen.size() >= 4;
  }));
  REQUIRE(seen == numbers(0, 4));
  REQUIRE(told);
}

TEST_CASE_METHOD(group_fixture, "a group that has stored nothing, and shall not choose, says so") {
  with_both_protocols();
  consumer reader = member(settings(offset_reset::none));
  error failure;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!failure && std::chrono::steady_clock::now() < end) (void)reader.poll(100ms, failure);
  REQUIRE(failure == client_errc::no_such_offset);
}

TEST_CASE_METHOD(group_fixture, "a member that may not ask what is stored says so instead of standing still") {
  with_both_protocols();
  cluster.control(api_key::offset_fetch,
                  [](auto& request) { return request.fail(broker_errc::group_authorization_failed); });
  consumer reader = member(settings());
  error failure;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!failure && std::chrono::steady_clock::now() < end) (void)reader.poll(100ms, failure);
  REQUIRE(failure == broker_errc::group_authorization_failed);
}

TEST_CASE_METHOD(group_fixture, "members of a group that its coordinator divides share, hand over and go on") {
  protocol = group_protocol::consumer;
  for (const char* assignor : {"", "uniform", "range"}) {
    INFO(assignor);
    consumer_config config = settings();
    config.group_id = "g" + std::string(assignor);
    config.remote_assignor = assignor;
    std::vector<std::string> heard;
    config.on_rebalance.on_assigned = [&](const auto& partitions) {
      heard.push_back("+" + std::to_string(partitions.size()));
    };
    config.on_rebalance.on_revoked = [&](const auto& partitions) {
      heard.push_back("-" + std::to_string(partitions.size()));
    };
    consumer first = member(config);
    REQUIRE(until({&first}, [&] { return first.assigned().size() == 2; }));
    config.on_rebalance = {};
    consumer second = member(config);
    REQUIRE(until({&first, &second}, [&] { return first.assigned().size() == 1 && second.assigned().size() == 1; }));
    // One partition moved; the other was read on all the time.
    REQUIRE(heard == std::vector<std::string>{"+2", "-1"});
    REQUIRE(first.assigned() != second.assigned());
    REQUIRE_FALSE(first.close());
    REQUIRE(until({&second}, [&] { return second.assigned().size() == 2; }));
    REQUIRE(second.group_metadata().generation_id >= 2);
    REQUIRE_FALSE(second.group_metadata().member_id.empty());
  }
  REQUIRE(requests(api_key::join_group) == 0);
}

TEST_CASE_METHOD(group_fixture, "an assignor that the coordinator does not have ends the matter") {
  protocol = group_protocol::consumer;
  consumer_config config = settings();
  config.remote_assignor = "no-such";
  consumer reader = member(config);
  error failure;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!failure && std::chrono::steady_clock::now() < end) (void)reader.poll(100ms, failure);
  REQUIRE(failure == broker_errc::unsupported_assignor);
}

TEST_CASE_METHOD(group_fixture, "automatic has the coordinator divide where it can") {
  protocol = group_protocol::automatic;
  consumer reader = member(settings());
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  REQUIRE(requests(api_key::consumer_group_heartbeat) > 0);
  REQUIRE(requests(api_key::join_group) == 0);
}

TEST_CASE_METHOD(group_fixture, "automatic joins a group of the classic protocol as its members do") {
  consumer classic = member(settings());
  REQUIRE(until({&classic}, [&] { return classic.assigned().size() == 2; }));
  protocol = group_protocol::automatic;
  consumer reader = member(settings());
  REQUIRE(until({&reader, &classic}, [&] { return reader.assigned().size() == 1 && classic.assigned().size() == 1; }));
}

TEST_CASE("automatic is classic where the broker has nothing else") {
  group_fixture old("2.8");
  old.protocol = group_protocol::automatic;
  consumer reader = old.member(old.settings());
  REQUIRE(old.until({&reader}, [&] { return reader.assigned().size() == 2; }));
  REQUIRE(old.requests(api_key::join_group) > 0);
  old.protocol = group_protocol::consumer;
  consumer modern = old.member(old.settings());
  error failure;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!failure && std::chrono::steady_clock::now() < end) (void)modern.poll(100ms, failure);
  REQUIRE(failure == client_errc::unsupported_version);
}

TEST_CASE_METHOD(group_fixture, "a pattern finds the topics that there are, and those that come") {
  with_both_protocols();
  write(0, 4);
  cluster.create_topic("tea", 1);
  cluster.create_topic("x-t", 1);
  consumer_config config = settings();
  config.connection.metadata_max_age = 50ms;
  consumer reader(config);
  reader.subscribe_matching("t.*");
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 3; }));
  cluster.create_topic("tin", 2);
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 5; }));
  cluster.append("tin", 1, {{-1, 1000, std::nullopt, "late", {}}});
  REQUIRE(read({&reader}, 1).contains("late"));
  const bool remote = protocol == group_protocol::consumer;
  std::size_t whole = 0;
  for (const recorded_request& one : cluster.requests()) whole += one.key == api_key::metadata ? 1U : 0U;
  REQUIRE(whole > 0);
  reader.subscribe({"t"});
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  REQUIRE((requests(api_key::join_group) == 0) == remote);
}

TEST_CASE_METHOD(older_group_fixture, "a coordinator that cannot match leaves it to the client") {
  protocol = group_protocol::consumer;
  cluster.create_topic("x-t", 1);
  consumer reader(settings());
  reader.subscribe_matching("t|u");
  REQUIRE(until({&reader}, [&] { return reader.assigned().size() == 2; }));
  consumer other(settings());
  other.subscribe_matching("(?i)t");  // of RE2 only
  error failure;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!failure && std::chrono::steady_clock::now() < end) (void)other.poll(100ms, failure);
  REQUIRE(failure == client_errc::invalid_argument);
}

TEST_CASE_METHOD(group_fixture, "a pattern that is none is refused at once, or by the coordinator") {
  consumer classic(settings());
  REQUIRE_THROWS_AS(classic.subscribe_matching("t("), error);
  REQUIRE_THROWS_AS(classic.subscribe_matching(""), error);
  protocol = group_protocol::consumer;
  consumer modern(settings());
  modern.subscribe_matching("t(");
  error failure;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!failure && std::chrono::steady_clock::now() < end) (void)modern.poll(100ms, failure);
  REQUIRE(failure == broker_errc::invalid_regular_expression);
  consumer_config alone = settings();
  alone.group_id.clear();
  consumer none(alone);
  REQUIRE_THROWS_AS(none.subscribe_matching("t"), error);
}

TEST_CASE_METHOD(group_fixture, "a static member that comes back finds its partitions") {
  with_both_protocols();
  consumer_config config = settings();
  config.group_instance_id = "desk-7";
  consumer other = member(settings());
  std::vector<topic_partition> mine;
  {
    consumer first = member(config);
    REQUIRE(until({&first, &other}, [&] { return first.assigned().size() == 1 && other.assigned().size() == 1; }));
    mine = first.assigned();
    REQUIRE_FALSE(first.close());
  }
  consumer again = member(config);
  REQUIRE(until({&again, &other}, [&] { return again.assigned().size() == 1; }));
  REQUIRE(again.assigned() == mine);
}

TEST_CASE_METHOD(group_fixture, "what is not this member's is not stored, and the rest is") {
  with_both_protocols();
  consumer_config config = settings();
  config.auto_commit = false;
  config.commit_first_position = false;
  consumer first = member(config);
  consumer second = member(config);
  REQUIRE(until({&first, &second}, [&] { return first.assigned().size() == 1 && second.assigned().size() == 1; }));
  write(0, 4);
  std::vector<group_offset> all(2);
  all[0].partition = {"t", 0};
  all[1].partition = {"t", 1};
  all[0].offset = all[1].offset = 1;
  REQUIRE_THROWS_AS(first.commit(std::span(all)), error);
  REQUIRE(until({&first, &second}, [&] { return stored(first.assigned().at(0).partition) == 1; }));
  REQUIRE(stored(second.assigned().at(0).partition) == -1);
}

TEST_CASE_METHOD(group_fixture, "run stores what its handler is done with, and stops when it is asked to") {
  write(0, 10);
  std::stop_source stop;
  lines handled;
  {
    consumer reader(cluster.bootstrap_servers(), "t", "g", offset_reset::earliest);
    reader.run(
        [&](const record_view& record) {
          handled.insert(record.value().str());
          if (handled.size() == 10) stop.request_stop();
        },
        stop.get_token());
    REQUIRE_FALSE(reader.close());
  }
  REQUIRE(handled == numbers(0, 10));
  REQUIRE(stored(0) == 5);
  REQUIRE(stored(1) == 5);
}

TEST_CASE_METHOD(group_fixture, "a handler that throws ends run, and its record is read again") {
  write(0, 1);
  {
    consumer reader = member(settings());
    REQUIRE_THROWS_AS(reader.run([](const record_view&) { throw std::runtime_error("broken"); }), std::runtime_error);
  }
  REQUIRE(stored(0) <= 0);
}

TEST_CASE_METHOD(group_fixture, "subscribing without a group is refused, and so are settings that cannot work") {
  consumer_config config = settings();
  config.group_id.clear();
  consumer alone(config);
  REQUIRE_THROWS_AS(alone.subscribe({"t"}), error);
  config = settings();
  config.assignors = "no-such";
  REQUIRE_THROWS_AS(consumer(config), error);
  config = settings();
  config.heartbeat_interval = config.session_timeout;
  REQUIRE_THROWS_AS(consumer(config), error);
}

}  // namespace
}  // namespace kafka
