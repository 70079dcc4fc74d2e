// SPDX-License-Identifier: Apache-2.0
#include "cli/unpacking_source.hpp"

#include "support/catch.hpp"

using namespace kafka::cli;
using Catch::Matchers::Contains;

namespace {

// "three apples and a pear\n" by gzip and by zstd, and nothing at all by both.
constexpr std::string_view text = "three apples and a pear\n";
constexpr unsigned char gzip_bytes[] = {0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2B,
                                        0xC9, 0x28, 0x4A, 0x4D, 0x55, 0x48, 0x2C, 0x28, 0xC8, 0x49, 0x2D,
                                        0x56, 0x48, 0xCC, 0x4B, 0x51, 0x48, 0x54, 0x28, 0x48, 0x4D, 0x2C,
                                        0xE2, 0x02, 0x00, 0xD7, 0x0E, 0xB4, 0x0D, 0x18, 0x00, 0x00, 0x00};
constexpr unsigned char zstd_bytes[] = {0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0xC1, 0x00, 0x00, 0x74, 0x68, 0x72, 0x65,
                                        0x65, 0x20, 0x61, 0x70, 0x70, 0x6C, 0x65, 0x73, 0x20, 0x61, 0x6E, 0x64, 0x20,
                                        0x61, 0x20, 0x70, 0x65, 0x61, 0x72, 0x0A, 0x82, 0xBB, 0x00, 0x73};
constexpr unsigned char gzip_nothing[] = {0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                          0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
constexpr unsigned char zstd_nothing[] = {0x28, 0xB5, 0x2F, 0xFD, 0x24, 0x00, 0x01, 0x00, 0x00, 0x99, 0xE9, 0xD8, 0x51};
// A megabyte of zeros.
constexpr unsigned char zstd_zeros[] = {0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x54, 0x00, 0x00, 0x10, 0x00, 0x00, 0x01,
                                        0x00, 0xFB, 0xFF, 0x39, 0xC0, 0x02, 0x02, 0x00, 0x10, 0x00, 0x02, 0x00, 0x10,
                                        0x00, 0x02, 0x00, 0x10, 0x00, 0x02, 0x00, 0x10, 0x00, 0x02, 0x00, 0x10, 0x00,
                                        0x02, 0x00, 0x10, 0x00, 0x03, 0x12, 0x0A, 0x00, 0xCC, 0xAE, 0xCA, 0x39};
// A frame header that asks for a window of 2 GiB.
constexpr unsigned char zstd_wide[] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x01, 0x00, 0x00};
constexpr unsigned char zstd_skipped[] = {0x5A, 0x2A, 0x4D, 0x18, 0x03, 0x00, 0x00, 0x00, 'a', 'b', 'c'};

template <std::size_t Size>
std::string bytes_of(const unsigned char (&bytes)[Size]) {
  return {reinterpret_cast<const char*>(bytes), Size};
}

/// A text in pieces of the given size.
class text_source final : public byte_source {
 public:
  text_source(std::string of, std::size_t piece, bool stops = false)
      : text_(std::move(of)), piece_(piece), stops_(stops) {}
  std::size_t read(char* to, std::size_t size) override {
    const std::size_t taken = text_.copy(to, std::min(size, piece_), at_);
    at_ += taken;
    ++reads;
    return taken;
  }
  [[nodiscard]] bool stopped() const noexcept override { return stops_ && at_ == text_.size(); }
  int reads = 0;

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
  bool stops_;
};

std::string unpacked(const std::string& packed, std::size_t piece = 1U << 20U, std::size_t room = 100) {
  text_source from(packed, piece);
  unpacking_source unpacking(from, "file");
  std::string all;
  std::string buffer(room, 0);
  while (const std::size_t taken = unpacking.read(buffer.data(), room)) all.append(buffer, 0, taken);
  return all;
}

packing decided(std::string_view begin, bool at_end = false) {
  bool undecided = true;
  const packing kind = packing_of(begin, at_end, undecided);
  CHECK_FALSE(undecided);
  return kind;
}

bool is_open(std::string_view begin) {
  bool undecided = false;
  (void)packing_of(begin, false, undecided);
  return undecided;
}

}  // namespace

TEST_CASE("packed files are known by their first bytes, and no more of them is waited for than needed") {
  CHECK(decided("\x1F\x8B") == packing::gzip);
  CHECK(decided("\x28\xB5\x2F\xFD\x01") == packing::zstd);
  CHECK(decided("\x50\x2A\x4D\x18") == packing::zstd);
  CHECK(decided("\x5F\x2A\x4D\x18") == packing::zstd);
  CHECK(decided("a") == packing::none);
  CHECK(decided("\n") == packing::none);
  CHECK(decided("(\n") == packing::none);
  CHECK(decided("P.") == packing::none);
  CHECK(decided("P*M.") == packing::none);
  for (const char* begin : {"", "\x1F", "(", "\x28\xB5", "\x28\xB5\x2F", "P", "P*", "Z*M"}) {
    CAPTURE(begin);
    CHECK(is_open(begin));
    CHECK(decided(begin, true) == packing::none);
  }
}

TEST_CASE("what is not packed comes through as it is, whatever the pieces") {
  for (const std::string plain : {"", "a", "(", "P*M", "two\nlines\n", "\x1F", "\x1Fnot gzip"}) {
    for (const std::size_t piece : {1U, 2U, 3U, 100U}) CHECK(unpacked(plain, piece) == plain);
    CHECK(unpacked(plain, 100, 1) == plain);
  }
}

TEST_CASE("somebody who types is not kept waiting for more") {
  text_source from("typed\nmore\n", 6);
  unpacking_source unpacking(from, "input");
  char buffer[100];
  CHECK(unpacking.read(buffer, sizeof buffer) == 6);
  CHECK(from.reads == 1);
}

TEST_CASE("gzip and zstd are unpacked, whatever the pieces and the room") {
  for (const std::string& packed : {bytes_of(gzip_bytes), bytes_of(zstd_bytes)}) {
    for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
      for (const std::size_t room : {1U, 5U, 1000U}) CHECK(unpacked(packed, piece, room) == text);
    }
  }
  CHECK(unpacked(bytes_of(gzip_nothing)).empty());
  CHECK(unpacked(bytes_of(zstd_nothing)).empty());
  CHECK(unpacked(bytes_of(zstd_zeros)) == std::string(1'000'000, '\0'));
}

TEST_CASE("members and frames one after the other are one file") {
  const std::string twice = std::string(text) + std::string(text);
  for (const std::size_t piece : {1U, 1000U}) {
    CHECK(unpacked(bytes_of(gzip_bytes) + bytes_of(gzip_bytes), piece) == twice);
    CHECK(unpacked(bytes_of(gzip_bytes) + bytes_of(gzip_nothing) + bytes_of(gzip_bytes), piece) == twice);
    CHECK(unpacked(bytes_of(gzip_bytes) + std::string(512, '\0'), piece) == text);
    CHECK(unpacked(bytes_of(zstd_bytes) + bytes_of(zstd_nothing) + bytes_of(zstd_bytes), piece) == twice);
    CHECK(unpacked(bytes_of(zstd_skipped) + bytes_of(zstd_bytes), piece) == text);
  }
}

TEST_CASE("a file that is cut off anywhere is an error that names it") {
  for (const std::string& packed : {bytes_of(gzip_bytes), bytes_of(zstd_bytes)}) {
    for (std::size_t size = 4; size < packed.size(); ++size) {
      CAPTURE(size);
      CHECK_THROWS_WITH(unpacked(packed.substr(0, size)), Contains("file: is cut off"));
    }
  }
}

TEST_CASE("a file that is cut off because reading was stopped is none") {
  text_source from(bytes_of(gzip_bytes).substr(0, 20), 100, true);
  unpacking_source unpacking(from, "file");
  char buffer[100];
  while (unpacking.read(buffer, sizeof buffer) > 0) {
  }
  CHECK(unpacking.stopped());
}

TEST_CASE("damage is an error that names the file") {
  std::string gzip = bytes_of(gzip_bytes);
  gzip[gzip.size() - 6] ^= 1;  // its checksum
  CHECK_THROWS_WITH(unpacked(gzip), Contains("file: is damaged: gzip"));
  CHECK_THROWS_WITH(unpacked(bytes_of(gzip_bytes) + "rubbish"), Contains("file: is damaged: gzip"));
  std::string zstd = bytes_of(zstd_bytes);
  zstd[zstd.size() - 1] ^= 1;
  CHECK_THROWS_WITH(unpacked(zstd), Contains("file: cannot be unpacked: zstd"));
  CHECK_THROWS_WITH(unpacked(bytes_of(zstd_bytes) + "rubbish"), Contains("file: cannot be unpacked: zstd"));
}

TEST_CASE("a window that would take gigabytes is refused") {
  CHECK_THROWS_WITH(unpacked(bytes_of(zstd_wide)), Contains("file: cannot be unpacked: zstd"));
}
