// SPDX-License-Identifier: Apache-2.0
// consumer_config::unpack_on: batches opened ahead of the polls, over TCP against the fake cluster.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <deque>
#include <kafka/async.hpp>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <random>

#include "support/catch.hpp"

namespace kafka {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// An executor that runs nothing until the test says so, on the test's thread.
class by_hand {
 public:
  [[nodiscard]] work_executor executor() {
    return [this](std::function<void()> work) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(work));
      came_.notify_all();
    };
  }
  /// Waits until there is that much work; false if it does not come.
  [[nodiscard]] bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, 10s, [&] { return waiting_.size() >= count; });
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  void run_all() {
    for (;;) {
      std::function<void()> next;
      {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return;
        next = std::move(waiting_.front());
        waiting_.pop_front();
      }
      next();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::function<void()>> waiting_;
};

struct unpacking_fixture {
  static constexpr int partitions = 4;

  unpacking_fixture() { cluster.create_topic("t", partitions); }

  /// Records of `bytes` each, their numbers in front, in batches of ten.
  void write(int from, int to, std::int32_t partition = 0, std::size_t bytes = 20,
             compression codec = compression::zstd) {
    producer sender({.bootstrap_servers = cluster.bootstrap_servers(), .linger = 1s, .compression = codec});
    for (int index = from; index < to; ++index) {
      message one;
      one.topic = "t";
      one.partition = partition;
      const std::string value = std::to_string(index) + ' ' + std::string(bytes, 'x');
      one.value = value;
      sender.send(one);
      if (index % 10 == 9) sender.flush(10s);
    }
    sender.flush(10s);
  }
  static std::vector<int> numbers_of(const records& polled) {
    std::vector<int> out;
    for (const record_view& one : polled) out.push_back(std::stoi(one.value().str()));
    return out;
  }
  static std::vector<int> read(consumer& from, std::size_t count) {
    std::vector<int> out;
    while (out.size() < count) {
      const records polled = from.poll(10s);
      if (polled.empty()) break;
      for (const int one : numbers_of(polled)) out.push_back(one);
    }
    return out;
  }
  static std::vector<int> range(int from, int to) {
    std::vector<int> out;
    for (int index = from; index < to; ++index) out.push_back(index);
    return out;
  }

  fake_cluster cluster;
  by_hand hand;
  consumer_config config{.bootstrap_servers = cluster.bootstrap_servers()};
};

TEST_CASE_METHOD(unpacking_fixture, "an executor that never runs anything costs a blocking consumer no record") {
  write(0, 500);
  config.unpack_on = hand.executor();
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(read(reader, 500) == range(0, 500));
  REQUIRE(hand.size() > 0);
  const auto before = std::chrono::steady_clock::now();
  REQUIRE_FALSE(reader.close(10s));
  REQUIRE(std::chrono::steady_clock::now() - before < 5s);
  hand.run_all();  // what is left of it does no harm
}

TEST_CASE_METHOD(unpacking_fixture, "what an executor opened while records were handled is what polls return") {
  write(0, 100);
  config.unpack_on = hand.executor();
  config.poll_records_max = 10;
  std::vector<int> seen;
  {
    consumer reader(config);
    reader.assign({{"t", 0, position::oldest()}});
    while (seen.size() < 100) {
      hand.run_all();
      for (const int one : numbers_of(reader.poll(10s))) seen.push_back(one);
    }
  }
  hand.run_all();  // the consumer is gone
  REQUIRE(seen == range(0, 100));
}

TEST_CASE_METHOD(unpacking_fixture, "batches that are not compressed are not handed to the executor") {
  write(0, 50, 0, 20, compression::none);
  config.unpack_on = hand.executor();
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(read(reader, 50) == range(0, 50));
  REQUIRE(hand.size() == 0);
}

TEST_CASE_METHOD(unpacking_fixture,
                 "after a seek what was begun before gives no record, and a seek into a batch holds") {
  write(0, 100);
  config.unpack_on = hand.executor();
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(hand.wait_for(1));
  hand.run_all();
  reader.seek({"t", 0}, position::at(57));
  hand.run_all();
  REQUIRE(read(reader, 43) == range(57, 100));
  // Likewise while the work has not begun.
  reader.seek({"t", 0}, position::at(3));
  REQUIRE(hand.wait_for(1));
  reader.seek({"t", 0}, position::at(98));
  hand.run_all();
  REQUIRE(read(reader, 2) == range(98, 100));
}

TEST_CASE_METHOD(unpacking_fixture,
                 "a batch that unfolds too far is told as without an executor, behind what comes before") {
  write(0, 10);
  write(10, 20, 0, 50'000);  // unfolds to half a million bytes
  write(20, 30);
  for (const bool ahead : {false, true}) {
    INFO("ahead: " << ahead);
    config.decompressed_batch_bytes_max = 10'000;
    config.unpack_on = ahead ? hand.executor() : work_executor();
    consumer reader(config);
    reader.assign({{"t", 0, position::oldest()}});
    if (ahead) {
      REQUIRE(hand.wait_for(1));
      hand.run_all();
    }
    REQUIRE(read(reader, 10) == range(0, 10));
    error failure;
    REQUIRE(reader.poll(10s, failure).empty());
    REQUIRE(failure == client_errc::limit_exceeded);
    REQUIRE(reader.position_of({"t", 0}) == 10);
    INFO(failure.message());
    REQUIRE(failure.message().find("fetch of t-0, offsets 10 to ") != std::string::npos);
    REQUIRE(reader.poll(50ms, failure).empty());
    REQUIRE_FALSE(failure);
    reader.seek({"t", 0}, position::at(20));
    REQUIRE(read(reader, 10) == range(20, 30));
  }
}

TEST_CASE_METHOD(unpacking_fixture, "what waits opened is bounded, and a paused partition does not hold up another") {
  for (int batch = 0; batch < 20; ++batch) write(batch * 10, batch * 10 + 10, 0, 50'000);
  write(0, 100, 1);
  config.prefetch_bytes_max = 1 << 20;  // of which half may be opened: one batch of half a million bytes
  config.unpack_on = [](const std::function<void()>& work) { work(); };
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(read(reader, 200) == range(0, 200));
  reader.assign({{"t", 0, position::oldest()}, {"t", 1, position::oldest()}});
  reader.pause({{"t", 0}});
  REQUIRE(read(reader, 100) == range(0, 100));
  reader.resume({{"t", 0}});
  REQUIRE(read(reader, 200) == range(0, 200));
}

TEST_CASE_METHOD(unpacking_fixture, "an executor that throws is told to the log, and the records come all the same") {
  write(0, 50);
  std::mutex mutex;
  std::string told;
  config.log = [&](log_level, std::string_view line) {
    const std::lock_guard lock(mutex);
    told += line;
  };
  config.unpack_on = [](const std::function<void()>&) { throw std::runtime_error("no room"); };
  consumer reader(config);
  reader.assign({{"t", 0, position::oldest()}});
  REQUIRE(read(reader, 50) == range(0, 50));
  const std::lock_guard lock(mutex);
  REQUIRE(told.find("unpack_on threw: no room") != std::string::npos);
}

TEST_CASE_METHOD(unpacking_fixture, "with four threads the order in partitions holds, through seeks and pauses") {
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    write(0, 2000, partition, 200, partition % 2 == 0 ? compression::zstd : compression::lz4);
  }
  asio::thread_pool pool(4);
  config.unpack_on = [&pool](std::function<void()> work) { asio::post(pool, std::move(work)); };
  config.poll_records_max = 97;
  config.prefetch_bytes_max = 1 << 18;
  std::mt19937 random(7);
  {
    consumer reader(config);
    std::vector<assignment> all;
    std::map<std::int32_t, std::int64_t> next;
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      all.push_back({"t", partition, position::oldest()});
      next[partition] = 0;
    }
    reader.assign(all);
    std::size_t seeks = 0;
    const auto is_over = [&] {
      return seeks >= 40 && std::all_of(next.begin(), next.end(), [](const auto& one) { return one.second == 2000; });
    };
    while (!is_over()) {
      const records polled = reader.poll(10s);
      if (polled.empty() && seeks >= 40) break;  // told below
      for (const record_view& one : polled) {
        REQUIRE(one.offset() == next[one.partition()]);
        REQUIRE(std::stoll(one.value().str()) == one.offset());
        ++next[one.partition()];
      }
      if (seeks >= 40) continue;
      ++seeks;
      const topic_partition where{"t", static_cast<std::int32_t>(random() % partitions)};
      next[where.partition] = static_cast<std::int64_t>(random() % 1900);
      reader.seek(where, position::at(next[where.partition]));
      if (seeks % 4 == 0) reader.pause({where});
      if (seeks % 4 == 0) reader.resume({{"t", 0}, {"t", 1}, {"t", 2}, {"t", 3}});
    }
    REQUIRE(is_over());
    reader.seek({"t", 0}, position::at(0));  // and destroyed while work is under way
  }
  pool.join();
}

TEST_CASE_METHOD(unpacking_fixture, "with four threads what one batch cannot give stops its partition alone") {
  for (std::int32_t partition = 0; partition < partitions; ++partition) write(0, 300, partition);
  write(300, 310, 2, 50'000);
  write(310, 320, 2);
  config.decompressed_batch_bytes_max = 50'000;
  asio::thread_pool pool(4);
  config.unpack_on = [&pool](std::function<void()> work) { asio::post(pool, std::move(work)); };
  std::map<std::int32_t, std::int64_t> count;
  std::vector<error> failures;
  {
    consumer reader(config);
    reader.assign({{"t", 0, position::oldest()}, {"t", 1, position::oldest()}, {"t", 2, position::oldest()}});
    while (count[0] + count[1] + count[2] < 900 || failures.empty()) {
      error failure;
      const records polled = reader.poll(10s, failure);
      if (failure) failures.push_back(failure);
      if (polled.empty() && !failure) break;
      for (const record_view& one : polled) REQUIRE(one.offset() == count[one.partition()]++);
    }
    REQUIRE(reader.position_of({"t", 2}) == 300);
  }
  REQUIRE(count == std::map<std::int32_t, std::int64_t>{{0, 300}, {1, 300}, {2, 300}});
  REQUIRE(failures.size() == 1);
  REQUIRE(failures[0] == client_errc::limit_exceeded);
  pool.join();
}

// --- asynchronously

TEST_CASE_METHOD(unpacking_fixture, "an async_poll waits for the executor, and neither cancelling nor closing does") {
  write(0, 20);
  config.unpack_on = hand.executor();
  asio::io_context context;
  std::optional<async::consumer> reader(std::in_place, context.get_executor(), config);
  reader->assign({{"t", 0, position::oldest()}});
  asio::cancellation_signal stop;
  std::optional<boost::system::error_code> cancelled;
  reader->async_poll(asio::bind_cancellation_slot(
      stop.slot(), [&](boost::system::error_code code, const records&) { cancelled = code; }));
  while (hand.size() == 0 && context.run_one_for(10s) != 0) {
  }
  context.run_for(50ms);
  REQUIRE_FALSE(cancelled);
  stop.emit(asio::cancellation_type::all);
  while (!cancelled && context.run_one_for(10s) != 0) {
  }
  REQUIRE(cancelled == asio::error::operation_aborted);
  // Nothing is lost by that.
  std::vector<int> seen;
  reader->async_poll([&](boost::system::error_code, const records& polled) { seen = numbers_of(polled); });
  context.run_for(20ms);
  REQUIRE(seen.empty());
  hand.run_all();
  while (seen.empty() && context.run_one_for(10s) != 0) {
  }
  REQUIRE(seen == range(0, 20));
  // Closed while work waits that nobody will do.
  reader->seek({"t", 0}, position::at(0));
  std::optional<boost::system::error_code> closed;
  std::optional<boost::system::error_code> polled;
  reader->async_poll([&](boost::system::error_code code, const records&) { polled = code; });
  while (hand.size() == 0 && context.run_one_for(10s) != 0) {
  }
  reader->async_close(5s, [&](boost::system::error_code code) { closed = code; });
  while ((!closed || !polled) && context.run_one_for(10s) != 0) {
  }
  REQUIRE(closed == boost::system::error_code());
  REQUIRE(polled == make_error_code(client_errc::closed));
  reader.reset();
  hand.run_all();
}

TEST_CASE_METHOD(unpacking_fixture, "an async consumer reads everything in order by a pool of its own") {
  for (std::int32_t partition = 0; partition < partitions; ++partition) write(0, 1000, partition, 300);
  asio::thread_pool pool(4);
  std::map<std::int32_t, std::int64_t> next;
  std::size_t count = 0;
  bool in_order = true;
  asio::io_context context;
  {
    async::consumer reader(context.get_executor(), config, pool.get_executor());
    std::vector<assignment> all;
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      all.push_back({"t", partition, position::oldest()});
    }
    reader.assign(all);
    std::function<void(boost::system::error_code, records)> take = [&](boost::system::error_code code,
                                                                       const records& polled) {
      if (code) return;
      for (const record_view& one : polled) in_order = in_order && one.offset() == next[one.partition()]++;
      count += polled.size();
      if (count < 4000) return reader.async_poll(take);
      reader.async_close(5s, [](boost::system::error_code) {});
    };
    reader.async_poll(take);
    context.run_for(60s);
  }
  pool.join();
  REQUIRE(in_order);
  REQUIRE(count == 4000);
}

TEST_CASE_METHOD(unpacking_fixture, "records of a resumed partition wake an async_poll that waits") {
  write(0, 10, 0, 20, compression::none);
  asio::io_context context;
  async::consumer reader(context.get_executor(), config);
  reader.assign({{"t", 0, position::oldest()}});
  std::vector<int> seen;
  reader.async_poll([&](boost::system::error_code, const records& polled) { seen = numbers_of(polled); });
  while (seen.empty() && context.run_one_for(10s) != 0) {
  }
  // A fetched record waits while its partition is paused.
  reader.seek({"t", 0}, position::at(0));
  cluster.clear_requests();
  const auto has_fetched = [&] {
    const auto all = cluster.requests();
    return std::count_if(all.begin(), all.end(), [](const auto& one) { return one.key == api_key::fetch; }) >= 2;
  };
  while (!has_fetched() && context.run_one_for(10s) != 0) {
  }
  reader.pause({{"t", 0}});
  std::vector<int> again;
  reader.async_poll([&](boost::system::error_code, const records& polled) { again = numbers_of(polled); });
  context.run_for(50ms);
  REQUIRE(again.empty());
  reader.resume({{"t", 0}});
  while (again.empty() && context.run_one_for(3s) != 0) {
  }
  REQUIRE(again == range(0, 10));
}

}  // namespace
}  // namespace kafka
