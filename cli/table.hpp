// SPDX-License-Identifier: Apache-2.0
// What commands print about many things: a line each with tabs between for people and scripts, or JSON.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/types.hpp>

namespace kafka::cli {

/// A line of a table. What is empty is shown as `-`, so that columns can be counted.
void append_row(std::string& out, std::initializer_list<std::string_view> cells);
/// The same, only if people look at standard output: a script wants data alone.
void append_heading(std::string& out, std::initializer_list<std::string_view> cells);

/// A number that may be unknown (nothing, shown as `-`).
[[nodiscard]] std::string text_of(std::optional<std::int64_t> number);
/// An offset as brokers tell it: -1 is none.
[[nodiscard]] std::optional<std::int64_t> known(std::int64_t offset);
/// `orders:0,2 returns:1`, of partitions in order.
[[nodiscard]] std::string text_of(const std::vector<topic_partition>& partitions);

// JSON members: name and value, with a comma before them where one is needed.
void append_json_text(std::string& out, std::string_view name, bytes_view text);
void append_json_number(std::string& out, std::string_view name, std::optional<std::int64_t> number);
/// [{"topic":"orders","partition":0},...]
void append_json_partitions(std::string& out, std::string_view name, const std::vector<topic_partition>& partitions);

}  // namespace kafka::cli
