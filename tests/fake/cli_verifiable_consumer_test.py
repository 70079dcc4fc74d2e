# SPDX-License-Identifier: Apache-2.0
"""`kafka-cli verifiable-consumer` on the fake cluster.

Usage: cli_verifiable_consumer_test.py KAFKA_CLI [unittest's own arguments]
"""

import json
import os
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

import cli_test
from cli_test import PATIENCE, CliTest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from group_rules import GroupRules, MemberLog, consumed_everything  # noqa: E402  pylint: disable=wrong-import-position

JAVA = "org.apache.kafka.clients.consumer."


class VerifiableConsumer(CliTest):
    def filled(self, count, partitions=1):
        name = self.topic(partitions)
        self.write(name, range(count))
        return name

    def write(self, topic, numbers):
        self.run_cli("produce", topic, "--partitioner", "round_robin",
                     stdin="".join(f"{number}\n" for number in numbers).encode())

    def arguments(self, topic, *more, group="g"):
        return ("verifiable-consumer", "--topic", topic, "--group-id", f"{topic}-{group}", "--bootstrap-server",
                self.fake.brokers, *more)

    def member(self, topic, *more, name="member"):
        return MemberLog(self.start(*self.arguments(topic, *more)), name)

    def file(self, text):
        file = tempfile.NamedTemporaryFile("w", suffix=".properties")
        self.addCleanup(file.close)
        file.write(text)
        file.flush()
        return file.name

    def finish(self, *members):
        for member in members:
            self.assertEqual(member.end(signal.SIGTERM, PATIENCE), (143, ""))
            self.assertEqual(member.names()[-1], "shutdown_complete")
            self.assertEqual(member.count("shutdown_requested"), 1)

    def end_of(self, topic):
        out = self.out("topics", "describe", topic, "--json")
        return {each["partition"]: each["newest"] for each in json.loads(out)["partitions"]}

    def await_all(self, topic, *members):
        ends = self.end_of(topic)
        until = time.monotonic() + PATIENCE
        while consumed_everything(members, topic, ends) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(consumed_everything(members, topic, ends), [])

    def test_every_step_is_told(self):
        topic = self.filled(1000, partitions=2)
        member = self.member(topic, "--verbose")
        self.await_all(topic, member)
        self.assertTrue(member.wait_for(lambda events: events[-1]["name"] == "offsets_committed", PATIENCE))
        self.finish(member)
        rules = GroupRules().check([member])
        self.assertEqual(rules.committed, {(topic, 0): 500, (topic, 1): 500})
        names = member.names()
        self.assertEqual(names[:2], ["startup_complete", "partitions_assigned"])
        self.assertEqual(names[-3:], ["shutdown_requested", "partitions_revoked", "shutdown_complete"])
        for event in member.events:
            self.assertEqual(list(event)[:2], ["timestamp", "name"])
            self.assertLess(abs(event["timestamp"] / 1000 - time.time()), 300)
        data = [event for event in member.events if event["name"] == "record_data"]
        self.assertEqual(sorted(int(event["value"]) for event in data), list(range(1000)))
        self.assertEqual({frozenset(event) for event in data},
                         {frozenset(("timestamp", "name", "key", "value", "topic", "partition", "offset"))})
        # Each poll: its records, what they come to, what was stored.
        steps = [name for name in names if name not in ("record_data", "partitions_assigned")]
        polls = member.count("records_consumed")
        self.assertEqual(steps[1:1 + 2 * polls], ["records_consumed", "offsets_committed"] * polls)
        self.assertGreaterEqual(polls, 2, "500 records a poll, as Java's")

    def test_a_group_goes_on_where_it_was(self):
        topic = self.filled(100)
        first = self.member(topic, "--max-messages", "40", name="first")
        self.assertEqual(first.process.wait(PATIENCE), 0)
        first.thread.join(PATIENCE)
        self.assertNotIn("shutdown_requested", first.names())
        self.assertEqual([event["offsets"][0]["offset"] for event in first.events if event["name"] == "offsets_committed"], [40])
        self.assertEqual([event["count"] for event in first.events if event["name"] == "records_consumed"], [100],
                         "what the poll gave, as Java's tool says it")
        other = self.member(topic, name="other")
        self.await_all(topic, first, other)
        self.finish(other)
        self.assertEqual(GroupRules().check([first, other]).seen_twice, 0)

    def test_members_share_and_hand_over(self):
        for strategy in ("RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor", "coordinator"):
            with self.subTest(strategy):
                topic = f"shared-{strategy}"
                self.run_cli("topics", "create", topic, "--partitions", "4")
                self.write(topic, range(400))
                options = ("--assignment-strategy", JAVA + strategy, "--session-timeout", "10000", "--command-config",
                           self.file("heartbeat.interval.ms=100\n"))
                if strategy == "coordinator":
                    options = ("--group-protocol", "consumer", "--group-remote-assignor", "uniform")
                first = self.member(topic, *options, name="first")
                self.await_all(topic, first)
                other = self.member(topic, *options, name="other")
                self.assertTrue(other.wait_for(lambda _: len(other.owned()) == 2 and len(first.owned()) == 2, PATIENCE))
                self.write(topic, range(400, 800))
                self.await_all(topic, first, other)
                self.finish(first)
                self.assertTrue(other.wait_for(lambda _: len(other.owned()) == 4, PATIENCE))
                self.write(topic, range(800, 1200))
                self.await_all(topic, first, other)
                self.finish(other)
                rules = GroupRules().check([first, other])
                self.assertEqual((rules.seen_twice, rules.commit_failures), (0, 0))

    def test_a_member_without_partitions_has_joined_too(self):
        topic = self.topic()
        first = self.member(topic, name="first")
        self.assertTrue(first.wait_for(lambda _: first.owned(), PATIENCE))
        other = self.member(topic, "--command-config", self.file("heartbeat.interval.ms=100\n"), name="other")
        self.assertTrue(other.wait_for(lambda _: other.count("partitions_assigned"), PATIENCE))
        self.finish(first, other)
        GroupRules().check([first, other])

    def test_automatic_commits_are_not_told(self):
        topic = self.filled(50)
        first = self.member(topic, "--enable-autocommit", name="first")
        self.await_all(topic, first)
        self.finish(first)
        self.assertNotIn("offsets_committed", first.names())
        self.write(topic, range(50, 60))
        other = self.member(topic, name="other")
        self.await_all(topic, first, other)
        self.finish(other)
        self.assertEqual(GroupRules().check([first, other]).seen_twice, 0)

    def test_one_instance_id_is_one_member(self):
        topic = self.filled(10)
        first = self.member(topic, "--group-instance-id", "twin", name="first")
        self.await_all(topic, first)
        other = self.member(topic, "--group-instance-id", "twin", name="other")
        self.assertTrue(other.wait_for(lambda _: other.owned(), PATIENCE))
        self.assertEqual(first.process.wait(PATIENCE), 0, "as Java's tool, which ends in order")
        first.thread.join(PATIENCE)
        self.assertEqual(first.names()[-1], "shutdown_complete")
        self.assertIn("FENCED_INSTANCE_ID", first.process.stderr.read().decode())
        self.write(topic, range(10, 20))
        self.await_all(topic, first, other)
        self.finish(other)

    def test_reset_policies(self):
        topic = self.filled(10)
        latest = self.member(topic, "--reset-policy", "latest")
        self.assertTrue(latest.wait_for(lambda _: latest.owned(), PATIENCE))
        time.sleep(1)
        self.write(topic, range(10, 13))
        event = latest.wait_for(lambda events: next((each for each in events if each["name"] == "records_consumed"), None),
                                PATIENCE)
        self.assertEqual(event["partitions"][0]["minOffset"], 10)
        self.finish(latest)
        none = MemberLog(self.start(*self.arguments(topic, "--reset-policy", "none", group="other")), "none")
        self.assertEqual(none.process.wait(PATIENCE), 0)
        self.assertIn("no_such_offset", none.process.stderr.read().decode())

    def test_its_options_win_over_its_file(self):
        topic = self.filled(10)
        file = self.file("enable.auto.commit=true\ngroup.id=wrong\nauto.offset.reset=latest\nbootstrap.servers=wrong:1\n"
                         "max.poll.records=3\nkey.deserializer=x\n")
        for word in ("--command-config", "--consumer.config"):
            out, told = self.run_cli(*self.arguments(topic, "--max-messages", "10", word, file, group=word))
            events = [json.loads(line) for line in out.splitlines()]
            self.assertEqual([event["count"] for event in events if event["name"] == "records_consumed"], [3, 3, 3, 1])
            self.assertEqual(sum(event["name"] == "offsets_committed" for event in events), 4)
            self.assertIn("line 6: key.deserializer is ignored", told)

    def test_sigterm_while_nothing_answers(self):
        away = ("verifiable-consumer", "--topic", "t", "--group-id", "g", "--bootstrap-server",
                f"127.0.0.1:{cli_test.unused_port()}")
        member = MemberLog(self.start(*away), "away")
        self.assertTrue(member.wait_for(lambda events: events, PATIENCE))
        began = time.monotonic()
        code, _ = member.end(signal.SIGTERM, PATIENCE)
        self.assertEqual(code, 143)
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(member.names(), ["startup_complete", "shutdown_requested", "shutdown_complete"])

    def test_it_ends_when_nobody_reads_it_any_more(self):
        process = self.start(*self.arguments(self.filled(5), "--verbose"))
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_how_it_minds_its_arguments(self):
        out, told = self.run_cli("verifiable-consumer")
        self.assertIn(b"--assignment-strategy", out)
        self.assertEqual(told, "")
        for more in (("--nonsense",), ("--reset-policy", "middle"), ("--group-protocol", "x"), ("--session-timeout", "soon"),
                     ("--command-config", "a", "--consumer.config", "b"), ("--command-config", "/no/such/file"),
                     ("--command-config", self.file("sasl.jaas.config=secret\n")), ("--assignment-strategy", "x.y.Z"),
                     ("--command-config", self.file("max.poll.records=x\n")),
                     ("--group-protocol", "consumer", "--session-timeout", "10000")):
            out, told = self.run_cli(*self.arguments("t", *more), code=1)
            self.assertEqual(out, b"", more)
            self.assertTrue(told.startswith("kafka-cli: "), told)
            self.assertNotIn("secret", told)


if __name__ == "__main__":
    cli_test.CLI = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
