#!/usr/bin/env python3
"""Makes many different bundles out of the fixtures, one in twenty of them broken, hanging or hostile.

    mix.py FOLDER COUNT [--seed N] [--from DIR]... [--no-hang]

Every bundle differs from every other: its manifest has another time, host and connector version, or it holds a note of its
own. Same arguments, same bundles. What is broken is listed in FOLDER/broken.txt, with how.
"""

import argparse
import datetime
import io
import json
import pathlib
import random
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = ["8.1.7.21417", "8.2.1.21612", "8.2.3.30119", "8.4.0.30201"]
STAMP = (2026, 11, 23, 0, 0, 0)
KINDS = ["cut", "garbage", "empty", "flipped", "bomb", "lying", "hang"]


def sources(folders):
    """Lists what bundles are made of: archives and captures, sorted."""
    found = []
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix.lower() in {".zip", ".pcapng", ".pcap"} and path.stat().st_size < 4 << 20:
                found.append(path)
    return found


def repack(path, number, rng):
    """Gives the bytes of a bundle like `path`, and like no other."""
    week = datetime.timedelta(weeks=int(rng.triangular(0, 11, 9)), hours=rng.randrange(150))
    collected = datetime.datetime(2026, 9, 1, tzinfo=datetime.timezone.utc) + week
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        def put(name, data, stored=False):
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            new.writestr(info, data)

        if not zipfile.is_zipfile(path):
            put("README.txt", f"bundle {number}\n")
            put("network/" + path.name, path.read_bytes(), stored=True)
            return out.getvalue()
        with zipfile.ZipFile(path) as old:
            for entry in old.infolist():
                data = old.read(entry)
                if entry.filename.endswith("manifest.json"):
                    manifest = json.loads(data)
                    manifest["times"]["start"] = collected.isoformat()
                    manifest["host"]["hostname"] = f"PC-{number:05}"
                    manifest["host"]["connector_version"] = rng.choice(VERSIONS)
                    data = json.dumps(manifest).encode()
                put(entry.filename, data, entry.compress_type == zipfile.ZIP_STORED)
            put(f"note-{number}.txt", f"bundle {number}\n")
    return out.getvalue()


def spoil(kind, good, folder, name, rng):
    """Writes a bundle that is broken in one way."""
    path = folder / f"{name}.zip"
    if kind == "cut":
        path.write_bytes(good[: rng.randrange(1, len(good))])
    elif kind == "garbage":
        path.write_bytes(rng.randbytes(rng.randrange(100, 20_000)))
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "flipped":
        bad = bytearray(good)
        for _ in range(40):
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(bad))
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
            info = zipfile.ZipInfo("connector/logs/sfc.exe.log", STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            with bomb.open(info, "w") as entry:
                for _ in range(200):
                    entry.write(bytes(1 << 20))
            bomb.writestr(zipfile.ZipInfo("manifest.json", STAMP), name)
    elif kind == "lying":
        # The central directory says what is not so.
        bad = bytearray(good)
        at = bad.rfind(b"PK\x01\x02")
        bad[at + 20 : at + 28] = rng.randbytes(8)
        path.write_bytes(bytes(bad))
    elif kind == "hang":
        # 30 GiB of nothing, which take no room on the disk, and longer to read than anybody waits.
        case = folder / name
        case.mkdir(exist_ok=True)
        with open(case / "sfc.exe.log", "wb") as log:
            log.truncate((30 << 30) + rng.randrange(1 << 20))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="folders", action="append")
    parser.add_argument("--no-hang", action="store_true", help="leaves out the ones that end by their limit only")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    every = sources(args.folders or [ROOT / "fixtures" / "cases"])
    kinds = [kind for kind in KINDS if not (args.no_hang and kind == "hang")]
    broken = []
    for number in range(args.count):
        good = repack(every[number % len(every)], number, rng)
        name = f"case-{number:05}"
        sub = args.folder / f"{number % 16:x}"
        sub.mkdir(exist_ok=True)
        if number % 20 == 7:
            kind = kinds[number // 20 % len(kinds)]
            spoil(kind, good, sub, name, rng)
            broken.append(f"{sub.name}/{name} {kind}")
        else:
            (sub / f"{name}.zip").write_bytes(good)
    (args.folder / "broken.txt").write_text("\n".join(broken) + "\n")


if __name__ == "__main__":
    main()
