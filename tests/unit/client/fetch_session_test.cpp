// SPDX-License-Identifier: Apache-2.0
#include "client/fetch_session.hpp"

#include <deque>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace kafka::client {
namespace {

using protocol::fetch_request;
using protocol::fetch_response;
using strings = std::vector<std::string>;

uuid id_of(std::uint8_t number) {
  uuid out;
  out.bytes[15] = number;
  return out;
}

/// A session and what is wished of it.
class script {
 public:
  script& wish(const std::string& topic, std::int32_t partition, std::int64_t offset, uuid id = id_of(1)) {
    names.push_back({topic, partition});
    fetch_wish made;
    made.where = &names.back();
    made.topic_id = id;
    made.ask.partition = partition;
    made.ask.fetch_offset = offset;
    wishes.push_back(made);
    return *this;
  }
  fetch_request ask() {
    fetch_request out;
    session.compose(wishes, out);
    wishes.clear();
    return out;
  }
  bool answer(std::int32_t session_id, broker_errc code = broker_errc::none) {
    fetch_response response;
    response.session_id = session_id;
    response.error_code = static_cast<std::int16_t>(code);
    return session.take(response);
  }

  std::deque<topic_partition> names;
  std::vector<fetch_wish> wishes;
  fetch_session session;
};

/// `topic-partition@offset` of everything that the request names.
strings named(const fetch_request& request) {
  strings out;
  for (const auto& topic : request.topics) {
    for (const auto& one : topic.partitions) {
      out.push_back(topic.topic + "-" + std::to_string(one.partition) + "@" + std::to_string(one.fetch_offset));
    }
  }
  return out;
}

strings forgotten(const fetch_request& request) {
  strings out;
  for (const auto& topic : request.forgotten_topics_data) {
    for (const std::int32_t one : topic.partitions) out.push_back(topic.topic + "-" + std::to_string(one));
  }
  return out;
}

TEST_CASE_METHOD(script, "a session begins with everything and goes on with what is new, changed or to be forgotten") {
  const fetch_request first = wish("t", 0, 5).wish("t", 1, 7).wish("t", 2, 9).ask();
  REQUIRE(first.session_id == 0);
  REQUIRE(first.session_epoch == 0);
  REQUIRE(named(first) == strings{"t-0@5", "t-1@7", "t-2@9"});
  REQUIRE(first.topics.size() == 1);
  REQUIRE(answer(77));

  const fetch_request same = wish("t", 0, 5).wish("t", 1, 7).wish("t", 2, 9).ask();
  REQUIRE(same.session_id == 77);
  REQUIRE(same.session_epoch == 1);
  REQUIRE(named(same).empty());
  REQUIRE(forgotten(same).empty());
  REQUIRE(answer(77));

  const fetch_request changed = wish("t", 2, 9).wish("t", 1, 8).wish("t", 3, 0).ask();
  REQUIRE(changed.session_epoch == 2);
  REQUIRE(named(changed) == strings{"t-1@8", "t-3@0"});
  REQUIRE(forgotten(changed) == strings{"t-0"});
  REQUIRE(answer(77));

  const fetch_request back = wish("t", 0, 5).wish("t", 1, 8).wish("t", 2, 9).wish("t", 3, 0).ask();
  REQUIRE(named(back) == strings{"t-0@5"});
  REQUIRE(forgotten(back).empty());
}

TEST_CASE_METHOD(script, "a session that the broker does not know any more begins anew without its number") {
  (void)wish("t", 0, 5).ask();
  REQUIRE(answer(77));
  (void)wish("t", 0, 6).ask();
  REQUIRE_FALSE(answer(0, broker_errc::fetch_session_id_not_found));
  const fetch_request again = wish("t", 0, 6).ask();
  REQUIRE(again.session_id == 0);
  REQUIRE(again.session_epoch == 0);
  REQUIRE(named(again) == strings{"t-0@6"});
}

TEST_CASE_METHOD(script, "a session that the broker counts differently is named, to be closed, as another begins") {
  for (const auto code : {broker_errc::invalid_fetch_session_epoch, broker_errc::fetch_session_topic_id_error}) {
    script self;
    (void)self.wish("t", 0, 5).ask();
    REQUIRE(self.answer(77));
    (void)self.wish("t", 0, 5).ask();
    REQUIRE_FALSE(self.answer(0, code));
    const fetch_request again = self.wish("t", 0, 5).ask();
    REQUIRE(again.session_id == 77);
    REQUIRE(again.session_epoch == 0);
    REQUIRE(named(again) == strings{"t-0@5"});
  }
}

TEST_CASE_METHOD(script, "a request without an answer leaves nothing to rely on") {
  (void)wish("t", 0, 5).ask();
  REQUIRE(answer(77));
  (void)wish("t", 0, 6).ask();
  session.lost();
  const fetch_request again = wish("t", 0, 6).ask();
  REQUIRE(again.session_id == 77);
  REQUIRE(again.session_epoch == 0);
  REQUIRE(named(again) == strings{"t-0@6"});
}

TEST_CASE_METHOD(script, "a broker that keeps no session is told everything each time") {
  for (int round = 0; round < 3; ++round) {
    const fetch_request request = wish("t", 0, 5).ask();
    REQUIRE(request.session_id == 0);
    REQUIRE(request.session_epoch == 0);
    REQUIRE(named(request) == strings{"t-0@5"});
    REQUIRE(answer(0));
    REQUIRE_FALSE(session.is_open());
  }
}

TEST_CASE_METHOD(script, "a session that the broker ended begins anew") {
  (void)wish("t", 0, 5).ask();
  REQUIRE(answer(77));
  (void)wish("t", 0, 5).ask();
  REQUIRE(answer(0));
  const fetch_request again = wish("t", 0, 5).ask();
  REQUIRE(again.session_id == 0);
  REQUIRE(again.session_epoch == 0);
  REQUIRE(named(again) == strings{"t-0@5"});
}

TEST_CASE_METHOD(script, "a topic that was made again is forgotten under its old id and asked for under the new one") {
  (void)wish("t", 0, 5, id_of(1)).ask();
  REQUIRE(answer(77));
  const fetch_request changed = wish("t", 0, 0, id_of(2)).ask();
  REQUIRE(changed.forgotten_topics_data.size() == 1);
  REQUIRE(changed.forgotten_topics_data[0].topic_id == id_of(1));
  REQUIRE(changed.topics.size() == 1);
  REQUIRE(changed.topics[0].topic_id == id_of(2));
}

TEST_CASE_METHOD(script, "a session does not mix topics with and without ids") {
  (void)wish("t", 0, 5, id_of(1)).ask();
  REQUIRE(session.uses_topic_ids());
  REQUIRE(answer(77));
  const fetch_request mixed = wish("t", 0, 5, id_of(1)).wish("u", 0, 5, uuid{}).ask();
  REQUIRE_FALSE(session.uses_topic_ids());
  REQUIRE(mixed.session_id == 77);
  REQUIRE(mixed.session_epoch == 0);
  REQUIRE(named(mixed) == strings{"t-0@5", "u-0@5"});
}

TEST_CASE_METHOD(script, "each answer counts the epoch of a session on") {
  (void)wish("t", 0, 5).ask();
  REQUIRE(answer(77));
  for (int round = 1; round <= 3; ++round) {
    REQUIRE(wish("t", 0, 5).ask().session_epoch == round);
    REQUIRE(answer(77));
  }
}

TEST_CASE_METHOD(script, "what was told of a partition is remembered until it is forgotten, also by topic id") {
  (void)wish("t", 0, 5).wish("t", 1, 5).ask();
  fetch_response response;
  response.session_id = 77;
  auto& topic = response.responses.emplace_back();
  topic.topic_id = id_of(1);
  for (std::int32_t index = 0; index < 2; ++index) {
    auto& told = topic.partitions.emplace_back();
    told.partition_index = index;
    told.high_watermark = 10 + index;
    told.last_stable_offset = 8;
  }
  REQUIRE(session.take(response));
  REQUIRE(session.name_of(topic) == "t");
  REQUIRE(session.marks_of({"t", 1}).high_watermark == 11);
  REQUIRE(session.marks_of({"t", 1}).last_stable_offset == 8);
  (void)wish("t", 1, 5).ask();
  REQUIRE(session.marks_of({"t", 0}).high_watermark == -1);
  fetch_response::topic_data stranger;
  stranger.topic_id = id_of(9);
  REQUIRE(session.name_of(stranger).empty());
}

}  // namespace
}  // namespace kafka::client
