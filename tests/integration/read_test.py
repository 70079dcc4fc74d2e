# SPDX-License-Identifier: Apache-2.0
"""What kcat, Java's tools and the broker itself write, `kafka-cli consume --json` reads as it was meant."""

import json
import tempfile

from support import CODECS, ClusterTest, batches_on_disk, main, noise, now, utf8


class ReadTest(ClusterTest):
    def assert_contents(self, records, contents):
        """Compares one partition's records, from offset 0 on."""
        self.assertEqual([record.offset for record in records], list(range(len(contents))))
        self.assert_same([record.content() for record in records], contents)

    def codecs_on_disk(self, topic, partition=0):
        return {attributes & 7 for attributes, _ in batches_on_disk(self.cluster.data_folder(), topic, partition)}


class ReadKcat(ReadTest):
    def test_every_codec_and_kind_of_record(self):
        self.create("by-kcat", partitions=len(CODECS))
        small = [(f"key {number % 13}".encode(), f"value {number} {'y' * (number % 40)}".encode()) for number in range(400)]
        small += [(b"\x00\xff", b"\xfe\x00"), (utf8(1).encode(), utf8(2).encode()), (b"no value", b"")]
        before = now()
        for partition, codec in enumerate(CODECS):
            to = ("-P", "-t", "by-kcat", "-z", codec, "-p", str(partition))
            self.kcat(*to, "-K", "\t", "-H", "a=1", "-H", "b=", "-H", "a=" + utf8(3), "-H", "none",
                      stdin=b"".join(key + b"\t" + value + b"\n" for key, value in small))
            self.kcat(*to, "-K", "\t", "-Z", stdin=b"tombstone\t\n\tkeyless\n")
            with tempfile.NamedTemporaryFile() as file:
                # A zero byte, a line feed and all others: a file is one value.
                file.write(bytes(range(256)) + noise(500_000, seed=partition + 1))
                file.flush()
                self.kcat(*to, "-k", "file", file.name)
            self.kcat(*to, stdin=(utf8(4) * 9_000).encode()[:400_000])
        after = now()
        headers = ((b"a", b"1"), (b"b", b""), (b"a", utf8(3).encode()), (b"none", None))
        ours = self.cli_records("by-kcat")
        for partition, codec in enumerate(CODECS):
            contents = [(key, value, headers) for key, value in small]
            contents += [(b"tombstone", None, ()), (None, b"keyless", ()),
                         (b"file", bytes(range(256)) + noise(500_000, seed=partition + 1), ()),
                         (None, (utf8(4) * 9_000).encode()[:400_000], ())]
            self.assert_contents([record for record in ours if record.partition == partition], contents)
            self.assertIn(partition, self.codecs_on_disk("by-kcat", partition), codec)
        self.assertTrue(all(before <= record.timestamp <= after for record in ours))
        self.assert_same(self.kcat_records("by-kcat"), ours, "kcat")

    def test_timestamps_of_topics_with_log_append_time(self):
        self.create("appended", "message.timestamp.type=LogAppendTime", partitions=len(CODECS))
        before = now()
        for partition, codec in enumerate(CODECS):
            lines = b"".join(b"%d\n" % number for number in range(50))
            self.kcat("-P", "-t", "appended", "-z", codec, "-p", str(partition), stdin=lines)
            self.run_cli("produce", "appended", "-z", codec, "-p", str(partition), stdin=lines)
        after = now()
        ours = self.cli_records("appended")
        self.assertEqual(len(ours), 100 * len(CODECS))
        self.assert_same(self.kcat_records("appended"), ours, "kcat")
        for partition in range(len(CODECS)):
            batches = batches_on_disk(self.cluster.data_folder(), "appended", partition)
            self.assertTrue(all(attributes & 8 for attributes, _ in batches))
            # The broker stamps a batch, not a record.
            times = [record.timestamp for record in ours if record.partition == partition]
            self.assertTrue(before <= min(times) and max(times) <= after)
            at = 0
            for _, count in batches:
                self.assertEqual(len(set(times[at:at + count])), 1)
                at += count

    def test_topics_whose_codec_the_broker_chose(self):
        lines = b"".join(b"%d\n" % number for number in range(200))
        for number, codec in enumerate(CODECS):
            topic = self.create(f"recompressed-{codec}", f"compression.type={'uncompressed' if number == 0 else codec}")
            self.kcat("-P", "-t", topic, "-z", "lz4" if number < 3 else "gzip", stdin=lines)
            self.assertEqual(self.out("consume", topic, "-e"), lines)
            self.assertEqual(self.codecs_on_disk(topic), {number})
            self.assert_same(self.cli_records(topic), self.kcat_records(topic), topic)

    def test_a_compacted_topic_has_gaps(self):
        self.create("compacted", "cleanup.policy=compact", "segment.ms=500", "min.cleanable.dirty.ratio=0.01",
                    "max.compaction.lag.ms=500", "delete.retention.ms=3600000")
        last = {}
        for codec in CODECS:
            pairs = [(f"key {number % 20}", f"{codec} {number}") for number in range(600)]
            self.run_cli("produce", "compacted", "-K", ":", "-z", codec,
                         stdin="".join(f"{key}:{value}\n" for key, value in pairs).encode())
            last.update(pairs)
        self.out("produce", "compacted", "-k", "key 3", "-v", "", "-Z")
        last["key 3"] = None
        begin = now()

        def compacted():
            # A segment is closed by what comes behind its time, and the last one is never compacted.
            if now() - begin > 1000:
                self.out("produce", "compacted", "-k", "newest", "-v", "x")
            return len(self.cli_records("compacted")) < 200

        self.wait_until(compacted, "the log cleaner")
        offsets = self.wait_until(self.compare_compacted, "the log cleaner's end")
        self.assertGreater(offsets[-1] + 1, len(offsets))
        newest = {record.key.decode(): record.value and record.value.decode() for record in self.cli_records("compacted")}
        self.assertEqual(newest.pop("newest"), "x")
        self.assertEqual(newest, last)

    def compare_compacted(self):
        """Compares what kcat reads, and what is read from within a gap on. Returns the offsets; None if the cleaner went on
        meanwhile."""
        ours, kcats = self.cli_records("compacted"), self.kcat_records("compacted")
        offsets = [record.offset for record in ours]
        # An offset in a gap is no error: the next record there is comes first.
        gap = next(before + 1 for before, after in zip([-1, *offsets], offsets) if after > before + 1)
        from_gap = self.cli_records("compacted", "--from", str(gap))
        if self.cli_records("compacted") != ours:
            return None
        self.assert_same(kcats, ours, "kcat")
        self.assert_same(from_gap, [record for record in ours if record.offset >= gap])
        return offsets


class ReadJava(ReadTest):
    def test_every_codec_and_kind_of_record_of_javas_console_producer(self):
        rich = self.version >= (3, 2)  # older ones know neither headers nor null
        small = [(f"key {number % 13}", f"value {number} {'z' * (number % 40)}") for number in range(400)]
        small += [("", ""), (utf8(1), utf8(2)), ("empty", ""), ("long", (utf8(3) * 5_000)[:100_000])]
        headers = f"a:1,b:,a:{utf8(4)}" if rich else ""
        text = "".join((headers + "\t" if rich else "") + f"{key}\t{value}\n" for key, value in small)
        properties = ["parse.key=true"]
        contents = [(key.encode(), value.encode(),
                     ((b"a", b"1"), (b"b", b""), (b"a", utf8(4).encode())) if rich else ()) for key, value in small]
        if rich:
            properties += ["parse.headers=true", "null.marker=<null>"]
            text += "<null>\tkey\t<null>\nnone:<null>\t<null>\tvalue\n"
            contents += [(b"key", None, ()), (None, b"value", ((b"none", None),))]
        for number, codec in enumerate(CODECS):
            topic = self.create(f"by-java-{codec}")
            before = now()
            self.java_produce(topic, text.encode(), "--compression-codec", codec, properties=properties)
            after = now()
            ours = self.cli_records(topic)
            self.assert_contents(ours, contents)
            self.assertTrue(all(before <= record.timestamp <= after for record in ours))
            self.assertEqual(self.codecs_on_disk(topic), {number})
            self.assert_same(self.kcat_records(topic), ours, "kcat")


class Deleted(ReadTest):
    def test_deleted_records_are_outside_the_log(self):
        self.create("deleted", partitions=2)
        for partition in ("0", "1"):
            self.run_cli("produce", "deleted", "-p", partition, stdin=b"".join(b"%d\n" % number for number in range(10)))
        tool = "kafka.admin" if self.version < (3, 0) else "org.apache.kafka.tools"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"version": 1, "partitions": [{"topic": "deleted", "partition": 0, "offset": 6},
                                                    {"topic": "deleted", "partition": 1, "offset": 10}]}, file)
            file.flush()
            self.tool(f"{tool}.DeleteRecordsCommand", "--bootstrap-server", self.brokers, "--offset-json-file", file.name)
        lines = [line.split(b"\t") for line in self.out("topics", "describe", "deleted").splitlines()]
        self.assertEqual([line[4:] for line in lines], [[b"6", b"10"], [b"10", b"10"]])
        self.assertEqual(self.out("consume", "deleted", "-e").split(), [b"6", b"7", b"8", b"9"])
        self.assertEqual(self.out("consume", "deleted", "-e", "--from", "-100").split(), [b"6", b"7", b"8", b"9"])
        self.assertEqual(self.out("consume", "deleted", "-e", "--from", "@0").split(), [b"6", b"7", b"8", b"9"])
        out, told = self.run_cli("consume", "deleted", "-e", "-p", "0", "--from", "2", code=1)
        self.assertEqual(out, b"")
        self.assertEqual(told.count("\n"), 1, told)
        for part in ("deleted", "OFFSET_OUT_OF_RANGE"):
            self.assertIn(part, told)
        out = self.out("consume", "deleted", "-e", "-p", "0", "--from", "2", "-X", "auto.offset.reset=earliest")
        self.assertEqual(out.split(), [b"6", b"7", b"8", b"9"])
        self.assertEqual(self.out("consume", "deleted", "-e", "-p", "0", "--from", "2", "-X", "auto.offset.reset=latest"),
                         b"")


class Transactions(ReadTest):
    def test_markers_are_no_records(self):
        self.create("transactions", partitions=2)
        self.tool("org.apache.kafka.tools.ProducerPerformance", "--topic", "transactions", "--num-records", "500",
                  "--record-size", "20", "--throughput", "1000", "--transactional-id", "integration",
                  "--transaction-duration-ms", "50", "--producer-props", f"bootstrap.servers={self.brokers}",
                  "compression.type=zstd", "linger.ms=5")
        ours = self.cli_records("transactions")
        self.assertEqual(len(ours), 500)
        self.assert_same(self.kcat_records("transactions"), ours, "kcat")
        attributes = [each for partition in range(2)
                      for each, _ in batches_on_disk(self.cluster.data_folder(), "transactions", partition)]
        self.assertTrue(any(each & 0x20 for each in attributes), "there are markers")
        committed = self.cli_records("transactions", "-X", "isolation.level=read_committed")
        self.assert_same(committed, ours)
        # The last offset is a marker's: the end is found all the same.
        self.assertEqual(self.out("consume", "transactions", "-e", "--from", "-1"), b"")


class OldFormats(ReadTest):
    def test_record_formats_0_and_1(self):
        for release in ("0.9.0", "0.10.0"):
            for codec in ("none", "gzip", "snappy", "lz4"):
                topic = self.create(f"format-{release}-{codec}", f"message.format.version={release}")
                pairs = [(f"key {number}", f"value {number} {'w' * (number % 60)}") for number in range(300)]
                # Formats before 2 have no sequence numbers: Java's idempotent producer is refused as well.
                self.run_cli("produce", topic, "-K", ":", "-z", codec, "--idempotence", "off",
                             stdin="".join(f"{key}:{value}\n" for key, value in pairs).encode())
                self.out("produce", topic, "-v", "", "-Z", "-z", codec, "--idempotence", "off")
                ours = self.cli_records(topic)
                self.assert_contents(ours, [(key.encode(), value.encode(), ()) for key, value in pairs] + [(None, None, ())])
                if release == "0.9.0":
                    self.assertEqual({record.timestamp for record in ours}, {-1}, "format 0 has none")
                    ours = [record._replace(timestamp=0) for record in ours]  # which kcat prints as 0
                self.assert_same(self.kcat_records(topic), ours, "kcat")
                first = next((self.cluster.data_folder() / f"{topic}-0").glob("*.log")).read_bytes()
                self.assertEqual(first[16], 0 if release == "0.9.0" else 1, "the format that the broker keeps")
                self.assert_same([record.content() for record in self.cli_records(topic, "--from", "150")],
                                 [record.content() for record in ours[150:]])


if __name__ == "__main__":
    main()
