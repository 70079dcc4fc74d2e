# SPDX-License-Identifier: Apache-2.0
"""Three nodes that are killed, paused and restarted while kafka-cli writes and reads: nothing acknowledged is lost, order is
kept, the reader sees it all once."""

import json
import os
import signal
import subprocess
import threading
import time

from support import PATIENCE, ClusterTest, main

KEYS = 12
# How long brokers and clients take to notice a paused node, in milliseconds.
SESSION = 3000


class Writer:
    """Feeds a `kafka-cli produce` with numbered lines until it is told to stop."""

    def __init__(self, process):
        self.process, self.sent, self.stopping = process, 0, threading.Event()
        self.thread = threading.Thread(target=self._feed, daemon=True)
        self.thread.start()

    def _feed(self):
        with self.process.stdin as pipe:
            while not self.stopping.wait(0.01):
                pipe.write(b"".join(b"%d:%d\n" % (number % KEYS, number) for number in range(self.sent, self.sent + 5)))
                pipe.flush()
                self.sent += 5

    def finish(self):
        """Ends the input; returns how the command ended and what it said."""
        self.stopping.set()
        self.thread.join(PATIENCE)
        return self.process.wait(PATIENCE), self.process.stderr.read().decode()


class Reader:
    """Keeps what a `kafka-cli consume --json` prints."""

    def __init__(self, process):
        self.process, self.records, self.values = process, [], set()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            record = json.loads(line)
            self.records.append(record)
            self.values.add(int(record["value"]))

    def finish(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self.thread.join(PATIENCE)
        return code, self.process.stderr.read().decode()


class Faults(ClusterTest):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start(os.getpid(), nodes=3, settings=(
            f"broker.session.timeout.ms={SESSION}", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=5000"))
        cls.brokers = cls.cluster.brokers()

    def start(self, *arguments, **pipes):
        process = subprocess.Popen([self.cli, *arguments], stderr=subprocess.PIPE, env=self.environment(), **pipes)
        self.addCleanup(self.put_away, process)
        return process

    @staticmethod
    def put_away(process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream and not stream.closed:
                stream.close()

    def describe(self, topic):
        try:
            return json.loads(self.out("topics", "describe", topic, "--json", "--timeout", "20"))["partitions"]
        except AssertionError:
            return []  # some leader could not be asked

    def all_in_sync(self, topic):
        partitions = self.describe(topic)
        return partitions and all(len(each["in_sync_replicas"]) == 3 for each in partitions)

    def await_all_in_sync(self, topic):
        self.wait_until(lambda: self.all_in_sync(topic), "all replicas in sync")

    def await_progress(self, what):
        """Until whatever was sent before now has been read."""
        goal = self.writer.sent

        def seen():
            self.assertIsNone(self.writer.process.poll(), "the producer goes on")
            self.assertIsNone(self.reader.process.poll(), "the consumer goes on")
            return all(number in self.reader.values for number in range(goal))

        began = time.monotonic()
        self.wait_until(seen, what)
        print(f"{what}: {goal} records, caught up {time.monotonic() - began:.1f} s later", flush=True)

    def leader(self, topic, partition):
        partitions = self.wait_until(lambda: self.describe(topic), "a leader")
        return partitions[partition]["leader"]

    def test_nothing_is_lost_when_nodes_die_hang_and_restart(self):
        topic = self.create("rough", partitions=4)
        self.await_all_in_sync(topic)
        patience = ("-X", f"request.timeout.ms={SESSION}")
        self.reader = Reader(self.start("consume", topic, "--json", *patience, stdout=subprocess.PIPE))
        self.writer = Writer(self.start("produce", topic, "-K", ":", "-z", "lz4", *patience, stdin=subprocess.PIPE))
        self.wait_until(lambda: self.writer.sent >= 200, "the writer's start")
        self.await_progress("undisturbed")

        killed = self.leader(topic, 0)
        self.cluster.act("kill", killed)
        self.await_progress(f"node {killed} killed")
        self.assertNotEqual(self.leader(topic, 0), killed)
        self.cluster.act("restart", killed)
        self.await_all_in_sync(topic)
        self.await_progress(f"node {killed} back")

        paused = self.leader(topic, 1)
        self.cluster.act("pause", paused)
        self.await_progress(f"node {paused} paused")
        self.cluster.act("resume", paused)
        self.await_all_in_sync(topic)
        self.await_progress(f"node {paused} resumed")

        for node in (1, 2, 3):
            self.cluster.act("restart", node)
            self.await_all_in_sync(topic)
            self.await_progress(f"node {node} restarted")

        code, told = self.writer.finish()
        self.assertEqual(code, 0, told)
        self.assertIn(f"{self.writer.sent} records", told)
        self.await_everything_read()
        code, told = self.reader.finish()
        self.assertEqual((code, told), (130, ""))
        self.check_log(topic)

    def await_everything_read(self):
        goal = set(range(self.writer.sent))
        self.wait_until(lambda: goal <= self.reader.values, "the rest")

    def check_log(self, topic):
        log = self.kcat_records(topic)
        self.assert_same(sorted({int(record.value) for record in log}), range(self.writer.sent), "log")
        read = [(each["partition"], each["offset"], int(each["value"])) for each in self.reader.records]
        self.assert_same(sorted(read), [(record.partition, record.offset, int(record.value)) for record in log], "read")
        for partition in range(4):
            mine = [record for record in log if record.partition == partition]
            first = list(dict.fromkeys(int(record.value) for record in mine))
            self.assert_same(first, sorted(first), "order of first appearances")
            offsets = [each[1] for each in read if each[0] == partition]
            self.assert_same(offsets, sorted(offsets), "order of reading")
        print(f"{self.writer.sent} records sent, {len(log) - self.writer.sent} duplicates", flush=True)


if __name__ == "__main__":
    main()
