#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""README.md must tell the truth: `snippet` extracts its program, `table` compares its table of APIs."""
import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
TABLE = re.compile(r"(<!-- api table:[^\n]*-->\n)(.*?)(<!-- end of api table -->)", re.S)


def snippet(out):
    programs = re.findall(r"```cpp\n(.*?)```", README.read_text(), re.S)
    if len(programs) != 1:
        sys.exit(f"README.md holds {len(programs)} programs, expected one")
    pathlib.Path(out).write_text(programs[0])


def table(tool, update):
    wanted = subprocess.run([tool], check=True, capture_output=True, text=True).stdout
    text = README.read_text()
    found = TABLE.search(text)
    if not found:
        sys.exit("README.md has no table of APIs")
    if update:
        README.write_text(text[: found.start(2)] + "\n" + wanted + "\n" + text[found.end(2) :])
    elif found.group(2).strip() != wanted.strip():
        sys.exit(f"the table of APIs is out of date; run: {sys.argv[0]} table {tool} --update")


if __name__ == "__main__":
    if sys.argv[1] == "snippet":
        snippet(sys.argv[2])
    else:
        table(sys.argv[2], "--update" in sys.argv[3:])
