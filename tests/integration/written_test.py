# SPDX-License-Identifier: Apache-2.0
"""What kafka-cli writes, kcat, Java's console consumer and kafka-cli itself read as it was meant."""

from support import CODECS, ClusterTest, batches_on_disk, main, noise, now, utf8

BINARY = bytes(range(1, 256)).replace(b"\n", b"")  # an argument of a program cannot hold a zero byte


class Written(ClusterTest):
    def send_one(self, partition, codec, key, value, headers=(), null=False):
        options = ["-Z"] if null else []
        for name, header in headers:
            options += ["-H", name if header is None else name + b"=" + header]
        if key is not None:
            options += ["-k", key]
        self.out("produce", "written", "-p", str(partition), "-z", codec, "-v", value or b"", *options)
        return key, None if null else value, tuple(headers)

    def send_lines(self, partition, codec, pairs, *options):
        lines = b"".join((b"" if key is None else key + b"<->") + value + b"\n" for key, value in pairs)
        _, told = self.run_cli("produce", "written", "-p", str(partition), "-z", codec, "-K", "<->", *options,
                               stdin=lines)
        self.assertIn(f"{len(pairs)} records", told)
        return [(key, value, ((b"lines", codec.encode()),)) for key, value in pairs]

    def send_all_kinds(self, partition, codec):
        """Returns the contents in the order in which they were sent."""
        sent = [
            self.send_one(partition, codec, None, b"no key"),
            self.send_one(partition, codec, b"", b""),
            self.send_one(partition, codec, b"tombstone", b"", null=True, headers=[(b"why", b"deleted")]),
            self.send_one(partition, codec, utf8(1).encode(), utf8(2).encode(), headers=[(b"\xc3\xa9", utf8(3).encode())]),
            self.send_one(partition, codec, BINARY, BINARY[::-1],
                          headers=[(b"again", b"1"), (b"none", None), (b"again", b"2"), (b"empty", b""), (b"again", b"1"),
                                   (b"bytes", b"\x01\xff\xfe")]),
        ]
        small = [(f"key-{number % 17}".encode(), f"value {number} {'x' * (number % 50)}".encode()) for number in range(300)]
        small += [(None, b"a line without a key"), (b"", b"an empty key"), (b"an empty value", b""), (None, b""),
                  (b"\x00\x80\xff", b"\x00" + BINARY), (utf8(4).encode(), utf8(5).encode())]
        large = [(b"noise", noise(500_000, seed=partition + 1)), (b"text", (utf8(6) * 10_000).encode()[:500_000]),
                 (b"small", b"between"), (noise(30_000, seed=99), noise(250_000, seed=98))]
        for pairs in (small, large):
            sent += self.send_lines(partition, codec, pairs, "-H", f"lines={codec}")
        return sent

    def test_every_codec_and_kind_of_record_reads_the_same_everywhere(self):
        self.create("written", partitions=len(CODECS))
        before = now()
        sent = [self.send_all_kinds(partition, codec) for partition, codec in enumerate(CODECS)]
        after = now()
        ours = self.cli_records("written")
        for partition, contents in enumerate(sent):
            mine = [record for record in ours if record.partition == partition]
            self.assertEqual([record.offset for record in mine], list(range(len(contents))))
            self.assert_same([record.content() for record in mine], contents, CODECS[partition])
            times = [record.timestamp for record in mine]
            self.assertTrue(all(before <= time <= after for time in times), (before, after, times))
        self.assert_same(self.kcat_records("written"), ours, "kcat")
        self.assert_same(self.java_records("written", len(ours)), ours, "Java")
        for partition, codec in enumerate(CODECS):
            batches = batches_on_disk(self.cluster.data_folder(), "written", partition)
            self.assertEqual({attributes & 7 for attributes, _ in batches}, {partition}, codec)
            self.assertEqual(sum(count for _, count in batches), len(sent[partition]))
            self.assertLess(len(batches), 20, "lines are not sent one by one")

    def test_a_record_is_acknowledged_where_it_went(self):
        self.create("acknowledged", partitions=2)
        self.assertEqual(self.out("produce", "acknowledged", "-p", "1", "-v", "0", "-X", "acks=all"), b"1\t0\n")
        self.assertEqual(self.out("produce", "acknowledged", "-p", "1", "-v", "1", "-X", "acks=1"), b"1\t1\n")
        # Brokers do not answer this one; that it is in the log shows the next.
        self.assertEqual(self.out("produce", "acknowledged", "-p", "1", "-v", "2", "-X", "acks=0"), b"1\t-1\n")
        self.wait_until(lambda: len(self.cli_records("acknowledged")) == 3, "the record without acknowledgement")
        self.assertEqual(self.out("produce", "acknowledged", "-p", "1", "-v", "3"), b"1\t3\n")
        self.assertEqual([record.value for record in self.kcat_records("acknowledged")], [b"0", b"1", b"2", b"3"])

    def test_many_records_through_standard_input_in_order(self):
        self.create("many", partitions=3)
        lines = [f"{number % 50}:{number}" for number in range(60_000)]
        _, told = self.run_cli("produce", "many", "-K", ":", "-z", "lz4", stdin="\n".join(lines).encode())
        self.assertIn("60000 records", told)
        records = self.kcat_records("many")
        self.assert_same(sorted(int(record.value) for record in records), range(60_000))
        for key in range(50):
            mine = [record for record in records if record.key == str(key).encode()]
            self.assertEqual(len({record.partition for record in mine}), 1)
            self.assert_same([int(record.value) for record in mine], range(key, 60_000, 50))

    def test_the_first_record_of_a_topic_that_the_broker_creates(self):
        self.assertEqual(self.out("produce", "created-by-sending", "-v", "first", "--timeout", "60"), b"0\t0\n")
        self.assertEqual([record.value for record in self.kcat_records("created-by-sending")], [b"first"])


class Placement(ClusterTest):
    def partition_of_each(self, topic):
        records = self.kcat_records(topic)
        placed = {record.key: record.partition for record in records}
        self.assertEqual(len(placed), len(records), "each key was sent once")
        return placed

    def test_keys_go_where_java_and_librdkafka_put_them(self):
        keys = ["", "k", *(f"{'x' * (number % 40)}{number}" for number in range(300)), *map(utf8, range(50))]
        lines = "".join(f"{key}\t{number}\n" for number, key in enumerate(keys)).encode()
        for topic in ("placed-ours", "placed-java", "placed-kcat"):
            self.create(topic, partitions=7)
        self.run_cli("produce", "placed-ours", "-K", "\\t", stdin=lines)
        self.java_produce("placed-java", lines, properties=["parse.key=true"])
        # kcat takes an empty key for none.
        self.kcat("-P", "-t", "placed-kcat", "-K", "\t", "-X", "topic.partitioner=murmur2_random",
                  stdin=lines.split(b"\n", 1)[1])
        ours = self.partition_of_each("placed-ours")
        self.assertEqual(len(ours), len(keys))
        self.assertEqual(len(set(ours.values())), 7)
        self.assertEqual(self.partition_of_each("placed-java"), ours)
        del ours[b""]
        self.assertEqual(self.partition_of_each("placed-kcat"), ours)
        for number in (3, 77, 200):
            partition = self.out("produce", "placed-ours", "-k", keys[number], "-v", "again").split(b"\t")[0]
            self.assertEqual(int(partition), ours[keys[number].encode()])

    def test_records_without_a_key_spread_over_the_partitions(self):
        self.create("keyless", partitions=4)
        self.run_cli("produce", "keyless", stdin=b"".join(b"%0200d\n" % number for number in range(60_000)))
        counts = [0] * 4
        for line in self.out("consume", "keyless", "-e", "-f", "%p\\n").split():
            counts[int(line)] += 1
        self.assertEqual(sum(counts), 60_000)
        self.assertTrue(all(counts), counts)


if __name__ == "__main__":
    main()
