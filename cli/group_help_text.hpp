// SPDX-License-Identifier: Apache-2.0
// What --help says of the commands about groups and offsets.
#pragma once

namespace kafka::cli::help {

inline constexpr const char* groups_list =
    "Print a line a group: name, type, state, protocol type and coordinator, with tabs between";

inline constexpr const char* groups_describe =
    "Print a line a group: name, type, state, assignor, coordinator and how many members it has";

inline constexpr const char* groups_members =
    "Print a line a member: group, member id, instance id, client id, host and what it reads";

inline constexpr const char* groups_lag =
    "Print a line a partition: group, topic, partition, stored offset, end, lag and who reads it\n"
    "(member id, host, client id)";

inline constexpr const char* groups_reset =
    "Move a group without members to other offsets; print group, topic, partition, the offset before\n"
    "and the one after";

inline constexpr const char* to_datetime =
    "The first record of this time or later: 2026-11-24T08:15:00Z (without a zone: UTC), milliseconds\n"
    "since 1970, or -48h";

inline constexpr const char* by_duration = "The first record not older than this: 48h, 7d, 1h30m, PT30M, P1DT12H";

inline constexpr const char* from_file =
    "What --csv, or --export of Kafka's own tool, printed: topic,partition,offset, or that with the\n"
    "group in front, a line each; - for standard input";

inline constexpr const char* groups_examples =
    "Examples:\n"
    "  kafka-cli groups list --state Stable\n"
    "  kafka-cli groups describe billing --json\n"
    "  kafka-cli groups lag billing shipping --lag '>0'\n"
    "  kafka-cli groups lag -s                                    the sum of each group\n"
    "  kafka-cli groups reset-offsets billing -t orders --to-datetime 2026-11-24T08:00Z --yes\n"
    "  kafka-cli groups delete billing --yes\n"
    "Unknown is -, in JSON null. Exit code 1 if any group, broker or partition failed.\n"
    "Brokers: -b host:port,... or KAFKA_BROKERS; kafka-cli --help lists the options of all commands.\n";

inline constexpr const char* groups_reset_examples =
    "Examples:\n"
    "  kafka-cli groups reset-offsets billing --all-topics --to-earliest             only shows it\n"
    "  kafka-cli groups reset-offsets billing -t orders:0,2 --shift-by -100 --yes\n"
    "  kafka-cli groups reset-offsets billing --all-topics --to-current --csv > kept.csv\n"
    "  kafka-cli groups reset-offsets billing --from-file kept.csv --yes\n"
    "An offset outside the log becomes its nearer end, which is told. Nothing is stored without --yes, nor\n"
    "while the group has members.\n"
    "Brokers: -b host:port,... or KAFKA_BROKERS; kafka-cli --help lists the options of all commands.\n";

inline constexpr const char* offsets =
    "Print a line a partition: topic, partition, oldest and newest offset, and the first one since each\n"
    "time given";

inline constexpr const char* offsets_since =
    "Also the first offset of this time or later (- if there is none); may be repeated: 2026-11-24T08:15Z,\n"
    "milliseconds since 1970, -48h";

inline constexpr const char* offsets_examples =
    "Examples:\n"
    "  kafka-cli offsets orders returns:0,2\n"
    "  kafka-cli offsets orders --since -24h --since -1h --json\n"
    "Brokers: -b host:port,... or KAFKA_BROKERS; kafka-cli --help lists the options of all commands.\n";

}  // namespace kafka::cli::help
