# SPDX-License-Identifier: Apache-2.0
"""`kafka-cli groups` and `kafka-cli offsets`, on the fake cluster.

Usage: cli_groups_test.py KAFKA_CLI [unittest's own arguments]
"""

import json
import os
import select
import signal
import sys
import tempfile
import time
import unittest

import cli_test
from cli_test import PATIENCE, CliTest


class GroupsTest(CliTest):
    def rows(self, *arguments, **more):
        return [line.split("\t") for line in self.out(*arguments, **more).decode().splitlines()]

    def objects(self, *arguments, **more):
        return [json.loads(line) for line in self.out(*arguments, **more).splitlines()]

    def filled(self, count=10, partitions=2):
        """A topic with so many records in each partition, a second apart from time 1000000 on."""
        name = self.topic(partitions)
        for partition in range(partitions):
            lines = b"".join(b'{"value":"%d","timestamp":%d}\n' % (number, 1000000 + 1000 * number)
                             for number in range(count))
            self.run_cli("produce", name, "--json", "-p", str(partition), stdin=lines)
        return name

    def reset(self, group, *arguments, **more):
        return self.rows("groups", "reset-offsets", group, *arguments, **more)

    def lag(self, group):
        """By partition: stored offset, end, lag."""
        return [row[3:6] for row in self.rows("groups", "lag", group)]

    def member(self, topic, group, *arguments):
        """A member that has its partitions."""
        process = self.start("consume", topic, "-g", group, *arguments)
        end, told = time.monotonic() + PATIENCE, []
        while time.monotonic() < end:
            if group in [row[0] for row in self.rows("groups", "list")]:
                told = self.objects("groups", "members", group, "--json")
            if told and told[0]["assignment"]:
                return process
            time.sleep(0.1)
        self.fail(f"no member of {group} has anything: {told}")


class Groups(GroupsTest):
    def test_a_group_is_listed_described_and_deleted(self):
        topic = self.filled()
        self.reset("billing", "-t", topic, "--to-latest", "--yes")
        self.assertIn("billing", [row[0] for row in self.rows("groups", "list")])
        self.assertIn("billing", [row[0] for row in self.rows("groups", "list", "--state", "empty", "--type", "Classic")])
        self.assertNotIn("billing", [row[0] for row in self.rows("groups", "list", "--state", "Stable")])
        self.assertNotIn("billing", [row[0] for row in self.rows("groups", "list", "--type", "consumer")])
        listed = [each for each in self.objects("groups", "list", "--json") if each["group"] == "billing"]
        self.assertEqual((listed[0]["type"], listed[0]["state"]), ("classic", "Empty"))
        described = self.rows("groups", "describe", "billing")
        self.assertEqual(described[0][:4] + described[0][5:], ["billing", "classic", "Empty", "-", "0"])
        self.assertEqual(described[0][4], str(listed[0]["coordinator"]))
        out, told = self.run_cli("groups", "delete", "billing", code=2)
        self.assertIn("--yes", told)
        out, told = self.run_cli("groups", "delete", "billing", "never", "--yes", code=1)
        self.assertEqual(out, b"")
        self.assertIn("deleted group billing", told)
        self.assertIn("GROUP_ID_NOT_FOUND", told)
        self.assertNotIn("billing", [row[0] for row in self.rows("groups", "list")])

    def test_a_property_wins_over_where_a_group_begins(self):
        name = self.topic()
        self.out("produce", name, "-v", "x")
        told = self.run_cli("consume", name, "-g", f"{name}-none", "-n", "1", "-X", "auto.offset.reset=none", code=1)[1]
        self.assertIn("no_such_offset", told)
        self.assertEqual(self.out("consume", name, "-g", name, "-n", "1", "-f", "%s"), b"x")

    def test_a_group_that_is_not_there_is_told_beside_the_others(self):
        self.reset("here", "-t", self.topic(), "--to-latest", "--yes")
        out, told = self.run_cli("groups", "describe", "absent", "here", code=1)
        self.assertEqual(out.split(b"\t")[0], b"here")
        self.assertIn("absent", told)
        self.assertIn("GROUP_ID_NOT_FOUND", told)

    def test_members_are_shown_with_what_they_read_and_keep_their_group_from_changes(self):
        topic = self.filled()
        process = self.member(topic, "busy", "-X", "group.instance.id=one", "-X", "client.id=reader")
        member = self.rows("groups", "members", "busy")[0]
        self.assertEqual(member[0], "busy")
        self.assertEqual(member[2:4], ["one", "reader"])
        self.assertEqual(member[5], f"{topic}:0,1")
        told = self.objects("groups", "members", "busy", "--json")[0]
        self.assertEqual(told["member_id"], member[1])
        self.assertEqual(told["assignment"], [{"topic": topic, "partition": each} for each in (0, 1)])
        self.assertEqual(self.rows("groups", "describe", "busy")[0][2:4], ["Stable", "range"])
        for row in self.rows("groups", "lag", "busy"):
            self.assertEqual(row[6], member[1])
            self.assertEqual(row[8], "reader")
        _, told = self.run_cli("groups", "reset-offsets", "busy", "-t", topic, "--to-earliest", code=1)
        self.assertIn("has members", told)
        _, told = self.run_cli("groups", "delete", "busy", "--yes", code=1)
        self.assertIn("NON_EMPTY_GROUP", told)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)

    def test_lag_is_what_lies_behind_the_stored_offset(self):
        topic = self.filled()
        self.reset("late", "-t", f"{topic}:0", "--to-offset", "4", "--yes")
        self.reset("late", "-t", f"{topic}:1", "--to-offset", "10", "--yes")
        self.assertEqual(self.rows("groups", "lag", "late"),
                         [["late", topic, "0", "4", "10", "6", "-", "-", "-"], ["late", topic, "1", "10", "10", "0", "-", "-", "-"]])
        self.assertEqual(self.rows("groups", "lag", "late", "-s"), [["late", "6"]])
        self.assertEqual([row[2] for row in self.rows("groups", "lag", "late", "--lag", ">0")], ["0"])
        self.assertEqual(self.rows("groups", "lag", "late", "-s", "--lag", ">6"), [])
        self.assertIn(["late", "6"], self.rows("groups", "lag", "-s"))
        told = self.objects("groups", "lag", "late", "--json")
        self.assertEqual(told[0]["lag"], 6)
        self.assertEqual(told[0]["partitions"][0],
                         {"topic": topic, "partition": 0, "committed": 4, "end": 10, "lag": 6})
        self.assertEqual(self.objects("groups", "lag", "late", "-s", "--json"), [{"group": "late", "lag": 6}])

    def long_lines(self, count):
        topic = self.topic()
        lines = [b"%06d " % number + b"x" * 92 for number in range(count)]
        self.run_cli("produce", topic, "-p", "0", stdin=b"\n".join(lines) + b"\n")
        return topic, lines

    def test_a_member_whose_lines_are_taken_slowly_keeps_its_partitions(self):
        topic, lines = self.long_lines(4000)
        process = self.start("consume", topic, "-g", "slow", "-n", "4000", "-X", "max.poll.interval.ms=1000")
        got, stored_on_the_way = b"", None
        while len(got) < 4000 * 100:
            piece = os.read(process.stdout.fileno(), 8192)
            self.assertTrue(piece)
            got += piece
            time.sleep(0.08)
            if stored_on_the_way is None and len(got) > 200000:
                stored_on_the_way = int(self.lag("slow")[0][0])
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(got.splitlines(), lines)
        self.assertGreater(stored_on_the_way, 1000)
        self.assertLess(stored_on_the_way, 4000)
        self.assertEqual(self.lag("slow"), [["4000", "4000", "0"]])

    def test_a_member_whose_lines_nobody_takes_loses_its_partitions_says_so_and_goes_on(self):
        topic, lines = self.long_lines(2000)
        process = self.start("consume", topic, "-g", "stuck", "-X", "max.poll.interval.ms=700")
        got = os.read(process.stdout.fileno(), 4096)
        end = time.monotonic() + PATIENCE
        while self.rows("groups", "describe", "stuck")[0][2] != "Empty":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        while set(got.splitlines()) < set(lines) or self.lag("stuck") != [["2000", "2000", "0"]]:
            self.assertLess(time.monotonic(), end)
            if select.select([process.stdout], [], [], 0.1)[0]:
                got += os.read(process.stdout.fileno(), 65536)
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(set((got + rest).splitlines()), set(lines))
        self.assertIn("not stored", told.decode())
        self.assertIn(f"lost 1 partition(s), from {topic}-0 on", told.decode())
        self.assertIn("max.poll.interval.ms", told.decode())

    def test_a_consumer_has_no_lag_when_it_has_printed_everything(self):
        topic = self.filled(partitions=1)
        self.out("consume", topic, "-g", "reader", "-n", "10")
        self.assertEqual(self.lag("reader"), [["10", "10", "0"]])


class Resets(GroupsTest):
    def test_nothing_is_stored_without_a_yes(self):
        topic = self.filled()
        out, told = self.run_cli("groups", "reset-offsets", "cautious", "-t", topic, "--to-earliest")
        self.assertEqual(out.decode().splitlines(), [f"cautious\t{topic}\t{each}\t-\t0" for each in (0, 1)])
        self.assertIn("--yes", told)
        self.assertNotIn("cautious", [row[0] for row in self.rows("groups", "list")])

    def test_each_way_to_say_where_to(self):
        topic = self.filled()

        def after(*where):
            return [(row[3], row[4]) for row in self.reset("mover", "-t", f"{topic}:0", *where, "--yes")]

        self.assertEqual(after("--to-latest"), [("-", "10")])
        self.assertEqual(after("--to-earliest"), [("10", "0")])
        self.assertEqual(after("--to-offset", "6"), [("0", "6")])
        self.assertEqual(after("--shift-by", "-2"), [("6", "4")])
        self.assertEqual(after("--shift-by", "1"), [("4", "5")])
        self.assertEqual(after("--to-current"), [("5", "5")])
        self.assertEqual(after("--to-datetime", "1970-01-01T00:16:43Z"), [("5", "3")])
        self.assertEqual(after("--to-datetime", "1002500"), [("3", "3")])
        self.assertEqual(after("--to-datetime", "2030-01-01"), [("3", "10")])
        self.assertEqual(after("--by-duration", "P30000D"), [("10", "0")])
        self.assertEqual(after("--by-duration", "1h"), [("0", "10")])
        self.assertEqual(self.lag("mover"), [["10", "10", "0"]])

    def test_an_offset_outside_the_log_becomes_its_nearer_end(self):
        topic = self.filled(partitions=1)
        for offset, after in (("99", "10"), ("-5", "0")):
            out, told = self.run_cli("groups", "reset-offsets", "wild", "-t", topic, "--to-offset", offset, "--yes")
            self.assertEqual(out.decode().split()[-1], after)
            self.assertIn("outside the log", told)

    def test_what_was_exported_is_stored_again(self):
        topic = self.filled()
        self.reset("kept", "-t", f"{topic}:0", "--to-offset", "3", "--yes")
        self.reset("kept", "-t", f"{topic}:1", "--to-offset", "7", "--yes")
        csv = self.out("groups", "reset-offsets", "kept", "--all-topics", "--to-current", "--csv")
        self.assertEqual(csv.decode(), f"{topic},0,3\n{topic},1,7\n")
        self.reset("kept", "--all-topics", "--to-latest", "--yes")
        with tempfile.NamedTemporaryFile() as file:
            file.write(csv)
            file.flush()
            self.assertEqual([row[3:] for row in self.reset("kept", "--from-file", file.name, "--yes")],
                             [["10", "3"], ["10", "7"]])
        self.assertEqual([row[0] for row in self.lag("kept")], ["3", "7"])
        with_groups = f'"kept",{topic},1,5\nother,{topic},0,9\n'.encode()
        told = self.objects("groups", "reset-offsets", "kept", "--from-file", "-", "--json", "--yes", stdin=with_groups)
        self.assertEqual(told, [{"group": "kept", "topic": topic, "partition": 1, "before": 7, "after": 5, "stored": True}])
        self.assertEqual([row[0] for row in self.lag("kept")], ["3", "5"])

    def test_partitions_that_fail_are_told_and_the_others_are_moved(self):
        topic = self.filled(partitions=1)
        out, told = self.run_cli("groups", "reset-offsets", "half", "--from-file", "-", "--yes", code=1,
                                 stdin=f"{topic},0,5\n{topic},7,5\n".encode())
        self.assertEqual(out.decode().split("\t")[1:], [topic, "0", "-", "5\n"])
        self.assertIn(f"{topic}-7", told)
        self.assertEqual(self.lag("half"), [["5", "10", "5"]])
        _, told = self.run_cli("groups", "reset-offsets", "new", "-t", topic, "--shift-by", "1", code=1)
        self.assertIn("nothing is stored that could be shifted", told)
        _, told = self.run_cli("groups", "reset-offsets", "new", "-t", f"{topic}:5", "--to-latest", code=1)
        self.assertIn("no partition 5", told)


class Offsets(GroupsTest):
    def test_the_ends_of_partitions_and_the_offsets_of_times(self):
        topic = self.filled()
        self.assertEqual(self.rows("offsets", topic), [[topic, "0", "0", "10"], [topic, "1", "0", "10"]])
        self.assertEqual(self.rows("offsets", f"{topic}:1", "--since", "1004000", "--since", "1h", code=2), [])
        self.assertEqual(self.rows("offsets", f"{topic}:1", "--since", "1004000", "--since", "-1h"),
                         [[topic, "1", "0", "10", "4", "-"]])
        told = self.objects("offsets", topic, "--since", "1970-01-01T00:16:45Z", "--json")
        self.assertEqual(told[1], {"topic": topic, "partition": 1, "oldest": 0, "newest": 10,
                                   "since": [{"timestamp": 1005000, "offset": 5}]})

    def test_several_topics_are_told_in_order(self):
        topic = self.topic()
        self.run_cli("topics", "create", topic + "-b", "--partitions", "1")
        self.assertEqual([row[0] for row in self.rows("offsets", topic + "-b", topic)], [topic, topic + "-b"])
        _, told = self.run_cli("offsets", topic, "absent", code=1)
        self.assertIn("absent", told)


if __name__ == "__main__":
    cli_test.CLI = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
