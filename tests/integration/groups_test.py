# SPDX-License-Identifier: Apache-2.0
"""Members of consumer groups on a real broker: alone, with each other, with kcat; what they print is everything, once."""

import os
import signal
import subprocess
import threading

from support import ClusterTest, main

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


class Groups(ClusterTest):
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

    def assert_all_once(self, count, *members):
        self.assertEqual(sorted(self.values(*members)), list(range(count)))

    def assert_ordered(self, member):
        last = {}
        for line in member.lines:
            partition, offset, _ = line.split(b" ")
            self.assertGreater(int(offset), last.get(partition, -1))
            last[partition] = int(offset)

    def test_a_group_goes_on_where_it_stopped(self):
        topic = self.create("g-again", partitions=3)
        self.send(topic, 0, 100)
        first = self.out("consume", topic, "-g", "again", "-n", "60", "-f", "%s\n").splitlines()
        rest = self.out("consume", topic, "-g", "again", "-n", "40", "-f", "%s\n").splitlines()
        self.assertEqual(sorted(map(int, first + rest)), list(range(100)))

    def test_members_share_what_comes_and_hand_it_over(self):
        for strategy in ("range", "roundrobin", "sticky", "cooperative-sticky"):
            with self.subTest(strategy):
                topic = self.create(f"g-{strategy}", partitions=4)
                options = ("-X", f"partition.assignment.strategy={strategy}")
                first = self.member(topic, topic, *options)
                self.send(topic, 0, 200)
                self.wait_for(200, first)
                second = self.member(topic, topic, *options)
                sent = 200
                while not second.lines:  # until the group has rebalanced
                    self.send(topic, sent, 40)
                    sent += 40
                    self.wait_for(sent, first, second)
                first.end()
                self.send(topic, sent, 100)
                self.wait_for(sent + 100, first, second)
                second.end()
                self.assert_all_once(sent + 100, first, second)
                self.assert_ordered(first)
                self.assert_ordered(second)
                self.assertEqual((first.process.returncode, second.process.returncode), (143, 143))

    def test_a_group_may_be_mixed_with_kcat(self):
        for strategy in ("range", "roundrobin", "cooperative-sticky"):
            with self.subTest(strategy):
                topic = self.create(f"g-kcat-{strategy}", partitions=4)
                ours = self.member(topic, topic, "-X", f"partition.assignment.strategy={strategy}")
                self.send(topic, 0, 100)
                self.wait_for(100, ours)
                theirs = self.kcat_member(topic, topic, strategy)
                sent = 100
                while not theirs.lines:
                    self.send(topic, sent, 40)
                    sent += 40
                    self.wait_for(sent, ours, theirs)
                ours.end()
                self.send(topic, sent, 40)
                self.wait_for(sent + 40, ours, theirs)
                theirs.end()
                # What kcat had not committed when it was given up may come twice, but nothing is missing.
                self.assertEqual(sorted(set(self.values(ours, theirs))), list(range(sent + 40)))

    def test_what_a_killed_member_had_is_read_by_the_others(self):
        topic = self.create("g-killed", partitions=4)
        first, second = (self.member(topic, topic) for _ in range(2))
        sent = 0
        while not (first.lines and second.lines):
            self.send(topic, sent, 40)
            sent += 40
            self.wait_for(sent, first, second)
        second.end(signal.SIGKILL)
        self.send(topic, sent, 200)
        self.wait_for(sent + 200, first, second)
        self.assertEqual(sorted(set(self.values(first, second))), list(range(sent + 200)))
        first.end()

    def test_a_static_member_that_comes_back_finds_its_partitions(self):
        topic = self.create("g-static", partitions=4)
        options = ("-X", "session.timeout.ms=30000", "-X", "group.instance.id=desk-1")
        first = self.member(topic, topic, *options)
        self.send(topic, 0, 100)
        self.wait_for(100, first)
        first.end()
        self.send(topic, 100, 100)
        again = self.member(topic, topic, *options)
        self.wait_for(200, first, again)
        again.end()
        self.assert_all_once(200, first, again)

    def roll(self, topic, ours, theirs):
        """Members of ours and Java's come and go, so that each is there with the other and without."""
        first = ours()
        sent = self.until_reads(topic, 0, first)
        java = theirs()
        sent = self.until_reads(topic, sent, java, first)
        second = ours()
        sent = self.until_reads(topic, sent, second, first, java)
        first.end()
        self.send(topic, sent, 60)
        sent += 60
        self.wait_for(sent, first, java, second)
        java.end()
        self.send(topic, sent, 60)
        sent += 60
        self.wait_for(sent, first, java, second)
        again = theirs()
        sent = self.until_reads(topic, sent, again, first, java, second)
        second.end()
        self.send(topic, sent, 60)
        sent += 60
        everybody = (first, java, second, again)
        self.wait_for(sent, *everybody)
        again.end()
        # Nobody is killed: whoever gives a partition up has stored where it stands, and nobody else has it until then.
        self.assert_all_once(sent, *everybody)
        for member in everybody:
            self.assert_ordered(member)

    def test_a_group_may_be_mixed_with_java_s_members(self):
        for strategy, name in JAVA_ASSIGNORS.items():
            with self.subTest(strategy):
                topic = self.create(f"g-java-{strategy}", partitions=6)
                java = ("partition.assignment.strategy=org.apache.kafka.clients.consumer." + name,
                        "session.timeout.ms=6000", "heartbeat.interval.ms=1000")
                self.roll(topic, lambda t=topic, s=strategy: self.member(t, t, "-X", f"partition.assignment.strategy={s}"),
                          lambda t=topic, j=java: self.java_member(t, t, *j))

    def test_a_group_of_the_new_protocol_may_be_mixed_with_java_s_members(self):
        self.needs_new_protocol()
        for assignor in ("uniform", "range"):
            with self.subTest(assignor):
                topic = self.create(f"g-848-{assignor}", partitions=6)
                self.roll(topic, lambda t=topic, a=assignor: self.new_member(t, t, "-X", f"group.remote.assignor={a}"),
                          lambda t=topic, a=assignor: self.java_member(t, t, "group.protocol=consumer",
                                                                       f"group.remote.assignor={a}"))

    def needs_new_protocol(self):
        if self.version < (4, 0):
            self.skipTest("since 4.0")

    def test_members_of_the_new_protocol_go_on_where_others_stopped(self):
        self.needs_new_protocol()
        topic = self.create("g-848-again", partitions=3)
        self.send(topic, 0, 100)
        group = ("consume", topic, "-g", topic, *NEW_PROTOCOL, "-f", "%s\n")
        first = self.out(*group, "-n", "60").splitlines()
        rest = self.out(*group, "-n", "40").splitlines()
        self.assertEqual(sorted(map(int, first + rest)), list(range(100)))

    def test_what_a_killed_member_of_the_new_protocol_had_is_read_by_the_others(self):
        self.needs_new_protocol()
        topic = self.create("g-848-killed", partitions=4)
        first, second = (self.new_member(topic, topic) for _ in range(2))
        sent = self.until_reads(topic, self.until_reads(topic, 0, first, second), second, first)
        second.end(signal.SIGKILL)
        self.send(topic, sent, 100)
        self.wait_for(sent + 100, first, second)
        self.assertEqual(sorted(set(self.values(first, second))), list(range(sent + 100)))
        first.end()

    def test_a_static_member_of_the_new_protocol_that_comes_back_finds_its_partitions(self):
        self.needs_new_protocol()
        topic = self.create("g-848-static", partitions=4)
        first = self.new_member(topic, topic, "-X", "group.instance.id=desk-1")
        self.send(topic, 0, 100)
        self.wait_for(100, first)
        first.end()
        self.send(topic, 100, 100)
        again = self.new_member(topic, topic, "-X", "group.instance.id=desk-1")
        self.wait_for(200, first, again)
        again.end()
        self.assert_all_once(200, first, again)

    def test_members_of_both_protocols_share_a_group(self):
        self.needs_new_protocol()
        topic = self.create("g-848-classic", partitions=4)
        classic = self.member(topic, topic)
        sent = self.until_reads(topic, 0, classic)
        modern = self.new_member(topic, topic)
        sent = self.until_reads(topic, sent, modern, classic)
        either = self.member(topic, topic, "-X", "group.protocol=automatic")
        sent = self.until_reads(topic, sent, either, modern, classic)
        classic.end()
        self.send(topic, sent, 60)
        self.wait_for(sent + 60, classic, modern, either)
        for member in (modern, either):
            member.end()
        self.assert_all_once(sent + 60, classic, modern, either)


if __name__ == "__main__":
    main()
