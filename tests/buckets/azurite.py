#!/usr/bin/env python3
"""Holds the reading of az:// against Azurite, the emulator of Azure's blobs, on loopback; to be run by hand.

    npm install azurite@3.37.0 && pip install azure-storage-blob==12.31.1
    azurite.py ANALYZER node_modules/.bin/azurite-blob        ANALYZER: built with the feature `buckets`
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

from azure.storage.blob import BlobServiceClient

CASES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "cases"
NAMES = ["dns-nxdomain", "proxy-auth-required", "tls-cert-expired"]
# Azurite knows this account only; both are in its documentation.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def check(analyzer, port):
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    client = BlobServiceClient(endpoint, credential={"account_name": ACCOUNT, "account_key": KEY})
    container = client.create_container("cases")
    for name in NAMES:
        container.upload_blob(f"2026/{name}.zip", (CASES / name / "bundle.zip").read_bytes())
    env = {
        **os.environ,
        "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        "AZURE_STORAGE_ENDPOINT": endpoint,
        "AZURE_ALLOW_HTTP": "true",
    }

    def ask(*args):
        return subprocess.run([analyzer, "batch", *map(str, args)], env=env, capture_output=True, text=True)

    listed = [json.loads(line)["path"] for line in ask("list", "az://cases/2026").stdout.splitlines()]
    assert sorted(listed) == sorted(f"az://cases/2026/{name}.zip" for name in NAMES), listed
    for name in NAMES:
        here = json.loads(ask("row", CASES / name / "bundle.zip").stdout)
        there = json.loads(ask("row", f"az://cases/2026/{name}.zip").stdout)
        assert there.pop("content").startswith("tag:") and here.pop("content")
        assert there == here, (there, here)
    row = json.loads(ask("row", "az://cases/2026/gone.zip").stdout)
    assert (row["status"], row["message"]) == ("unreadable", "there is no such object"), row
    env["AZURE_STORAGE_ACCOUNT_KEY"] = KEY[:-4] + "AA=="
    row = json.loads(ask("row", f"az://cases/2026/{NAMES[0]}.zip").stdout)
    assert row["status"] == "unreadable" and "the store" in row["message"], row
    print(f"{len(listed)} bundles below az://cases/2026, rows as from a disk; missing and denied are told")


def main():
    analyzer, azurite = sys.argv[1:]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    server = subprocess.Popen([azurite, *asked, "--blobHost", "127.0.0.1", "--blobPort", str(port)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        check(analyzer, port)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
