# SPDX-License-Identifier: Apache-2.0
"""tidy.py [--root ROOT] [RULE...]: checks the house rules (all of them, or those named) and prints every fault."""
import argparse
import sys
from pathlib import Path

import rules


def main():
    by_name = {rule.__name__: rule for rule in rules.ALL}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2])
    parser.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(by_name))
    arguments = parser.parse_args()
    unknown = set(arguments.rules) - set(by_name)
    if unknown:
        parser.error(f"no such rule: {', '.join(sorted(unknown))}")
    tree = rules.Tree(arguments.root)
    faults = 0
    for name in arguments.rules or by_name:
        for path, line, message in by_name[name](tree):
            print(f"{path}:{line}: {name}: {message}")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
