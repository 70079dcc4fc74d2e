// SPDX-License-Identifier: Apache-2.0
#include <kafka/broker_errc.hpp>

#include <set>

#include "golden/golden.hpp"
#include "support/catch.hpp"

using namespace kafka;

TEST_CASE("every error code has Kafka's name and retriable flag") {
  const auto lines = golden::lines_of("broker_errors.tsv.gz");
  CHECK(lines.size() == 135);
  for (const std::string& line : lines) {
    INFO(line);
    const auto fields = golden::fields_of(line);
    const auto code = static_cast<broker_errc>(std::stoi(fields.at(0)));
    CHECK(broker_error_name(code) == fields.at(1));
    CHECK(is_retriable(code) == (fields.at(2) == "true"));
  }
}

TEST_CASE("every error code has a sentence of its own") {
  std::set<std::string> sentences;
  for (int code = -1; code <= 133; ++code) {
    const std::string sentence = broker_category().message(code);
    INFO(code << " " << sentence);
    CHECK(sentence.size() >= 8);
    CHECK((sentence[0] >= 'A' && sentence[0] <= 'Z'));
    CHECK(sentence.back() != '.');
    CHECK(sentences.insert(sentence).second);
  }
}

TEST_CASE("enumerators carry the codes that their names say") {
  CHECK(broker_error_name(broker_errc::unknown_server_error) == "UNKNOWN_SERVER_ERROR");
  CHECK(broker_error_name(broker_errc::none) == "NONE");
  CHECK(broker_error_name(broker_errc::not_leader_or_follower) == "NOT_LEADER_OR_FOLLOWER");
  CHECK(broker_error_name(broker_errc::unstable_offset_commit) == "UNSTABLE_OFFSET_COMMIT");
  CHECK(broker_error_name(broker_errc::share_session_limit_reached) == "SHARE_SESSION_LIMIT_REACHED");
}

TEST_CASE("a code that only newer brokers know keeps its number and is not retriable") {
  for (const int code : {-2, 134, 32767, -32768}) {
    const auto unknown = static_cast<broker_errc>(code);
    CHECK(broker_error_name(unknown) == "UNKNOWN_CODE");
    CHECK_FALSE(is_retriable(unknown));
    CHECK(broker_category().message(code) == "The broker answered with error code " + std::to_string(code));
    CHECK(make_error_code(unknown).value() == code);
  }
}

TEST_CASE("a broker's code is an error_code of its own category, and only none is success") {
  const std::error_code code = broker_errc::not_controller;
  CHECK(code.category() == broker_category());
  CHECK(std::string(code.category().name()) == "kafka.broker");
  CHECK(code);
  CHECK_FALSE(make_error_code(broker_errc::none));
}
