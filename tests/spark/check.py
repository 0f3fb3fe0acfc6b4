#!/usr/bin/env python3
"""Holds the result of cases.py: every bundle has a key and one row by it; answers and statuses as told.

    check.py OUT COUNT [answers=number] [status=number]...
"""

import collections
import json
import sys

import pyarrow.dataset


def main():
    out, count, *expected = sys.argv[1:]
    table = pyarrow.dataset.dataset(f"{out}/rows", format="parquet").to_table().to_pylist()
    keys = pyarrow.dataset.dataset(f"{out}/keys", format="parquet").to_table().to_pylist()
    newest = {}
    for row in sorted(table, key=lambda row: row["at"]):
        newest[row["key"], row["rules"], row["tool"]] = row
    rows = collections.Counter(row["key"] for row in newest.values())
    counts = collections.Counter(row["status"] for row in newest.values())
    bundles = {key["stamp"]: key["key"] for key in keys}
    print(f"{len(table)} answers, {len(newest)} rows, {len(bundles)} bundles, {dict(counts)}")
    assert len(bundles) == len(keys), "a bundle has two keys"
    assert len(bundles) == int(count), f"{len(bundles)} bundles have a key, not {count}"
    wrong = [stamp for stamp, key in bundles.items() if rows[key] != 1]
    assert not wrong, f"not one row: {wrong[:5]}"
    counts["answers"] = len(table)
    for one in expected:
        what, number = one.split("=")
        assert counts[what] == int(number), f"{counts[what]} {what}, not {number}"
    for row in newest.values():
        if row["status"] == "done":
            assert json.loads(row["row"])["schema"] == "tetra-case/1", row


if __name__ == "__main__":
    main()
