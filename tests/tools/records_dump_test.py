# SPDX-License-Identifier: Apache-2.0
"""records_dump_test.py PROGRAM GOLDEN: records-dump against what Kafka read from the same bytes, and on damaged lines."""
import gzip
import json
import random
import subprocess
import sys


def lines_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def dumped(program, lines):
    """What the program says of each line; it must answer every one, in order, and end well."""
    done = subprocess.run([program], input="".join(f"{line}\n" for line in lines), capture_output=True, text=True)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr}"
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines), f"{len(answers)} answers to {len(lines)} lines"
    return answers


def check_usage(program):
    done = subprocess.run([program, "--help"], input="", capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert "usage" in done.stderr
    for answer in dumped(program, ["", "x", ""]):
        assert list(answer) == ["id", "error"], answer


def expected_records(value):
    return [
        {
            **{name: record[name] for name in ("batch", "offset", "timestamp", "key", "value")},
            "headers": [[key.encode("utf-8").hex(), content] for key, content in record["headers"]],
        }
        for record in value["records"]
    ]


def check_golden(program, lines, values):
    for value, answer in zip(values, dumped(program, lines)):
        assert answer["id"] == value["id"]
        if "error" in value:
            assert list(answer) == ["id", "error"], f"line {value['id']} has a wrong CRC, which was not noticed"
        elif "error" in answer:
            assert "not in this build" in answer["error"], f"line {value['id']}: {answer['error']}"
        else:
            assert list(answer) == ["id", "validBytes", "records"]
            assert answer["validBytes"] == value["validBytes"], f"line {value['id']}: validBytes"
            assert answer["records"] == expected_records(value), f"line {value['id']}: records"


def check_truncated(program, lines, values):
    """A set that is cut off anywhere gives the records of its complete batches."""
    cut_lines, expected = [], []
    for line, value in zip(lines, values):
        if "error" in value or value["size"] > 2000:
            continue
        name, flags, text = line.split("\t")
        ends = [batch["pos"] + batch["size"] for batch in value["batches"]]
        for size in range(value["size"]):
            complete = sum(1 for end in ends if end <= size)
            cut_lines.append(f"{name}\t{flags}\t{text[:2 * size]}")
            expected.append((ends[complete - 1] if complete else 0, complete))
    for line, answer, (valid, complete) in zip(cut_lines, dumped(program, cut_lines), expected):
        if "error" in answer:
            assert "not in this build" in answer["error"], answer
            continue
        assert answer["validBytes"] == valid, line[:100]
        assert all(record["batch"] < complete for record in answer["records"])
    assert len(cut_lines) > 10000


def check_damaged(program, lines):
    """Flipped bits, lost and added bytes: an answer to every line."""
    draw = random.Random(7)
    damaged = []
    for line in lines:
        name, flags, text = line.split("\t")
        for _ in range(20):
            data = bytearray.fromhex(text)
            for _ in range(draw.randint(1, 4)):
                where = draw.randrange(len(data) + 1)
                what = draw.randrange(3)
                if what == 0 and where < len(data):
                    data[where] ^= 1 << draw.randrange(8)
                elif what == 1:
                    del data[where : where + draw.randint(1, 9)]
                else:
                    data[where:where] = draw.randbytes(draw.randint(1, 9))
            damaged.append(f"{name}\t{flags}\t{data.hex()}")
    answers = dumped(program, damaged)
    assert sum(1 for answer in answers if "error" in answer) > len(damaged) / 2


def check_bad_lines(program):
    answers = dumped(program, ["1", "1\tv2", "1\tv2\txyz", "1\tv2\t0", "no \"number\"\tv2\t", "7\tv2\t", "8\tv2\tFF\textra"])
    assert ["error" in answer for answer in answers] == [True, True, True, True, False, False, True], answers
    assert answers[4]["id"] == 'no "number"'
    assert answers[5] == {"id": 7, "validBytes": 0, "records": []}


def main():
    program, golden = sys.argv[1:]
    lines = lines_of(f"{golden}/records.tsv.gz")
    values = [json.loads(line) for line in lines_of(f"{golden}/records.jsonl.gz")]
    assert len(lines) == len(values) == 267
    check_golden(program, lines, values)
    check_truncated(program, lines, values)
    check_damaged(program, lines)
    check_bad_lines(program)


main()
