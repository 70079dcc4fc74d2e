// SPDX-License-Identifier: Apache-2.0
#include "fake/producer_state.hpp"

#include "support/catch.hpp"

namespace kafka::fake {
namespace {

protocol::record_batch_header batch(std::int32_t sequence, std::int32_t count, std::int16_t epoch = 0,
                                    std::int64_t producer = 9) {
  protocol::record_batch_header out;
  out.producer_id = producer;
  out.producer_epoch = epoch;
  out.base_sequence = sequence;
  out.last_offset_delta = count - 1;
  out.record_count = count;
  return out;
}

TEST_CASE("batches of a producer must follow one another") {
  producer_states states;
  CHECK(states.judge(batch(0, 10)).code == broker_errc::none);
  states.appended(batch(0, 10), 100);
  CHECK(states.judge(batch(10, 1)).code == broker_errc::none);
  CHECK(states.judge(batch(11, 1)).code == broker_errc::out_of_order_sequence_number);
  CHECK(states.judge(batch(9, 1)).code == broker_errc::out_of_order_sequence_number);
  // Others are not concerned.
  CHECK(states.judge(batch(77, 1, 0, 10)).code == broker_errc::none);
  protocol::record_batch_header without;
  CHECK(states.judge(without).code == broker_errc::none);
}

TEST_CASE("one of the last five batches is recognised with its offset") {
  producer_states states;
  for (std::int32_t index = 0; index < 6; ++index) states.appended(batch(index * 10, 10), 1000 + index * 10);
  for (std::int32_t index = 1; index < 6; ++index) {
    const auto judgement = states.judge(batch(index * 10, 10));
    CHECK(judgement.code == broker_errc::none);
    REQUIRE(judgement.known);
    CHECK(judgement.known->base_offset == 1000 + index * 10);
  }
  CHECK(states.judge(batch(0, 10)).code == broker_errc::out_of_order_sequence_number);
  // The same beginning with another end is not the same batch.
  CHECK(states.judge(batch(50, 9)).code == broker_errc::out_of_order_sequence_number);
}

TEST_CASE("a new epoch starts at sequence 0, an old one is refused") {
  producer_states states;
  states.appended(batch(0, 10, 3), 0);
  CHECK(states.judge(batch(0, 1, 2)).code == broker_errc::invalid_producer_epoch);
  CHECK(states.judge(batch(10, 1, 4)).code == broker_errc::out_of_order_sequence_number);
  CHECK(states.judge(batch(0, 1, 4)).code == broker_errc::none);
  states.appended(batch(0, 1, 4), 10);
  CHECK(states.judge(batch(0, 10, 3)).code == broker_errc::invalid_producer_epoch);
  CHECK(states.judge(batch(1, 1, 4)).code == broker_errc::none);
}

TEST_CASE("sequences start again at 0 after 2^31 - 1") {
  producer_states states;
  states.appended(batch(INT32_MAX - 1, 2), 0);
  CHECK(states.judge(batch(0, 5)).code == broker_errc::none);
  states.appended(batch(INT32_MAX - 1, 4), 0);
  CHECK(states.judge(batch(2, 5)).code == broker_errc::none);
  CHECK(states.judge(batch(INT32_MAX - 1, 4)).known);
}

TEST_CASE("a batch from before the last five is out of order, or a duplicate where a test wants it") {
  producer_states states;
  for (std::int32_t index = 0; index < 7; ++index) states.appended(batch(index * 10, 10), index * 10);
  CHECK(states.judge(batch(0, 10)).code == broker_errc::out_of_order_sequence_number);
  states.answer_old_duplicates_with(broker_errc::duplicate_sequence_number);
  CHECK(states.judge(batch(0, 10)).code == broker_errc::duplicate_sequence_number);
  CHECK(states.judge(batch(10, 10)).code == broker_errc::duplicate_sequence_number);
  CHECK(states.judge(batch(20, 10)).known);
  // A gap is no duplicate, nor is what overlaps.
  CHECK(states.judge(batch(80, 10)).code == broker_errc::out_of_order_sequence_number);
  CHECK(states.judge(batch(15, 10)).code == broker_errc::out_of_order_sequence_number);
  CHECK(states.judge(batch(70, 10)).code == broker_errc::none);
}

TEST_CASE("old duplicates are recognised over the end of the sequences") {
  producer_states states;
  states.answer_old_duplicates_with(broker_errc::duplicate_sequence_number);
  states.appended(batch(INT32_MAX - 9, 10), 0);
  for (std::int32_t index = 0; index < 5; ++index) states.appended(batch(index * 10, 10), 10 + index * 10);
  CHECK(states.judge(batch(INT32_MAX - 9, 10)).code == broker_errc::duplicate_sequence_number);
  CHECK(states.judge(batch(0, 10)).known);
}

TEST_CASE("a marker with a higher epoch begins the sequence again, one with the same leaves it") {
  producer_states states;
  states.appended(batch(0, 10, 3), 0);
  states.fenced(9, 3);
  CHECK(states.judge(batch(10, 1, 3)).code == broker_errc::none);
  states.fenced(9, 4);
  CHECK(states.epoch_of(9) == 4);
  CHECK(states.judge(batch(10, 1, 3)).code == broker_errc::invalid_producer_epoch);
  CHECK(states.judge(batch(10, 1, 4)).code == broker_errc::out_of_order_sequence_number);
  CHECK(states.judge(batch(0, 1, 4)).code == broker_errc::none);
}

TEST_CASE("what an unknown producer is told can be chosen") {
  producer_states states;
  CHECK(states.judge(batch(5, 1), true).code == broker_errc::out_of_order_sequence_number);
  CHECK(states.judge(batch(0, 1), true).code == broker_errc::none);
  states.answer_unknown_with(broker_errc::unknown_producer_id);
  CHECK(states.judge(batch(5, 1)).code == broker_errc::unknown_producer_id);
  CHECK(states.judge(batch(0, 1)).code == broker_errc::none);
  states.appended(batch(0, 5), 0);
  CHECK(states.knows(9));
  CHECK(states.judge(batch(5, 1)).code == broker_errc::none);
  states.forget(9);
  CHECK_FALSE(states.knows(9));
  CHECK(states.epoch_of(9) == -1);
  CHECK(states.judge(batch(5, 1)).code == broker_errc::unknown_producer_id);
}

TEST_CASE("a forgotten producer may go on anywhere") {
  producer_states states;
  states.appended(batch(0, 10), 0);
  states.forget(9);
  CHECK(states.judge(batch(500, 1)).code == broker_errc::none);
}

}  // namespace
}  // namespace kafka::fake
