// SPDX-License-Identifier: Apache-2.0
#include "group/member.hpp"

#include "group/member_bytes.hpp"
#include "support/catch.hpp"

namespace kafka::group {
namespace {

using namespace std::chrono_literals;
using kind = membership_news::kind;
using protocol::heartbeat_request;
using protocol::join_group_request;
using protocol::leave_group_request;
using protocol::sync_group_request;

constexpr steady_time start = steady_time(1h);

member_settings settings_with(const std::string& assignor_name) {
  member_settings out;
  out.group_id = std::string("g");
  out.assignors = {make_assignor(assignor_name)};
  return out;
}

/// A member and the script of what its coordinator says.
class script {
 public:
  explicit script(member_settings settings = settings_with("range")) : self(std::move(settings), 1) {}

  template <class Request>
  Request expect() {
    const auto request = self.next_request(now);
    REQUIRE(request);
    REQUIRE(std::holds_alternative<Request>(*request));
    return std::get<Request>(*request);
  }
  void expect_silence() { REQUIRE_FALSE(self.next_request(now)); }
  bool answer(const member_response& response) { return self.on_reply(response, {}, "b:1 (id 1)", now); }
  bool answer_join(broker_errc code, const std::string& id, const std::string& leader = "other",
                   std::vector<protocol::join_group_response::member> members = {}) {
    protocol::join_group_response out;
    out.error_code = static_cast<std::int16_t>(code);
    out.member_id = id;
    out.leader = leader;
    out.generation_id = code == broker_errc::none ? ++generation : -1;
    out.protocol_name = std::string(self.settings().assignors[0]->name());
    out.members = std::move(members);
    return answer(out);
  }
  bool answer_sync(const std::vector<std::int32_t>& partitions, broker_errc code = broker_errc::none) {
    member_assignment got;
    for (const std::int32_t one : partitions) got.partitions.push_back({"t", one});
    protocol::sync_group_response out;
    out.error_code = static_cast<std::int16_t>(code);
    out.assignment = assignment_bytes(got);
    return answer(out);
  }
  bool answer_heartbeat(broker_errc code) {
    protocol::heartbeat_response out;
    out.error_code = static_cast<std::int16_t>(code);
    return answer(out);
  }
  /// In the group as a follower, with these partitions.
  void join(const std::vector<std::int32_t>& partitions) {
    self.subscribe({"t"}, now);
    self.polled(now);
    expect<join_group_request>();
    answer_join(broker_errc::none, "me");
    expect<sync_group_request>();
    answer_sync(partitions);
    REQUIRE(self.is_stable());
  }
  /// The next piece of news, which must be of this kind: its partitions.
  std::vector<std::int32_t> news(kind what) {
    for (membership_news& one : self.take_news()) waiting.push_back(std::move(one));
    REQUIRE_FALSE(waiting.empty());
    REQUIRE(waiting.front().what == what);
    std::vector<std::int32_t> out;
    for (const topic_partition& one : waiting.front().partitions) out.push_back(one.partition);
    why = waiting.front().why;
    waiting.erase(waiting.begin());
    return out;
  }

  member self;
  steady_time now = start;
  std::int32_t generation = 0;
  std::vector<membership_news> waiting;
  error why;
};

using partitions = std::vector<std::int32_t>;

TEST_CASE("a member joins only when it is subscribed and polled, by the id that the coordinator gave it") {
  script group;
  group.expect_silence();
  group.self.subscribe({"t"}, group.now);
  group.expect_silence();
  group.self.polled(group.now);
  REQUIRE(group.expect<join_group_request>().member_id.empty());
  group.answer_join(broker_errc::member_id_required, "me");
  REQUIRE(group.expect<join_group_request>().member_id == "me");
  group.answer_join(broker_errc::none, "me");
  const auto sync = group.expect<sync_group_request>();
  REQUIRE(sync.generation_id == 1);
  REQUIRE(sync.assignments.empty());
  group.answer_sync({0, 2});
  REQUIRE(group.news(kind::assigned) == partitions{0, 2});
}

TEST_CASE("the leader divides what all members subscribe to, once it knows all their topics") {
  script group;
  group.self.subscribe({"t"}, group.now);
  group.self.polled(group.now);
  group.expect<join_group_request>();
  subscribed_member other;
  other.topics = {"t", "u"};
  std::vector<protocol::join_group_response::member> members(2);
  members[0].member_id = "me";
  members[0].metadata = subscription_bytes({.member_id = "me", .topics = {"t"}});
  members[1].member_id = "you";
  members[1].metadata = subscription_bytes(other);
  group.answer_join(broker_errc::none, "me", "me", members);
  REQUIRE(group.self.needs_topics());
  group.expect_silence();
  REQUIRE(group.self.wanted_topics() == std::set<std::string>{"t", "u"});
  group.self.set_topics({{"t", {.partitions = 4}}, {"u", {.partitions = 1}}}, true, group.now);
  const auto sync = group.expect<sync_group_request>();
  REQUIRE(sync.assignments.size() == 2);
  std::size_t given = 0;
  for (const auto& one : sync.assignments) {
    member_assignment read;
    REQUIRE_FALSE(read_assignment(one.assignment, read));
    given += read.partitions.size();
  }
  REQUIRE(given == 5);
}

TEST_CASE("a leader calls for another assignment when a topic grows") {
  script group;
  group.self.subscribe({"t"}, group.now);
  group.self.polled(group.now);
  group.expect<join_group_request>();
  std::vector<protocol::join_group_response::member> members(1);
  members[0].member_id = "me";
  members[0].metadata = subscription_bytes({.member_id = "me", .topics = {"t"}});
  group.answer_join(broker_errc::none, "me", "me", members);
  group.self.set_topics({{"t", {.partitions = 1}}}, true, group.now);
  group.expect<sync_group_request>();
  group.answer_sync({0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  group.self.set_topics({{"t", {.partitions = 1}}}, true, group.now);
  REQUIRE(group.self.is_stable());
  group.self.set_topics({{"t", {.partitions = 2}}}, true, group.now);
  REQUIRE(group.news(kind::revoking) == partitions{0});
}

/// What the assignor of the leader was told last. Gives nothing to anybody.
class watching_assignor final : public assignor {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "watching"; }
  [[nodiscard]] group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) override {
    seen_topics = topics;
    seen_members = members;
    group_assignment out;
    for (const auto& one : members) out[one.member_id];
    return out;
  }

  std::map<std::string, assignor_topic> seen_topics;
  std::vector<subscribed_member> seen_members;
};

using told_topics = std::map<std::string, assignor_topic>;

/// A leader, in a rack or in none, and another member, likewise.
struct racks_script : script {
  explicit racks_script(const std::shared_ptr<watching_assignor>& used, std::optional<std::string> mine,
                        std::optional<std::string> theirs, bool fixed = false)
      : script(settings(used, mine, fixed)) {
    self.subscribe({"t"}, now);
    self.polled(now);
    const auto join = expect<join_group_request>();
    std::vector<protocol::join_group_response::member> members(2);
    members[0].member_id = "me";
    members[0].metadata = join.protocols.at(0).metadata;
    members[1].member_id = "you";
    members[1].metadata = subscription_bytes({.member_id = "you", .rack = std::move(theirs), .topics = {"t", "u"}});
    joined = members;
  }
  static member_settings settings(const std::shared_ptr<watching_assignor>& used, std::optional<std::string> rack,
                                  bool fixed) {
    member_settings out;
    out.group_id = std::string("g");
    out.rack = std::move(rack);
    if (fixed) out.instance_id = "desk-7";
    out.assignors = {used};
    return out;
  }
  /// Until it has its assignment.
  void lead(const told_topics& topics) {
    answer_join(broker_errc::none, "me", "me", joined);
    REQUIRE(self.needs_topics());
    REQUIRE(self.wants_racks());
    self.set_topics(topics, true, now);
    expect<sync_group_request>();
    answer_sync({});
    REQUIRE(self.is_stable());
  }
  [[nodiscard]] bool rejoins() {
    const auto request = self.next_request(now);
    return request && std::holds_alternative<join_group_request>(*request);
  }

  std::vector<protocol::join_group_response::member> joined;
};

TEST_CASE("the leader's assignor hears in which racks members and replicas are") {
  const auto used = std::make_shared<watching_assignor>();
  racks_script group(used, "west", std::nullopt);
  REQUIRE_FALSE(group.self.wants_racks());
  const told_topics topics{{"t", {.partitions = 2, .racks = {{"west"}, {"north", "west"}}}}, {"u", {.partitions = 1}}};
  group.lead(topics);
  REQUIRE(used->seen_topics == topics);
  REQUIRE(used->seen_members.size() == 2);
  REQUIRE(used->seen_members[0].rack == "west");
  REQUIRE_FALSE(used->seen_members[1].rack);
}

TEST_CASE("a leader calls for another assignment when replicas come to other racks, if racks matter to any member") {
  const auto [mine, theirs, matters] = GENERATE(table<const char*, const char*, bool>(
      {{"west", nullptr, true}, {nullptr, "north", true}, {nullptr, nullptr, false}, {nullptr, "", false}}));
  const auto text = [](const char* from) { return from ? std::optional<std::string>(from) : std::nullopt; };
  const auto used = std::make_shared<watching_assignor>();
  racks_script group(used, text(mine), text(theirs));
  told_topics topics{{"t", {.partitions = 2, .racks = {{"west"}, {"north"}}}}};
  group.lead(topics);
  group.self.set_topics(topics, true, group.now);
  REQUIRE_FALSE(group.rejoins());
  topics["t"].racks[1] = {"north", "west"};
  group.self.set_topics(topics, false, group.now);  // not all is known: the change may be more than that
  REQUIRE_FALSE(group.rejoins());
  group.self.set_topics(topics, true, group.now);
  REQUIRE(group.rejoins() == matters);
}

TEST_CASE("a change of racks while the assignment is on its way is not forgotten") {
  const auto used = std::make_shared<watching_assignor>();
  racks_script group(used, "west", "north");
  told_topics topics{{"t", {.partitions = 1, .racks = {{"west"}}}}};
  group.answer_join(broker_errc::none, "me", "me", group.joined);
  group.self.set_topics(topics, true, group.now);
  group.expect<sync_group_request>();
  topics["t"].racks[0] = {"north"};
  group.self.set_topics(topics, true, group.now);
  group.answer_sync({});
  REQUIRE(group.rejoins());
}

TEST_CASE("a static leader that came back watches the topics of all members from what it is told next") {
  const auto used = std::make_shared<watching_assignor>();
  racks_script group(used, "west", "north", true);
  group.self.set_topics({{"t", {.partitions = 1}}}, true, group.now);  // a member that leads nobody hears of no racks
  protocol::join_group_response back;
  back.member_id = back.leader = "me";
  back.generation_id = 3;
  back.protocol_name = "watching";
  back.skip_assignment = true;
  back.members = group.joined;
  group.answer(back);
  group.expect<sync_group_request>();
  group.answer_sync({0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  REQUIRE(group.self.is_stable());
  REQUIRE(group.self.needs_topics());
  REQUIRE(group.self.wants_racks());
  REQUIRE(group.self.wanted_topics() == std::set<std::string>{"t", "u"});
  told_topics topics{{"t", {.partitions = 1, .racks = {{"west"}}}}, {"u", {.partitions = 1, .racks = {{"west"}}}}};
  group.self.set_topics(topics, false, group.now);
  REQUIRE(group.self.needs_topics());
  group.self.set_topics(topics, true, group.now);
  REQUIRE_FALSE(group.self.needs_topics());
  REQUIRE(group.self.is_stable());
  topics["u"].racks[0] = {"north"};
  group.self.set_topics(topics, true, group.now);
  REQUIRE(group.news(kind::revoking) == partitions{0});
  REQUIRE(used->seen_members.empty());
}

TEST_CASE("heartbeats keep the interval, and tell of a rebalance") {
  script group;
  group.join({0, 1});
  REQUIRE(group.news(kind::assigned) == partitions{0, 1});
  group.expect_silence();
  REQUIRE(group.self.deadline() == start + 3s);
  group.now += 3s;
  REQUIRE(group.expect<heartbeat_request>().member_id == "me");
  group.answer_heartbeat(broker_errc::rebalance_in_progress);
  // Eager: everything is given up before the member joins again.
  REQUIRE(group.news(kind::revoking) == partitions{0, 1});
  group.expect_silence();
  group.now += 3s;
  group.expect<heartbeat_request>();  // the user may take its time: the place is kept
  group.answer_heartbeat(broker_errc::rebalance_in_progress);
  group.self.revoked(group.now);
  REQUIRE(group.expect<join_group_request>().member_id == "me");
}

TEST_CASE("a cooperative member keeps what stays, gives up the rest and joins once more") {
  script group(settings_with("cooperative-sticky"));
  group.join({0, 1, 2});
  REQUIRE(group.news(kind::assigned) == partitions{0, 1, 2});
  group.now += 3s;
  group.expect<heartbeat_request>();
  group.answer_heartbeat(broker_errc::rebalance_in_progress);
  const auto join = group.expect<join_group_request>();  // nothing was revoked
  const subscribed_member said = read_subscription("me", {}, join.protocols[0].metadata);
  REQUIRE(said.owned.size() == 3);
  group.answer_join(broker_errc::none, "me");
  group.expect<sync_group_request>();
  group.answer_sync({0, 1});
  REQUIRE(group.news(kind::assigned).empty());
  REQUIRE(group.news(kind::revoking) == partitions{2});
  group.self.revoked(group.now);
  REQUIRE(group.self.assigned().size() == 2);
  group.expect<join_group_request>();
}

TEST_CASE("a member that the group does not know has lost its partitions, and joins as a new one") {
  const broker_errc code = GENERATE(broker_errc::unknown_member_id, broker_errc::illegal_generation);
  script group;
  group.join({0, 1});
  REQUIRE(group.news(kind::assigned) == partitions{0, 1});
  group.now += 3s;
  group.expect<heartbeat_request>();
  group.answer_heartbeat(code);
  REQUIRE(group.news(kind::lost) == partitions{0, 1});
  REQUIRE(group.why == code);
  REQUIRE(group.expect<join_group_request>().member_id == (code == broker_errc::unknown_member_id ? "" : "me"));
}

TEST_CASE("who does not poll in time leaves, loses everything, and joins again with the next poll") {
  script group;
  group.join({0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  group.now += 5min;
  REQUIRE(group.expect<leave_group_request>().member_id == "me");
  REQUIRE(group.news(kind::lost) == partitions{0});
  REQUIRE(group.why.message().find("max.poll.interval.ms") != std::string::npos);
  group.answer(protocol::leave_group_response{});
  group.expect_silence();
  group.self.polled(group.now);
  REQUIRE(group.expect<join_group_request>().member_id.empty());
}

TEST_CASE("a coordinator that knows no member, whoever asks, is asked with pauses") {
  script group;
  group.self.subscribe({"t"}, group.now);
  group.self.polled(group.now);
  for (int round = 0; round < 6; ++round) {
    group.now = std::max(group.now, group.self.deadline());
    group.expect<join_group_request>();
    group.answer_join(broker_errc::unknown_member_id, "");
  }
  REQUIRE(group.now - start > 1s);
}

TEST_CASE("who does not poll in time loses everything even while no coordinator is known") {
  script group;
  group.join({0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  REQUIRE(group.self.expiry() == start + 5min);
  group.now += 5min;
  group.self.expire(group.now);
  REQUIRE(group.news(kind::lost) == partitions{0});
}

TEST_CASE("a fenced member is told so and does not come back") {
  member_settings settings = settings_with("range");
  settings.instance_id = "desk-7";
  script group(settings);
  group.join({0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  group.now += 3s;
  group.expect<heartbeat_request>();
  group.answer_heartbeat(broker_errc::fenced_instance_id);
  REQUIRE(group.news(kind::lost) == partitions{0});
  REQUIRE(group.news(kind::failed).empty());
  REQUIRE(group.why == broker_errc::fenced_instance_id);
  group.self.polled(group.now);
  group.expect_silence();
}

TEST_CASE("leaving tells the coordinator, unless the place is kept for a static member's return") {
  script dynamic;
  dynamic.join({0});
  REQUIRE(dynamic.news(kind::assigned) == partitions{0});
  dynamic.self.leave(dynamic.now);
  dynamic.self.revoked(dynamic.now);
  dynamic.expect<leave_group_request>();
  REQUIRE_FALSE(dynamic.self.is_gone());
  dynamic.answer(protocol::leave_group_response{});
  REQUIRE(dynamic.self.is_gone());

  member_settings settings = settings_with("range");
  settings.instance_id = "desk-7";
  script fixed(settings);
  fixed.join({0});
  fixed.self.leave(fixed.now);
  fixed.self.revoked(fixed.now);
  fixed.expect_silence();
  REQUIRE(fixed.self.is_gone());
}

TEST_CASE("a coordinator that moved is asked for anew, and the request sent again after a pause") {
  script group;
  group.join({0});
  group.now += 3s;
  group.expect<heartbeat_request>();
  REQUIRE(group.answer_heartbeat(broker_errc::not_coordinator));
  REQUIRE(group.self.assigned().size() == 1);
  group.now += 3s;
  group.expect<heartbeat_request>();
  REQUIRE(group.self.on_reply({}, {client_errc::connection_lost, "gone"}, "b:1", group.now));
  REQUIRE(group.self.assigned().size() == 1);
}

/// Gives everything to everybody.
class greedy_assignor final : public assignor {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "greedy"; }
  [[nodiscard]] group_assignment assign(const std::map<std::string, assignor_topic>& topics,
                                        const std::vector<subscribed_member>& members) override {
    group_assignment out;
    for (const auto& one : members) {
      for (const auto& [name, topic] : topics) out[one.member_id].partitions.push_back({name, 0});
    }
    return out;
  }
};

TEST_CASE("an assignor that gives a partition to two members ends the matter before anybody reads it") {
  member_settings settings = settings_with("range");
  settings.assignors = {std::make_shared<greedy_assignor>()};
  script group(settings);
  group.self.subscribe({"t"}, group.now);
  group.self.polled(group.now);
  group.expect<join_group_request>();
  std::vector<protocol::join_group_response::member> members(2);
  members[0].member_id = "me";
  members[1].member_id = "you";
  for (auto& one : members) one.metadata = subscription_bytes({.member_id = one.member_id, .topics = {"t"}});
  group.answer_join(broker_errc::none, "me", "me", members);
  group.self.set_topics({{"t", {.partitions = 1}}}, true, group.now);
  group.expect_silence();
  REQUIRE(group.news(kind::failed).empty());
  REQUIRE(group.why.message().find("given to two members") != std::string::npos);
}

TEST_CASE("a rebalance during SyncGroup begins anew") {
  script group;
  group.self.subscribe({"t"}, group.now);
  group.self.polled(group.now);
  group.expect<join_group_request>();
  group.answer_join(broker_errc::none, "me");
  group.expect<sync_group_request>();
  group.answer_sync({}, broker_errc::rebalance_in_progress);
  group.expect<join_group_request>();
}

TEST_CASE("subscriptions of other programs that cannot be read count as empty") {
  const subscribed_member read = read_subscription("you", "desk-1", shared_bytes::copy_of("\x7f"));
  REQUIRE(read.member_id == "you");
  REQUIRE(read.instance_id == "desk-1");
  REQUIRE(read.topics.empty());
  member_assignment none;
  REQUIRE(read_assignment(shared_bytes::copy_of(std::string_view("\x00\x01\xff\xff", 4)), none));
}

}  // namespace
}  // namespace kafka::group
