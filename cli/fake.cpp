// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <kafka/fake_cluster.hpp>

#include "cli/commands.hpp"

namespace kafka::cli {

void run_fake(const fake_options& options, context& work) {
  const fake_cluster cluster({.nodes = options.nodes, .port = options.port});
  work.out.text += cluster.bootstrap_servers() + '\n';
  work.out.flush();
  std::fprintf(stderr, "a fake cluster of %d node%s, all in memory; Ctrl-C ends it\n", options.nodes,
               options.nodes == 1 ? "" : "s");
  work.interrupted.wait();
}

}  // namespace kafka::cli
