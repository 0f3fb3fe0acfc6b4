#!/usr/bin/env python3
"""Holds the reading of buckets against moto's S3 server on loopback: listing, ranges, an object that is missing, a 403.

Google's XML API has the same form, so gs:// is held against it as well.

    check.py ANALYZER        one that is built with the feature `buckets`; Python with the packages of requirements.txt
"""

import io
import json
import logging
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile

import boto3
from moto.server import ThreadedMotoServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ROOT / "fixtures" / "cases"
DUMP = 200 << 20


def main():
    analyzer = sys.argv[1]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    address = "http://%s:%s" % server.get_host_and_port()
    env = {
        **os.environ,
        "AWS_ENDPOINT": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
    }
    s3 = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="somebody", aws_secret_access_key="something"
    )

    def ask(*args):
        return subprocess.run([analyzer, *map(str, args)], env=env, capture_output=True, text=True)

    def fetched(said):
        return tuple(map(int, re.search(r"fetched (\d+) of (\d+) bytes in (\d+) requests", said).groups()))

    s3.create_bucket(Bucket="cases")
    names = ["dns-nxdomain", "proxy-auth-required", "tls-cert-expired"]
    for name in names:
        s3.upload_file(str(CASES / name / "bundle.zip"), "cases", f"2026/{name}.zip")
    s3.put_object(Bucket="cases", Key="2026/notes.txt", Body=b"no bundle")
    s3.put_object(Bucket="cases", Key="2026/deep/er/garbage.zip", Body=b"no archive either")

    # A bundle with much that the analysis has no use for, in a place of its own.
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w", zipfile.ZIP_STORED) as new, zipfile.ZipFile(CASES / names[0] / "bundle.zip") as old:
        entries = old.infolist()
        for at, entry in enumerate(entries):
            if at == len(entries) // 2:
                new.writestr("memory.dmp", random.Random(1).randbytes(DUMP))
            new.writestr(entry.filename, old.read(entry))
    s3.put_object(Bucket="cases", Key="large/with-dump.zip", Body=large.getvalue())
    xml = io.BytesIO()
    with zipfile.ZipFile(xml, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("memory.dmp", random.Random(2).randbytes(DUMP))
        new.writestr("connector/local.xml", "<config><agent><version>8.4.0.30201</version></agent></config>")
    s3.put_object(Bucket="cases", Key="large/xml.zip", Body=xml.getvalue())

    listed = [json.loads(line) for line in ask("batch", "list", "s3://cases/2026").stdout.splitlines()]
    assert sorted(one["path"] for one in listed) == sorted(
        [f"s3://cases/2026/{name}.zip" for name in names] + ["s3://cases/2026/deep/er/garbage.zip"]
    ), listed
    assert all(one["bytes"] > 0 and one["modified"] > 0 for one in listed), listed
    print("list:", len(listed), "bundles below s3://cases/2026")

    for name in names:
        here = json.loads(ask("batch", "row", CASES / name / "bundle.zip").stdout)
        there = json.loads(ask("batch", "row", f"s3://cases/2026/{name}.zip").stdout)
        assert there.pop("content").startswith("tag:") and here.pop("content")
        assert there == here, (there, here)
    print("rows: the same as from a disk, but for the key")

    done = ask("batch", "row", "s3://cases/large/with-dump.zip")
    assert json.loads(done.stdout)["cause"] == "dns-nxdomain", done
    got, size, requests = fetched(done.stderr)
    assert size > DUMP and got < 2 << 20, done.stderr
    print(f"ranges: {got} of {size} bytes in {requests} requests for a bundle with a memory dump")
    done = ask("batch", "row", "s3://cases/large/xml.zip")
    assert json.loads(done.stdout)["status"] == "done", done
    got, size, requests = fetched(done.stderr)
    assert size > DUMP and got < 256 << 10, done.stderr
    print(f"ranges: {got} of {size} bytes in {requests} requests for one XML out of a large archive")

    google = {**os.environ, "GOOGLE_BASE_URL": address, "GOOGLE_SKIP_SIGNATURE": "true", "GOOGLE_ALLOW_HTTP": "true"}
    s3.create_bucket(Bucket="open", ACL="public-read")
    for name in names:
        s3.upload_file(str(CASES / name / "bundle.zip"), "open", f"2026/{name}.zip", ExtraArgs={"ACL": "public-read"})

    def ask_google(*args):
        return subprocess.run([analyzer, *map(str, args)], env=google, capture_output=True, text=True)

    listed = [json.loads(line)["path"] for line in ask_google("batch", "list", "gs://open/2026").stdout.splitlines()]
    assert sorted(listed) == sorted(f"gs://open/2026/{name}.zip" for name in names), listed
    for name in names:
        here = json.loads(ask("batch", "row", f"s3://cases/2026/{name}.zip").stdout)
        assert json.loads(ask_google("batch", "row", f"gs://open/2026/{name}.zip").stdout) == here
    row = json.loads(ask_google("batch", "row", "gs://open/2026/gone.zip").stdout)
    assert (row["status"], row["message"]) == ("unreadable", "there is no such object"), row
    print("google:", len(listed), "bundles below gs://open/2026, rows as by s3://")

    row = json.loads(ask("batch", "row", "s3://cases/2026/gone.zip").stdout)
    assert (row["status"], row["message"]) == ("unreadable", "there is no such object"), row
    print("missing:", row["status"] + ",", row["message"])

    with tempfile.TemporaryDirectory() as folder:
        table = f"{folder}/cases.sqlite"
        done = ask("batch", "s3://cases/2026", "s3://cases/2026/gone.zip", "--db", table)
        assert done.returncode == 1 and done.stdout.startswith("5 bundles: 3 analysed"), done
        again = ask("batch", "s3://cases/2026", "s3://cases/2026/gone.zip", "--db", table)
        assert again.stdout.startswith("5 bundles: 0 analysed, 4 in the table already"), again
        print("batch: 5 rows; again: 4 known, the missing one asked for once more")

        # From now on the server wants credentials that it knows.
        plain = {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(address + "/moto-api/reset-auth", data=b"0", headers=plain)).read()
        row = json.loads(ask("batch", "row", f"s3://cases/2026/{names[0]}.zip").stdout)
        assert row["status"] == "unreadable" and "the store" in row["message"], row
        denied = ask("batch", "s3://cases/2026", "--db", table)
        assert denied.returncode == 2 and "cannot list" in denied.stderr, denied
        print("403:", row["status"] + ",", row["message"])
    server.stop()


if __name__ == "__main__":
    main()
