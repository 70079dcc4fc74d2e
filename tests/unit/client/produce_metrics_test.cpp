// SPDX-License-Identifier: Apache-2.0
#include "client/produce_metrics.hpp"

#include <thread>

#include "unit/client/batches.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time(1h);

struct fixture {
  completed_batch done(const std::string& topic, std::int32_t records, error failure = {}) {
    completed_batch out;
    out.batch = test::batch_of(pool, records);
    out.batch->partition = {topic, 2};
    out.batch->opened_at = start;
    out.batch->first_sent_at = start + 5ms;
    out.batch->attempts = 1;
    out.batch->node_id = 4;
    out.failure = std::move(failure);
    out.base_offset = out.failure ? -1 : 70;
    out.completed_at = start + 12ms;
    return out;
  }

  buffer_pool pool;
  produce_metrics metrics;
};

TEST_CASE_METHOD(fixture, "delivered and failed records are counted, for each topic and for all") {
  const completed_batch one = done("a", 3);
  const completed_batch two = done("b", 4);
  metrics.count(one);
  metrics.count(two);
  metrics.count(done("a", 5, {client_errc::timed_out, ""}));
  const producer_metrics seen = metrics.snapshot();
  REQUIRE(seen.total.records_delivered == 7);
  REQUIRE(seen.total.records_failed == 5);
  REQUIRE(seen.total.batches_delivered == 2);
  REQUIRE(seen.total.bytes_delivered == one.batch->sealed_bytes.size() + two.batch->sealed_bytes.size());
  REQUIRE(seen.topics.size() == 2);
  REQUIRE(seen.topics.at("a").records_delivered == 3);
  REQUIRE(seen.topics.at("a").records_failed == 5);
  REQUIRE(seen.topics.at("b").records_delivered == 4);
  REQUIRE(seen.topics.at("b").records_failed == 0);
  REQUIRE(seen.topics.at("b").bytes_delivered == two.batch->sealed_bytes.size());
}

TEST_CASE_METHOD(fixture, "what was sent more than once is a retry each further time") {
  completed_batch good = done("a", 1);
  good.batch->attempts = 4;
  metrics.count(good);
  completed_batch bad = done("a", 1, {client_errc::timed_out, ""});
  bad.batch->attempts = 2;
  metrics.count(bad);
  completed_batch never_sent = done("a", 1, {client_errc::timed_out, ""});
  never_sent.batch->attempts = 0;
  metrics.count(never_sent);
  REQUIRE(metrics.snapshot().total.retries == 4);
  REQUIRE(metrics.snapshot().topics.at("a").retries == 4);
}

TEST_CASE_METHOD(fixture, "sizes and waiting times are of batches that were sent") {
  metrics.count(done("a", 2));
  completed_batch later = done("a", 10);
  later.batch->first_sent_at = start + 25ms;
  metrics.count(later);
  completed_batch never_sent = done("a", 100, {client_errc::timed_out, ""});
  never_sent.batch->first_sent_at = never;
  metrics.count(never_sent);
  const producer_metrics seen = metrics.snapshot();
  REQUIRE(seen.batch_records.count == 2);
  REQUIRE(seen.batch_records.min == 2);
  REQUIRE(seen.batch_records.max == 10);
  REQUIRE(seen.batch_records.mean() == 6.0);
  REQUIRE(seen.batch_bytes.max == later.batch->sealed_bytes.size());
  REQUIRE(seen.queue_time_us.min == 5000);
  REQUIRE(seen.queue_time_us.max == 25'000);
  REQUIRE(seen.queue_time_us.sum == 30'000);
  REQUIRE(seen.total.records_failed == 100);
}

TEST_CASE_METHOD(fixture, "requests are counted by broker, with their latencies") {
  metrics.count(observed_request{1, 1000, 2ms, false});
  metrics.count(observed_request{1, 500, 6ms, true});
  metrics.count(observed_request{3, 7, 1ms, false});
  const producer_metrics seen = metrics.snapshot();
  REQUIRE(seen.brokers.size() == 2);
  REQUIRE(seen.brokers.at(1).requests == 2);
  REQUIRE(seen.brokers.at(1).requests_failed == 1);
  REQUIRE(seen.brokers.at(1).bytes_sent == 1500);
  REQUIRE(seen.brokers.at(1).request_latency_us.min == 2000);
  REQUIRE(seen.brokers.at(1).request_latency_us.max == 6000);
  REQUIRE(seen.brokers.at(3).requests == 1);
}

TEST_CASE("a summary of nothing is all zero, and its mean too") {
  summary nothing;
  REQUIRE(nothing.mean() == 0.0);
  REQUIRE(nothing.min == 0);
  nothing.add(7);
  REQUIRE(nothing.min == 7);
  nothing.add(0);
  REQUIRE(nothing.min == 0);
  REQUIRE(nothing.max == 7);
}

TEST_CASE_METHOD(fixture, "an observer is told where a batch went, how long it took and how often it was sent") {
  completed_batch delivered = done("a", 3);
  delivered.batch->attempts = 2;
  const produce_observation seen = observation_of(delivered);
  REQUIRE(seen.topic == "a");
  REQUIRE(seen.partition == 2);
  REQUIRE(seen.node_id == 4);
  REQUIRE(seen.base_offset == 70);
  REQUIRE(seen.records == 3);
  REQUIRE(seen.bytes == delivered.batch->sealed_bytes.size());
  REQUIRE(seen.attempts == 2);
  REQUIRE(seen.queue_time == 5ms);
  REQUIRE(seen.delivery_time == 7ms);
  REQUIRE(seen.failure == nullptr);
}

TEST_CASE_METHOD(fixture, "a batch that was never sent has waited until its end, and took no time after that") {
  completed_batch failed = done("a", 3, {client_errc::timed_out, "too late"});
  failed.batch->attempts = 0;
  failed.batch->node_id = -1;
  failed.batch->first_sent_at = never;
  const produce_observation seen = observation_of(failed);
  REQUIRE(seen.queue_time == 12ms);
  REQUIRE(seen.delivery_time == 0ms);
  REQUIRE(seen.node_id == -1);
  REQUIRE(seen.failure);
  REQUIRE(*seen.failure == client_errc::timed_out);
}

TEST_CASE_METHOD(fixture, "a snapshot is whole while others count") {
  const completed_batch one = done("a", 2);
  std::thread counting([&] {
    for (int count = 0; count < 2000; ++count) metrics.count(one);
  });
  for (int look = 0; look < 200; ++look) {
    const producer_metrics seen = metrics.snapshot();
    if (seen.total.records_delivered != 2 * seen.total.batches_delivered ||
        seen.batch_bytes.count != seen.total.batches_delivered) {
      FAIL("half a count was seen");
    }
  }
  counting.join();
  REQUIRE(metrics.snapshot().total.records_delivered == 4000);
}

}  // namespace
}  // namespace kafka::client
