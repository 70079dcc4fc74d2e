// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <map>
#include <system_error>

#include <unistd.h>

#include "cli/admin_session.hpp"
#include "cli/byte_source.hpp"
#include "cli/failures.hpp"
#include "cli/group_commands.hpp"
#include "cli/json_text.hpp"
#include "cli/table.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

using kind = reset_target::kind;
using resets = std::vector<partition_reset>;

/// Whoever reads goes on from where it is, and stores that: it would undo the change.
void check_idle(admin_session& admin, const std::string& group) {
  const group_description told = admin->describe_groups({group}).at(0);
  if (told.failure == broker_errc::group_id_not_found) return;  // it is made
  if (told.failure) throw error(told.failure);
  if (told.state == group_state::empty || told.state == group_state::dead) return;
  throw error(client_errc::invalid_state,
              "group " + group + " has members (it is " + std::string(to_string(told.state)) + "): stop them first");
}

std::string read_all(const std::string& file, const interrupts& interrupted) {
  std::FILE* opened = file == "-" ? stdin : std::fopen(file.c_str(), "rb");
  if (!opened) throw std::system_error(errno, std::generic_category(), file);
  descriptor_source source(::fileno(opened), interrupted.descriptor(), file);
  std::string text;
  char piece[4096];
  for (;;) {
    const std::size_t count = source.read(piece, sizeof piece);
    if (count == 0) break;
    text.append(piece, count);
  }
  if (opened != stdin) std::fclose(opened);
  if (source.stopped()) throw error(client_errc::closed, "interrupted while reading " + file);
  return text;
}

resets from_file(const groups_reset_options& options, const interrupts& interrupted) {
  std::map<topic_partition, partition_reset> by_partition;
  for (file_offset& each : parse_offsets_file(read_all(options.file, interrupted))) {
    if (!each.group.empty() && each.group != options.group) continue;
    partition_reset one{.where = each.where};
    one.sought = each.offset;
    by_partition[each.where] = one;
  }
  resets out;
  for (auto& [where, one] : by_partition) out.push_back(std::move(one));
  return out;
}

/// The partitions to reset, with what is stored for each.
resets chosen(const groups_reset_options& options, admin_session& admin, const interrupts& interrupted) {
  const group_offsets stored = admin->list_group_offsets({{options.group, std::nullopt}}).at(0);
  if (stored.failure) throw error(stored.failure);
  std::map<topic_partition, std::int64_t> before;
  for (const group_offset_result& each : stored.offsets) {
    if (each.failure) throw error(each.failure);
    if (each.stored.offset >= 0) before[each.stored.partition] = each.stored.offset;
  }
  resets out;
  if (options.target.what == kind::file) {
    out = from_file(options, interrupted);
  } else if (options.all_topics) {
    for (const auto& [where, offset] : before) out.push_back({.where = where});
  } else {
    for (topic_partition& where : partitions_of(admin, options.topics)) out.push_back({.where = std::move(where)});
  }
  for (partition_reset& each : out) {
    const auto found = before.find(each.where);
    if (found != before.end()) each.before = found->second;
  }
  return out;
}

void look_up(admin_session& admin, resets& partitions, position from, std::int64_t partition_reset::* to) {
  std::vector<assignment> queries;
  for (const partition_reset& each : partitions) queries.push_back({each.where.topic, each.where.partition, from});
  const auto told = admin->list_offsets(queries);
  for (std::size_t index = 0; index < partitions.size(); ++index) {
    partitions[index].*to = told.at(index).offset;
    if (told[index].failure) partitions[index].failure = told[index].failure;
  }
}

void store(admin_session& admin, const std::string& group, resets& partitions) {
  std::vector<group_offset> offsets;
  for (const partition_reset& each : partitions) {
    if (!each.failure) offsets.push_back({each.where, each.after, -1, {}});
  }
  if (offsets.empty()) return;
  for (const group_offset_result& each : admin->alter_group_offsets(group, offsets)) {
    const auto found = std::find_if(partitions.begin(), partitions.end(),
                                    [&](const auto& one) { return one.where == each.stored.partition; });
    if (found != partitions.end()) found->failure = each.failure;
  }
}

/// As Kafka's own tool quotes: only what needs it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"') out += '"';
    out += letter;
  }
  return out + '"';
}

void append_line(std::string& out, const groups_reset_options& options, const partition_reset& one) {
  if (options.csv) {
    out +=
        csv_field(one.where.topic) + ',' + std::to_string(one.where.partition) + ',' + std::to_string(one.after) + '\n';
  } else if (options.json) {
    out += '{';
    append_json_text(out, "group", options.group);
    append_json_text(out, "topic", one.where.topic);
    append_json_number(out, "partition", one.where.partition);
    append_json_number(out, "before", one.before);
    append_json_number(out, "after", one.after);
    append_json_name(out, "stored");
    out += options.yes ? "true}\n" : "false}\n";
  } else {
    append_row(out, {options.group, one.where.topic, std::to_string(one.where.partition), text_of(one.before),
                     std::to_string(one.after)});
  }
}

}  // namespace

void reset_offsets(const groups_reset_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  check_idle(admin, options.group);
  resets partitions = chosen(options, admin, work.interrupted);
  look_up(admin, partitions, position::oldest(), &partition_reset::oldest);
  look_up(admin, partitions, position::newest(), &partition_reset::newest);
  if (options.target.what == kind::time)
    look_up(admin, partitions, position::since(options.target.value), &partition_reset::sought);
  for (partition_reset& each : partitions) plan_reset(options.target, each);
  if (options.yes) store(admin, options.group, partitions);
  failures wrong;
  std::string& out = work.out.text;
  if (!options.csv && !options.json) append_heading(out, {"group", "topic", "partition", "before", "after"});
  for (const partition_reset& each : partitions) {
    wrong.add(each.failure);
    if (each.failure) continue;
    if (each.clamped)
      std::fprintf(stderr, "%s: outside the log, so its nearer end %s is taken\n", to_string(each.where).c_str(),
                   std::to_string(each.after).c_str());
    append_line(out, options, each);
    work.out.step();
  }
  if (partitions.empty()) std::fprintf(stderr, "nothing to reset\n");
  if (!options.yes && !partitions.empty()) std::fprintf(stderr, "nothing is stored yet: say --yes if you mean it\n");
  wrong.end(work.out);
}

}  // namespace kafka::cli
