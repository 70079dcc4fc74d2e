// SPDX-License-Identifier: Apache-2.0
#include "cli/offset_reset_plan.hpp"

#include <algorithm>
#include <charconv>

#include "cli/usage_error.hpp"

namespace kafka::cli {
namespace {

void clamp(std::int64_t wanted, partition_reset& partition) {
  partition.after = std::clamp(wanted, partition.oldest, std::max(partition.oldest, partition.newest));
  partition.clamped = partition.after != wanted;
}

/// What lies too far away for a number is as far as a number goes.
std::int64_t shifted(std::int64_t from, std::int64_t by) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(from, by, &sum)) return sum;
  return by < 0 ? INT64_MIN : INT64_MAX;
}

/// Takes a field off a line of CSV, with the comma behind it.
std::string take_field(std::string_view& line, bool& well_formed) {
  std::string field;
  if (line.starts_with('"')) {
    std::size_t at = 1;
    for (; at < line.size(); ++at) {
      if (line[at] != '"') {
        field += line[at];
      } else if (at + 1 < line.size() && line[at + 1] == '"') {
        field += line[at++];
      } else {
        break;
      }
    }
    well_formed = well_formed && at < line.size() && (at + 1 == line.size() || line[at + 1] == ',');
    line.remove_prefix(std::min(line.size(), at + 2));
    return field;
  }
  const std::size_t comma = std::min(line.find(','), line.size());
  field = line.substr(0, comma);
  line.remove_prefix(std::min(line.size(), comma + 1));
  return field;
}

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc{} && end == text.data() + text.size() && out >= 0;
}

bool read_line(std::string_view line, file_offset& out) {
  std::vector<std::string> fields;
  bool well_formed = true;
  while (!line.empty() && well_formed) fields.push_back(take_field(line, well_formed));
  if (!well_formed || (fields.size() != 3 && fields.size() != 4)) return false;
  if (fields.size() == 4) {
    out.group = std::move(fields.front());
    fields.erase(fields.begin());
  }
  out.where.topic = std::move(fields[0]);
  return !out.where.topic.empty() && read_number(fields[1], out.where.partition) && read_number(fields[2], out.offset);
}

}  // namespace

void plan_reset(const reset_target& target, partition_reset& partition) {
  using kind = reset_target::kind;
  if (partition.failure) return;
  switch (target.what) {
    case kind::earliest:
      partition.after = partition.oldest;
      return;
    case kind::latest:
      partition.after = partition.newest;
      return;
    case kind::current:
      return clamp(partition.before.value_or(partition.newest), partition);
    case kind::offset:
      return clamp(target.value, partition);
    case kind::shift:
      if (!partition.before) {
        partition.failure = {client_errc::invalid_argument,
                             to_string(partition.where) + ": nothing is stored that could be shifted"};
        return;
      }
      return clamp(shifted(*partition.before, target.value), partition);
    case kind::time:
      partition.after = partition.sought >= 0 ? partition.sought : partition.newest;
      return;
    case kind::file:
      return clamp(partition.sought, partition);
  }
}

std::vector<file_offset> parse_offsets_file(std::string_view text) {
  std::vector<file_offset> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    file_offset read;
    if (!read_line(line, read)) {
      throw usage_error("--from-file: line " + std::to_string(number) +
                        " is neither topic,partition,offset nor group,topic,partition,offset");
    }
    out.push_back(std::move(read));
  }
  return out;
}

}  // namespace kafka::cli
