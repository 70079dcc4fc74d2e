// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The benchmarks of kafka-bench. Each takes the arguments behind its own name (argv[0] is that name), prints its
/// figures on standard output and returns the program's exit code: 0 done, 1 failed, 2 usage.
namespace kafka::bench {

int codec(int argc, char** argv);
int consume(int argc, char** argv);
int produce(int argc, char** argv);
int latency(int argc, char** argv);

}  // namespace kafka::bench
