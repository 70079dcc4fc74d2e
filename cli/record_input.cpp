// SPDX-License-Identifier: Apache-2.0
#include "cli/record_input.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/line_reader.hpp"
#include "cli/unpacking_source.hpp"

namespace kafka::cli {
namespace {

constexpr std::string_view standard_input = "-";

std::string shown_name(const std::string& name) {
  return name == standard_input ? "standard input" : name;
}

[[noreturn]] void refuse(const std::string& name) {
  throw std::system_error(errno, std::generic_category(), shown_name(name));
}

std::optional<std::uint64_t> size_of(const std::string& name) {
  struct ::stat status{};
  const bool is_input = name == standard_input;
  if ((is_input ? ::fstat(STDIN_FILENO, &status) : ::stat(name.c_str(), &status)) != 0) refuse(name);
  if (!is_input && ::access(name.c_str(), R_OK) != 0) refuse(name);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

line_records::line_records(const produce_options& options) : options_(options) {
  for (const auto& [name, value] : options.headers) common_headers_.push_back({name, bytes_view(value)});
  record_.topic = options.topic;
}

bytes_view line_records::field(std::string_view text) const {
  return options_.empty_is_null && text.empty() ? bytes_view() : bytes_view(text);
}

bytes_view line_records::common_key() const {
  return options_.key ? field(*options_.key) : bytes_view();
}

const message& line_records::common(std::string_view value) {
  record_.key = common_key();
  record_.value = field(value);
  record_.headers = common_headers_;
  record_.timestamp = -1;
  record_.partition = options_.partition;
  return record_;
}

const message& line_records::read(std::string_view line) {
  if (options_.json) {
    read_json(line);
  } else {
    read_plain(line);
  }
  return record_;
}

void line_records::read_plain(std::string_view line) {
  const std::size_t delimiter =
      options_.key_delimiter.empty() ? std::string_view::npos : line.find(options_.key_delimiter);
  if (delimiter == std::string_view::npos) {
    common(line);
    return;
  }
  common(line.substr(delimiter + options_.key_delimiter.size()));
  record_.key = field(line.substr(0, delimiter));
}

void line_records::read_json(std::string_view line) {
  const json_record& read = json_.read(line);
  const auto nulled = [this](bytes_view of) { return of.is_null() ? of : field(of.view()); };
  record_.key = read.key ? nulled(*read.key) : common_key();
  record_.value = nulled(read.value);
  headers_ = read.headers;
  headers_.insert(headers_.end(), common_headers_.begin(), common_headers_.end());
  record_.headers = headers_;
  record_.timestamp = read.timestamp;
  record_.partition = options_.keep_partition ? read.partition : options_.partition;
}

/// One file, open.
class record_input::file {
 public:
  file(const std::string& name, int stop)
      : name_(shown_name(name)),
        descriptor_(name == standard_input ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)),
        raw_(descriptor_, stop, name_),
        unpacked_(raw_, name_),
        lines_(unpacked_) {
    if (descriptor_ < 0) refuse(name);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  std::optional<std::string_view> next() { return lines_.next(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t taken() const noexcept { return raw_.taken(); }

 private:
  std::string name_;
  int descriptor_;
  descriptor_source raw_;
  unpacking_source unpacked_;
  line_reader lines_;
};

record_input::record_input(const produce_options& options, const interrupts& interrupted)
    : interrupted_(interrupted), records_(options), names_(options.files) {
  if (names_.empty()) names_.emplace_back(standard_input);
  for (const std::string& name : names_) {
    const std::optional<std::uint64_t> size = size_of(name);
    bytes_total_ = bytes_total_ && size ? std::optional(*bytes_total_ + *size) : std::nullopt;
  }
}

record_input::~record_input() = default;

std::uint64_t record_input::bytes_read() const noexcept {
  return earlier_bytes_ + (current_ ? current_->taken() : 0);
}

const message* record_input::next() {
  while (!interrupted_) {
    if (!current_) {
      if (opened_ == names_.size()) return nullptr;
      current_ = std::make_unique<file>(names_[opened_++], interrupted_.descriptor());
      line_number_ = 0;
    }
    if (const std::optional<std::string_view> line = current_->next()) return &read(*line);
    earlier_bytes_ += current_->taken();
    current_.reset();
  }
  return nullptr;
}

const message& record_input::read(std::string_view line) {
  ++line_number_;
  line_bytes_ += line.size() + 1;
  try {
    return records_.read(line);
  } catch (const std::runtime_error& wrong) {
    throw std::runtime_error(current_->name() + ": line " + std::to_string(line_number_) + ": " + wrong.what());
  }
}

}  // namespace kafka::cli
