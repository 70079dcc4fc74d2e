// SPDX-License-Identifier: Apache-2.0
#include "cli/group_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/group_help_text.hpp"
#include "cli/moment.hpp"
#include "cli/repeatable_option.hpp"
#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

CLI::App& add(CLI::App& parent, const char* name, const char* doc, const char* examples) {
  CLI::App& added = *parent.add_subcommand(name, doc);
  added.fallthrough();
  added.footer(examples);
  return added;
}

template <class Value>
std::vector<Value> parse_words(const char* option, const std::vector<std::string>& words,
                               std::optional<Value> (*parse)(std::string_view) noexcept) {
  std::vector<Value> out;
  for (const std::string& word : words) {
    const std::optional<Value> read = parse(word);
    if (!read) throw usage_error(std::string(option) + ": \"" + word + "\" is not known to Kafka");
    out.push_back(*read);
  }
  return out;
}

timestamp_ms moment_of(const char* option, std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  if (const auto moment = parse_moment(text, wall_clock_now())) return *moment;
  throw usage_error(std::string(option) + ": \"" + std::string(text) +
                    "\" is not such as 2026-11-24T08:15:00Z, milliseconds since 1970, or -48h");
}

std::vector<topic_choice> topics_of(const std::vector<std::string>& texts) {
  std::vector<topic_choice> out;
  for (const std::string& text : texts) out.push_back(parse_topic_choice(text));
  return out;
}

template <class Options>
std::function<void(context&)> call(void (*command)(const Options&, context&), Options options,
                                   const cluster_options& cluster) {
  options.cluster = cluster;
  return [command, options = std::move(options)](context& work) { command(options, work); };
}

}  // namespace

group_command_line::group_command_line(CLI::App& program) {
  groups_ = &add(program, "groups", "List, describe, delete and move groups of consumers", help::groups_examples);
  groups_->require_subcommand(1);
  const auto add_json = [](CLI::App& app, bool& to) { app.add_flag("--json", to, "A JSON object a line"); };
  const char* all = "The groups (default: all)";

  list_ = &add(*groups_, "list", help::groups_list, help::groups_examples);
  add_repeatable(*list_, "--state", states_, "Only those in this state, such as Stable or Empty; may be repeated");
  add_repeatable(*list_, "--type", types_, "Only those of this type, such as classic or consumer; may be repeated");
  add_json(*list_, list_options_.json);

  describe_ = &add(*groups_, "describe", help::groups_describe, help::groups_examples);
  describe_->add_option("GROUP", describe_options_.groups, all);
  add_json(*describe_, describe_options_.json);

  members_ = &add(*groups_, "members", help::groups_members, help::groups_examples);
  members_->add_option("GROUP", members_options_.groups, all);
  add_json(*members_, members_options_.json);

  lag_ = &add(*groups_, "lag", help::groups_lag, help::groups_examples);
  lag_->add_option("GROUP", lag_options_.groups, all);
  lag_->add_flag("-s,--summary", lag_options_.totals_only, "A line a group: its name and the sum");
  lag_->add_option("--lag", lag_filter_, "Only such lags: '>0', '>=100', '<5', '=0'");
  add_json(*lag_, lag_options_.json);

  delete_ = &add(*groups_, "delete", "Delete groups without members, with all stored offsets", help::groups_examples);
  delete_->add_option("GROUP", delete_options_.groups, "The groups")->required();
  delete_->add_flag("--yes", delete_options_.yes, "Do not ask");

  add_reset(*groups_);

  offsets_ = &add(program, "offsets", help::offsets, help::offsets_examples);
  offsets_->add_option("TOPIC", offset_topics_, "TOPIC, or some partitions of it, TOPIC:0,2")->required();
  add_repeatable(*offsets_, "--since", times_, help::offsets_since);
  add_json(*offsets_, offsets_options_.json);
}

void group_command_line::add_reset(CLI::App& groups) {
  groups_reset_options& to = reset_options_;
  reset_ = &add(groups, "reset-offsets", help::groups_reset, help::groups_reset_examples);
  reset_->add_option("GROUP", to.group, "The group; it is made if there is none")->required();
  add_repeatable(*reset_, "-t,--topic", topics_, "TOPIC or TOPIC:0,2; may be repeated");
  reset_->add_flag("--all-topics", to.all_topics, "All partitions that the group has stored offsets for");
  const auto target = [this](const char* name, const char* const doc) {
    reset_->add_flag(name, doc)->group("Where to");
  };
  target("--to-earliest", "The first offset there is");
  target("--to-latest", "The end");
  target("--to-current", "Where the group is; the end if it has stored nothing");
  reset_->add_option("--to-offset", to_offset_, "This offset")->group("Where to");
  reset_->add_option("--shift-by", shift_, "So many records on, or back if negative")->group("Where to");
  reset_->add_option("--to-datetime", datetime_, help::to_datetime)->group("Where to");
  reset_->add_option("--by-duration", duration_, help::by_duration)->group("Where to");
  reset_->add_option("--from-file", to.file, help::from_file)->group("Where to");
  reset_->add_flag("--yes", to.yes, "Store it; without, what would be stored is only shown");
  reset_->add_flag("--csv,--export", to.csv, "Print topic,partition,offset, for --from-file and Kafka's own tool");
  reset_->add_flag("--json", to.json, "A JSON object a line");
}

bool group_command_line::parsed() const {
  return groups_->parsed() || offsets_->parsed();
}

std::function<void(context&)> group_command_line::chosen(const cluster_options& cluster) const {
  if (list_->parsed()) {
    groups_list_options options = list_options_;
    options.filter.states = parse_words<group_state>("--state", states_, parse_group_state);
    options.filter.types = parse_words<group_type>("--type", types_, parse_group_type);
    return call(list_groups, std::move(options), cluster);
  }
  if (describe_->parsed()) return call(describe_groups, describe_options_, cluster);
  if (members_->parsed()) return call(list_members, members_options_, cluster);
  if (lag_->parsed()) {
    groups_lag_options options = lag_options_;
    if (lag_->count("--lag") > 0) options.filter = parse_lag_filter(lag_filter_);
    return call(show_lag, std::move(options), cluster);
  }
  if (delete_->parsed()) return call(delete_groups, delete_options_, cluster);
  if (reset_->parsed()) return call(reset_offsets, chosen_reset(), cluster);
  offsets_options options = offsets_options_;
  options.topics = topics_of(offset_topics_);
  for (const std::string& time : times_) options.times.push_back(moment_of("--since", time));
  return call(show_offsets, std::move(options), cluster);
}

reset_target group_command_line::chosen_target() const {
  using kind = reset_target::kind;
  const auto given = [this](const char* name) { return reset_->count(name) > 0; };
  std::vector<reset_target> targets;
  if (given("--to-earliest")) targets.push_back({kind::earliest, 0});
  if (given("--to-latest")) targets.push_back({kind::latest, 0});
  if (given("--to-current")) targets.push_back({kind::current, 0});
  if (given("--to-offset")) targets.push_back({kind::offset, to_offset_});
  if (given("--shift-by")) targets.push_back({kind::shift, shift_});
  if (given("--to-datetime")) targets.push_back({kind::time, moment_of("--to-datetime", datetime_)});
  if (given("--by-duration")) {
    const auto ago = parse_duration(duration_);
    if (!ago) throw usage_error("--by-duration: \"" + duration_ + "\" is not such as 48h, 7d or PT30M");
    targets.push_back({kind::time, std::max<timestamp_ms>(0, wall_clock_now() - ago->count())});
  }
  if (given("--from-file")) targets.push_back({kind::file, 0});
  if (targets.size() != 1) {
    throw usage_error(
        "reset-offsets wants one of --to-earliest, --to-latest, --to-current, --to-offset, --shift-by, --to-datetime, "
        "--by-duration and --from-file");
  }
  return targets.front();
}

groups_reset_options group_command_line::chosen_reset() const {
  groups_reset_options options = reset_options_;
  options.target = chosen_target();
  options.topics = topics_of(topics_);
  const bool by_file = options.target.what == reset_target::kind::file;
  const int choices = (options.topics.empty() ? 0 : 1) + (options.all_topics ? 1 : 0) + (by_file ? 1 : 0);
  if (choices != 1) {
    throw usage_error(by_file ? "--from-file names the partitions itself: neither --topic nor --all-topics"
                              : "reset-offsets wants either --topic, once or more often, or --all-topics");
  }
  if (options.csv && options.json) throw usage_error("--csv and --json exclude each other");
  return options;
}

}  // namespace kafka::cli
