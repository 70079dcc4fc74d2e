// SPDX-License-Identifier: Apache-2.0
#include <kafka/properties.hpp>

#include "cli/commands.hpp"

namespace kafka::cli {

void print_configuration_page(context& work) {
  work.out.text += configuration_markdown();
}

}  // namespace kafka::cli
