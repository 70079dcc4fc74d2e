// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <map>

#include "cli/admin_session.hpp"
#include "cli/failures.hpp"
#include "cli/group_commands.hpp"
#include "cli/group_names.hpp"
#include "cli/json_text.hpp"
#include "cli/table.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

struct partition_lag {
  /// Nothing: nothing is stored.
  std::optional<std::int64_t> committed;
  std::optional<std::int64_t> end;
  /// Who has it; null if nobody has.
  const described_member* owner = nullptr;

  [[nodiscard]] std::optional<std::int64_t> lag() const {
    if (!committed || !end) return std::nullopt;
    return std::max<std::int64_t>(0, *end - *committed);
  }
};

struct group_lag {
  std::string group;
  std::map<topic_partition, partition_lag> partitions;

  /// Of the partitions whose lag is known and passes the filter; nothing if there is none.
  [[nodiscard]] std::optional<std::int64_t> total(const lag_filter& filter) const {
    std::optional<std::int64_t> sum;
    for (const auto& [where, each] : partitions) {
      const auto lag = each.lag();
      if (lag && filter.passes(lag)) sum = sum.value_or(0) + *lag;
    }
    return sum;
  }
};

/// What the groups stored and what their members have.
std::vector<group_lag> gather(const std::vector<group_offsets>& stored, const std::vector<group_description>& described,
                              failures& wrong) {
  std::vector<group_lag> out;
  for (std::size_t index = 0; index < stored.size(); ++index) {
    const group_description& group = described.at(index);
    wrong.add(group.failure ? group.failure : stored[index].failure);
    if (group.failure || stored[index].failure) continue;
    group_lag& one = out.emplace_back();
    one.group = group.group_id;
    for (const group_offset_result& each : stored[index].offsets) {
      wrong.add(each.failure);
      one.partitions[each.stored.partition].committed = known(each.stored.offset);
    }
    for (const described_member& member : group.members) {
      wrong.add(member.failure);
      for (const topic_partition& where : member.assignment) one.partitions[where].owner = &member;
    }
  }
  return out;
}

void look_up_ends(admin_session& admin, std::vector<group_lag>& groups, failures& wrong) {
  std::map<topic_partition, std::optional<std::int64_t>> ends;
  for (const group_lag& group : groups) {
    for (const auto& [where, each] : group.partitions) ends[where] = std::nullopt;
  }
  std::vector<assignment> queries;
  for (const auto& [where, end] : ends) queries.push_back({where.topic, where.partition, position::newest()});
  if (queries.empty()) return;
  for (const offset_result& each : admin->list_offsets(queries)) {
    wrong.add(each.failure);
    if (!each.failure) ends[{each.topic, each.partition}] = each.offset;
  }
  for (group_lag& group : groups) {
    for (auto& [where, each] : group.partitions) each.end = ends[where];
  }
}

void append_lines(std::string& out, const group_lag& group, const groups_lag_options& options) {
  const auto total = group.total(options.totals_only ? lag_filter{} : options.filter);
  if (options.totals_only) {
    if (options.filter.passes(total)) append_row(out, {group.group, text_of(total)});
    return;
  }
  for (const auto& [where, each] : group.partitions) {
    if (!options.filter.passes(each.lag())) continue;
    append_row(out, {group.group, where.topic, std::to_string(where.partition), text_of(each.committed),
                     text_of(each.end), text_of(each.lag()), each.owner ? each.owner->member_id : "",
                     each.owner ? each.owner->host : "", each.owner ? each.owner->client_id : ""});
  }
}

void append_json_object(std::string& out, const group_lag& group, const groups_lag_options& options) {
  const auto total = group.total(options.totals_only ? lag_filter{} : options.filter);
  if (options.totals_only && !options.filter.passes(total)) return;
  out += '{';
  append_json_text(out, "group", group.group);
  append_json_number(out, "lag", total);
  if (!options.totals_only) {
    append_json_name(out, "partitions");
    out += '[';
    bool first = true;
    for (const auto& [where, each] : group.partitions) {
      if (!options.filter.passes(each.lag())) continue;
      out += first ? "{" : ",{";
      first = false;
      append_json_text(out, "topic", where.topic);
      append_json_number(out, "partition", where.partition);
      append_json_number(out, "committed", each.committed);
      append_json_number(out, "end", each.end);
      append_json_number(out, "lag", each.lag());
      if (each.owner) {
        append_json_text(out, "member_id", each.owner->member_id);
        append_json_text(out, "host", each.owner->host);
        append_json_text(out, "client_id", each.owner->client_id);
      }
      out += '}';
    }
    out += ']';
  }
  out += "}\n";
}

}  // namespace

bool lag_filter::passes(std::optional<std::int64_t> lag) const {
  if (is == relation::any) return true;
  if (!lag) return false;
  switch (is) {
    case relation::above:
      return *lag > number;
    case relation::at_least:
      return *lag >= number;
    case relation::below:
      return *lag < number;
    case relation::at_most:
      return *lag <= number;
    case relation::equal:
    case relation::any:
      break;
  }
  return *lag == number;
}

lag_filter parse_lag_filter(const std::string& text) {
  using relation = lag_filter::relation;
  constexpr std::pair<std::string_view, relation> relations[] = {{">=", relation::at_least},
                                                                 {"<=", relation::at_most},
                                                                 {">", relation::above},
                                                                 {"<", relation::below},
                                                                 {"=", relation::equal}};
  for (const auto& [sign, meaning] : relations) {
    if (!text.starts_with(sign)) continue;
    lag_filter filter{meaning, 0};
    const char* begin = text.data() + sign.size();
    const auto [end, failure] = std::from_chars(begin, text.data() + text.size(), filter.number);
    if (failure == std::errc{} && end == text.data() + text.size()) return filter;
  }
  throw usage_error("--lag: \"" + text + "\" is not such as '>0', '>=10' or '=0'");
}

void show_lag(const groups_lag_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  failures wrong;
  const std::vector<std::string> names = names_or_all(admin, options.groups, wrong);
  std::vector<group_query> queries;
  for (const std::string& name : names) queries.push_back({name, std::nullopt});
  const std::vector<group_description> described = admin->describe_groups(names);
  std::vector<group_lag> groups = gather(admin->list_group_offsets(queries), described, wrong);
  look_up_ends(admin, groups, wrong);
  std::string& out = work.out.text;
  if (!options.json && options.totals_only) append_heading(out, {"group", "lag"});
  if (!options.json && !options.totals_only) {
    append_heading(out, {"group", "topic", "partition", "committed", "end", "lag", "member_id", "host", "client_id"});
  }
  for (const group_lag& each : groups) {
    if (options.json) {
      append_json_object(out, each, options);
    } else {
      append_lines(out, each, options);
    }
    work.out.step();
  }
  wrong.end(work.out);
}

}  // namespace kafka::cli
