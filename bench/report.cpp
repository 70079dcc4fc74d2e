// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include <unistd.h>

namespace kafka::bench {
namespace {

// Rounded to what the clocks can tell; more digits would be noise.
double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

double microseconds(std::uint64_t nanoseconds) {
  return rounded(static_cast<double>(nanoseconds) / 1e3, 10);
}

double ratio(double value, double by) {
  return by > 0 ? value / by : 0;
}

struct figures {
  explicit figures(const report& measured)
      : records_per_second(ratio(static_cast<double>(measured.records), measured.used.seconds)),
        megabytes_per_second(ratio(static_cast<double>(measured.bytes) / 1e6, measured.used.seconds)),
        cpu_per_million(ratio(measured.used.cpu_user_seconds + measured.used.cpu_system_seconds,
                              static_cast<double>(measured.records) / 1e6)) {}
  double records_per_second;
  double megabytes_per_second;
  double cpu_per_million;
};

}  // namespace

std::string json_line(const report& measured) {
  const figures derived(measured);
  boost::json::object line{
      {"benchmark", measured.benchmark},
      {"records", measured.records},
      {"failed", measured.failed},
      {"bytes", measured.bytes},
      {"seconds", rounded(measured.used.seconds, 1e6)},
      {"records_per_second", static_cast<std::uint64_t>(derived.records_per_second)},
      {"megabytes_per_second", rounded(derived.megabytes_per_second, 1e3)},
      {"cpu_user_seconds", rounded(measured.used.cpu_user_seconds, 1e6)},
      {"cpu_system_seconds", rounded(measured.used.cpu_system_seconds, 1e6)},
      {"cpu_seconds_per_million_records", rounded(derived.cpu_per_million, 1e5)},
      {"peak_rss_kib", peak_rss_kib()},
  };
  if (measured.latencies) {
    line["latency_us"] = boost::json::object{{"p50", microseconds(measured.latencies->percentile(0.5))},
                                             {"p95", microseconds(measured.latencies->percentile(0.95))},
                                             {"p99", microseconds(measured.latencies->percentile(0.99))},
                                             {"p999", microseconds(measured.latencies->percentile(0.999))},
                                             {"max", microseconds(measured.latencies->max())}};
  }
  if (measured.first_record_ms) line["first_record_ms"] = rounded(*measured.first_record_ms, 1e3);
  if (measured.checksum) line["checksum"] = *measured.checksum;
  if (!measured.error.empty()) line["error"] = measured.error;
  return boost::json::serialize(line);
}

std::string table(const report& measured) {
  const figures derived(measured);
  std::string text;
  const auto row = [&text](const char* name, const char* format, auto... values) {
    char line[160];
    int length = std::snprintf(line, sizeof line, "%-24s ", name);
    text.append(line, static_cast<std::size_t>(length));
    length = std::snprintf(line, sizeof line, format, values...);
    text.append(line, static_cast<std::size_t>(length)) += '\n';
  };
  row(("records " + std::string(measured.outcome)).c_str(), "%llu", static_cast<unsigned long long>(measured.records));
  if (measured.failed != 0) row("records failed", "%llu", static_cast<unsigned long long>(measured.failed));
  row("seconds", "%.3f", measured.used.seconds);
  if (measured.first_record_ms) row("first record, ms", "%.3f", *measured.first_record_ms);
  row("records/s", "%.0f", derived.records_per_second);
  row("MB/s", "%.1f", derived.megabytes_per_second);
  row("CPU seconds", "%.3f user, %.3f system", measured.used.cpu_user_seconds, measured.used.cpu_system_seconds);
  row("CPU s/million records", "%.4f", derived.cpu_per_million);
  row("peak memory, MiB", "%.1f", static_cast<double>(peak_rss_kib()) / 1024);
  if (measured.latencies) {
    const histogram& latencies = *measured.latencies;
    row("latency, us", "p50 %.0f, p95 %.0f, p99 %.0f, p99.9 %.0f, max %.0f", microseconds(latencies.percentile(0.5)),
        microseconds(latencies.percentile(0.95)), microseconds(latencies.percentile(0.99)),
        microseconds(latencies.percentile(0.999)), microseconds(latencies.max()));
  }
  return text;
}

int finish(const report& measured, bool json) {
  const std::string text = json ? json_line(measured) + '\n' : table(measured);
  std::fputs(text.c_str(), stdout);
  const int length = static_cast<int>(measured.benchmark.size());
  if (std::fflush(stdout) != 0) {
    std::perror("kafka-bench: standard output");
    return 1;
  }
  if (measured.error.empty() && measured.failed == 0) return 0;
  if (measured.failed == 0) {
    std::fprintf(stderr, "kafka-bench %.*s: %s\n", length, measured.benchmark.data(), measured.error.c_str());
    return 1;
  }
  std::fprintf(stderr, "kafka-bench %.*s: %llu of %llu records failed: %s\n", length, measured.benchmark.data(),
               static_cast<unsigned long long>(measured.failed),
               static_cast<unsigned long long>(measured.failed + measured.records), measured.error.c_str());
  return 1;
}

progress_line::progress_line(std::uint64_t records_total)
    : shown_(::isatty(STDERR_FILENO) != 0),
      total_(records_total),
      started_(std::chrono::steady_clock::now()),
      next_(started_) {}

progress_line::~progress_line() {
  if (drawn_) std::fputc('\n', stderr);
}

void progress_line::update(std::uint64_t records, std::chrono::steady_clock::time_point now) {
  if (!shown_ || (now < next_ && records != total_)) return;
  next_ = now + std::chrono::milliseconds(200);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  std::fprintf(stderr, "\r%llu of %llu records, %.0f records/s\x1b[K", static_cast<unsigned long long>(records),
               static_cast<unsigned long long>(total_), ratio(static_cast<double>(records), seconds));
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace kafka::bench
