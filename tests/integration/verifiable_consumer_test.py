# SPDX-License-Identifier: Apache-2.0
"""kafka-cli verifiable-consumer in groups on a real broker, by the rules of Kafka's own system tests: members come, go, die and
share with Java's, one that is slow is counted out, static ones come back."""

import time

from group_chaos import ASSIGNORS, GroupTest
from support import PATIENCE, main


class VerifiableConsumer(GroupTest):
    def test_members_come_and_go_and_die_with_each_assignor(self):
        ways = [{"assignor": name} for name in ASSIGNORS] + [{"protocol": "consumer"}] * self.has_consumer_protocol()
        for how in ways:
            with self.subTest(**how):
                self.members = []
                self.begin("-".join(("verifiable", *how.values())), 5)
                first = self.member(**how)
                self.await_shared_out(30, f"{how}, one member")
                second = self.member(**how)
                self.await_members(2, first, second)
                third = self.member("--verbose", **how)
                self.await_members(1, first, second, third)
                self.await_progress("three members")
                self.terminate(second)
                self.await_shared_out(10, "one ended")
                self.kill(first)
                self.await_shared_out(2 * self.session_seconds, "one killed")
                self.await_progress("one member is left")
                rules = self.finish()
                # Who ends in order has stored all it read.
                self.assertLess(rules.seen_twice, self.throughput * 3)

    def await_members(self, least, *members):
        self.wait_until(lambda: self.shared_out() and all(len(member.owned()) >= least for member in members),
                        f"{len(members)} members")

    def test_members_share_with_javas(self):
        if self.version < (3, 0):
            self.skipTest("the jars of Kafka 2.x that scripts/broker brings have no VerifiableConsumer")
        self.begin("verifiable-java", 4)
        ours = self.member(assignor="CooperativeSticky")
        java = self.java_member("--assignment-strategy", ASSIGNORS["CooperativeSticky"])
        self.await_members(2, ours, java)
        self.await_progress("with Java's")
        self.terminate_java(java)
        self.await_shared_out(2 * self.session_seconds, "Java's ended")
        self.finish()


class SlowProcessing(GroupTest):
    """Who does not read what a member prints holds it up as slow processing would: between two polls."""

    throughput = 1000

    def begin_blocked(self, max_poll_seconds):
        self.begin(f"slow-{max_poll_seconds}", 2)
        slow = self.member("--verbose", properties={"max.poll.interval.ms": max_poll_seconds * 1000})
        self.await_shared_out(30, "the slow one")
        other = self.member(properties={"max.poll.interval.ms": max_poll_seconds * 1000})
        self.wait_until(lambda: len(slow.owned()) == len(other.owned()) == 1, "both have one")
        return slow, other

    def test_a_member_that_does_not_poll_is_counted_out_and_comes_back(self):
        slow, other = self.begin_blocked(8)
        slow.note("stopped")  # what comes after that of its partition is not expected to be its own
        slow.reading.clear()
        # The pipe holds seconds of events; then it blocks.
        self.wait_until(lambda: len(other.owned()) == 2, "the other one has both")
        seen = len(slow.names())
        slow.reading.set()
        self.wait_until(lambda: len(slow.owned()) == 1 and "partitions_revoked" in slow.names()[seen:], "it is back")
        lost = slow.names().index("partitions_revoked", seen)
        late = [event for event in slow.events[seen:lost] if event["name"] == "offsets_committed"]
        self.await_progress("both read")
        rules = self.finish()
        print(f"{len(late)} commits told while it was late, {rules.commit_failures} refused", flush=True)
        # The one that it was held up in came too late.
        self.assertFalse(late[-1]["success"], late[-1])

    def test_heartbeats_go_on_while_a_member_is_busy(self):
        slow, other = self.begin_blocked(60)
        before = (slow.count("partitions_assigned"), other.count("partitions_assigned"))
        slow.reading.clear()
        time.sleep(3 * self.session_seconds)
        slow.reading.set()
        self.await_progress("it goes on")
        self.assertEqual((slow.count("partitions_assigned"), other.count("partitions_assigned")), before, "nothing rebalanced")
        self.assertEqual(self.finish().seen_twice, 0)


class StaticMembers(GroupTest):
    session_seconds = 15

    def test_a_static_member_that_restarts_in_time_gets_its_partitions_back_without_a_rebalance(self):
        self.begin("static-restart", 4)
        first, second = self.static("a"), self.static("b")
        self.wait_until(lambda: len(first.owned()) == len(second.owned()) == 2, "two members")
        self.await_progress("two members")
        before, had = first.count("partitions_assigned"), second.owned()
        for how in (self.kill, self.terminate):
            how(second)
            second = self.static("b")
            self.wait_until(lambda member=second: member.owned() == had, "it has its partitions again")
            self.await_progress("again")
        self.assertEqual(first.count("partitions_assigned"), before, "nothing rebalanced")
        self.finish()

    def test_of_two_members_with_the_same_instance_id_one_is_fenced(self):
        self.begin("static-twins", 4)
        first, other = self.static("a"), self.static("b")
        self.wait_until(lambda: len(first.owned()) == len(other.owned()) == 2, "two members")
        first.note("stopped")  # it hears of the end later than its successor of the beginning
        twin = self.static("a")
        self.assertEqual(first.process.wait(PATIENCE), 0)
        first.thread.join(PATIENCE)
        self.assertIn("FENCED_INSTANCE_ID", first.process.stderr.read().decode())
        self.assertEqual(first.names()[-1], "shutdown_complete")
        self.wait_until(lambda: len(twin.owned()) == len(other.owned()) == 2, "its twin has its partitions")
        self.await_progress("the twin reads")
        self.finish()

    def static(self, name):
        return self.member("--group-instance-id", name)


if __name__ == "__main__":
    main()
