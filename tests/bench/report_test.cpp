// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <boost/json/parse.hpp>

#include "support/catch.hpp"

using kafka::bench::histogram;
using kafka::bench::report;

namespace {

report of_a_run(const histogram& latencies) {
  return {.benchmark = "produce",
          .records = 2'000'000,
          .bytes = 200'000'000,
          .used = {.seconds = 4, .cpu_user_seconds = 0.3, .cpu_system_seconds = 0.1},
          .latencies = &latencies};
}

}  // namespace

TEST_CASE("the line derives rates and costs from what was counted") {
  histogram latencies;
  for (int value = 1; value <= 100; ++value) latencies.add(value * 1000);
  const auto line = boost::json::parse(json_line(of_a_run(latencies))).as_object();
  CHECK(line.at("benchmark") == "produce");
  CHECK(line.at("records").to_number<double>() == 2e6);
  CHECK(line.at("failed").to_number<double>() == 0);
  CHECK(line.at("seconds").to_number<double>() == Approx(4));
  CHECK(line.at("records_per_second").to_number<double>() == 500'000);
  CHECK(line.at("megabytes_per_second").to_number<double>() == Approx(50));
  CHECK(line.at("cpu_user_seconds").to_number<double>() == Approx(0.3));
  CHECK(line.at("cpu_system_seconds").to_number<double>() == Approx(0.1));
  CHECK(line.at("cpu_seconds_per_million_records").to_number<double>() == Approx(0.2));
  CHECK(line.at("peak_rss_kib").to_number<double>() > 0);
  const auto& shown = line.at("latency_us").as_object();
  CHECK(shown.at("p50").to_number<double>() == Approx(50).epsilon(0.01));
  CHECK(shown.at("p99").to_number<double>() == Approx(99).epsilon(0.01));
  CHECK(shown.at("max").to_number<double>() == Approx(100));
  CHECK(line.find("error") == line.end());
}

TEST_CASE("a run without any record divides by nothing") {
  const histogram latencies;
  report measured{.benchmark = "produce", .failed = 5, .latencies = &latencies, .error = "broker \"b\" is gone"};
  const auto line = boost::json::parse(json_line(measured)).as_object();
  CHECK(line.at("records_per_second").to_number<double>() == 0);
  CHECK(line.at("cpu_seconds_per_million_records").to_number<double>() == 0);
  CHECK(line.at("error") == "broker \"b\" is gone");
}

TEST_CASE("a run that reads tells when it began to, and what it saw in the bytes") {
  const report measured{.benchmark = "consume",
                        .outcome = "read",
                        .records = 10,
                        .used = {.seconds = 1},
                        .first_record_ms = 12.3456,
                        .checksum = 18'000'000'000'000'000'000U};
  const auto line = boost::json::parse(json_line(measured)).as_object();
  CHECK(line.at("first_record_ms").to_number<double>() == Approx(12.346));
  CHECK(line.at("checksum").to_number<std::uint64_t>() == 18'000'000'000'000'000'000U);
  CHECK(line.find("latency_us") == line.end());
  CHECK(table(measured).find("records read             10\n") != std::string::npos);
}

TEST_CASE("the table tells of failed records only if there are any") {
  histogram latencies;
  latencies.add(7'000);
  report measured = of_a_run(latencies);
  CHECK(table(measured).find("failed") == std::string::npos);
  CHECK(table(measured).find("2000000") != std::string::npos);
  measured.failed = 3;
  CHECK(table(measured).find("failed") != std::string::npos);
}
