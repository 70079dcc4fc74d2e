# SPDX-License-Identifier: Apache-2.0
"""`kafka-cli consume` at length: several topics, patterns, ranges, filters, on the fake cluster.

Usage: cli_consuming_test.py KAFKA_CLI [unittest's own arguments]
"""

import json
import os
import subprocess
import sys
import time
import unittest

import cli_test
from cli_test import CliTest


class ConsumingTest(CliTest):
    def filled(self, name=None, count=10, partitions=2):
        """A topic with the numbers from 0 on in each partition, a second apart from time 1000000 on."""
        if name is None:
            name = self.topic(partitions)
        else:
            self.run_cli("topics", "create", name, "--partitions", str(partitions))
        for partition in range(partitions):
            lines = b"".join(b'{"key":"%d-%d","value":"%d","timestamp":%d}\n' % (partition, number, number, 1000000 + 1000 * number)
                             for number in range(count))
            self.run_cli("produce", name, "--json", "-p", str(partition), stdin=lines)
        return name

    def lines(self, *arguments, **more):
        return sorted(self.out("consume", *arguments, **more).decode().splitlines())


class Ranges(ConsumingTest):
    def offsets(self, *arguments):
        """Of partition 0, in order; ends by itself."""
        return [int(line) for line in self.out("consume", *arguments, "-p", "0", "-f", "%o\n").split()]

    def test_ranges_of_offsets_end_before_their_end(self):
        topic = self.filled()
        self.assertEqual(self.offsets(topic, "-o", "3:7"), [3, 4, 5, 6])
        self.assertEqual(self.offsets(topic, "-o", ":4"), [0, 1, 2, 3])
        self.assertEqual(self.offsets(topic, "-o", ":end"), list(range(10)))
        self.assertEqual(self.offsets(topic, "-o", "8:end"), [8, 9])
        self.assertEqual(self.offsets(topic, "-o", "8:99", "-e"), [8, 9])
        self.assertEqual(self.offsets(topic, "-o", "+8", "-e"), [8, 9])
        self.assertEqual(self.offsets(topic, "-o", "+99", "-e"), [])
        self.assertEqual(self.offsets(topic, "-o", "-2", "-e"), [8, 9])
        self.assertEqual(len(self.lines(topic, "-o", "3:7")), 8)

    def test_ranges_that_hold_nothing_end_at_once(self):
        topic = self.filled()
        began = time.monotonic()
        for nothing in ("7:3", "5:5", "10:end", "@1000000:1000000", "@2000000:3000000", "@:1000"):
            self.assertEqual(self.offsets(topic, "-o", nothing), [], nothing)
        self.assertLess(time.monotonic() - began, 30)

    def test_ranges_of_times(self):
        topic = self.filled()
        self.assertEqual(self.offsets(topic, "-o", "@1003000:1006000"), [3, 4, 5])
        self.assertEqual(self.offsets(topic, "-o", "@1002001:1006000"), [3, 4, 5])
        self.assertEqual(self.offsets(topic, "-o", "@1970-01-01T00:16:48Z:end"), [8, 9])
        self.assertEqual(self.offsets(topic, "-o", "@1970-01-01T00:16:43:1970-01-01T00:16:45"), [3, 4])
        self.assertEqual(self.offsets(topic, "-o", "@1970-01-01T00:16:43:2s"), [3, 4])
        self.assertEqual(self.offsets(topic, "-o", "@:1002000"), [0, 1])
        self.assertEqual(self.offsets(topic, "-o", "@1008000", "-e"), [8, 9])
        self.assertEqual(self.offsets(topic, "-o", "-48h", "-e"), [])
        self.out("produce", topic, "-p", "0", "-v", "new")
        self.assertEqual(self.offsets(topic, "-o", "-48h", "-e"), [10])
        self.assertEqual(self.offsets(topic, "-o", "@-48h:end"), [10])
        self.assertEqual(self.offsets(topic, "-o", "@:-48h"), list(range(10)))

    def test_a_range_that_ends_later_waits_for_its_end(self):
        topic = self.filled(count=1, partitions=1)
        process = self.start("consume", topic, "-o", "0:2")
        self.assertEqual(process.stdout.readline(), b"0\n")
        self.out("produce", topic, "-v", "last")
        self.out("produce", topic, "-v", "too late")
        self.assertEqual(process.stdout.read(), b"last\n")
        self.assertEqual(process.wait(cli_test.PATIENCE), 0)


class Selections(ConsumingTest):
    def test_several_topics_are_read_to_their_ends(self):
        first = self.filled("several-a", count=3)
        second = self.filled("several-b", count=2, partitions=1)
        self.assertEqual(self.lines(first, second, "-e", "-f", "%t %p %s\n"),
                         sorted([f"{first} {partition} {number}" for partition in (0, 1) for number in range(3)] +
                                [f"{second} 0 {number}" for number in range(2)]))
        self.assertEqual(self.lines(first, second, "-o", "1:2", "-p", "0", "-f", "%t %s\n"), [f"{first} 1", f"{second} 1"])

    def test_a_pattern_names_the_topics_that_it_matches_whole(self):
        for name in ("matched-a", "matched-b", "not-matched-a"):
            self.filled(name, count=1, partitions=1)
        self.assertEqual(self.lines("--pattern", "matched-.", "-e", "-f", "%t\n"), ["matched-a", "matched-b"])
        self.assertEqual(len(self.lines("--pattern", ".*matched-a", "-e")), 2)
        _, told = self.run_cli("consume", "--pattern", "absent-.*", "-e", code=1)
        self.assertIn("absent-.*", told)
        self.run_cli("consume", "--pattern", "(", "-e", code=2)
        self.run_cli("consume", "topic", "--pattern", "x", "-e", code=2)
        self.run_cli("consume", "-e", code=2)

    def test_only_what_matches_is_shown_and_counted(self):
        topic = self.filled(partitions=1)
        self.out("produce", topic, "-k", "pear", "-v", "green", "-H", "shop=north")
        self.assertEqual(self.lines(topic, "-e", "--grep", "^[3-5]$"), ["3", "4", "5"])
        self.assertEqual(self.lines(topic, "-e", "--grep-key", "-[89]$"), ["8", "9"])
        self.assertEqual(self.lines(topic, "-e", "--grep", "pear"), ["green"])
        self.assertEqual(self.lines(topic, "-e", "--grep-header", "^shop=n"), ["green"])
        self.assertEqual(self.lines(topic, "-e", "--grep", "gr", "--grep-key", "apple"), [])
        self.assertEqual(self.lines(topic, "-n", "2", "--grep", "[5-9]"), ["5", "6"])
        self.run_cli("consume", topic, "-e", "--grep", "(", code=2)
        # A group has passed over what was not shown.
        self.assertEqual(self.lines(topic, "-g", "picky", "-n", "1", "--grep", "^6$"), ["6"])
        lag = self.out("groups", "lag", "picky", "--json")
        self.assertEqual(json.loads(lag)["partitions"][0]["committed"], 7)

    def test_several_topics_are_read_as_a_group(self):
        first = self.filled("grouped-a", count=3, partitions=1)
        second = self.filled("grouped-b", count=2, partitions=1)
        self.assertEqual(self.lines(first, second, "-g", "both", "-n", "5", "-f", "%t %s\n"),
                         [f"{first} 0", f"{first} 1", f"{first} 2", f"{second} 0", f"{second} 1"])
        self.assertEqual(len(self.lines("--pattern", "grouped-[ab]", "-g", "by-pattern", "-n", "5")), 5)
        self.run_cli("consume", first, "-g", "both", "-o", "1:2", code=2)

    def test_reading_what_is_committed_ends_before_a_transaction_that_is_open(self):
        topic = self.topic()
        self.out("produce", topic, "--transactional-id", "over", stdin=b"kept\n")
        process = self.start("produce", topic, "--transactional-id", "open", stdin=subprocess.PIPE)
        process.stdin.write(b"open\n" * 20000)
        process.stdin.flush()
        end = time.monotonic() + cli_test.PATIENCE
        while int(self.out("offsets", topic).split()[3]) < 3 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.lines(topic, "-e", "--read-committed"), ["kept"])
        self.assertEqual(self.lines(topic, "-o", ":end", "-X", "isolation.level=read_committed"), ["kept"])
        self.assertIn("open", self.lines(topic, "-e"))

    def test_what_was_not_committed_is_left_out_on_demand(self):
        topic = self.topic()
        self.out("produce", topic, "--transactional-id", "kept", stdin=b"kept\n")
        # The second line is no record, so that the transaction is aborted behind the first.
        self.run_cli("produce", topic, "--transactional-id", "dropped", "--json", code=1,
                     stdin=b'{"value":"dropped"}\n' * 5000 + b"{\n")
        self.assertEqual(self.lines(topic, "-e", "--read-committed"), ["kept"])
        self.assertEqual(set(self.lines(topic, "-e")), {"kept", "dropped"})


if __name__ == "__main__":
    cli_test.CLI = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
