# SPDX-License-Identifier: Apache-2.0
"""Three nodes that are killed or stopped under a producer, and what brokers forget of one: nothing acknowledged is lost, nothing
is there twice or out of order, every failure says whether its record may be there."""

import json
import os
import signal
import subprocess
import time
import unittest

from chaos import ChaosTest, Transactions
from support import main

PARTITIONS = 3
# After how many seconds without a transaction a coordinator forgets a transactional id. Clients are not that long without brokers.
FORGET = 12


def setUpModule():
    """One cluster for all classes."""
    cluster = ChaosTest.cluster
    unittest.addModuleCleanup(cluster.stop)
    cluster.start(os.getpid(), nodes=3, settings=(
        "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=5000",
        "producer.id.expiration.check.interval.ms=500", f"transactional.id.expiration.ms={FORGET * 1000}",
        "transaction.remove.expired.transaction.cleanup.interval.ms=500"))


class NodesTest(ChaosTest):
    def partitions_of(self, topic):
        try:
            return json.loads(self.out("topics", "describe", topic, "--json", "--timeout", "20"))["partitions"]
        except AssertionError:
            return []  # some leader could not be asked

    def await_all_in_sync(self, topic):
        def all_there():
            found = self.partitions_of(topic)
            return found and all(len(each["in_sync_replicas"]) == 3 and each["leader"] > 0 for each in found)

        self.wait_until(all_there, f"all replicas of {topic} in sync")

    def start_mover(self, topic, *arguments):
        return self.start("chaos_transactions", "--brokers", self.brokers, "--topic", topic, "--transactional-id", topic,
                          *arguments)

    def check_mover(self, mover, topic):
        """Ends it, and its last transaction by a successor."""
        self.assertEqual(mover.finish(signal.SIGKILL)[1], "")
        first = 1 + max(line["last"] for line in mover.lines if "last" in line)
        successor = self.start_mover(topic, "--from", str(first), "--count", "100")
        self.assertEqual(successor.finish(), (0, ""), successor.lines[-3:])
        result = Transactions(mover.lines + successor.lines)
        seen = self.check_order(self.java_log(topic, PARTITIONS, "--isolation-level", "read_committed"))
        result.check(self, seen)
        retried = sum("why" in line for line in mover.lines)
        print(f"{result}; {retried} had to be aborted because of an error", flush=True)


class LeaderKilled(NodesTest):
    seconds, every = 30, 10

    def test_the_leader_is_killed_again_and_again(self):
        plain, moved = self.create("killed-leader", partitions=PARTITIONS), self.create("moved", partitions=PARTITIONS)
        load = self.start_verifiable(plain, 300, properties={"request.timeout.ms": 3000, "linger.ms": 10})
        mover = self.start_mover(moved, "--count", "1000000000", "--abort-every", "3", "-X", "request.timeout.ms=3000")
        end, killed = time.monotonic() + self.seconds, 0
        while time.monotonic() < end:
            again = time.monotonic() + self.every
            leader = self.wait_until(lambda: self.partitions_of(plain), "a leader")[killed % PARTITIONS]["leader"]
            before = self.acked(load.lines)
            self.cluster.act("kill", leader)
            killed += 1
            self.cluster.act("restart", leader)
            self.await_all_in_sync(plain)
            self.assertTrue(load.wait_for(lambda told, before=before: self.acked(told) > before + 100), "the load goes on")
            self.assertIsNone(mover.process.poll(), mover.lines[-3:])
            time.sleep(max(0, min(again, end) - time.monotonic()))
        self.check_mover(mover, moved)
        log = self.finish_verifiable(load, plain, PARTITIONS)
        print(f"{killed} leaders killed under {sum(map(len, log.values()))} records", flush=True)


class LeaderKilledOften(LeaderKilled):
    """The long form, in `scripts/test --chaos`."""
    seconds = 600


class NodesStopped(NodesTest):
    rounds, stopped, running, delivery_timeout = 2, 9, 4, 6

    def test_most_nodes_stop_for_longer_than_a_delivery_may_take(self):
        topic, moved = self.create("stopped", partitions=PARTITIONS), self.create("moved-on", partitions=PARTITIONS)
        impatient = ("-X", f"delivery.timeout.ms={self.delivery_timeout * 1000}",
                     "-X", f"request.timeout.ms={self.delivery_timeout * 500}")
        load = self.start("chaos_load", "--brokers", self.brokers, "--topic", topic, "--rate", "200", *impatient)
        mover = self.start_mover(moved, "--count", "1000000000", "--abort-every", "3", *impatient,
                                 # Or the coordinator would end a transaction by time, and with it the program.
                                 "-X", "transaction.timeout.ms=300000")
        for _ in range(self.rounds):
            self.await_progress(load, mover)
            time.sleep(self.running)
            nodes = self.random.sample((1, 2, 3), 2)
            for node in nodes:
                self.cluster.act("pause", node)
                self.addCleanup(self.cluster.act, "resume", node)
            time.sleep(self.stopped)
            for node in nodes:
                self.cluster.act("resume", node)
        self.await_progress(load, mover)
        self.check_mover(mover, moved)
        code, told = load.finish(signal.SIGTERM)
        self.assertEqual((code, told), (0, ""), load.lines[-1:])
        self.check(load.lines, topic)

    def await_progress(self, load, mover):
        """Both go on."""
        before = len(load.lines), len(mover.lines)
        self.assertTrue(load.wait_for(lambda told: any("acked" in line for line in told[before[0]:])), load.lines[-3:])
        self.assertTrue(mover.wait_for(lambda told: any(line.get("outcome") == "committed" for line in told[before[1]:])),
                        mover.lines[-3:])

    def check(self, lines, topic):
        log = self.java_log(topic, PARTITIONS)
        seen = self.check_order(log)
        places = {int(record.value): (record.partition, record.offset) for records in log.values() for record in records}
        acked, unknown, never, reasons = {}, set(), set(), {}
        for line in lines:
            for at, number in enumerate(line.get("acked", ())):
                self.assertNotIn(number, acked)
                acked[number] = (line["partition"], line["offset"] + at)
            for number in line.get("failed", ()):
                (unknown if line["outcome"] == "unknown" else never).add(number)
                reason = (line["outcome"], line["error"].split(":")[0])
                reasons[reason] = reasons.get(reason, 0) + 1
        print(f"{len(acked)} acknowledged, {len(unknown & seen)} of {len(unknown)} unknown and none of {len(never)} that were "
              f"not written are there; {reasons}", flush=True)
        self.assert_same(sorted([*acked, *unknown, *never]), range(lines[-1]["sent"]), "each has one outcome")
        self.assert_same(sorted(acked.items()), sorted((number, places.get(number)) for number in acked), "acknowledged")
        self.assert_same(sorted(seen & never), [], "said not to be written")
        self.assert_same(sorted(seen - acked.keys() - unknown), [], "from nowhere")
        self.assertTrue(unknown, "some were on their way when the nodes stopped")


class NodesStoppedLong(NodesStopped):
    """The long form, in `scripts/test --chaos`."""
    rounds, stopped, running, delivery_timeout = 6, 45, 20, 30


class Forgotten(NodesTest):
    def set_expiration(self, *change):
        self.tool("kafka.admin.ConfigCommand", "--bootstrap-server", self.brokers, "--entity-type", "brokers",
                  "--entity-default", "--alter", *change)

    def test_producers_go_on_after_brokers_forgot_them(self):
        plain, moved = self.create("forgotten"), self.create("forgotten-id", partitions=PARTITIONS)
        mover = self.start_mover(moved, "--count", "300", "--idle", str((FORGET + 4) * 1000), "--idle-at", "between")
        self.check_idempotent(plain)
        self.assertEqual(mover.finish(), (0, ""), mover.lines[-3:])
        reasons = [line["why"].split(":")[0] for line in mover.lines if "why" in line]
        self.assertEqual(reasons, ["INVALID_PRODUCER_ID_MAPPING"], "the next transaction is tried again under a new id")
        result = Transactions(mover.lines)
        self.assertEqual((len(result.committed), len(result.aborted)), (6, 0))
        result.check(self, self.check_order(self.java_log(moved, PARTITIONS, "--isolation-level", "read_committed")))

    def check_idempotent(self, topic):
        self.set_expiration("--add-config", "producer.id.expiration.ms=1000")
        self.addCleanup(self.set_expiration, "--delete-config", "producer.id.expiration.ms")
        process = subprocess.Popen([self.cli, "produce", topic], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())
        self.addCleanup(self.put_away, process)
        for batch in range(2):
            process.stdin.write(b"".join(b"%d\n" % number for number in range(batch * 100, batch * 100 + 100)))
            process.stdin.flush()
            self.wait_until(lambda: len(self.kcat_records(topic)) == batch * 100 + 100, "the records so far")
            self.wait_until(lambda: not self.producers_of(topic), "brokers that have forgotten the producer")
        process.stdin.close()
        self.assertEqual(process.wait(), 0, process.stderr.read())
        self.assert_same(sorted(self.check_order(self.java_log(topic, 1))), range(200), "log")

    def producers_of(self, topic):
        text = self.tool("org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", self.brokers,
                         "describe-producers", "--topic", topic, "--partition", "0")
        return [line for line in text.splitlines()[1:] if line.strip()]


if __name__ == "__main__":
    main()
