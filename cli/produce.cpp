// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <sys/stat.h>
#include <unistd.h>

#include <kafka/producer.hpp>

#include "cli/commands.hpp"
#include "cli/delivery_count.hpp"
#include "cli/line_reader.hpp"
#include "cli/progress.hpp"

namespace kafka::cli {
namespace {

// How long records on their way are waited for after Ctrl-C.
constexpr std::chrono::seconds last_wait{5};

bytes_view field(std::string_view text, bool empty_is_null) {
  return empty_is_null && text.empty() ? bytes_view() : bytes_view(text);
}

/// The key of a record without one of its own.
bytes_view common_key(const produce_options& options) {
  return options.key ? field(*options.key, options.empty_is_null) : bytes_view();
}

/// The message that all records of one command have in common; borrows from the options.
message template_of(const produce_options& options, std::vector<header>& headers) {
  for (const auto& [name, value] : options.headers) headers.push_back({name, bytes_view(value)});
  return {.topic = options.topic,
          .key = common_key(options),
          .value = {},
          .headers = headers,
          .timestamp = -1,
          .partition = options.partition};
}

void fill_from_line(message& record, std::string_view line, const produce_options& options) {
  const std::size_t delimiter =
      options.key_delimiter.empty() ? std::string_view::npos : line.find(options.key_delimiter);
  if (delimiter == std::string_view::npos) {
    record.key = common_key(options);
  } else {
    record.key = field(line.substr(0, delimiter), options.empty_is_null);
    line.remove_prefix(delimiter + options.key_delimiter.size());
  }
  record.value = field(line, options.empty_is_null);
}

/// Sends a record, waiting for room for as long as records on their way still may make some. False: it was not sent,
/// and `failure` says why.
bool send_when_there_is_room(producer& to, const message& record, delivery_count& count, error& failure) {
  for (;;) {
    try {
      to.send(record, [&count](const delivery_result& result) { count.note(result); });
      return true;
    } catch (const error& thrown) {
      if (thrown != client_errc::buffer_full || count.failed() > 0) {
        failure = thrown;
        return false;
      }
    }
  }
}

std::optional<std::uint64_t> size_of_input() {
  struct ::stat status{};
  if (::fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

/// Sends a record a line until the input ends, a signal comes or a record cannot be sent.
error send_lines(producer& to, const produce_options& options, context& work, delivery_count& count,
                 progress_meter& meter, work_done& done) {
  std::vector<header> headers;
  message record = template_of(options, headers);
  line_reader lines(STDIN_FILENO, work.interrupted.descriptor());
  error failure;
  done.bytes_total = size_of_input();
  while (const std::optional<std::string_view> line = lines.next()) {
    fill_from_line(record, *line, options);
    if (!send_when_there_is_room(to, record, count, failure)) break;
    ++done.records;
    done.bytes += line->size() + 1;
    // The clock is not read for every record.
    if (done.records % 1024 == 0) meter.update(done);
    if (work.interrupted) break;
  }
  return failure;
}

error lost_records(const delivery_count& count, const work_done& done, const error& failure) {
  const error first = count.failed() > 0 ? count.first_failure() : failure;
  const std::uint64_t lost = done.records - count.delivered() + (failure ? 1 : 0);
  return first.with_context(std::to_string(lost) + " of " + std::to_string(done.records + (failure ? 1 : 0)) +
                            " records were not delivered");
}

void produce_lines(producer& to, const produce_options& options, context& work) {
  delivery_count count;
  work_done done;
  error failure;
  error closing;
  {
    progress_meter meter(true);
    failure = send_lines(to, options, work, count, meter, done);
    if (!work.interrupted) closing = to.flush(std::chrono::hours(24));
    if (const error closed = to.close(last_wait); closed && !closing) closing = closed;
    meter.update(done);
    const work_done delivered{.records = count.delivered(), .bytes = done.bytes};
    std::fprintf(stderr, "%s\n", summary_text(delivered, meter.elapsed()).c_str());
  }
  if (work.interrupted && !count.failed()) return;
  if (failure || count.failed() > 0 || count.delivered() != done.records)
    throw lost_records(count, done, failure ? failure : closing);
}

void produce_one(producer& to, const produce_options& options, context& work) {
  std::vector<header> headers;
  message record = template_of(options, headers);
  record.value = field(*options.value, options.empty_is_null);
  const delivery sent = to.send(record);
  work.out.text += std::to_string(sent.partition) + '\t' + std::to_string(sent.offset) + '\n';
  to.close(last_wait);
}

}  // namespace

void produce(const produce_options& options, context& work) {
  producer_config config = make_producer_config(options.cluster);
  if (options.compression) config.compression = *options.compression;
  producer to(std::move(config));
  const interrupts::guard closing(work.interrupted, [&to] { to.close(last_wait); });
  if (options.value) {
    produce_one(to, options, work);
  } else {
    produce_lines(to, options, work);
  }
}

}  // namespace kafka::cli
