# SPDX-License-Identifier: Apache-2.0
"""Processes that are members of consumer groups, ours, kcat's and Java's, and print what they read."""

import collections
import os
import signal
import subprocess
import threading

from support import ClusterTest

MEMBER = ("-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=1000")
NEW_PROTOCOL = ("-X", "group.protocol=consumer")
JAVA_ASSIGNORS = {"range": "RangeAssignor", "roundrobin": "RoundRobinAssignor", "sticky": "StickyAssignor",
                  "cooperative-sticky": "CooperativeStickyAssignor"}


class Member:
    """A process that prints what it reads, a line each."""

    def __init__(self, test, command):
        self.lines, self.complaints = [], []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=test.environment(),
                                        start_new_session=True)
        self.readers = [threading.Thread(target=self.read, args=pair) for pair in
                        ((self.process.stdout, self.lines), (self.process.stderr, self.complaints))]
        for reader in self.readers:
            reader.start()
        test.addCleanup(self.end, signal.SIGKILL)

    def read(self, stream, into):
        for line in stream:
            into.append(self.parse(line.rstrip(b"\n")) if into is self.lines else line)

    @staticmethod
    def parse(line):
        return line

    def end(self, by=signal.SIGTERM):
        if self.process.poll() is None:
            os.killpg(self.process.pid, by)  # a script may have children
        self.process.wait(60)
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


class JavaMember(Member):
    """Java's console consumer."""

    @staticmethod
    def parse(line):
        partition, offset, value = line.split(b"\t")
        return b"%s %s %s" % (partition.split(b":")[1], offset.split(b":")[1], value)


class MembersTest(ClusterTest):
    def member(self, topic, group, *options):
        return Member(self, [self.cli, "consume", topic, "-g", group, "-f", "%p %o %s\\n", *MEMBER, *options])

    def kcat_member(self, topic, group, strategy):
        return Member(self, ["kcat", "-b", self.brokers, "-G", group, "-q", "-u", "-f", "%p %o %s\\n", "-X", "auto.offset.reset=earliest",
                             "-X", f"partition.assignment.strategy={strategy}", "-X", "session.timeout.ms=6000", topic])

    def new_member(self, topic, group, *options):
        """A member of ours in a group that its coordinator divides."""
        return Member(self, [self.cli, "consume", topic, "-g", group, "-f", "%p %o %s\\n", *NEW_PROTOCOL, *options])

    def java_member(self, topic, group, *properties):
        kept, formatted = (("--command-property", "--formatter-property") if self.version >= (4, 2) else
                           ("--consumer-property", "--property"))
        wanted = ("auto.offset.reset=earliest", *properties)
        printed = ("print.partition=true", "print.offset=true")
        return JavaMember(self, [self.cluster.script, "tool", "console-consumer", "--bootstrap-server", self.brokers,
                                 "--topic", topic, "--group", group,
                                 *[word for each in wanted for word in (kept, each)],
                                 *[word for each in printed for word in (formatted, each)],
                                 "--dir", str(self.cluster.folder)])

    def until_reads(self, topic, sent, newcomer, *others):
        """Sends until the newcomer has its share; how many were sent in all."""
        before = len(newcomer.lines)
        while len(newcomer.lines) == before:
            self.send(topic, sent, 40)
            sent += 40
            self.wait_for(sent, newcomer, *others)
        return sent

    def send(self, topic, first, count):
        lines = b"".join(b"%d\n" % number for number in range(first, first + count))
        self.run_cli("produce", topic, "--partitioner", "round_robin", stdin=lines)

    @staticmethod
    def values(*members):
        return [int(line.split(b" ")[2]) for member in members for line in list(member.lines)]

    def wait_for(self, count, *members):
        def all_there():
            for member in members:
                if member.process.poll() not in (None, 0, 143, -signal.SIGTERM, -signal.SIGKILL):
                    self.fail(f"a member ended: {member.complaints}")
            return len(set(self.values(*members))) >= count

        self.wait_until(all_there, f"{count} records of a group")

    def assert_all_once(self, count, *members, may_repeat=()):
        """All of it was read, and once; but what one of `may_repeat` read may come again from another member."""
        readers = collections.defaultdict(list)
        for member in members:
            for value in self.values(member):
                readers[value].append(member)
        self.assertEqual(sorted(readers), list(range(count)))
        twice = {value: by for value, by in readers.items() if len(by) > 1}
        self.assertEqual({value: by for value, by in twice.items() if len(by) > 2 or by[0] is by[1]
                          or not any(member in may_repeat for member in by)}, {})
        return len(twice)

    def assert_ordered(self, member):
        last = {}
        for line in member.lines:
            partition, offset, _ = line.split(b" ")
            self.assertGreater(int(offset), last.get(partition, -1))
            last[partition] = int(offset)
