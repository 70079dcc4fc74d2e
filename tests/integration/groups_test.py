# SPDX-License-Identifier: Apache-2.0
"""Members of consumer groups on a real broker: alone, with each other, with kcat; what they print is everything, once."""

import json
import signal

from group_members import JAVA_ASSIGNORS, MEMBER, NEW_PROTOCOL, Member, MembersTest
from support import main


class Groups(MembersTest):
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
        # Nobody is killed: whoever gives a partition up has stored where it stands, and nobody else has it until then. Only
        # Java's cooperative members read on while the group divides itself anew, and do not store that before they let go.
        cooperative = topic.endswith("cooperative-sticky")
        repeated = self.assert_all_once(sent, *everybody, may_repeat=(java, again) if cooperative else ())
        self.assertLess(repeated, sent // 10)
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

    def stored(self, group):
        """By partition."""
        told, _ = self.run_cli("groups", "lag", group, "--json", code=None)
        return {each["partition"]: each["committed"] for line in told.splitlines()
                for each in json.loads(line).get("partitions", ()) if each.get("committed") is not None}

    def test_partitions_that_were_added_while_no_member_ran_are_read_from_their_beginning(self):
        for name, how in (("classic", MEMBER), ("consumer", NEW_PROTOCOL)):
            if name == "consumer" and self.version < (4, 0):
                continue
            with self.subTest(name):
                topic = self.create(f"g-grown-{name}", partitions=2)
                self.send(topic, 0, 20)
                latest = (*how, "--from", "newest")
                first = Member(self, [self.cli, "consume", topic, "-g", topic, "-f", "%p %o %s\\n", *latest])
                # Its first positions, before it has read anything.
                self.wait_until(lambda t=topic: len(self.stored(t)) == 2, "both positions stored")
                first.end()
                self.assertEqual(first.lines, [])
                self.tool("topics", "--bootstrap-server", self.brokers, "--alter", "--topic", topic, "--partitions", "4")
                self.run_cli("produce", topic, "-p", "2", stdin=b"early\nbirds\n")
                self.run_cli("produce", topic, "-p", "3", stdin=b"worms\n")
                again = self.out("consume", topic, "-g", topic, "-f", "%p %o %s\\n", "-n", "3", *latest)
                self.assertEqual(sorted(again.splitlines()), [b"2 0 early", b"2 1 birds", b"3 0 worms"])

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
