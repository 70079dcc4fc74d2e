# SPDX-License-Identifier: Apache-2.0
"""Positions whose ground moves: topics made again, records deleted below and above them, logs that end with what nobody may see."""

import json
import tempfile

from chaos import ChaosTest
from support import main


class Moving(ChaosTest):
    def send(self, topic, first, count):
        lines = b"".join(b"%d\n" % number for number in range(first, first + count))
        self.run_cli("produce", topic, "-p", "0", stdin=lines)

    def delete_before(self, topic, offset):
        tool = "kafka.admin" if self.version < (3, 0) else "org.apache.kafka.tools"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": offset}]}, file)
            file.flush()
            self.tool(f"{tool}.DeleteRecordsCommand", "--bootstrap-server", self.brokers, "--offset-json-file", file.name)

    def read_as_group(self, topic, count, *arguments):
        out = self.out("consume", topic, "-g", f"readers-of-{topic}", "-n", str(count), *arguments)
        return [int(line) for line in out.split()]

    def start_reading(self, topic, *arguments):
        return self.start(self.cli, "consume", topic, "--json", *arguments)

    def test_a_topic_that_is_made_again_is_another_topic(self):
        self.create("again")
        self.send("again", 0, 20)
        reader = self.start_reading("again")
        self.assertTrue(reader.wait_for(lambda told: len(told) == 20))
        self.assertEqual(self.read_as_group("again", 10, "--from", "oldest"), list(range(10)))
        self.run_cli("topics", "delete", "again", "--yes")
        # Brokers with ZooKeeper delete some time after they said so.
        self.wait_until(lambda: "already exists" not in self.run_cli("topics", "create", "again", code=None)[1], "its deletion")
        self.send("again", 100, 30)
        # By hand: the command ends with what happened, and never printed a record of the new topic by an offset of the old.
        if self.version >= (2, 8):
            code, told = reader.finish()
            self.assertEqual(code, 1, told)
            self.assertIn("topic_recreated", told)
            self.assertEqual(len(reader.lines), 20)
        # The group has nothing stored for the new one: it begins at its beginning, not at 10.
        self.assertEqual(self.read_as_group("again", 30, "--from", "oldest"), list(range(100, 130)))

    def test_records_deleted_past_a_stored_position_reset_it_once(self):
        self.create("shortened")
        self.send("shortened", 0, 10)
        self.assertEqual(self.read_as_group("shortened", 3, "--from", "oldest"), [0, 1, 2])
        self.delete_before("shortened", 6)
        self.assertEqual(self.read_as_group("shortened", 4, "--from", "oldest"), [6, 7, 8, 9])
        self.send("shortened", 10, 2)
        self.assertEqual(self.read_as_group("shortened", 2, "--from", "oldest"), [10, 11])

    def test_records_deleted_behind_a_reader_do_not_move_it(self):
        self.create("eaten")
        self.send("eaten", 0, 10)
        reader = self.start_reading("eaten")
        self.assertTrue(reader.wait_for(lambda told: len(told) == 10))
        self.delete_before("eaten", 10)
        self.send("eaten", 10, 5)
        self.assertTrue(reader.wait_for(lambda told: len(told) == 15))
        self.assertEqual([int(line["value"]) for line in reader.lines], list(range(15)))
        self.assertEqual([line["offset"] for line in reader.lines], list(range(15)))

    def test_a_reset_by_duration_begins_at_what_is_young_enough(self):
        self.create("aged")
        self.send("aged", 0, 5)
        out = self.out("consume", "aged", "-e", "--from", "99", "-X", "auto.offset.reset=by_duration:P1D")
        self.assertEqual(out, b"")  # it ends where the partition ended, which is before 99
        out = self.out("consume", "aged", "--from", "99", "-n", "5", "-X", "auto.offset.reset=by_duration:P1D")
        self.assertEqual([int(line) for line in out.split()], list(range(5)))

    def test_interleaved_and_aborted_transactions_are_read_as_java_and_kcat_read_them(self):
        topic = self.create("interleaved", partitions=2)
        movers = [self.start("chaos_transactions", "--brokers", self.brokers, "--topic", topic, "--transactional-id",
                             f"interleaved-{name}", "--from", str(name * 100_000), "--count", "1500", "--per-transaction",
                             "20", "--abort-every", "2") for name in range(3)]
        for mover in movers:
            self.assertEqual(mover.finish(), (0, ""), mover.lines[-3:])
        ours = self.cli_records(topic, "-X", "isolation.level=read_committed")
        everything = self.cli_records(topic)
        self.assertGreater(len(everything), len(ours))
        self.assert_same(self.kcat_records(topic, "-X", "isolation.level=read_committed"), ours, "kcat")
        committed = {number for mover in movers for line in mover.lines if line.get("outcome") == "committed"
                     for number in range(line["first"], line["last"] + 1)}
        self.assert_same(sorted(int(record.value) for record in ours if record.value.isdigit()), sorted(committed))
        # With a small limit the lists of aborted transactions come in many answers.
        small = self.cli_records(topic, "-X", "isolation.level=read_committed", "-X", "max.partition.fetch.bytes=700",
                                 "-X", "fetch.max.bytes=700")
        self.assert_same(small, ours, "in small answers")


if __name__ == "__main__":
    main()
