# SPDX-License-Identifier: Apache-2.0
"""kafka-cli verifiable-producer against three nodes that are killed, paused and restarted, by the rules of Kafka's own system
tests: what is acknowledged is in the log where it was said to be, nothing is there twice, and order holds in each partition.

KAFKA_TEST_ROUNDS (1 unless set) says how often all of that happens.
"""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time

from faults_test import SESSION, Faults
from support import PATIENCE, ClusterTest, main

ROUNDS = int(os.environ.get("KAFKA_TEST_ROUNDS", "1"))
PAUSE_SECONDS = 20
PARTITIONS = 3
# The tool sends once by itself: its file makes it the producer that an application would have.
CONFIG = f"""
enable.idempotence = true
acks = all
retries = 2147483647
request.timeout.ms = {SESSION}
delivery.timeout.ms = 120000
linger.ms = 5
"""


class Events:
    """Keeps what a verifiable producer prints, as it comes."""

    def __init__(self, process):
        self.process, self.acked, self.failed, self.others, self.noise = process, [], [], [], []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        kinds = {"producer_send_success": self.acked, "producer_send_error": self.failed}
        for line in self.process.stdout:
            try:
                event = json.loads(line)
                kinds.get(event["name"], self.others).append(event)
            except (ValueError, KeyError):
                self.noise.append(line)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.thread.join(PATIENCE)
        return code


class VerifiableProducer(ClusterTest):
    start, describe, leader = Faults.start, Faults.describe, Faults.leader
    put_away = staticmethod(Faults.put_away)
    all_in_sync, await_all_in_sync = Faults.all_in_sync, Faults.await_all_in_sync

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start(os.getpid(), nodes=3, settings=(
            f"broker.session.timeout.ms={SESSION}", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=5000",
            "min.insync.replicas=2"))
        cls.brokers = cls.cluster.brokers()

    def verifiable_producer(self, topic, *arguments):
        file = tempfile.NamedTemporaryFile("w", suffix=".properties")
        self.addCleanup(file.close)
        file.write(CONFIG)
        file.flush()
        return Events(self.start("verifiable-producer", "--topic", topic, "--bootstrap-server", self.brokers,
                                 "--command-config", file.name, *arguments, stdout=subprocess.PIPE))

    def await_progress(self, events, what):
        """Until some of every partition that is sent from now on was acknowledged."""
        began, seen = time.monotonic(), len(events.acked)

        def goes_on():
            self.assertIsNone(events.process.poll(), "the producer goes on")
            return {event["partition"] for event in events.acked[seen + 100:]} == set(range(PARTITIONS))

        self.wait_until(goes_on, what)
        print(f"{what}: {len(events.acked)} acknowledged, again after {time.monotonic() - began:.1f} s", flush=True)

    def disturb(self, topic, events):
        killed = self.leader(topic, 0)
        self.cluster.act("kill", killed)
        self.await_progress(events, f"node {killed} killed")
        self.cluster.act("restart", killed)
        self.await_all_in_sync(topic)

        paused = self.leader(topic, 1)
        began = time.monotonic()
        self.cluster.act("pause", paused)
        try:
            self.await_progress(events, f"node {paused} paused")
            time.sleep(max(0.0, PAUSE_SECONDS - (time.monotonic() - began)))
        finally:
            self.cluster.act("resume", paused)
        self.await_progress(events, f"node {paused} resumed after {time.monotonic() - began:.0f} s")
        self.await_all_in_sync(topic)

        # The short form has no time to restart a node twice.
        for node in (1, 2, 3) if ROUNDS > 1 else sorted({1, 2, 3} - {killed}):
            self.cluster.act("restart", node)
            self.await_all_in_sync(topic)
            self.await_progress(events, f"node {node} restarted")

    def test_what_is_acknowledged_is_there_once_and_in_order(self):
        topic = self.create("verifiable", partitions=PARTITIONS)
        self.assertTrue(self.all_in_sync(topic), "three replicas by default")
        events = self.verifiable_producer(topic, "--throughput", "1000", "--repeating-keys", "30", "--value-prefix", "7")
        self.await_progress(events, "undisturbed")
        for _ in range(ROUNDS):
            self.disturb(topic, events)
        code = events.end()
        self.assertEqual((code, events.process.stderr.read()), (143, b""))
        self.check_events(events)
        self.check_log(topic, events)

    def check_events(self, events):
        self.assertEqual(events.noise, [])
        self.assertEqual([event["name"] for event in events.others], ["startup_complete", "shutdown_complete", "tool_data"])
        totals = events.others[-1]
        self.assertEqual(totals["acked"], len(events.acked))
        self.assertEqual(totals["sent"], len(events.acked) + len(events.failed))
        self.assertEqual(totals["target_throughput"], 1000)
        # Nothing took longer than a record may take, and nobody else had a reason to give one up.
        self.assert_same(events.failed, [], "failed")

    def check_log(self, topic, events):
        log = {(record.partition, record.offset): (record.key.decode(), record.value.decode())
               for record in self.kcat_records(topic)}
        acked = {(event["partition"], event["offset"]): (event["key"], event["value"]) for event in events.acked}
        self.assertEqual(len(acked), len(events.acked), "no place was acknowledged twice")
        self.assert_same(sorted(acked.items()), sorted(log.items()), "acknowledged, in the log")
        values = [int(value.split(".")[1]) for _, value in log.values()]
        self.assert_same(sorted(values), range(len(events.acked)), "each value once")
        for partition in range(PARTITIONS):
            mine = [int(value.split(".")[1]) for (where, _), (_, value) in sorted(log.items()) if where == partition]
            self.assert_same(mine, sorted(mine), f"order in partition {partition}")
        print(f"{len(acked)} acknowledged, all of them once in the log", flush=True)


if __name__ == "__main__":
    main()
