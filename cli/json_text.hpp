// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/shown_record.hpp"

// JSON as kafka-cli writes it, appended to a buffer: a line a record must cost no more than reading the record.
namespace kafka::cli {

/// Bytes as a string where they are UTF-8, else as {"base64":"..."}; null as null.
void append_json(std::string& out, bytes_view bytes);
void append_json(std::string& out, std::int64_t number);

/// `"name":`, with a comma before it unless it is the first of its object.
void append_json_name(std::string& out, std::string_view name);

/// {"topic","partition","offset","timestamp","key","value","headers":[["name","value"],...]} and a line feed.
void append_json_line(std::string& out, const shown_record& record);

/// Standard base64 with padding.
void append_base64(std::string& out, std::string_view bytes);

}  // namespace kafka::cli
