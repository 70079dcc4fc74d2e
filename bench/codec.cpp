// SPDX-License-Identifier: Apache-2.0

// How much the record batch writer and reader add to what no client can do without. Each is timed against a bare loop
// in the same run, taking turns with it, so that a noisy machine slows down both; the figure that counts is the median
// of the rounds' ratios.
#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/arguments.hpp"
#include "bench/commands.hpp"
#include "protocol/crc32c.hpp"
#include "protocol/record_batch_reader.hpp"
#include "protocol/record_batch_writer.hpp"

namespace kafka::bench {
namespace {

using protocol::batch_overhead;

struct codec_options {
  std::size_t value_bytes = 100;
  int rounds = 51;
  double ratio_max = 0;
  bool json = false;
};

// What is appended: values that differ and lie apart, as those of an application do, no key, rising timestamps.
struct records_to_write {
  explicit records_to_write(std::size_t value_bytes, std::size_t batch_bytes)
      : size(value_bytes), text(value_count * value_bytes, '\0') {
    for (std::size_t index = 0; index < text.size(); ++index) text[index] = static_cast<char>('a' + index * 7 % 26);
    // As many as fill a batch: 20 bytes are more than the fields around a value take.
    count = static_cast<std::int32_t>((batch_bytes - batch_overhead) / (value_bytes + 20));
  }
  [[nodiscard]] std::string_view value(std::int32_t index) const {
    return {text.data() + static_cast<std::size_t>(index) % value_count * size, size};
  }
  [[nodiscard]] static timestamp_ms timestamp(std::int32_t index) { return 1'700'000'000'000 + index / 16; }

  static constexpr std::size_t value_count = 64;
  std::size_t size;
  std::string text;
  std::int32_t count = 0;
};

unsigned char* put_varint(unsigned char* out, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) *out++ = static_cast<unsigned char>(value | 0x80U);
  *out++ = static_cast<unsigned char>(value);
  return out;
}

std::size_t size_of_varint(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80U; value >>= 7U) ++size;
  return size;
}

// The bare loop of writing: every record encoded by hand into one buffer that is large enough, then header and CRC.
std::size_t write_bare(const records_to_write& records, std::vector<unsigned char>& buffer) {
  unsigned char* const begin = buffer.data();
  unsigned char* out = begin + batch_overhead;
  const timestamp_ms base = records_to_write::timestamp(0);
  for (std::int32_t index = 0; index < records.count; ++index) {
    const std::string_view value = records.value(index);
    const auto timestamp_delta = static_cast<std::uint64_t>(records_to_write::timestamp(index) - base) << 1U;
    const auto offset_delta = static_cast<std::uint64_t>(index) << 1U;
    const auto value_size = static_cast<std::uint64_t>(value.size()) << 1U;
    const std::size_t body =
        3 + size_of_varint(timestamp_delta) + size_of_varint(offset_delta) + size_of_varint(value_size) + value.size();
    out = put_varint(out, body << 1U);
    *out++ = 0;
    out = put_varint(out, timestamp_delta);
    out = put_varint(out, offset_delta);
    *out++ = 1;  // null key
    out = put_varint(out, value_size);
    std::memcpy(out, value.data(), value.size());
    out += value.size();
    *out++ = 0;  // no headers
  }
  const auto size = static_cast<std::size_t>(out - begin);
  protocol::record_batch_header header;
  header.batch_length = static_cast<std::int32_t>(size - protocol::batch_length_end);
  header.last_offset_delta = records.count - 1;
  header.base_timestamp = base;
  header.max_timestamp = records_to_write::timestamp(records.count - 1);
  header.record_count = records.count;
  const auto bytes = std::as_writable_bytes(std::span(buffer)).first(size);
  protocol::write_batch_header(bytes, header);
  boost::endian::store_big_u32(begin + 17, protocol::batch_crc(bytes));
  return size;
}

shared_bytes write_ours(const records_to_write& records, buffer_pool& pool, std::size_t batch_bytes) {
  protocol::record_batch_writer writer(pool, {.bytes_max = batch_bytes, .capacity = batch_bytes});
  for (std::int32_t index = 0; index < records.count; ++index)
    if (!writer.append(records_to_write::timestamp(index), nullptr, records.value(index))) std::abort();
  protocol::sealed_batch sealed;
  if (writer.seal({}, sealed)) std::abort();
  return sealed.bytes();
}

const unsigned char* get_varint(const unsigned char* at, std::uint64_t& value) {
  value = *at++;
  if (value < 0x80U) return at;
  value &= 0x7FU;
  for (unsigned shift = 7;; shift += 7) {
    const std::uint64_t byte = *at++;
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80U) return at;
  }
}

// The bare loop of reading: the CRC, then a pointer that walks from field to field and believes everything.
std::uint64_t read_bare(std::span<const std::byte> batch) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(batch.data());
  if (protocol::batch_crc(batch) != boost::endian::load_big_u32(begin + 17)) return 0;
  const auto base_timestamp = boost::endian::load_big_u64(begin + 27);
  std::uint64_t sum = 0;
  const unsigned char* at = begin + batch_overhead;
  for (std::uint32_t left = boost::endian::load_big_u32(begin + 57); left != 0; --left) {
    std::uint64_t length = 0;
    std::uint64_t timestamp_delta = 0;
    std::uint64_t offset_delta = 0;
    std::uint64_t value_size = 0;
    at = get_varint(at, length);
    const unsigned char* const end = at + (length >> 1U);
    at = get_varint(at + 1, timestamp_delta);
    at = get_varint(at, offset_delta);
    at = get_varint(at + 1, value_size);  // behind the null key
    sum += (offset_delta >> 1U) + base_timestamp + (timestamp_delta >> 1U) + (value_size >> 1U) + *at;
    at = end;
  }
  return sum;
}

std::uint64_t read_ours(const shared_bytes& batch, buffer_pool& pool) {
  protocol::record_batch_reader reader(batch);
  if (reader.next() != protocol::batch_step::batch) return 0;
  protocol::batch_records opened;
  if (reader.batch().open(pool, opened)) return 0;
  std::uint64_t sum = 0;
  protocol::record_cursor cursor = opened.cursor();
  for (protocol::record_ref record; cursor.next(record);) {
    sum += static_cast<std::uint64_t>(record.offset) + static_cast<std::uint64_t>(record.timestamp) +
           record.value.size() + static_cast<unsigned char>(*record.value.data());
  }
  return sum;
}

struct comparison {
  const char* job = "";
  std::size_t batch_bytes = 0;
  std::int32_t records = 0;
  double bare_ns = 0;
  double ours_ns = 0;
  double ratio = 0;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double nanoseconds(const std::function<void()>& work, int repeats) {
  const auto before = std::chrono::steady_clock::now();
  for (int repeat = 0; repeat < repeats; ++repeat) work();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - before).count();
}

comparison compare(const char* job, std::size_t batch_bytes, std::int32_t records, int rounds,
                   const std::function<void()>& bare, const std::function<void()>& ours) {
  // Some milliseconds a turn: long against the clock and a cold start, short against what else the machine does.
  const int repeats = std::max(1, 100'000 / records);
  std::vector<double> bare_times;
  std::vector<double> our_times;
  std::vector<double> ratios;
  nanoseconds(bare, repeats);
  nanoseconds(ours, repeats);
  for (int round = 0; round < rounds; ++round) {
    const bool bare_first = round % 2 == 0;
    const double first = nanoseconds(bare_first ? bare : ours, repeats);
    const double second = nanoseconds(bare_first ? ours : bare, repeats);
    const double all_records = static_cast<double>(records) * repeats;
    bare_times.push_back((bare_first ? first : second) / all_records);
    our_times.push_back((bare_first ? second : first) / all_records);
    ratios.push_back(our_times.back() / bare_times.back());
  }
  return {job, batch_bytes, records, median(bare_times), median(our_times), median(ratios)};
}

std::vector<comparison> run(const codec_options& options) {
  std::vector<comparison> results;
  buffer_pool pool;
  for (const std::size_t batch_bytes : {std::size_t{1'000'000}, std::size_t{16'384}}) {
    if (options.value_bytes + 20 + batch_overhead > batch_bytes) continue;
    const records_to_write records(options.value_bytes, batch_bytes);
    std::vector<unsigned char> buffer(batch_bytes);
    const shared_bytes batch = write_ours(records, pool, batch_bytes);
    const std::size_t bare_size = write_bare(records, buffer);
    // Both must have done the same work.
    if (bare_size != batch.size() || std::memcmp(buffer.data(), batch.data(), bare_size) != 0) std::abort();
    if (read_bare(batch) != read_ours(batch, pool) || read_bare(batch) == 0) std::abort();

    volatile std::uint64_t sink = 0;
    results.push_back(compare(
        "append and seal", batch_bytes, records.count, options.rounds, [&] { sink = write_bare(records, buffer); },
        [&] { sink = write_ours(records, pool, batch_bytes).size(); }));
    results.push_back(compare(
        "verify and iterate", batch_bytes, records.count, options.rounds, [&] { sink = read_bare(batch); },
        [&] { sink = read_ours(batch, pool); }));
  }
  return results;
}

void print_table(const std::vector<comparison>& results, const codec_options& options) {
  std::printf("records of %zu B, no key; ns a record; median of %d rounds; CRC32C by %s\n", options.value_bytes,
              options.rounds, protocol::crc32c_hardware() ? "instruction" : "table");
  std::printf("%-20s %12s %9s %10s %10s %8s\n", "job", "batch bytes", "records", "bare loop", "ours", "ratio");
  for (const comparison& result : results) {
    std::printf("%-20s %12zu %9d %10.2f %10.2f %8.2f\n", result.job, result.batch_bytes, result.records, result.bare_ns,
                result.ours_ns, result.ratio);
  }
}

void print_json(const std::vector<comparison>& results, const codec_options& options) {
  std::printf("{\"benchmark\":\"codec\",\"value_bytes\":%zu,\"rounds\":%d,\"crc32c\":\"%s\",\"results\":[",
              options.value_bytes, options.rounds, protocol::crc32c_hardware() ? "instruction" : "table");
  const char* comma = "";
  for (const comparison& result : results) {
    std::printf(
        "%s{\"job\":\"%s\",\"batch_bytes\":%zu,\"records\":%d,\"bare_ns\":%.3f,\"ours_ns\":%.3f,\"ratio\":%.3f}", comma,
        result.job, result.batch_bytes, result.records, result.bare_ns, result.ours_ns, result.ratio);
    comma = ",";
  }
  std::printf("]}\n");
}

}  // namespace

int codec(int argc, char** argv) {
  codec_options options;
  CLI::App app("Record batches: append and seal, verify and iterate, each against a bare loop", "kafka-bench codec");
  app.add_option("--value-bytes", options.value_bytes, "Bytes of each record's value")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--rounds", options.rounds, "How often each is timed")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--ratio-max", options.ratio_max, "Fail if any ratio is above this (0: never)");
  app.add_flag("--json", options.json, "Print one JSON object instead of a table");
  if (const auto code = parse(app, argc, argv)) return *code;

  const std::vector<comparison> results = run(options);
  options.json ? print_json(results, options) : print_table(results, options);
  const bool too_slow = options.ratio_max > 0 && std::any_of(results.begin(), results.end(), [&](const auto& result) {
                          return result.ratio > options.ratio_max;
                        });
  return too_slow ? 1 : 0;
}

}  // namespace kafka::bench
