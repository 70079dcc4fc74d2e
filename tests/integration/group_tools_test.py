# SPDX-License-Identifier: Apache-2.0
"""`kafka-cli groups` and `kafka-cli offsets` on a real broker, compared with Kafka's own tools."""

import os
import signal
import subprocess
import tempfile

from support import ClusterTest, main, now

TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


class GroupTools(ClusterTest):
    def setUp(self):
        if self.version < (3, 7):
            self.skipTest("Kafka's tool has another name there")

    # --- the two tools ---------------------------------------------------------------------------------------------------

    def java(self, *arguments):
        """What Kafka's tool prints, each line cut into words; headings and empty lines left out."""
        text = self.tool(TOOL, "--bootstrap-server", self.brokers, *arguments).decode()
        return [words for words in map(str.split, text.splitlines()) if words and words[0] not in ("GROUP", "TOPIC", "Consumer")]

    def java_resets(self, *arguments):
        """Group, topic, partition and offset of each line of a reset's table, which the tool of 3.9 prints as one line."""
        words = self.tool(TOOL, "--bootstrap-server", self.brokers, "--reset-offsets", *arguments).decode().split()
        cells = words[words.index("NEW-OFFSET") + 1:]
        return sorted(cells[at:at + 4] for at in range(0, len(cells), 4))

    def rows(self, *arguments, **more):
        return [line.split("\t") for line in self.out(*arguments, **more).decode().splitlines()]

    def filled(self, name, partitions=3):
        """A topic with 10 records in each partition, a second apart from 1000000 on."""
        self.create(name, "retention.ms=-1", partitions=partitions)  # such old records are soon deleted else
        for partition in range(partitions):
            lines = b"".join(b'{"value":"%d","timestamp":%d}\n' % (number, 1000000 + 1000 * number) for number in range(10))
            self.run_cli("produce", name, "--json", "-p", str(partition), stdin=lines)
        return name

    def reset(self, group, *arguments):
        return self.rows("groups", "reset-offsets", group, *arguments)

    def member(self, command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment())
        self.addCleanup(self.put_away, process)
        return process

    @staticmethod
    def put_away(process, by=signal.SIGKILL):
        if process.poll() is None:
            os.kill(process.pid, by)
        process.wait(60)

    # --- tests -----------------------------------------------------------------------------------------------------------

    def test_lag_is_what_kafkas_tool_says(self):
        topic = self.filled("gt-lag")
        self.reset("gt-lag", "-t", f"{topic}:0", "--to-offset", "4", "--yes")
        self.reset("gt-lag", "-t", f"{topic}:2", "--to-latest", "--yes")
        theirs = sorted(words[:6] for words in self.java("--describe", "--group", "gt-lag"))
        self.assertEqual([row[:6] for row in self.rows("groups", "lag", "gt-lag")], theirs)
        self.assertEqual(theirs, [["gt-lag", topic, "0", "4", "10", "6"], ["gt-lag", topic, "2", "10", "10", "0"]])

    def members_agree(self, group, topic, arguments, kind):
        member = self.member([self.cli, "consume", topic, "-g", group, "-X", "client.id=reader", *arguments])
        self.wait_until(lambda: group in [row[0] for row in self.rows("groups", "list", "--state", "Stable")], "the group")
        self.wait_until(lambda: [row for row in self.rows("groups", "members", group) if row[5] != "-"], "a member")
        ours = self.rows("groups", "lag", group)
        theirs = [words for words in self.java("--describe", "--group", group)]
        self.assertEqual(sorted((row[1], row[2], row[6], row[7], row[8]) for row in ours),
                         sorted((words[1], words[2], words[6], words[7], words[8]) for words in theirs))
        described = self.rows("groups", "describe", group)[0]
        state = self.java("--describe", "--state", "--group", group)[0]
        self.assertEqual(described[1:3], [kind, "Stable"])
        self.assertIn("Stable", state)
        self.assertIn(described[3], state)
        listed = {row[0]: row[1:3] for row in self.rows("groups", "list")}
        self.assertEqual(listed[group], [kind, "Stable"])
        self.run_cli("groups", "reset-offsets", group, "-t", topic, "--to-latest", "--yes", code=1)
        self.run_cli("groups", "delete", group, "--yes", code=1)
        self.put_away(member, signal.SIGTERM)
        self.wait_until(lambda: self.rows("groups", "describe", group)[0][2] == "Empty", "the member to be gone")
        self.run_cli("groups", "delete", group, "--yes")
        self.assertNotIn(group, [words[0] for words in self.java("--list")])

    def test_members_of_a_classic_group_are_who_kafkas_tool_says(self):
        self.members_agree("gt-classic", self.filled("gt-classic"), [], "classic")

    def test_members_of_a_java_group_of_the_new_protocol_are_described(self):
        if self.version < (4, 0):
            self.skipTest("no groups of the new protocol")
        topic, group = self.filled("gt-new"), "gt-new"
        option = "--command-property" if self.version >= (4, 2) else "--consumer-property"
        self.member([self.cluster.script, "tool", "console-consumer", "--dir", str(self.cluster.folder), "--bootstrap-server", self.brokers,
                     "--topic", topic, "--group", group, option, "group.protocol=consumer", option, "client.id=java",
                     "--timeout-ms", "60000"])
        self.wait_until(lambda: any(row[0] == group and row[2] == "Stable" for row in self.rows("groups", "list")), "the group")
        member = self.wait_until(
            lambda: [row for row in self.rows("groups", "members", group) if row[5] == f"{topic}:0,1,2"], "its partitions")[0]
        self.assertEqual(member[3], "java")
        self.assertEqual(self.rows("groups", "describe", group)[0][1:4], ["consumer", "Stable", "uniform"])
        theirs = self.java("--describe", "--members", "--group", group)[0]
        self.assertEqual((theirs[0], theirs[1], theirs[3]), (group, member[1], "java"))
        self.run_cli("groups", "reset-offsets", group, "-t", topic, "--to-latest", "--yes", code=1)

    def test_each_way_to_reset_leads_where_kafkas_tool_goes(self):
        topic = self.filled("gt-reset")
        self.run_cli("groups", "reset-offsets", "gt-reset", "-t", topic, "--to-offset", "5", "--yes")
        almost_all = f"PT{now() // 1000 - 500}S"  # back to before the first record, but not before 1970
        for ours, theirs in ((("--to-earliest",), ("--to-earliest",)), (("--to-latest",), ("--to-latest",)),
                             (("--to-current",), ("--to-current",)), (("--to-offset", "7"), ("--to-offset", "7")),
                             (("--to-offset", "99"), ("--to-offset", "99")), (("--shift-by", "-2"), ("--shift-by", "-2")),
                             (("--shift-by", "100"), ("--shift-by", "100")), (("--shift-by", "-100"), ("--shift-by", "-100")),
                             (("--to-datetime", "1970-01-01T00:16:43.500"), ("--to-datetime", "1970-01-01T00:16:43.500")),
                             (("--to-datetime", "2030-01-01T00:00:00Z"), ("--to-datetime", "2030-01-01T00:00:00.000Z")),
                             (("--by-duration", "PT1H"), ("--by-duration", "PT1H")),
                             (("--by-duration", almost_all), ("--by-duration", almost_all))):
            with self.subTest(way=ours):
                theirs_says = self.java_resets("--group", "gt-reset", "--topic", f"{topic}:0,2", *theirs, "--dry-run")
                ours_says = self.reset("gt-reset", "-t", f"{topic}:0,2", *ours)
                self.assertEqual([[row[0], row[1], row[2], row[4]] for row in ours_says], theirs_says)

    def test_files_are_those_of_kafkas_tool(self):
        topic = self.filled("gt-file")
        self.run_cli("groups", "reset-offsets", "gt-file", "-t", topic, "--to-offset", "6", "--yes")
        ours = self.out("groups", "reset-offsets", "gt-file", "--all-topics", "--to-current", "--csv").decode()
        theirs = self.tool(TOOL, "--bootstrap-server", self.brokers, "--reset-offsets", "--group", "gt-file", "--all-topics",
                           "--to-current", "--dry-run", "--export").decode()
        self.assertEqual(sorted(ours.split()), sorted(theirs.split()))
        self.run_cli("groups", "reset-offsets", "gt-file", "--all-topics", "--to-earliest", "--yes")
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(theirs)
            file.flush()
            self.run_cli("groups", "reset-offsets", "gt-file", "--from-file", file.name, "--yes")
            self.assertEqual([row[3] for row in self.rows("groups", "lag", "gt-file")], ["6"] * 3)
            self.run_cli("groups", "reset-offsets", "gt-file", "--all-topics", "--to-earliest", "--yes")
            file.seek(0)
            file.write(ours)
            file.flush()
            self.java("--reset-offsets", "--group", "gt-file", "--from-file", file.name, "--execute")
            self.assertEqual([row[3] for row in self.rows("groups", "lag", "gt-file")], ["6"] * 3)

    def test_offsets_of_ends_and_times(self):
        topic = self.filled("gt-offsets", partitions=2)
        self.assertEqual(self.rows("offsets", topic, "--since", "1004000", "--since", "-1h"),
                         [[topic, str(partition), "0", "10", "4", "-"] for partition in (0, 1)])

    def test_a_group_that_is_not_there_and_a_group_named_oddly(self):
        topic = self.filled("gt-odd", partitions=1)
        _, told = self.run_cli("groups", "delete", "gt-never", "--yes", code=1)
        self.assertIn("GROUP_ID_NOT_FOUND", told)
        _, told = self.run_cli("groups", "describe", "gt-never", code=1)
        self.assertIn("gt-never", told)
        odd = "gt: odd, 'name' \u00e9"
        self.run_cli("groups", "reset-offsets", odd, "-t", topic, "--to-latest", "--yes")
        self.assertIn(odd, [row[0] for row in self.rows("groups", "list")])
        self.run_cli("groups", "delete", odd, "--yes")


class Ranges(ClusterTest):
    def test_ranges_end_where_they_should(self):
        topic = self.create("gt-ranges", "retention.ms=-1", partitions=2)
        for partition in (0, 1):
            lines = b"".join(b'{"value":"%d","timestamp":%d}\n' % (number, 1000000 + 1000 * number) for number in range(10))
            self.run_cli("produce", topic, "--json", "-p", str(partition), stdin=lines)
        for given, expected in (("3:7", range(3, 7)), (":end", range(10)), ("+8", (8, 9)), ("@1003000:1006000", range(3, 6)),
                                ("@:1002000", (0, 1)), ("7:3", ()), ("10:end", ()), ("@-1h:end", ())):
            with self.subTest(range=given):
                out = self.out("consume", topic, "-o", given, *(["-e"] if ":" not in given else []))
                self.assertEqual(sorted(map(int, out.split())), sorted([*expected, *expected]))
        other = self.create("gt-ranges-other")
        self.run_cli("produce", other, "-v", "7")
        self.assertEqual(sorted(self.out("consume", "--pattern", "gt-ranges.*", "-o", ":end", "--grep", "^7$").split()), [b"7"] * 3)


if __name__ == "__main__":
    main()
