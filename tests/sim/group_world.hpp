// SPDX-License-Identifier: Apache-2.0
// A group of members, a cluster and everything that can go wrong among them, all decided by one seed; and what must
// hold all the time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.hpp"
#include "fake/control.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "support/client_fixtures.hpp"
#include "support/simulated_member.hpp"

namespace kafka::test {

/// What the members of a group did, judged as it happens. The first thing that must not be is kept.
class group_judge {
 public:
  explicit group_judge(std::string group) : group_(std::move(group)) {}

  void processed(const topic_partition& where, std::int64_t offset) { seen_[where].insert(offset); }
  /// A member holds a partition to be its own in this generation.
  void owns(const std::string& member, std::int32_t generation, const topic_partition& where) {
    const auto [first, fresh] = owners_.try_emplace({generation, where}, member);
    if (!fresh && first->second != member) {
      blame(to_string(where) + " is owned by " + first->second + " and " + member + " in generation " +
            std::to_string(generation));
    }
  }
  /// A commit arrives: `owned` is what its member holds to be its own, `asked` what its user wants stored.
  void commits(const std::string& member, const topic_partition& where, std::int64_t offset,
               const std::set<topic_partition>& owned, const std::map<topic_partition, std::int64_t>& asked) {
    if (!owned.contains(where)) blame(member + " commits " + to_string(where) + ", which is not its own");
    const auto wanted = asked.find(where);
    if (wanted == asked.end() || offset > wanted->second) {
      blame(member + " commits " + to_string(where) + " at " + std::to_string(offset) +
            ", ahead of what it handed out");
    }
  }
  /// What the group has stored now.
  void stored(const topic_partition& where, std::int64_t offset) {
    std::int64_t& last = stored_[where];
    if (offset < last) {
      blame("the offset of " + to_string(where) + " goes back from " + std::to_string(last) + " to " +
            std::to_string(offset));
    }
    const std::set<std::int64_t>& seen = seen_[where];
    for (std::int64_t below = last; below < offset; ++below) {
      if (!seen.contains(below)) {
        blame(to_string(where) + " is stored at " + std::to_string(offset) + ", but nobody processed " +
              std::to_string(below));
        break;
      }
    }
    last = offset;
  }
  [[nodiscard]] bool all_seen(const topic_partition& where, std::int64_t end) const {
    const auto found = seen_.find(where);
    const std::size_t count = found == seen_.end() ? 0 : found->second.size();
    return count == static_cast<std::size_t>(end);
  }
  [[nodiscard]] const std::string& verdict() const noexcept { return verdict_; }
  [[nodiscard]] const std::string& group() const noexcept { return group_; }

 private:
  void blame(std::string what) {
    if (verdict_.empty()) verdict_ = std::move(what);
  }

  std::string group_;
  std::map<topic_partition, std::set<std::int64_t>> seen_;
  std::map<std::pair<std::int32_t, topic_partition>, std::string> owners_;
  std::map<topic_partition, std::int64_t> stored_;
  std::string verdict_;
};

enum class group_kind : std::uint8_t { eager, cooperative, consumer };

/// What a seed draws once: how often what goes wrong, in percent of requests or of steps.
struct group_plan {
  explicit group_plan(std::uint64_t seed) : random(seed) {
    refusals = random.below(2) == 0 ? 0 : random.below(12);
    losses = random.below(2) == 0 ? 0 : random.below(8);
    delays = random.below(3) == 0 ? random.below(10) : 0;
    joins = 5 + random.below(15);
    kills = random.below(2) == 0 ? 0 : random.below(6);
    closes = random.below(2) == 0 ? 0 : random.below(8);
    stops = random.below(3) == 0 ? random.below(5) : 0;
    stalls = random.below(3) == 0 ? random.below(5) : 0;
    moves = random.below(2) == 0 ? 0 : random.below(8);
    leaders = random.below(2) == 0 ? 0 : random.below(8);
    crashes = random.below(3) == 0 ? random.below(5) : 0;
    statics = random.below(3) == 0;
    commits = random.below(3) == 0 ? 0 : random.below(30);
    max_poll_interval = std::chrono::seconds(random.below(2) == 0 ? 8 : 30);
  }

  random_source random;
  std::uint64_t refusals = 0, losses = 0, delays = 0;
  std::uint64_t joins = 0, kills = 0, closes = 0, stops = 0, stalls = 0, moves = 0, leaders = 0, crashes = 0,
                commits = 0;
  bool statics = false;
  std::chrono::seconds max_poll_interval{};
};

class group_world : public cluster_fixture {
 public:
  static constexpr std::int32_t partitions = 4;
  static constexpr std::int32_t node_count = 3;
  static constexpr std::size_t members_max = 4;
  static constexpr std::chrono::seconds session_timeout{6};

  group_world(std::uint64_t seed, group_kind what) : group_world(group_plan(seed), what) {}
  group_world(group_plan drawn, group_kind what)
      : cluster_fixture(options()), network(cluster), plan(std::move(drawn)), kind(what) {
    create_topic("t", partitions, node_count);
    for (const api_key key : {api_key::find_coordinator, api_key::join_group, api_key::sync_group, api_key::heartbeat,
                              api_key::leave_group, api_key::consumer_group_heartbeat, api_key::offset_fetch}) {
      cluster.control(key, [this](fake::call& one) { return misfortune(one); });
    }
    cluster.control(api_key::offset_commit, [this](fake::call& one) {
      judge_commit(*one.as<protocol::offset_commit_request>());
      return misfortune(one);
    });
    add_member();
  }

  void run(int steps) {
    for (int step = 0; step < steps && judge.verdict().empty(); ++step) {
      if (chance(30)) write_some();
      if (chance(plan.joins)) add_member();
      if (chance(plan.kills) && !members.empty()) members.erase(members.begin() + pick());
      if (chance(plan.closes) && !members.empty()) members[static_cast<std::size_t>(pick())]->close();
      if (chance(plan.stops)) stop_somebody();
      if (chance(plan.stalls) && !members.empty()) {
        stalled_until[members[static_cast<std::size_t>(pick())]->name()] =
            network.now().steady + std::chrono::seconds(1 + below(12));
      }
      if (chance(plan.commits) && !members.empty()) commit_some(*members[static_cast<std::size_t>(pick())]);
      if (chance(plan.moves)) move_coordinator();
      if (chance(plan.leaders)) move_a_leader();
      if (chance(plan.crashes)) crash_or_start();
      pass(std::chrono::milliseconds(below(1200)));
    }
  }
  /// All is well from here on: the group must come to rest, and everything be read.
  bool heal() {
    healed = true;
    for (std::int32_t node = 1; node <= node_count; ++node) cluster.start_node(node);
    for (const auto& one : members) one->process().set_stopped(false);
    stopped_until.clear();
    stalled_until.clear();
    if (members.empty()) add_member();
    write_some();
    const steady_time end = network.now().steady + 2 * session_timeout;
    while (network.now().steady < end && judge.verdict().empty()) {
      pass(std::chrono::milliseconds(200));
      if (members.empty()) add_member();  // who was refused, because its name was still taken, comes again
      if (is_settled()) return true;
    }
    return is_settled();
  }
  /// What is not as it should be at the end.
  std::string unsettled() {
    for (std::int32_t index = 0; index < partitions; ++index) {
      const topic_partition where{"t", index};
      std::size_t owners = 0;
      for (const auto& one : members) owners += one->reading().contains(where) ? 1U : 0U;
      if (owners != 1) return to_string(where) + " is read by " + std::to_string(owners);
      if (!judge.all_seen(where, partition("t", index).log.end_offset())) return to_string(where) + " is not read";
    }
    for (const auto& one : members) {
      if (one->failure()) return one->name() + ": " + one->failure().message();
    }
    return {};
  }
  bool is_settled() { return unsettled().empty(); }

  /// Runs the network, with the users that do not stand still polling every now and then.
  void pass(std::chrono::milliseconds duration) {
    const steady_time end = network.now().steady + duration;
    while (network.now().steady < end) {
      (void)network.run_until(
          [this] {
            observe();
            return false;
          },
          std::min<std::chrono::milliseconds>(
              std::chrono::milliseconds(100),
              std::chrono::ceil<std::chrono::milliseconds>(end - network.now().steady)));
      poll_all();
    }
  }

  simulated_network network;
  group_plan plan;
  group_kind kind;
  group_judge judge{"g"};
  std::vector<std::unique_ptr<simulated_member>> members;

 private:
  static fake_cluster_options options() {
    fake_cluster_options out = nodes(node_count);
    out.broker_configs = {{"group.initial.rebalance.delay.ms", "500"},
                          {"group.consumer.session.timeout.ms", std::to_string(6000)},
                          {"group.consumer.heartbeat.interval.ms", "1000"}};
    return out;
  }
  std::uint64_t below(std::uint64_t bound) { return plan.random.below(bound); }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  std::ptrdiff_t pick() { return static_cast<std::ptrdiff_t>(below(members.size())); }

  void add_member() {
    if (members.size() >= members_max) return;
    consumer_config config;
    config.group_id = judge.group();
    config.max_poll_interval = plan.max_poll_interval;
    config.auto_commit_interval = std::chrono::milliseconds(300);
    config.connection.request_timeout = std::chrono::seconds(3);
    if (kind == group_kind::consumer) {
      config.group_protocol = group_protocol::consumer;
    } else {
      config.session_timeout = session_timeout;
      config.heartbeat_interval = std::chrono::seconds(1);
      config.assignors = std::string(kind == group_kind::eager ? "range" : "cooperative-sticky");
    }
    if (plan.statics) {
      // The lowest name that nobody bears: who was killed is replaced under its name.
      for (int number = 1; config.group_instance_id.empty(); ++number) {
        const std::string name = "desk-" + std::to_string(number);
        if (!bears(name)) config.group_instance_id = name;
      }
    }
    const std::string name = "m" + std::to_string(++made_);
    names_[name] = config.group_instance_id;
    members.push_back(std::make_unique<simulated_member>(network, std::move(config), 1000 + made_, name));
    members.back()->subscribe({"t"});
  }
  bool bears(const std::string& instance) const {
    return std::any_of(members.begin(), members.end(),
                       [&](const auto& one) { return names_.at(one->name()) == instance; });
  }

  void observe() {
    for (const auto& one : members) {
      one->service();
      // A static member's place is taken over within the generation.
      const std::string& instance = names_.at(one->name());
      for (const topic_partition& where : one->owned()) {
        judge.owns(instance.empty() ? one->name() : instance, one->assigned_in(), where);
      }
    }
    for (std::int32_t index = 0; index < partitions; ++index) {
      const fake::committed_offset* found = cluster.state().offsets().find(judge.group(), {"t", index});
      if (found) judge.stored({"t", index}, found->offset);
    }
  }
  void poll_all() {
    const steady_time now = network.now().steady;
    for (const auto& one : members) {
      const auto stopped = stopped_until.find(one->name());
      if (stopped != stopped_until.end()) {
        if (now < stopped->second) continue;
        one->process().set_stopped(false);
        stopped_until.erase(stopped);
      }
      const auto stalled = stalled_until.find(one->name());
      if (stalled == stalled_until.end() || now >= stalled->second) {
        one->poll();
      } else if (chance(plan.commits / 3)) {
        one->commit_some(1);
      }
      for (const auto& [where, offset] : one->take_processed()) judge.processed(where, offset);
    }
    std::erase_if(members, [&](const auto& one) { return one->has_left() || one->failure(); });
  }

  void judge_commit(const protocol::offset_commit_request& request) {
    for (const auto& one : members) {
      if (one->member_id().empty() || one->member_id() != request.member_id) continue;
      for (const auto& [where, offset] : one->take_processed()) judge.processed(where, offset);
      for (const auto& topic : request.topics) {
        for (const auto& partition : topic.partitions) {
          judge.commits(one->name(), {"t", partition.partition_index}, partition.committed_offset, one->owned(),
                        one->asked_to_store());
        }
      }
    }
  }

  fake::verdict misfortune(const fake::call& one) {
    using fate = fake_verdict::kind;
    if (healed) return {};
    const api_key key = one.header().key;
    if (chance(plan.refusals)) {
      static constexpr broker_errc passing[] = {broker_errc::not_coordinator, broker_errc::coordinator_not_available,
                                                broker_errc::coordinator_load_in_progress};
      if (key == api_key::find_coordinator) return fake_verdict{fate::fail, broker_errc::coordinator_not_available, {}};
      if (key == api_key::offset_fetch && below(2) == 0 && kind == group_kind::consumer) {
        return fake_verdict{fate::fail, broker_errc::stale_member_epoch, {}};
      }
      return fake_verdict{fate::fail, passing[below(std::size(passing))], {}};
    }
    if (chance(plan.losses)) {
      static constexpr fate losses[] = {fate::drop_connection, fate::apply_then_drop};
      return fake_verdict{losses[below(std::size(losses))], {}, {}};
    }
    if (chance(plan.delays)) return fake_verdict{fate::apply_then_delay, {}, std::chrono::milliseconds(below(2500))};
    return {};
  }

  void write_some() {
    const auto index = static_cast<std::int32_t>(below(partitions));
    std::vector<fake_record> made;
    for (std::uint64_t count = 1 + below(5); count > 0; --count) made.push_back({-1, 1000, std::nullopt, "v", {}});
    fake::partition_state& to = partition("t", index);
    to.log.append(fake::make_batch(made, network.now().wall, pool).span(), to.leader_epoch, std::nullopt);
    to.log.set_high_watermark(to.log.end_offset());
    cluster.state().signal(to.changed);
    network.pump();
  }
  void stop_somebody() {
    for (int count = 0; count < 8; ++count) write_some();
    pass(std::chrono::milliseconds(below(150)));
    if (members.empty()) return;
    simulated_member& one = *members[static_cast<std::size_t>(pick())];
    one.process().set_stopped(true);
    const steady_time end = network.now().steady + std::chrono::seconds(1 + below(12));
    stopped_until[one.name()] = end;
    // It may be in the middle of records then: its group comes back to it before it polls.
    if (chance(50)) stalled_until[one.name()] = end + std::chrono::seconds(1 + below(6));
  }
  /// Its user, in the middle of what he polled.
  void commit_some(simulated_member& one) {
    if (!stopped_until.contains(one.name())) one.commit_some(1 + below(3));
  }
  void move_coordinator() {
    const auto to = static_cast<std::int32_t>(1 + below(node_count));
    if (!cluster.state().is_running(to)) return;
    cluster.state().groups().set_loading(judge.group(), network.now().steady + std::chrono::milliseconds(below(3000)));
    cluster.state().set_coordinator(judge.group(), to);
    network.pump();
  }
  void move_a_leader() {
    fake::partition_state& moved = partition("t", static_cast<std::int32_t>(below(partitions)));
    const auto to = static_cast<std::int32_t>(1 + below(node_count));
    if (!cluster.state().is_running(to)) return;
    cluster.state().move_leader(moved, to, std::chrono::milliseconds(below(3000)), network.now());
    network.pump();
  }
  void crash_or_start() {
    const auto node = static_cast<std::int32_t>(1 + below(node_count));
    if (cluster.state().is_running(node)) {
      std::int32_t running = 0;
      for (std::int32_t id = 1; id <= node_count; ++id) running += cluster.state().is_running(id) ? 1 : 0;
      if (running > 1) cluster.stop_node(node);
    } else {
      cluster.start_node(node);
    }
    network.pump();
  }

  std::map<std::string, steady_time> stopped_until;
  std::map<std::string, steady_time> stalled_until;
  std::map<std::string, std::string> names_;  // instance ids
  std::uint64_t made_ = 0;
  bool healed = false;
};

}  // namespace kafka::test
