# SPDX-License-Identifier: Apache-2.0
"""kafka-cli's topic commands and old words on a real broker, and what it says when something cannot be done."""

import json
import socket
import time

from support import ClusterTest, main


class Topics(ClusterTest):
    def listed(self):
        return self.out("topics", "list").decode().splitlines()

    def test_create_describe_list_delete(self):
        self.create("life", "retention.ms=3600000", "max.message.bytes=2000", partitions=3)
        self.assertIn("life", self.listed())
        self.out("produce", "life", "-p", "1", "-v", "x")
        lines = self.out("topics", "describe", "life").decode().splitlines()
        self.assertEqual(lines, ["0\t1\t1\t1\t0\t0", "1\t1\t1\t1\t0\t1", "2\t1\t1\t1\t0\t0"])
        described = json.loads(self.out("topics", "describe", "life", "--json"))
        self.assertEqual((described["topic"], described["internal"]), ("life", False))
        self.assertEqual([(each["partition"], each["leader"], each["replicas"], each["in_sync_replicas"], each["oldest"],
                           each["newest"]) for each in described["partitions"]],
                         [(0, 1, [1], [1], 0, 0), (1, 1, [1], [1], 0, 1), (2, 1, [1], [1], 0, 0)])
        java = self.tool("topics", "--bootstrap-server", self.brokers, "--describe", "--topic", "life").decode()
        for part in ("PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=3600000", "max.message.bytes=2000"):
            self.assertIn(part, java)
        if self.version >= (3, 0):
            self.assertIn(f"TopicId: {described['id']}", java)
        self.run_cli("topics", "delete", "life", "--yes")
        self.wait_until(lambda: "life" not in self.listed(), "the topic's end")

    def test_a_deleted_topic_can_be_created_again(self):
        self.create("phoenix")
        self.out("produce", "phoenix", "-v", "first life")
        self.run_cli("topics", "delete", "phoenix", "--yes")
        self.wait_until(lambda: "phoenix" not in self.listed(), "the topic's end")
        # Brokers with ZooKeeper stop showing a topic a moment before its name is free.
        again = ("topics", "create", "phoenix", "--partitions", "2")
        self.wait_until(lambda: "created topic phoenix" in self.run_cli(*again, code=None)[1], "the name to be free")
        self.assertEqual(self.out("consume", "phoenix", "-e"), b"")
        self.assertEqual(self.out("produce", "phoenix", "-p", "1", "-v", "second life"), b"1\t0\n")
        self.assertEqual(self.out("consume", "phoenix", "-e"), b"second life\n")

    def test_the_brokers_own_number_of_partitions(self):
        self.run_cli("topics", "create", "by-default")
        self.assertEqual(len(self.out("topics", "describe", "by-default").splitlines()), 1)

    def test_old_words(self):
        elsewhere = "127.0.0.1:1"

        def old(*arguments):
            return self.out("-brokers", self.brokers, *arguments, brokers=elsewhere)

        old("-create", "-topic", "old", "-partition", "2", "-replica", "1")
        self.assertIn(b"old", old("-list").splitlines())
        self.assertEqual(old("-produce", "-topic", "old", "-value", "v0", "-key", "k0", "-partition", "1"), b"1\t0\n")
        self.assertEqual(old("-produce", "-topic", "old", "-valu3", "v1", "-partition", "1"), b"1\t1\n")
        self.assertEqual(old("-query", "-topic", "old"), b"0\t1\t1\t1\t0\t0\n1\t1\t1\t1\t0\t2\n")
        read = [json.loads(line) for line in
                old("-consume", "-topic", "old", "-partition", "1", "-offset", "1", "-n", "2").splitlines()]
        self.assertEqual([(each["offset"], each["key"], each["value"]) for each in read],
                         [(0, "k0", "v0"), (1, None, "v1")])
        old("-delete", "-topic", "old")
        self.wait_until(lambda: b"old" not in old("-list").splitlines(), "the topic's end")


class Failures(ClusterTest):
    def complaint(self, *arguments, parts=(), code=1, **more):
        """Runs a command that fails; its one line of complaint must hold each of the parts."""
        out, told = self.run_cli(*arguments, code=code, **more)
        self.assertEqual(out, b"")
        line = told.splitlines()[-1]
        self.assertTrue(line.startswith("kafka-cli: "), told)
        for part in parts:
            self.assertIn(part, line, arguments)
        return line

    def test_unknown_topics(self):
        for arguments in (("topics", "describe", "absent"), ("topics", "delete", "absent", "--yes"),
                          ("consume", "absent", "-e"), ("consume", "absent")):
            self.complaint(*arguments, parts=("absent", "UNKNOWN_TOPIC_OR_PARTITION", self.brokers))
        self.assertNotIn(b"absent", self.out("topics", "list").splitlines())
        self.complaint("produce", "absent", "-v", "x", "--timeout", "2", "-X", "allow.auto.create.topics=false",
                       parts=("absent", "UNKNOWN_TOPIC_OR_PARTITION"))
        self.assertNotIn(b"absent", self.out("topics", "list").splitlines())

    def test_topics_that_cannot_be_created(self):
        self.create("taken")
        for arguments, part in ((("taken",), "TOPIC_ALREADY_EXISTS"), (("no/slash",), "INVALID_TOPIC_EXCEPTION"),
                                (("wide", "--replication-factor", "4"), "INVALID_REPLICATION_FACTOR"),
                                (("odd", "--config", "cleanup.policy=sometimes"), "INVALID_CONFIG"),
                                (("odd", "--config", "no.such.setting=1"), "INVALID_CONFIG")):
            line = self.complaint("topics", "create", *arguments, parts=(arguments[0], part, self.brokers))
            self.assertRegex(line, "(?i)create ?topics")
        names = self.out("topics", "list").split()
        for name in (b"no/slash", b"wide", b"odd"):
            self.assertNotIn(name, names)

    def test_a_name_that_no_topic_can_have(self):
        self.complaint("produce", "no/slash", "-v", "x", "--timeout", "20", parts=("no/slash", "INVALID_TOPIC_EXCEPTION"))
        self.complaint("consume", "no/slash", "-e", "--timeout", "20", parts=("no/slash", "INVALID_TOPIC_EXCEPTION"))

    def test_a_record_that_the_topic_does_not_take(self):
        self.create("narrow", "max.message.bytes=1000")
        self.complaint("produce", "narrow", "-v", "x" * 5000, parts=("narrow", "MESSAGE_TOO_LARGE", self.brokers))
        self.assertEqual(self.out("consume", "narrow", "-e"), b"")
        self.assertEqual(self.out("produce", "narrow", "-v", "x" * 500), b"0\t0\n")

    def test_a_record_that_no_request_may_hold(self):
        self.create("wide-open")
        self.complaint("produce", "wide-open", stdin=b"x" * 1_500_000, parts=("wide-open", "1 of 1 records"))
        self.assertEqual(self.out("consume", "wide-open", "-e"), b"")

    def test_a_partition_that_is_not_there(self):
        self.create("one-partition")
        self.complaint("produce", "one-partition", "-p", "5", "-v", "x", "--timeout", "3", parts=("one-partition", "5"))

    def test_no_broker_listens(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{listener.getsockname()[1]}"  # bound, but nobody listens
            for arguments in (("topics", "list"), ("topics", "describe", "t"), ("topics", "create", "t"),
                              ("produce", "t", "-v", "x"), ("consume", "t", "-e")):
                began = time.monotonic()
                self.complaint(*arguments, "--timeout", "1", parts=(address,), brokers=address)
                self.assertLess(time.monotonic() - began, 20)
            # One that is not there does no harm beside one that is.
            self.assertEqual(self.out("topics", "list", brokers=f"{address},{self.brokers}"),
                             self.out("topics", "list", brokers=f"{self.brokers},{address}"))


if __name__ == "__main__":
    main()
