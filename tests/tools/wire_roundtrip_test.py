#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wire-roundtrip on Kafka's own vectors in all its modes, and on lines that nobody should send.

usage: wire_roundtrip_test.py wire-roundtrip golden-folder
"""
import gzip
import subprocess
import sys
import unittest
from pathlib import Path

TOOL = GOLDEN = None
HEARTBEAT = "request\tHeartbeat\t12\t0\t-\t000167000000010001" + "6d"


def run(lines, *options):
    done = subprocess.run([TOOL, *options], input="".join(line + "\n" for line in lines).encode(errors="surrogateescape"),
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode().splitlines()


def golden(name):
    with gzip.open(Path(GOLDEN) / name, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]


class Vectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = golden("messages.tsv.gz")
        cls.hexes = [line.split("\t")[5] for line in cls.lines]
        cls.bodies = [line[line.index('"body":') + 7:-1] for line in golden("messages.jsonl.gz")]

    def test_bytes_come_back(self):
        self.assertEqual(run(self.lines, "--strict"), (0, self.hexes))

    def test_json_is_kafkas(self):
        self.assertEqual(run(self.lines, "--json"), (0, self.bodies))

    def test_json_becomes_kafkas_bytes(self):
        lines = ["\t".join(line.split("\t")[:4] + [body]) for line, body in zip(self.lines, self.bodies)]
        self.assertEqual(run(lines, "--from-json"), (0, self.hexes))

    def test_flags_are_not_read(self):
        lines = ["\t".join(column if index != 4 else "headerVersion=9" for index, column in enumerate(line.split("\t")))
                 for line in self.lines]
        self.assertEqual(run(lines), (0, self.hexes))


class Lines(unittest.TestCase):
    def one(self, line, *options):
        code, out = run([line], *options)
        self.assertEqual(code, 0)
        self.assertEqual(len(out), 1)
        return out[0]

    def refused(self, line, why, *options):
        self.assertIn(why, self.one(line, *options))
        self.assertTrue(self.one(line, *options).startswith("error: "))

    def test_what_is_no_line_of_the_form_is_refused(self):
        self.refused("", "columns")
        self.refused("request", "columns")
        self.refused(HEARTBEAT + "\t00", "columns")
        self.refused(HEARTBEAT, "columns", "--from-json")
        self.refused(HEARTBEAT.replace("request", "question"), "kind")
        self.refused(HEARTBEAT.replace("\t12\t", "\ttwelve\t"), "API key")
        self.refused(HEARTBEAT.replace("\t12\t", "\t70000\t"), "API key")
        self.refused(HEARTBEAT.replace("\t12\t", "\t13\t"), "another name")
        self.refused(HEARTBEAT.replace("\t12\t", "\t38\t"), "not spoken")
        self.refused(HEARTBEAT.replace("\t0\t", "\t5\t"), "version")
        self.refused(HEARTBEAT.replace("\t0\t", "\t-1\t"), "version")
        self.refused(HEARTBEAT.replace("\t0\t", "\t\t"), "version")
        self.refused(HEARTBEAT + "0", "odd number")
        self.refused(HEARTBEAT + "0x", "not hexadecimal")
        self.refused(HEARTBEAT + "\udcff\udcfe", "not hexadecimal")
        self.refused("header\tHeartbeat\t12\t0\t-\t00", "kind")
        self.refused("embedded\tFetchRequest\t-1\t0\t-\t0000", "embedded")
        self.refused("embedded\tConsumerProtocolAssignment\t-1\t0\t-\t00", "truncated")
        self.refused("embedded\tConsumerProtocolAssignment\t-1\t0\t-\t0004", "outside 0 to 3")

    def test_a_truncated_message_is_refused_and_says_where(self):
        self.refused(HEARTBEAT[:-2], "MemberId: truncated at byte 9")

    def test_bytes_after_the_last_field_are_ignored_unless_strict(self):
        hexes = HEARTBEAT.split("\t")[5]
        self.assertEqual(self.one(HEARTBEAT + "ff"), hexes)
        self.refused(HEARTBEAT + "ff", "1 bytes after the last field", "--strict")

    def test_upper_case_and_carriage_returns_are_fine(self):
        self.assertEqual(self.one(HEARTBEAT.replace("6d", "6D") + "\r"), HEARTBEAT.split("\t")[5])

    def test_a_body_may_be_empty(self):
        self.assertEqual(self.one("request\tListGroups\t16\t0\t-\t"), "")
        self.assertEqual(self.one("request\tListGroups\t16\t0\t-\t", "--json"), "{}")
        self.assertEqual(self.one("request\tListGroups\t16\t0\t{}", "--from-json"), "")

    def test_text_is_made_utf8_as_java_does(self):
        line = "request\tHeartbeat\t12\t0\t-\t0002e282000000010000"
        self.assertEqual(self.one(line), "0003efbfbd000000010000")
        self.assertEqual(self.one(line, "--json"), '{"groupId":"\ufffd","generationId":1,"memberId":""}')

    def test_json_that_does_not_fit_is_refused(self):
        def attempt(body, why):
            self.refused("request\tHeartbeat\t12\t3\t" + body, why, "--from-json")

        good = '{"groupId":"g","generationId":1,"memberId":"m","groupInstanceId":null}'
        self.assertFalse(self.one("request\tHeartbeat\t12\t3\t" + good, "--from-json").startswith("error"))
        attempt(good[:-1], "not JSON")
        attempt(good + "}", "not JSON")
        attempt("[" * 100000, "not JSON")
        attempt("[]", "GroupId is missing")
        attempt(good.replace(':1,', ':1.0,'), "GenerationId is no integer")
        attempt(good.replace(':1,', ':2147483648,'), "GenerationId is no integer that fits")
        attempt(good.replace(':1,', ':123456789012345678901234567890,'), "GenerationId is no integer that fits")
        attempt(good.replace('"g"', "null"), "GroupId is no string")
        attempt(good.replace(',"memberId":"m"', ""), "MemberId is missing")
        attempt(good.replace('"g"', '"' + "g" * 32768 + '"'), "longer than 32767")
        attempt(good[:-1] + ',"_unknownTaggedFields":[{"tag":1,"data":"00"}]}', "flexible")

    def test_an_escaped_half_of_a_surrogate_pair_becomes_a_question_mark_as_in_java(self):
        body = '{"groupId":"\\ud83d\\ude00 \\ud83d","generationId":1,"memberId":""}'
        self.assertEqual(self.one("request\tHeartbeat\t12\t0\t" + body, "--from-json"), "0006f09f9880203f000000010000")

    def test_integers_of_64_bits_stay_exact(self):
        body = '{"transactionalId":null,"transactionTimeoutMs":0,"producerId":-9223372036854775807,"producerEpoch":0}'
        line = "request\tInitProducerId\t22\t3\t"
        hexes = self.one(line + body, "--from-json")
        self.assertEqual(self.one(line + "-\t" + hexes, "--json"), body)

    def test_a_wrong_argument_is_not_taken_for_lines(self):
        self.assertEqual(run([HEARTBEAT], "--jsno"), (2, []))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    TOOL, GOLDEN = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
