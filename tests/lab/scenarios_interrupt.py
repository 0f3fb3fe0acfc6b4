"""Downloads that break off: what the kit's first scenarios lack of category interrupt."""
from scenarios_more import *

SV, SP = "192.111.4.21:443", "192.111.4.21:80"
GETF = 'http.request.uri contains "avx.gzip"'


def I(id, cause, ev, notes, exp=("fail", "download"), culprit=None, **k):
    c = k.setdefault("client", am(tls=T12))
    k.setdefault("cap", NG)
    k.setdefault("dns", ONE)
    S(id, "interrupt", cause, culprit or (SP if c.get("scheme") == "http" else SV), k.pop("stage", "download"), ev, exp, notes, **k)


H = dict(scheme="http")
# ---- resets and closes
I("i31-server-rst-tls13", "reset-by-server", [(RSTS, 1), CUTM], "server resets half way, TLS 1.3", web=pym("rst"), client=am(tls=T13), cap=PCAP, first=("first", RSTS))
I("i31b-server-rst-twice-resume-http", "reset-by-server", [(RSTS, 2), (SYN + " && " + TD, 2)], "the server resets, the client resumes with Range and is reset again", web=plain(pym("rst", after=120000)), client=am(resume=1, **H), cap=VLAN, first=("first", RSTS))
I("i31c-server-rst-offload", "reset-by-server", [(RSTS, 1), ("tcp.len>3000 && " + TS, 1)], "server resets; super-frames from segmentation offload in the capture", web=plain(pym("rst")), client=am(**H), topo={"offload": True}, cap=PCAP, first=("first", RSTS))
I("i31d-server-rst-v6", "reset-by-server", [("tcp.flags.reset==1 && ipv6.src==2606:4700:aaaa::21", 1)], "server resets over IPv6", culprit="2606:4700:aaaa::21:443", topo={"v6": True}, dns={"tetra": [TET6]}, web=pym("rst", ip=TET6), client=am(tls=T13), first=("first", "tcp.flags.reset==1 && ipv6.src==2606:4700:aaaa::21"))
I("i31e-server-rst-vpn", "reset-by-server", [(RSTS, 1), CUTM], "server resets, raw IP capture of a VPN interface", web=pym("rst"), extra=vpn, client_ip="10.8.0.2", cap=RAW, first=("first", RSTS))
I("i32-fin-early-tls13", "closed-early", [("tcp.flags.fin==1 && " + TS, 1), CUTM], "server closes (FIN) half way, TLS 1.3", web=pym("fin"), client=am(tls=T13), cap=PCAP, first=("first", "tcp.flags.fin==1 && " + TS))
I("i32b-fin-early-no-length-http", "closed-early", [("tcp.flags.fin==1 && " + TS, 1), CUTM], "an answer without Content-Length ends half way: the client sees it only by the checksum", exp=("fail", "integrity"), observable="none", web=plain(pym("fin_nolen")), client=am(**H), first=("first", "tcp.flags.fin==1 && " + TS))
I("i32c-close-notify-early-tls13", "closed-early", [("tcp.flags.fin==1 && " + TS, 1), CUTM], "the server ends the stream in good order half way, TLS 1.3, snaplen 128", web=pym("close_notify"), client=am(tls=T13), cap=S128NG, first=("first", "tcp.flags.fin==1 && " + TS))
INJ = [("rtr", "fw", "ip daddr 192.111.4.16/28 tcp dport { 80, 443 } quota over 4000 bytes reject with tcp reset")]
I("i33-ips-rst-tls13-erspan", "reset-injected-by-middlebox", [(RSTS + " && ip.ttl==64", 1)], "the gateway's IPS injects RST (TTL 64 instead of 62), GRE/ERSPAN mirror", culprit="middlebox 192.168.205.1 in the name of 192.111.4.21", client=am(tls=T13), faults=INJ, topo={"rate": "10mbit"}, cap=ERSPAN, first=("first", RSTS))
I("i33b-ips-rst-snap96", "reset-injected-by-middlebox", [(RSTS + " && ip.ttl==64", 1)], "injected RST on plain HTTP, snaplen 96", culprit="middlebox 192.168.205.1 in the name of 192.111.4.21", client=am(**H), faults=INJ, topo={"rate": "10mbit"}, cap=S96, first=("first", RSTS))
# ---- silence
QM = [("rtr", "fw", "ip saddr 192.111.4.16/28 quota over 200000 bytes drop")]
LASTD = ("last", TS + " && tcp.len>0")
I("i34-stall-drop-tls13-sll", "stall-packets-lost", [CUTM, (TS + " && (tcp.flags.fin==1 || tcp.flags.reset==1)", None, 0)], "everything from the server is dropped half way, TLS 1.3, captured with -i any", faults=QM, client=am(tls=T13), cap=ANYNG, first=LASTD)
I("i34b-stall-both-ways", "stall-packets-lost", [CUTM, (TS + " && (tcp.flags.fin==1 || tcp.flags.reset==1)", None, 0)], "half way both directions of this path are dropped; other hosts answer on", hook=mid(put(*drop("ip saddr 192.111.4.16/28"), *drop("ip daddr 192.111.4.16/28"))), topo={"rate": "4mbit"}, noise=["lan", "amp", "web"], first=("mark", "fault_on"))
I("i34c-stall-drop-vpn", "stall-packets-lost", [CUTM], "dropped half way, raw IP and outer tunnel in one capture", faults=QM, client=am(tls=T12), extra=vpn, client_ip="10.8.0.2", cap=RAWNG, first=LASTD)
I("i35-server-silent-tls13", "stall-server-silent", [CUTM], "the server stops sending half way and only acknowledges, TLS 1.3", web=pym("stall", secs=40), client=am(tls=T13, fail_close="close"), cap=PCAP, first=LASTD)
I("i35b-server-silent-snap128", "stall-server-silent", [CUTM], "the same over plain HTTP, snaplen 128", web=plain(pym("stall", secs=40)), client=am(fail_close="close", **H), cap=S128NG, first=LASTD)


def all_hosts(secs):
    """hook: for so long the gateway forwards nothing of this endpoint, whatever the host"""
    def h(e):
        if e.wait_progress(120000):
            put(*drop("ip saddr 192.168.205.138"), *drop("ip daddr 192.168.205.138"))(e)
            e.mark("fault_on")
            time.sleep(secs)
            unfault(e)
            e.mark("fault_off")
    return h


I("i36-outage-all-hosts", "outage-mid-download", [CUTM], "everything behind the gateway dies for 14 s: the download, the name server and the cloud; then it comes back", hook=all_hosts(14), topo={"rate": "4mbit"}, noise=["lan", "amp", "web"], client=am(tls=T12, stall_timeout=9), first=("mark", "fault_on"), hook_wait=20, tail=4)
I("i36b-outage-http-one-host", "outage-mid-download", [CUTM], "16 s without any packet of the server, plain HTTP; its retransmissions arrive after the client gave up", hook=loss_window(120000, 16), topo={"rate": "4mbit"}, client=am(stall_timeout=8, **H), first=("mark", "fault_on"), hook_wait=20, tail=2.5, cap=PCAP)
LINK = lambda e: e.sh("ip -n %s link set pcli nomaster" % e.ns["rtr"])
I("i37-client-link-down-https", "client-link-down", [CUTM, ("arp.opcode==1 && arp.src.proto_ipv4==192.168.205.138", 1)], "the endpoint's switch port dies: it still sends, nothing at all arrives any more", culprit="192.168.205.138 (its link)", hook=mid(LINK), topo={"rate": "4mbit"}, noise=["lan", "amp", "web"], tail=3, first=("mark", "fault_on"))
I("i37b-client-link-down-http", "client-link-down", [CUTM, ("arp.opcode==1 && arp.src.proto_ipv4==192.168.205.138", 1)], "the same over plain HTTP, Windows-like resolver", culprit="192.168.205.138 (its link)", hook=mid(LINK), topo={"rate": "4mbit"}, noise=["lan", "amp", "web"], client=am(**dict(H, **WIN)), tail=3, cap=PCAP, first=("mark", "fault_on"))
I("i37c-client-link-down-proxy", "client-link-down", [("ip.src==10.20.0.8 && tcp.len>1000", 60, 240), ("arp.opcode==1 && arp.src.proto_ipv4==192.168.205.138", 1)], "the endpoint's switch port dies during a download through the proxy", culprit="192.168.205.138 (its link)", hook=mid(LINK), topo={"rate": "4mbit"}, noise=["lan", "amp", "web"], proxy={"kind": "squid"}, client=am(tls=T12, rev={"chain": False}, proxy={"host": "proxy.corp.example", "port": 3128}), tail=3, first=("mark", "fault_on"), accept=["interrupt", "proxy"])
CFW = lambda e: e.nft("cli", "in", "ip saddr 192.111.4.16/28 drop")
I("i38-client-firewall-tls13", "client-side-drop", [CUTM, ("tcp.analysis.retransmission && " + TS, 1)], "the endpoint's own firewall starts dropping what arrives, TLS 1.3", culprit="192.168.205.138 (endpoint firewall)", hook=mid(CFW), topo={"rate": "4mbit"}, client=am(tls=T13), cap=PCAP, first=("mark", "fault_on"))
I("i39-zero-window-tls13", "client-zero-window", [(ZW, 1)], "the endpoint's process stops reading, TLS 1.3", culprit="192.168.205.138 (agent process)", client=ag(tls=T13, rcvbuf=65536, read_pause={"after": 300000, "secs": 12}), trim=256, cap=NG, first=("first", ZW))
ICM = "icmp.type==3 && icmp.code==%d"
I("i40-icmp-mid-http", "icmp-unreachable-mid-download", [(ICM % 1, 1), CUTM], "half way the gateway answers host unreachable and forwards nothing, plain HTTP", culprit="gateway 192.168.205.1", hook=mid(put(("rtr", "fw", "ip daddr 192.111.4.16/28 reject with icmp host-unreachable"), *drop("ip saddr 192.111.4.16/28"))), topo={"rate": "4mbit"}, client=am(**H), cap=PCAP, first=("first", ICM % 1))
I("i40b-icmp-prohibited-mid-tls13", "icmp-unreachable-mid-download", [(ICM % 13, 1), CUTM], "half way a new firewall rule answers administratively prohibited", culprit="gateway 192.168.205.1", hook=mid(put(("rtr", "fw", "ip daddr 192.111.4.16/28 reject with icmp admin-prohibited"), *drop("ip saddr 192.111.4.16/28"))), topo={"rate": "4mbit"}, client=am(tls=T13), cap=NANO, first=("first", ICM % 13))


def idle(port, how):
    def f(e):
        if log_has(e, "idle for"):
            time.sleep(1.0)
            e.nft("rtr", "fw", "ip daddr 192.111.4.16/28 tcp dport %d %s" % (port, how))
            e.nft("rtr", "fw", "ip saddr 192.111.4.16/28 drop")
            e.mark("fault_on")
    return f


RET = ("tcp.analysis.retransmission && " + TD, 3)
I("i41-idle-dropped-http", "idle-session-dropped-by-firewall", [RET, NODL], "after an idle time the firewall has forgotten the session: the next GET is retransmitted into silence, plain HTTP", culprit="gateway 192.168.205.1 (state table)", hook=idle(80, "drop"), client=am(pause_between=5, **H), cap=PCAP, first=("first", "tcp.analysis.retransmission && " + TD))
I("i41b-idle-reset-http", "idle-session-reset-by-firewall", [(RSTS + " && ip.ttl==64", 1), NODL], "the same, the firewall resets, plain HTTP", culprit="gateway 192.168.205.1 (state table)", hook=idle(80, "reject with tcp reset"), client=am(pause_between=5, **H), first=("first", RSTS))
I("i42-slow-http", "too-slow", [(TS + " && tcp.len>0", 20), (TS + " && tcp.len>1000", None, 120)], "the server sends 8 kB/s, the client wants 30 kB/s over 8 s, plain HTTP", web=plain(pym("slow", bps=8000)), client=am(min_speed={"bps": 30000, "secs": 8}, **H), cap=PCAP, first=("first", GETF))
I("i42b-slow-link-tls13", "too-slow", [(TS + " && tcp.len>1000", 20, 240)], "a 64 kbit/s link, the client wants 30 kB/s over 8 s, TLS 1.3", topo={"rate": "100kbit", "latency": "2000ms"}, client=am(tls=T13, min_speed={"bps": 30000, "secs": 8}, rev={"mode": "none"}, stall_timeout=12), culprit="path to 192.111.4.21:443 (narrow link)", noise=["lan"], first=("first", TS + " && tcp.len>1000"))
KILL = lambda e: e.client.send_signal(signal.SIGKILL)
I("i43-client-killed-http", "client-abort", [("tcp.flags.reset==1 && " + TD, 1), CUTM, (RSTS, None, 0)], "the updater's process is killed while data flows well, plain HTTP", exp=("killed", "killed"), culprit="192.168.205.138 (agent process)", hook=mid(KILL), topo={"rate": "4mbit"}, client=am(**H), cap=PCAP, first=("first", "(tcp.flags.reset==1 || tcp.flags.fin==1) && " + TD + " && tcp.port==80"))
I("i43b-client-stops-tls13", "client-abort", [("(tcp.flags.reset==1 || tcp.flags.fin==1) && " + TD, 1), CUTM], "the updater itself closes while data flows well", culprit="192.168.205.138 (agent process)", topo={"rate": "4mbit"}, client=am(tls=T13, read_pause={"after": 150000, "secs": 0}), first=("first", "(tcp.flags.reset==1 || tcp.flags.fin==1) && " + TD))
I("i44-no-answer-tls13", "server-no-http-response", [NODL], "the server acknowledges the request of the definitions file and never answers, TLS 1.3", stage="http", web=pym("header_stall", secs=40), client=am(tls=T13, fail_close="close"), cap=PCAP, first=("last", TD + " && tcp.len>0"))
# ---- the server's answers
for code, loc in ((500, "return 500;"), (404, "return 404;"), (403, "return 403;")):
    I("i45-%d-http" % code, "http-%d" % code, [("http.response.code==%d && %s" % (code, TS), 1), NODL], "%d for the definitions file" % code, stage="http", web={"loc": "location /av64bit/Plugins/ { %s }" % loc}, client=am(**H), cap=PCAP if code == 500 else ANY, first=("first", "http.response.code==%d && %s" % (code, TS)))
I("i45b-503-all-http-retry-after", "http-503", [("http.response.code==503 && " + TS, 3), NODL], "503 with Retry-After for everything, three attempts", exp=("fail", "http-small"), stage="http", web={"loc": "location / { add_header Retry-After 120 always; return 503; }"}, client=am(attempts=3, gap=1, **H), first=("first", "http.response.code==503 && " + TS))
I("i45c-500-https", "http-500", [NODL], "500 for the definitions file inside TLS: only a short answer is seen", observable="none", stage="http", web={"loc": "location /av64bit/Plugins/ { return 500; }"}, first=("last", "tls.record.content_type==23 && " + TS))
PORTAL80 = lambda e: e.ex("rtr", "nft 'add table ip m; add chain ip m pre { type nat hook prerouting priority -100; }; add rule ip m pre ip saddr 192.168.205.0/24 ip daddr { 192.111.4.0/24, 52.21.100.0/24 } tcp dport 80 dnat to 10.10.0.80'")
I("i46-captive-portal-redirect-http", "http-redirect-captive-portal", [("http.response.code==302 && " + TS, 1), ('http.location contains "login.guest-wifi"', 1), NODL], "a guest network answers every request on port 80 with a redirect to its sign-in page", exp=("fail", "http-small"), culprit="captive portal in the name of 192.111.4.21:80 (login.guest-wifi.example)", stage="http", web={"portal": True}, extra=PORTAL80, client=am(**H), first=("first", "http.response.code==302"))
BLOCKPAGE = "location %s { default_type text/html; return 200 '<html><head><title>Access blocked</title></head><body><h1>This download is blocked by company policy</h1><p>Category: executables and archives</p></body></html>'; }"


def blockbox(loc):
    """a filter on the gateway answers in the server's name"""
    def f(e):
        e.ex("rtr", "nft 'add table ip m; add chain ip m pre { type nat hook prerouting priority -100; }; add rule ip m pre ip saddr 192.168.205.0/24 ip daddr 192.111.4.16/28 tcp dport 80 redirect to :8081'")
        e.nginx("rtr", "block", "server { listen 8081; location / { proxy_pass http://%s; proxy_set_header Host %s; } %s }" % (TET[0], HOST, BLOCKPAGE % loc))
        e.wait_listen("rtr", [8081])
    return f


I("i47-block-page-for-definitions", "http-block-page", [('http.content_type contains "text/html" && http.response.code==200 && ' + TS, 1), NODL], "a web filter answers the definitions file with an HTML page and status 200", exp=("fail", "integrity"), culprit="web filter on 192.168.205.1 in the name of 192.111.4.21:80", stage="http", extra=blockbox("/av64bit/Plugins/"), client=am(**H), first=("first", 'http.content_type contains "text/html" && ' + TS))
I("i47b-block-page-for-all-win", "http-block-page", [('http.content_type contains "text/html" && http.response.code==200 && ' + TS, 2), NODL], "every answer is the filter's HTML page", exp=("fail", "integrity"), culprit="web filter on 192.168.205.1 in the name of 192.111.4.21:80", stage="http", extra=blockbox("/av64bit/"), client=am(**dict(H, **WIN)), cap=PCAP, first=("first", 'http.content_type contains "text/html" && ' + TS))
I("i48-content-corrupt-http", "content-corrupt", [OKM], "the file is complete and not what was published (the checksum is wrong); nothing in the capture shows it", exp=("fail", "integrity"), observable="none", stage="verify", web=plain(pym("corrupt")), client=am(**H), cap=PCAP, first=LASTD)
I("i48b-content-corrupt-https", "content-corrupt", [OKM], "the same over TLS", exp=("fail", "integrity"), observable="none", stage="verify", web=pym("corrupt"), first=LASTD)
I("i48c-resume-other-range-http", "content-corrupt", [(RSTS, 1), ("http.response.code==206", 1)], "after a cut the resume is answered 206 with another part of the file than was asked for", exp=("fail", "integrity"), observable="partial", stage="verify", web=plain(pym("range_wrong")), client=am(resume=2, **H), first=("first", "http.response.code==206"))
I("i49-resume-200-https", "resume-not-honoured", [(RSTS, 1), (SYN + " && " + TD, 2)], "the resume is answered 200 from the start, inside TLS", observable="partial", web=pym("range_200"), client=am(tls=T12, resume=2), first=("first", RSTS))
I("i49b-resume-416-http-snap256", "resume-range-refused", [(RSTS, 1), ("http.response.code==416", 1)], "the resume gets 416, snaplen 256", web=plain(pym("range_416")), client=am(resume=2, **H), cap=S256, first=("first", RSTS))
I("i50-record-damaged-tls13", "payload-damaged-by-middlebox", [CUTM, ("tcp.flags.fin==1 && " + TD + " || tcp.flags.reset==1 && " + TD, 1)], "a middlebox damages one TLS 1.3 record with a right TCP checksum: the client stops", observable="partial", culprit="path to 192.111.4.21:443", topo={"relay": {"flip_after": 150000}}, client=am(tls=T13, fail_close="close"), cap=PCAP, first=("first", "(tcp.flags.fin==1 || tcp.flags.reset==1) && " + TD), accept=["interrupt", "tls"])


def mtu_small(e):
    e.sh("ip -n %s link set u0 mtu 1280" % e.ns["inet"])


I("i51-mtu-blackhole-tls13-qinq", "mtu-blackhole", [CUTM], "the path MTU falls to 1280 half way and ICMP is filtered, TLS 1.3, QinQ", faults=MTU, hook=mid(mtu_small), topo={"rate": "4mbit"}, client=am(tls=T13), noise=["lan"], cap=QINQ, first=("mark", "fault_on"), accept=["interrupt", "other"])
# ---- attempts and endpoints
I("i52-ok-then-rst", "reset-by-server", [OKM, (RSTS, 1)], "the first attempt is good, the second one is reset half way", client=am(tls=T12, attempts=2, gap=3, stop_on_ok=False, ua="Cisco AMP/8.1.7.21417 (Win/11; TETRA)"), topo={"rate": "4mbit"}, hook=lambda e: log_has(e, " bytes in ", 3) and (time.sleep(0.35), e.ex("web", "ss -K dst 192.168.205.138 sport = :443 src 192.111.4.21 >/dev/null", False), e.mark("fault_on")), first=("first", RSTS))
I("i52b-three-failures-same-offset", "closed-early", [("tcp.flags.fin==1 && " + TS, 3)], "three attempts, each cut at the same offset", web=plain(pym("fin", after=100000)), client=am(attempts=3, gap=1, **H), first=("first", "tcp.flags.fin==1 && " + TS))
I("i53-two-endpoints-one-stalls", "stall-packets-lost", [(TS + " && ip.dst==192.168.205.138 && tcp.len>1000", 60, 240), (TS + " && ip.dst==192.168.205.77 && tcp.len>1000", 250)], "two endpoints: only 192.168.205.138's download stalls", before=second(), faults=[("rtr", "fw", "ip saddr 192.111.4.16/28 ip daddr 192.168.205.138 quota over 200000 bytes drop")], cap=BR, first=("last", TS + " && ip.dst==192.168.205.138 && tcp.len>0"))
S("i54-stall-then-ok", "healthy", "none", None, None, [(TS + " && tcp.len>1000", 320)], ("ok",), "the first attempt stalls half way, the next one is good: recovered (degraded)", traps=["a stalled attempt before a good one"], dns=ONE, faults=QM, client=am(tls=T12, attempts=3, gap=2, stall_timeout=6), hook=after_fail(unfault), cap=NG)
S("i54b-503-then-ok-http", "healthy", "none", None, None, [("http.response.code==503", 1), OKM], ("ok",), "503 once, then good: recovered (degraded)", traps=["a 503 before a good answer"], dns=ONE, web={"loc": "location /av64bit/Plugins/ { return 503; }"}, client=am(attempts=3, gap=4, **H), cap=PCAP,
  hook=after_fail(lambda e: (subprocess.run(["sed", "-i", "s#return 503;##", e.rd + "/nginx-web.conf"], check=True), e.webproc.send_signal(signal.SIGHUP))))
