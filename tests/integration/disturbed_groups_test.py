# SPDX-License-Identifier: Apache-2.0
"""Groups whose members are killed, stopped, ended and joined at random, and one whose brokers are all restarted: everything is
read, nobody reads what is another's, what is stored only grows, and the group comes to rest.

KAFKA_TEST_CHAOS_SECONDS (300 unless set) is how long each of the long forms disturbs.
"""

import os
import time

from group_chaos import ASSIGNORS, GroupTest
from support import main

LONG_SECONDS = int(os.environ.get("KAFKA_TEST_CHAOS_SECONDS", "300"))


class Disturbed(GroupTest):
    """Which members, and what happens to them."""

    seconds, members_most, partitions_in_all = 25, 5, 7
    how = tuple({"assignor": name} for name in ("Range", "CooperativeSticky"))

    def test_members_are_killed_stopped_ended_and_joined_at_random(self):
        for how in self.how:
            with self.subTest(**how):
                self.members, self.still, self.stored = [], [], {}  # those that are stopped, and until when
                self.begin("-".join(("disturbed", *how.values(), str(int(self.seconds)))), self.partitions_in_all)
                for _ in range(self.members_most - 1):
                    self.member(**how)
                self.await_shared_out(30, f"{how}")
                self.disturb(how)
                self.look_at_stored()
                self.await_shared_out(2 * self.session_seconds, f"{how}, left in peace")
                self.finish()

    def test_the_same_where_the_coordinator_assigns(self):
        if not self.has_consumer_protocol():
            self.skipTest("KIP-848 is not there")
        self.how = ({"protocol": "consumer"},)
        self.test_members_are_killed_stopped_ended_and_joined_at_random()

    def disturb(self, how):
        end = time.monotonic() + self.seconds
        done = {"kill": 0, "terminate": 0, "stop": 0, "join": 0}
        while time.monotonic() < end:
            self.wake_up(time.monotonic())
            until = time.monotonic() + self.random.uniform(0.2, 2.5)
            self.look_at_stored()
            time.sleep(max(0, until - time.monotonic()))
            awake = [member for member in self.alive() if member not in [each for each, _ in self.still]]
            for member in self.members:
                if member.process.poll() not in (None, -9, 143):
                    self.fail(f"{member.name} ended by itself: {member.process.stderr.read()}")
            what = self.random.choice(list(done)) if len(awake) > 1 else "join"
            if what == "join" and len(self.alive()) >= self.members_most:
                what = "kill"
            done[what] += 1
            if what == "join":
                self.member(**how)
                continue
            member = self.random.choice(awake)
            if what == "stop":
                self.stop(member)
                self.still.append((member, time.monotonic() + self.session_seconds + self.random.uniform(1, 5)))
            else:
                getattr(self, what)(member)
        for member, _ in self.still:
            self.go_on(member)
        print(f"{how}: {done}", flush=True)

    def wake_up(self, now):
        for member, until in list(self.still):
            if now >= until:
                self.go_on(member)
                self.still.remove((member, until))


class DisturbedLong(Disturbed):
    seconds, members_most, partitions_in_all = LONG_SECONDS, 10, 20
    how = tuple({"assignor": name} for name in ASSIGNORS)


class RollingRestart(GroupTest):
    """All nodes are restarted one after the other; the members' session is long enough for that."""

    session_seconds = 30
    rounds = 1

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start(os.getpid(), nodes=3, settings=(
            "broker.session.timeout.ms=6000", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=5000",
            "min.insync.replicas=2", "offsets.topic.replication.factor=3", "group.initial.rebalance.delay.ms=3000",
            f"group.consumer.session.timeout.ms={cls.session_seconds * 1000}"))
        cls.brokers = cls.cluster.brokers()

    def in_sync(self):
        out, _ = self.run_cli("topics", "describe", self.topic, code=None)
        lines = [line.split(b"\t") for line in out.splitlines()]
        return len(lines) == self.partitions and all(len(line[3].split(b",")) == 3 for line in lines)

    def test_restarting_every_node_costs_no_rebalance(self):
        self.restart_all(assignor="Range")

    def test_the_same_where_the_coordinator_assigns(self):
        if not self.has_consumer_protocol():
            self.skipTest("KIP-848 is not there")
        self.restart_all(protocol="consumer")

    def restart_all(self, **how):
        self.begin("-".join(("rolling", *how.values())), 6)
        self.wait_until(self.in_sync, "all replicas")
        members = [self.member(**how) for _ in range(3)]
        self.wait_until(lambda: self.shared_out() and all(len(member.owned()) == 2 for member in members), "three members")
        self.await_progress("undisturbed")
        before = [member.count("partitions_assigned") for member in members]
        for _ in range(self.rounds):
            for node in (1, 2, 3):
                self.cluster.act("restart", node)
                self.wait_until(self.in_sync, f"node {node} restarted")
                self.await_progress(f"node {node} restarted")
                print(f"node {node} restarted, everything read", flush=True)
        self.assertEqual([member.count("partitions_assigned") for member in members], before, "no rebalance")
        self.assertEqual(self.finish().seen_twice, 0)


class RollingRestartOften(RollingRestart):
    rounds = 4


if __name__ == "__main__":
    main()
