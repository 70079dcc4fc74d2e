// SPDX-License-Identifier: Apache-2.0
#include "cli/legacy_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace kafka::cli {
namespace {

constexpr std::array<std::string_view, 6> modes{"list", "query", "produce", "consume", "create", "delete"};
// `valu3` stood in go-kafka's manual.
constexpr std::array<std::string_view, 9> settings{"brokers",   "topic",  "value",   "valu3", "key",
                                                   "partition", "offset", "replica", "group"};

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The old words of one command line.
struct old_words {
  std::string mode;
  std::optional<std::string> brokers, topic, value, key, partition, offset, replica, group;
  std::vector<std::string> others;

  std::optional<std::string>& setting(std::string_view word) {
    if (word == "brokers") return brokers;
    if (word == "topic") return topic;
    if (word == "value" || word == "valu3") return value;
    if (word == "key") return key;
    if (word == "partition") return partition;
    if (word == "offset") return offset;
    return word == "replica" ? replica : group;
  }
};

/// `-word`, `--word` or either with `=value`.
struct old_word {
  std::string_view word;
  std::optional<std::string_view> value;
};

std::optional<old_word> as_old_word(std::string_view arg) {
  if (!arg.starts_with('-')) return std::nullopt;
  arg.remove_prefix(arg.starts_with("--") ? 2 : 1);
  const std::size_t equals = arg.find('=');
  old_word found{arg.substr(0, equals), std::nullopt};
  if (equals != std::string_view::npos) found.value = arg.substr(equals + 1);
  if (!is_one_of(modes, found.word) && !is_one_of(settings, found.word)) return std::nullopt;
  return found;
}

/// Old words begin a command line: a mode stands before anything that is no option. Words behind a subcommand are its
/// own business, such as a value that happens to be `-list`.
bool speaks_old_words(const std::vector<std::string>& args) {
  for (std::size_t at = 0; at < args.size(); ++at) {
    const std::optional<old_word> found = as_old_word(args[at]);
    if (found && is_one_of(modes, found->word) && !args[at].starts_with("--")) return true;
    if (found && !found->value && !is_one_of(modes, found->word)) {
      ++at;
    } else if (!args[at].starts_with('-') && (at == 0 || !args[at - 1].starts_with('-'))) {
      return false;
    }
  }
  return false;
}

std::string read_words(const std::vector<std::string>& args, old_words& words) {
  for (std::size_t at = 0; at < args.size(); ++at) {
    const std::optional<old_word> found = as_old_word(args[at]);
    if (!found) {
      words.others.push_back(args[at]);
    } else if (is_one_of(modes, found->word)) {
      if (!words.mode.empty() && words.mode != found->word)
        return "-" + words.mode + " and -" + std::string(found->word) + " exclude each other";
      words.mode = found->word;
    } else if (found->value) {
      words.setting(found->word) = *found->value;
    } else if (at + 1 < args.size()) {
      words.setting(found->word) = args[++at];
    } else {
      return "-" + std::string(found->word) + " needs a value";
    }
  }
  return {};
}

/// go-kafka's numbers: 0 newest, 1 oldest, any other is an offset.
std::string new_offset(const std::string& offset) {
  if (offset == "0") return "newest";
  return offset == "1" ? "oldest" : offset;
}

void append_option(std::vector<std::string>& args, const char* name, const std::optional<std::string>& value) {
  if (!value) return;
  args.emplace_back(name);
  args.push_back(*value);
}

std::vector<std::string> new_words(const old_words& words) {
  std::vector<std::string> args;
  append_option(args, "--brokers", words.brokers);
  if (words.mode == "list") {
    args.insert(args.end(), {"topics", "list"});
  } else if (words.mode == "query") {
    args.insert(args.end(), {"topics", "describe", *words.topic});
  } else if (words.mode == "create") {
    args.insert(args.end(), {"topics", "create", *words.topic});
    append_option(args, "--partitions", words.partition);
    append_option(args, "--replication-factor", words.replica);
  } else if (words.mode == "delete") {
    args.insert(args.end(), {"topics", "delete", *words.topic, "--yes"});
  } else if (words.mode == "produce") {
    args.insert(args.end(), {"produce", *words.topic});
    append_option(args, "-p", words.partition);
    append_option(args, "-k", words.key);
    append_option(args, "-v", words.value);
  } else {
    args.insert(args.end(), {"consume", *words.topic, "--json", "--from", new_offset(words.offset.value_or("0"))});
    append_option(args, "-p", words.partition);
    append_option(args, "--group", words.group);
  }
  args.insert(args.end(), words.others.begin(), words.others.end());
  return args;
}

/// `-brokers` before a subcommand is the only old word that makes sense there; CLI11 would read it as `-b rokers`.
std::vector<std::string> with_long_brokers(std::vector<std::string> args) {
  if (!args.empty() && (args.front() == "-brokers" || args.front().starts_with("-brokers="))) {
    args.front().insert(0, "-");
  }
  return args;
}

}  // namespace

translation translate_legacy(const std::vector<std::string>& args) {
  if (!speaks_old_words(args)) return {with_long_brokers(args), {}};
  old_words words;
  if (std::string refusal = read_words(args, words); !refusal.empty()) return {{}, std::move(refusal)};
  if (words.group && words.partition) return {{}, "-group and -partition exclude each other: the group chooses"};
  if (words.mode != "list" && !words.topic) return {{}, "-" + words.mode + " needs -topic"};
  if (words.mode == "produce" && !words.value) return {{}, "-produce needs -value"};
  return {new_words(words), {}};
}

}  // namespace kafka::cli
