#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reduces the message definitions inside a kafka-clients jar to facts: names, types, versions, tags, defaults.

usage: reduce_schema.py kafka-clients-X.Y.Z.jar schema.jsonl.gz

The schema test compares our messages with the result, one message a line.
"""
import gzip
import json
import sys
import zipfile

FIELD = ("name", "type", "versions", "nullableVersions", "tag", "taggedVersions", "default", "ignorable",
         "flexibleVersions")
MESSAGE = ("name", "type", "apiKey", "validVersions", "flexibleVersions", "latestVersionUnstable")


def without_comments(text):
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))


def reduced_fields(fields):
    out = []
    for field in fields:
        kept = {key: field[key] for key in FIELD if key in field}
        if "fields" in field:
            kept["fields"] = reduced_fields(field["fields"])
        out.append(kept)
    return out


def reduced(message):
    out = {key: message[key] for key in MESSAGE if key in message}
    out["fields"] = reduced_fields(message.get("fields", []))
    structs = [{"name": struct["name"], "fields": reduced_fields(struct["fields"])}
               for struct in message.get("commonStructs", [])]
    if structs:
        out["commonStructs"] = structs
    return out


def main(jar, target):
    with zipfile.ZipFile(jar) as archive:
        names = sorted(n for n in archive.namelist() if n.startswith("common/message/") and n.endswith(".json"))
        messages = [reduced(json.loads(without_comments(archive.read(name).decode()))) for name in names]
    messages = [message for message in messages
                if message["type"] != "data" or message["name"].startswith("ConsumerProtocol")]
    lines = "".join(json.dumps(message, separators=(",", ":")) + "\n" for message in messages)
    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(lines.encode())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
