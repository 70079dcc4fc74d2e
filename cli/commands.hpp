// SPDX-License-Identifier: Apache-2.0
// What kafka-cli can do: a struct of options and a function for each command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kafka/types.hpp>

#include "cli/cluster_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/output.hpp"
#include "cli/reading_range.hpp"
#include "cli/record_filter.hpp"

namespace kafka::cli {

/// What a command works with. Commands throw kafka::error, usage_error, std::system_error and closed_pipe.
struct context {
  output& out;
  interrupts& interrupted;
};

struct topics_list_options {
  cluster_options cluster;
  bool internal = false;
  bool json = false;
};
struct topics_describe_options {
  cluster_options cluster;
  std::string topic;
  bool json = false;
};
struct topics_create_options {
  cluster_options cluster;
  std::string topic;
  /// -1: the broker's default.
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  /// `key=value` of the topic's configuration.
  std::vector<std::string> configs;
};
struct topics_delete_options {
  cluster_options cluster;
  std::string topic;
  bool yes = false;
};
struct produce_options {
  cluster_options cluster;
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::string> key;
  /// One record instead of a record a line.
  std::optional<std::string> value;
  /// Splits a line into key and value at its first occurrence; escapes are resolved already. Empty: lines are values.
  std::string key_delimiter;
  /// Empty keys and values are sent as null.
  bool empty_is_null = false;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<kafka::compression> compression;
  /// Empty: standard input, which `-` stands for, too.
  std::vector<std::string> files;
  /// Lines are what `consume --json` writes.
  bool json = false;
  /// Records go to the partition that their JSON names.
  bool keep_partition = false;
  /// Records a second.
  std::optional<double> rate;
};
struct verifiable_producer_options {
  /// Only its properties and its log level count.
  cluster_options cluster = {};
  std::string bootstrap_servers = {};
  std::string topic = {};
  /// Negative: for ever.
  std::int64_t messages_max = -1;
  /// Messages a second; negative: as many as possible.
  std::int64_t throughput = -1;
  kafka::acks acks = kafka::acks::all;
  /// A Java properties file that wins over everything here; empty: none.
  std::string properties_file = {};
  /// Of the first message; the others follow as time goes by. Negative: messages are stamped when they are sent.
  timestamp_ms create_time = -1;
  std::optional<std::int64_t> value_prefix = {};
  std::optional<std::int64_t> repeating_keys = {};
};
struct verifiable_consumer_options {
  /// Only its properties and its log level count.
  cluster_options cluster = {};
  std::string bootstrap_servers = {};
  std::string topic = {};
  std::string group_id = {};
  /// `classic` or `consumer`; empty: what the file says, else classic.
  std::string group_protocol = {};
  /// Of the new protocol; empty: the coordinator's choice.
  std::string group_remote_assignor = {};
  std::string group_instance_id = {};
  /// Negative: for ever.
  std::int64_t messages_max = -1;
  /// Milliseconds; unset: the library's.
  std::optional<std::int64_t> session_timeout = {};
  bool verbose = false;
  bool auto_commit = false;
  std::string reset_policy = "earliest";
  std::string assignment_strategy = "org.apache.kafka.clients.consumer.RangeAssignor";
  /// A Java properties file, over which everything here wins; empty: none.
  std::string properties_file = {};
};
struct consume_options {
  cluster_options cluster;
  std::vector<std::string> topics;
  /// Topics whose whole name this regular expression matches, in place of `topics`.
  std::optional<std::string> pattern;
  /// Of each topic; empty: all.
  std::vector<std::int32_t> partitions;
  /// As a member of this group.
  std::optional<std::string> group;
  reading_range range;
  std::optional<std::uint64_t> count;
  bool stop_at_end = false;
  bool read_committed = false;
  /// Which records to show, and to count.
  record_filter filter;
  std::optional<std::string> format;
  bool json = false;
};
struct fake_options {
  std::uint16_t port = 9092;
  std::int32_t nodes = 1;
};
struct demo_options {
  std::uint64_t records = 100'000;
};

// Each returns when its work is done or a signal came; exit codes other than 0 come from exceptions and signals.
void list_topics(const topics_list_options& options, context& work);
void describe_topic(const topics_describe_options& options, context& work);
void create_topic(const topics_create_options& options, context& work);
void delete_topic(const topics_delete_options& options, context& work);
void produce(const produce_options& options, context& work);
void produce_verifiably(const verifiable_producer_options& options, context& work);
void consume_verifiably(const verifiable_consumer_options& options, context& work);
void consume(const consume_options& options, context& work);
void run_fake(const fake_options& options, context& work);
void run_demo(const demo_options& options, context& work);
void print_configuration_page(context& work);

}  // namespace kafka::cli
