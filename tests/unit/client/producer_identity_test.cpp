// SPDX-License-Identifier: Apache-2.0
#include "client/producer_identity.hpp"

#include <optional>

#include "support/catch.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time(1h);

struct fixture {
  /// What is asked at this time, if anything is.
  std::optional<outgoing> step(steady_time now) {
    std::vector<outgoing> out;
    identity.step(next_id, now, out);
    REQUIRE(out.size() <= 1);
    if (out.empty()) return std::nullopt;
    return std::move(out[0]);
  }
  bool answer(request_id id, std::int64_t producer_id, std::int16_t epoch, steady_time now,
              broker_errc code = broker_errc::none) {
    protocol::init_producer_id_response response;
    response.error_code = static_cast<std::int16_t>(code);
    response.producer_id = producer_id;
    response.producer_epoch = epoch;
    reply told;
    told.id = id;
    told.broker = "b1:9092 (id 1)";
    told.response = std::move(response);
    return identity.on_reply(told, now);
  }
  bool fail(request_id id, error why, steady_time now) {
    reply told;
    told.id = id;
    told.broker = "b1:9092 (id 1)";
    told.failure = std::move(why);
    return identity.on_reply(told, now);
  }
  void set_up(std::int64_t producer_id, std::int16_t epoch) {
    const auto asked = step(start);
    REQUIRE(asked);
    REQUIRE(answer(asked->id, producer_id, epoch, start));
  }

  request_id next_id = 1;
  producer_identity identity{connection_config{}, true, 1};
};

TEST_CASE_METHOD(fixture, "an id is asked for once, of any broker, and without a transactional id") {
  REQUIRE(identity.deadline() <= start);
  const auto asked = step(start);
  REQUIRE(asked);
  REQUIRE(asked->from == owner::producer);
  REQUIRE(asked->node == any_node);
  REQUIRE(asked->deadline == start + connection_config{}.request_timeout);
  const auto& request = std::get<protocol::init_producer_id_request>(asked->request);
  REQUIRE_FALSE(request.transactional_id);
  REQUIRE(request.producer_id == -1);
  REQUIRE(request.producer_epoch == -1);
  REQUIRE_FALSE(step(start));
  REQUIRE_FALSE(step(start + 1h));
  REQUIRE(identity.deadline() == never);
  REQUIRE_FALSE(identity.ready());
  REQUIRE(answer(asked->id, 4711, 3, start));
  REQUIRE(identity.ready());
  REQUIRE(identity.producer_id() == 4711);
  REQUIRE(identity.epoch() == 3);
  REQUIRE_FALSE(step(start + 1h));
}

TEST_CASE_METHOD(fixture, "replies to others' requests are not taken") {
  REQUIRE_FALSE(answer(0, 1, 0, start));
  const auto asked = step(start);
  REQUIRE_FALSE(answer(asked->id + 1, 1, 0, start));
  REQUIRE_FALSE(identity.ready());
  REQUIRE(answer(asked->id, 1, 0, start));
  REQUIRE_FALSE(answer(asked->id, 2, 0, start));  // a second time it is nobody's
  REQUIRE(identity.producer_id() == 1);
}

TEST_CASE_METHOD(fixture, "after a passing failure it is asked again, later each time, until it succeeds") {
  steady_time now = start;
  std::chrono::milliseconds waited{0};
  for (int attempt = 0; attempt < 6; ++attempt) {
    const auto asked = step(now);
    REQUIRE(asked);
    if (attempt % 2 == 0) {
      REQUIRE(answer(asked->id, -1, -1, now, broker_errc::coordinator_load_in_progress));
      REQUIRE(identity.last_error() == broker_errc::coordinator_load_in_progress);
      REQUIRE(identity.last_error().message().find("InitProducerId to b1:9092 (id 1)") != std::string::npos);
    } else {
      REQUIRE(fail(asked->id, {client_errc::connection_lost, "gone"}, now));
      REQUIRE(identity.last_error() == client_errc::connection_lost);
    }
    REQUIRE_FALSE(identity.failure());
    REQUIRE_FALSE(step(now));
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(identity.deadline() - now);
    const auto expected = std::min(100ms * (1 << attempt), 1000ms);
    REQUIRE(pause >= expected * 8 / 10);
    REQUIRE(pause <= expected * 12 / 10);
    now = identity.deadline();
    waited += pause;
  }
  const auto asked = step(now);
  REQUIRE(answer(asked->id, 5, 0, now));
  REQUIRE(identity.ready());
  REQUIRE_FALSE(identity.last_error());
  // The pauses begin anew.
  identity.reset();
  const auto again = step(now);
  REQUIRE(fail(again->id, {client_errc::connection_lost, "gone"}, now));
  REQUIRE(identity.deadline() - now <= 120ms);
}

TEST_CASE_METHOD(fixture, "a broker that has no idempotent producers is fatal, and the text says how to go on") {
  const auto asked = step(start);
  REQUIRE(fail(asked->id, {client_errc::unsupported_version, "InitProducerId"}, start));
  REQUIRE(identity.failure() == client_errc::unsupported_version);
  REQUIRE_FALSE(identity.failure().retriable());
  REQUIRE(identity.failure().message().find("enable.idempotence=false") != std::string::npos);
  REQUIRE_FALSE(step(start + 1h));
  REQUIRE(identity.deadline() == never);
}

TEST_CASE_METHOD(fixture, "a refusal is fatal, and asking again pointless") {
  const auto asked = step(start);
  REQUIRE(answer(asked->id, -1, -1, start, broker_errc::cluster_authorization_failed));
  REQUIRE(identity.failure() == broker_errc::cluster_authorization_failed);
  REQUIRE(identity.failure().message().find("InitProducerId to b1:9092 (id 1)") != std::string::npos);
  REQUIRE_FALSE(step(start + 1h));
}

TEST_CASE_METHOD(fixture, "the epoch is counted up without asking") {
  set_up(1000, 0);
  identity.bump();
  REQUIRE(identity.ready());
  REQUIRE(identity.producer_id() == 1000);
  REQUIRE(identity.epoch() == 1);
  REQUIRE_FALSE(step(start + 1h));
}

TEST_CASE_METHOD(fixture, "after the last epoch comes a new producer id") {
  set_up(1000, producer_identity::last_epoch - 1);
  REQUIRE(producer_identity::last_epoch == 32'767);
  identity.bump();
  REQUIRE(identity.epoch() == 32'767);
  REQUIRE(identity.ready());
  identity.bump();
  REQUIRE_FALSE(identity.ready());
  const auto asked = step(start);
  REQUIRE(asked);
  const auto& request = std::get<protocol::init_producer_id_request>(asked->request);
  REQUIRE(request.producer_id == -1);
  REQUIRE(answer(asked->id, 1001, 0, start));
  REQUIRE(identity.producer_id() == 1001);
  REQUIRE(identity.epoch() == 0);
}

TEST_CASE("with transactions the identity never asks by itself") {
  producer_identity identity(connection_config{}, false, 1);
  request_id next_id = 1;
  std::vector<outgoing> out;
  identity.step(next_id, start, out);
  REQUIRE(out.empty());
  REQUIRE(identity.deadline() == never);
  identity.set(7, 2);
  REQUIRE(identity.ready());
}

}  // namespace
}  // namespace kafka::client
