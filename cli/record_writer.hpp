// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kafka/record.hpp>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/output.hpp"
#include "cli/record_filter.hpp"
#include "cli/record_format.hpp"
#include "cli/shown_record.hpp"

namespace kafka::cli {

/// Puts those records that were asked for, in the form that was, behind the output's text.
class record_writer {
 public:
  record_writer(const consume_options& options, output& to) : json_(options.json), filter_(options.filter), out_(to) {
    if (options.format) format_ = record_format(*options.format);
  }

  /// False if the record is not one to be shown.
  bool write(const record_view& record) {
    const shown_record shown(record);
    if (!filter_.empty() && !filter_.passes(shown)) return false;
    if (json_) {
      append_json_line(out_.text, shown);
    } else {
      format_.append(shown, out_.text);
    }
    return true;
  }

 private:
  bool json_;
  const record_filter& filter_;
  record_format format_;
  output& out_;
};

}  // namespace kafka::cli
