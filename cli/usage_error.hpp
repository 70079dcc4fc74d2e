// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace kafka::cli {

/// The command line cannot be followed; the text says why in a sentence. Ends the program with exit code 2.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace kafka::cli
