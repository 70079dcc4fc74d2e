// SPDX-License-Identifier: Apache-2.0
#include <kafka/error.hpp>

#include <set>
#include <sstream>

#include "support/catch.hpp"

using namespace kafka;

TEST_CASE("a default error is no error") {
  const error none;
  CHECK_FALSE(none);
  CHECK(none.message().empty());
  CHECK(none.with_context("anything") == none);
  CHECK_FALSE(error(client_errc::ok));
  CHECK_FALSE(error(broker_errc::none));
  std::ostringstream out;
  out << none;
  CHECK(out.str() == "no error");
}

TEST_CASE("an error says name, sentence and cause in one line") {
  const error failure(broker_errc::request_timed_out, "produce to orders-3 at b1:9092 (id 1)");
  CHECK(failure);
  CHECK(failure.message() ==
        "REQUEST_TIMED_OUT: The broker could not finish the request within the time that the request allows "
        "(produce to orders-3 at b1:9092 (id 1))");
  CHECK(std::string(failure.what()) == failure.message());
  CHECK(error(client_errc::closed).message() == "closed: The client is closed");
  std::ostringstream out;
  out << failure;
  CHECK(out.str() == failure.message());
}

TEST_CASE("an unknown code of a broker, and a code of somebody else, are told by number") {
  CHECK(error(static_cast<broker_errc>(200)).message() == "UNKNOWN_CODE_200: The broker answered with error code 200");
  const error foreign(std::make_error_code(std::errc::connection_refused), "connect");
  CHECK(foreign.message().find("generic:111: ") == 0);
  CHECK(foreign.severity() == error_class::fatal);
}

TEST_CASE("context goes in front of the cause, and the rest stays") {
  const error failure = error(client_errc::connection_lost, "end of stream").with_outcome(write_outcome::unknown);
  const error told = failure.with_context("fetch from b2:9092 (id 2)");
  CHECK(told.cause() == "fetch from b2:9092 (id 2): end of stream");
  CHECK(told.outcome() == write_outcome::unknown);
  CHECK(told.severity() == error_class::retriable);
  CHECK(error(client_errc::closed).with_context("send").cause() == "send");
}

TEST_CASE("a broker's error is retriable as the table says, abortable when the broker asks for it, else fatal") {
  CHECK(error(broker_errc::not_leader_or_follower).severity() == error_class::retriable);
  CHECK(error(broker_errc::transaction_abortable).severity() == error_class::abortable);
  CHECK(error(broker_errc::producer_fenced).severity() == error_class::fatal);
  CHECK(error(broker_errc::not_controller).retriable());
}

TEST_CASE("of the client's own errors, those of time, connections and room are retriable") {
  const std::set<client_errc> retriable = {client_errc::timed_out,       client_errc::request_timed_out,
                                           client_errc::connection_lost, client_errc::resolve_failed,
                                           client_errc::connect_failed,  client_errc::no_brokers,
                                           client_errc::buffer_full};
  for (int code = 1; code <= static_cast<int>(client_errc::value_not_encodable); ++code) {
    const error failure(static_cast<client_errc>(code));
    INFO(failure.message());
    CHECK(failure.retriable() == (retriable.count(static_cast<client_errc>(code)) == 1));
  }
}

TEST_CASE("every error of the client has a name and a sentence of its own") {
  std::set<std::string> sentences;
  for (int code = 1; code <= static_cast<int>(client_errc::value_not_encodable); ++code) {
    const std::string sentence = client_category().message(code);
    INFO(code << " " << sentence);
    CHECK(sentence.size() > 10);
    CHECK(sentences.insert(sentence).second);
    CHECK(error(static_cast<client_errc>(code)).message().find(": " + sentence) != std::string::npos);
  }
  CHECK(error(client_errc::value_not_encodable).message().find("value_not_encodable: ") == 0);
  CHECK(client_category().message(99) == "Unknown client error 99");
  CHECK(std::string(client_category().name()) == "kafka.client");
}

TEST_CASE("errors are equal when all that they say is") {
  const error failure(client_errc::timed_out, "flush");
  CHECK(failure == error(client_errc::timed_out, "flush"));
  CHECK(failure != error(client_errc::timed_out, "close"));
  CHECK(failure != failure.with_outcome(write_outcome::written));
  CHECK(failure != error(make_error_code(client_errc::timed_out), "flush", error_class::fatal));
  CHECK(failure == client_errc::timed_out);
  CHECK(failure != client_errc::closed);
  CHECK(error(broker_errc::not_coordinator) == broker_errc::not_coordinator);
}

TEST_CASE("an error can be thrown and caught as a std::exception") {
  try {
    throw error(client_errc::buffer_full, "send");
  } catch (const std::exception& failure) {
    CHECK(std::string(failure.what()) == "buffer_full: The buffer for unsent records is full (send)");
  }
}
