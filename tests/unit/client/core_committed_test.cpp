// SPDX-License-Identifier: Apache-2.0
// Reading committed records only (KIP-98), through the whole pure client against the fake cluster, in virtual time.
#include <algorithm>
#include <cstring>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"

namespace kafka::client {
namespace {

using namespace std::chrono_literals;
using protocol::fetch_response;
using test::consumer_fixture;
using strings = std::vector<std::string>;

consumer_config committed_only() {
  consumer_config out;
  out.read_committed = true;
  return out;
}

/// A topic in which transactions of several producers lie, and a reader of it.
class transactional_topic : public consumer_fixture {
 public:
  explicit transactional_topic(consumer_config asked = committed_only()) : consumer_fixture(std::move(asked)) {
    create_topic("t");
  }
  void send(std::int64_t producer, const std::string& value) {
    const shared_bytes plain = fake::make_batch({{-1, 1000, std::nullopt, value, {}}}, client.now().wall, pool);
    unique_buffer made(plain.size());
    std::memcpy(made.data(), plain.data(), plain.size());
    const std::span<std::byte> bytes(made.data(), plain.size());
    protocol::record_batch_header header = protocol::read_batch_header(bytes);
    header.attributes |= protocol::batch_attributes::transactional;
    header.producer_id = producer;
    header.producer_epoch = 0;
    header.base_sequence = 0;
    protocol::write_batch_header(bytes, header);
    header.crc = protocol::batch_crc(bytes);
    protocol::write_batch_header(bytes, header);
    cluster.state().append(*cluster.state().find_topic("t"), partition("t"), bytes, client.now());
  }
  void end(std::int64_t producer, bool commit) {
    protocol::producer_stamp stamp;
    stamp.producer_id = producer;
    stamp.producer_epoch = 0;
    cluster.state().append_marker(*cluster.state().find_topic("t"), partition("t"), stamp, commit, client.now());
  }
  /// Two producers side by side, one of which aborts, a third one whose transaction hangs.
  void interleave() {
    send(1, "kept-1");
    send(2, "gone-1");
    send(1, "kept-2");
    send(2, "gone-2");
    end(2, false);
    end(1, true);
    send(2, "kept-3");
    send(1, "gone-3");
    end(2, true);
    end(1, false);
    write("t", {"plain"});
    send(3, "open");
    send(1, "behind the open one");
    end(1, true);
  }
};

TEST_CASE_METHOD(transactional_topic, "of interleaved transactions the committed ones are read, up to one that hangs") {
  interleave();
  assign("t", position::oldest());
  REQUIRE(run_until_received(4, 2s));
  client.run_for(2s);
  REQUIRE(values_received() == strings{"kept-1", "kept-2", "kept-3", "plain"});
  REQUIRE(next_offset == partition("t").last_stable_offset());
  end(3, true);
  client.nudge();
  REQUIRE(run_until_received(6, 2s));
  REQUIRE(received == strings{"kept-1", "kept-2", "kept-3", "plain", "open", "behind the open one"});
  REQUIRE(failures.empty());
}

TEST_CASE("the list of aborted transactions may come in any order") {
  transactional_topic self;
  self.cluster.control(api_key::fetch, [](fake::call&) {
    return fake::verdict::edited<fetch_response>([](fetch_response& response) {
      for (auto& topic : response.responses) {
        for (auto& one : topic.partitions) {
          if (one.aborted_transactions)
            std::reverse(one.aborted_transactions->begin(), one.aborted_transactions->end());
        }
      }
    });
  });
  self.interleave();
  self.assign("t", position::oldest());
  REQUIRE(self.run_until_received(4, 2s));
  REQUIRE(self.received == strings{"kept-1", "kept-2", "kept-3", "plain"});
}

TEST_CASE("transactions are told apart as well when every batch comes in an answer of its own") {
  consumer_config config = committed_only();
  config.fetch_bytes_max = config.partition_fetch_bytes_max = 1;
  transactional_topic self(config);
  self.interleave();
  self.assign("t", position::oldest());
  REQUIRE(self.run_until_received(4, 5s));
  self.client.run_for(1s);
  REQUIRE(self.values_received() == strings{"kept-1", "kept-2", "kept-3", "plain"});
}

TEST_CASE_METHOD(transactional_topic, "a second marker of an aborted transaction is no harm") {
  send(1, "gone");
  end(1, false);
  end(1, false);
  send(1, "kept");
  end(1, true);
  assign("t", position::oldest());
  REQUIRE(run_until_received(1, 2s));
  REQUIRE(received == strings{"kept"});
}

TEST_CASE_METHOD(transactional_topic,
                 "where all was aborted, or only markers lie, the position still gets to the end") {
  for (int round = 0; round < 3; ++round) {
    send(1, "gone");
    end(1, false);
  }
  assign("t", position::oldest());
  client.run_for(1s);
  REQUIRE(values_received().empty());
  REQUIRE(next_offset == 6);
  REQUIRE(end_offset == 6);
  write("t", {"next"});
  REQUIRE(run_until_received(1, 1s));
}

TEST_CASE("a reader of everything sees aborted records, too, but no markers") {
  transactional_topic self(consumer_config{});
  self.interleave();
  self.assign("t", position::oldest());
  REQUIRE(self.run_until_received(9, 2s));
  self.client.run_for(1s);
  REQUIRE(self.values_received().size() == 9);
}

TEST_CASE_METHOD(transactional_topic, "a seek into the middle of an aborted transaction shows nothing of it") {
  send(1, "gone-1");
  send(1, "gone-2");
  write("t", {"plain"});
  send(1, "gone-3");
  end(1, false);
  assign("t", position::at(1));
  REQUIRE(run_until_received(1, 2s));
  client.run_for(1s);
  REQUIRE(values_received() == strings{"plain"});
}

}  // namespace
}  // namespace kafka::client
