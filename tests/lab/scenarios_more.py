"""What the newer scenario files share: shorter downloads, second endpoints, faults that come or go between two attempts."""
from scenarios import *

OKM = (TS + " && tcp.len>1000", 250)          # the 400 kB file arrives whole
CUTM = (TS + " && tcp.len>1000", 60, 240)     # it breaks off in the middle
SLL1 = {"fmt": "pcap", "ifs": ["any"], "dlt": "LINUX_SLL", "desc": "pcap LINUX_SLL (-i any)"}
DHOST = "ip.src==192.168.205.138"
T13N = {"min": "1.3", "verify_at": "post", "abort": "notify"}   # TLS 1.3: the client decides after the handshake, as schannel does
WIN = dict(resolver="win")


def am(**k):
    """an updater that fetches the 400 kB file"""
    return dict(dict(kind="agent", big=MED), **k)


def cm(*args, **k):
    """curl that fetches the 400 kB file"""
    return dict(dict(kind="curl", big=MED, args=list(args)), **k)


def pym(fault, **k):
    return dict(dict(mode="py", fault=fault, after=200000), **k)


def plain(w):
    return dict(w, plain=True, port=80)


def dnsrule(do, name=r"tetra-defs\..*", **k):
    return {"kind": "py", "rules": [dict(name=name, do=do, **k)]}


def drop(what, role="rtr", chain="fw"):
    return [(role, chain, what + " drop")]


def reject(what, how, role="rtr", chain="fw"):
    return [(role, chain, "%s reject with %s" % (what, how))]


TCP443 = "ip daddr 192.111.4.16/28 tcp dport 443"
TCP80 = "ip daddr 192.111.4.16/28 tcp dport 80"
REVS = "ip daddr 23.45.67.80/31 tcp dport 80"


def log_has(e, text, count=1, secs=60):
    """waits until the client's log holds `text` so many times"""
    end = time.time() + secs
    while time.time() < end:
        if open(e.log).read().count(text) >= count:
            return True
        if e.client and e.client.poll() is not None:
            return False
        time.sleep(0.05)
    return False


def after_ok(fault):
    """hook: puts the fault in once the first attempt is complete"""
    def h(e):
        if log_has(e, " bytes in ", 2):
            time.sleep(0.3)
            fault(e)
            e.mark("fault_on")
    return h


def after_fail(heal, n=1):
    """hook: takes the fault out once n attempts failed"""
    def h(e):
        if log_has(e, "* FAILED at", n):
            heal(e)
            e.mark("fault_off")
    return h


def unfault(e):
    e.flush("rtr", "fw")


def put(*faults):
    def f(e):
        for role, chain, rule in faults:
            e.nft(role, chain, rule)
    return f


def mid(fault, at=120000):
    """hook: puts the fault in once so much of the definitions file has arrived"""
    def h(e):
        if e.wait_progress(at):
            fault(e)
            e.mark("fault_on")
    return h


def second(role="lan", delay=0.0, **cfg):
    """before: another endpoint on the same LAN updates too"""
    def b(e):
        c = dict(am(tls=T12, rev={"chain": False}), start_delay=delay, **cfg)
        e.agent(role, "2", c, err=open(os.path.join(e.out, "client2.log"), "wb"))
    return b


def both_ends(*fs):
    def f(e):
        for x in fs:
            x(e)
    return f


def other(*commands):
    """before: ordinary programs of the same endpoint, in the background"""
    def b(e):
        e.spawn("cli", ["sh", "-c", "; ".join(commands).replace("@CA@", PKI + "/root.crt")], "other.log")
    return b


def resign(protocols="TLSv1.2", everything=False):
    """extra: the gateway ends TLS itself, with certificates of an inspection authority of its own"""
    def f(e):
        h = "server { listen 8443 ssl; ssl_protocols %s; ssl_certificate %s/mitm.pem; ssl_certificate_key %s/mitm.pem; location / { proxy_pass https://%s; proxy_ssl_server_name on; proxy_ssl_name %s; } }" % (protocols, PKI, PKI, TET[0], HOST)
        if everything:
            h += " server { listen 8444 ssl; ssl_protocols %s; ssl_certificate %s/mitmamp.pem; ssl_certificate_key %s/mitmamp.pem; location / { proxy_pass https://%s; } }" % (protocols, PKI, PKI, AMP)
        e.ex("rtr", "nft 'add table ip m; add chain ip m pre { type nat hook prerouting priority -100; }; add rule ip m pre ip saddr 192.168.205.0/24 ip daddr 192.111.4.16/28 tcp dport 443 redirect to :8443; add rule ip m pre ip saddr 192.168.205.0/24 ip daddr { 52.21.100.10, 192.111.4.99 } tcp dport 443 redirect to :8444'")
        e.nginx("rtr", "resign", h)
        e.wait_listen("rtr", [8443])
    return f


def vpn(e):
    """extra: a VPN client; everything for the Internet and the data centre goes through tun0"""
    for role, local, peer, a in (("rtr", "192.168.205.1", "192.168.205.138", "10.8.0.1"), ("cli", "192.168.205.138", "192.168.205.1", "10.8.0.2")):
        e.spawn(role, ["python3", HERE + "/tunvpn.py", "tun0", local, "5555", peer, "5555"], "vpn-%s.log" % role)
        for _ in range(60):
            if "up" in open(e.rd + "/vpn-%s.log" % role).read():
                break
            time.sleep(0.05)
        n = e.ns[role]
        e.sh("ip -n %s addr add %s/24 dev tun0; ip -n %s link set tun0 up mtu 1400" % (n, a, n))
    n = e.ns["cli"]
    e.sh("".join("ip -n %s route add %s via 10.8.0.1 dev tun0; " % (n, r) for r in ("192.111.4.0/24", "23.45.67.0/24", "52.21.100.0/24", "10.10.0.0/24", "10.20.0.0/24")))
