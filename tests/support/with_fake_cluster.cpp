// SPDX-License-Identifier: Apache-2.0
// `with_fake_cluster PROGRAM [ARGUMENT...]` runs a program against a fake cluster of one node, whose address becomes
// its last argument; gives back its exit code.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <kafka/fake_cluster.hpp>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  kafka::fake_cluster cluster({.broker_configs = {{"group.initial.rebalance.delay.ms", "100"}}});
  std::string brokers = cluster.bootstrap_servers();
  std::vector<char*> arguments(argv + 1, argv + argc);
  arguments.push_back(brokers.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return 1;
  if (WIFSIGNALED(status)) {
    std::printf("%s was killed by signal %d\n", argv[1], WTERMSIG(status));
    return 1;
  }
  std::printf("%s exited with %d\n", argv[1], WEXITSTATUS(status));
  return WEXITSTATUS(status);
}
