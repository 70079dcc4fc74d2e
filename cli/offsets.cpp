// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_session.hpp"
#include "cli/failures.hpp"
#include "cli/group_commands.hpp"
#include "cli/json_text.hpp"
#include "cli/table.hpp"

namespace kafka::cli {
namespace {

struct partition_offsets {
  topic_partition where;
  std::int64_t oldest = -1;
  std::int64_t newest = -1;
  /// For each time; -1: no record is so late.
  std::vector<std::int64_t> since = {};
};

void append_line(std::string& out, const partition_offsets& one) {
  out += one.where.topic + '\t' + std::to_string(one.where.partition) + '\t' + std::to_string(one.oldest) + '\t' +
         std::to_string(one.newest);
  for (const std::int64_t each : one.since) out += '\t' + (each < 0 ? std::string("-") : std::to_string(each));
  out += '\n';
}

void append_json_object(std::string& out, const partition_offsets& one, const std::vector<timestamp_ms>& times) {
  out += '{';
  append_json_text(out, "topic", one.where.topic);
  append_json_number(out, "partition", one.where.partition);
  append_json_number(out, "oldest", one.oldest);
  append_json_number(out, "newest", one.newest);
  append_json_name(out, "since");
  out += '[';
  for (std::size_t index = 0; index < times.size(); ++index) {
    out += index > 0 ? ",{" : "{";
    append_json_number(out, "timestamp", times[index]);
    append_json_number(out, "offset", known(one.since[index]));
    out += '}';
  }
  out += "]}\n";
}

}  // namespace

void show_offsets(const offsets_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  const std::vector<topic_partition> partitions = partitions_of(admin, options.topics);
  // All questions of a partition stand together, and so do their answers.
  std::vector<assignment> queries;
  for (const topic_partition& where : partitions) {
    queries.push_back({where.topic, where.partition, position::oldest()});
    queries.push_back({where.topic, where.partition, position::newest()});
    for (const timestamp_ms time : options.times)
      queries.push_back({where.topic, where.partition, position::since(time)});
  }
  const std::vector<offset_result> told = admin->list_offsets(queries);
  failures wrong;
  if (!options.json) append_heading(work.out.text, {"topic", "partition", "oldest", "newest", "since ..."});
  auto next = told.begin();
  for (const topic_partition& where : partitions) {
    partition_offsets one{where};
    error failure;
    for (std::size_t index = 0; index < options.times.size() + 2; ++index, ++next) {
      if (next->failure) failure = next->failure;
      if (index == 0) one.oldest = next->offset;
      if (index == 1) one.newest = next->offset;
      if (index > 1) one.since.push_back(next->offset);
    }
    wrong.add(failure);
    if (failure) continue;
    if (options.json) {
      append_json_object(work.out.text, one, options.times);
    } else {
      append_line(work.out.text, one);
    }
    work.out.step();
  }
  wrong.end(work.out);
}

}  // namespace kafka::cli
