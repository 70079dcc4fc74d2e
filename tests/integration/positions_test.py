# SPDX-License-Identifier: Apache-2.0
"""Where kafka-cli begins to read and where it ends, and how it prints, compared with kcat."""

import datetime
import json
import select
import signal
import subprocess

from support import PATIENCE, ClusterTest, main, now, utf8


class Positions(ClusterTest):
    topic = "positions"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls()
        test.create(cls.topic, partitions=3)
        for half in range(2):
            if half == 1:
                # The second half is to have later timestamps than the first.
                cls.turn = test.kcat_records(cls.topic)[-1].timestamp + 1
                test.wait_until(lambda: now() > cls.turn, "the next millisecond")
            for partition in range(3):
                lines = b"".join(b"%d:%d\n" % (partition, half * 10 + number) for number in range(10))
                test.run_cli("produce", cls.topic, "-p", str(partition), stdin=lines)
        cls.records = test.kcat_records(cls.topic)
        cls.second = min(record.timestamp for record in cls.records if record.offset >= 10)
        assert max(record.timestamp for record in cls.records if record.offset < 10) < cls.second

    def values(self, *arguments):
        return sorted(self.out("consume", self.topic, "-e", *arguments).split())

    def from_kcat(self, *arguments):
        return sorted(self.kcat("-C", "-e", "-q", "-t", self.topic, *arguments).split())

    def test_offsets(self):
        for ours, kcats in (("oldest", "beginning"), ("newest", "end"), ("13", "13"), ("0", "0"), ("-4", "-4"),
                            ("20", "20")):
            with self.subTest(begin=ours):
                self.assertEqual(self.values("--from", ours), self.from_kcat("-o", kcats))
        self.assertEqual(len(self.values("--from", "13")), 3 * 7)
        self.assertEqual(len(self.values("--from", "-4")), 3 * 4)
        self.assertEqual(len(self.values("--from", "-21")), 3 * 20)
        self.assertEqual(len(self.values()), 3 * 20)

    def test_times(self):
        def iso(milliseconds, zone=datetime.timezone.utc):
            time = datetime.datetime.fromtimestamp(milliseconds // 1000, zone).replace(
                microsecond=milliseconds % 1000 * 1000)
            return "@" + time.isoformat(timespec="milliseconds")

        halves = self.from_kcat("-o", f"s@{self.second}")
        self.assertEqual(len(halves), 3 * 10)
        self.assertEqual(self.values("--from", f"@{self.second}"), halves)
        self.assertEqual(self.values("--from", iso(self.second)), halves)
        self.assertEqual(self.values("--from", iso(self.second, datetime.timezone(datetime.timedelta(hours=-5)))), halves)
        self.assertEqual(self.values("--from", iso(self.second).replace("+00:00", "Z")), halves)
        for time in sorted({record.timestamp + more for record in self.records for more in (0, 1)}):
            with self.subTest(time=time):
                # The first record of each partition that is not older, and all behind it.
                first = {}
                for record in self.records:
                    if record.timestamp >= time:
                        first.setdefault(record.partition, record.offset)
                expected = [record.value for record in self.records
                            if record.offset >= first.get(record.partition, 1 << 62)]
                self.assertEqual(self.values("--from", f"@{time}"), sorted(expected))
        self.assertEqual(len(self.values("--from", "@0")), 3 * 20)
        self.assertEqual(self.values("--from", "@2100-01-01"), [])

    def test_partitions(self):
        for partition in range(3):
            self.assertEqual(self.values("-p", str(partition)), self.from_kcat("-p", str(partition)))
        self.assertEqual(self.values("-p", "2,0"), sorted(self.from_kcat("-p", "0") + self.from_kcat("-p", "2")))
        _, told = self.run_cli("consume", self.topic, "-e", "-p", "3", code=1)
        self.assertIn("topic positions has no partition 3", told)

    def test_counts(self):
        lines = self.out("consume", self.topic, "-p", "1", "--from", "5", "-n", "4").split()
        self.assertEqual(lines, [b"1:5", b"1:6", b"1:7", b"1:8"])
        self.assertEqual(len(self.out("consume", self.topic, "-n", "25").split()), 25)
        self.assertEqual(len(self.out("consume", self.topic, "-n", "1000", "-e").split()), 60)
        self.assertEqual(self.out("consume", self.topic, "-n", "0"), b"")

    def test_an_offset_outside_the_log_is_an_error_unless_told_otherwise(self):
        _, told = self.run_cli("consume", self.topic, "-p", "1", "--from", "21", "-n", "1", code=1)
        self.assertEqual(told.count("\n"), 1, told)
        self.assertIn("positions", told)
        self.assertIn("21", told)
        again = self.out("consume", self.topic, "-p", "1", "--from", "21", "-n", "20", "-X", "auto.offset.reset=earliest")
        self.assertEqual(sorted(again.split()), self.values("-p", "1"))

    def test_what_comes_later_is_read_until_a_signal(self):
        self.create("later")
        process = subprocess.Popen([self.cli, "consume", "later", "--json"], stdout=subprocess.PIPE, env=self.environment())
        try:
            for number in range(3):
                self.out("produce", "later", "-v", str(number))
                self.assertTrue(select.select([process.stdout], [], [], PATIENCE)[0])
                self.assertEqual(json.loads(process.stdout.readline())["value"], str(number))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 130)
            self.assertEqual(process.stdout.read(), b"")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_formats_print_what_kcat_prints(self):
        self.create("printed", partitions=2)
        self.out("produce", "printed", "-v", "plain", "-H", "a=1", "-H", "b", "-H", "a=", "-p", "0")
        self.out("produce", "printed", "-k", "", "-v", "", "-p", "1")
        self.out("produce", "printed", "-k", utf8(1), "-v", "", "-Z", "-p", "1", "-H", "é=" + utf8(2))
        self.out("produce", "printed", "-k", b"\x01\xff", "-v", b"\xfe%s\\n", "-p", "0")
        for text in ("%t %p %o %T %K %S %k %s %h\\n", "%s", "%s\\n", "%k\\t%s\\t%%\\n", "%%%o%%%p\\n\\n", "%R%s",
                     "plain text\\n", "[%h]%k:%K\\n", "\\x41%o\\x42\\n"):
            for partition in ("0", "1"):
                with self.subTest(format=text, partition=partition):
                    options = ("-e", "-p", partition, "-f", text)
                    self.assertEqual(self.out("consume", "printed", *options),
                                     self.kcat("-C", "-q", "-t", "printed", *options))


if __name__ == "__main__":
    main()
