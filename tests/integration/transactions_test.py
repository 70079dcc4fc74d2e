# SPDX-License-Identifier: Apache-2.0
"""Transactions of a producer that is killed, fenced, or too slow: readers of committed records see all of a transaction or
nothing, in order, once."""

import signal
import time

from chaos import ChaosTest, Transactions
from support import main

PARTITIONS = 3
FENCED_WITHIN = 5  # seconds


class TransactionTest(ChaosTest):
    def move(self, topic, name, first, count, *arguments):
        return self.start("chaos_transactions", "--brokers", self.brokers, "--topic", topic, "--transactional-id", name,
                          "--from", str(first), "--count", str(count), *arguments)

    def committed_log(self, topic):
        return self.java_log(topic, PARTITIONS, "--isolation-level", "read_committed")

    @staticmethod
    def outcomes(lines):
        return sum("outcome" in line for line in lines)

    def assert_fenced(self, mover, since):
        """It ends by itself, soon, for the right reason."""
        code, told = mover.finish()
        took = time.monotonic() - since
        self.assertEqual(code, 3, told)
        end = mover.lines[-1]
        self.assertEqual(end["severity"], "fatal", end)
        # The last is how Kafka 4 answers a commit when the transaction has been aborted for the new producer's sake.
        self.assertRegex(end["failed"], "PRODUCER_FENCED|INVALID_PRODUCER_EPOCH|INVALID_TXN_STATE")
        self.assertLess(took, FENCED_WITHIN, "seconds until the old producer was told")
        print(f"fenced after {took:.2f} s: {end['failed']}", flush=True)


class Killed(TransactionTest):
    records, kills, per_transaction = 10_000, 3, 50

    def test_readers_see_what_was_committed_of_a_producer_that_is_killed(self):
        topic = self.create(f"killed-{self.kills}-times", partitions=PARTITIONS)
        lines, first, began = [], 0, time.monotonic()
        for left in range(self.kills, -1, -1):
            mover = self.move(topic, topic, first, self.records - first, "--per-transaction", str(self.per_transaction),
                              "--abort-every", "3")
            if left:
                share = (self.records - first) // self.per_transaction // (left + 1)
                goal = self.random.randint(share // 2, share)
                self.assertTrue(mover.wait_for(lambda told, goal=goal: self.outcomes(told) >= goal), mover.lines[-3:])
                time.sleep(self.random.uniform(0, 0.02))
            code, told = mover.finish(signal.SIGKILL if left else None)
            self.assertEqual((code, told), (-signal.SIGKILL if left else 0, ""), mover.lines[-3:])
            lines += mover.lines
            first = 1 + max(line["last"] for line in lines if "last" in line)
        result = Transactions(lines)
        self.assertEqual(first, self.records)
        print(f"{result}, in {time.monotonic() - began:.1f} s", flush=True)
        seen = self.check_order(self.committed_log(topic))
        print(f"{len(result.check(self, seen))} of the unknown were committed; {len(seen)} records seen", flush=True)
        self.assertGreater(len(result.aborted), self.records // self.per_transaction // 4)
        everything = {int(record.value) for record in self.kcat_records(topic, "-X", "isolation.level=read_uncommitted")
                      if record.value.isdigit()}
        self.assertGreater(len(everything & result.numbers(result.aborted)), self.per_transaction,
                           "what was aborted had been written")


class KilledOften(Killed):
    """The long form, in `scripts/test --chaos`."""
    records, kills, per_transaction = 100_000, 10, 100


class Fenced(TransactionTest):
    def check_fenced(self, topic, old, new):
        first = Transactions(old.lines)
        self.assertEqual(len(first.failed), 1, old.lines[-3:])
        log = self.committed_log(topic)
        first_log = {partition: [record for record in records if int(record.value) < 1_000_000]
                     for partition, records in log.items()}
        for partition, records in log.items():
            self.assert_same(records[:len(first_log[partition])], first_log[partition], "nothing of the old after the new")
        Transactions(old.lines + new.lines).check(self, self.check_order(log))

    def test_a_second_producer_of_the_same_id_ends_the_first(self):
        topic = self.create("fenced", partitions=PARTITIONS)
        old = self.move(topic, "fenced", 0, 1_000_000, "--per-transaction", "20")
        self.assertTrue(old.wait_for(lambda told: self.outcomes(told) >= 20), old.lines)
        new = self.move(topic, "fenced", 1_000_000, 500)
        self.assertTrue(new.wait_for(bool), new.lines)
        self.assert_fenced(old, time.monotonic())
        self.assertEqual(new.finish(), (0, ""), new.lines[-3:])
        self.check_fenced(topic, old, new)

    def test_a_producer_that_slept_through_its_replacement_changes_nothing(self):
        topic = self.create("slept", partitions=PARTITIONS)
        old = self.move(topic, "slept", 0, 10_000, "--idle", "2000", "--idle-at", "within")
        self.assertTrue(old.wait_for(lambda told: told and "step" in told[-1]), old.lines)
        self.wait_until(lambda: self.kcat_records(topic, "-X", "isolation.level=read_uncommitted"), "half a transaction")
        old.process.send_signal(signal.SIGSTOP)
        new = self.move(topic, "slept", 1_000_000, 500)
        self.assertEqual(new.finish(), (0, ""), new.lines[-3:])
        time.sleep(2)  # the old one's pause is over when it goes on
        old.process.send_signal(signal.SIGCONT)
        self.assert_fenced(old, time.monotonic())
        self.check_fenced(topic, old, new)


class TooSlow(TransactionTest):
    patience = ("-X", "transaction.timeout.ms=1000", "--idle", "4000", "--idle-at")

    def test_an_idle_time_between_transactions_does_no_harm(self):
        topic = self.create("idle", partitions=PARTITIONS)
        mover = self.move(topic, "idle", 0, 300, *self.patience, "between")
        self.assertEqual(mover.finish(), (0, ""), mover.lines[-3:])
        result = Transactions(mover.lines)
        self.assertEqual((len(result.committed), len(result.aborted)), (6, 0))
        result.check(self, self.check_order(self.committed_log(topic)))

    def test_a_transaction_that_took_too_long_is_not_committed(self):
        for place in ("before-commit", "within"):
            topic = self.create(f"slow-{place}", partitions=PARTITIONS)
            mover = self.move(topic, topic, 0, 300, *self.patience, place)
            code, told = mover.finish()
            lines = mover.lines
            outcome = next(line for line in lines if "outcome" in line or "failed" in line)
            self.assertNotEqual(outcome.get("outcome"), "committed", "the first attempt was the coordinator's to abort")
            print(f"{place}: exit code {code}: {outcome}", flush=True)
            if code == 3:
                # The producer is of no use any more; another one goes on with the same records.
                self.assertEqual(outcome["severity"], "fatal", told)
                again = self.move(topic, topic, 0, 300)
                self.assertEqual(again.finish(), (0, ""), again.lines[-3:])
                lines = again.lines
            else:
                self.assertEqual((code, told), (0, ""))
            result = Transactions(lines)
            self.assertEqual(len(result.committed), 6)
            self.assertEqual(result.check(self, self.check_order(self.committed_log(topic))), set())


if __name__ == "__main__":
    main()
