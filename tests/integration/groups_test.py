# SPDX-License-Identifier: Apache-2.0
"""Members of consumer groups on a real broker: alone, with each other, with kcat; what they print is everything, once."""

import os
import signal
import subprocess
import threading

from support import ClusterTest, main

MEMBER = ("-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=1000")


class Member:
    """A process that prints what it reads, a line each."""

    def __init__(self, test, command):
        self.lines, self.complaints = [], []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=test.environment())
        self.readers = [threading.Thread(target=self.read, args=pair) for pair in
                        ((self.process.stdout, self.lines), (self.process.stderr, self.complaints))]
        for reader in self.readers:
            reader.start()
        test.addCleanup(self.end, signal.SIGKILL)

    @staticmethod
    def read(stream, into):
        for line in stream:
            into.append(line.rstrip(b"\n"))

    def end(self, by=signal.SIGTERM):
        if self.process.poll() is None:
            os.kill(self.process.pid, by)
        self.process.wait(60)
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


class Groups(ClusterTest):
    def member(self, topic, group, *options):
        return Member(self, [self.cli, "consume", topic, "-g", group, "-f", "%p %o %s\\n", *MEMBER, *options])

    def kcat_member(self, topic, group, strategy):
        return Member(self, ["kcat", "-b", self.brokers, "-G", group, "-q", "-u", "-f", "%p %o %s\\n", "-X", "auto.offset.reset=earliest",
                             "-X", f"partition.assignment.strategy={strategy}", "-X", "session.timeout.ms=6000", topic])

    def send(self, topic, first, count):
        lines = b"".join(b"%d\n" % number for number in range(first, first + count))
        self.run_cli("produce", topic, "--partitioner", "round_robin", stdin=lines)

    @staticmethod
    def values(*members):
        return [int(line.split(b" ")[2]) for member in members for line in list(member.lines)]

    def wait_for(self, count, *members):
        def all_there():
            for member in members:
                if member.process.poll() not in (None, 0, 143, -signal.SIGKILL):
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


if __name__ == "__main__":
    main()
