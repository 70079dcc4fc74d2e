# SPDX-License-Identifier: Apache-2.0
"""kafka-bench produce, latency and consume from the outside, on the fake cluster.

Usage: bench_test.py KAFKA_BENCH KAFKA_CLI [unittest's own arguments]
"""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BENCH, CLI = "kafka-bench", "kafka-cli"
# Longer than any healthy run takes, shorter than ctest's own limit.
PATIENCE = 60
FIELDS = {"benchmark", "records", "failed", "bytes", "seconds", "records_per_second", "megabytes_per_second",
          "cpu_user_seconds", "cpu_system_seconds", "cpu_seconds_per_million_records", "peak_rss_kib"}
OWN_FIELDS = {"produce": {"latency_us"}, "latency": {"latency_us"}, "consume": {"first_record_ms", "checksum"}}


class Fake:
    """A fake cluster in a process of its own."""

    def __init__(self):
        self.process = subprocess.Popen([CLI, "fake", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        self.brokers = self.process.stdout.readline().strip()

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class BenchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake()

    @classmethod
    def tearDownClass(cls):
        cls.fake.end()

    def topic(self, partitions=1):
        """A new topic, named after the test."""
        name = self.id().rsplit(".", 1)[1]
        subprocess.run([CLI, "topics", "create", name, "--partitions", str(partitions), "-b", self.fake.brokers],
                       stderr=subprocess.DEVNULL, timeout=PATIENCE, check=True)
        return name

    def ends(self, topic):
        """How many records each partition has."""
        out = subprocess.run([CLI, "topics", "describe", topic, "--json", "-b", self.fake.brokers], stdout=subprocess.PIPE,
                             timeout=PATIENCE, check=True).stdout
        return [each["newest"] for each in json.loads(out)["partitions"]]

    def run_bench(self, *arguments, code=0, brokers=None):
        done = subprocess.run([BENCH, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE, env=dict(os.environ, KAFKA_BROKERS=brokers or self.fake.brokers), check=False)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        return done.stdout, done.stderr

    @staticmethod
    def put_away(process):
        process.kill()
        process.wait()
        process.stdout.close()

    def figures(self, *arguments, **more):
        out, _ = self.run_bench(*arguments, "--json", **more)
        self.assertEqual(out.count("\n"), 1, out)
        return self.checked(json.loads(out))

    def checked(self, line):
        """That every field is there, and that those that hang together agree."""
        own = OWN_FIELDS[line["benchmark"]]
        if line["records"] == 0:
            own = own - {"first_record_ms"}
        self.assertEqual(set(line) - {"error"}, FIELDS | own)
        if "latency_us" in own:
            self.assertEqual(set(line["latency_us"]), {"p50", "p95", "p99", "p999", "max"})
        if line["records"] > 0:
            self.assertGreater(line["seconds"], 0)
            # The line's figures are rounded.
            rates = line["records"] / line["seconds"], line["bytes"] / line["seconds"] / 1e6
            self.assertAlmostEqual(line["records_per_second"], rates[0], delta=1 + 0.01 * rates[0])
            self.assertAlmostEqual(line["megabytes_per_second"], rates[1], delta=0.001 + 0.01 * rates[1])
            cpu = (line["cpu_user_seconds"] + line["cpu_system_seconds"]) / line["records"] * 1e6
            self.assertAlmostEqual(line["cpu_seconds_per_million_records"], cpu, delta=1e-4 + cpu * 0.01)
            self.assertGreater(line["peak_rss_kib"], 1000)
        if line["records"] > 0 and "latency_us" in own:
            latencies = [line["latency_us"][name] for name in ("p50", "p95", "p99", "p999", "max")]
            self.assertGreater(latencies[0], 0)
            self.assertEqual(latencies, sorted(latencies))
        return line


class Produce(BenchTest):
    def test_every_record_is_counted(self):
        topic = self.topic()
        line = self.figures("produce", "-t", topic, "--records", "50000", "--size", "120", "--warm-up", "777")
        self.assertEqual((line["benchmark"], line["records"], line["failed"], line["bytes"]),
                         ("produce", 50_000, 0, 6_000_000))
        self.assertNotIn("error", line)
        self.assertEqual(self.ends(topic), [50_777])

    def test_threads_share_one_producer_and_random_keys_spread(self):
        topic = self.topic(partitions=3)
        line = self.figures("produce", "-t", topic, "-n", "30001", "-s", "50", "--threads", "4", "--partitions-key",
                            "random", "--warm-up", "0")
        self.assertEqual((line["records"], line["bytes"]), (30_001, 30_001 * 58))
        ends = self.ends(topic)
        self.assertEqual(sum(ends), 30_001)
        self.assertGreater(min(ends), 7000)

    def test_settings_reach_the_producer(self):
        topic = self.topic()
        sent = 0
        for options in (("--acks", "1"), ("--acks", "0"), ("--idempotence", "off"), ("-z", "lz4", "--linger-ms", "20"),
                        ("--batch-bytes", "2000"), ("--span", "1"), ("--span", "1000"), ("-X", "linger.ms=1"),
                        ("--payload", "random")):
            line = self.figures("produce", "-t", topic, "-n", "2000", "--warm-up", "0", *options)
            self.assertEqual(line["records"], 2000, options)
            sent += 2000
            self.assertEqual(self.ends(topic), [sent], options)

    def test_a_file_is_cut_into_values(self):
        topic = self.topic()
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"onetwosixta")
            file.flush()
            line = self.figures("produce", "-t", topic, "-n", "4", "-s", "3", "--payload", file.name, "--warm-up", "0")
        self.assertEqual(line["bytes"], 12)
        read = subprocess.run([CLI, "consume", topic, "-e", "-f", "%s,", "-b", self.fake.brokers], stdout=subprocess.PIPE,
                              timeout=PATIENCE, check=True).stdout
        self.assertEqual(read, b"one,two,six,one,")

    def test_the_table_is_for_people(self):
        out, told = self.run_bench("produce", "-t", self.topic(), "-n", "1000")
        self.assertRegex(out, r"(?m)^records acknowledged +1000$")
        self.assertRegex(out, r"(?m)^CPU s/million records +[\d.]+$")
        self.assertEqual(told, "")

    def test_a_terminal_sees_progress(self):
        leader, follower = pty.openpty()
        process = subprocess.Popen([BENCH, "produce", "-t", self.topic(), "-n", "20000", "--json"], stdout=subprocess.PIPE,
                                   stderr=follower, env=dict(os.environ, KAFKA_BROKERS=self.fake.brokers))
        os.close(follower)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.checked(json.loads(out))["records"], 20_000)
        self.assertIn(b"20000 of 20000 records", os.read(leader, 1 << 16))
        os.close(leader)

    def test_the_first_acknowledged_record_is_told_at_once(self):
        out, _ = self.run_bench("produce", "-t", self.topic(), "-n", "10", "--first-ack", "--json")
        first, line = out.splitlines()
        self.assertRegex(first, r"^first_ack \d+\.\d+$")
        self.assertEqual(self.checked(json.loads(line))["records"], 10)


class Latency(BenchTest):
    def test_every_record_is_timed(self):
        topic = self.topic()
        line = self.figures("latency", "-t", topic, "-n", "500", "-s", "64", "--warm-up", "20")
        self.assertEqual((line["benchmark"], line["records"], line["failed"], line["bytes"]), ("latency", 500, 0, 32_000))
        self.assertEqual(self.ends(topic), [520])
        # One at a time: the loop takes as long as its records do.
        self.assertLess(line["latency_us"]["p50"] * 500, line["seconds"] * 1e6 * 2.5)
        self.assertGreaterEqual(line["seconds"] * 1e6 * 1.01, line["latency_us"]["max"])

    def test_the_first_acknowledged_record_is_told_at_once(self):
        topic = self.topic()
        out, _ = self.run_bench("latency", "-t", topic, "-n", "1", "--warm-up", "0", "--first-ack", "--json")
        first, line = out.splitlines()
        self.assertRegex(first, r"^first_ack \d+\.\d+$")
        self.assertEqual(self.checked(json.loads(line))["records"], 1)
        self.assertEqual(self.ends(topic), [1])


class Consume(BenchTest):
    def filled(self, values, partitions=1, *options):
        """A topic with these values, each a line's text."""
        topic = self.topic(partitions)
        subprocess.run([CLI, "produce", topic, "-b", self.fake.brokers, *options], input="\n".join(values) + "\n",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, timeout=PATIENCE, check=True)
        return topic

    def test_everything_that_is_there_is_read_once(self):
        values = [f"{number}" * 3 for number in range(20_000)]
        topic = self.filled(values, 3)
        wanted = (20_000, sum(map(len, values)), sum(ord(value[-1]) for value in values))
        for options in ((), ("-n", "20000"), ("--threads", "2"), ("--group", "all", "--timeout", "20"),
                        ("-X", "max.poll.records=7"), ("-X", "max.partition.fetch.bytes=1000")):
            line = self.figures("consume", "-t", topic, *options)
            self.assertEqual((line["records"], line["bytes"], line["checksum"]), wanted, options)
            self.assertEqual((line["benchmark"], line["failed"]), ("consume", 0))
            self.assertNotIn("error", line)
            self.assertLessEqual(line["first_record_ms"], line["seconds"] * 1000 + 1)

    def test_check_adds_up_every_byte_of_keys_and_values(self):
        topic = self.filled(["key-1\tvalue-1", "k2\tv2", "\t"], 1, "-K", "\\t")
        line = self.figures("consume", "-t", topic, "--check")
        self.assertEqual((line["records"], line["bytes"]), (3, 16))
        self.assertEqual(line["checksum"], sum(b"key-1value-1k2v2"))

    def test_check_tells_of_offsets_that_are_not_there(self):
        # A transaction's end takes an offset of its own.
        topic = self.filled(["a", "b"], 1, "--transactional-id", "first")
        subprocess.run([CLI, "produce", topic, "-v", "c", "-b", self.fake.brokers], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=PATIENCE, check=True)
        out, told = self.run_bench("consume", "-t", topic, "--check", "--json", code=1)
        self.assertIn("offset 3 came after 1", json.loads(out)["error"])
        self.assertIn("offset 3 came after 1", told)
        self.assertEqual(self.figures("consume", "-t", topic)["records"], 3)

    def test_a_number_of_records_is_kept_exactly(self):
        topic = self.filled([str(number) for number in range(1000)])
        for threads in ("1", "3"):
            line = self.figures("consume", "-t", topic, "-n", "777", "--threads", threads)
            self.assertEqual((line["records"], line["bytes"]), (777, 10 + 90 * 2 + 677 * 3))

    def test_a_group_goes_on_where_it_was(self):
        topic = self.filled([str(number) for number in range(500)])
        self.assertEqual(self.figures("consume", "-t", topic, "--group", "g")["records"], 500)
        subprocess.run([CLI, "produce", topic, "-v", "more", "-b", self.fake.brokers], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=PATIENCE, check=True)
        line = self.figures("consume", "-t", topic, "--group", "g")
        self.assertEqual((line["records"], line["bytes"]), (1, 4))

    def test_members_of_a_group_share_the_partitions(self):
        topic = self.filled([str(number) for number in range(5000)], 4, "--partitioner", "round_robin")
        line = self.figures("consume", "-t", topic, "-n", "5000", "--group", "g", "--threads", "2", "--check")
        self.assertEqual(line["records"], 5000)

    def test_aborted_transactions_are_read_only_if_wanted(self):
        topic = self.filled(["kept", "kept"], 1, "--transactional-id", "kept")
        other = subprocess.Popen([CLI, "produce", topic, "--json", "--transactional-id", "dropped", "-b", self.fake.brokers],
                                 stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        other.stdin.write('{"value":"dropped"}\n')
        other.stdin.flush()
        until = time.monotonic() + PATIENCE
        while self.ends(topic) != [4] and time.monotonic() < until:  # two records, a marker, and one more
            time.sleep(0.02)
        other.communicate("no JSON: the transaction is aborted\n", timeout=PATIENCE)
        self.assertEqual(self.ends(topic), [5])
        self.assertEqual(self.figures("consume", "-t", topic, "--isolation", "read_committed")["bytes"], 8)
        self.assertEqual(self.figures("consume", "-t", topic, "--isolation", "read_uncommitted")["bytes"], 15)

    def test_an_empty_topic_ends_at_once(self):
        self.assertEqual(self.figures("consume", "-t", self.topic())["records"], 0)

    def test_records_that_do_not_come_are_failures(self):
        topic = self.filled(["a", "b"])
        out, told = self.run_bench("consume", "-t", topic, "-n", "5", "--timeout", "0.5", "--json", code=1)
        line = self.checked(json.loads(out))
        self.assertEqual((line["records"], line["failed"]), (2, 3))
        self.assertIn("--timeout", line["error"])
        self.assertIn("3 of 5 records failed", told)

    def test_the_table_is_for_people(self):
        out, told = self.run_bench("consume", "-t", self.filled(["a", "b"]))
        self.assertRegex(out, r"(?m)^records read +2$")
        self.assertRegex(out, r"(?m)^first record, ms +[\d.]+$")
        self.assertEqual(told, "")

    def test_a_terminal_sees_progress(self):
        leader, follower = pty.openpty()
        process = subprocess.Popen([BENCH, "consume", "-t", self.filled(["a"] * 3000), "-n", "3000", "--json"],
                                   stdout=subprocess.PIPE, stderr=follower,
                                   env=dict(os.environ, KAFKA_BROKERS=self.fake.brokers))
        os.close(follower)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.checked(json.loads(out))["records"], 3000)
        self.assertIn(b"3000 of 3000 records", os.read(leader, 1 << 16))
        os.close(leader)

    def test_a_topic_that_is_not_there_is_named(self):
        _, told = self.run_bench("consume", "-t", "nowhere", "--timeout", "1", code=1)
        self.assertIn("nowhere", told)


class Endings(BenchTest):
    def test_an_absent_broker_is_an_error(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            for job in ("produce", "latency"):
                began = time.monotonic()
                out, told = self.run_bench(job, "-t", "t", "-n", "100", "--timeout", "0.5", "--json", brokers=address, code=1)
                self.assertLess(time.monotonic() - began, 10)
                line = self.checked(json.loads(out))
                self.assertEqual((line["records"], line["failed"]), (0, 100), job)
                self.assertIn(address, line["error"])
                self.assertIn(address, told)

    def test_records_that_a_silent_broker_swallows_are_not_counted(self):
        topic, wanted = self.topic(), 10**12
        process = subprocess.Popen([BENCH, "produce", "-t", topic, "-n", str(wanted), "--timeout", "1", "--first-ack", "--json",
                                    "-b", self.fake.brokers], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.put_away, process)
        self.assertTrue(process.stdout.readline().startswith("first_ack"))
        self.fake.process.send_signal(signal.SIGSTOP)
        out, _ = process.communicate(timeout=PATIENCE)
        self.fake.process.send_signal(signal.SIGCONT)
        self.assertEqual(process.returncode, 1)
        line = self.checked(json.loads(out))
        self.assertEqual(line["records"] + line["failed"], wanted)
        self.assertNotEqual(line["error"], "")
        # What was acknowledged is in the log, with the thousand records of warming up.
        self.assertGreaterEqual(self.ends(topic)[0], line["records"] + 1000)

    def test_usage_is_two(self):
        for arguments in ((), ("nonsense",), ("produce",), ("latency",), ("produce", "-t", "t", "-n", "0"), ("consume",),
                          ("consume", "-t", "t", "-n", "0"), ("consume", "-t", "t", "--isolation", "none"),
                          ("consume", "-t", "t", "-X", "nothing"), ("consume", "-t", "t", "-X", "x=y"),
                          ("consume", "-t", "t", "--threads", "0"),
                          ("produce", "-t", "t", "-z", "lzma"), ("produce", "-t", "t", "--acks", "9"),
                          ("produce", "-t", "t", "--threads", "0"), ("produce", "-t", "t", "-X", "linger.ms=soon"),
                          ("produce", "-t", "t", "-X", "nothing"), ("produce", "-t", "t", "--no-such-option"),
                          ("produce", "-t", "t", "--acks", "1", "--idempotence", "on"),
                          ("latency", "-t", "t", "--threads", "2")):
            out, told = self.run_bench(*arguments, code=2)
            self.assertEqual(out, "", arguments)
            self.assertNotEqual(told, "", arguments)

    def test_help_is_data(self):
        for arguments in (("--help",), ("produce", "--help"), ("latency", "--help"), ("consume", "--help")):
            out, told = self.run_bench(*arguments)
            self.assertIn("kafka-bench", out)
            self.assertEqual(told, "")

    def test_a_payload_that_cannot_be_read_is_named(self):
        _, told = self.run_bench("produce", "-t", "t", "--payload", "/no/such/file", code=1)
        self.assertIn("/no/such/file", told)

    def test_a_full_disk_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BENCH, "latency", "-t", self.topic(), "-n", "1", "-b", self.fake.brokers], stdout=full,
                                  stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No space left", done.stderr)


if __name__ == "__main__":
    BENCH, CLI = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
