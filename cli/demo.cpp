// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include <kafka/admin.hpp>
#include <kafka/consumer.hpp>
#include <kafka/fake_cluster.hpp>
#include <kafka/producer.hpp>

#include "cli/commands.hpp"
#include "cli/delivery_count.hpp"
#include "cli/demo_records.hpp"
#include "cli/progress.hpp"

namespace kafka::cli {
namespace {

using namespace std::chrono_literals;

constexpr const char* topic = "demo";
constexpr std::int32_t partitions = 6;
// Much longer than any healthy machine needs; the demonstration must not hang on an unhealthy one.
constexpr std::chrono::seconds patience{60};

void say(context& work, const std::string& line) {
  work.out.text += line + '\n';
  work.out.flush();
}

void make_topic(const std::string& brokers, context& work) {
  admin to(admin_config{.bootstrap_servers = brokers});
  for (const topic_result& each :
       to.create_topics({{.name = topic, .partitions = partitions, .replication_factor = 3}})) {
    if (each.failure) throw each.failure;
  }
  say(work,
      "created topic " + std::string(topic) + " with " + std::to_string(partitions) + " partitions, 3 replicas each");
}

void produce_all(const std::string& brokers, std::uint64_t count, demo_records& records, context& work) {
  producer to(producer_config{.bootstrap_servers = brokers});
  const interrupts::guard closing(work.interrupted, [&to] { to.close(0ms); });
  delivery_count delivered;
  work_done done{.records_total = count};
  progress_meter meter(true);
  for (std::uint64_t number = 0; number < count; ++number) {
    const std::string key = demo_records::key_of(number);
    const std::string value = demo_records::value_of(number);
    to.send({.topic = topic, .key = bytes_view(key), .value = bytes_view(value)},
            [&records, &delivered, number](const delivery_result& result) {
              if (result) records.note_delivery(number, result.delivery());
              delivered.note(result);
            });
    ++done.records;
    done.bytes += key.size() + value.size();
    if (number % 1024 == 0) meter.update(done);
  }
  if (const error late = to.flush(patience)) throw error(late);
  if (delivered.failed() > 0) throw delivered.first_failure();
  say(work, "produced " + summary_text(done, meter.elapsed()));
}

void consume_all(const std::string& brokers, std::uint64_t count, demo_records& checked, context& work) {
  consumer from(consumer_config{.bootstrap_servers = brokers});
  const interrupts::guard waking(work.interrupted, [&from] { from.wakeup(); });
  std::vector<assignment> all;
  for (std::int32_t partition = 0; partition < partitions; ++partition)
    all.push_back({topic, partition, position::oldest()});
  from.assign(std::move(all));
  work_done done{.records_total = count};
  progress_meter meter(true);
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (checked.seen() < count && !work.interrupted && std::chrono::steady_clock::now() < give_up) {
    const records batch = from.poll(500ms);
    for (const record_view& record : batch) {
      checked.check(shown_record(record));
      ++done.records;
      done.bytes += record.key().size() + record.value().size();
    }
    meter.update(done);
  }
  if (!work.interrupted) say(work, "consumed " + summary_text(done, meter.elapsed()));
}

}  // namespace

void run_demo(const demo_options& options, context& work) {
  const fake_cluster cluster({.nodes = 3});
  const std::string brokers = cluster.bootstrap_servers();
  say(work, "started a fake cluster of 3 nodes in this process: " + brokers);
  make_topic(brokers, work);
  demo_records records(options.records, partitions);
  produce_all(brokers, options.records, records, work);
  if (work.interrupted) return;
  consume_all(brokers, options.records, records, work);
  if (work.interrupted) return;
  records.check_complete();
  if (!records.problem().empty()) throw std::runtime_error(records.problem());
  say(work, "checked: every record came back once, unchanged, in its key's partition (murmur2) and in order");
}

}  // namespace kafka::cli
