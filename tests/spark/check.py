#!/usr/bin/env python3
"""Holds the result of cases.py against the folder: one row per bundle, statuses as told.

    check.py OUT COUNT [status=number]...
"""

import collections
import json
import sys

import pyarrow.dataset


def main():
    out, count, *expected = sys.argv[1:]
    table = pyarrow.dataset.dataset(f"{out}/rows", format="parquet").to_table().to_pylist()
    newest = {}
    for row in sorted(table, key=lambda row: row["at"]):
        newest[row["key"], row["rules"], row["tool"]] = row
    paths = collections.Counter(row["path"] for row in newest.values())
    statuses = collections.Counter(row["status"] for row in newest.values())
    print(f"{len(table)} answers, {len(newest)} rows, {dict(statuses)}")
    twice = [path for path, times in paths.items() if times > 1]
    assert not twice, f"more than one row: {twice[:5]}"
    assert len(paths) == int(count), f"{len(paths)} bundles have a row, not {count}"
    for one in expected:
        status, number = one.split("=")
        assert statuses[status] == int(number), f"{statuses[status]} rows are {status}, not {number}"
    for row in newest.values():
        if row["status"] == "done":
            assert json.loads(row["row"])["schema"] == "tetra-case/1", row


if __name__ == "__main__":
    main()
