// SPDX-License-Identifier: Apache-2.0
// What members of groups must survive, one story at a time (reliability scenarios 16, 19, 20, 21 and 28), with each
// protocol.
#include <algorithm>
#include <functional>
#include <memory>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"
#include "support/simulated_member.hpp"

namespace kafka::test {
namespace {

using namespace std::chrono_literals;
using offsets = std::vector<std::pair<topic_partition, std::int64_t>>;

class group_story : public cluster_fixture {
 public:
  group_story() : cluster_fixture(options()), network(cluster) {
    modern = GENERATE(false, true);
    CAPTURE(modern);
    config.group_id = std::string("g");
    config.auto_commit_interval = 200ms;
    if (modern) config.group_protocol = group_protocol::consumer;
    create_topic("t", 4, 3);
  }
  static fake_cluster_options options() {
    fake_cluster_options out = nodes(3);
    out.broker_configs = {{"group.initial.rebalance.delay.ms", "100"}};
    return out;
  }

  simulated_member& add_member() {
    const std::string name = "m" + std::to_string(members.size());
    members.push_back(std::make_unique<simulated_member>(network, config, 70 + members.size(), name));
    members.back()->subscribe({"t"});
    return *members.back();
  }
  void write(const std::string& topic, std::int32_t index, int count) {
    const std::vector<fake_record> made(static_cast<std::size_t>(count),
                                        {-1, 1000, std::nullopt, std::string("v"), {}});
    fake::partition_state& to = partition(topic, index);
    to.log.append(fake::make_batch(made, network.now().wall, pool).span(), to.leader_epoch, std::nullopt);
    to.log.set_high_watermark(to.log.end_offset());
    cluster.state().signal(to.changed);
    network.pump();
  }
  /// Everybody polls ten times a second, except for `silent`.
  bool pass_until(const std::function<bool()>& done, std::chrono::milliseconds limit = 60s,
                  const simulated_member* silent = nullptr) {
    for (const steady_time end = network.now().steady + limit; !done() && network.now().steady < end;) {
      (void)network.run_until(
          [&] {
            for (const auto& one : members) one->service();
            return done();
          },
          100ms);
      for (const auto& one : members) {
        if (one.get() != silent) one->poll();
        for (auto& each : one->take_processed()) processed[one->name()].push_back(std::move(each));
      }
    }
    return done();
  }
  void pass(std::chrono::milliseconds duration, const simulated_member* silent = nullptr) {
    (void)pass_until([] { return false; }, duration, silent);
  }
  bool shared_out(std::size_t each) {
    return std::all_of(members.begin(), members.end(), [&](const auto& one) { return one->reading().size() == each; });
  }
  std::int64_t stored(std::int32_t index) {
    const auto* found = cluster.state().offsets().find("g", {"t", index});
    return found ? found->offset : -1;
  }
  /// What all members together are done with; equal ones as often as they were processed.
  std::multiset<std::pair<topic_partition, std::int64_t>> all_processed() const {
    std::multiset<std::pair<topic_partition, std::int64_t>> out;
    for (const auto& [name, each] : processed) out.insert(each.begin(), each.end());
    return out;
  }

  bool modern = false;
  consumer_config config;
  simulated_network network;
  std::vector<std::unique_ptr<simulated_member>> members;
  std::map<std::string, offsets> processed;
};

TEST_CASE_METHOD(group_story,
                 "scenario 16: brokers restart one after the other, and nobody rebalances or reads twice") {
  simulated_member& first = add_member();
  simulated_member& second = add_member();
  REQUIRE(pass_until([&] { return shared_out(2); }));
  pass(10s);
  const std::pair generations(first.generation(), second.generation());
  int written = 0;
  for (std::int32_t node = 1; node <= 3; ++node) {
    cluster.stop_node(node);
    for (std::int32_t index = 0; index < 4; ++index) write("t", index, 5);
    written += 5;
    pass(8s);
    cluster.start_node(node);
    pass(8s);
  }
  REQUIRE(pass_until([&] { return all_processed().size() == static_cast<std::size_t>(4 * written); }));
  REQUIRE(std::pair(first.generation(), second.generation()) == generations);
  REQUIRE(first.losses().empty());
  REQUIRE(second.losses().empty());
  for (std::int32_t index = 0; index < 4; ++index) {
    for (std::int64_t offset = 0; offset < written; ++offset) {
      REQUIRE(all_processed().count({{"t", index}, offset}) == 1);
    }
  }
  for (const auto& [name, each] : processed) {
    std::map<topic_partition, std::int64_t> next;
    for (const auto& [where, offset] : each) REQUIRE(offset == next[where]++);
  }
}

TEST_CASE_METHOD(group_story, "scenario 19: commits and look-ups that a rebalance overtakes move no position") {
  // Everything that a coordinator can say of a member that is behind, at first, then the truth.
  std::vector<broker_errc> commit_errors{broker_errc::rebalance_in_progress, broker_errc::illegal_generation};
  std::vector<broker_errc> fetch_errors{broker_errc::coordinator_load_in_progress, broker_errc::unstable_offset_commit};
  if (modern) {
    commit_errors = {broker_errc::stale_member_epoch, broker_errc::stale_member_epoch};
    fetch_errors.push_back(broker_errc::stale_member_epoch);
  }
  add_member();
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 10);
  REQUIRE(pass_until([&] { return all_processed().size() == 40 && stored(0) == 10 && stored(3) == 10; }));
  for (const broker_errc code : fetch_errors) {
    cluster.control(
        api_key::offset_fetch, [code](fake::call&) { return fake_verdict{fake_verdict::kind::fail, code, {}}; }, 2);
  }
  for (const broker_errc code : commit_errors) {
    cluster.control(
        api_key::offset_commit, [code](fake::call&) { return fake_verdict{fake_verdict::kind::fail, code, {}}; }, 1);
  }
  write("t", 0, 5);
  add_member();
  REQUIRE(pass_until([&] { return shared_out(2); }));
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 5);
  REQUIRE(pass_until([&] { return stored(0) == 20 && stored(1) == 15 && stored(2) == 15 && stored(3) == 15; }));
  // Nobody began anew: offset 0 was read once.
  for (std::int32_t index = 0; index < 4; ++index) REQUIRE(all_processed().count({{"t", index}, 0}) == 1);
}

TEST_CASE_METHOD(group_story,
                 "scenario 20: who takes too long between polls leaves, says so, and stores nothing after") {
  config.max_poll_interval = 60s;
  simulated_member& slow = add_member();
  REQUIRE(pass_until([&] { return shared_out(4); }));
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  pass(300ms);  // handed out, not processed
  simulated_member& other = add_member();
  const std::int64_t before = stored(0);
  pass(10min, &slow);
  REQUIRE(other.reading().size() == 4);
  REQUIRE(stored(0) == 3);  // by the other
  REQUIRE(before <= 3);
  REQUIRE(slow.owned().empty());
  const std::size_t commits = requests(api_key::offset_commit);
  slow.poll();
  REQUIRE(slow.losses().size() == 1);
  REQUIRE(slow.losses()[0].message().find("max.poll.interval.ms") != std::string::npos);
  network.pump();
  REQUIRE(requests(api_key::offset_commit) == commits);
  REQUIRE(pass_until([&] { return shared_out(2); }));
}

TEST_CASE_METHOD(group_story,
                 "scenario 20: what is given up too late, when it was lost and came again, costs nothing") {
  config.max_poll_interval = 20s;
  simulated_member& slow = add_member();
  REQUIRE(pass_until([&] { return shared_out(4); }));
  pass(6s);
  simulated_member& other = add_member();
  // Asked for while its user stands still, then lost.
  pass(30s, &slow);
  REQUIRE(slow.owned().empty());
  other.close();
  REQUIRE(pass_until([&] { return other.has_left(); }, 60s, &slow));
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  REQUIRE(pass_until([&] { return slow.reading().size() == 4 && processed["m0"].size() == 12; }));
  REQUIRE(pass_until([&] { return stored(0) == 3 && stored(3) == 3; }));
}

TEST_CASE_METHOD(group_story,
                 "scenario 20: who was lost in the middle of its records, and is a member again, stores none of them") {
  simulated_member& stopped = add_member();
  REQUIRE(pass_until([&] { return shared_out(4); }));
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  pass(300ms);
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  REQUIRE(pass_until([&] { return stopped.has_records(); }));
  stopped.process().set_stopped(true);
  simulated_member& other = add_member();
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 6);
  REQUIRE(pass_until([&] { return stored(0) == 12 && stored(1) == 12 && stored(2) == 12 && stored(3) == 12; }, 120s,
                     &stopped));
  other.close();
  REQUIRE(pass_until([&] { return other.has_left(); }, 60s, &stopped));
  stopped.process().set_stopped(false);
  // By itself: its user does not poll.
  REQUIRE(pass_until([&] { return stopped.owned().size() == 4 && stopped.knows_of_loss(); }, 60s, &stopped));
  stopped.commit_some(100);
  pass(2s, &stopped);
  for (std::int32_t index = 0; index < 4; ++index) REQUIRE(stored(index) == 12);
  pass(2s);
  for (std::int32_t index = 0; index < 4; ++index) REQUIRE(stored(index) == 12);
}

TEST_CASE_METHOD(group_story, "scenario 20: a callback that takes two minutes costs no membership") {
  simulated_member& slow = add_member();
  simulated_member& other = add_member();
  REQUIRE(pass_until([&] { return shared_out(2); }));
  pass(10s);
  const std::int32_t generation = slow.generation();
  pass(2min, &slow);
  REQUIRE(slow.owned().size() == 2);
  REQUIRE(slow.losses().empty());
  REQUIRE(slow.generation() == generation);
  REQUIRE(other.reading().size() == 2);
}

TEST_CASE_METHOD(group_story,
                 "scenario 20: who does not poll loses everything also while no coordinator can be found") {
  config.max_poll_interval = 20s;
  simulated_member& slow = add_member();
  REQUIRE(pass_until([&] { return shared_out(4); }));
  for (std::int32_t node = 1; node <= 3; ++node) cluster.stop_node(node);
  pass(21s, &slow);
  REQUIRE(slow.owned().empty());
  for (std::int32_t node = 1; node <= 3; ++node) cluster.start_node(node);
  REQUIRE(pass_until([&] { return shared_out(4); }));
}

TEST_CASE_METHOD(group_story,
                 "scenario 21: coordinators that move, load and forget are followed, soon after all is calm") {
  if (!modern) {
    // A rebalance waits for the former selves of those who were told that they are unknown.
    config.session_timeout = 6s;
    config.heartbeat_interval = 1s;
  }
  simulated_member& first = add_member();
  simulated_member& second = add_member();
  REQUIRE(pass_until([&] { return shared_out(2); }));
  pass(10s);
  const std::pair generations(first.generation(), second.generation());
  for (int move = 0; move < 20; ++move) {
    cluster.state().set_coordinator("g", 1 + move % 3);
    network.pump();
    pass(700ms);
  }
  cluster.state().groups().set_loading("g", network.now().steady + 60s);
  cluster.state().set_coordinator("g", 3);
  network.pump();
  pass(62s);
  REQUIRE(shared_out(2));
  REQUIRE(std::pair(first.generation(), second.generation()) == generations);
  REQUIRE(first.losses().empty());
  const api_key beats = modern ? api_key::consumer_group_heartbeat : api_key::heartbeat;
  cluster.control(
      beats, [](fake::call&) { return fake_verdict{fake_verdict::kind::fail, broker_errc::unknown_member_id, {}}; }, 4);
  REQUIRE(pass_until([&] { return first.losses().size() + second.losses().size() >= 2; }, 20s));
  REQUIRE(pass_until([&] { return shared_out(2); }, 10s));
  const std::size_t asked = cluster.requests().size();
  pass(10s);
  REQUIRE(cluster.requests().size() - asked < 400);  // no storm
}

TEST_CASE_METHOD(group_story,
                 "scenario 21: a coordinator that hangs costs nobody the membership once another has taken over") {
  if (!modern) {
    config.session_timeout = 10s;
    config.heartbeat_interval = 3s;
  }
  cluster.state().set_coordinator("g", 1);
  simulated_member& first = add_member();
  simulated_member& second = add_member();
  REQUIRE(pass_until([&] { return shared_out(2); }));
  pass(10s);
  const std::pair generations(first.generation(), second.generation());
  // It neither answers nor breaks its connections, whatever it is asked, and whoever was told to ask it.
  for (const api_key key : {api_key::heartbeat, api_key::consumer_group_heartbeat, api_key::find_coordinator,
                            api_key::metadata, api_key::offset_commit, api_key::fetch, api_key::api_versions}) {
    cluster.control(key, [](fake::call& call) {
      return call.node() == 1 ? fake_verdict{fake_verdict::kind::swallow, {}, {}} : fake_verdict{};
    });
  }
  pass(4s);
  cluster.state().set_coordinator("g", 2);
  pass(120s);
  REQUIRE(shared_out(2));
  REQUIRE(std::pair(first.generation(), second.generation()) == generations);
  REQUIRE(first.losses().empty());
  REQUIRE(second.losses().empty());
}

TEST_CASE_METHOD(group_story, "scenario 11: a quota on reading delays what is read, never a heartbeat") {
  if (!modern) {
    config.session_timeout = 6s;
    config.heartbeat_interval = 1s;
  }
  simulated_member& first = add_member();
  simulated_member& second = add_member();
  REQUIRE(pass_until([&] { return shared_out(2); }));
  const std::pair generations(first.generation(), second.generation());
  cluster.state().throttle(api_key::fetch, 60s);
  for (int count = 0; count < 5; ++count) {
    for (std::int32_t index = 0; index < 4; ++index) write("t", index, 5);
    pass(60s);
  }
  REQUIRE(std::pair(first.generation(), second.generation()) == generations);
  REQUIRE(first.losses().empty());
  REQUIRE(second.losses().empty());
  const api_key beats = modern ? api_key::consumer_group_heartbeat : api_key::heartbeat;
  const auto asked = cluster.requests();
  REQUIRE(std::count_if(asked.begin(), asked.end(), [&](const auto& one) { return one.key == beats; }) > 100);
  cluster.state().throttle(api_key::fetch, 0ms);
  REQUIRE(pass_until([&] { return all_processed().size() == 100; }, 120s));
}

TEST_CASE_METHOD(group_story, "scenario 28: after another subscription no record of the former one is handed out") {
  create_topic("u", 2, 3);
  simulated_member& one = add_member();
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  REQUIRE(pass_until([&] { return all_processed().size() == 12; }));
  one.subscribe({"u"});
  REQUIRE(pass_until([&] { return one.reading() == std::set<topic_partition>{{"u", 0}, {"u", 1}}; }));
  for (std::int32_t index = 0; index < 4; ++index) {
    REQUIRE(stored(index) == 3);
    write("t", index, 3);
  }
  write("u", 1, 2);
  REQUIRE(pass_until([&] { return all_processed().size() == 14; }));
  pass(1s);
  REQUIRE(all_processed().size() == 14);
  REQUIRE(all_processed().count({{"u", 1}, 1}) == 1);
}

TEST_CASE_METHOD(group_story, "one partition whose offset cannot be asked for is told, and the others are read") {
  cluster.control(api_key::offset_fetch, [](fake::call&) {
    return fake::verdict::edited<protocol::offset_fetch_response>([](protocol::offset_fetch_response& response) {
      for (auto& group : response.groups) {
        for (auto& topic : group.topics) {
          for (auto& one : topic.partitions) {
            if (one.partition_index == 2) {
              one.error_code = static_cast<std::int16_t>(broker_errc::topic_authorization_failed);
            }
          }
        }
      }
    });
  });
  simulated_member& one = add_member();
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  REQUIRE(pass_until([&] { return all_processed().size() == 9; }));
  pass(5s);
  REQUIRE(all_processed().size() == 9);
  REQUIRE(one.reading().size() == 4);
  REQUIRE_FALSE(one.failure());
  REQUIRE(stored(2) == -1);
}

TEST_CASE_METHOD(group_story, "a partition whose offset is not decided yet holds up no other") {
  bool pending = true;
  cluster.control(api_key::offset_fetch, [&pending](fake::call&) {
    return fake::verdict::edited<protocol::offset_fetch_response>(
        [&pending](protocol::offset_fetch_response& response) {
          for (auto& group : response.groups) {
            for (auto& topic : group.topics) {
              for (auto& one : topic.partitions) {
                if (pending && one.partition_index == 1) {
                  one.error_code = static_cast<std::int16_t>(broker_errc::unstable_offset_commit);
                }
              }
            }
          }
        });
  });
  simulated_member& one = add_member();
  for (std::int32_t index = 0; index < 4; ++index) write("t", index, 3);
  REQUIRE(pass_until([&] { return all_processed().size() == 9; }));
  REQUIRE(one.reading().size() == 3);
  pending = false;
  REQUIRE(pass_until([&] { return all_processed().size() == 12; }));
  REQUIRE(one.reading().size() == 4);
}

}  // namespace
}  // namespace kafka::test
