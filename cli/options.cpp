// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <regex>
#include <utility>

#include <CLI/CLI.hpp>

#include <kafka/properties.hpp>

#include "cli/escapes.hpp"
#include "cli/group_options.hpp"
#include "cli/help_text.hpp"
#include "cli/legacy_words.hpp"
#include "cli/moment.hpp"
#include "cli/repeatable_option.hpp"
#include "cli/usage_error.hpp"
#include "cli/whole_number.hpp"

namespace kafka::cli {
namespace {

/// The command line being read: CLI11's description of it and the options that it fills.
class command_line {
 public:
  command_line();
  request read(std::vector<std::string> args);

 private:
  using step = std::function<void(context&)>;
  CLI::App& add(CLI::App& parent, const char* name, const char* doc, const char* examples);
  void add_common();
  void add_topics();
  void add_produce();
  void add_produce_settings();
  void add_verifiable_producer();
  void add_verifiable_consumer();
  void add_consume();
  void add_fake_and_demo();

  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string complaint(const CLI::ParseError& wrong) const;
  [[nodiscard]] step chosen() const;
  [[nodiscard]] step chosen_topics() const;
  [[nodiscard]] step chosen_produce() const;
  [[nodiscard]] step chosen_verifiable_producer() const;
  [[nodiscard]] step chosen_verifiable_consumer() const;
  [[nodiscard]] std::vector<std::string> produce_settings() const;
  [[nodiscard]] step chosen_consume() const;
  [[nodiscard]] std::string checked_pattern() const;
  [[nodiscard]] cluster_options cluster(bool with_producer, bool with_consumer) const;

  CLI::App app_{help::program, "kafka-cli"};
  cluster_options cluster_;
  double timeout_seconds_ = 10;
  CLI::App *list_ = nullptr, *describe_ = nullptr, *create_ = nullptr, *delete_ = nullptr;
  CLI::App *produce_ = nullptr, *consume_ = nullptr, *fake_ = nullptr, *demo_ = nullptr, *page_ = nullptr;
  CLI::App *verifiable_ = nullptr, *verifiable_consumer_ = nullptr;
  topics_list_options list_options_;
  topics_describe_options describe_options_;
  topics_create_options create_options_;
  topics_delete_options delete_options_;
  produce_options produce_options_;
  verifiable_producer_options verifiable_options_;
  verifiable_consumer_options verifiable_consumer_options_;
  consume_options consume_options_;
  std::unique_ptr<group_command_line> groups_;
  fake_options fake_options_;
  demo_options demo_options_;

  // As given; what they mean is found out behind CLI11, which knows no empty optional strings.
  std::string key_, value_, key_delimiter_, codec_, from_ = "oldest", format_, group_, pattern_;
  std::vector<std::string> grep_, grep_key_, grep_header_;
  std::int32_t partition_ = 0;
  std::uint64_t count_ = 0;
  double rate_ = 0;
  std::string acks_, linger_, batch_bytes_, partitioner_, idempotence_, transactional_id_, verifiable_acks_;
  std::int64_t value_prefix_ = 0, repeating_keys_ = 0, session_timeout_ = 0;
  std::vector<std::string> headers_;
};

command_line::command_line() {
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.footer(help::program_examples);
  app_.set_version_flag("-V,--version", std::string("kafka-cli ") + KAFKA_CLI_VERSION);
  add_common();
  add_topics();
  add_produce();
  add_produce_settings();
  add_consume();
  add_verifiable_producer();
  add_verifiable_consumer();
  groups_ = std::make_unique<group_command_line>(app_);
  add_fake_and_demo();
}

CLI::App& command_line::add(CLI::App& parent, const char* name, const char* doc, const char* examples) {
  CLI::App& added = *parent.add_subcommand(name, doc);
  added.fallthrough();
  added.footer(examples);
  return added;
}

void command_line::add_common() {
  app_.add_option("-b,--brokers", cluster_.brokers, "host:port,... to begin with (default 127.0.0.1:9092)")
      ->envname("KAFKA_BROKERS");
  add_repeatable(app_, "-X", cluster_.properties, "A property by its Java name, such as -X acks=1");
  app_.add_option("-F,--config-file", cluster_.properties_file, "A file of such properties, key=value a line");
  app_.add_option("--timeout", timeout_seconds_, "Seconds to wait for brokers before giving up (default 10)")
      ->check(CLI::Range(0.001, 1e6));
  app_.add_option("--log", cluster_.log_level, "Report to standard error from this level on")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
}

void command_line::add_topics() {
  CLI::App& topics = add(app_, "topics", "List, describe, create and delete topics", help::topics_examples);
  topics.require_subcommand(1);
  list_ = &add(topics, "list", "Print a topic a line", help::topics_examples);
  list_->add_flag("--internal", list_options_.internal, "Internal topics, too");
  list_->add_flag("--json", list_options_.json, "One JSON array");

  describe_ = &add(topics, "describe", help::describe, help::topics_examples);
  describe_->add_option("NAME", describe_options_.topic, "The topic")->required();
  describe_->add_flag("--json", describe_options_.json, "One JSON object");

  create_ = &add(topics, "create", "Create a topic and wait until it can be used", help::topics_examples);
  create_->add_option("NAME", create_options_.topic, "The topic")->required();
  create_->add_option("--partitions", create_options_.partitions, "How many (default: the broker's)")
      ->check(whole_number_from(1));
  create_->add_option("--replication-factor", create_options_.replication_factor, "How many (default: the broker's)")
      ->check(whole_number_from(1));
  add_repeatable(*create_, "--config", create_options_.configs, "key=value of the topic's configuration");

  delete_ = &add(topics, "delete", "Delete a topic with all its records", help::topics_examples);
  delete_->add_option("NAME", delete_options_.topic, "The topic")->required();
  delete_->add_flag("--yes", delete_options_.yes, "Do not ask");
}

void command_line::add_produce() {
  produce_ = &add(app_, "produce", help::produce, help::produce_examples);
  produce_->add_option("TOPIC", produce_options_.topic, "The topic")->required();
  produce_->add_option("FILE", produce_options_.files, help::produce_files);
  produce_->add_option("-v,--value", value_, "Send one record with this value, print its partition and offset");
  produce_->add_option("-k,--key", key_, "The key of every record without one of its own (default: null)");
  produce_->add_option("-K,--key-delimiter", key_delimiter_, "Split lines into key and value at the first DELIM");
  add_repeatable(*produce_, "-H,--header", headers_, "name=value, or name for a null value; may be repeated");
  produce_->add_option("-z,--compression", codec_, "none, gzip, snappy, lz4 or zstd");
  produce_->add_option("-p,--partition", partition_, "The partition (default: by the key's hash, as Java's)")
      ->check(whole_number_from(0));
  produce_->add_flag("-Z,--null", produce_options_.empty_is_null, "Send empty keys and values as null (tombstones)");
  produce_->add_flag("--json", produce_options_.json, help::produce_json);
  produce_->add_flag("--keep-partition", produce_options_.keep_partition, "Send to the partition that the JSON names");
  produce_->add_option("--rate", rate_, "Send so many records a second, evenly")->check(CLI::Range(1e-3, 1e9));
}

/// What is a property, too: a word for those that are often wanted.
void command_line::add_produce_settings() {
  const auto add = [this](const char* name, std::string& to, const char* doc) {
    produce_->add_option(name, to, doc)->group("Delivery (-X has all other properties, and wins)");
  };
  add("--acks", acks_, "all, 1 (the leader alone) or 0 (no acknowledgement)");
  add("--linger", linger_, "Milliseconds that a batch waits for more records");
  add("--batch-bytes", batch_bytes_, "Size at which a batch is closed");
  add("--partitioner", partitioner_, help::partitioner);
  add("--idempotence", idempotence_, "on or off: whether a retry may neither write twice nor out of order");
  add("--transactional-id", transactional_id_, help::transactional_id);
}

void command_line::add_verifiable_producer() {
  verifiable_ = &add(app_, "verifiable-producer", help::verifiable_producer, help::verifiable_producer_examples);
  verifiable_producer_options& to = verifiable_options_;
  verifiable_->add_option("--topic", to.topic, "The topic")->required();
  verifiable_->add_option("--bootstrap-server", to.bootstrap_servers, "host:port,... to begin with")->required();
  verifiable_->add_option("--max-messages", to.messages_max, "How many (default -1: until a signal comes)");
  verifiable_->add_option("--throughput", to.throughput, "Messages a second (default -1: as many as possible)");
  verifiable_->add_option("--acks", verifiable_acks_, "0, 1 or -1 (default -1: all in-sync replicas)")
      ->check(CLI::IsMember({"0", "1", "-1"}));
  CLI::Option* file = verifiable_->add_option("--command-config", to.properties_file, help::command_config);
  verifiable_->add_option("--producer.config", to.properties_file, "An older name of --command-config")->excludes(file);
  verifiable_->add_option("--message-create-time", to.create_time, help::message_create_time);
  verifiable_->add_option("--value-prefix", value_prefix_, "Send this number and a dot before each value");
  verifiable_->add_option("--repeating-keys", repeating_keys_, "Keys 0 ... N-1, over and over (default: no keys)")
      ->check(whole_number_from(1));
}

void command_line::add_verifiable_consumer() {
  verifiable_consumer_ =
      &add(app_, "verifiable-consumer", help::verifiable_consumer, help::verifiable_consumer_examples);
  CLI::App& app = *verifiable_consumer_;
  verifiable_consumer_options& to = verifiable_consumer_options_;
  app.add_option("--topic", to.topic, "The topic")->required();
  app.add_option("--group-id", to.group_id, "The group")->required();
  app.add_option("--bootstrap-server", to.bootstrap_servers, "host:port,... to begin with")->required();
  app.add_option("--group-protocol", to.group_protocol, "classic or consumer (default: classic)")
      ->check(CLI::IsMember({"classic", "consumer"}, CLI::ignore_case));
  app.add_option("--group-remote-assignor", to.group_remote_assignor, "Who assigns, with the protocol consumer");
  app.add_option("--group-instance-id", to.group_instance_id, "Makes this a static member");
  app.add_option("--max-messages", to.messages_max, "How many (default -1: until a signal comes)");
  app.add_option("--session-timeout", session_timeout_, "Milliseconds; not with the protocol consumer");
  app.add_flag("--verbose", to.verbose, "Print an event for each record, too");
  app.add_flag("--enable-autocommit", to.auto_commit, "Commit from time to time instead of after each poll");
  app.add_option("--reset-policy", to.reset_policy, "earliest (default), latest or none")
      ->check(CLI::IsMember({"earliest", "latest", "none"}));
  app.add_option("--assignment-strategy", to.assignment_strategy, "The name of Java's class, or ours");
  CLI::Option* file = app.add_option("--command-config", to.properties_file, help::consumer_command_config);
  app.add_option("--consumer.config", to.properties_file, "An older name of --command-config")->excludes(file);
}

void command_line::add_consume() {
  consume_ = &add(app_, "consume", help::consume, help::consume_examples);
  consume_->add_option("TOPIC", consume_options_.topics, "The topics");
  consume_->add_option("--pattern", pattern_, help::pattern);
  consume_->add_option("-o,--from,--offset", from_, help::from);
  add_repeatable(*consume_, "-p,--partition", consume_options_.partitions, "A partition, or a list 0,2 (default: all)")
      ->delimiter(',')
      ->check(whole_number_from(0));
  consume_->add_option("-g,--group", group_, help::group);
  consume_->add_option("-n,--count", count_, "End after this many records")->check(whole_number_from(0));
  consume_->add_flag("-e,--end", consume_options_.stop_at_end, "End where the partitions ended when this began");
  consume_->add_flag("--read-committed", consume_options_.read_committed, help::read_committed);
  add_repeatable(*consume_, "--grep", grep_, help::grep);
  add_repeatable(*consume_, "--grep-key", grep_key_, "The same, of the key alone");
  add_repeatable(*consume_, "--grep-header", grep_header_, "The same, of any header as name=value");
  consume_->add_option("-f,--format", format_, help::format);
  consume_->add_flag("--json", consume_options_.json, help::consume_json);
}

void command_line::add_fake_and_demo() {
  fake_ = &add(app_, "fake", "Run a Kafka cluster in memory, for tests; print its addresses", help::fake_examples);
  fake_->add_option("--port", fake_options_.port, "Of node 1; the others follow (default 9092; 0: any free ones)");
  fake_->add_option("--nodes", fake_options_.nodes, "How many (default 1)")->check(CLI::Range(1, 100));
  demo_ = &add(app_, "demo", "Start a fake cluster, send records through it and check them all", help::fake_examples);
  demo_->add_option("--records", demo_options_.records, "How many (default 100000)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
  page_ = &add(app_, "config-doc", "Print docs/configuration.md", "");
  page_->group("");  // for whoever changes a property
}

std::string command_line::name() const {
  std::string words;
  for (const CLI::App* at = &app_; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    words += (words.empty() ? "" : " ") + at->get_name();
  }
  return words;
}

std::string command_line::complaint(const CLI::ParseError& wrong) const {
  std::string what = wrong.what();
  // CLI11 misses what is required before it minds what it does not know.
  const std::vector<std::string> unknown = app_.remaining(true);
  if (dynamic_cast<const CLI::RequiredError*>(&wrong) != nullptr && !unknown.empty())
    what = "\"" + unknown.front() + "\" is not understood";
  const std::string command = name();
  return "kafka-cli: " + (command.empty() ? "" : command + ": ") + what + "; kafka-cli " +
         (command.empty() ? "" : command + " ") + "--help tells more\n";
}

request command_line::read(std::vector<std::string> args) {
  if (args.empty()) return {.complaint = app_.help()};
  // As the tool that it stands for does.
  if (args == std::vector<std::string>{"verifiable-producer"}) return {.answer = verifiable_->help()};
  if (args == std::vector<std::string>{"verifiable-consumer"}) return {.answer = verifiable_consumer_->help()};
  std::reverse(args.begin(), args.end());
  try {
    app_.parse(std::move(args));
    return {.run = chosen(), .name = name()};
  } catch (const CLI::CallForHelp&) {
    return {.answer = app_.help()};
  } catch (const CLI::CallForVersion& version) {
    return {.answer = std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& wrong) {
    return {.complaint = complaint(wrong),
            .complaint_code = verifiable_->parsed() || verifiable_consumer_->parsed() ? 1 : 2};
  }
}

cluster_options command_line::cluster(bool with_producer, bool with_consumer) const {
  cluster_options options = cluster_;
  options.timeout = std::chrono::milliseconds(std::llround(timeout_seconds_ * 1000));
  check_properties(options, with_producer, with_consumer);
  return options;
}

template <class Options>
std::function<void(context&)> call(void (*command)(const Options&, context&), Options options) {
  return [command, options = std::move(options)](context& work) { command(options, work); };
}

command_line::step command_line::chosen() const {
  if (produce_->parsed()) return chosen_produce();
  if (consume_->parsed()) return chosen_consume();
  if (verifiable_->parsed()) return chosen_verifiable_producer();
  if (verifiable_consumer_->parsed()) return chosen_verifiable_consumer();
  if (fake_->parsed()) return call(run_fake, fake_options_);
  if (demo_->parsed()) return call(run_demo, demo_options_);
  if (page_->parsed()) return print_configuration_page;
  if (groups_->parsed()) return groups_->chosen(cluster(false, false));
  return chosen_topics();
}

command_line::step command_line::chosen_topics() const {
  const auto with_cluster = [this](auto options) {
    options.cluster = cluster(false, false);
    return options;
  };
  if (list_->parsed()) return call(list_topics, with_cluster(list_options_));
  if (describe_->parsed()) return call(describe_topic, with_cluster(describe_options_));
  if (create_->parsed()) return call(create_topic, with_cluster(create_options_));
  return call(delete_topic, with_cluster(delete_options_));
}

command_line::step command_line::chosen_produce() const {
  const auto given = [this](const char* name) { return produce_->count(name) > 0; };
  produce_options options = produce_options_;
  options.cluster = cluster(true, false);
  // Before -X, which wins.
  const std::vector<std::string> settings = produce_settings();
  options.cluster.properties.insert(options.cluster.properties.begin(), settings.begin(), settings.end());
  if (given("--rate")) options.rate = rate_;
  if (given("--key")) options.key = key_;
  if (given("--value")) options.value = value_;
  if (given("--partition")) options.partition = partition_;
  options.key_delimiter = unescaped(key_delimiter_);
  for (const std::string& each : headers_) {
    const std::size_t equals = std::min(each.find('='), each.size());
    const bool has_value = equals < each.size();
    options.headers.emplace_back(each.substr(0, equals),
                                 has_value ? std::optional(each.substr(equals + 1)) : std::nullopt);
  }
  if (given("--compression")) {
    options.compression = parse_compression(codec_);
    if (!options.compression) throw usage_error("-z: \"" + codec_ + "\" is not none, gzip, snappy, lz4 or zstd");
  }
  return call(cli::produce, std::move(options));
}

std::vector<std::string> command_line::produce_settings() const {
  std::vector<std::string> settings;
  const auto set = [&](const std::string& option, const std::string& key, const std::string& value) {
    if (produce_->count(option) == 0) return;
    producer_config tried;
    if (const error failure = set_property(tried, key, value)) throw usage_error(option + ": " + failure.cause());
    settings.push_back(key + "=" + value);
  };
  set("--acks", "acks", acks_);
  set("--linger", "linger.ms", linger_);
  set("--batch-bytes", "batch.size", batch_bytes_);
  set("--partitioner", "partitioner", partitioner_);
  if (produce_->count("--idempotence") > 0 && idempotence_ != "on" && idempotence_ != "off")
    throw usage_error("--idempotence: \"" + idempotence_ + "\" is neither on nor off");
  set("--idempotence", "enable.idempotence", idempotence_ == "on" ? "true" : "false");
  if (produce_->count("--transactional-id") > 0 && transactional_id_.empty())
    throw usage_error("--transactional-id: names nothing");
  set("--transactional-id", "transactional.id", transactional_id_);
  return settings;
}

command_line::step command_line::chosen_verifiable_producer() const {
  verifiable_producer_options options = verifiable_options_;
  options.cluster = cluster(true, false);
  if (verifiable_acks_ == "0") options.acks = acks::none;
  if (verifiable_acks_ == "1") options.acks = acks::leader;
  if (verifiable_->count("--value-prefix") > 0) options.value_prefix = value_prefix_;
  if (verifiable_->count("--repeating-keys") > 0) options.repeating_keys = repeating_keys_;
  return call(produce_verifiably, std::move(options));
}

command_line::step command_line::chosen_verifiable_consumer() const {
  verifiable_consumer_options options = verifiable_consumer_options_;
  options.cluster = cluster(false, true);
  if (verifiable_consumer_->count("--session-timeout") > 0) options.session_timeout = session_timeout_;
  return call(consume_verifiably, std::move(options));
}

std::string command_line::checked_pattern() const {
  try {
    (void)std::regex(pattern_);
  } catch (const std::regex_error&) {
    throw usage_error("--pattern: \"" + pattern_ + "\" is no regular expression");
  }
  return pattern_;
}

command_line::step command_line::chosen_consume() const {
  consume_options options = consume_options_;
  options.cluster = cluster(false, true);
  options.range = parse_reading_range(from_, wall_clock_now());
  if (consume_->count("--pattern") > 0) options.pattern = checked_pattern();
  if (options.topics.empty() == !options.pattern) throw usage_error("consume wants topics or --pattern");
  using part = record_filter::part;
  for (const std::string& each : grep_) options.filter.add(part::content, each, "--grep");
  for (const std::string& each : grep_key_) options.filter.add(part::key, each, "--grep-key");
  for (const std::string& each : grep_header_) options.filter.add(part::header, each, "--grep-header");
  if (consume_->count("--count") > 0) options.count = count_;
  if (consume_->count("--group") > 0) options.group = group_;
  if (consume_->count("--format") > 0) options.format = format_;
  return call(cli::consume, std::move(options));
}

}  // namespace

request parse_command_line(const std::vector<std::string>& args) {
  translation translated = translate_legacy(args);
  if (!translated.refusal.empty()) return {.complaint = "kafka-cli: " + translated.refusal + "\n"};
  try {
    return command_line().read(std::move(translated.args));
  } catch (const usage_error& wrong) {
    return {.complaint = std::string("kafka-cli: ") + wrong.what() + "\n"};
  }
}

}  // namespace kafka::cli
