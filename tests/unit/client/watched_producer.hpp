// SPDX-License-Identifier: Apache-2.0
// A producer whose every batch on the wire is looked at, and whose every record is accounted for at the end.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "fake/control.hpp"
#include "support/client_fixtures.hpp"
#include "unit/client/batches.hpp"

namespace kafka::test {

/// A batch as a broker got it.
struct sent_batch {
  std::int32_t node = 0;
  std::int32_t partition = 0;
  protocol::record_batch_header header;
  shared_bytes bytes;
  steady_time at{};

  [[nodiscard]] std::int32_t sequence() const { return header.base_sequence; }
};

class watched_producer : public producer_fixture {
 public:
  /// Each record of `send_together` is a batch of its own.
  explicit watched_producer(producer_config settings = one_record_a_batch(), std::int32_t count = 1,
                            const std::string& version = "4.3")
      : producer_fixture(std::move(settings), count, version) {
    cluster.control(api_key::produce, [this](fake::call& call) {
      note(call);
      return fake::verdict{};
    });
  }

  static producer_config one_record_a_batch() {
    producer_config out;
    out.linger = std::chrono::milliseconds(0);
    out.batch_bytes_max = 300;
    return out;
  }
  static std::string padded(const std::string& name, std::size_t size = 200) {
    std::string out(size, '.');
    std::copy(name.begin(), name.end(), out.begin());
    return out;
  }
  static std::string name_of(const std::string& value) { return value.substr(0, value.find('.')); }

  /// Appends all before the client may look, so that as many as possible are under way at once.
  void send_together(const std::vector<std::string>& names, std::int32_t partition = 0,
                     const std::string& topic = "t") {
    for (const std::string& name : names) {
      const std::string value = padded(name);
      message record;
      record.topic = topic;
      record.value = value;
      REQUIRE(records.append(records.queue_of(topic, partition), {&record, 1}, 1000, nullptr, false).count == 1);
      order[{topic, partition}].push_back(name);
    }
    client.post(client::event::tick{});
  }
  void acknowledge_one(const std::string& name, std::int32_t partition = 0) {
    const std::size_t before = completed().size();
    send_together({name}, partition);
    REQUIRE(run_until_completed(before + 1));
    REQUIRE_FALSE(done.back().failure);
  }

  /// Decides, in order, about the first batch with each of these names.
  void misfortune(const std::string& name, fake::verdict what, std::size_t times = 1) {
    cluster.control(
        api_key::produce,
        [this, name, what](fake::call& call) {
          bool is_there = false;
          for_each_batch(call, [&](std::int32_t, const shared_bytes& bytes) {
            const auto inside = names_in(bytes);
            is_there = is_there || std::find(inside.begin(), inside.end(), name) != inside.end();
          });
          return is_there ? what : fake::verdict{};
        },
        times);
  }
  void misfortune(const std::string& name, fake_verdict::kind kind, broker_errc code = broker_errc::none,
                  std::chrono::milliseconds duration = {}) {
    misfortune(name, fake_verdict{kind, code, duration});
  }

  std::vector<std::string> names_in(const shared_bytes& bytes) {
    std::vector<std::string> out;
    protocol::record_batch_reader reader(bytes);
    REQUIRE(reader.next() == protocol::batch_step::batch);
    protocol::batch_records content;
    REQUIRE_FALSE(reader.batch().open(pool, content));
    protocol::record_cursor cursor = content.cursor();
    for (protocol::record_ref record; cursor.next(record);) out.push_back(name_of(record.value.str()));
    return out;
  }
  std::vector<std::string> log_names(std::int32_t partition = 0, const std::string& topic = "t") {
    std::vector<std::string> out;
    for (const std::string& value : values(topic, partition)) out.push_back(name_of(value));
    return out;
  }
  /// What was sent since `from`, as name@sequence.
  std::vector<std::string> wire(std::size_t from = 0) {
    std::vector<std::string> out;
    for (std::size_t index = from; index < sent.size(); ++index) {
      out.push_back(names_in(sent[index].bytes).at(0) + "@" + std::to_string(sent[index].sequence()));
    }
    return out;
  }
  std::set<std::int16_t> epochs() const {
    std::set<std::int16_t> out;
    for (const sent_batch& one : sent) out.insert(one.header.producer_epoch);
    return out;
  }

  /// What holds whatever happened: each record was told once; what was acknowledged lies where it was said to lie, what
  /// was certainly not written lies nowhere, nothing twice, and all in the order of sending. `acknowledged`: how many
  /// were.
  void verify(std::size_t acknowledged, const std::string& topic = "t") {
    std::map<std::string, int> told;
    std::size_t good = 0;
    for (client::completed_batch& one : completed()) {
      const auto names = log_names(one.batch->partition.partition, topic);
      std::size_t index = 0;
      for (const std::string& value : values_of(*one.batch)) {
        const std::string name = name_of(value);
        INFO("record " << name << ": " << one.failure.message());
        REQUIRE(++told[name] == 1);
        const auto copies = std::count(names.begin(), names.end(), name);
        if (!one.failure) {
          ++good;
          REQUIRE(copies == 1);
          if (one.base_offset >= 0) REQUIRE(names.at(static_cast<std::size_t>(one.base_offset) + index) == name);
        } else {
          REQUIRE(copies <= (one.failure.outcome() == write_outcome::not_written ? 0 : 1));
        }
        ++index;
      }
    }
    REQUIRE(good == acknowledged);
    for (const auto& [where, names] : order) {
      if (where.topic != topic) continue;
      auto at = names.begin();
      for (const std::string& name : log_names(where.partition, topic)) {
        INFO("record " << name << " in its log");
        REQUIRE(told[name] == 1);
        at = std::find(at, names.end(), name);
        REQUIRE(at != names.end());
      }
    }
  }
  /// Whether different bytes were ever sent under the same number.
  bool numbers_reused() const {
    std::map<std::tuple<std::int32_t, std::int64_t, std::int16_t, std::int32_t>, shared_bytes> seen;
    return std::any_of(sent.begin(), sent.end(), [&](const sent_batch& one) {
      const auto& header = one.header;
      const auto [at, is_new] =
          seen.try_emplace({one.partition, header.producer_id, header.producer_epoch, header.base_sequence}, one.bytes);
      return !is_new && !(at->second == one.bytes);
    });
  }

  std::vector<sent_batch> sent;
  std::map<topic_partition, std::vector<std::string>> order;

 private:
  template <class Function>
  static void for_each_batch(fake::call& call, Function&& function) {
    for (const auto& topic : call.as<protocol::produce_request>()->topic_data) {
      for (const auto& partition : topic.partition_data) function(partition.index, *partition.records);
    }
  }
  void note(fake::call& call) {
    for_each_batch(call, [&](std::int32_t partition, const shared_bytes& bytes) {
      sent.push_back({call.node(), partition, protocol::read_batch_header(bytes), bytes, call.header().arrived});
    });
  }
};

}  // namespace kafka::test
