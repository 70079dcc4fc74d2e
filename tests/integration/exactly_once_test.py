# SPDX-License-Identifier: Apache-2.0
"""transactional_processor on a real broker: what two of them copy is there once and in order, though one of them is killed
again and again."""

import signal
import time

from chaos import ChaosTest
from support import main

PARTITIONS = 4
GROUP = ("-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=500")


class ExactlyOnce(ChaosTest):
    records, kills = 12_000, 4

    def processor(self, source, target, name, *arguments):
        return self.start("chaos_processor", "--brokers", self.brokers, "--from", source, "--to", target, "--group", source,
                          "--transactional-id", f"{source}-{name}", "--per-transaction", "25", *GROUP, *arguments)

    def fill(self, source):
        by_partition = {}
        for partition in range(PARTITIONS):
            by_partition[partition] = [str(number).encode() for number in range(partition, self.records, PARTITIONS)]
            self.kcat("-P", "-t", source, "-p", str(partition), stdin=b"\n".join(by_partition[partition]))
        return by_partition

    @staticmethod
    def handled(lines):
        return max((line.get("handled", 0) for line in lines), default=0)

    def copy(self, name, members):
        """`members`: of each, its arguments. The first is killed."""
        source, target = self.create(name, partitions=PARTITIONS), self.create(f"{name}-copy", partitions=PARTITIONS)
        written, began, got_over = self.fill(source), time.monotonic(), 0
        others = [self.processor(source, target, index, *members[index]) for index in range(1, len(members))]
        for kill in range(self.kills):
            goal = self.random.randint(2, self.records // PARTITIONS // self.kills // 50) * 50
            if kill % 2 == 0:  # anywhere, while it stores the transaction as well
                victim = self.processor(source, target, 0, *members[0])
                self.assertTrue(victim.wait_for(lambda told, goal=goal: self.handled(told) >= goal), victim.lines[-3:])
                time.sleep(self.random.uniform(0, 0.02))
                self.assertEqual(victim.finish(signal.SIGKILL)[0], -signal.SIGKILL, victim.lines[-3:])
            else:  # in the middle of a transaction, of which something is written for certain
                victim = self.processor(source, target, 0, "-Y", "linger.ms=0", "--hold-at", str(goal - 5), *members[0])
                self.assertTrue(victim.wait_for(lambda told: any("holding" in line for line in told)), victim.lines[-3:])
                time.sleep(0.1)  # what was sent without lingering is written by then
                self.assertEqual(victim.finish(signal.SIGKILL)[0], -signal.SIGKILL, victim.lines[-3:])
        victim = self.processor(source, target, 0, *members[0])
        self.wait_until(lambda: len(self.kcat_records(target)) >= self.records, "all of them copied")
        for one in (victim, *others):
            code, told = one.finish(signal.SIGTERM)
            self.assertEqual((code, told), (0, ""), one.lines[-3:])
            got_over += sum("got_over" in line for line in one.lines)
        print(f"{self.records} records, {self.kills} kills, {got_over} errors got over, {time.monotonic() - began:.1f} s",
              flush=True)
        log = self.java_log(target, PARTITIONS, "--isolation-level", "read_committed")
        for partition, records in log.items():
            self.assert_same([record.value for record in records], written[partition], f"partition {partition}")
        uncommitted = self.kcat_records(target, "-X", "isolation.level=read_uncommitted")
        self.assertGreater(len(uncommitted), self.records + PARTITIONS, "a kill had left something that was taken back")

    def test_static_members_one_of_them_killed_again_and_again(self):
        self.copy("static", [("-X", f"group.instance.id=m{index}") for index in range(2)])

    def test_members_that_come_anew_with_eager_and_cooperative_rebalances(self):
        for strategy in ("range", "cooperative-sticky"):
            with self.subTest(strategy):
                self.copy(strategy, [("-X", f"partition.assignment.strategy={strategy}")] * 2)


class ExactlyOnceLong(ExactlyOnce):
    """The long form, in `scripts/test --chaos`."""
    records, kills = 100_000, 12


if __name__ == "__main__":
    main()
