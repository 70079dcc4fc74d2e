# SPDX-License-Identifier: Apache-2.0
"""Three nodes in three racks: reading from a follower nearby, going back to the leader when it is gone, a log that an unclean
election has cut, and groups whose members are in these racks."""

import json
import os
import tempfile
import unittest

from chaos import ChaosTest
from group_members import JAVA_ASSIGNORS, MembersTest
from support import main


def setUpModule():
    cluster = ChaosTest.cluster
    unittest.addModuleCleanup(cluster.stop)
    cluster.start(os.getpid(), nodes=3, settings=(
        "broker.rack=rack-{node}", "replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector",
        "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=5000"))


class Following(ChaosTest):
    def describe(self, topic):
        try:
            return json.loads(self.out("topics", "describe", topic, "--json", "--timeout", "20"))["partitions"][0]
        except AssertionError:
            return {"leader": -1, "replicas": [], "in_sync_replicas": []}  # the leader could not be asked

    def replicated(self, topic, *configs, copies=3):
        options = [word for each in configs for word in ("--config", each)]
        self.run_cli("topics", "create", topic, "--partitions", "1", "--replication-factor", str(copies), "--timeout", "60",
                     *options)
        return self.wait_until(lambda: self.in_sync(topic, copies), "all replicas in sync")

    def in_sync(self, topic, copies):
        found = self.describe(topic)
        return found["leader"] > 0 and len(found["in_sync_replicas"]) == copies and found

    def send(self, topic, first, count, *arguments):
        lines = b"".join(b"%d\n" % number for number in range(first, first + count))
        self.run_cli("produce", topic, *arguments, stdin=lines)

    def start_reading(self, topic, *arguments):
        return self.start(self.cli, "consume", topic, "--json", "--log", "debug", *arguments)

    def assert_read(self, reader, count, first=0):
        self.assertTrue(reader.wait_for(lambda told: len(told) >= count), (len(reader.lines), count))
        self.assert_same([int(line["value"]) for line in reader.lines[:count]], range(first, first + count))

    def follower_of(self, partition):
        return next(node for node in partition["replicas"] if node != partition["leader"])

    def test_records_come_from_the_follower_in_the_consumers_rack(self):
        partition = self.replicated("near")
        self.send("near", 0, 2000)
        for node in partition["replicas"]:
            with self.subTest(node=node, leader=partition["leader"]):
                out, told = self.run_cli("consume", "near", "-e", "-X", f"client.rack=rack-{node}", "--log", "debug")
                self.assert_same(list(map(int, out.split())), range(2000))
                follows = f"near-0 is read from node {node}, which is nearer" in told
                self.assertEqual(follows, node != partition["leader"], told[-2000:])
        _, told = self.run_cli("consume", "near", "-e", "--log", "debug")
        self.assertNotIn("which is nearer", told)

    def test_a_follower_that_is_killed_is_left_for_the_leader(self):
        partition = self.replicated("left")
        follower = self.follower_of(partition)
        reader = self.start_reading("left", "-X", f"client.rack=rack-{follower}")
        self.send("left", 0, 500)
        self.assert_read(reader, 500)
        self.cluster.act("kill", follower)
        try:
            self.send("left", 500, 500)
            self.assert_read(reader, 1000)
        finally:
            self.cluster.act("restart", follower)
        reader.process.terminate()
        told = reader.finish()[1]
        self.assertIn(f"left-0 is read from node {follower}, which is nearer", told)

    def test_a_log_that_was_cut_is_noticed_and_read_on_from_the_cut(self):
        partition = self.replicated("cut", "unclean.leader.election.enable=true", "min.insync.replicas=1", copies=2)
        ahead, behind = partition["leader"], self.follower_of(partition)
        readers = {policy: self.start_reading("cut", "-X", f"auto.offset.reset={policy}") for policy in ("earliest", "none")}
        self.send("cut", 0, 100)
        for reader in readers.values():
            self.assert_read(reader, 100)
        self.wait_until(lambda: self.in_sync("cut", 2), "both have the first records")
        self.cluster.act("kill", behind)
        self.send("cut", 100, 50, "-X", "acks=1")
        for reader in readers.values():
            self.assert_read(reader, 150)
        self.cluster.act("kill", ahead)
        self.cluster.act("restart", behind)
        try:
            self.wait_until(lambda: self.describe("cut")["leader"] == behind, "an unclean election")
            self.send("cut", 1000, 100)
            # From offset 100 on there is something else now: all of it is read, and nothing twice.
            reader = readers["earliest"]
            self.assertTrue(reader.wait_for(lambda told: len(told) >= 250), len(reader.lines))
            self.assert_same([int(line["value"]) for line in reader.lines], [*range(150), *range(1000, 1100)])
            self.assert_same([line["offset"] for line in reader.lines], [*range(150), *range(100, 200)])
            reader.process.terminate()
            self.assertIn("cut-0 was truncated", reader.finish()[1])
            code, told = readers["none"].finish()
            self.assertEqual(code, 1, told)
            self.assertEqual(len(readers["none"].lines), 150)
            self.assertIn("log_truncated", told)
            self.assertIn("up to offset 100", told)
        finally:
            self.cluster.act("restart", ahead)


class NearMembers(MembersTest):
    """A member in each rack, which is to read what is there (KIP-881)."""

    def leaders(self, topic):
        told = json.loads(self.out("topics", "describe", topic, "--json", "--timeout", "20"))["partitions"]
        return {each["partition"]: each["leader"] for each in told}

    def place(self, topic, nodes):
        """Gives each partition one replica: on the node of this number."""
        plan = {"version": 1, "partitions": [{"topic": topic, "partition": partition, "replicas": [node]}
                                             for partition, node in enumerate(nodes)]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(plan, file)
            file.flush()
            self.tool("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--bootstrap-server", self.brokers,
                      "--reassignment-json-file", file.name, "--execute")
        self.wait_until(lambda: self.leaders(topic) == dict(enumerate(nodes)), f"{topic} on {nodes}")

    def held(self, group):
        """Which partitions each member has, by client id. Nothing while there is no such group."""
        lines = self.out("groups", "members", group, "--json", "--timeout", "20", code=None).splitlines()
        return {member["client_id"]: sorted(where["partition"] for where in member["assignment"])
                for member in map(json.loads, lines)}

    def until_near(self, group, nodes):
        wanted = {f"rack-{node}": [partition for partition, on in enumerate(nodes) if on == node] for node in (1, 2, 3)}
        self.wait_until(lambda: self.held(group) == wanted, f"{group}: {wanted}")

    def test_each_member_gets_what_is_in_its_rack_and_follows_it(self):
        for strategy in ("range", "cooperative-sticky"):
            for java_first in (False, True):
                with self.subTest(strategy, java_first=java_first):
                    self.divide(f"near-{strategy}-{java_first}", strategy, java_first)

    def divide(self, topic, strategy, java_first):
        before, after = (1, 2, 3, 1, 2, 3, 1, 2, 3), (3, 2, 1, 2, 1, 3, 1, 2, 3)
        self.create(topic, partitions=len(before))
        self.place(topic, before)

        def ours(node):
            return self.member(topic, topic, "-X", f"partition.assignment.strategy={strategy}", "-X", f"client.rack=rack-{node}",
                               "-X", f"client.id=rack-{node}", "-X", "metadata.max.age.ms=1000")

        def java(node):
            return self.java_member(topic, topic, f"client.rack=rack-{node}", f"client.id=rack-{node}", "metadata.max.age.ms=1000",
                                    "partition.assignment.strategy=org.apache.kafka.clients.consumer." + JAVA_ASSIGNORS[strategy],
                                    "session.timeout.ms=6000", "heartbeat.interval.ms=1000")

        # Whoever comes first leads, and stays the leader.
        first = (java if java_first else ours)(3)
        self.wait_until(lambda: len(self.held(topic).get("rack-3", ())) == len(before), "the first member has everything")
        others = [ours(1), (ours if java_first else java)(2)]
        self.until_near(topic, before)
        self.place(topic, after)
        self.until_near(topic, after)
        self.send(topic, 0, 90)
        self.wait_for(90, first, *others)
        for member in (first, *others):
            member.end()
        self.assert_all_once(90, first, *others)


if __name__ == "__main__":
    main()
