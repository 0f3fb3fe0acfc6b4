#!/usr/bin/env python3
"""Makes fixtures/cases/<name> from captures of the laboratory.

  fixtures.py --captures DIR [--captures DIR ...] --out fixtures/cases [NAME ...]

Each case is one input of the analyzer (a bundle, the vendor's archive, a folder, a bare capture, a broken archive) and expected.json. The
captures are real; the other files have the shapes that public sources show, with values that agree with the capture. The log holds message
fragments that are publicly known, none of which speaks of an update: no public sample of such a line exists. The same captures give the same bytes.
"""
import argparse, datetime as dt, glob, hashlib, io, json, os, random, shutil, subprocess, sys, zipfile

UUID = "5c6e64fa-7738-4b39-b201-15451e33bfe6"
VERSION = "8.1.7.21417"
OLD = "7.5.5.21061"
LAN = {"dns_servers": ["10.10.0.53"], "gateways": ["192.168.205.1"],
       "adapters": [{"name": "Ethernet0", "addresses": ["192.168.205.138"], "dns_servers": ["10.10.0.53"], "gateways": ["192.168.205.1"], "dhcp": True}]}
PROXY = "proxy.corp.example"


# ---------------------------------------------------------------- files of the endpoint
def local_xml(end, failing, lasterror=None, skiptetra=0, version=90604, old_form=False, checked_age=0):
    """local.xml as connectors of spring 2025 and later write it, or with the older defversions"""
    checked = int(end) - checked_age
    success = checked - (35 if checked_age or not failing else 2 * 86400 + 1234)
    tetra = ["<defversions>1:%d</defversions>" % version] if old_form else []
    if lasterror:
        tetra.append("<lasterror>%d</lasterror>" % lasterror)
    tetra += ["<lastupdate>%d</lastupdate>" % success, "<lastsuccesstime>%d</lastsuccesstime>" % success, "<lastupdatechecked>%d</lastupdatechecked>" % checked]
    stats = "" if old_form else '''
      <stats>
        <definitions>{&quot;engineDefinitions&quot;:[{&quot;defVersion&quot;:&quot;x:%d&quot;}]}</definitions>
      </stats>''' % version
    return '''<?xml version="1.0" encoding="utf-8"?>
<config>
  <agent>
    <uuid>%s</uuid>
    <agent_registered>1</agent_registered>
    <agent_disabled>0</agent_disabled>
    <engine>
      <tetra>
        %s
      </tetra>%s
    </engine>
  </agent>
  <install>
    <switches>
      <skipdfc>1</skipdfc>
      <desktopicon>0</desktopicon>
      <skiptetra>%d</skiptetra>
      <contextmenu>0</contextmenu>
      <overridepolicy>1</overridepolicy>
    </switches>
  </install>
</config>
''' % (UUID, "\n        ".join(tetra), stats, skiptetra)


def policy_xml(tetra=1, updater=1, server="tetra-defs.amp.cisco.com", proxy=None):
    """policy.xml: a signed envelope whose namespace holds for every element; secrets are replaced as the collector replaces them"""
    px = "" if not proxy else '''
      <proxy>
        <type>%s</type>
        <server>%s</server>
        <port>%d</port>
        <authtype>%d</authtype>%s
      </proxy>''' % (proxy.get("type", "http"), proxy["server"], proxy["port"], 1 if proxy.get("user") else 0,
                     "\n        <username>%s</username>\n        <password>(withheld)</password>" % proxy["user"] if proxy.get("user") else "")
    return '''<?xml version="1.0" encoding="UTF-8"?>
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
  <Object>
    <config>
      <janus>
        <policy>
          <serial_number>303</serial_number>
          <name>Protect</name>
        </policy>
      </janus>
      <agent>
        <log><level>0</level></log>
        <scansettings>
          <tetra>
            <enable>%d</enable>
            <updater>
              <enable>%d</enable>
              <server>%s</server>
              <interval>3600</interval>
            </updater>
          </tetra>
        </scansettings>
      </agent>%s
      <conn><ssl><verifyhost>1</verifyhost><verifypeer>1</verifypeer><crlc>1</crlc></ssl></conn>
    </config>
  </Object>
</Signature>
''' % (tetra, updater, server, px)


def posture(connected=True, version=90604, engine=True):
    engines = [{"name": "Tetra", "definitions": version, "enabled": True}] if engine else []
    return json.dumps({"agent_uuid": UUID, "connected": connected, "connector_version": VERSION.rsplit(".", 1)[0], "engines": engines}, separators=(",", ":")) + "\n"


def connector_log(name, start, end, lines=70):
    """sfc.exe.log: `(tick, +n ms) Mon D HH:MM:SS [thread]: message`, with publicly known fragments of ordinary work"""
    rnd = random.Random(name)
    tick = rnd.randrange(10**6, 10**8)
    t = start - 420
    step = (end + 60 - t) / lines
    out = []
    for _ in range(lines):
        gap = int(step * rnd.uniform(400, 1600))
        t += gap / 1000
        tick += gap
        n = rnd.randrange(10**4, 10**5)
        message = rnd.choice([
            r"Event::HandleCreation: START \\?\C:\Users\lab\AppData\Local\Temp\~df%d.tmp(\\?\C:\Users\lab\AppData\Local\Temp\~df%d.tmp), \\?\C:\Windows\explorer.exe" % (n, n),
            "EVENT_INNER_FILE_SCAN start",
            "TetraEngineInterface::ScanFile[%d] lock acquired" % rnd.randrange(1000, 9999),
            "Query::LookupExecute: attempting lookup with cloud",
            "Cache::Get: age",
            "NFMMemCache::Get: rip: %d" % rnd.randrange(1 << 32),
            r"Exclusion::IsExcluded: result: 1 from cache for \\?\C:\Windows\System32\spoolsv.exe,",
            "calculating ETHOS hash",
            "imn::CEventManager::PublishEvent: publishing type=553648130" if rnd.random() < 0.1 else "GetSperoHash SPERO fingerprint: status: 1",
        ])
        d = dt.datetime.fromtimestamp(t, dt.timezone.utc)
        out.append("(%d, +%d ms) %s %2d %s [%d]: %s" % (tick, gap, d.strftime("%b"), d.day, d.strftime("%H:%M:%S"), rnd.choice([3180, 4512, 5260, 7044]), message))
    return "\r\n".join(out) + "\r\n"


def iso(t):
    return dt.datetime.fromtimestamp(t, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def probe(t, what, target, ok, outcome, path="direct", **more):
    return json.dumps(dict({"what": what, "target": target, "path": path, "ok": ok, "outcome": outcome, "time": iso(t)}, **more))


# ---------------------------------------------------------------- archives
def archive(files):
    """a zip whose bytes depend on the files alone"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            info.compress_type = zipfile.ZIP_STORED if ".pcap" in name else zipfile.ZIP_DEFLATED
            z.writestr(info, files[name])
    return out.getvalue()


SOURCES = {"connector/local.xml": "local_xml", "connector/policy.xml": "policy_xml", "connector/posture.json": "posture", "network/config.json": "network_config", "network/probes.jsonl": "probes",
           "network/hosts.txt": "hosts", "windows/services.json": "services", "windows/power.json": "power", "console/computer.json": "console_record", "connector/tetra-plugins.json": "tetra_plugins", "README.txt": "readme"}


def source_of(path):
    if path.startswith("connector/logs/"):
        return "connector_log"
    return "capture" if ".pcap" in path else SOURCES[path]


def manifest(files, start, end, host, steps):
    records = [{"path": p, "source": source_of(p), "bytes": len(b), "sha256": hashlib.sha256(b).hexdigest()} for p, b in sorted(files.items())]
    facts = dict({"hostname": "LAB-WIN11", "os": "Windows 11", "os_build": "22631", "architecture": "x86_64", "connector_version": VERSION, "connector_folder": r"C:\Program Files\Cisco\AMP", "disk_free_bytes": 61203283968,
                  "disk_total_bytes": 127234207744, "elevated": True}, **host)
    body = {"schema": "tetra-bundle/1", "tool": {"name": "tetra-collect", "version": "0.1.0"}, "times": {"start": iso(start - 30), "end": iso(end + 15), "utc_offset_minutes": 0, "zone": "UTC", "monotonic_ms": int((end - start + 45) * 1000)},
            "host": facts, "steps": steps, "files": records}
    return (json.dumps(body, indent=2) + "\n").encode()


def step(name, status="done", reason=None):
    return {k: v for k, v in (("name", name), ("status", status), ("reason", reason)) if v is not None}


# ---------------------------------------------------------------- the cases
class Lab:
    """captures by scenario id"""

    def __init__(self, folders):
        self.folders = folders

    def find(self, i):
        for f in self.folders:
            if os.path.exists(os.path.join(f, i, "truth.json")):
                return os.path.join(f, i)
        sys.exit("no capture of %s; make it with lab.py run %s" % (i, i))

    def truth(self, i):
        return json.load(open(os.path.join(self.find(i), "truth.json")))

    def capture(self, i):
        """name, bytes, first and last time"""
        p = next(p for p in sorted(glob.glob(os.path.join(self.find(i), "capture.pcap*"))))
        f = subprocess.run(["capinfos", "-T", "-r", "-S", "-a", "-e", p], stdout=subprocess.PIPE, text=True, check=True).stdout.strip().split("\t")
        return os.path.basename(p), open(p, "rb").read(), float(f[-2]), float(f[-1])


def expected(truth, **over):
    if truth["category"] == "healthy":
        return dict({"verdict": "healthy", "category": None, "cause": None}, **over)
    return dict({"verdict": "broken", "category": "connect" if truth["category"] == "other" else truth["category"], "cause": truth["cause"]}, **over)


INCONCLUSIVE = {"verdict": "inconclusive", "category": None, "cause": None}


def endpoint_files(name, start, end, failing, k):
    """what the collector brings besides the capture"""
    local = dict(failing=failing, lasterror=k.get("lasterror"), skiptetra=k.get("skiptetra", 0), old_form=k.get("old_form", False), checked_age=k.get("checked_age", 0))
    if not failing:
        local["version"] = 90612
    files = {"connector/local.xml": local_xml(end, **local), "connector/posture.json": posture(k.get("connected", True), local.get("version", 90604), engine=not k.get("skiptetra")),
             "connector/logs/sfc.exe.log": connector_log(name, start, end), "README.txt": "A diagnostic bundle of tetra-collect. Open it with: tetra-analyze bundle.zip\r\n"}
    config = dict(LAN)
    if k.get("proxy"):
        config["winhttp_proxy"] = "%s:%d" % (k["proxy"]["server"], k["proxy"]["port"])
    if k.get("pac"):
        config["wininet"] = {"proxy_enable": False, "pac": k["pac"]}
    files["network/config.json"] = json.dumps(config, indent=2) + "\n"
    if "policy" in k or k.get("proxy"):
        files["connector/policy.xml"] = policy_xml(**dict({"proxy": k.get("proxy")}, **k.get("policy", {})))
    if k.get("probes"):
        files["network/probes.jsonl"] = "".join(p + "\n" for p in k["probes"](end))
    if k.get("services"):
        files["windows/services.json"] = json.dumps([{"name": "CiscoAMP", "display": "Cisco Secure Endpoint %s" % VERSION, "state": k["services"], "start": "auto"}, {"name": "Dnscache", "state": "running", "start": "auto"}], indent=2) + "\n"
    if k.get("offline_days"):
        seen = end - k["offline_days"] * 86400
        files["console/computer.json"] = json.dumps({"version": "v1.2.0", "metadata": {"time": iso(end)}, "data": {"connector_guid": UUID, "hostname": "LAB-WIN11", "connector_version": VERSION, "active": True, "last_seen": iso(seen),
            "av_update_definitions": {"detection_engine": "TETRA 64 bit", "version": 90604, "updated_at": iso(seen - 7200)}}}, indent=2) + "\n"
    if k.get("awake"):
        day = end - end % 86400
        files["windows/power.json"] = json.dumps({"collected": iso(end), "changes": [{"time": iso(day - 86400 * ago + at), "what": what} for ago, at, what in k["awake"]]}, indent=2) + "\n"
    return {p: t.encode() for p, t in files.items()}


def bundle(lab, name, i, **k):
    """our own bundle around one capture"""
    truth = lab.truth(i)
    cap, data, start, end = lab.capture(i)
    failing = k.pop("failing", truth["category"] != "healthy")
    k.setdefault("lasterror", truth.get("expected_lasterror") if failing else None)
    files = endpoint_files(name, start, end, failing, k)
    files["network/" + cap] = data
    for p in k.get("without", []):
        files.pop(p, None)
    steps = [step("capture"), step("local_xml"), step("posture"), step("connector_log"), step("network_config"), step("policy_xml") if "connector/policy.xml" in files else step("policy_xml", "denied", "access is denied: readable by the connector alone since 8.1.3")]
    files["manifest.json"] = manifest(files, start, end, k.get("host", {}), steps)
    return {"bundle.zip": archive(files)}, expected(truth, **k.get("expect", {}))


def logs_only(lab, name, end, expect, **k):
    """local.xml and the log, no capture"""
    files = endpoint_files(name, end - 3600, end, True, k)
    for p in ("network/config.json", "README.txt"):
        files.pop(p)
    files["manifest.json"] = manifest(files, end - 3600, end, k.get("host", {}), [step("capture", "skipped", "not wanted"), step("local_xml"), step("posture"), step("connector_log")])
    return {"bundle.zip": archive(files)}, expect


def vendor(lab, name, i=None, end=None, expect=None, **k):
    """the vendor's archive: absolute paths without the drive, two version folders, a zip that is called .7z"""
    files, start = {}, None
    root = "Program Files/Cisco/AMP/"
    if i:
        cap, data, start, end = lab.capture(i)
        files["Captures/trace." + cap.split(".")[1]] = data
    start = start or end - 600
    files[root + "local.xml"] = local_xml(end, k.get("failing", True), k.get("lasterror"), k.get("skiptetra", 0), old_form=True, checked_age=k.get("checked_age", 0)).encode()
    if "policy" in k or k.get("proxy"):
        files[root + "policy.xml"] = policy_xml(**dict({"proxy": k.get("proxy")}, **k.get("policy", {}))).encode()
    files[root + VERSION + "/sfc.exe.log"] = connector_log(name, start, end).encode()
    files[root + OLD + "/sfc.exe.log"] = connector_log(name + OLD, start - 90 * 86400, end - 90 * 86400, 25).encode()
    return {"CiscoAMP_Support_Tool.7z": archive(files)}, expect or expected(lab.truth(i))


def bare(lab, name, i, **k):
    """nothing but a capture"""
    cap, data, _, _ = lab.capture(i)
    return {cap: data}, expected(lab.truth(i), **k.get("expect", {}))


def folder(lab, name, i, **k):
    """a folder of loose files, as somebody puts them together by hand"""
    cap, data, start, end = lab.capture(i)
    truth = lab.truth(i)
    return {"folder/trace." + cap.split(".")[1]: data, "folder/local.xml": local_xml(end, True, truth.get("expected_lasterror")).encode(), "folder/sfc.exe.log": connector_log(name, start, end).encode()}, expected(truth)


def broken(lab, name, i, keep=None, **k):
    """a bundle whose copy was cut short: the central directory and everything after `keep` are gone"""
    files, expect = bundle(lab, name, i, **k)
    data = files["bundle.zip"]
    names = [n.encode() for n in zipfile.ZipFile(io.BytesIO(data)).namelist()]
    cut = data.rindex(b"PK\x03\x04", 0, data.index(b"PK\x01\x02")) if keep is None else data.index(keep.encode())
    assert cut > 0 and names
    return {"bundle.zip": data[:cut + 20]}, expect


CORP = {"server": PROXY, "port": 3128}
DAY = 1795392000   # 2026-11-23 00:00:00 UTC, the day of the captures
T = "tetra-defs.amp.cisco.com"
CASES = {
    # dns
    "dns-nxdomain": (bundle, "d01-nxdomain", dict(probes=lambda t: [probe(t, "dns", T, False, "nxdomain", "resolver", ms=14.2, detail={"server": "10.10.0.53"})])),
    "dns-timeout-two-resolvers": (bundle, "d04c-timeout-two-servers", dict(connected=False)),
    "dns-hijack-private-address": (bundle, "d24b-hijack-dead-private", {}),
    "dns-aaaa-only": (bundle, "d23-aaaa-only", dict(old_form=True)),
    "dns-formerr-bare-capture": (bare, "d20b-formerr-windns", {}),
    # connect
    "connect-syn-timeout": (bundle, "c02-syn-timeout", dict(probes=lambda t: [probe(t, "dns", T, True, "answered", "resolver", ms=9.8, detail={"server": "10.10.0.53", "addresses": ["192.111.4.21", "192.111.4.22", "192.111.4.23"]}), probe(t, "tcp", T + ":443", False, "unanswered", ms=21004.0)])),
    "connect-host-unreachable": (bundle, "c10b-host-unreachable-gateway", {}),
    "connect-gateway-arp": (bundle, "c12b-gateway-arp-windns", dict(connected=False)),
    # tls
    "tls-revocation-syn-timeout": (bundle, "t15-rev-syn-dropped", dict(policy={})),
    "tls-revocation-syn-timeout-tls13": (bundle, "t52-rev-syn-dropped-tls13", {}),
    "tls-revocation-nxdomain": (bundle, "t50-rev-dns-nxdomain-tls12", {}),
    "tls-revocation-ocsp-stale": (bundle, "t59-ocsp-stale", {}),
    "tls-cert-expired": (bundle, "t41-expired-tls12", {}),
    "tls-inspection": (bundle, "t48c-inspection-of-all-hosts", dict(connected=False)),
    "tls-client-clock-wrong": (bundle, "t46-clock-fast-400d", {}),
    "tls-closed-after-clienthello-folder": (folder, "t70-closed-after-clienthello", {}),
    # interrupt
    "interrupt-reset-by-server": (bundle, "i31-server-rst-tls13", {}),
    "interrupt-closed-early-snap128": (bundle, "i32c-close-notify-early-tls13", {}),
    "interrupt-reset-by-middlebox-snap96": (bundle, "i33b-ips-rst-snap96", {}),
    "interrupt-stall-packets-lost": (bundle, "i34b-stall-both-ways", {}),
    "interrupt-zero-window": (bundle, "i39-zero-window-tls13", {}),
    "interrupt-captive-portal": (bare, "i46-captive-portal-redirect-http", {}),
    "interrupt-resumed-with-other-part": (bare, "i48c-resume-other-range-http", {}),
    # proxy
    "proxy-refused": (bundle, "p33-proxy-refused-vlan", dict(proxy=CORP)),
    "proxy-auth-rejected-ntlm": (bundle, "p34-ntlm-rejected", dict(proxy=dict(CORP, user="CORP\\ampuser"))),
    "proxy-auth-required": (bundle, "p04b-407-no-credentials", dict(proxy=CORP)),
    "proxy-forbidden": (bundle, "p07-403-acl", dict(proxy=CORP)),
    "proxy-stall-mid-download": (bundle, "p47-stall-mid-relay", dict(proxy=CORP)),
    "proxy-wpad-timeout-direct-blocked": (bundle, "p50b-wpad-http-timeout", dict(pac="http://wpad.corp.example/wpad.dat")),
    # endpoint
    "endpoint-tetra-not-installed": (bundle, "x22d-tetra-not-installed", dict(checked_age=20 * 86400, skiptetra=1, policy={})),
    "endpoint-tetra-disabled": (bundle, "x22c-tetra-disabled", dict(checked_age=20 * 86400, policy={"tetra": 0})),
    "endpoint-updates-disabled": (bundle, "x22b-updates-disabled", dict(checked_age=20 * 86400, policy={"updater": 0})),
    "endpoint-update-server-wrong": (bundle, "x23-update-server-wrong-nxdomain", dict(policy={"server": "tetra-defs.amp.cisco.local"})),
    "endpoint-disk-full": (bundle, "x20-disk-full-https", dict(host={"disk_free_bytes": 36864})),
    "endpoint-connector-stopped": (bundle, "x22e-endpoint-just-woke", dict(services="stopped", expect={"cause": "connector-stopped"}, connected=False)),
    "endpoint-rarely-online": (bundle, "x22e-endpoint-just-woke", dict(offline_days=9, checked_age=9 * 86400, policy={})),
    "endpoint-mostly-asleep": (bundle, "x22e-endpoint-just-woke", dict(checked_age=6 * 86400, policy={}, awake=[(6, 22000, "boot"), (6, 26000, "sleep"), (3, 30000, "wake"), (3, 33000, "shutdown"), (0, 23200, "boot")])),
    # no primary cause
    "healthy-ntlm-proxy": (bundle, "h44b-ntlm-407-once", dict(proxy=dict(CORP, user="CORP\\ampuser"))),
    "healthy-other-programs-fail": (bundle, "h43e-neighbour-407-and-dns", {}),
    "healthy-ocsp-down-crl-answers": (bundle, "h45b-ocsp-refused-crl-ok-tls13", {}),
    "degraded-dns-recovered": (bundle, "d38-timeout-then-ok", dict(failing=False, expect={"verdict": "degraded"})),
    "degraded-refused-then-ok": (bundle, "c21-refused-then-ok", dict(failing=False, expect={"verdict": "degraded"})),
    "inconclusive-capture-ends-early": (bundle, "x25-stopped-before-timeout", dict(expect=INCONCLUSIVE)),
    "inconclusive-no-attempt": (bare, "n01-browsing", dict(expect=INCONCLUSIVE)),
    "inconclusive-logs-only": (logs_only, None, dict(end=DAY + 23456, expect=INCONCLUSIVE)),
    # other layouts
    "logs-only-proxy-credentials": (logs_only, None, dict(end=DAY + 23456, lasterror=4294965196, proxy=dict(CORP, user="ampuser"), expect={"verdict": "broken", "category": "proxy", "cause": "proxy-auth-unspecified"})),
    "vendor-archive-proxy-dns": (vendor, "p31-proxy-dns-nxdomain", dict(lasterror=4294965193, proxy=CORP)),
    "vendor-archive-tetra-not-installed": (vendor, None, dict(end=DAY + 23456, checked_age=20 * 86400, skiptetra=1, expect={"verdict": "broken", "category": "endpoint", "cause": "tetra-not-installed"})),
    "broken-archive-without-directory": (broken, "d22-nodata", {}),
    "broken-archive-cut-in-capture": (broken, "d27b-nxdomain-eu-host", dict(keep="network/config.json")),
}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--captures", action="append", required=True)
    a.add_argument("--out", required=True)
    a.add_argument("names", nargs="*")
    o = a.parse_args()
    lab, total = Lab(o.captures), 0
    for name, (make, i, k) in CASES.items():
        if o.names and name not in o.names:
            continue
        args = dict(k, **({"i": i} if i else {}))
        files, expect = make(lab, name, **args)
        d = os.path.join(o.out, name)
        shutil.rmtree(d, ignore_errors=True)
        files["expected.json"] = (json.dumps(expect, indent=2) + "\n").encode()
        for p, b in files.items():
            os.makedirs(os.path.dirname(os.path.join(d, p)), exist_ok=True)
            open(os.path.join(d, p), "wb").write(b)
        size = sum(map(len, files.values()))
        total += size
        print("%-44s %8d  %s/%s/%s" % (name, size, expect["verdict"], expect["category"], expect["cause"]))
    print("%d cases, %.1f MB" % (len(CASES), total / 1e6))


if __name__ == "__main__":
    main()
