// SPDX-License-Identifier: Apache-2.0
// Prints the table of APIs in README.md: what the codec speaks, from the table that negotiation uses.
#include <iostream>

#include "protocol/api.hpp"

int main() {
  std::cout << "| key | API | versions | | key | API | versions |\n|--:|---|---|---|--:|---|---|\n";
  const auto apis = kafka::protocol::all_apis();
  const std::size_t rows = (apis.size() + 1) / 2;
  const auto cell = [](const kafka::protocol::api_spec& one) {
    std::cout << "| " << static_cast<int>(one.key) << " | " << kafka::to_string(one.key) << " | " << one.versions.min
              << "-" << one.versions.max;
    if (one.stable_max < one.versions.max) std::cout << " (" << one.versions.max << " is unstable: never sent)";
    std::cout << " |";
  };
  for (std::size_t row = 0; row < rows; ++row) {
    cell(apis[row]);
    if (row + rows < apis.size()) {
      std::cout << " ";
      cell(apis[row + rows]);
    }
    std::cout << "\n";
  }
}
