// SPDX-License-Identifier: Apache-2.0
#include "group/consumer_member.hpp"

#include "support/catch.hpp"

namespace kafka::group {
namespace {

using namespace std::chrono_literals;
using kind = membership_news::kind;
using request = protocol::consumer_group_heartbeat_request;
using response = protocol::consumer_group_heartbeat_response;
using partitions = std::vector<std::int32_t>;

constexpr steady_time start = steady_time(1h);
const uuid topic_t{{1}};
const uuid topic_u{{2}};

member_settings settings_of_group() {
  member_settings out;
  out.group_id = std::string("g");
  out.rack = std::string("here");
  out.remote_assignor = std::string("uniform");
  return out;
}

member_settings static_settings() {
  member_settings out = settings_of_group();
  out.instance_id = std::string("desk-7");
  return out;
}

/// A member and the script of what its coordinator says.
class script {
 public:
  explicit script(member_settings settings = settings_of_group()) : self(std::move(settings), 1) {
    self.set_names({{topic_t, "t"}});
  }

  request expect() {
    const auto asked = self.next_request(now);
    REQUIRE(asked);
    REQUIRE(std::holds_alternative<request>(*asked));
    return std::get<request>(*asked);
  }
  void expect_silence() { REQUIRE_FALSE(self.next_request(now)); }
  bool answer(const response& said) { return self.on_reply(said, {}, "b:1 (id 1)", now); }
  bool answer(broker_errc code) {
    response out;
    out.error_code = static_cast<std::int16_t>(code);
    out.error_message = std::string("because");
    return answer(out);
  }
  /// What this member should own, if the answer says; of "t".
  bool accept(std::int32_t epoch, const std::optional<partitions>& target = {}) {
    response out;
    out.member_id = self.member_id();
    out.member_epoch = epoch;
    out.heartbeat_interval_ms = 5000;
    if (target) {
      out.assignment.emplace();
      if (!target->empty()) out.assignment->topic_partitions.push_back({topic_t, *target, {}});
    }
    return answer(out);
  }
  bool lose_answer() { return self.on_reply({}, {client_errc::connection_lost, "gone"}, "b:1 (id 1)", now); }
  request join_asked() {
    self.subscribe({"t"}, now);
    self.polled(now);
    return expect();
  }
  /// In the group, with these partitions, all told.
  void join(const partitions& owned, std::int32_t epoch = 1) {
    join_asked();
    accept(epoch, owned);
    REQUIRE(news(kind::assigned) == owned);
    if (!owned.empty()) {
      REQUIRE(expect().topic_partitions);
      accept(epoch);
    }
    expect_silence();
  }
  request heartbeat() {
    now += 5s;
    return expect();
  }
  partitions news(kind what) {
    for (membership_news& one : self.take_news()) waiting.push_back(std::move(one));
    REQUIRE_FALSE(waiting.empty());
    REQUIRE(waiting.front().what == what);
    partitions out;
    for (const topic_partition& one : waiting.front().partitions) out.push_back(one.partition);
    why = waiting.front().why;
    waiting.erase(waiting.begin());
    return out;
  }
  void no_news() {
    REQUIRE(waiting.empty());
    REQUIRE(self.take_news().empty());
  }
  static partitions owned_in(const request& said) {
    REQUIRE(said.topic_partitions);
    return said.topic_partitions->empty() ? partitions() : said.topic_partitions->at(0).partitions;
  }

  consumer_member self;
  steady_time now = start;
  std::vector<membership_news> waiting;
  error why;
};

TEST_CASE("a member joins when it is subscribed and polled, by an id of its own making, and says all of itself") {
  script group;
  group.self.subscribe({"t"}, group.now);
  group.expect_silence();
  group.self.polled(group.now);
  const request said = group.expect();
  REQUIRE(said.member_id.size() == 22);
  REQUIRE(uuid::parse(said.member_id));
  REQUIRE(said.member_id != consumer_member(settings_of_group(), 2).settings().group_id);
  REQUIRE(said.member_epoch == 0);
  REQUIRE(said.rack_id == "here");
  REQUIRE(said.server_assignor == "uniform");
  REQUIRE(said.rebalance_timeout_ms == 300'000);
  REQUIRE(said.subscribed_topic_names == std::vector<std::string>{"t"});
  REQUIRE_FALSE(said.subscribed_topic_regex);
  REQUIRE(said.topic_partitions == std::vector<request::topic>{});
  REQUIRE(group.self.generation() < 0);
  REQUIRE(group.self.member_id().empty());
  group.accept(3, partitions{0, 2});
  REQUIRE(group.self.generation() == 3);
  REQUIRE(group.self.member_id() == said.member_id);
  REQUIRE(group.news(kind::assigned) == partitions{0, 2});
}

TEST_CASE("what was taken is acknowledged at once, and later heartbeats say only what changed") {
  script group;
  group.join_asked();
  group.accept(1, partitions{0, 1});
  const request said = group.expect();
  REQUIRE(said.member_epoch == 1);
  REQUIRE(script::owned_in(said) == partitions{0, 1});
  REQUIRE_FALSE(said.subscribed_topic_names);
  REQUIRE(said.rebalance_timeout_ms == -1);
  group.accept(1);
  group.expect_silence();
  REQUIRE(group.self.deadline() == start + 5s);
  const request next = group.heartbeat();
  REQUIRE_FALSE(next.topic_partitions);
  REQUIRE_FALSE(next.rack_id);
  REQUIRE_FALSE(next.server_assignor);
}

TEST_CASE("the broker says how often it wants to hear of its members") {
  script group;
  group.join({});
  group.heartbeat();
  response said;
  said.member_epoch = 1;
  said.heartbeat_interval_ms = 700;
  group.answer(said);
  REQUIRE(group.self.deadline() == group.now + 700ms);
}

TEST_CASE("a first assignment of nothing is news, and needs no acknowledgement") {
  script group;
  group.join_asked();
  group.accept(1, partitions{});
  REQUIRE(group.news(kind::assigned).empty());
  group.expect_silence();
}

TEST_CASE("what others get is given up first, with heartbeats going on, and said only when it is done") {
  script group;
  group.join({0, 1, 2});
  group.heartbeat();
  group.accept(1, partitions{0, 1});
  REQUIRE(group.news(kind::revoking) == partitions{2});
  group.no_news();
  group.expect_silence();
  REQUIRE(group.self.is_stable());  // commits go on in the name of the present epoch
  REQUIRE(group.self.generation() == 1);
  const request meanwhile = group.heartbeat();
  REQUIRE((!meanwhile.topic_partitions || script::owned_in(meanwhile) == partitions{0, 1, 2}));
  group.accept(1);
  group.self.revoked(group.now);
  const request said = group.expect();
  REQUIRE(script::owned_in(said) == partitions{0, 1});
  REQUIRE(group.self.assigned().size() == 2);
  group.accept(2, partitions{0, 1, 3});
  REQUIRE(group.self.generation() == 2);
  REQUIRE(group.news(kind::assigned) == partitions{3});
  REQUIRE(script::owned_in(group.expect()) == partitions{0, 1, 3});
}

TEST_CASE("a target that changes while the user gives partitions up counts when that is done") {
  script group;
  group.join({0, 1});
  group.heartbeat();
  group.accept(1, partitions{0});
  REQUIRE(group.news(kind::revoking) == partitions{1});
  group.heartbeat();
  group.accept(1, partitions{0, 1});
  group.no_news();
  group.self.revoked(group.now);
  REQUIRE(group.news(kind::assigned) == partitions{1});
  REQUIRE(script::owned_in(group.expect()) == partitions{0, 1});
}

TEST_CASE("partitions of topics whose name is not known yet are waited for, and not acknowledged before") {
  script group;
  group.join_asked();
  response said;
  said.member_epoch = 1;
  said.heartbeat_interval_ms = 5000;
  said.assignment.emplace();
  said.assignment->topic_partitions.push_back({topic_t, {0}, {}});
  said.assignment->topic_partitions.push_back({topic_u, {4}, {}});
  group.answer(said);
  REQUIRE(group.self.wanted_ids() == std::set<uuid>{topic_u});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  REQUIRE(group.expect().topic_partitions->size() == 1);
  group.accept(1);
  group.self.set_names({{topic_u, "u"}});
  REQUIRE(group.self.wanted_ids().empty());
  REQUIRE(group.news(kind::assigned) == partitions{4});
  REQUIRE(group.expect().topic_partitions->size() == 2);
}

TEST_CASE("what was never owned and is taken away again is said not to be owned") {
  script group;
  group.join_asked();
  response said;
  said.member_epoch = 1;
  said.assignment.emplace();
  said.assignment->topic_partitions.push_back({topic_u, {4}, {}});
  group.answer(said);
  REQUIRE(group.expect().topic_partitions->empty());
  group.accept(1);
  group.expect_silence();
  group.heartbeat();
  group.accept(1, partitions{});
  REQUIRE(group.expect().topic_partitions->empty());
}

TEST_CASE("a heartbeat that may not have arrived is followed by one that says all, under the same epoch") {
  script group;
  group.join({0});
  group.heartbeat();
  SECTION("no answer") {
    REQUIRE(group.lose_answer());
  }
  SECTION("another coordinator") {
    REQUIRE(group.answer(broker_errc::not_coordinator));
  }
  SECTION("a coordinator that loads") {
    REQUIRE_FALSE(group.answer(broker_errc::coordinator_load_in_progress));
  }
  group.expect_silence();
  const request said = group.heartbeat();
  REQUIRE(said.member_epoch == 1);
  REQUIRE(said.rebalance_timeout_ms == 300'000);
  REQUIRE(said.subscribed_topic_names);
  REQUIRE(script::owned_in(said) == partitions{0});
  group.accept(1, partitions{0});
  group.no_news();
  group.expect_silence();
}

TEST_CASE("a member that is fenced or not known has lost everything, and joins again by the same id") {
  const broker_errc code =
      GENERATE(broker_errc::fenced_member_epoch, broker_errc::unknown_member_id, broker_errc::group_id_not_found);
  script group;
  group.join({0, 1});
  const request last = group.heartbeat();
  REQUIRE_FALSE(group.answer(code));
  REQUIRE(group.news(kind::lost) == partitions{0, 1});
  REQUIRE(group.why == code);
  REQUIRE(group.self.generation() < 0);
  const request said = group.expect();
  REQUIRE(said.member_epoch == 0);
  REQUIRE(said.member_id == last.member_id);
  REQUIRE(said.topic_partitions->empty());
  group.accept(7, partitions{1});
  REQUIRE(group.news(kind::assigned) == partitions{1});
}

TEST_CASE("a join that goes wrong again and again is tried with pauses") {
  script group;
  group.join_asked();
  steady_time last = group.now;
  for (int round = 0; round < 5; ++round) {
    group.answer(broker_errc::unknown_member_id);
    group.expect_silence();
    REQUIRE(group.self.deadline() > last);
    last = group.now = group.self.deadline();
    REQUIRE(group.expect().member_epoch == 0);
  }
  REQUIRE(group.now - start > 1s);
}

TEST_CASE("a former self that the coordinator still knows is let go before the member joins") {
  script group;
  group.join_asked();
  group.answer(broker_errc::fenced_member_epoch);
  group.now = group.self.deadline();
  REQUIRE(group.expect().member_epoch == -1);
  group.answer(broker_errc::none);
  REQUIRE(group.expect().member_epoch == 0);
  group.accept(4, partitions{0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
}

TEST_CASE("an instance id that is taken ends the matter, unless it may be by ourselves") {
  script other(static_settings());
  other.join_asked();
  other.answer(broker_errc::unreleased_instance_id);
  REQUIRE(other.news(kind::failed).empty());
  REQUIRE(other.why == broker_errc::unreleased_instance_id);
  REQUIRE(other.why.message().find("because") != std::string::npos);

  script own(static_settings());
  own.join_asked();
  own.lose_answer();
  own.now = own.self.deadline();
  REQUIRE(own.expect().member_epoch == 0);
  own.answer(broker_errc::unreleased_instance_id);
  own.now = own.self.deadline();
  REQUIRE(own.expect().member_epoch == -2);
  SECTION("it was") {
    own.answer(broker_errc::none);
    REQUIRE(own.expect().member_epoch == 0);
  }
  SECTION("it was not") {
    own.answer(broker_errc::fenced_instance_id);
    REQUIRE(own.news(kind::failed).empty());
    REQUIRE(own.why == broker_errc::unreleased_instance_id);
  }
}

TEST_CASE("what the group will never allow is told, and the member does not come back") {
  const broker_errc code = GENERATE(broker_errc::fenced_instance_id, broker_errc::unsupported_assignor,
                                    broker_errc::group_max_size_reached, broker_errc::invalid_request,
                                    broker_errc::invalid_regular_expression, broker_errc::group_authorization_failed,
                                    broker_errc::topic_authorization_failed, broker_errc::unsupported_version);
  script group;
  group.join({0});
  group.heartbeat();
  group.answer(code);
  REQUIRE(group.news(kind::lost) == partitions{0});
  REQUIRE(group.news(kind::failed).empty());
  REQUIRE(group.why == code);
  REQUIRE(group.self.is_gone());
  group.self.polled(group.now);
  group.expect_silence();
}

TEST_CASE("a broker without such groups, and a group of the other protocol, are told") {
  script group;
  group.join_asked();
  SECTION("broker") {
    (void)group.self.on_reply({}, {client_errc::unsupported_version, "old"}, "b:1", group.now);
    REQUIRE(group.news(kind::failed).empty());
    REQUIRE(group.why == client_errc::unsupported_version);
  }
  SECTION("group") {
    group.answer(broker_errc::group_id_not_found);
    REQUIRE(group.news(kind::failed).empty());
    REQUIRE(group.why == broker_errc::group_id_not_found);
  }
}

TEST_CASE("who does not poll in time leaves the group, loses everything, and joins with the next poll") {
  const bool is_static = GENERATE(false, true);
  script group(is_static ? static_settings() : settings_of_group());
  group.join({0});
  group.now = start + 5min;
  group.self.expire(group.now);  // no coordinator needs to be known for that
  REQUIRE(group.news(kind::lost) == partitions{0});
  REQUIRE(group.why == client_errc::timed_out);
  REQUIRE(group.self.generation() < 0);
  REQUIRE(group.expect().member_epoch == (is_static ? -2 : -1));
  group.answer(broker_errc::none);
  group.expect_silence();
  group.self.polled(group.now);
  REQUIRE(group.expect().member_epoch == 0);
}

TEST_CASE("the time between polls counts from the last of them") {
  script group;
  group.join({0});
  group.now += 4min;
  group.self.polled(group.now);
  REQUIRE(group.self.expiry() == group.now + 5min);
  group.now += 4min;
  group.self.expire(group.now);
  group.no_news();
}

TEST_CASE("leaving gives everything up, then says so, for good or for a while") {
  const bool is_static = GENERATE(false, true);
  script group(is_static ? static_settings() : settings_of_group());
  group.join({0, 1});
  group.self.leave(group.now);
  REQUIRE(group.news(kind::revoking) == partitions{0, 1});
  group.expect_silence();
  group.self.revoked(group.now);
  const request said = group.expect();
  REQUIRE(said.member_epoch == (is_static ? -2 : -1));
  REQUIRE_FALSE(said.topic_partitions);
  REQUIRE_FALSE(group.self.is_gone());
  group.answer(broker_errc::none);
  REQUIRE(group.self.is_gone());
}

TEST_CASE("a coordinator that does not hear of the leaving is asked a few times, not for ever") {
  script group;
  group.join({});
  group.self.leave(group.now);
  REQUIRE(group.expect().member_epoch == -1);
  REQUIRE(group.answer(broker_errc::not_coordinator));
  group.now = group.self.deadline();
  REQUIRE(group.expect().member_epoch == -1);
  REQUIRE(group.lose_answer());
  group.now = group.self.deadline();
  REQUIRE(group.expect().member_epoch == -1);
  (void)group.lose_answer();
  REQUIRE(group.self.is_gone());
}

TEST_CASE("who leaves while its join is under way says so as soon as that is answered") {
  script group;
  group.join_asked();
  group.self.leave(group.now);
  group.expect_silence();
  group.accept(1, partitions{0});
  group.no_news();
  REQUIRE(group.expect().member_epoch == -1);
  group.answer(broker_errc::none);
  REQUIRE(group.self.is_gone());
}

TEST_CASE("who never joined is gone without a word") {
  script group;
  group.self.subscribe({"t"}, group.now);
  group.self.leave(group.now);
  REQUIRE(group.self.is_gone());
}

TEST_CASE("unsubscribing leaves, subscribing again joins, and another topic is told at once") {
  script group;
  group.join({0});
  group.self.subscribe({"t", "u"}, group.now);
  const request more = group.expect();
  REQUIRE(more.subscribed_topic_names == std::vector<std::string>{"t", "u"});
  REQUIRE_FALSE(more.topic_partitions);
  group.accept(2);
  group.self.subscribe({}, group.now);
  REQUIRE(group.news(kind::revoking) == partitions{0});
  group.self.revoked(group.now);
  REQUIRE(group.expect().member_epoch == -1);
  group.answer(broker_errc::none);
  group.expect_silence();
  group.self.subscribe({"t"}, group.now);
  REQUIRE(group.expect().member_epoch == 0);
}

TEST_CASE("a pattern is the coordinator's to match, and taken back when names follow it") {
  script group;
  REQUIRE(group.self.subscribe_matching("t.*", group.now));
  group.self.polled(group.now);
  const request said = group.expect();
  REQUIRE(said.subscribed_topic_regex == "t.*");
  REQUIRE(said.subscribed_topic_names == std::vector<std::string>{});
  group.accept(1, partitions{0});
  REQUIRE(group.news(kind::assigned) == partitions{0});
  group.expect();
  group.accept(1);
  group.self.subscribe({"t"}, group.now);
  const request names = group.expect();
  REQUIRE(names.subscribed_topic_regex == "");
  REQUIRE(names.subscribed_topic_names == std::vector<std::string>{"t"});
}

TEST_CASE("a broker that cannot match has somebody else do it") {
  script group;
  REQUIRE(group.self.subscribe_matching("t.*", group.now));
  group.self.polled(group.now);
  group.expect();
  (void)group.self.on_reply({}, {client_errc::value_not_encodable, "SubscribedTopicRegex"}, "b:1", group.now);
  group.no_news();
  group.expect_silence();
  group.self.subscribe({"t"}, group.now);
  const request said = group.expect();
  REQUIRE_FALSE(said.subscribed_topic_regex);
  REQUIRE(said.subscribed_topic_names == std::vector<std::string>{"t"});
}

TEST_CASE("a commit under an old epoch has the member ask for the new one, one of a stranger has it join again") {
  script group;
  group.join({0});
  group.self.on_commit_refused(broker_errc::stale_member_epoch, group.now);
  REQUIRE(group.expect().member_epoch == 1);
  group.accept(2);
  group.no_news();
  group.self.on_commit_refused(broker_errc::unknown_member_id, group.now);
  REQUIRE(group.news(kind::lost) == partitions{0});
  REQUIRE(group.expect().member_epoch == 0);
}

TEST_CASE("a topic that was made again under its name is given up before its successor is taken") {
  script group;
  group.join({0});
  group.self.set_names({{topic_u, "t"}});
  group.heartbeat();
  response said;
  said.member_epoch = 2;
  said.assignment.emplace();
  said.assignment->topic_partitions.push_back({topic_u, {0}, {}});
  group.answer(said);
  REQUIRE(group.news(kind::revoking) == partitions{0});
  group.no_news();
  group.self.revoked(group.now);
  REQUIRE(group.news(kind::assigned) == partitions{0});
  const request owned = group.expect();
  REQUIRE(owned.topic_partitions->at(0).topic_id == topic_u);
}

}  // namespace
}  // namespace kafka::group
