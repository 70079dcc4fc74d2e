# SPDX-License-Identifier: Apache-2.0
"""Topics that make it hard for a producer: they grow, take no large batches, or refuse single records."""

import json

from chaos import ChaosTest
from support import batches_on_disk, main, noise

KEYS = 40


def murmur2(data):
    """Kafka's hash of a key."""
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    hashed = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at:at + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        hashed = hashed * multiplier & mask ^ word
    if whole < len(data):
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    hashed = (hashed ^ hashed >> 13) * multiplier & mask
    return (hashed ^ hashed >> 15) & 0x7FFFFFFF


class Grown(ChaosTest):
    def test_partitions_are_added_under_load(self):
        topic = self.create("grown", partitions=3)
        load = self.start_verifiable(topic, 500, repeating_keys=KEYS, properties={"metadata.max.age.ms": 500})
        self.assertTrue(load.wait_for(lambda told: self.acked(told) > 500), load.lines[-3:])
        self.tool("topics", "--bootstrap-server", self.brokers, "--alter", "--topic", topic, "--partitions", "6")
        self.assertTrue(load.wait_for(lambda told: any(line.get("partition", 0) > 2 for line in told)), load.lines[-3:])
        goal = self.acked(load.lines) + 500
        self.assertTrue(load.wait_for(lambda told: self.acked(told) > goal), load.lines[-3:])
        log = self.finish_verifiable(load, topic, 6)
        self.check_keys(sorted((record for records in log.values() for record in records), key=self.value_of))

    def check_keys(self, records):
        """Each key's partition follows from the number of partitions, which changes once."""
        for key in {record.key for record in records}:
            mine = [record for record in records if record.key == key]
            before, after = murmur2(key) % 3, murmur2(key) % 6
            moved = next((at for at, record in enumerate(mine) if record.partition == after), len(mine))
            if before != after:
                self.assertTrue(0 < moved < len(mine), key)
                self.assert_same([record.partition for record in mine],
                                 [before] * moved + [after] * (len(mine) - moved), f"partitions of {key}")
            else:
                self.assertEqual({record.partition for record in mine}, {before}, key)


class TooLarge(ChaosTest):
    limit = 200_000

    def lines(self, count, size=1000):
        return [b"%06d %s" % (number, noise(size, number + 1)) for number in range(count)]

    def check_split(self, topic, log, lines):
        self.assert_same([record.value for record in log[0]], lines, "log")
        path = self.cluster.data_folder()
        sizes = [count for _, count in batches_on_disk(path, topic, 0)]
        # The first batches were closed at a million bytes, and refused; halves of them, or less, were taken.
        self.assertGreater(len(sizes), len(b"".join(lines)) // self.limit)

    def test_batches_are_split_until_they_are_taken(self):
        topic = self.create("small-batches", f"max.message.bytes={self.limit}")
        lines = self.lines(8000)
        _, told = self.run_cli("produce", topic, "-X", "linger.ms=1000", stdin=b"\n".join(lines) + b"\n")
        self.assertIn("8000 records", told)
        self.check_split(topic, self.java_log(topic, 1), lines)

    def test_batches_of_a_transaction_are_split_as_well(self):
        topic = self.create("small-in-transaction", f"max.message.bytes={self.limit}")
        lines = self.lines(3000)
        self.run_cli("produce", topic, "--transactional-id", "splits", "-X", "linger.ms=1000",
                     stdin=b"\n".join(lines) + b"\n")
        self.check_split(topic, self.java_log(topic, 1, "--isolation-level", "read_committed"), lines)

    def test_a_record_that_no_split_makes_smaller_fails_alone(self):
        topic = self.create("one-large", f"max.message.bytes={self.limit}")
        lines = self.lines(2000)
        large = noise(self.limit + 1, 99)
        _, told = self.run_cli("produce", topic, "-X", "linger.ms=1000", code=1,
                               stdin=b"\n".join([*lines[:1000], large, *lines[1000:]]) + b"\n")
        self.assertIn("1 of 2001 records were not delivered", told)
        self.assertIn("MESSAGE_TOO_LARGE", told)
        self.check_split(topic, self.java_log(topic, 1), lines)


class Poisonous(ChaosTest):
    def test_a_record_that_the_broker_refuses_fails_alone(self):
        topic = self.create("needs-keys", "cleanup.policy=compact")
        records = [{"key": f"key {number}", "value": str(number)} for number in range(3000)]
        for poisoned in (2500, 1000, 999, 0):
            records.insert(poisoned, {"key": None, "value": "poison"})
        text = "".join(json.dumps(record) + "\n" for record in records).encode()
        _, told = self.run_cli("produce", topic, "--json", "-X", "linger.ms=500", code=1, stdin=text)
        self.assertIn("4 of 3004 records were not delivered", told)
        self.assertIn("INVALID_RECORD", told)
        log = self.java_records(topic, 3000)
        self.assert_same([(record.key, record.value) for record in log],
                         [(b"key %d" % number, b"%d" % number) for number in range(3000)], "log")


if __name__ == "__main__":
    main()
