// SPDX-License-Identifier: Apache-2.0
#include "fake/topic_settings.hpp"

#include <algorithm>
#include <charconv>

namespace kafka::fake {

namespace {

using enum config_type;

constexpr config_key keys[] = {
    {"cleanup.policy", "log.cleanup.policy", "delete", list, "compact,delete", INT64_MIN,
     "What happens to old records: they are deleted, or only the newest of each key is kept."},
    {"compression.type", "compression.type", "producer", string, "uncompressed,zstd,lz4,snappy,gzip,producer",
     INT64_MIN, "The codec that the broker stores batches with; 'producer' keeps the producer's."},
    {"delete.retention.ms", "log.cleaner.delete.retention.ms", "86400000", int64, "", 0,
     "How long tombstones of compacted topics are kept."},
    {"file.delete.delay.ms", "log.segment.delete.delay.ms", "60000", int64, "", 0,
     "How long a deleted segment stays on disk."},
    {"flush.messages", "log.flush.interval.messages", "9223372036854775807", int64, "", 1,
     "After how many records the log is flushed to disk."},
    {"flush.ms", "log.flush.interval.ms", "9223372036854775807", int64, "", 0,
     "After which time the log is flushed to disk."},
    {"follower.replication.throttled.replicas", "", "", list, "", INT64_MIN,
     "Replicas that are throttled as followers."},
    {"index.interval.bytes", "log.index.interval.bytes", "4096", int32, "", 0, "How dense the offset index is."},
    {"leader.replication.throttled.replicas", "", "", list, "", INT64_MIN, "Replicas that are throttled as leaders."},
    {"local.retention.bytes", "log.local.retention.bytes", "-2", int64, "", -2,
     "With remote storage: bytes kept on the broker's own disk."},
    {"local.retention.ms", "log.local.retention.ms", "-2", int64, "", -2,
     "With remote storage: how long records are kept on the broker's own disk."},
    {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", "9223372036854775807", int64, "", 1,
     "The longest time that a record may stay uncompacted."},
    {"max.message.bytes", "message.max.bytes", "1048588", int32, "", 0, "The largest batch, as it is written."},
    {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms", "3600000", int64, "", 0,
     "How far in the future a record's timestamp may be."},
    {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms", "9223372036854775807", int64, "", 0,
     "How far in the past a record's timestamp may be."},
    {"message.timestamp.type", "log.message.timestamp.type", "CreateTime", string, "CreateTime,LogAppendTime",
     INT64_MIN, "Whether records keep the producer's timestamp or get the broker's."},
    {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", "0.5", float64, "", 0,
     "How much of a compacted log must be dirty before it is cleaned."},
    {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms", "0", int64, "", 0,
     "The shortest time that a record stays uncompacted."},
    {"min.insync.replicas", "min.insync.replicas", "1", int32, "", 1,
     "How many replicas must be in sync for a write with acks=all."},
    {"preallocate", "log.preallocate", "false", boolean, "", INT64_MIN, "Whether segments are preallocated on disk."},
    {"remote.storage.enable", "", "false", boolean, "", INT64_MIN, "Whether segments also go to remote storage."},
    {"retention.bytes", "log.retention.bytes", "-1", int64, "", INT64_MIN,
     "Above which size old segments are deleted; -1: never."},
    {"retention.ms", "log.retention.ms", "604800000", int64, "", -1, "After which time old segments are deleted."},
    {"segment.bytes", "log.segment.bytes", "1073741824", int32, "", 14, "The size of a log segment."},
    {"segment.index.bytes", "log.index.size.max.bytes", "10485760", int32, "", 4, "The size of an offset index."},
    {"segment.jitter.ms", "log.roll.jitter.ms", "0", int64, "", 0, "By how much the roll of segments is spread."},
    {"segment.ms", "log.roll.ms", "604800000", int64, "", 1, "After which time a segment is closed."},
    {"unclean.leader.election.enable", "unclean.leader.election.enable", "false", boolean, "", INT64_MIN,
     "Whether a replica that is not in sync may become leader."},
};

bool among(std::string_view words, std::string_view value) {
  while (!words.empty()) {
    const std::size_t comma = words.find(',');
    if (words.substr(0, comma) == value) return true;
    words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
  }
  return false;
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> number_problem(const config_key& key, std::string_view value) {
  const auto refused = [&](std::string_view why) {
    return "Invalid value " + std::string(value) + " for configuration " + std::string(key.name) + ": " +
           std::string(why);
  };
  if (key.type == float64) {
    const auto number = parsed<double>(value);
    return number && *number >= 0 && *number <= 1 ? std::nullopt
                                                  : std::optional(refused("Value must be between 0 and 1"));
  }
  const auto number = parsed<std::int64_t>(value);
  if (!number || (key.type == int32 && (*number > INT32_MAX || *number < INT32_MIN))) {
    return refused(key.type == int32 ? "Not a number of type INT" : "Not a number of type LONG");
  }
  if (*number < key.min) return refused("Value must be at least " + std::to_string(key.min));
  return std::nullopt;
}

std::int64_t number(const config_map& configs, std::string_view name, std::int64_t otherwise) {
  const auto found = configs.find(name);
  return found == configs.end() ? otherwise : parsed<std::int64_t>(found->second).value_or(otherwise);
}

}  // namespace

std::span<const config_key> topic_config_keys() noexcept {
  return keys;
}

const config_key* find_topic_config(std::string_view name) noexcept {
  const auto* found =
      std::find_if(std::begin(keys), std::end(keys), [&](const config_key& one) { return one.name == name; });
  return found == std::end(keys) ? nullptr : found;
}

std::optional<std::string> config_problem(const config_key& key, std::string_view value) {
  switch (key.type) {
    case int32:
    case int64:
    case float64:
      return number_problem(key, value);
    case boolean:
      if (value == "true" || value == "false") return std::nullopt;
      return "Invalid value " + std::string(value) + " for configuration " + std::string(key.name) +
             ": Expected value to be either true or false";
    default:
      break;
  }
  if (key.words.empty()) return std::nullopt;
  for (std::string_view left = value;;) {
    const std::size_t comma = key.type == list ? left.find(',') : std::string_view::npos;
    if (!among(key.words, left.substr(0, comma))) {
      return "Invalid value " + std::string(value) + " for configuration " + std::string(key.name) +
             ": String must be one of: " + std::string(key.words);
    }
    if (comma == std::string_view::npos) return std::nullopt;
    left.remove_prefix(comma + 1);
  }
}

topic_settings::topic_settings(const config_map& configs) {
  const auto text = [&](std::string_view name) {
    const auto found = configs.find(name);
    return found == configs.end() ? std::string_view() : std::string_view(found->second);
  };
  max_message_bytes = static_cast<std::size_t>(number(configs, "max.message.bytes", 1048588));
  min_insync_replicas = static_cast<std::size_t>(number(configs, "min.insync.replicas", 1));
  retention_bytes = number(configs, "retention.bytes", -1);
  log_append_time = text("message.timestamp.type") == "LogAppendTime";
  compacted = text("cleanup.policy").find("compact") != std::string_view::npos;
  timestamp_before_max_ms = number(configs, "message.timestamp.before.max.ms", INT64_MAX);
  timestamp_after_max_ms = number(configs, "message.timestamp.after.max.ms", 3'600'000);
}

}  // namespace kafka::fake
