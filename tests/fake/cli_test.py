# SPDX-License-Identifier: Apache-2.0
"""kafka-cli from the outside, on the fake cluster: what it prints where, how it ends, what kcat makes of the same topics.

Usage: cli_test.py KAFKA_CLI [unittest's own arguments]
"""

import base64
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

CLI = "kafka-cli"
# Longer than any healthy run takes, shorter than ctest's own limit.
PATIENCE = 60


class Fake:
    """A fake cluster in a process of its own, for all tests of this file."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [CLI, "fake", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.brokers = self.process.stdout.readline().strip()

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code


def unused_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class CliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake("--nodes", "3")

    @classmethod
    def tearDownClass(cls):
        cls.fake.end()

    def environment(self, brokers=None):
        return dict(os.environ, KAFKA_BROKERS=brokers or self.fake.brokers)

    def run_cli(self, *arguments, stdin=b"", brokers=None, code=0):
        """Runs a command, checks its exit code, returns what it wrote as bytes and what it complained of as text."""
        done = subprocess.run([CLI, *arguments], input=stdin, capture_output=True, timeout=PATIENCE,
                              env=self.environment(brokers), check=False)
        self.assertEqual(done.returncode, code, (arguments, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout, done.stderr.decode()

    def out(self, *arguments, **more):
        return self.run_cli(*arguments, **more)[0]

    def start(self, *arguments, **more):
        process = subprocess.Popen([CLI, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(), **more)
        self.addCleanup(self.put_away, process)
        return process

    @staticmethod
    def put_away(process):
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream and not stream.closed:
                stream.close()

    def topic(self, partitions=1):
        """A new topic, named after the test."""
        name = self.id().rsplit(".", 1)[1]
        self.run_cli("topics", "create", name, "--partitions", str(partitions))
        return name

    def records(self, topic, *arguments):
        return [json.loads(line) for line in self.out("consume", topic, "-e", "--json", *arguments).splitlines()]


class Topics(CliTest):
    def test_create_list_describe_delete(self):
        name = self.topic(partitions=2)
        self.assertIn(name, self.out("topics", "list").decode().splitlines())
        self.assertIn(name, json.loads(self.out("topics", "list", "--json")))
        self.out("produce", name, "-v", "x", "-p", "1")
        lines = [line.split("\t") for line in self.out("topics", "describe", name).decode().splitlines()]
        self.assertEqual([line[0] for line in lines], ["0", "1"])
        self.assertEqual([line[4:] for line in lines], [["0", "0"], ["0", "1"]])
        for line in lines:
            self.assertEqual(len(line), 6)
            self.assertIn(line[1], ("1", "2", "3"))
            self.assertEqual(line[2], line[3])
        described = json.loads(self.out("topics", "describe", name, "--json"))
        self.assertEqual(described["topic"], name)
        self.assertEqual([each["newest"] for each in described["partitions"]], [0, 1])
        self.assertEqual([each["oldest"] for each in described["partitions"]], [0, 0])
        self.assertEqual([[each["leader"]] for each in described["partitions"]],
                         [each["replicas"] for each in described["partitions"]])
        out, told = self.run_cli("topics", "delete", name, "--yes")
        self.assertEqual(out, b"")
        self.assertIn(name, told)
        self.assertNotIn(name, self.out("topics", "list").decode().splitlines())

    def test_replicas_and_configuration_reach_the_broker(self):
        self.run_cli("topics", "create", "replicated", "--partitions", "1", "--replication-factor", "3",
                     "--config", "retention.ms=3600000", "--config", "cleanup.policy=compact")
        line = self.out("topics", "describe", "replicated").decode().strip().split("\t")
        self.assertEqual(sorted(line[2].split(",")), ["1", "2", "3"])
        _, told = self.run_cli("topics", "create", "wrong", "--config", "cleanup.policy=sometimes", code=1)
        self.assertIn("cleanup.policy", told)

    def test_delete_wants_a_yes(self):
        name = self.topic()
        out, told = self.run_cli("topics", "delete", name, code=2)
        self.assertEqual(out, b"")
        self.assertIn("--yes", told)
        self.assertIn(name, self.out("topics", "list").decode().splitlines())

    def test_failures_name_topic_and_cause(self):
        for arguments in (("topics", "describe", "absent"), ("topics", "delete", "absent", "--yes"),
                          ("consume", "absent", "-e")):
            out, told = self.run_cli(*arguments, code=1)
            self.assertEqual(out, b"")
            self.assertIn("absent", told)
            self.assertIn("UNKNOWN_TOPIC_OR_PARTITION", told)
            self.assertEqual(told.count("\n"), 1, told)
        name = self.topic()
        _, told = self.run_cli("topics", "create", name, code=1)
        self.assertIn("TOPIC_ALREADY_EXISTS", told)
        _, told = self.run_cli("topics", "create", "too-many", "--replication-factor", "9", code=1)
        self.assertIn("INVALID_REPLICATION_FACTOR", told)


class OldWords(CliTest):
    def test_the_whole_life_of_a_topic(self):
        brokers = ("-brokers", self.fake.brokers)
        elsewhere = f"127.0.0.1:{unused_port()}"

        def old(*arguments, code=0):
            return self.run_cli(*brokers, *arguments, brokers=elsewhere, code=code)

        old("-create", "-topic", "old", "-partition", "2", "-replica", "3")
        self.assertIn("old", old("-list")[0].decode().splitlines())
        self.assertEqual(len(old("-query", "-topic", "old")[0].decode().splitlines()), 2)
        sent = old("-produce", "-topic", "old", "-value", "v0", "-key", "k0", "-partition", "1")[0]
        self.assertEqual(sent, b"1\t0\n")
        old("-produce", "-topic", "old", "-valu3", "v1", "-partition", "1")
        read = [json.loads(line) for line in
                old("-consume", "-topic", "old", "-partition", "1", "-offset", "1", "-e")[0].splitlines()]
        self.assertEqual([(each["key"], each["value"]) for each in read], [("k0", "v0"), (None, "v1")])
        old("-delete", "-topic", "old")
        self.assertNotIn("old", old("-list")[0].decode().splitlines())

    def test_consume_begins_at_the_newest_record(self):
        name = self.topic()
        self.out("produce", name, "-v", "before")
        process = self.start("-consume", "-topic", name)
        # Nothing tells from outside that the end was looked up: send until something arrives.
        for number in range(600):
            self.out("produce", name, "-v", f"after {number}")
            if select.select([process.stdout], [], [], 0.1)[0]:
                break
        line = json.loads(process.stdout.readline())
        self.assertTrue(line["value"].startswith("after"), line)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)

    def test_a_group_goes_on_where_it_stopped(self):
        name = self.topic(partitions=2)
        for number in range(6):
            self.out("produce", name, "-v", f"{number}", "-p", str(number % 2))
        first = self.out("-consume", "-topic", name, "-group", f"g-{name}", "-offset", "1", "-n", "4").splitlines()
        rest = self.out("consume", name, "-g", f"g-{name}", "-n", "2", "--json").splitlines()
        values = [json.loads(line)["value"] for line in first + rest]
        self.assertEqual(sorted(values), [str(number) for number in range(6)])

    def test_a_group_and_a_partition_exclude_each_other(self):
        out, told = self.run_cli("-consume", "-topic", "t", "-group", "g", "-partition", "0", code=2)
        self.assertEqual(out, b"")
        self.assertIn("exclude each other", told)


class Produce(CliTest):
    def test_one_record_prints_where_it_went(self):
        name = self.topic(partitions=3)
        self.assertEqual(self.out("produce", name, "-v", "a", "-p", "2"), b"2\t0\n")
        self.assertEqual(self.out("produce", name, "-v", "b", "-p", "2"), b"2\t1\n")
        # murmur2 of "customer-7", positive, modulo 3, as Java has it.
        partition = self.out("produce", name, "-v", "c", "-k", "customer-7").split(b"\t")[0]
        again = self.out("produce", name, "-v", "d", "-k", "customer-7").split(b"\t")[0]
        self.assertEqual(partition, again)

    def test_keys_values_and_headers_arrive_as_they_were_given(self):
        name = self.topic()
        self.out("produce", name, "-k", "", "-v", "", "-H", "shop=3", "-H", "shop=", "-H", "none")
        self.out("produce", name, "-k", "", "-v", "", "-Z")
        self.out("produce", name, "-v", "-list", "-k", "-5")
        read = self.records(name)
        self.assertEqual([(each["key"], each["value"]) for each in read], [("", ""), (None, None), ("-5", "-list")])
        self.assertEqual(read[0]["headers"], [["shop", "3"], ["shop", ""], ["none", None]])
        self.assertEqual(read[1]["headers"], [])

    def test_lines_are_split_at_the_first_delimiter(self):
        name = self.topic()
        out, told = self.run_cli("produce", name, "-K", "\\t", "-H", "h=1", stdin=b"k\tv\tw\nno key\n\tempty key\n\nlast")
        self.assertEqual(out, b"")
        self.assertRegex(told, r"^5 records, .* records/s")
        self.assertEqual([(each["key"], each["value"]) for each in self.records(name)],
                         [("k", "v\tw"), (None, "no key"), ("", "empty key"), (None, ""), (None, "last")])
        self.assertTrue(all(each["headers"] == [["h", "1"]] for each in self.records(name)))

    def test_lines_without_a_key_take_the_given_one(self):
        name = self.topic()
        self.run_cli("produce", name, "-K", ":", "-k", "fixed", "-Z", stdin=b"own:1\n2\nown:\n")
        self.assertEqual([(each["key"], each["value"]) for each in self.records(name)],
                         [("own", "1"), ("fixed", "2"), ("own", None)])

    def test_every_codec_and_many_records_in_order(self):
        lines = [f"record {number} {'x' * (number % 300)}" for number in range(20000)]
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            name = f"codec-{codec}"
            self.run_cli("topics", "create", name)
            self.run_cli("produce", name, "-z", codec, stdin="\n".join(lines).encode())
            self.assertEqual(self.out("consume", name, "-e").decode().splitlines(), lines, codec)

    def test_nothing_is_nothing(self):
        name = self.topic()
        _, told = self.run_cli("produce", name)
        self.assertIn("0 records", told)
        self.assertEqual(self.out("consume", name, "-e"), b"")

    def test_records_that_cannot_be_delivered_are_counted(self):
        name = self.topic()
        big = b"y" * 3_000_000
        _, told = self.run_cli("produce", name, stdin=b"fits\n" + big + b"\nfits, too\n", code=1)
        self.assertRegex(told, r"kafka-cli: produce: .*[12] of [23] records were not delivered")
        self.assertTrue(told.splitlines()[-1].startswith("kafka-cli: "), told)

    def test_a_partition_that_is_not_there(self):
        name = self.topic()
        _, told = self.run_cli("produce", name, "-v", "x", "-p", "7", "--timeout", "2", code=1)
        self.assertIn("7", told)
        self.assertIn(name, told)

    def test_ctrl_c_ends_after_what_was_read_is_delivered(self):
        name = self.topic()
        process = self.start("produce", name, stdin=subprocess.PIPE)
        process.stdin.write(b"typed\n")
        process.stdin.flush()
        self.wait_for(name, 1)
        process.stdin.write(b"typed, too\n")
        process.stdin.flush()
        self.wait_for(name, 2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assertIn("2 records", process.stderr.read().decode())

    def wait_for(self, name, count):
        for _ in range(600):
            if len(self.records(name)) >= count:
                return
        self.fail("records did not arrive")


class Consume(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        environment = dict(os.environ, KAFKA_BROKERS=cls.fake.brokers)
        subprocess.run([CLI, "topics", "create", "numbers", "--partitions", "3"], env=environment, check=True,
                       capture_output=True)
        for partition in range(3):
            lines = "".join(f"{partition}:{number}\n" for number in range(10))
            subprocess.run([CLI, "produce", "numbers", "-p", str(partition)], input=lines.encode(), env=environment,
                           check=True, capture_output=True)

    def values(self, *arguments):
        return self.out("consume", "numbers", *arguments).decode().splitlines()

    def test_all_partitions_in_order(self):
        values = self.values("-e")
        self.assertEqual(len(values), 30)
        for partition in range(3):
            self.assertEqual([value for value in values if value.startswith(f"{partition}:")],
                             [f"{partition}:{number}" for number in range(10)])

    def test_chosen_partitions(self):
        self.assertEqual(len(self.values("-e", "-p", "0,2")), 20)
        self.assertEqual(len(self.values("-e", "-p", "0", "-p", "2")), 20)
        self.assertEqual(self.values("-e", "-p", "1"), [f"1:{number}" for number in range(10)])
        _, told = self.run_cli("consume", "numbers", "-p", "3", code=1)
        self.assertIn("numbers has no partition 3", told)

    def test_every_beginning(self):
        self.assertEqual(self.values("-e", "-p", "0", "--from", "7"), ["0:7", "0:8", "0:9"])
        self.assertEqual(self.values("-e", "-p", "0", "--from", "-2"), ["0:8", "0:9"])
        self.assertEqual(len(self.values("-e", "--from", "-2")), 6)
        self.assertEqual(len(self.values("-e", "--from", "-100")), 30)
        self.assertEqual(self.values("-e", "--from", "newest"), [])
        self.assertEqual(len(self.values("-e", "--from", "@0")), 30)
        self.assertEqual(len(self.values("-e", "--from", "@2020-01-01")), 30)
        self.assertEqual(self.values("-e", "--from", "@2120-01-01T00:00Z"), [])
        self.assertEqual(self.values("-e", "-p", "0", "--from", "10"), [])

    def test_time_finds_the_record(self):
        name = self.topic()
        for value in ("one", "two", "three"):
            self.out("produce", name, "-v", value)
            time.sleep(0.02)
        second = self.records(name)[1]["timestamp"]
        self.assertEqual(self.out("consume", name, "-e", "--from", f"@{second}"), b"two\nthree\n")

    def test_an_offset_outside_the_log_is_an_error(self):
        out, told = self.run_cli("consume", "numbers", "-p", "0", "--from", "11", "-n", "1", code=1)
        self.assertEqual(out, b"")
        self.assertRegex(told, "numbers")
        self.assertEqual(len(self.values("-p", "0", "--from", "11", "-n", "1", "-X", "auto.offset.reset=earliest")), 1)

    def test_count_is_exact(self):
        for count in (0, 1, 7, 30):
            self.assertEqual(len(self.values("-n", str(count))), count)
        self.assertEqual(len(self.values("-n", "1000", "-e")), 30)

    def test_count_waits_for_what_comes(self):
        name = self.topic()
        process = self.start("consume", name, "-n", "3", stdin=subprocess.DEVNULL)
        self.run_cli("produce", name, stdin=b"a\nb\nc\nd\n")
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(process.stdout.read(), b"a\nb\nc\n")

    def test_the_end_is_that_of_the_beginning(self):
        # A producer that never stops must not keep -e from ending.
        name = self.topic()
        feeder = self.start("produce", name, stdin=subprocess.PIPE)
        for number in range(5000):
            feeder.stdin.write(b"%d\n" % number)
            if number % 100 == 0:
                feeder.stdin.flush()
                out = self.out("consume", name, "-e") if number % 1000 == 0 else b""
                self.assertLessEqual(len(out.splitlines()), number + 101)
        feeder.stdin.close()
        self.assertEqual(feeder.wait(PATIENCE), 0)
        self.assertEqual(len(self.out("consume", name, "-e").splitlines()), 5000)

    def test_json_keeps_null_text_and_bytes_apart(self):
        name = self.topic()
        self.run_cli("produce", name, "-K", ":", "-Z", "-H", "h=\u00e4", stdin=b"k:\nk:\xff\xfe\n:gr\xc3\xbc\xc3\x9fe \"x\"\\\x01\n")
        read = self.records(name)
        self.assertEqual([each["key"] for each in read], ["k", "k", None])
        self.assertEqual(read[0]["value"], None)
        self.assertEqual(base64.b64decode(read[1]["value"]["base64"]), b"\xff\xfe")
        self.assertEqual(read[2]["value"], 'gr\u00fc\u00dfe "x"\\\x01')
        self.assertEqual(list(read[0]), ["topic", "partition", "offset", "timestamp", "key", "value", "headers"])
        self.assertEqual(read[0]["headers"], [["h", "\u00e4"]])
        self.assertEqual([each["offset"] for each in read], [0, 1, 2])
        self.assertLess(abs(read[0]["timestamp"] / 1000 - time.time()), PATIENCE)

    def test_closed_pipe_ends_quietly(self):
        name = self.topic()
        self.run_cli("produce", name, stdin=b"".join(b"%d\n" % number for number in range(200000)))
        process = self.start("consume", name)
        self.assertEqual(process.stdout.readline(), b"0\n")
        process.stdout.close()
        # A record that comes later is what shows it to a consumer with nothing left to write.
        self.out("produce", name, "-v", "more")
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_data_is_written_when_nothing_more_comes(self):
        name = self.topic()
        process = self.start("consume", name)
        self.out("produce", name, "-v", "only")
        self.assertEqual(process.stdout.readline(), b"only\n")
        for number, code in ((signal.SIGTERM, 143),):
            process.send_signal(number)
            self.assertEqual(process.wait(PATIENCE), code)
        self.assertEqual(process.stderr.read(), b"")

    def test_ctrl_c_ends_in_order(self):
        process = self.start("consume", "numbers")
        for _ in range(30):
            process.stdout.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(process.stdout.read(), b"")
        self.assertEqual(process.stderr.read(), b"")


class Kcat(CliTest):
    """The same topic through kcat: same formats, same records, both ways."""

    def kcat(self, *arguments, stdin=b""):
        done = subprocess.run(["kcat", "-b", self.fake.brokers, *arguments], input=stdin, capture_output=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, (arguments, done.stderr))
        return done.stdout

    def test_formats_print_the_same(self):
        name = self.topic()
        self.run_cli("produce", name, "-K", ":", "-Z", "-H", "a=1", "-H", "a=", "-H", "n", stdin=b"k:v\nno key\nk:\n:w\n")
        self.out("produce", name, "-v", "", "-k", "")
        for form in ("%t %p %o %T\\n", "%k|%s|%K|%S\\n", "%h\\n", "%R%s", "100%%\\t%s\\x0a", "\\q\\\\%s\\n", "%s%s%k\\n"):
            self.assertEqual(self.out("consume", name, "-e", "-f", form),
                             self.kcat("-C", "-t", name, "-e", "-q", "-f", form), form)

    def test_kcat_reads_what_we_write(self):
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            name = f"to-kcat-{codec}"
            self.run_cli("topics", "create", name)
            lines = [f"key{number}:value {number}" for number in range(1000)]
            self.run_cli("produce", name, "-K", ":", "-z", codec, stdin="\n".join(lines).encode())
            self.assertEqual(self.kcat("-C", "-t", name, "-e", "-q", "-K:").decode().splitlines(), lines, codec)

    def test_we_read_what_kcat_writes(self):
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            name = f"from-kcat-{codec}"
            self.run_cli("topics", "create", name)
            lines = [f"key{number}:value {number}" for number in range(1000)]
            self.kcat("-P", "-t", name, "-K:", "-z", codec, "-H", "h=x", stdin="\n".join(lines).encode())
            read = self.records(name)
            self.assertEqual([f"{each['key']}:{each['value']}" for each in read], lines, codec)
            self.assertTrue(all(each["headers"] == [["h", "x"]] for each in read), codec)


class Endings(CliTest):
    def test_an_unreachable_broker_is_named(self):
        address = f"127.0.0.1:{unused_port()}"
        name = "anything"
        for arguments in (("topics", "list"), ("topics", "describe", name), ("topics", "create", name),
                          ("topics", "delete", name, "--yes"), ("produce", name, "-v", "x"), ("consume", name, "-e")):
            began = time.monotonic()
            out, told = self.run_cli(*arguments, "--timeout", "0.5", brokers=address, code=1)
            self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(out, b"")
            self.assertEqual(told.count("\n"), 1, told)
            command = " ".join(arguments[:2] if arguments[0] == "topics" else arguments[:1])
            self.assertTrue(told.startswith(f"kafka-cli: {command}: "), told)
            self.assertIn(address, told)
        _, told = self.run_cli("produce", name, "--timeout", "0.5", brokers=address, stdin=b"x\ny\n", code=1)
        self.assertIn(address, told)
        self.assertIn("1 of 1 records were not delivered", told)

    def test_ctrl_c_ends_the_wait_for_a_broker(self):
        address = f"127.0.0.1:{unused_port()}"
        for arguments in (("topics", "list"), ("produce", "t", "-v", "x"), ("consume", "t")):
            process = subprocess.Popen([CLI, *arguments, "--timeout", "50", "--log", "debug"], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment(address))
            self.addCleanup(self.put_away, process)
            process.stderr.readline()  # it tries
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 130, arguments)
            self.assertLess(time.monotonic() - began, 10)

    def test_what_is_no_broker_is_named(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            process = subprocess.Popen([CLI, "topics", "list", "-b", address, "--timeout", "2"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.addCleanup(self.put_away, process)
            listener.settimeout(PATIENCE)
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                self.assertEqual(process.wait(PATIENCE), 1)
        told = process.stderr.read().decode()
        self.assertIn("HTTP", told)
        self.assertIn(address, told)

    def test_usage_is_two(self):
        for arguments in ((), ("nonsense",), ("topics",), ("consume",), ("consume", "t", "--from", "soon"),
                          ("consume", "t", "-f", "%z"), ("consume", "t", "--json", "-f", "%s"),
                          ("produce", "t", "-z", "lzma"), ("produce", "t", "-v", "x", "-X", "linger.ms=soon"),
                          ("produce", "t", "-v", "x", "-X", "acks=9"), ("topics", "list", "-X", "no.such.key=1"),
                          ("topics", "list", "-F", "/no/such/file"), ("topics", "list", "-b", "a:b")):
            out, told = self.run_cli(*arguments, code=2)
            self.assertEqual(out, b"", arguments)
            self.assertNotEqual(told, "", arguments)

    def test_help_and_version_are_data(self):
        out, told = self.run_cli("--version")
        self.assertRegex(out.decode(), r"^kafka-cli \d+\.\d+\.\d+\n$")
        self.assertEqual(told, "")
        out, told = self.run_cli("consume", "--help")
        self.assertIn("Examples:", out.decode())
        self.assertEqual(told, "")

    def test_properties_files_and_x_are_heeded(self):
        with tempfile.NamedTemporaryFile("w", suffix=".properties") as file:
            file.write(f"bootstrap.servers = {self.fake.brokers}\nlinger.ms = 0\nfetch.min.bytes = 1\n")
            file.flush()
            self.assertEqual(self.run_without_brokers("topics", "list", "-F", file.name), 0)
        self.assertEqual(self.run_without_brokers("topics", "list", "-X", f"bootstrap.servers={self.fake.brokers}"), 0)

    def run_without_brokers(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BROKERS"}
        return subprocess.run([CLI, *arguments], env=environment, capture_output=True, timeout=PATIENCE,
                              check=False).returncode

    def test_standard_streams_that_are_closed_are_not_taken_for_others(self):
        name = self.topic()
        command = f'exec "{CLI}" '
        for closed, arguments, code, told in (("<&-", f"produce {name}", 1, b"Bad file descriptor"),
                                              (">&-", f"produce {name} -v x", 1, b"Bad file descriptor"),
                                              ("2>&-", "topics list", 0, b"")):
            with self.subTest(closed):
                done = subprocess.run(["sh", "-c", command + arguments + " " + closed], capture_output=True, timeout=PATIENCE,
                                      env=self.environment(), check=False)
                self.assertEqual(done.returncode, code, done)
                self.assertIn(told, done.stderr)

    def test_a_broker_that_accepts_and_says_nothing_is_named_or_gone_around(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for words in (("topics", "list"), ("topics", "describe", "t"), ("produce", "t", "-v", "x"), ("consume", "t"),
                      ("consume", "t", "-g", "g"), ("groups", "list")):
            with self.subTest(words):
                told = self.run_cli(*words, "--timeout", "2", brokers=address, code=1)[1]
                self.assertIn(address, told)
                self.assertIn("ApiVersions", told)
                self.assertEqual(told.rstrip().count("\n"), 0, told)
        name = self.topic()
        self.assertIn(name, self.run_cli("topics", "list", "--timeout", "8", brokers=f"{address},{self.fake.brokers}")[0].decode())

    def test_numbers_that_are_none_are_refused_in_a_short_sentence(self):
        for words in (("consume", "t", "-n", "abc"), ("consume", "t", "-n", "-1"), ("consume", "t", "-p", "x"),
                      ("topics", "create", "t", "--partitions", "0"), ("topics", "create", "t", "--partitions", "1.5")):
            with self.subTest(words):
                told = self.run_cli(*words, code=2)[1]
                self.assertIn("is not a whole number of at least", told)
                self.assertLess(len(told), 200)
        self.assertIn("exclude", self.run_cli("produce", "t", "-v", "a:b", "-K", ":", code=2)[1])
        self.assertIn("topic", self.run_cli("produce", "", "-v", "a", code=2)[1])

    def test_a_full_disk_is_a_failure(self):
        name = self.topic()
        self.out("produce", name, "-v", "x")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([CLI, "consume", name, "-e"], stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE,
                                  env=self.environment(), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No space left", done.stderr)


class Terminal(CliTest):
    """What only a terminal gets to see."""

    def on_terminal(self, *arguments, typed=b"", stdout=None):
        """Runs a command on a pseudo terminal; returns its exit code and all that the terminal showed."""
        leader, follower = pty.openpty()
        process = subprocess.Popen([CLI, *arguments], stdin=follower, stdout=stdout or follower, stderr=follower,
                                   env=self.environment())
        self.addCleanup(self.put_away, process)
        os.close(follower)
        os.write(leader, typed)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # what Linux says when the last process has left the terminal
                break
            if not piece:
                break
            shown += piece
        os.close(leader)
        return process.wait(PATIENCE), shown.decode()

    def test_describe_has_a_header(self):
        name = self.topic()
        code, shown = self.on_terminal("topics", "describe", name)
        self.assertEqual(code, 0)
        self.assertEqual(shown.splitlines()[0].split(), ["partition", "leader", "replicas", "in_sync", "oldest", "newest"])

    def test_delete_asks(self):
        name = self.topic()
        code, shown = self.on_terminal("topics", "delete", name, typed=b"n\n")
        self.assertEqual(code, 2)
        self.assertIn(f"Delete topic {name}", shown)
        self.assertIn(name, self.out("topics", "list").decode().splitlines())
        code, _ = self.on_terminal("topics", "delete", name, typed=b"y\n")
        self.assertEqual(code, 0)
        self.assertNotIn(name, self.out("topics", "list").decode().splitlines())

    def test_counted_reading_into_a_file_shows_progress(self):
        name = self.topic()
        self.run_cli("produce", name, stdin=b"".join(b"%d\n" % number for number in range(1000)))
        with tempfile.TemporaryFile() as file:
            code, shown = self.on_terminal("consume", name, "-n", "1000", stdout=file)
            file.seek(0)
            self.assertEqual(len(file.read().splitlines()), 1000)
        self.assertEqual(code, 0)
        self.assertRegex(shown, r"1000 records, .* MB, 100 % of 1000 records: \d+ records/s, [\d.]+ MB/s")
        # Data on a terminal is not mixed with progress.
        code, shown = self.on_terminal("consume", name, "-n", "1000")
        self.assertNotIn("records/s", shown)
        self.assertEqual(len(shown.splitlines()), 1000)


class FakeAndDemo(unittest.TestCase):
    def test_fake_serves_on_consecutive_ports_until_a_signal(self):
        fake = Fake("--nodes", "2")
        self.assertRegex(fake.brokers, r"^127\.0\.0\.1:\d+,127\.0\.0\.1:\d+$")
        done = subprocess.run([CLI, "topics", "list", "-b", fake.brokers], timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(fake.end(), 130)
        fake = Fake()
        self.assertEqual(fake.end(signal.SIGTERM), 143)

    def test_a_taken_port_is_an_error(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            done = subprocess.run([CLI, "fake", "--port", str(listener.getsockname()[1])], capture_output=True,
                                  timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith(b"kafka-cli: "), done.stderr)

    def test_demo_checks_every_record(self):
        done = subprocess.run([CLI, "demo", "--records", "20000"], capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        out = done.stdout.decode()
        self.assertRegex(out, r"produced 20000 records, .* records/s, .* MB/s")
        self.assertRegex(out, r"consumed 20000 records, .* records/s, .* MB/s")
        self.assertIn("checked: every record came back once", out)


if __name__ == "__main__":
    CLI = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
