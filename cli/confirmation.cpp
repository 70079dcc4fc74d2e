// SPDX-License-Identifier: Apache-2.0
#include "cli/confirmation.hpp"

#include <cstdio>

#include <unistd.h>

#include "cli/line_reader.hpp"

namespace kafka::cli {

bool confirmed(const std::string& question, const interrupts& interrupted) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return false;
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::fflush(stderr);
  descriptor_source input(STDIN_FILENO, interrupted.descriptor(), "standard input");
  line_reader answers(input);
  const std::optional<std::string_view> answer = answers.next();
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

}  // namespace kafka::cli
