// SPDX-License-Identifier: Apache-2.0
// Reading lines, writing behind a buffer, and progress: what stands between kafka-cli and its terminal.
#include <csignal>
#include <thread>

#include <unistd.h>

#include "cli/line_reader.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "support/catch.hpp"

using namespace kafka::cli;
using namespace std::chrono_literals;

namespace {

struct pipe_ends {
  pipe_ends() { REQUIRE(::pipe(ends) == 0); }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    close_end(0);
    close_end(1);
  }
  void close_end(int which) {
    if (ends[which] >= 0) ::close(ends[which]);
    ends[which] = -1;
  }
  void write(std::string_view text) {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<::ssize_t>(text.size()));
  }
  int ends[2];
};

std::vector<std::string> lines_of(std::string_view text, std::size_t piece) {
  pipe_ends input;
  input.write(text);
  input.close_end(1);
  descriptor_source from(input.ends[0], -1, "input");
  line_reader reader(from, piece);
  std::vector<std::string> lines;
  while (const auto line = reader.next()) lines.emplace_back(*line);
  return lines;
}

}  // namespace

TEST_CASE("lines are the same whatever the pieces they are read in") {
  const std::string text = "first\n\nthird is longer than any piece\nlast";
  for (std::size_t piece = 1; piece < 50; ++piece) {
    CAPTURE(piece);
    CHECK(lines_of(text, piece) == std::vector<std::string>{"first", "", "third is longer than any piece", "last"});
  }
}

TEST_CASE("the end of the input ends a line only if there is something in it") {
  CHECK(lines_of("", 8).empty());
  CHECK(lines_of("\n", 8) == std::vector<std::string>{""});
  CHECK(lines_of("a\n", 8) == std::vector<std::string>{"a"});
  CHECK(lines_of("a\r\n", 8) == std::vector<std::string>{"a\r"});
}

TEST_CASE("a line much longer than a piece is one line") {
  const std::string longest(50'000, 'x');
  CHECK(lines_of(longest + "\ny\n", 16) == std::vector<std::string>{longest, "y"});
}

TEST_CASE("reading stops when it is told to, though the input goes on, and half a line is no line") {
  pipe_ends input;
  pipe_ends stop;
  input.write("one\ntw");
  descriptor_source from(input.ends[0], stop.ends[0], "input");
  line_reader reader(from);
  CHECK(reader.next() == "one");
  CHECK_FALSE(from.stopped());
  stop.write("!");
  CHECK_FALSE(reader.next());
  CHECK(from.stopped());
  CHECK(from.taken() == 6);
  CHECK_FALSE(reader.next());
}

TEST_CASE("a descriptor that cannot be read is an error that names it") {
  descriptor_source from(-1, -1, "orders.txt");
  char byte = 0;
  CHECK_THROWS_WITH(from.read(&byte, 1), Catch::Matchers::Contains("orders.txt"));
}

TEST_CASE("output reaches the descriptor whole, in order, though the reader is slow") {
  pipe_ends to;
  std::string received;
  std::thread reading([&] {
    char piece[777];
    for (::ssize_t taken; (taken = ::read(to.ends[0], piece, sizeof piece)) > 0;)
      received.append(piece, static_cast<std::size_t>(taken));
  });
  std::string expected;
  {
    output out(to.ends[1]);
    for (int number = 0; number < 100'000; ++number) {
      const std::string line = "line " + std::to_string(number) + "\n";
      expected += line;
      out.text += line;
      out.step();
    }
    out.flush();
    CHECK(out.text.empty());
  }
  to.close_end(1);
  reading.join();
  CHECK(received == expected);
}

TEST_CASE("output tells while nobody takes it, and how much is left, down to the byte") {
  pipe_ends to;
  output out(to.ends[1]);
  out.text.assign(100'000, 'x');
  std::vector<std::size_t> lefts;
  std::size_t received = 0;
  std::vector<char> page(4096);
  out.flush([&](std::size_t left) {
    lefts.push_back(left);
    const auto got = ::read(to.ends[0], page.data(), lefts.size() < 4 ? 10 : page.size());
    REQUIRE(got > 0);
    received += static_cast<std::size_t>(got);
  });
  CHECK(out.text.empty());
  REQUIRE(lefts.size() > 4);
  CHECK(lefts[0] == 100'000);
  CHECK(lefts[1] == 100'000 - 10);
  CHECK(lefts[2] == 100'000 - 20);
  to.close_end(1);
  for (::ssize_t got = 1; got > 0; received += static_cast<std::size_t>(std::max<::ssize_t>(got, 0))) {
    got = ::read(to.ends[0], page.data(), page.size());
  }
  CHECK(received == 100'000);
}

TEST_CASE("what is thrown while output waits leaves the rest of it where it was") {
  pipe_ends to;
  output out(to.ends[1]);
  out.text.assign(100'000, 'x');
  CHECK_THROWS_AS(out.flush([](std::size_t) { throw std::runtime_error("enough"); }), std::runtime_error);
  CHECK(out.text.size() < 100'000);
  CHECK_FALSE(out.text.empty());
}

TEST_CASE("a closed pipe is told apart from a failure") {
  ::signal(SIGPIPE, SIG_IGN);
  pipe_ends to;
  to.close_end(0);
  output out(to.ends[1]);
  out.text += "nobody reads this";
  CHECK_THROWS_AS(out.flush(), closed_pipe);
  CHECK(out.text.empty());
  CHECK_NOTHROW(out.flush());
  output nowhere(-1);
  nowhere.text += "x";
  CHECK_THROWS_AS(nowhere.flush(), std::system_error);
}

TEST_CASE("a summary tells records, megabytes and both rates") {
  CHECK(summary_text({.records = 120'000, .bytes = 14'400'000}, 250ms) ==
        "120000 records, 14.4 MB in 0.25 s: 480000 records/s, 57.6 MB/s");
  CHECK(summary_text({.records = 1, .bytes = 0}, 0ms) == "1 record, 0.0 MB in 0.00 s: 1000 records/s, 0.0 MB/s");
}

TEST_CASE("progress tells how much of the total is done, never 100 % too early") {
  CHECK(progress_text({.records = 399'999, .bytes = 1'000'000, .records_total = 400'000}, 1s) ==
        "399999 records, 1.0 MB, 99 % of 400000 records: 399999 records/s, 1.0 MB/s");
  CHECK(progress_text({.records = 5, .bytes = 2'500'000, .bytes_total = 10'000'000}, 1s) ==
        "5 records, 2.5 MB, 25 % of 10.0 MB: 5 records/s, 2.5 MB/s");
  CHECK(progress_text({.records = 5, .bytes = 9'000'000, .bytes_total = 4'000'000, .bytes_read = 3'000'000}, 1s) ==
        "5 records, 9.0 MB, 75 % of 4.0 MB: 5 records/s, 9.0 MB/s");
  CHECK(progress_text({.records = 5, .bytes = 0}, 2s) == "5 records, 0.0 MB: 2 records/s, 0.0 MB/s");
  CHECK(progress_text({.records = 0, .bytes = 0, .records_total = 0}, 1s) ==
        "0 records, 0.0 MB, 100 % of 0 records: 0 records/s, 0.0 MB/s");
}
