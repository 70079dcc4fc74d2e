// SPDX-License-Identifier: Apache-2.0
#include "client/accumulator.hpp"

#include <atomic>
#include <thread>

#include "protocol/record_batch_reader.hpp"
#include "support/catch.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using status = accumulator::append_status;

constexpr steady_time start = steady_time(1h);

struct fixture {
  buffer_pool pool;
  producer_config config;
  std::atomic<int> wakes{0};
};

status append(accumulator& to, const std::string& value, bool urgent = false, std::int32_t partition = 0) {
  message record;
  record.value = value;
  return to.append(to.queue_of("t", partition), {&record, 1}, 1, nullptr, urgent).status;
}

TEST_CASE_METHOD(fixture, "the strand is woken when a batch opens or closes, not for each record") {
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  for (int index = 0; index < 1000; ++index) REQUIRE(append(records, "v") == status::appended);
  REQUIRE(wakes == 1);
  REQUIRE(records.take_changes().size() == 1);
  REQUIRE(records.take_changes().empty());
}

TEST_CASE_METHOD(fixture, "a full batch is closed and sealed by the thread that filled it") {
  config.batch_bytes_max = 1000;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  for (int index = 0; index < 30; ++index) REQUIRE(append(records, std::string(100, 'x')) == status::appended);
  accumulator::queue& queue = records.queue_of("t", 0);
  std::int32_t taken = 0;
  for (auto head = records.take_head(queue, 0, start); head.ready; head = records.take_head(queue, 0, start)) {
    REQUIRE(head.ready->sealed_bytes.size() <= 1000);
    taken += head.ready->sealed_bytes.header().record_count;
  }
  REQUIRE(taken < 30);
  REQUIRE(taken > 15);
  REQUIRE(records.take_head(queue, UINT64_MAX, start).ready->sealed_bytes.header().record_count == 30 - taken);
}

TEST_CASE_METHOD(fixture, "an open batch is given away when it has lingered, is urgent or is flushed") {
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  append(records, "v");
  accumulator::queue& queue = records.queue_of("t", 0);
  auto head = records.take_head(queue, 0, start + 4ms);
  REQUIRE_FALSE(head.ready);
  REQUIRE(head.linger_until == start + 5ms);
  REQUIRE(records.take_head(queue, 0, start + 5ms).ready);
  append(records, "v", true);
  REQUIRE(records.take_head(queue, 0, start).ready);
  append(records, "v");
  const std::uint64_t before = records.next_batch_id();
  REQUIRE(records.take_head(queue, before, start).ready);
  append(records, "later than the flush");
  REQUIRE_FALSE(records.take_head(queue, before, start).ready);
}

TEST_CASE_METHOD(fixture, "memory is charged by buffer and given back by release") {
  config.buffer_memory = 64U << 10U;
  config.batch_bytes_max = 16'000;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  std::size_t appended = 0;
  while (append(records, std::string(1000, 'x')) == status::appended) ++appended;
  REQUIRE(appended > 40);
  REQUIRE(records.buffered_bytes() == config.buffer_memory);
  REQUIRE_FALSE(records.may_have_room());
  REQUIRE_FALSE(records.wait_for_room(1, steady_time{}));
  records.release(*records.take_head(records.queue_of("t", 0), 0, start).ready);
  REQUIRE(records.may_have_room());
  REQUIRE(records.wait_for_room(16U << 10U, steady_time{}));
  REQUIRE_FALSE(records.wait_for_room((16U << 10U) + 1, steady_time{}));
  REQUIRE(append(records, "v") == status::appended);
}

TEST_CASE_METHOD(fixture, "buffer_memory is never exceeded, however many threads make batches grow at once") {
  config.buffer_memory = 1U << 20U;
  config.batch_bytes_max = 300'000;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  std::atomic<std::size_t> most{0};
  std::atomic<std::size_t> refusals{0};
  std::vector<std::thread> threads;
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    threads.emplace_back([&, partition] {
      const std::string value(700, 'x');
      for (int count = 0; count < 20'000; ++count) {
        if (append(records, value, false, partition) == status::no_room) {
          ++refusals;
          const auto head = records.take_head(records.queue_of("t", partition), UINT64_MAX, start);
          if (head.ready) records.release(*head.ready);
        }
        std::size_t now = records.buffered_bytes();
        for (std::size_t before = most; before < now && !most.compare_exchange_weak(before, now);) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(refusals > 10);
  REQUIRE(most > config.buffer_memory / 2);
  REQUIRE(most <= config.buffer_memory);
}

TEST_CASE_METHOD(fixture, "a refusal tells how much must be free, and larger buffers wait for more than small ones") {
  config.buffer_memory = 96U << 10U;
  config.batch_bytes_max = 64U << 10U;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  const std::string value(1000, 'x');
  while (append(records, value) == status::appended) {
  }
  REQUIRE(records.buffered_bytes() == 64U << 10U);                // closed as full; the next one would be as large
  REQUIRE(append(records, value, false, 1) == status::appended);  // a new partition begins with 16 KiB
  message record;
  record.value = value;
  const auto refused = records.append(records.queue_of("t", 0), {&record, 1}, 1, nullptr, false);
  REQUIRE(refused.status == status::no_room);
  REQUIRE(refused.wanted_bytes == 64U << 10U);
  REQUIRE_FALSE(records.wait_for_room(refused.wanted_bytes, steady_time{}));
  records.release(*records.take_head(records.queue_of("t", 0), 0, start).ready);
  REQUIRE(records.wait_for_room(refused.wanted_bytes, steady_time{}));
  REQUIRE(records.append(records.queue_of("t", 0), {&record, 1}, 1, nullptr, false).count == 1);
}

TEST_CASE_METHOD(fixture, "where all memory is in batches that linger, whoever needs some makes them leave") {
  config.buffer_memory = 64U << 10U;
  config.linger = 1h;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    REQUIRE(append(records, "v", false, partition) == status::appended);
  }
  (void)records.take_changes();
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    REQUIRE_FALSE(records.take_head(records.queue_of("t", partition), 0, start).ready);
  }
  wakes = 0;
  REQUIRE(append(records, "v", false, 4) == status::no_room);
  REQUIRE(wakes == 1);
  REQUIRE(records.take_changes().size() == 5);
  std::vector<batch_ptr> leaving;
  for (std::int32_t partition = 0; partition < 4; ++partition) {
    leaving.push_back(records.take_head(records.queue_of("t", partition), 0, start).ready);
    REQUIRE(leaving.back());
  }
  // They are under way: what opens now may linger, whoever waits meanwhile.
  records.release(*leaving[0]);
  records.settle(*leaving[0]);
  REQUIRE(append(records, "v", false, 4) == status::appended);
  REQUIRE(append(records, "v", false, 5) == status::no_room);
  REQUIRE_FALSE(records.take_head(records.queue_of("t", 4), 0, start).ready);
  // The wait sees it as well, when the last of them ends while it lasts.
  for (std::size_t index = 1; index < leaving.size(); ++index) records.settle(*leaving[index]);
  REQUIRE_FALSE(records.wait_for_room(16U << 10U, steady_time{}));
  REQUIRE(records.take_head(records.queue_of("t", 4), 0, start).ready);
}

TEST_CASE_METHOD(fixture, "a record that the whole memory could not hold is too large, not to be waited for") {
  config.buffer_memory = 50'000;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  message record;
  const std::string value(60'000, 'x');
  record.value = value;
  const auto refused = records.append(records.queue_of("t", 0), {&record, 1}, 1, nullptr, false);
  REQUIRE(refused.status == status::too_large);
  REQUIRE(refused.wanted_bytes == 64U << 10U);
  REQUIRE(append(records, std::string(30'000, 'x')) == status::appended);
  REQUIRE(records.buffered_bytes() <= config.buffer_memory);
}

TEST_CASE_METHOD(fixture, "a record that fits no batch is refused and costs nothing") {
  config.batch_bytes_max = 1000;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  REQUIRE(append(records, std::string(1000, 'x')) == status::too_large);
  REQUIRE(records.buffered_bytes() == 0);
  REQUIRE(records.oldest_batch_id() == records.next_batch_id());
}

TEST_CASE_METHOD(fixture, "a closed accumulator takes nothing and lets waiting threads go") {
  config.buffer_memory = 16U << 10U;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  while (append(records, std::string(1000, 'x')) == status::appended) {
  }
  std::thread waiting([&] { (void)records.wait_for_room(1U << 20U, steady_time::max()); });
  records.close();
  waiting.join();
  REQUIRE(append(records, "v") == status::closed);
}

TEST_CASE_METHOD(fixture, "records that many threads append at once are all there, each thread's in order") {
  config.batch_bytes_max = 10'000;
  config.buffer_memory = 1U << 30U;
  accumulator records(config, pool, {[this] { ++wakes; }, [] { return start; }});
  constexpr int per_thread = 5000;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int index = 0; index < per_thread; ++index) {
        append(records, std::to_string(thread) + ":" + std::to_string(index));
      }
    });
  }
  for (std::thread& one : threads) one.join();
  accumulator::queue& queue = records.queue_of("t", 0);
  std::vector<int> next(4, 0);
  for (auto head = records.take_head(queue, UINT64_MAX, start); head.ready;
       head = records.take_head(queue, UINT64_MAX, start)) {
    protocol::record_batch_reader reader(head.ready->sealed_bytes.bytes());
    REQUIRE(reader.next() == protocol::batch_step::batch);
    protocol::batch_records content;
    REQUIRE_FALSE(reader.batch().open(pool, content));
    protocol::record_cursor cursor = content.cursor();
    for (protocol::record_ref record; cursor.next(record);) {
      const std::string value = record.value.str();
      const auto thread = static_cast<std::size_t>(value[0] - '0');
      REQUIRE(value.substr(2) == std::to_string(next[thread]++));
    }
  }
  REQUIRE(next == std::vector<int>(4, per_thread));
}

}  // namespace
}  // namespace kafka::client
