// SPDX-License-Identifier: Apache-2.0
#include "client/partition_line.hpp"

#include <limits>

#include "fake/producer_state.hpp"
#include "unit/client/batches.hpp"

namespace kafka::client {
namespace {

constexpr std::int64_t id = 1000;
constexpr std::int32_t last_sequence = std::numeric_limits<std::int32_t>::max();

/// A sequenced line with producer id and epoch; batches are numbered in the order in which they were pushed.
struct fixture {
  fixture() { line.use(id, 0); }

  batch_ptr push(std::int32_t records = 1) {
    batch_ptr batch = test::batch_of(pool, records);
    line.push(batch);
    return batch;
  }
  /// What the machine does: as long as it may, the next one.
  std::vector<batch_ptr> send_all(std::int32_t in_flight_max = 5) {
    std::vector<batch_ptr> sent;
    while (line.may_send(in_flight_max)) {
      const batch_ptr batch = line.next();
      if (!batch) break;
      line.send(*batch, false);
      sent.push_back(batch);
    }
    return sent;
  }
  /// So many batches under way, the broker having acknowledged one before: its sequence was 0.
  std::vector<batch_ptr> under_way(std::size_t count) {
    push();
    line.acknowledged(send_all().at(0));
    for (std::size_t index = 0; index < count; ++index) push();
    std::vector<batch_ptr> sent = send_all();
    REQUIRE(sent.size() == count);
    return sent;
  }
  static std::vector<std::int32_t> sequences(const std::vector<batch_ptr>& batches) {
    std::vector<std::int32_t> out;
    for (const batch_ptr& batch : batches) out.push_back(batch->stamp.base_sequence);
    return out;
  }

  buffer_pool pool;
  partition_line line{true};
};

using numbers = std::vector<std::int32_t>;
using batches = std::vector<batch_ptr>;

TEST_CASE_METHOD(fixture, "until the broker has acknowledged a batch only one may be under way") {
  push();
  push();
  REQUIRE(send_all().size() == 1);
  REQUIRE_FALSE(line.may_send(5));
  line.acknowledged(line.batches().front());
  for (int more = 0; more < 6; ++more) push();
  REQUIRE(send_all().size() == 5);
  REQUIRE(line.under_way() == 5);
}

TEST_CASE_METHOD(fixture, "no more batches are under way than the configuration allows") {
  under_way(2);
  REQUIRE(line.may_send(3));
  REQUIRE_FALSE(line.may_send(2));
}

TEST_CASE("a line without sequences sends several at once from the beginning and stamps nothing") {
  buffer_pool pool;
  partition_line line(false);
  for (int count = 0; count < 3; ++count) line.push(test::batch_of(pool, 2));
  for (int count = 0; count < 3; ++count) {
    REQUIRE(line.may_send(5));
    line.send(*line.next(), false);
  }
  REQUIRE(line.under_way() == 3);
  for (const batch_ptr& batch : line.batches()) {
    REQUIRE_FALSE(batch->stamped());
    REQUIRE(batch->sealed_bytes.header().producer_id == -1);
  }
}

TEST_CASE_METHOD(fixture, "a batch takes as many sequence numbers as it has records, and they are in its bytes") {
  push(3);
  line.acknowledged(send_all().at(0));
  push(10);
  push(7);
  const batches sent = send_all();
  REQUIRE(sequences(sent) == numbers{3, 13});
  const auto header = protocol::read_batch_header(sent[1]->sealed_bytes.bytes());
  REQUIRE(header.producer_id == id);
  REQUIRE(header.producer_epoch == 0);
  REQUIRE(header.base_sequence == 13);
  REQUIRE_FALSE(header.is_transactional());
  REQUIRE(header.crc == protocol::batch_crc(sent[1]->sealed_bytes.bytes()));
}

TEST_CASE_METHOD(fixture, "a batch of a transaction says so in its bytes") {
  const batch_ptr batch = push();
  line.send(*batch, true);
  REQUIRE(protocol::read_batch_header(batch->sealed_bytes.bytes()).is_transactional());
}

TEST_CASE_METHOD(fixture, "a failure holds everything back until all others are answered, then the line goes again") {
  const batches sent = under_way(3);
  const batch_ptr waiting = push();
  std::vector<shared_bytes> before;
  for (const batch_ptr& batch : sent) before.push_back(batch->sealed_bytes.bytes());
  line.not_written(*sent[0]);
  REQUIRE_FALSE(line.may_send(5));
  REQUIRE_FALSE(line.is_stuck());
  line.not_written(*sent[1]);
  line.maybe_written(*sent[2]);
  REQUIRE(line.is_stuck());
  REQUIRE(line.settle().released.empty());
  const batches again = send_all();
  REQUIRE(again == batches{sent[0], sent[1], sent[2], waiting});
  REQUIRE(sequences(again) == numbers{1, 2, 3, 4});
  for (std::size_t index = 0; index < before.size(); ++index) {
    REQUIRE(again[index]->sealed_bytes.bytes() == before[index]);
  }
}

TEST_CASE_METHOD(fixture, "what follows a failed batch is still acknowledged if it was written") {
  const batches sent = under_way(3);
  line.maybe_written(*sent[0]);
  line.acknowledged(sent[1]);
  line.acknowledged(sent[2]);
  REQUIRE(line.is_stuck());
  (void)line.settle();
  REQUIRE(send_all() == batches{sent[0]});
  REQUIRE(sent[0]->stamp.base_sequence == 1);
}

TEST_CASE_METHOD(fixture, "a batch that was told before it was sent leaves the line at once and takes no number") {
  const batch_ptr first = push();
  const batch_ptr second = push();
  REQUIRE(line.told(first));
  REQUIRE_FALSE(line.is_stuck());
  REQUIRE(send_all() == batches{second});
  REQUIRE(second->stamp.base_sequence == 0);
}

TEST_CASE_METHOD(fixture, "a told batch that turns out to be written changes nothing") {
  const batches sent = under_way(2);
  REQUIRE_FALSE(line.told(sent[0]));
  REQUIRE(line.oldest_untold() == sent[1].get());
  line.acknowledged(sent[0]);
  line.acknowledged(sent[1]);
  REQUIRE(line.empty());
  REQUIRE_FALSE(line.is_stuck());
  push();
  REQUIRE(sequences(send_all()) == numbers{3});
}

TEST_CASE_METHOD(fixture, "the numbers of a told batch that was not written go to what follows, under the same epoch") {
  const batches sent = under_way(3);
  const batch_ptr waiting = push();
  REQUIRE_FALSE(line.told(sent[0]));
  for (const batch_ptr& batch : sent) line.not_written(*batch);
  const auto settled = line.settle();
  REQUIRE(settled.released == batches{sent[0]});
  REQUIRE(settled.lost.empty());
  REQUIRE_FALSE(settled.wants_epoch);
  REQUIRE(send_all() == batches{sent[1], sent[2], waiting});
  REQUIRE(sequences({sent[1], sent[2], waiting}) == numbers{1, 2, 3});
  REQUIRE(sent[1]->sealed_bytes.header().base_sequence == 1);
}

TEST_CASE_METHOD(fixture, "what is in front of a hole keeps its numbers") {
  const batches sent = under_way(3);
  REQUIRE_FALSE(line.told(sent[1]));
  line.maybe_written(*sent[0]);
  line.not_written(*sent[1]);
  line.not_written(*sent[2]);
  const auto settled = line.settle();
  REQUIRE(settled.released == batches{sent[1]});
  REQUIRE_FALSE(settled.wants_epoch);
  REQUIRE(settled.lost.empty());
  REQUIRE(send_all() == batches{sent[0], sent[2]});
  REQUIRE(sequences({sent[0], sent[2]}) == numbers{1, 2});
}

TEST_CASE_METHOD(fixture, "two holes become one") {
  const batches sent = under_way(4);
  (void)line.told(sent[0]);
  (void)line.told(sent[2]);
  for (const batch_ptr& batch : sent) line.not_written(*batch);
  const auto settled = line.settle();
  REQUIRE(settled.released == batches{sent[0], sent[2]});
  REQUIRE(send_all() == batches{sent[1], sent[3]});
  REQUIRE(sequences({sent[1], sent[3]}) == numbers{1, 2});
}

TEST_CASE_METHOD(fixture, "a batch behind a hole of which nobody knows cannot take other numbers and is lost") {
  const batches sent = under_way(3);
  (void)line.told(sent[0]);
  line.not_written(*sent[0]);
  line.maybe_written(*sent[1]);
  line.not_written(*sent[2]);
  const auto settled = line.settle();
  REQUIRE(settled.released == batches{sent[0]});
  REQUIRE(settled.lost == batches{sent[1]});
  REQUIRE(settled.wants_epoch);
  REQUIRE(settled.producer_id == id);
  REQUIRE(settled.epoch == 0);
  line.use(id, 1);
  REQUIRE(send_all() == batches{sent[2]});
  REQUIRE(sent[2]->stamp == protocol::producer_stamp{id, 1, 0, false});
}

TEST_CASE_METHOD(fixture, "a told batch of which nobody knows loses the numbers of all, and what is unknown with it") {
  const batches sent = under_way(4);
  const batch_ptr waiting = push();
  (void)line.told(sent[1]);
  line.maybe_written(*sent[0]);
  line.maybe_written(*sent[1]);
  line.not_written(*sent[2]);
  line.maybe_written(*sent[3]);
  const auto settled = line.settle();
  REQUIRE(settled.released == batches{sent[1]});
  REQUIRE(settled.lost == batches{sent[0], sent[3]});
  REQUIRE(settled.wants_epoch);
  REQUIRE(line.batches() == std::deque<batch_ptr>{sent[2], waiting});
  line.use(id, 1);
  REQUIRE(send_all() == batches{sent[2]});  // a new epoch is not established: one at a time
  line.acknowledged(sent[2]);
  REQUIRE(send_all() == batches{waiting});
  REQUIRE(sequences({sent[2], waiting}) == numbers{0, 1});
}

TEST_CASE_METHOD(fixture, "a batch that is told while it waits to be sent again is accounted for at once") {
  const batches sent = under_way(2);
  line.not_written(*sent[0]);
  line.not_written(*sent[1]);
  (void)line.settle();
  REQUIRE_FALSE(line.told(sent[0]));
  REQUIRE(line.is_stuck());
  REQUIRE(line.settle().released == batches{sent[0]});
  REQUIRE(send_all() == batches{sent[1]});
  REQUIRE(sent[1]->stamp.base_sequence == 1);
}

TEST_CASE_METHOD(fixture, "numbers that the broker has lost begin anew for what is certainly not written") {
  const batches sent = under_way(3);
  line.not_written(*sent[0]);
  line.maybe_written(*sent[1]);
  line.not_written(*sent[2]);
  line.lose_numbers();
  const auto settled = line.settle();
  REQUIRE(settled.wants_epoch);
  REQUIRE(settled.lost == batches{sent[1]});
  REQUIRE(settled.released.empty());
  REQUIRE_FALSE(line.uses(id, 0));
  line.use(id, 1);
  REQUIRE(send_all() == batches{sent[0]});
  REQUIRE(sent[0]->stamp == protocol::producer_stamp{id, 1, 0, false});
}

TEST_CASE_METHOD(fixture, "another epoch is taken over only when no batch in line has a number") {
  const batches sent = under_way(1);
  line.use(id, 1);
  REQUIRE(line.uses(id, 0));
  line.not_written(*sent[0]);
  (void)line.settle();
  line.use(id, 1);
  REQUIRE(line.uses(id, 0));
  REQUIRE(send_all() == batches{sent[0]});
  REQUIRE(sent[0]->stamp.producer_epoch == 0);
  line.acknowledged(sent[0]);
  line.use(id, 1);
  push();
  push();
  const batches next = send_all();
  REQUIRE(next.size() == 1);
  REQUIRE(next[0]->stamp == protocol::producer_stamp{id, 1, 0, false});
}

TEST_CASE_METHOD(fixture, "the epoch that it has already may be given again without harm") {
  under_way(2);
  line.use(id, 0);
  push();
  REQUIRE(sequences(send_all()) == numbers{3});
}

TEST_CASE_METHOD(fixture, "a topic that was made anew begins at 0 under the same epoch, one batch first") {
  const batches sent = under_way(2);
  line.maybe_written(*sent[0]);
  (void)line.told(sent[1]);
  line.maybe_written(*sent[1]);
  line.restart();
  const auto settled = line.settle();
  REQUIRE_FALSE(settled.wants_epoch);
  REQUIRE(settled.lost.empty());
  REQUIRE(settled.released == batches{sent[1]});
  const batch_ptr waiting = push();
  REQUIRE(send_all() == batches{sent[0]});
  REQUIRE(sent[0]->stamp == protocol::producer_stamp{id, 0, 0, false});
  line.acknowledged(sent[0]);
  REQUIRE(send_all() == batches{waiting});
  REQUIRE(waiting->stamp.base_sequence == 1);
}

TEST_CASE_METHOD(fixture, "a topic that was made anew begins under another epoch if something was sent by its name") {
  const batches sent = under_way(2);
  line.sent_by_name();
  line.maybe_written(*sent[0]);
  line.not_written(*sent[1]);
  line.restart();
  const auto settled = line.settle();
  REQUIRE(settled.wants_epoch);
  REQUIRE(settled.lost == batches{sent[0]});
  line.use(id, 1);
  REQUIRE(send_all() == batches{sent[1]});
  REQUIRE(sent[1]->stamp == protocol::producer_stamp{id, 1, 0, false});
  line.acknowledged(sent[1]);
  line.restart();
  REQUIRE_FALSE(line.settle().wants_epoch);  // nothing was sent by name since
}

TEST_CASE_METHOD(fixture, "the parts of a batch share its numbers, and what is behind keeps its own") {
  push();
  line.acknowledged(send_all().at(0));
  const batch_ptr whole = push(5);
  const batch_ptr behind = push();
  (void)send_all();
  line.not_written(*whole);
  line.not_written(*behind);
  const batch_ptr first = test::batch_of(pool, 2);
  const batch_ptr second = test::batch_of(pool, 3);
  line.replace(whole, {first, second}, true);
  REQUIRE(line.is_stuck());
  const auto settled = line.settle();
  REQUIRE(settled.released.empty());
  REQUIRE_FALSE(settled.wants_epoch);
  REQUIRE(send_all() == batches{first, second, behind});
  REQUIRE(sequences({first, second, behind}) == numbers{1, 3, 6});
  REQUIRE(protocol::read_batch_header(second->sealed_bytes.bytes()).base_sequence == 3);
}

TEST_CASE_METHOD(fixture, "behind a batch that has lost some of its records everything takes new numbers") {
  push();
  line.acknowledged(send_all().at(0));
  const batch_ptr whole = push(5);
  const batch_ptr behind = push(2);
  (void)send_all();
  line.not_written(*whole);
  line.not_written(*behind);
  const batch_ptr rest = test::batch_of(pool, 4);
  line.replace(whole, {rest}, false);
  REQUIRE_FALSE(line.settle().wants_epoch);
  REQUIRE(send_all() == batches{rest, behind});
  REQUIRE(sequences({rest, behind}) == numbers{1, 5});
}

TEST_CASE_METHOD(fixture, "if nobody knows of a batch behind one that has lost records, the numbers are lost") {
  push();
  line.acknowledged(send_all().at(0));
  const batch_ptr whole = push(5);
  const batch_ptr behind = push(2);
  (void)send_all();
  line.not_written(*whole);
  line.maybe_written(*behind);
  const batch_ptr rest = test::batch_of(pool, 4);
  line.replace(whole, {rest}, false);
  const auto settled = line.settle();
  REQUIRE(settled.wants_epoch);
  REQUIRE(settled.lost == batches{behind});
  line.use(id, 1);
  REQUIRE(send_all() == batches{rest});
  REQUIRE(rest->stamp == protocol::producer_stamp{id, 1, 0, false});
}

TEST_CASE_METHOD(fixture, "the parts of a batch that never had a number have none") {
  const batch_ptr whole = push(4);
  const batch_ptr behind = push();
  const batch_ptr first = test::batch_of(pool, 2);
  const batch_ptr second = test::batch_of(pool, 2);
  line.replace(whole, {first, second}, true);
  REQUIRE_FALSE(first->stamped());
  line.send(*line.next(), false);
  line.acknowledged(first);
  REQUIRE(send_all() == batches{second, behind});
  REQUIRE(sequences({first, second, behind}) == numbers{0, 2, 4});
}

TEST_CASE("without sequences a failure still waits for the others, and a told batch needs no accounting") {
  buffer_pool pool;
  partition_line line(false);
  batches sent;
  for (int count = 0; count < 3; ++count) {
    sent.push_back(test::batch_of(pool, 1));
    line.push(sent.back());
    line.send(*sent.back(), false);
  }
  REQUIRE_FALSE(line.told(sent[0]));
  line.maybe_written(*sent[0]);
  REQUIRE_FALSE(line.may_send(5));
  line.not_written(*sent[1]);
  line.acknowledged(sent[2]);
  const auto settled = line.settle();
  REQUIRE(settled.released == batches{sent[0]});
  REQUIRE(settled.lost.empty());
  REQUIRE_FALSE(settled.wants_epoch);
  REQUIRE(line.next() == sent[1]);
  REQUIRE(line.told(sent[1]));
  REQUIRE(line.empty());
}

TEST_CASE("sequence numbers wrap from the greatest to 0, as Kafka's do") {
  REQUIRE(sequence_after(0, 1) == 1);
  REQUIRE(sequence_after(last_sequence - 1, 1) == last_sequence);
  REQUIRE(sequence_after(last_sequence, 1) == 0);
  REQUIRE(sequence_after(last_sequence, last_sequence) == last_sequence - 1);
  REQUIRE(sequence_after(last_sequence - 2, 10) == 7);
}

TEST_CASE_METHOD(fixture, "a line goes around the end of the sequence numbers and its broker follows") {
  fake::producer_states broker;
  std::int64_t offset = 0;
  const auto deliver = [&](const batch_ptr& batch) {
    line.push(batch);
    line.send(*batch, false);
    const auto& header = batch->sealed_bytes.header();
    if (broker.judge(header).code != broker_errc::none) FAIL("refused at sequence " << header.base_sequence);
    broker.appended(header, std::exchange(offset, offset + header.record_count));
    line.acknowledged(batch);
  };
  // The same records again and again: what counts is how many.
  constexpr std::int32_t many = 1 << 20;
  const batch_ptr large = test::batch_of(pool, many);
  for (int count = 0; count < 2047; ++count) {
    large->stamp = {};
    deliver(large);
  }
  deliver(test::batch_of(pool, many - 3));
  const batch_ptr across = test::batch_of(pool, 5);
  deliver(across);
  REQUIRE(across->stamp.base_sequence == last_sequence - 2);
  const batch_ptr after = test::batch_of(pool, 1);
  deliver(after);
  REQUIRE(after->stamp.base_sequence == 2);
  REQUIRE(broker.judge(across->sealed_bytes.header()).known);  // sent again it is known
}

TEST_CASE_METHOD(fixture, "a line may end exactly at the greatest sequence number") {
  constexpr std::int32_t many = 1 << 20;
  const batch_ptr large = test::batch_of(pool, many);
  for (int count = 0; count < 2048; ++count) {
    large->stamp = {};
    line.push(large);
    line.send(*large, false);
    line.acknowledged(large);
  }
  push();
  REQUIRE(sequences(send_all()) == numbers{0});
}

}  // namespace
}  // namespace kafka::client
