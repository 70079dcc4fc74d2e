// SPDX-License-Identifier: Apache-2.0
// groups list, describe, members.
#include "cli/admin_session.hpp"
#include "cli/failures.hpp"
#include "cli/group_commands.hpp"
#include "cli/group_names.hpp"
#include "cli/json_text.hpp"
#include "cli/table.hpp"

namespace kafka::cli {
namespace {

void append_json_group(std::string& out, const group_description& group) {
  out += '{';
  append_json_text(out, "group", group.group_id);
  append_json_text(out, "type", to_string(group.type));
  append_json_text(out, "state", to_string(group.state));
  append_json_text(out, "protocol_type", group.protocol_type);
  append_json_text(out, "assignor", group.assignor);
  append_json_number(out, "epoch", known(group.epoch));
  append_json_number(out, "assignment_epoch", known(group.assignment_epoch));
  append_json_number(out, "coordinator", group.coordinator.id);
  append_json_number(out, "members", static_cast<std::int64_t>(group.members.size()));
  out += "}\n";
}

void append_group(std::string& out, const group_description& group) {
  append_row(out, {group.group_id, to_string(group.type), to_string(group.state), group.assignor,
                   text_of(group.coordinator.id), std::to_string(group.members.size())});
}

void append_json_member(std::string& out, const group_description& group, const described_member& member) {
  out += '{';
  append_json_text(out, "group", group.group_id);
  append_json_text(out, "member_id", member.member_id);
  append_json_text(out, "instance_id", member.instance_id);
  append_json_text(out, "client_id", member.client_id);
  append_json_text(out, "host", member.host);
  append_json_text(out, "rack", member.rack);
  append_json_number(out, "epoch", known(member.epoch));
  append_json_partitions(out, "assignment", member.assignment);
  if (member.target) append_json_partitions(out, "target", *member.target);
  out += "}\n";
}

void append_member(std::string& out, const group_description& group, const described_member& member) {
  append_row(out, {group.group_id, member.member_id, member.instance_id.value_or(""), member.client_id, member.host,
                   text_of(member.assignment)});
}

}  // namespace

void list_groups(const groups_list_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  const group_list told = admin->list_groups(options.filter);
  std::string& out = work.out.text;
  failures wrong;
  if (!options.json) append_heading(out, {"group", "type", "state", "protocol_type", "coordinator"});
  for (const group_listing& each : told.groups) {
    if (options.json) {
      out += '{';
      append_json_text(out, "group", each.group_id);
      append_json_text(out, "type", to_string(each.type));
      append_json_text(out, "state", to_string(each.state));
      append_json_text(out, "protocol_type", each.protocol_type);
      append_json_number(out, "coordinator", each.coordinator);
      out += "}\n";
    } else {
      append_row(out, {each.group_id, to_string(each.type), to_string(each.state), each.protocol_type,
                       text_of(each.coordinator)});
    }
    work.out.step();
  }
  for (const broker_failure& each : told.failures) {
    wrong.add(each.failure.with_context("the groups of " + to_string(each.broker) + " are missing"));
  }
  wrong.end(work.out);
}

void describe_groups(const groups_describe_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  failures wrong;
  const auto told = admin->describe_groups(names_or_all(admin, options.groups, wrong));
  std::string& out = work.out.text;
  if (!options.json) append_heading(out, {"group", "type", "state", "assignor", "coordinator", "members"});
  for (const group_description& each : told) {
    wrong.add(each.failure);
    if (each.failure) continue;
    if (options.json) {
      append_json_group(out, each);
    } else {
      append_group(out, each);
    }
    work.out.step();
  }
  wrong.end(work.out);
}

void list_members(const groups_describe_options& options, context& work) {
  admin_session admin(options.cluster, work.interrupted);
  failures wrong;
  const auto told = admin->describe_groups(names_or_all(admin, options.groups, wrong));
  std::string& out = work.out.text;
  if (!options.json) append_heading(out, {"group", "member_id", "instance_id", "client_id", "host", "assignment"});
  for (const group_description& group : told) {
    wrong.add(group.failure);
    for (const described_member& each : group.members) {
      wrong.add(each.failure);
      if (options.json) {
        append_json_member(out, group, each);
      } else {
        append_member(out, group, each);
      }
      work.out.step();
    }
  }
  wrong.end(work.out);
}

}  // namespace kafka::cli
