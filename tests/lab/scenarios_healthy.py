"""Good updates that look bad: the traps. An answer other than healthy (or degraded) is a false alarm."""
from scenarios_more import *


def G(id, notes, ev, trap=None, **k):
    k.setdefault("client", am(tls=T12))
    k.setdefault("cap", NG)
    S(id, "healthy", "none", None, None, ev, ("ok",), notes, traps=[trap] if trap else [], **k)


PXD = (PXS + " && tcp.len>1000", 250)
E407 = "http.response.code==407"
NTLM = ("-x", "http://proxy.corp.example:3128", "--proxy-user", "CORP\\ampuser:Secret1")
# ---- formats of captures
G("h41-qinq-mirror", "captured on a provider's mirror port (QinQ)", [OKM, ("vlan", 100)], cap=QINQ)
G("h41b-erspan", "GRE/ERSPAN II mirror", [OKM, ("gre", 100)], cap=ERSPAN)
G("h41c-vpn-raw", "captured on a VPN interface (raw IP)", [OKM], extra=vpn, client_ip="10.8.0.2", cap=RAW)
G("h41d-vpn-raw-and-outer", "the VPN interface and the Ethernet with the outer tunnel in one pcapng", [OKM, ("udp.port==5555", 100)], "every packet is there twice, once inside UDP", extra=vpn, client_ip="10.8.0.2", cap=RAWNG)
G("h41e-two-interfaces", "pcapng of two interfaces, the second one with only noise", [OKM], topo={"eth1": True}, cap=TWO)
G("h41f-sll1", "captured with -i any (LINUX_SLL)", [OKM], cap=SLL1, client=am(tls=T13))
G("h41g-any-pcapng", "pcapng with -i any", [OKM], cap=ANYNG)
G("h41h-snap64", "snaplen 64: no TCP payload at all is left, hardly the headers", [(TS + " && tcp.len>1000", 200), ("frame.cap_len==64", 250)], cap={"fmt": "pcap", "snap": 64, "desc": "pcap snaplen 64"}, observable="partial")
G("h41i-snap128-tls13", "snaplen 128", [OKM], cap=S128NG, client=am(tls=T13))
G("h41j-nanosecond-vlan", "a mirror port, pcapng, Windows-like resolver", [OKM], cap=dict(VLAN, fmt="pcapng", desc="pcapng 802.1Q"), client=am(tls=T12, **WIN))


def resection(e):
    """two captures in one file: a second section follows the first"""
    subprocess.run(["editcap", e.capfile, e.capfile + ".1", "-r", "1-200"], check=True)
    subprocess.run(["editcap", e.capfile, e.capfile + ".2", "1-200"], check=True)
    open(e.capfile, "wb").write(open(e.capfile + ".1", "rb").read() + open(e.capfile + ".2", "rb").read())
    os.unlink(e.capfile + ".1"); os.unlink(e.capfile + ".2")


G("h41k-two-sections", "pcapng of two sections (two captures joined with cat)", [OKM], cap=NG, post=resection)
# ---- rough but good paths
G("h42-reorder", "one packet in eight overtakes the others", [OKM, ("tcp.analysis.out_of_order && " + TS, 3)], "out-of-order segments", topo={"relay": {"reorder": 0.12}})
G("h42b-duplicates", "one packet in six comes twice", [("tcp.analysis.flags && " + TS, 5), OKM], "duplicate segments look like retransmissions", topo={"relay": {"dup": 0.16}}, cap=PCAP)
G("h42c-loss-repaired", "2 % of all packets are lost and repaired", [OKM, ("tcp.analysis.retransmission && " + TETF, 1)], "retransmissions and duplicate ACKs", topo={"relay": {"loss_ba": 0.03, "loss_ab": 0.01, "seed": 7}})
G("h42d-corrupt-repaired", "some packets arrive with a wrong checksum and are sent again", [OKM, ("tcp.analysis.flags && " + TETF, 1)], "broken checksums", topo={"relay": {"corrupt": 0.03, "seed": 3}}, cap=PCAP, client=am(tls=T13))
G("h42e-offload-super-frames", "segmentation offload: frames of up to 64 kB and wrong checksums of what the endpoint sends", [("tcp.len>3000 && " + TS, 5)], "frames larger than the MTU", topo={"offload": True}, client=ag(tls=T12), trim=256)
G("h42f-offload-http", "the same over plain HTTP", [("tcp.len>3000 && " + TS, 2), ('http.request.uri contains "avx.gzip"', 1)], "frames larger than the MTU", topo={"offload": True}, client=am(scheme="http"), cap=PCAP)
G("h42g-outage-3s-repaired", "3 s without any packet half way, then on", [OKM, ("tcp.analysis.retransmission && " + TETF, 1)], "a gap and retransmissions", topo={"rate": "2mbit"}, dns=ONE, hook=loss_window(120000, 3))
G("h42h-slow-tls13-satellite", "600 ms round trip", [OKM], "a slow path", topo={"relay": {"delay_ms": 300}}, client=am(tls=T13, connect_timeout=10), cap=NANO, noise=["lan"])
G("h42i-mtu-1280-icmp-works", "the path MTU is 1280 and the router says so (ICMP fragmentation needed): repaired", [("icmp.type==3 && icmp.code==4 || tcp.len>0", 1), (TS + " && tcp.len>1000", 250)], "path MTU below 1500", extra=lambda e: e.sh("ip -n %s link set u0 mtu 1280; ip -n %s link set u0 mtu 1280" % (e.ns["inet"], e.ns["rtr"])))
G("h42j-zero-window-recovers", "the updater pauses for 4 s (scanning), the window closes and opens again", [(ZW, 1), (TS + " && tcp.len>1000", 1000)], "zero window that recovers", client=ag(tls=T12, rcvbuf=65536, read_pause={"after": 600000, "secs": 4, "fatal": False}, stall_timeout=15), trim=256)
# ---- other programs fail
G("h43-other-site-expired", "another site's certificate is expired; the browser says so", [OKM, ("tls.alert_message.desc==45 && ip.dst==192.111.4.99", 1)], "a TLS alert to another site", before=other("curl -sm5 --tlsv1.2 --tls-max 1.2 --cacert @CA@ https://old.vendor.example/"))
G("h43b-other-names-nxdomain", "other names do not exist, among them wpad and a mistyped cloud host", [OKM, ("dns.flags.rcode==3", 3)], "NXDOMAIN of other names, wpad too", before=other("dig +short wpad.corp.example @10.10.0.53", "dig +short www.gone.example @10.10.0.53", "dig +short tetra.amp.example @10.10.0.53", "dig +short wpad.example @10.10.0.53"), cap=PCAP)
G("h43c-other-syn-timeouts", "two other hosts do not answer at all", [OKM, (SYN + " && ip.dst==192.111.4.99", 4)], "SYN timeouts of other hosts, one in the servers' network", faults=drop("ip daddr 192.111.4.99 tcp dport { 443, 8443 }"), before=other("curl -sm4 https://updates.vendor.example/ & curl -sm4 https://www.news.example:8443/ & sleep 4"), noise=["lan"], tail=2)
G("h43d-browser-407", "the browser is asked for credentials by the proxy and has none; the updater goes directly", [OKM, (E407, 2)], "a 407 of another program", proxy={"kind": "squid", "auth": "basic"}, before=other("curl -sm5 -x http://10.20.0.8:3128 https://www.news.example/", "curl -sm5 -x http://10.20.0.8:3128 http://cdn.news.example/"))
G("h43e-neighbour-407-and-dns", "another endpoint fails with 407 and with a name of its own; this one is well (two LAN ports in one capture)", [OKM, (E407 + " && ip.dst==192.168.205.77", 1)], "another host's 407", proxy={"kind": "squid", "auth": "basic"}, before=lambda e: e.spawn("lan", ["sh", "-c", "curl -sm5 -x http://10.20.0.8:3128 https://www.news.example/; dig +short nothing.example @10.10.0.53"], "lan.log"), cap=BR)
G("h43f-other-ocsp-fails", "the OCSP host of another site refuses; the update's own revocation works", [OKM, ("tcp.flags.reset==1 && ip.src==23.45.67.90", 1), ("ocsp.responseStatus==0", 1)], "a refused OCSP request of another site", faults=[("rtr", "fw", "ip daddr 23.45.67.90 tcp dport 80 reject with tcp reset")], before=other("curl -sm4 http://ocsp.othersite.example/MEUwQzBBMD8wPTAJ"))
G("h43g-cloud-host-fails", "the vendor's event cloud is refused while the definitions arrive well", [OKM, ("tcp.flags.reset==1 && ip.src==52.21.100.10", 1)], "RST of another host of the vendor", faults=[("rtr", "fw", "ip daddr 52.21.100.10 tcp dport 443 reject with tcp reset")], cap=PCAP)
G("h43h-browser-proxy-403", "the proxy forbids the browser a site; the updater uses the same proxy and is well", [PXD, ("http.response.code==403 && " + PXS, 1)], "a 403 of the proxy for another host", proxy={"kind": "squid", "acl": "acl news dstdomain .news.example\nhttp_access deny news"}, before=other("curl -sm5 -x http://10.20.0.8:3128 https://www.news.example/"), client=am(tls=T12, rev={"chain": False}, **PA))
G("h43i-wpad-fails-direct-works", "wpad does not exist; the direct way is open", [OKM, ('dns.qry.name=="wpad.corp.example" && dns.flags.rcode==3', 1)], "failed proxy discovery", client=am(tls=T12, pac="http://wpad.corp.example/wpad.dat"))
G("h43j-wpad-404-direct-works", "wpad.dat is 404; the direct way is open", [OKM, ("http.response.code==404", 1)], "404 for wpad.dat", dns={"hosts": {"wpad.corp.example": [OTHER]}}, client=am(tls=T13, pac="http://wpad.corp.example/wpad.dat"), cap=PCAP)
# ---- through proxies
G("h44-ntlm-407-twice", "NTLM: 407, 407 with the challenge, then 200", [PXD, (E407, 1), ('http.proxy_authorization contains "NTLM"', 2)], "two 407 answers are the NTLM handshake", proxy={"kind": "squid", "auth": "ntlm"}, client=cm("--proxy-anyauth", *NTLM))
G("h44b-ntlm-407-once", "NTLM without the first try: one 407 with the challenge", [PXD, (E407, 1), ('http.proxy_authorization contains "NTLM"', 2)], "a 407 inside the NTLM handshake", proxy={"kind": "squid", "auth": "ntlm"}, client=cm("--proxy-ntlm", *NTLM), cap=PCAP)
G("h44c-ntlm-tls13-vlan", "NTLM through a mirror port, TLS 1.3", [PXD, (E407, 1)], "407 answers of the NTLM handshake", proxy={"kind": "squid", "auth": "ntlm"}, client=cm("--proxy-anyauth", "--tlsv1.3", *NTLM), cap=VLAN)
G("h44d-basic-plain-http", "update over plain HTTP through squid with Basic: 407, then 200", [PXD, (E407, 1)], "407 answered by the next request", proxy={"kind": "squid", "auth": "basic"}, client=cm("-x", "http://proxy.corp.example:3128", "--proxy-anyauth", "--proxy-user", "ampuser:Correct-Horse-9", scheme="http"))
G("h44e-plain-http-through-squid", "update over plain HTTP through squid", [PXD, ("http.request.method==GET && ip.dst==10.20.0.8", 2)], proxy={"kind": "squid"}, client=cm("-x", "http://proxy.corp.example:3128", scheme="http"), cap=PCAP)
G("h44f-socks5", "SOCKS5 (dante), TLS 1.2; OCSP and CRL go directly", [PXD, (PXS + " && tcp.payload[0:2]==05:00", 2)], proxy={"kind": "dante"}, client=am(tls=T12, proxy=SX))
G("h44g-socks5-curl-tls13", "SOCKS5, name resolved by the proxy", [PXD], "no DNS query for the server at all", proxy={"kind": "dante"}, client=cm("-x", "socks5h://10.20.0.8:1080", "--tlsv1.3"), cap=PCAP)
G("h44h-proxy-8080-relay", "a proxy on port 8080 given by address", [PXD], proxy={"kind": "squid", "port": 8080}, client=am(tls=T13, proxy={"host": "10.20.0.8", "port": 8080}, rev={"chain": False}), cap=PCAP)
G("h44i-pac", "wpad.dat names the proxy; all is well", [PXD, ('http.request.uri contains "wpad.dat"', 1)], dns={"hosts": {"wpad.corp.example": [PORTAL]}}, extra=pacserver('function FindProxyForURL(u,h){return "PROXY proxy.corp.example:3128";}'), proxy={"kind": "squid"}, client=am(tls=T12, pac="http://wpad.corp.example/wpad.dat", rev={"chain": False}))
G("h44j-bump-trusted", "the proxy re-signs with an authority that the endpoint trusts", [PXD, ("tls.handshake.type==11 && " + PXS, 1)], "an inspection certificate that is trusted", proxy={"kind": "squid", "bump": True}, client=am(tls=T12, ca=[PKI + "/root.crt", PKI + "/corp.crt"], rev={"mode": "soft"}, **PA))
G("h44k-inspection-trusted-direct", "the gateway inspects TLS with an authority that the endpoint trusts", [(TS + " && tcp.len>1000", 200), CERTSEEN], "an inspection certificate that is trusted", extra=resign(), client=am(tls=T12, ca=[PKI + "/root.crt", PKI + "/corp.crt"], rev={"mode": "soft"}))
# ---- certificates and revocation
G("h45-crl-down-ocsp-ok", "the CRL host refuses, OCSP answers", [OKM, ("ocsp.responseStatus==0", 1)], "the CRL host is closed", client=am(tls=T12, rev={"chain": False}), faults=[("rtr", "fw", "ip daddr 23.45.67.81 tcp dport 80 reject with tcp reset")])
G("h45b-ocsp-refused-crl-ok-tls13", "OCSP refuses, the CRL answers, TLS 1.3", [OKM, ("tcp.flags.reset==1 && ip.src==23.45.67.80", 1), ('http.request.uri contains "labserverca1.crl"', 1)], "RST of the OCSP host", client=am(tls=T13N), faults=[("rtr", "fw", "ip daddr 23.45.67.80 tcp dport 80 reject with tcp reset")], cap=PCAP)
G("h45c-ocsp-500-crl-ok", "OCSP answers 500, the CRL is good", [OKM, ("http.response.code==500 && ip.src==23.45.67.80", 1)], "500 of the OCSP host", pki={"ocsp": "return 500;"})
G("h45d-stapled-ocsp-blocked", "a staple is sent, so that the blocked OCSP host does not matter", [OKM, ("tls.handshake.type==22", 1), (PKF, None, 0)], "no port-80 traffic", client=am(tls={"max": "1.2", "staple": True, "verify_at": "staple"}, rev={"chain": False}), web={"cert": "good", "ssl": "ssl_stapling on; ssl_stapling_file %s/ocsp-good.der;" % PKI}, faults=DROPK)
G("h45e-no-revocation-check-tls13", "a client that does not check revocation, TLS 1.3: no port-80 traffic", [OKM, (PKF, None, 0)], "no port-80 traffic", client=am(tls=T13, rev={"mode": "none"}), cap=PCAP)
G("h45f-missing-intermediate-aia-ok", "no intermediate is sent, the client fetches it (AIA): works", [OKM, ('http.request.uri contains "labserverca1.cer"', 1)], "an incomplete chain that is repaired", web={"cert": "good-noint"}, client=am(tls=T12, rev={"chain": False}))
G("h45g-ocsp-unauthorized-crl-ok", "the OCSP host says 'unauthorized', the CRL is good", [OKM, ("ocsp.responseStatus==6", 1), ('http.request.uri contains "labserverca1.crl"', 1)], "an unusable OCSP answer", pki={"ocsp": "ocsp-unauthorized.der"}, cap=PCAP)
G("h45h-soft-fail", "OCSP and CRL out of reach, and a client that does not mind", [OKM, (SYN + " && " + PKD, 4)], "revocation hosts silent, the download goes on", client=am(tls=T12, rev={"mode": "soft", "timeout": 3}), faults=DROPK)
G("h45i-pq-clienthello", "a ClientHello of two segments (post-quantum key share), the SNI in the second", [OKM, (TD + " && tcp.len>1400", 1)], client=am())
# ---- HTTP
G("h46-rst-after-completion", "the client closes with RST once it has everything", [OKM, ("tcp.flags.reset==1 && " + TD, 1)], "RST of the endpoint after completion", client=am(tls=T12, ok_close="rst"))
G("h46a-rst-after-completion-http", "the same over plain HTTP, one address", [OKM, ("tcp.flags.reset==1 && " + TD, 1)], "RST of the endpoint after completion", dns=ONE, client=am(scheme="http", ok_close="rst"), cap=PCAP)
G("h46b-keepalive-closed-by-server", "the server closes the idle keep-alive connection after the download", [OKM, ("tcp.flags.fin==1 && " + TS, 1)], "FIN of the server after completion", dns=ONE, web={"loc": "keepalive_timeout 1s;"}, client=dict(kind="sh", script="curl -sf -o /dev/null http://%s%s -o /dev/null http://%s%s --next -sf -m 8 --limit-rate 200k -o /dev/null http://%s%s" % (HOST, SMALL, HOST, MED, HOST, SMALL)), tail=3)
G("h46c-plain-http-direct", "update over plain HTTP", [OKM, ('http.request.uri contains "avx.gzip"', 1)], client=am(scheme="http"), cap=PCAP)
G("h46d-resume-206-http", "a reset half way, resumed with Range and completed", [("http.response.code==206", 1), (RSTS, 1)], "one RST, then 206", dns=ONE, web=plain(pym("range_ok")), client=am(scheme="http", resume=2))
G("h46e-304-and-head", "the list has not changed (304): nothing to download", [("http.response.code==304 && " + TS, 1), (TS + " && tcp.len>1000", None, 20)], "no definitions file is fetched", dns=ONE, web={"loc": "if_modified_since before;"}, client=dict(kind="sh", script="curl -sf -A 'Cisco AMP' -H 'If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT' -o /dev/null http://%s%s" % (HOST, SMALL)), cap=PCAP)
G("h46f-several-files-one-connection", "five files over one connection", [(TS + " && tcp.len>1000", 1200)], client=dict(kind="sh", script="curl -sf --cacert @CA@ " + " ".join("-o /dev/null https://%s%s" % (HOST, MED) for _ in range(5))), trim=256)
G("h46g-local-update-server", "a local update server over plain HTTP", [("ip.src==10.10.0.80 && tcp.len>1000", 250), NOT], target="amp-update.corp.example", dns={"hosts": {"amp-update.corp.example": [PORTAL]}}, extra=lambda e: (e.nginx("dns", "lus", "server { listen %s:80; root %s; }" % (PORTAL, DATA)), time.sleep(0.5)), client=am(host="amp-update.corp.example", scheme="http"))
for reg in ("eu", "apjc"):
    n = "tetra-defs.%s.amp.cisco.com" % reg
    G("h47-%s-cloud" % reg, "the %s cloud's host name (its certificate names only the main host, the client checks the chain alone)" % reg.upper(), [("ip.src==192.111.4.21 && tcp.len>1000", 250), ('dns.qry.name=="%s"' % n, 1)], target=n, dns={"hosts": {n: TET[:1]}}, client=dict(kind="sh", script="curl -sfk --tlsv1.2 --tls-max %s -A 'Cisco AMP' -o /dev/null https://%s%s -o /dev/null https://%s%s" % ("1.2" if reg == "eu" else "1.3", n, SMALL, n, MED)), cap=PCAP if reg == "eu" else NG)
# ---- addresses
G("h48-ipv6", "everything over IPv6, revocation too", [("ipv6.src==2606:4700:aaaa::21 && tcp.len>1000", 250), (SYN + " && ipv6.dst==2606:4700:bbbb::80", 1)], topo={"v6": True}, dns={"tetra": [TET6]})
G("h48b-ipv6-preferred-tls13", "both addresses, IPv6 is used", [("ipv6.src==2606:4700:aaaa::21 && tcp.len>1000", 250)], topo={"v6": True}, dns={"tetra": TET[:1] + [TET6]}, client=am(tls=T13), cap=PCAP)
G("h48c-hosts-file", "the hosts file names a good address: no DNS query for the server", [OKM, (DNSQ, None, 0)], "no DNS query for the server", hostsfile="192.111.4.22 %s\n" % HOST)
G("h48d-dns-over-tcp", "DNS over TCP works", [OKM, ("tcp.dstport==53 && dns", 1)], resolv="nameserver 10.10.0.53\noptions use-vc\n", cap=PCAP)
G("h48e-truncated-then-tcp", "the UDP answer is truncated, TCP works", [OKM, ("dns.flags.truncated==1", 1), ("tcp.srcport==53", 1)], "a truncated answer", dns={"tetra": MANY[:34]}, topo={"cmds": "for i in $(seq 24 60); do ip -n {web} addr add 192.111.4.$i/24 dev eth0; done"}, web={"ips": MANY}, client=am(tls=T12))
SCEN[-1]["evidence"] = [("ip.src==192.111.4.0/24 && tcp.len>1000", 250), ("dns.flags.truncated==1", 1), ("tcp.srcport==53", 1)]
G("h48f-first-address-dead", "the first of three addresses does not answer, the second does", [(SYN + " && " + TD, 3), OKM], "a SYN timeout of one address", faults=drop("ip daddr { 192.111.4.21, 192.111.4.22 } tcp dport 443"), client=am(tls=T12, connect_timeout=3))
G("h48g-second-resolver", "the first resolver is dead, the second one answers", [OKM, (DNSQ + " && ip.dst==10.10.0.53", 1)], "unanswered DNS queries", resolv="nameserver 10.10.0.53\nnameserver 10.10.0.54\noptions timeout:2 attempts:2\n", faults=drop("ip daddr 10.10.0.53 udp dport 53"), cap=PCAP, noise=["lan"])
G("h48h-cname", "the name is an alias of another", [OKM, (DNSQ + " && dns.cname", 1)], dns={"kind": "named", "zone": "tetra-defs IN CNAME tetra-edge.amp.cisco.com.\ntetra-edge IN A 192.111.4.21\n"})
# ---- parts of the traffic
G("h49-started-late", "the capture starts half way: no DNS, no handshake; the download ends well", [(TS + " && tcp.len>1000", 60), (SYN + " && " + TD, None, 0)], "no beginning", observable="partial", topo={"rate": "2mbit"}, client=am(tls=T12), dns=ONE, cap={"fmt": "pcapng", "late": 65536, "desc": "pcapng started mid-download"})
G("h49b-stopped-early", "the capture stops half way through a good download", [(TS + " && tcp.len>1000", 20, 240)], "no end", observable="partial", topo={"rate": "2mbit"}, client=am(tls=T12), dns=ONE, cap={"fmt": "pcapng", "early_stop": 65536, "desc": "pcapng stopped mid-download"})
G("h49c-one-direction-incoming", "a mirror of only the incoming direction", [OKM, (TD, None, 0)], "no request visible: one-way capture", observable="partial", cap={"fmt": "pcap", "filter": "dst host 192.168.205.138", "desc": "pcap one direction (incoming)"})
G("h49d-only-port-443", "a capture filter lets only port 443 pass: neither DNS nor revocation", [OKM, ("udp", None, 0)], "neither DNS nor OCSP in the capture", cap={"fmt": "pcapng", "filter": "tcp port 443", "desc": "pcapng filtered: tcp port 443"})
G("h49e-two-endpoints-both-well", "two endpoints, both well", [(TS + " && ip.dst==192.168.205.138 && tcp.len>1000", 250), (TS + " && ip.dst==192.168.205.77 && tcp.len>1000", 250)], before=second(), cap=BR)
G("h49f-two-attempts-both-well", "two attempts, both well", [(TS + " && tcp.len>1000", 500)], client=am(tls=T12, attempts=2, gap=2, stop_on_ok=False), trim=512)
G("h49g-clock-of-capture-wrong", "the capturing machine's clock is two years slow; everything works", [OKM], "capture times before the certificate's notBefore", post=lambda e: (subprocess.run(["editcap", "-t", str(-730 * 86400), e.capfile, e.capfile + ".t"], check=True), os.replace(e.capfile + ".t", e.capfile)))
G("h49h-portscan-beside", "another host scans the endpoint and the router meanwhile", [OKM, (SYN + " && ip.dst==192.168.205.138", 60), ("tcp.flags.reset==1 && " + DHOST + " && ip.dst==192.168.205.77", 60)], "many RSTs of the endpoint", before=lambda e: e.spawn("lan", ["python3", "-c", "import socket\nfor p in range(20,180):\n  s=socket.socket(); s.settimeout(.05)\n  try: s.connect(('192.168.205.138',p))\n  except OSError: pass\n  s.close()"], "scan.log"), tail=1)
