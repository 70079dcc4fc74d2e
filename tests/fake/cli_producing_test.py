# SPDX-License-Identifier: Apache-2.0
"""`kafka-cli produce` at length and `kafka-cli verifiable-producer`, on the fake cluster.

Usage: cli_producing_test.py KAFKA_CLI [unittest's own arguments]
"""

import array
import fcntl
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import zlib

import cli_test
from cli_test import PATIENCE, CliTest, Fake, unused_port

LINE = b'{"value":"%d"}\n'


class ProducingTest(CliTest):
    def committed(self, topic):
        return [each["value"] for each in self.records(topic, "-X", "isolation.level=read_committed")]

    def values(self, topic, *arguments):
        return [each["value"] for each in self.records(topic, *arguments)]

    def file(self, data, suffix=""):
        path = os.path.join(self.folder(), f"file{len(os.listdir(self.folder()))}{suffix}")
        with open(path, "wb") as to:
            to.write(data)
        return path

    def folder(self):
        if not hasattr(self, "_folder"):
            made = tempfile.TemporaryDirectory()
            self.addCleanup(made.cleanup)
            self._folder = made.name
        return self._folder

    def popen(self, *arguments, **more):
        """Without a buffer of Python's, which communicate() would forget."""
        process = subprocess.Popen([cli_test.CLI, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                   **more)
        self.addCleanup(self.put_away, process)
        return process

    def zstd(self, data):
        # A machine without the program has the library all the same: it is checked by unit tests then.
        if not shutil.which("zstd"):
            self.skipTest("no zstd program")
        return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout

    def feed(self, process, data):
        """Writes to a command's standard input and returns when it has taken all of it and waits for more."""
        process.stdin.write(data)
        process.stdin.flush()
        unread = array.array("i", [1])
        end = time.monotonic() + PATIENCE
        while unread[0] > 0:
            self.assertLess(time.monotonic(), end, "the command reads")
            self.assertIsNone(process.poll(), "the command goes on")
            fcntl.ioctl(process.stdin, termios.FIONREAD, unread)
        while self.is_busy(process):
            self.assertLess(time.monotonic(), end, "the command waits for more")

    @staticmethod
    def is_busy(process):
        with open(f"/proc/{process.pid}/task/{process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "S"


class Json(ProducingTest):
    def test_a_topic_is_copied_through_a_pipe(self):
        source, copy = self.topic(partitions=3), "copy-of-json"
        self.run_cli("topics", "create", copy, "--partitions", "3")
        lines = [
            {"key": "k", "value": "v", "timestamp": 1795498969174, "partition": 2, "headers": [["a", "1"], ["a", None], ["", ""]]},
            {"key": None, "value": None, "timestamp": 5, "partition": 0, "headers": []},
            {"key": "", "value": "", "timestamp": 0, "partition": 0, "headers": [["bytes", {"base64": "//4="}]]},
            {"key": {"base64": "/w=="}, "value": {"base64": "AP8="}, "timestamp": 7, "partition": 1, "headers": []},
            {"key": "ключ", "value": "\U0001f600 \" \\ \n \u0001", "timestamp": 8, "partition": 1, "headers": []},
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines).encode()
        self.run_cli("produce", source, "--json", "--keep-partition", stdin=text)
        read = sorted(self.records(source), key=lambda each: each["timestamp"])
        expected = sorted(lines, key=lambda each: each["timestamp"])
        self.assertEqual([{name: each[name] for name in lines[0]} for each in read], expected)
        piped = self.out("consume", source, "-e", "--json")
        self.run_cli("produce", copy, "--json", "--keep-partition", stdin=piped)
        copied = self.out("consume", copy, "-e", "--json").replace(copy.encode(), source.encode())
        self.assertEqual(sorted(copied.splitlines()), sorted(piped.splitlines()))

    def test_without_being_kept_partitions_follow_the_keys(self):
        name = self.topic(partitions=3)
        lines = b"".join(b'{"key":"same","value":"%d","partition":%d}\n' % (number, number % 3) for number in range(9))
        self.run_cli("produce", name, "--json", stdin=lines)
        self.assertEqual(len({each["partition"] for each in self.records(name)}), 1)
        self.assertEqual(self.values(name), [str(number) for number in range(9)])

    def test_a_bad_line_stops_with_its_number_after_what_came_before(self):
        name = self.topic()
        lines = b"".join(LINE % number for number in range(1000))
        _, told = self.run_cli("produce", name, "--json", stdin=lines + b"oops\n" + LINE % 1000, code=1)
        self.assertRegex(told.splitlines()[-1], r"^kafka-cli: produce: standard input: line 1001: is no JSON")
        self.assertEqual(len(self.values(name)), 1000)
        path = self.file(LINE % 1 + b'{"key":"k"}\n')
        _, told = self.run_cli("produce", name, path, "--json", code=1)
        self.assertIn(f"{path}: line 2: there is no \"value\"", told)

    def test_what_excludes_each_other_is_refused(self):
        for arguments in (("--json", "-K", ":"), ("--keep-partition",), ("--json", "--keep-partition", "-p", "1"),
                          ("--json", "-v", "x"), ("-v", "x", "file"), ("-v", "x", "--rate", "1")):
            _, told = self.run_cli("produce", "t", *arguments, code=2)
            self.assertEqual(told.count("\n"), 1, told)


class Files(ProducingTest):
    def test_packed_files_are_unpacked_and_all_are_read_in_order(self):
        name = self.topic()
        packed = [self.file(b"plain 1\nplain 2"), self.file(gzip.compress(b"gzip 1\n") + gzip.compress(b"gzip 2\n")),
                  self.file(self.zstd(b"zstd 1\n") + self.zstd(b"zstd 2\n"), ".txt")]
        _, told = self.run_cli("produce", name, packed[0], packed[1], "-", packed[2], stdin=gzip.compress(b"typed\n"))
        self.assertIn("7 records", told)
        self.assertEqual(self.values(name), ["plain 1", "plain 2", "gzip 1", "gzip 2", "typed", "zstd 1", "zstd 2"])

    def test_much_unfolds_within_little_memory(self):
        name = self.topic()
        # 100 MB, of which this process holds a part at a time: a child is said to have been as large as its parent.
        path = self.file(b"")
        with gzip.open(path, "wb", compresslevel=1) as to:
            for first in range(0, 100_000, 1000):
                to.write(b"".join(b"%0999d\n" % number for number in range(first, first + 1000)))
        process = subprocess.Popen([cli_test.CLI, "produce", name, path, "-z", "lz4"], stderr=subprocess.PIPE,
                                   env=self.environment())
        self.addCleanup(self.put_away, process)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, process.stderr.read())
        # buffer.memory is 32 MiB; the whole of the file would be far more. A sanitizer keeps what was freed, and shadows of all.
        with open(cli_test.CLI, "rb") as program:
            sanitized = re.search(rb"__[at]san_init", program.read())
        if not sanitized:
            self.assertLess(usage.ru_maxrss, 90_000)
        self.assertEqual(len(self.out("consume", name, "-e", "-f", "%o\\n").splitlines()), 100_000)

    def test_a_file_that_is_cut_off_or_missing_is_named(self):
        name = self.topic()
        lines = b"".join(b"%d\n" % zlib.crc32(b"%d" % number) for number in range(200_000))
        cut = self.file(gzip.compress(lines)[:-100_000])
        _, told = self.run_cli("produce", name, cut, code=1)
        self.assertRegex(told.splitlines()[-1], rf"^kafka-cli: produce: {cut}: is cut off")
        sent = self.out("consume", name, "-e")
        self.assertTrue(lines.startswith(sent) and sent, "what came before, whole lines only")
        there = self.file(b"x\n")
        _, told = self.run_cli("produce", name, there, "/no/such/file", code=1)
        self.assertIn("/no/such/file: No such file", told)
        self.assertEqual(self.out("consume", name, "-e"), sent)


class Delivery(ProducingTest):
    def test_empty_keys_and_values_become_tombstones(self):
        name = self.topic()
        self.run_cli("produce", name, "-K", ":", "-Z", stdin=b":v\nk:\n:\nk:v\n\n")
        self.assertEqual([(each["key"], each["value"]) for each in self.records(name)],
                         [(None, "v"), ("k", None), (None, None), ("k", "v"), (None, None)])

    def test_partitioners_by_their_words(self):
        keys = [f"key-{number}" for number in range(50)]
        lines = "".join(f"{key}:v\n" for key in keys).encode()
        for word in ("consistent", "consistent_random"):
            name = f"placed-{word}"
            self.run_cli("topics", "create", name, "--partitions", "5")
            self.run_cli("produce", name, "-K", ":", "--partitioner", word, stdin=lines)
            placed = {each["key"]: each["partition"] for each in self.records(name)}
            self.assertEqual(placed, {key: zlib.crc32(key.encode()) % 5 for key in keys})
        name = self.topic(partitions=3)
        self.run_cli("produce", name, "--partitioner", "round_robin", stdin=b"v\n" * 9)
        self.assertEqual(sorted(each["partition"] for each in self.records(name)), [0, 0, 0, 1, 1, 1, 2, 2, 2])
        _, told = self.run_cli("produce", name, "--partitioner", "manual", "-v", "x", code=1)
        self.assertIn("partition", told)

    def test_settings_reach_the_producer_and_x_wins(self):
        name = self.topic()
        self.assertEqual(self.out("produce", name, "-v", "a", "--acks", "0"), b"0\t-1\n")
        self.assertEqual(self.out("produce", name, "-v", "b", "--acks", "0", "-X", "acks=all").split(b"\t")[0], b"0")
        _, told = self.run_cli("produce", name, "-v", "x", "--acks", "1", "--idempotence", "on", code=2)
        self.assertIn("idempotence", told)
        self.run_cli("produce", name, "-v", "c", "--acks", "1", "--idempotence", "off", "--linger", "0",
                     "--batch-bytes", "1000")
        self.assertEqual(self.values(name)[-1], "c")

    def test_a_rate_is_kept_and_ctrl_c_does_not_wait_for_it(self):
        name = self.topic()
        began = time.monotonic()
        self.run_cli("produce", name, "--rate", "40", stdin=b"x\n" * 41)
        took = time.monotonic() - began
        self.assertGreater(took, 0.9)
        process = self.start("produce", name, "--rate", "0.01", stdin=subprocess.PIPE)
        self.feed(process, b"first\nsecond\n")
        self.wait_for(name, 42)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(self.values(name)[41:], ["first"])

    def wait_for(self, name, count):
        end = time.monotonic() + PATIENCE
        while len(self.records(name)) < count:
            self.assertLess(time.monotonic(), end)

    def test_what_failed_is_counted_with_the_first_cause(self):
        name = self.topic()
        self.run_cli("topics", "create", "small", "--config", "max.message.bytes=1000")
        _, told = self.run_cli("produce", "small", "--linger", "0", stdin=b"y" * 5000 + b"\n", code=1)
        self.assertEqual(told.splitlines()[-1].count("MESSAGE_TOO_LARGE"), 1, told)
        self.assertIn("1 of 1 records were not delivered", told)
        self.assertEqual(self.values(name), [])

    def test_ctrl_c_waits_for_records_on_their_way(self):
        fake = Fake()
        self.addCleanup(fake.end)
        environment = self.environment(fake.brokers)
        process = subprocess.Popen([cli_test.CLI, "produce", "slow", "-X", "linger.ms=0"], stdin=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment)
        self.addCleanup(self.put_away, process)
        self.feed(process, b"before\n")
        end = time.monotonic() + PATIENCE
        while b"before" not in self.run_quietly("consume", "slow", "-e", environment=environment):
            self.assertLess(time.monotonic(), end)
        fake.process.send_signal(signal.SIGSTOP)
        self.addCleanup(fake.process.send_signal, signal.SIGCONT)
        self.assertTrue(os.WIFSTOPPED(os.waitpid(fake.process.pid, os.WUNTRACED)[1]))  # not all threads stop at once
        self.feed(process, b"on its way\n")
        process.send_signal(signal.SIGINT)
        # Not over while the cluster is silent; then it answers within the five seconds that the command waits.
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(1)
        fake.process.send_signal(signal.SIGCONT)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assertIn("2 records", process.stderr.read().decode())
        self.assertEqual(self.run_quietly("consume", "slow", "-e", environment=environment), b"before\non its way\n")

    @staticmethod
    def run_quietly(*arguments, environment):
        return subprocess.run([cli_test.CLI, *arguments], capture_output=True, env=environment, timeout=PATIENCE,
                              check=False).stdout


class Transactions(ProducingTest):
    def test_all_of_it_is_committed_at_the_end(self):
        name = self.topic(partitions=2)
        lines = b"".join(b"%d\n" % number for number in range(1000))
        _, told = self.run_cli("produce", name, "--transactional-id", "load", stdin=lines)
        self.assertIn("1000 records", told)
        self.assertEqual(sorted(map(int, self.committed(name))), list(range(1000)))
        self.run_cli("produce", name, "--transactional-id", "load", stdin=b"")
        out = self.out("produce", name, "--transactional-id", "load", "-v", "one", "-p", "0")
        self.assertTrue(out.startswith(b"0\t"), out)
        self.assertEqual(len(self.committed(name)), 1001)

    def test_an_error_aborts_it(self):
        name = self.topic()
        _, told = self.run_cli("produce", name, "--transactional-id", "bad", "--json", stdin=LINE % 1 + b"oops\n", code=1)
        self.assertRegex(told.splitlines()[-1], r"line 2: .*; the transaction was aborted$")
        self.assertEqual(self.committed(name), [])
        big = b"y" * 3_000_000
        _, told = self.run_cli("produce", name, "--transactional-id", "bad", stdin=b"fits\n" + big + b"\n", code=1)
        self.assertIn("the transaction was aborted", told)
        self.assertEqual(self.committed(name), [])
        self.run_cli("produce", name, "--transactional-id", "bad", stdin=b"good\n")
        self.assertEqual(self.committed(name), ["good"])

    def test_ctrl_c_aborts_it_and_says_so(self):
        name = self.topic()
        process = self.start("produce", name, "-X", "transactional.id=stopped", "--linger", "0", stdin=subprocess.PIPE)
        self.feed(process, b"typed\n")
        end = time.monotonic() + PATIENCE
        while self.values(name) != ["typed"]:
            self.assertLess(time.monotonic(), end)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)
        told = process.stderr.read().decode()
        self.assertEqual(told, "kafka-cli: produce: interrupted: the transaction was aborted\n")
        self.assertEqual(self.committed(name), [])

    def test_it_needs_idempotence(self):
        _, told = self.run_cli("produce", "t", "--transactional-id", "x", "--idempotence", "off", "-v", "v", code=2)
        self.assertIn("transactional.id", told)


class Verifiable(ProducingTest):
    def arguments(self, topic, *more, brokers=None):
        return ("verifiable-producer", "--topic", topic, "--bootstrap-server", brokers or self.fake.brokers, *more)

    def events(self, topic, *more, **how):
        out, told = self.run_cli(*self.arguments(topic, *more), **how)
        return [json.loads(line) for line in out.splitlines()], told

    def check_frame(self, events):
        for event in events:
            self.assertEqual(list(event)[:2], ["timestamp", "name"])
            self.assertLess(abs(event["timestamp"] / 1000 - time.time()), 300)
        names = [event["name"] for event in events]
        self.assertEqual((names[0], names[-2:]), ("startup_complete", ["shutdown_complete", "tool_data"]))
        acked = [event for event in events if event["name"] == "producer_send_success"]
        failed = [event for event in events if event["name"] == "producer_send_error"]
        self.assertEqual(len(acked) + len(failed) + 3, len(events))
        totals = events[-1]
        self.assertEqual((totals["sent"], totals["acked"]), (len(acked) + len(failed), len(acked)))
        return acked, failed

    def test_every_message_is_told_with_its_place(self):
        name = self.topic(partitions=2)
        events, told = self.events(name, "--max-messages", "500")
        self.assertEqual(told, "")
        acked, failed = self.check_frame(events)
        self.assertEqual(failed, [])
        self.assertEqual(events[-1]["target_throughput"], -1)
        self.assertGreater(events[-1]["avg_throughput"], 0)
        self.assertEqual(sorted(int(event["value"]) for event in acked), list(range(500)))
        place = lambda each: (each["topic"], each["partition"], each["offset"], each["key"], each["value"])
        self.assertEqual(sorted(map(place, acked)), sorted(map(place, self.records(name))))
        self.assertTrue(all(event["key"] is None for event in acked))

    def test_prefix_keys_and_creation_time(self):
        name = self.topic()
        acked, _ = self.check_frame(self.events(name, "--max-messages", "7", "--value-prefix", "3", "--repeating-keys", "3",
                                                "--message-create-time", "1000000")[0])
        self.assertEqual([(event["key"], event["value"]) for event in acked],
                         [(str(number % 3), f"3.{number}") for number in range(7)])
        times = [each["timestamp"] for each in self.records(name)]
        self.assertTrue(all(1_000_000 <= time < 1_060_000 for time in times) and times == sorted(times), times)

    def test_the_throughput_is_kept(self):
        began = time.monotonic()
        events, _ = self.events(self.topic(), "--max-messages", "41", "--throughput", "40")
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assertEqual(events[-1]["target_throughput"], 40)
        self.assertLess(events[-1]["avg_throughput"], 46)

    def test_no_messages_are_fine(self):
        events, _ = self.events(self.topic(), "--max-messages", "0")
        self.check_frame(events)
        self.assertEqual((events[-1]["sent"], events[-1]["acked"]), (0, 0))

    def test_sigterm_ends_it_in_order(self):
        for more in (("--throughput", "100"), ("--max-messages", "-1"), ("--throughput", "0")):
            process = self.popen(*self.arguments("endless", *more))
            lines = [process.stdout.readline()]
            while more[1] != "0" and len(lines) < 5:
                lines.append(process.stdout.readline())  # a line is there as soon as its message is acknowledged
            process.send_signal(signal.SIGTERM)
            out, told = process.communicate(timeout=PATIENCE)
            self.assertEqual((process.returncode, told), (143, b""))
            _, failed = self.check_frame([json.loads(line) for line in lines + out.splitlines()])
            self.assertEqual(failed, [], "what was sent is waited for")

    def test_a_broker_that_is_away_does_not_keep_it(self):
        process = self.popen(*self.arguments("t", brokers=f"127.0.0.1:{unused_port()}"))
        lines = [process.stdout.readline()]
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertLess(time.monotonic() - began, 12)
        self.assertEqual(process.returncode, 143)
        self.check_frame([json.loads(line) for line in lines + out.splitlines()])

    def test_a_broker_that_falls_silent_does_not_keep_it(self):
        fake = Fake()
        self.addCleanup(fake.end)
        process = self.popen(*self.arguments("t", "--throughput", "200", brokers=fake.brokers))
        lines = [process.stdout.readline() for _ in range(5)]
        fake.process.send_signal(signal.SIGSTOP)
        self.addCleanup(fake.process.send_signal, signal.SIGCONT)
        began = time.monotonic()
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(1)  # messages pile up
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertLess(time.monotonic() - began, 15)
        _, failed = self.check_frame([json.loads(line) for line in lines + out.splitlines()])
        self.assertGreater(len(failed), 0)
        for event in failed:
            self.assertEqual(set(event), {"timestamp", "name", "topic", "key", "value", "exception", "message"})
            self.assertTrue(event["exception"].startswith("class org.apache.kafka.common."), event)

    def test_messages_that_cannot_be_sent_are_told(self):
        self.run_cli("topics", "create", "tiny", "--config", "max.message.bytes=40")
        acked, failed = self.check_frame(self.events("tiny", "--max-messages", "3")[0])
        self.assertEqual((len(acked), len(failed)), (0, 3))
        self.assertEqual({event["exception"] for event in failed},
                         {"class org.apache.kafka.common.errors.RecordTooLargeException"})
        quickly = self.file(b"max.block.ms=200\n")
        away = ("verifiable-producer", "--topic", "t", "--bootstrap-server", f"127.0.0.1:{unused_port()}",
                "--max-messages", "2", "--command-config", quickly)
        out, _ = self.run_cli(*away)
        acked, failed = self.check_frame([json.loads(line) for line in out.splitlines()])
        self.assertEqual([event["value"] for event in failed], ["0", "1"])
        self.assertEqual({event["exception"] for event in failed}, {"class org.apache.kafka.common.errors.TimeoutException"})

    def test_its_file_wins(self):
        name = self.topic()
        config = self.file(f"bootstrap.servers={self.fake.brokers}\nacks=0\nkey.serializer=x\n".encode())
        for word in ("--command-config", "--producer.config"):
            out, told = self.run_cli("verifiable-producer", "--topic", name, "--bootstrap-server",
                                     f"127.0.0.1:{unused_port()}", "--max-messages", "3", "--acks", "-1", word, config)
            acked, _ = self.check_frame([json.loads(line) for line in out.splitlines()])
            self.assertEqual([event["offset"] for event in acked], [-1, -1, -1], "nobody acknowledges")
            self.assertIn("line 3: key.serializer is ignored", told)

    def test_how_it_minds_its_arguments(self):
        out, told = self.run_cli("verifiable-producer")
        self.assertIn(b"--repeating-keys", out)
        self.assertEqual(told, "")
        secret = self.file(b"sasl.jaas.config=secret\n")
        for more in (("--acks", "2"), ("--nonsense",), ("--command-config", "a", "--producer.config", "b"),
                     ("--command-config", "/no/such/file"), ("--command-config", secret),
                     ("--command-config", self.file(b"linger.ms=x\n")),
                     ("--command-config", self.file(b"enable.idempotence=true\nacks=1\n"))):
            out, told = self.run_cli(*self.arguments("t", "--max-messages", "1", *more), code=1)
            self.assertEqual(out, b"")
            self.assertTrue(told.startswith("kafka-cli: "), told)
            self.assertNotIn("secret", told)
        for more in (("--topic", "t"), ("--bootstrap-server", "a:1")):
            self.run_cli("verifiable-producer", *more, code=1)

    def test_it_ends_when_nobody_reads_it_any_more(self):
        process = self.popen(*self.arguments("unread"))
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE), 0)


if __name__ == "__main__":
    cli_test.CLI = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
