// SPDX-License-Identifier: Apache-2.0
// What --help says beyond the list of options.
#pragma once

namespace kafka::cli::help {

inline constexpr const char* program =
    "A command line for Apache Kafka.\n"
    "Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 failed,\n"
    "2 usage, 130 after Ctrl-C, 143 after SIGTERM.";

inline constexpr const char* program_examples =
    "Examples:\n"
    "  kafka-cli fake &                                  a cluster in memory at 127.0.0.1:9092\n"
    "  kafka-cli topics create orders --partitions 6\n"
    "  kafka-cli produce orders -k customer-7 -v 'three apples'\n"
    "  kafka-cli consume orders -e --json\n"
    "  kafka-cli demo                                    all of that in one, checked\n"
    "The options above go before or behind a command. The words of go-kafka work as well:\n"
    "  kafka-cli -brokers a:9092,b:9092 -consume -topic orders -offset 1\n";

inline constexpr const char* describe =
    "Print a line a partition: id, leader, replicas, in-sync replicas, oldest and newest offset, with tabs between";

inline constexpr const char* group =
    "Read as a member of this group, which divides the partitions among its members and remembers what was printed; "
    "--from says where a group begins that has read nothing yet (oldest or newest)";

inline constexpr const char* topics_examples =
    "Examples:\n"
    "  kafka-cli topics list\n"
    "  kafka-cli topics describe orders --json\n"
    "  kafka-cli topics create orders --partitions 6 --replication-factor 3 --config retention.ms=3600000\n"
    "  kafka-cli topics delete orders --yes\n"
    "Brokers: -b host:port,... or KAFKA_BROKERS; kafka-cli --help lists the options of all commands.\n";

inline constexpr const char* produce =
    "Send the lines of files or of standard input, a record each, or one record (-v)";

inline constexpr const char* produce_files =
    "Files to read one after the other, - for standard input (default); gzip and zstd are unpacked";

inline constexpr const char* produce_json =
    "Lines are JSON objects as consume --json writes them: value, and perhaps key, headers, timestamp and\n"
    "partition; null is null, {\"base64\":\"...\"} are bytes; other members are ignored";

inline constexpr const char* partitioner =
    "murmur2_random (default, as Java's), consistent_random, consistent, uniform, round_robin, random or\n"
    "manual";

inline constexpr const char* transactional_id =
    "Send everything in one transaction of this id: committed at the end of the input, aborted on any\n"
    "error and on Ctrl-C";

inline constexpr const char* produce_examples =
    "Examples:\n"
    "  kafka-cli produce orders -k customer-7 -v 'three apples' -H shop=3\n"
    "  kafka-cli produce orders -K '\\t' -z zstd < orders.tsv\n"
    "  kafka-cli produce orders -k customer-7 -v '' -Z          a tombstone\n"
    "  kafka-cli produce orders --rate 500 monday.log.gz tuesday.log.zst\n"
    "  kafka-cli consume orders -e --json | kafka-cli produce copy --json --keep-partition\n"
    "  kafka-cli produce orders --transactional-id load-7 orders.txt       all of it or nothing\n"
    "DELIM knows \\t, \\n and \\xNN. A line without it is a value with the key of -k, or none. Ends with\n"
    "exit code 1 if any record was not delivered.\n"
    "Brokers: -b host:port,... or KAFKA_BROKERS; kafka-cli --help lists the options of all commands.\n";

inline constexpr const char* verifiable_producer =
    "Send numbered messages and print an event for each, as Kafka's own VerifiableProducer does";

inline constexpr const char* command_config =
    "A Java properties file, which wins over --acks and over retries=0, the tool's own setting";

inline constexpr const char* message_create_time =
    "Timestamp of the first message in milliseconds; the others follow as time goes by";

inline constexpr const char* verifiable_producer_examples =
    "Examples:\n"
    "  kafka-cli verifiable-producer --bootstrap-server localhost:9092 --topic orders --max-messages 1000\n"
    "  kafka-cli verifiable-producer --bootstrap-server localhost:9092 --topic orders --throughput 100 \\\n"
    "      --repeating-keys 10 --command-config producer.properties\n"
    "Values are 0, 1, 2, ...; with --value-prefix 3: 3.0, 3.1, 3.2, ... A JSON object a line on standard output:\n"
    "startup_complete, producer_send_success, producer_send_error, shutdown_complete, tool_data. Ends after\n"
    "--max-messages, or in order on SIGTERM and Ctrl-C. Exit code 1 for a command line that cannot be followed.\n";

inline constexpr const char* verifiable_consumer =
    "Read as a member of a group and print an event for each step, as Kafka's own VerifiableConsumer does";

inline constexpr const char* consumer_command_config = "A Java properties file, over which all other options win";

inline constexpr const char* verifiable_consumer_examples =
    "Examples:\n"
    "  kafka-cli verifiable-consumer --bootstrap-server localhost:9092 --topic orders --group-id g\n"
    "  kafka-cli verifiable-consumer --bootstrap-server localhost:9092 --topic orders --group-id g --verbose \\\n"
    "      --assignment-strategy org.apache.kafka.clients.consumer.CooperativeStickyAssignor\n"
    "A JSON object a line on standard output: startup_complete, partitions_assigned, partitions_revoked,\n"
    "record_data (with --verbose), records_consumed, offsets_committed (without --enable-autocommit),\n"
    "shutdown_requested, shutdown_complete. Commits after each poll. Ends after --max-messages, or in order on\n"
    "SIGTERM and Ctrl-C. Exit code 1 for a command line that cannot be followed.\n";

inline constexpr const char* consume = "Print records: the value and a line feed, or in the form of -f or --json";

inline constexpr const char* from =
    "Where to begin in each partition, and perhaps to end: oldest (default), newest, N (an offset), -N (the\n"
    "last N), +N (all but the first N), A:B, :end, @milliseconds, @2026-11-24T08:15:00Z (without a zone: UTC),\n"
    "-48h (since two days ago), @T1:T2, @-48h:-24h, @T:1h; the end of a range is not read";

inline constexpr const char* pattern =
    "The topics whose whole name this regular expression matches, such as 'orders-.*', in place of names;\n"
    "of a group also those that are made later";

inline constexpr const char* read_committed =
    "Leave out what transactions have not committed (-X isolation.level=read_committed)";

inline constexpr const char* grep =
    "Only records whose value or key this POSIX extended regular expression is found in; may be repeated,\n"
    "then all have to be; -n counts those that are shown";

inline constexpr const char* format =
    "%t topic, %p partition, %o offset, %T timestamp, %k key, %s value, %K %S their sizes (-1: null),\n"
    "%h headers, %% a percent sign; \\n \\t \\xNN";

inline constexpr const char* consume_json =
    "A JSON object a line: topic, partition, offset, timestamp, key, value, headers as pairs; null is\n"
    "null, bytes that are not UTF-8 are {\"base64\":\"...\"}";

inline constexpr const char* consume_examples =
    "Examples:\n"
    "  kafka-cli consume orders                                 all there is, and what comes\n"
    "  kafka-cli consume orders -e --json                       all there is\n"
    "  kafka-cli consume orders --from -10 -e -p 0              the last ten of partition 0\n"
    "  kafka-cli consume orders returns -o @-48h:-24h           of two topics, what came the day before\n"
    "  kafka-cli consume --pattern 'orders-.*' -o :end --grep apples\n"
    "  kafka-cli consume orders --from @2026-11-24T08:00Z -n 5 -f '%p %o %k: %s\\n'\n"
    "Order holds within a partition. An offset outside the log is an error unless -X auto.offset.reset\n"
    "says otherwise.\n"
    "Brokers: -b host:port,... or KAFKA_BROKERS; kafka-cli --help lists the options of all commands.\n";

inline constexpr const char* fake_examples =
    "Examples:\n"
    "  kafka-cli fake --nodes 3 --port 9092\n"
    "  kafka-cli demo --records 1000000\n";

}  // namespace kafka::cli::help
