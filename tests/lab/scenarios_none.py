"""Captures without any attempt to download definitions. A primary cause found in one of these is a false alarm."""
from scenarios_more import *


def N(id, notes, ev, script, **k):
    k.setdefault("cap", NG)
    S(id, "none", "none", None, None, ev + [NOT, ('dns.qry.name contains "tetra-defs"', None, 0)], ("ok", "sh:0"), notes, observable="none", accept=["none"], client=dict(kind="sh", script=script + "; true"), **k)


C5 = "curl -sm5 --cacert @CA@ -o /dev/null "
N("n01-browsing", "ordinary browsing and the vendor's event cloud", [("tls.handshake.type==1", 2)], "for i in 1 2 3; do %s https://www.news.example/; %s http://cdn.news.example/; sleep 0.5; done" % (C5, C5), noise=["lan", "amp", "web"])
N("n02-other-names-nxdomain", "names that do not exist, wpad and isatap among them", [("dns.flags.rcode==3", 5)], "for n in wpad.corp.example isatap.corp.example www.gone.example update.nowhere.example definitions.vendor.example; do dig +short $n @10.10.0.53; done", cap=PCAP)
N("n03-dns-dead", "the resolver is dead; other names are asked for", [("dns.flags.response==0", 4), ("dns.flags.response==1 && udp.port==53", None, 0)], "dig +tries=2 +time=2 www.news.example @10.10.0.53; dig +tries=2 +time=2 mgmt.amp.cisco.com @10.10.0.53", faults=drop("ip daddr 10.10.0.0/24 udp dport 53"), noise=["lan"])
N("n04-refused-ports", "ports 8080, 3128, 8443 and 445 of other hosts refuse", [("tcp.flags.reset==1", 4)], "for p in 8080 3128 8443 445; do curl -sm3 http://192.111.4.99:$p/; curl -sm3 http://10.10.0.53:$p/; done", noise=["lan"])
N("n05-arp-unanswered", "neighbours on the LAN that do not answer ARP", [("arp.opcode==1 && arp.src.proto_ipv4==192.168.205.138", 4)], "for a in 12 50 200 201; do ping -c1 -W1 192.168.205.$a; done", cap=PCAP)
N("n06-browser-407", "a browser without credentials at a proxy", [("http.response.code==407", 3)], "for u in https://www.news.example/ http://cdn.news.example/ https://updates.vendor.example/; do curl -sm5 -x http://10.20.0.8:3128 $u; done", proxy={"kind": "squid", "auth": "basic"})
N("n07-tls-alerts-elsewhere", "another site's certificate is expired, a third one's name does not match", [("tls.alert_message.desc==45", 1)], "curl -sm5 --tlsv1.2 --tls-max 1.2 --cacert @CA@ https://old.vendor.example/; curl -sm5 --tlsv1.2 --tls-max 1.2 --cacert @CA@ --connect-to time.vendor.example:443:192.111.4.99:443 https://time.vendor.example/", cap=PCAP)
N("n08-ocsp-of-other-sites", "OCSP and CRL hosts of other sites refuse, are silent, answer 404", [("tcp.flags.reset==1 && ip.src==23.45.67.90", 1), ("http.response.code==404", 1)], "curl -sm3 http://ocsp.othersite.example/MEUwQz; curl -sm3 -A Microsoft-CryptoAPI/10.0 http://cdn.news.example/crl/none.crl; curl -sm3 -A Microsoft-CryptoAPI/10.0 http://192.111.4.99:81/ocsp", faults=[("rtr", "fw", "ip daddr 23.45.67.90 tcp dport 80 reject with tcp reset")] + drop("ip daddr 192.111.4.99 tcp dport 81"))
N("n09-wpad-only", "proxy discovery that fails, and browsing directly", [('dns.qry.name=="wpad.corp.example" && dns.flags.rcode==3', 1)], "dig +short wpad.corp.example @10.10.0.53; dig +short wpad.example @10.10.0.53; " + C5 + "https://www.news.example/")
N("n10-wpad-404", "wpad.dat is 404", [("http.response.code==404", 1)], "curl -sm5 -A WinHttp-Autoproxy-Service/5.1 http://wpad.corp.example/wpad.dat", dns={"hosts": {"wpad.corp.example": [OTHER]}}, cap=PCAP)
N("n11-port-scan", "a neighbour scans the endpoint", [(SYN + " && ip.dst==192.168.205.138", 100)], "sleep 4", before=lambda e: e.spawn("lan", ["python3", "-c", "import socket\nfor p in list(range(1,400))+[443,8080,3128]:\n  s=socket.socket(); s.settimeout(.02)\n  try: s.connect(('192.168.205.138',p))\n  except OSError: pass\n  s.close()"], "scan.log"), cap=S96)
N("n12-syn-flood-443", "hundreds of SYNs to one address on port 443, never answered", [(SYN + " && ip.dst==192.111.4.99", 200)], "python3 -c \"import socket,time\nfor i in range(300):\n  s=socket.socket(); s.setblocking(0); s.connect_ex(('192.111.4.99',443)); s.close() if i%3 else None\n  time.sleep(.005)\"", faults=drop("ip daddr 192.111.4.99"), cap=S96, tail=1)
N("n13-lan-only", "mDNS, SSDP, LLMNR, NetBIOS and DHCP alone", [("udp", 5)], "sleep 5", noise=["lan"])
N("n14-empty", "a capture without one packet", [("frame", None, 0)], "sleep 0.5", cap={"fmt": "pcapng", "filter": "tcp port 65000", "desc": "pcapng without packets"}, noise=["lan"])
N("n14b-empty-pcap", "a pcap without one packet", [("frame", None, 0)], "sleep 0.5", cap={"fmt": "pcap", "filter": "tcp port 65000", "desc": "pcap without packets"}, noise=["lan"])
N("n15-big-download-elsewhere", "a large download of another program, stopped half way and resumed", [("ip.src==192.111.4.99 && tcp.len>1000", 100)], "U=http://cdn.news.example:8090/setup/package.bin; curl -sm4 --limit-rate 150k -o /dev/null $U & sleep 1.5; kill $!; curl -sm3 -r 2200000- -o /dev/null $U", trim=256,
  extra=lambda e: (e.sh("mkdir -p %s/setup; ln -s %s%s %s/setup/package.bin" % (e.rd, DATA, BIG, e.rd)), e.nginx("web", "setup", "server { listen %s:8090; root %s; }" % (OTHER, e.rd)), time.sleep(0.5)))
N("n16-cloud-only-refused", "the vendor's event cloud refuses; definitions are not asked for", [("tcp.flags.reset==1 && ip.src==52.21.100.10", 2)], "for i in 1 2 3; do %s https://mgmt.amp.cisco.com/event/; sleep 0.4; done" % C5, faults=[("rtr", "fw", "ip daddr 52.21.100.10 tcp dport 443 reject with tcp reset")], cap=PCAP)
N("n17-ping-and-traceroute", "ping and traceroute: ICMP time exceeded and unreachable in plenty", [("icmp.type==11", 1), ("icmp.type==3", 1)], "ping -c2 -W1 192.111.4.99; for t in 1 2; do ping -c1 -W1 -t $t 192.111.4.99; done; python3 -c \"import socket; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); [s.sendto(b'x',('192.111.4.99',33434+i)) for i in range(9)]\"; sleep 0.5")
N("n18-http-errors-elsewhere", "404, 500 and a redirect of other sites", [("http.response.code==404", 1), ("http.response.code==500", 1)], "for p in gone broken gone; do curl -sm5 http://cdn.news.example/$p; done", cap=ANY)
N("n19-vpn-keepalive", "a VPN interface with pings alone (raw IP)", [("icmp", 2)], "ping -c3 -i 0.4 -W1 10.10.0.53", extra=vpn, client_ip="10.8.0.2", cap=RAW, noise=["lan"])
