#!/usr/bin/env python3
"""Analyses archived cases with Apache Spark: one child process per bundle, calling `tetra-analyze batch row`.

    spark-submit cases.py --cases PATH... --out FOLDER --analyzer PATH [--rules DIR]... [--retry-failed]

listing -> bins of about equal size, the largest bundles first -> mapInArrow, one child per bundle -> one Parquet append per chunk
of bins -> what is there already is left out by an anti-join on (key, rules, program). The key is the content's: its SHA-256, or
in a bucket the store's tag. OUT/keys says which bundle has which, so that one whose path, size and time are known is not hashed
again; OUT/rows holds every answer, and `latest()` gives one row per content: copies of a bundle share it.

A bundle that crashes its child, hangs or is garbage is a row with its status; a task never fails for it. Results are on
disk after each chunk: a lost worker costs the tasks it ran (Spark runs them again), a lost driver at most one chunk.
The folders must be reachable under the same path from the driver and from every worker.
"""

import argparse
import heapq
import json
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time

import pyarrow as pa
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

# What is asked of the rows most often has a column; `row` is the whole of it, schema tetra-case/1.
SCHEMA = (
    "key string, path string, bytes long, rules string, tool string, status string, message string, verdict string, "
    "cause string, region string, connector_version string, collected string, row string, at double"
)
KEYS = "stamp string, path string, bytes long, key string"
TYPES = {"string": pa.string(), "long": pa.int64(), "double": pa.float64()}


def arrow(schema):
    """Gives Arrow's form of a schema of Spark's."""
    return pa.schema([(name, TYPES[kind]) for name, kind in (part.split() for part in schema.split(", "))])


OUTPUT = 16 << 20
WORDS = 1 << 20
BATCH = 64


def listing(analyzer, cases):
    """Gives (stamp, path, bytes) of every bundle. The stamp is made of path, size and time: who has the same has not changed."""
    done = subprocess.run([analyzer, "batch", "list", "--", *cases], check=True, capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [(f"{one['path']}|{one['bytes']}|{one['modified']}", one["path"], one["bytes"]) for one in found]


def bins(bundles, count):
    """Deals bundles into bins of about equal size: largest first, always into the bin that holds least."""
    held = [(0, number) for number in range(count)]
    dealt = [[] for _ in held]
    for bundle in sorted(bundles, key=lambda one: (-one[2], one[1])):
        size, number = heapq.heappop(held)
        # A small bundle costs the start of a process all the same.
        heapq.heappush(held, (size + bundle[2] + (1 << 20), number))
        dealt[number].append(bundle)
    return dealt


def run(wanted, options):
    """Runs `batch row` within its limits; gives the line it printed, or the status and message of how it broke off."""
    command = [options["analyzer"], "batch", "row", "--memory", str(options["memory"]), "--time", str(4 * options["time"])]
    with tempfile.TemporaryFile() as words:
        try:
            child = subprocess.Popen(
                [*command, *wanted], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words, start_new_session=True
            )
        except OSError as error:
            return None, "crashed", f"cannot start the analyzer: {error}"
        overdue = threading.Event()

        def kill():
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

        def late():
            overdue.set()
            kill()

        clock = threading.Timer(options["time"], late)
        clock.daemon = True
        clock.start()
        try:
            # Standard error goes to a file that cannot grow far, standard output into no more memory than this.
            if hasattr(resource, "prlimit"):
                resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (WORDS, WORDS))
            printed = child.stdout.read(OUTPUT + 1)
            if len(printed) > OUTPUT:
                kill()
            child.wait()
        except ProcessLookupError:
            printed = child.stdout.read(OUTPUT + 1)
            child.wait()
        finally:
            clock.cancel()
            child.stdout.close()
        words.seek(0)
        said = words.read(4096).decode("utf-8", "replace").strip().split("\n")[0][:500]
    if overdue.is_set():
        return None, "timeout", f"it took longer than {options['time']} s"
    if len(printed) > OUTPUT:
        return None, "output", f"it printed more than {OUTPUT} bytes"
    if child.returncode == -signal.SIGXFSZ:
        return None, "output", f"it said more than {WORDS} bytes on standard error"
    if "memory allocation of" in said:
        return None, "memory", "it took more memory than it may"
    if child.returncode != 0:
        return None, "crashed", f"it ended with status {child.returncode}: {said}"
    return printed.decode("utf-8", "replace"), None, None


def text(value):
    """Gives a text that Arrow takes, whatever a child has printed."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def each(schema, answer):
    """Gives the function that Spark runs on each partition: Arrow batches of bundles in, one Arrow row for each out."""
    form = arrow(schema)

    def partition(batches):
        # A child that dies must leave no core file on the worker.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        rows = []
        for batch in batches:
            for bundle in batch.to_pylist():
                rows.append(answer(bundle))
                if len(rows) >= BATCH:
                    yield pa.RecordBatch.from_pylist(rows, schema=form)
                    rows = []
        if rows:
            yield pa.RecordBatch.from_pylist(rows, schema=form)

    return partition


def key_of(options):
    """Gives the function that finds the key of a bundle: of its content, or where that cannot be read, its stamp."""

    def answer(bundle):
        line, _, _ = run(["--key", "--", bundle["path"]], options)
        words = line.split() if line is not None else []
        known = len(words) == 1 and (len(words[0]) == 64 or words[0].startswith("tag:"))
        return {**bundle, "key": words[0] if known else f"unhashed:{bundle['stamp']}"}

    return answer


def row_of(options):
    """Gives the function that analyses a bundle."""
    packs = [part for folder in options["rules"] for part in ("--rules", folder)]

    def answer(bundle):
        line, status, message = run([*packs, "--", bundle["path"]], options)
        try:
            row = json.loads(line) if line is not None else {}
            if status is None and row["schema"] != "tetra-case/1":
                raise ValueError("another schema")
        except (ValueError, KeyError, TypeError):
            line, row, status, message = None, {}, "crashed", "it ended well without a row"
        names = ["verdict", "cause", "region", "connector_version", "collected"]
        return {
            **{name: text(row.get(name)) for name in names},
            "key": bundle["key"],
            "path": bundle["path"],
            "bytes": bundle["bytes"],
            "rules": options["rules_key"],
            "tool": options["tool"],
            "status": status or text(row.get("status")),
            "message": message or text(row.get("message")),
            "row": line,
            "at": time.time(),
        }

    return answer


def stored(spark, out, what="rows", schema=SCHEMA):
    """Gives every answer so far, or with `keys` and their schema every key."""
    try:
        return spark.read.schema(schema).parquet(os.path.join(out, what))
    except Exception as error:  # noqa: BLE001 - Spark has one class for all that it cannot analyse
        if "PATH_NOT_FOUND" not in str(error):
            raise
        return spark.createDataFrame([], schema)


def latest(rows):
    """Gives one row per content, rules and program: of several answers the one given last."""
    newest = Window.partitionBy("key", "rules", "tool").orderBy(F.col("at").desc(), F.col("status"))
    return rows.withColumn("place", F.row_number().over(newest)).where("place = 1").drop("place")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", required=True, nargs="+", help="what `tetra-analyze batch list` takes")
    parser.add_argument("--out", required=True, help="folder of the results")
    parser.add_argument("--analyzer", required=True, help="tetra-analyze, under the same path on every worker")
    parser.add_argument("--rules", action="append", default=[], help="adds a rule pack")
    parser.add_argument("--time", type=int, default=300, help="seconds that one bundle may take")
    parser.add_argument("--memory", type=int, default=2048, help="MiB that one bundle may take")
    parser.add_argument("--chunk", type=int, default=4096, help="bundles of one append: what a lost driver costs")
    parser.add_argument("--bins", type=int, help="bins of a chunk; four for each core if left out")
    parser.add_argument("--retry-failed", action="store_true", help="does again what could not be analysed")
    return parser.parse_args()


def main():
    args = arguments()
    key = subprocess.run(
        [args.analyzer, "batch", "row", "--key", *(part for one in args.rules for part in ("--rules", one))],
        check=True,
        capture_output=True,
        text=True,
    )
    rules_key, tool = key.stdout.split()
    spark = SparkSession.builder.appName("tetra cases").getOrCreate()
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH))
    options = {**vars(args), "rules_key": rules_key, "tool": tool}
    count = args.bins or 4 * spark.sparkContext.defaultParallelism

    def answers():
        return latest(stored(spark, args.out)).where((F.col("rules") == rules_key) & (F.col("tool") == tool))

    def done():
        held = answers()
        return (held.where("status = 'done'") if args.retry_failed else held).select("key")

    def keys():
        return stored(spark, args.out, "keys", KEYS).select("stamp", "key").dropDuplicates(["stamp"])

    def spread(bundles, columns, answer, schema, to):
        held = spark.sparkContext.parallelize(bins(bundles, count), count)
        frame = held.flatMap(lambda dealt: dealt).toDF(columns).mapInArrow(each(schema, answer), schema)
        # Written by renaming when all tasks have ended. Whole files that a dying driver has renamed already count, too.
        frame.write.mode("append").parquet(os.path.join(args.out, to))

    every = listing(args.analyzer, args.cases)
    if not every:
        raise SystemExit(f"no bundle in {args.cases}")
    wanted = spark.createDataFrame(every, "stamp string, path string, bytes long").join(keys(), "stamp", "left")
    # Where the key is not known yet, it equals none.
    todo = wanted.join(done(), "key", "left_anti").select("stamp", "path", "bytes", "key").collect()
    todo = sorted((tuple(row) for row in todo), key=lambda one: (-one[2], one[1]))
    print(f"{len(every)} bundles, {len(every) - len(todo)} in {args.out} already", flush=True)
    for begin in range(0, len(todo), args.chunk):
        chunk = todo[begin : begin + args.chunk]
        new = [one[:3] for one in chunk if one[3] is None]
        if new:
            spread(new, "stamp string, path string, bytes long", key_of(options), KEYS, "keys")
        here = spark.createDataFrame([one[:3] for one in chunk], "stamp string, path string, bytes long")
        here = here.join(keys(), "stamp").join(done(), "key", "left_anti").select("path", "bytes", "key").collect()
        # Of bundles with the same content the first is read.
        unlike = {key: (key, path, size) for path, size, key in sorted(map(tuple, here), reverse=True)}
        if unlike:
            spread(unlike.values(), "key string, path string, bytes long", row_of(options), SCHEMA, "rows")
        print(f"{min(begin + args.chunk, len(todo))} of {len(todo)} done, {len(unlike)} analysed", flush=True)
    held = spark.createDataFrame(every, "stamp string, path string, bytes long").join(keys(), "stamp")
    table = answers().join(held.select("key"), "key", "left_semi")
    for row in table.groupBy("status", "verdict").count().orderBy("status", "verdict").collect():
        print(row["status"], row["verdict"] or "-", row["count"], flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
