// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <kafka/record.hpp>

namespace kafka::cli {

/// A record as `consume --json` writes it. Borrows.
struct json_record {
  std::optional<std::int32_t> partition;
  timestamp_ms timestamp = -1;
  /// Unset: the object has no such member, which is something else than a null.
  std::optional<bytes_view> key;
  bytes_view value;
  std::vector<header> headers;
};

/// Reads a JSON object a line: {"partition", "timestamp", "key", "value", "headers": [[name, value], ...]}, of which
/// only the value is needed; other members are ignored. Bytes are a string, null, or {"base64": "..."}. Thread: one.
class json_record_reader {
 public:
  json_record_reader();
  json_record_reader(const json_record_reader&) = delete;
  json_record_reader& operator=(const json_record_reader&) = delete;
  ~json_record_reader();

  /// Valid until the next call. Throws std::runtime_error, saying what is wrong.
  const json_record& read(std::string_view line);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace kafka::cli
