# SPDX-License-Identifier: Apache-2.0
"""What the integration tests have in common: three clients of one cluster, whose records can be compared.

A test program is run as: PROGRAM KAFKA_CLI SCRIPTS_BROKER FOLDER VERSION [unittest's own arguments]
"""

import base64
import itertools
import json
import os
import subprocess
import sys
import time
import unittest
from typing import NamedTuple, Optional

from cluster import Cluster

# Longer than any healthy run takes on a busy machine, shorter than ctest's own limit.
PATIENCE = 90
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")  # by their number in a batch's attributes


class Record(NamedTuple):
    """A record as one of the clients read it."""
    partition: int
    offset: int
    timestamp: int
    key: Optional[bytes]
    value: Optional[bytes]
    headers: tuple

    def content(self):
        return self.key, self.value, self.headers


def utf8(number):
    """Text of one to four bytes a character, another for each number."""
    return f"ключ-{number}-é-世界-\U0001f600-{number * 7919}"


def noise(size, seed=1):
    """Bytes that no codec makes smaller, none of them a line feed."""
    bits, pieces = seed, []
    for _ in range(size // 8 + 1):
        bits ^= bits << 13 & 0xFFFFFFFFFFFFFFFF
        bits ^= bits >> 7
        bits ^= bits << 17 & 0xFFFFFFFFFFFFFFFF
        pieces.append(bits.to_bytes(8, "little"))
    return b"".join(pieces)[:size].replace(b"\n", b"\x0b")


class ClusterTest(unittest.TestCase):
    """Tests on a cluster that is there already, which the ctest fixture started."""

    cli, cluster, brokers = "", None, ""
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.brokers = cls.cluster.brokers()

    @property
    def version(self):
        return tuple(int(number) for number in self.cluster.version.split("."))

    def assert_same(self, actual, expected, what=""):
        """Compares two lists. unittest's own comparison would draw a picture of large values that differ, for minutes."""
        for index, (one, other) in enumerate(itertools.zip_longest(actual, expected)):
            if one != other:
                self.fail(f"{what}: at {index} of {len(actual)}, expected {len(expected)}: {brief(one)}, not {brief(other)}")

    # --- kafka-cli ------------------------------------------------------------------------------------------------------

    def environment(self, brokers=None):
        return dict(os.environ, KAFKA_BROKERS=brokers or self.brokers)

    def run_cli(self, *arguments, stdin=b"", brokers=None, code=0):
        """Runs a command, checks its exit code (None: any); returns what it wrote as bytes, and its complaints as text."""
        done = subprocess.run([self.cli, *arguments], input=stdin, capture_output=True, timeout=PATIENCE,
                              env=self.environment(brokers), check=False)
        if code is not None:
            self.assertEqual(done.returncode, code, (arguments, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout, done.stderr.decode()

    def out(self, *arguments, **more):
        return self.run_cli(*arguments, **more)[0]

    def create(self, topic, *configs, partitions=1):
        options = [word for each in configs for word in ("--config", each)]
        self.run_cli("topics", "create", topic, "--partitions", str(partitions), "--timeout", "60", *options)
        return topic

    def cli_records(self, topic, *arguments):
        """All there is, by partition and offset."""
        return sorted(map(self.from_json, self.out("consume", topic, "-e", "--json", *arguments).splitlines()))

    @staticmethod
    def from_json(line):
        def plain(field):
            if isinstance(field, dict):
                return base64.b64decode(field["base64"], validate=True)
            return None if field is None else field.encode()

        read = json.loads(line)
        headers = tuple((name.encode(), plain(value)) for name, value in read["headers"])
        return Record(read["partition"], read["offset"], read["timestamp"], plain(read["key"]), plain(read["value"]),
                      headers)

    # --- kcat -----------------------------------------------------------------------------------------------------------

    def kcat(self, *arguments, stdin=b""):
        done = subprocess.run(["kcat", "-b", self.brokers, *arguments], input=stdin, capture_output=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, (arguments, done.stderr[-2000:]))
        return done.stdout

    def kcat_records(self, topic, *arguments):
        """All there is, by partition and offset. Header values must be without comma, and none may be \"NULL\"."""
        text = self.kcat("-C", "-e", "-q", "-t", topic, *arguments, "-f", "%p %o %T %K %S|%k%s|%h\\n")
        records, at = [], 0
        while at < len(text):
            bar = text.index(b"|", at)
            partition, offset, timestamp, key_size, value_size = map(int, text[at:bar].split())
            key, at = self.sized(text, bar + 1, key_size)
            value, at = self.sized(text, at, value_size)
            end = text.index(b"\n", at)
            pairs = (pair.split(b"=", 1) for pair in text[at + 1:end].split(b",") if pair)
            headers = tuple((name, None if value == b"NULL" else value) for name, value in pairs)
            records.append(Record(partition, offset, timestamp, key, value, headers))
            at = end + 1
        return sorted(records)

    @staticmethod
    def sized(text, at, size):
        return (None, at) if size < 0 else (text[at:at + size], at + size)

    # --- Java's tools ---------------------------------------------------------------------------------------------------

    def tool(self, *arguments, stdin=b""):
        done = subprocess.run([self.cluster.script, "tool", *arguments, "--dir", str(self.cluster.folder)], input=stdin,
                              capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, (arguments, done.stdout[-2000:], done.stderr[-2000:]))
        self.assertNotIn(b"Exception", done.stderr)
        return done.stdout

    def java_records(self, topic, count):
        """The first `count` records that Java's console consumer reads, by partition and offset."""
        option = "--formatter-property" if self.version >= (4, 2) else "--property"
        properties = ["print.timestamp=true", "print.partition=true", "print.offset=true", "print.headers=true",
                      "print.key=true", "key.separator=<|>", "line.separator=<#>\n", "null.literal=<null>"]
        text = self.tool("console-consumer", "--bootstrap-server", self.brokers, "--topic", topic, "--from-beginning",
                         "--max-messages", str(count), "--timeout-ms", str(PATIENCE * 500),
                         *[word for each in properties for word in (option, each)])
        lines = text.split(b"<#>\n")
        self.assertEqual((len(lines), lines[-1]), (count + 1, b""))
        return sorted(map(self.from_java, lines[:-1]))

    @staticmethod
    def from_java(line):
        def plain(field):
            return None if field == b"<null>" else field

        timestamp, partition, offset, headers, key, value = line.split(b"<|>", 5)
        pairs = () if headers == b"NO_HEADERS" else (pair.split(b":", 1) for pair in headers.split(b","))
        return Record(int(partition.split(b":")[1]), int(offset.split(b":")[1]), int(timestamp.split(b":")[1]),
                      plain(key), plain(value), tuple((name, plain(value)) for name, value in pairs))

    def java_produce(self, topic, text, *arguments, properties=()):
        option = "--reader-property" if self.version >= (4, 2) else "--property"
        self.tool("console-producer", "--bootstrap-server", self.brokers, "--topic", topic, *arguments,
                  *[word for each in properties for word in (option, each)], stdin=text)

    # --- waiting --------------------------------------------------------------------------------------------------------

    def wait_until(self, condition, what):
        """Returns the first true result of `condition`."""
        end = time.monotonic() + PATIENCE
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > end:
                self.fail(f"waited in vain: {what}")
            time.sleep(0.1)


def brief(value):
    """A value for a message, with the middle of long bytes left out."""
    if isinstance(value, tuple):
        return f"({', '.join(map(brief, value))})"
    text = repr(value)
    return text if len(text) < 200 else f"{text[:90]}...{text[-90:]} ({len(value)} bytes)"


def now():
    """The time in Kafka's timestamps."""
    return time.time_ns() // 1_000_000


def batches_on_disk(folder, topic, partition):
    """The attributes and record counts of the batches (format 2) that the broker keeps for a partition."""
    found = []
    for path in sorted((folder / f"{topic}-{partition}").glob("*.log")):
        data, at = path.read_bytes(), 0
        while at + 61 <= len(data):
            size = int.from_bytes(data[at + 8:at + 12], "big")
            if size == 0:
                break
            found.append((int.from_bytes(data[at + 21:at + 23], "big"), int.from_bytes(data[at + 57:at + 61], "big")))
            at += 12 + size
    return found


def main():
    cli, script, folder, version = sys.argv[1:5]
    del sys.argv[1:5]
    ClusterTest.cli = os.path.abspath(cli)
    ClusterTest.cluster = Cluster(os.path.abspath(script), folder, version)
    unittest.main(verbosity=2)
