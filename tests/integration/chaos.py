# SPDX-License-Identifier: Apache-2.0
"""What the tests have in common that disturb a producer: programs that are killed while they tell what they do, and the log
as Java's consumer and kcat find it afterwards.

KAFKA_CHAOS_PROGRAMS is the folder of chaos_transactions and chaos_load (tests/chaos); unless set, that of kafka-cli.
"""

import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time

from support import PATIENCE, ClusterTest

END = b"the end"


class Teller:
    """A program whose output is lines of JSON: keeps them as they come."""

    def __init__(self, process):
        self.process, self.lines, self.came = process, [], threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            with self.came:
                self.lines.append(line)
                self.came.notify_all()
        with self.came:
            self.came.notify_all()

    def wait_for(self, condition, patience=PATIENCE):
        """Until the lines so far fulfil a condition; its last result, which is false if the program ended without."""
        end = time.monotonic() + patience
        with self.came:
            while not (result := condition(self.lines)) and self.thread.is_alive() and time.monotonic() < end:
                self.came.wait(0.2)
        return result or condition(self.lines)

    def finish(self, with_signal=None, patience=PATIENCE):
        """Perhaps sends a signal, waits for the end and for all that was told; returns exit code and complaints."""
        if with_signal:
            self.process.send_signal(with_signal)
        code = self.process.wait(patience)
        self.thread.join(patience)
        return code, self.process.stderr.read().decode()


class ChaosTest(ClusterTest):
    seed = 7

    def setUp(self):
        self.random = random.Random(self.seed)

    def start(self, program, *arguments):
        if program != self.cli:
            folder = os.environ.get("KAFKA_CHAOS_PROGRAMS") or os.path.dirname(self.cli)
            program = os.path.join(folder, program)
        process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())
        self.addCleanup(self.put_away, process)
        return Teller(process)

    @staticmethod
    def put_away(process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream and not stream.closed:
                stream.close()

    # --- kafka-cli verifiable-producer ----------------------------------------------------------------------------------

    def start_verifiable(self, topic, throughput, repeating_keys=None, properties=()):
        """Until it is told to end. It tries again, unlike the tool that it stands for."""
        file = tempfile.NamedTemporaryFile("w", suffix=".properties")
        self.addCleanup(file.close)
        for key, value in {"retries": 2147483647, **dict(properties)}.items():
            file.write(f"{key}={value}\n")
        file.flush()
        keys = ("--repeating-keys", str(repeating_keys)) if repeating_keys else ()
        return self.start(self.cli, "verifiable-producer", "--topic", topic, "--bootstrap-server", self.brokers,
                          "--throughput", str(throughput), "--command-config", file.name, *keys)

    @staticmethod
    def acked(lines):
        return sum(line["name"] == "producer_send_success" for line in lines)

    @staticmethod
    def value_of(record):
        return int(record.value)

    def finish_verifiable(self, load, topic, partitions):
        """Ends it; each of its messages was acknowledged and is in the log where it said, once, in order. Returns the log."""
        code, told = load.finish(signal.SIGTERM)
        self.assertEqual((code, told), (128 + signal.SIGTERM, ""), load.lines[-3:])
        by_name = {}
        for line in load.lines:
            by_name.setdefault(line["name"], []).append(line)
        self.assertEqual(by_name.get("producer_send_error", []), [])
        acked = by_name["producer_send_success"]
        self.assertEqual(by_name["tool_data"][0]["sent"], len(acked))
        log = self.java_log(topic, partitions)
        self.check_order(log)
        self.assert_same(sorted((line["partition"], line["offset"], int(line["value"])) for line in acked),
                         sorted((record.partition, record.offset, int(record.value))
                                for records in log.values() for record in records), "acknowledged and read")
        return log

    # --- what is in the log ---------------------------------------------------------------------------------------------

    def java_log(self, topic, partitions, *arguments):
        """Everything that Java's consumer reads, by partition, in the order of its coming. Each partition gets a last record
        to know the end by, which a reader of committed records does not get to while a transaction is open."""
        for partition in range(partitions):
            self.kcat("-P", "-t", topic, "-p", str(partition), stdin=END)
        option = "--formatter-property" if self.version >= (4, 2) else "--property"
        properties = ["print.timestamp=true", "print.partition=true", "print.offset=true", "print.headers=true",
                      "print.key=true", "key.separator=<|>", "line.separator=<#>\n", "null.literal=<null>"]
        process = subprocess.Popen(
            [self.cluster.script, "tool", "console-consumer", "--bootstrap-server", self.brokers, "--topic", topic,
             "--from-beginning", *arguments, *[word for each in properties for word in (option, each)], "--dir",
             str(self.cluster.folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        watch = threading.Timer(3 * PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        found = {partition: [] for partition in range(partitions)}
        ended = set()
        try:
            for line in process.stdout:
                record = self.from_java(line[:-len(b"<#>\n")])
                if record.value == END:
                    ended.add(record.partition)
                else:
                    found[record.partition].append(record)
                if len(ended) == partitions:
                    break
        finally:
            watch.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
        self.assertEqual(len(ended), partitions, "the reader came to the end of every partition")
        return found

    def check_order(self, log, number=lambda record: int(record.value.split()[0])):
        """In each partition numbers and offsets only grow, so that none is there twice; none is in two partitions. Returns
        all numbers."""
        seen = []
        for partition, records in log.items():
            offsets = [record.offset for record in records]
            self.assert_same(offsets, sorted(set(offsets)), f"offsets of partition {partition}")
            numbers = [number(record) for record in records]
            self.assert_same(numbers, sorted(set(numbers)), f"numbers of partition {partition}")
            seen += numbers
        self.assert_same(sorted(seen), sorted(set(seen)), "numbers of all partitions")
        return set(seen)


class Transactions:
    """What chaos_transactions, in however many runs, said of its transactions."""

    def __init__(self, lines):
        self.committed, self.aborted, self.unknown, self.open, self.failed = set(), set(), set(), set(), []
        step = {}
        for line in lines:
            if "failed" in line:
                self.failed.append(line)
            if "first" not in line:
                continue
            of = (line["first"], line["last"])
            if "step" in line:
                step[of] = line["step"]
            else:
                del step[of]
                (self.committed if line["outcome"] == "committed" else self.aborted).add(of)
        self.aborted -= self.committed  # tried again
        for of, last in step.items():
            (self.unknown if last == "committing" else self.open).add(of)

    @staticmethod
    def numbers(ranges):
        return {number for first, last in ranges for number in range(first, last + 1)}

    def check(self, test, seen):
        """All of the committed, all or none of each of the unknown, nothing else."""
        committed = self.numbers(self.committed)
        test.assert_same(sorted(committed - seen), [], "committed and not seen")
        rest = seen - committed
        kept = {of for of in self.unknown if self.numbers([of]) <= rest}
        test.assert_same(sorted(rest - self.numbers(kept)), [], "seen and not committed")
        return kept

    def __str__(self):
        return (f"{len(self.committed)} committed, {len(self.aborted)} aborted, {len(self.unknown)} unknown, "
                f"{len(self.open)} left open")
