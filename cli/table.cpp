// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <unistd.h>

#include "cli/json_text.hpp"

namespace kafka::cli {

void append_row(std::string& out, std::initializer_list<std::string_view> cells) {
  bool first = true;
  for (const std::string_view cell : cells) {
    if (!first) out += '\t';
    first = false;
    out += cell.empty() ? "-" : cell;
  }
  out += '\n';
}

void append_heading(std::string& out, std::initializer_list<std::string_view> cells) {
  if (::isatty(STDOUT_FILENO) != 0) append_row(out, cells);
}

std::string text_of(std::optional<std::int64_t> number) {
  return number ? std::to_string(*number) : std::string();
}

std::optional<std::int64_t> known(std::int64_t offset) {
  return offset < 0 ? std::nullopt : std::optional(offset);
}

std::string text_of(const std::vector<topic_partition>& partitions) {
  std::string text;
  const std::string* topic = nullptr;
  for (const topic_partition& each : partitions) {
    if (topic && *topic == each.topic) {
      text += ',';
    } else {
      text += (text.empty() ? "" : " ") + each.topic + ":";
    }
    text += std::to_string(each.partition);
    topic = &each.topic;
  }
  return text;
}

void append_json_text(std::string& out, std::string_view name, bytes_view text) {
  append_json_name(out, name);
  append_json(out, text);
}

void append_json_number(std::string& out, std::string_view name, std::optional<std::int64_t> number) {
  append_json_name(out, name);
  if (number) {
    append_json(out, *number);
  } else {
    append_json(out, bytes_view());
  }
}

void append_json_partitions(std::string& out, std::string_view name, const std::vector<topic_partition>& partitions) {
  append_json_name(out, name);
  out += '[';
  for (std::size_t at = 0; at < partitions.size(); ++at) {
    out += at > 0 ? ",{" : "{";
    append_json_text(out, "topic", partitions[at].topic);
    append_json_number(out, "partition", partitions[at].partition);
    out += '}';
  }
  out += ']';
}

}  // namespace kafka::cli
