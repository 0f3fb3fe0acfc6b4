"""Certificates, revocation and the handshake: what the kit's first scenarios lack of category tls."""
from scenarios_more import *

NAMES = {"ocsp": "commercial.ocsp.identrust.com", "crl": "validation.identrust.com"}
CERT = "tls.handshake.type==11 && " + TS
BOTH80 = "23.45.67.80:80,23.45.67.81:80"


def T(id, cause, culprit, ev, notes, exp=("fail", "tls"), **k):
    k.setdefault("client", ag(tls=T12))
    k.setdefault("cap", NG)
    S(id, "tls", cause, culprit, k.pop("stage", "tls"), ev + [NODL], exp, notes, **k)


def R(id, cause, culprit, ev, notes, **k):
    T(id, cause, culprit, ev, notes, stage="tls-revocation", **k)


SRV = "192.111.4.21-23:443"
QUIET = [("tls.handshake.type==11 && " + TS, None, 0), ("tcp.flags.fin==1 && " + TD, 1)]   # TLS 1.3: nothing readable
LASTC = ("last", TD + " && tcp.len>0")
# ---- the certificate
T("t41-expired-tls12", "cert-expired", SRV, [CERTSEEN, alert(45)], "expired two days ago, TLS 1.2", web={"cert": "expired"}, client=ag(tls=T12, **WIN), first=("first", CERT))
T("t41b-expired-plain-vlan-snap", "cert-expired", SRV, [alert(45)], "expired; a mirror port with snaplen 256 cuts the certificate, the alert says it", observable="partial", web={"cert": "expired"}, trim=256, cap=QINQ, first=("first", "tls.alert_message.desc==45"))
T("t42-not-yet-tls13", "cert-not-yet-valid", SRV, QUIET, "not yet valid inside TLS 1.3: certificate and alert are encrypted", observable="partial", web={"cert": "notyet"}, client=ag(tls=T13), cap=PCAP, first=LASTC)
T("t42b-not-yet-vpn", "cert-not-yet-valid", SRV, [CERTSEEN, alert(45)], "not yet valid, raw IP capture of a VPN interface", web={"cert": "notyet"}, extra=vpn, client_ip="10.8.0.2", cap=RAW, first=("first", CERT))
T("t43-self-signed-tls13", "cert-self-signed", SRV, QUIET, "self-signed inside TLS 1.3", observable="partial", web={"cert": "selfsigned"}, client=ag(tls=T13), first=LASTC)
T("t43b-self-signed-snap96", "cert-self-signed", SRV, [alert(48)], "self-signed, snaplen 96: only the alert unknown_ca is left", observable="partial", web={"cert": "selfsigned"}, cap=S96, first=("first", "tls.alert_message.desc==48"))
T("t43c-self-signed-http-date", "cert-self-signed", SRV, [CERTSEEN, alert(48)], "self-signed, Windows-like resolver, nanosecond pcap", web={"cert": "selfsigned"}, client=ag(tls=T12, **WIN), cap=NANO, noise=["lan", "amp", "web"], first=("first", CERT))
T("t44-root-missing-on-endpoint", "tls-untrusted-unspecified", SRV, [CERTSEEN, alert(48)], "the chain is complete and of the usual authority; the endpoint's own store lacks the root", web={"cert": "good"}, client=ag(tls=T12, ca=[PKI + "/corp.crt"]), first=("first", "tls.alert_message.desc==48"))
T("t44b-root-missing-snap96", "tls-untrusted-unspecified", SRV, [alert(48)], "the same with snaplen 96: unknown_ca and nothing else to read", web={"cert": "good"}, client=ag(tls=T12, ca=[PKI + "/corp.crt"]), cap=S96, first=("first", "tls.alert_message.desc==48"))
T("t45-name-mismatch-tls13", "cert-name-mismatch", SRV, QUIET, "certificate of another host inside TLS 1.3", observable="partial", web={"cert": "wronghost"}, client=ag(tls=T13), cap=ANY, first=LASTC)
T("t45b-name-mismatch-default-vhost", "cert-name-mismatch", SRV, [CERTSEEN], "the address now serves the default site of another customer (a trusted certificate for www.news.example)", web={"cert": "other"}, client=ag(tls={"max": "1.2", "verify_at": "post", "abort": "notify"}), cap=PCAP, first=("first", CERT))


def clock(days):
    def f(e):
        subprocess.run(["editcap", "-t", str(days * 86400), e.capfile, e.capfile + ".t"], check=True)
        os.replace(e.capfile + ".t", e.capfile)
    return f


T("t46-clock-fast-400d", "client-clock-wrong", "client clock", [CERTSEEN, alert(45), ("http.date", 1)], "the endpoint's clock is 400 days fast: a good certificate looks expired; Date headers tell the true time", client=ag(tls=T12, clock_skew=400 * 86400), post=clock(400), before=trap_http, first=("first", CERT))
R("t46b-clock-fast-10d-stale-revocation", "client-clock-wrong", "client clock", [CERTSEEN, ("ocsp.responseStatus==0", 1), alert(46), ("http.date", 1)], "the endpoint's clock is 10 days fast: OCSP answer and CRL look out of date; HTTP Date tells the true time", client=ag(tls=T12, clock_skew=10 * 86400), post=clock(10), cap=PCAP, before=trap_http, first=("first", CERT))
T("t47-chain-incomplete-no-aia", "chain-incomplete", SRV, [CERTSEEN, alert(48)], "no intermediate is sent and the certificate names no place to fetch it from", web={"cert": "noaia-noint"}, first=("first", CERT))
T("t47b-chain-incomplete-tls13", "chain-incomplete", SRV, QUIET[:1] + [("(tcp.flags.fin==1 || tcp.flags.reset==1) && " + TD, 1)], "no intermediate inside TLS 1.3", observable="partial", web={"cert": "noaia-noint"}, client=ag(tls=T13), cap=PCAP, first=LASTC)
T("t47c-aia-refused", "chain-incomplete-aia-blocked", SRV + " / 23.45.67.81:80", [CERTSEEN, ("tcp.flags.reset==1 && ip.src==23.45.67.81", 1), alert(48)], "no intermediate; the host of the AIA download refuses", web={"cert": "good-noint"}, pki={"noval": True}, cap=PCAP, first=("first", CERT))
T("t47d-aia-dns-nxdomain", "chain-incomplete-aia-blocked", SRV + " / validation.identrust.com", [CERTSEEN, ('dns.qry.name=="validation.identrust.com" && dns.flags.rcode==3', 1), alert(48)], "no intermediate; the name of the AIA download does not exist", web={"cert": "good-noint"}, dns={"hosts": {NAMES["crl"]: []}}, first=("first", CERT))
T("t47e-aia-404", "chain-incomplete-aia-blocked", SRV + " / 23.45.67.81:80", [CERTSEEN, ("http.response.code==404 && ip.src==23.45.67.81", 1), alert(48)], "no intermediate; the AIA download is 404", web={"cert": "good-noint"}, pki={"crl": "location /certs/ { return 404; }"}, cap=VLAN, first=("first", CERT))
T("t48-inspection-gateway-tls12", "tls-inspection-unknown-ca", "CORP TLS Inspection CA on the path to 192.111.4.21-23:443", [CERTSEEN, alert(48), (TS + " && ip.ttl==64", 1)], "the gateway ends TLS itself and signs with its own authority (TTL 64 instead of 62)", extra=resign(), first=("first", CERT))
T("t48b-inspection-gateway-tls13", "tls-inspection-unknown-ca", "CORP TLS Inspection CA on the path to 192.111.4.21-23:443", QUIET + [(TS + " && ip.ttl==64", 1)], "the same in TLS 1.3: nothing of the certificate is readable", observable="partial", extra=resign("TLSv1.3"), client=ag(tls=T13), cap=PCAP, first=LASTC)
T("t48c-inspection-of-all-hosts", "tls-inspection-unknown-ca", "CORP TLS Inspection CA on the path to 192.111.4.21-23:443", [CERTSEEN, alert(48), ("tls.handshake.type==11 && (ip.src==52.21.100.10 || ip.src==192.111.4.99)", 1)], "every TLS host gets a certificate of the same inspection authority", extra=resign(everything=True), noise=["lan", "amp", "web"], lead=1.5, cap=NG, first=("first", CERT))
T("t48d-captive-portal-443", "cert-name-mismatch", "10.10.0.80:443 in the name of 192.111.4.21-23:443", [CERTSEEN, alert(48)], "a captive portal answers for every address on port 443 with the certificate of its sign-in host, of an unknown authority", observable="partial", web={"portal": True},
  extra=lambda e: e.ex("rtr", "nft 'add table ip m; add chain ip m pre { type nat hook prerouting priority -100; }; add rule ip m pre ip saddr 192.168.205.0/24 ip daddr { 192.111.4.0/24, 52.21.100.0/24 } tcp dport 443 dnat to 10.10.0.80'"), first=("first", CERT))
R("t49-revoked-tls13", "cert-revoked", SRV, [("ocsp.certStatus==1", 1), ("tls.handshake.type==11 && " + TS, None, 0)], "TLS 1.3: the certificate is hidden, the OCSP answer on port 80 says revoked", web={"cert": "revoked"}, client=ag(tls=T13N), cap=PCAP, first=("first", "ocsp.certStatus==1"))
R("t49b-stapled-revoked-tls13", "cert-revoked-stapled", SRV, [("tls.handshake.type==22", None, 0), (PKF, None, 0)], "TLS 1.3: the staple that says revoked is encrypted", observable="partial", web={"cert": "revoked", "ssl": "ssl_stapling on; ssl_stapling_file %s/ocsp-revoked.der;" % PKI}, client=ag(tls={"min": "1.3", "staple": True, "verify_at": "staple"}), first=LASTC)
R("t49c-revoked-sll", "cert-revoked", SRV, [("ocsp.certStatus==1", 1), alert(44)], "revoked by OCSP (POST), captured with -i any", web={"cert": "revoked"}, client=ag(tls=T12, rev={"post": True}), cap=ANYNG, first=("first", "ocsp.certStatus==1"))
# ---- revocation cannot be checked
NXR = 'dns.qry.name=="commercial.ocsp.identrust.com" && dns.flags.rcode==3'
NOREV = {"hosts": {NAMES["ocsp"]: [], NAMES["crl"]: []}}
R("t50-rev-dns-nxdomain-tls12", "revocation-dns-nxdomain", "commercial.ocsp.identrust.com, validation.identrust.com (DNS 10.10.0.53)", [(NXR, 1), (PKF, None, 0), alert(46), CERTSEEN], REVN + "The names of both do not exist", dns=NOREV, first=("first", NXR), accept=["tls", "dns"])
R("t50b-rev-dns-nxdomain-tls13", "revocation-dns-nxdomain", "commercial.ocsp.identrust.com, validation.identrust.com (DNS 10.10.0.53)", [(NXR, 1), (PKF, None, 0)], REVN + "The names of both do not exist, TLS 1.3, BIND, Windows-like resolver", dns=dict(NOREV, kind="named", zone="tetra-defs IN A 192.111.4.21\n"), client=ag(tls=T13N, **WIN), cap=PCAP, first=("first", NXR), accept=["tls", "dns"])
R("t51-rev-dns-timeout-tls12", "revocation-dns-timeout", "commercial.ocsp.identrust.com, validation.identrust.com (DNS 10.10.0.53)", [('dns.qry.name contains "identrust" && dns.flags.response==0', 4), ('dns.qry.name=="commercial.ocsp.identrust.com" && dns.flags.response==1', None, 0), alert(46), CERTSEEN], REVN + "DNS for these names times out, TLS 1.2", dns={"kind": "py", "rules": [{"name": ".*identrust\\.com", "do": "drop"}]}, cap=VLAN,
  first=("first", 'dns.qry.name contains "identrust"'), accept=["tls", "dns"])
KSYN = SYN + " && " + PKD
R("t52-rev-syn-dropped-tls13", "revocation-unreachable-syn-timeout", BOTH80, [(KSYN, 4), ("ip.src==23.45.67.80/31", None, 0)], REVN + "SYN dropped, TLS 1.3", faults=DROPK, client=ag(tls=T13N, rev={"timeout": 5}), cap=PCAP, noise=["lan", "amp", "web"], first=("first", KSYN))
R("t52b-rev-syn-dropped-v6", "revocation-unreachable-syn-timeout", "2606:4700:bbbb::80:80,2606:4700:bbbb::81:80", [(SYN + " && ipv6.dst==2606:4700:bbbb::/64", 2), alert(46)], REVN + "SYN dropped over IPv6 and IPv4", topo={"v6": True}, faults=DROPK + drop("ip6 daddr 2606:4700:bbbb::/64 tcp dport 80"), client=ag(tls=T12, rev={"timeout": 3}), first=("first", SYN + " && ipv6.dst==2606:4700:bbbb::/64"))
R("t52c-rev-syn-dropped-direct-while-proxied", "revocation-unreachable-syn-timeout", BOTH80, [("http.response.code==200 && " + "ip.src==10.20.0.8", 1), (KSYN, 4), ("tls.alert_message.desc==46 && ip.dst==10.20.0.8", 1)], REVN + "The download goes through the proxy, the operating system fetches OCSP and CRL directly, which the firewall drops", proxy={"kind": "squid"}, faults=DROPK, client=ag(tls=T12, proxy={"host": "proxy.corp.example", "port": 3128, "for_http": False}, rev={"timeout": 4}),
  first=("first", KSYN), accept=["tls", "proxy"])
R("t52d-rev-syn-dropped-erspan", "revocation-unreachable-syn-timeout", BOTH80, [(KSYN, 4), alert(46)], REVN + "SYN dropped, GRE/ERSPAN mirror", faults=DROPK, client=ag(tls=T12, rev={"timeout": 4}), cap=ERSPAN, first=("first", KSYN))
KRST = "tcp.flags.reset==1 && ip.src==23.45.67.80/31"
R("t53-rev-refused-tls13", "revocation-unreachable-refused", BOTH80, [(KRST, 2)], REVN + "RST on SYN, TLS 1.3", pki={"mode": "none"}, client=ag(tls=T13N), cap=PCAP, first=("first", KRST))
R("t53b-rev-refused-by-gateway-vpn", "revocation-unreachable-refused", BOTH80, [(KRST + " && ip.ttl==64", 2), alert(46)], REVN + "the VPN gateway refuses port 80", extra=vpn, client_ip="10.8.0.2", faults=[("rtr", "fw", REVS + " reject with tcp reset")], cap=RAW, first=("first", KRST))
ADM = "icmp.type==3 && icmp.code==13"
R("t54-rev-icmp-prohibited-tls12", "revocation-blocked-icmp-prohibited", BOTH80, [(ADM, 2), alert(46), CERTSEEN], REVN + "ICMP administratively prohibited, TLS 1.2", faults=reject(REVS, "icmp admin-prohibited"), client=ag(tls=T12, rev={"timeout": 3}), cap=PCAP, first=("first", ADM))
VALS = SYN + " && ip.dst==23.45.67.81"
R("t55-crl-only-dropped", "revocation-crl-blocked", "23.45.67.81:80 (validation.identrust.com)", [(VALS, 2), ("ip.src==23.45.67.81", None, 0), alert(46), CERTSEEN], "the certificate offers only a CRL, whose host is dropped", web={"cert": "crlonly"}, faults=drop("ip daddr 23.45.67.81 tcp dport 80"), client=ag(tls=T12, rev={"timeout": 5, "chain": False}), first=("first", VALS))
R("t55b-crl-only-icmp", "revocation-crl-blocked", "23.45.67.81:80 (validation.identrust.com)", [("icmp.type==3 && icmp.code==13", 1), alert(46), CERTSEEN], "the certificate offers only a CRL, whose host the gateway prohibits", web={"cert": "crlonly"}, faults=reject("ip daddr 23.45.67.81 tcp dport 80", "icmp admin-prohibited"), client=ag(tls=T12, rev={"timeout": 3, "chain": False}), cap=PCAP, first=("first", ADM))
R("t55c-crl-only-dropped-tls13", "revocation-crl-blocked", "23.45.67.81:80 (validation.identrust.com)", [(VALS, 2), ("ip.src==23.45.67.81", None, 0)], "only a CRL, its host is dropped, TLS 1.3: that no OCSP host is asked is all that shows it", observable="partial", web={"cert": "crlonly"}, faults=drop("ip daddr 23.45.67.81 tcp dport 80"), client=ag(tls=T13N, rev={"timeout": 5, "chain": False}), cap=ANY, first=("first", VALS))
KGET = "http.request && " + PKD
R("t56-ocsp-never-answers", "revocation-timeout-no-answer", "23.45.67.80:80", [(KGET, 1), ("http.response && ip.src==23.45.67.80", None, 0), ("tcp.flags.ack==1 && ip.src==23.45.67.80", 2), alert(46), CERTSEEN], "the OCSP host accepts the request and never answers; the certificate has no CRL", web={"cert": "ocsponly"}, pki={"ocsp": "hang"}, client=ag(tls=T12, rev={"timeout": 5, "chain": False}), first=("first", KGET))
R("t56b-ocsp-and-crl-never-answer-tls13", "revocation-timeout-no-answer", BOTH80, [(KGET, 2), ("http.response && ip.src==23.45.67.80/31", None, 0)], "both hosts accept the request and never answer, TLS 1.3", pki={"ocsp": "hang", "valhang": True}, client=ag(tls=T13N, rev={"timeout": 4}), cap=PCAP, first=("first", KGET))
E5 = "http.response.code==500 && ip.src==23.45.67.80"
R("t57-ocsp-500-crl-503", "revocation-http-error", BOTH80, [(E5, 1), ("http.response.code==503 && ip.src==23.45.67.81", 1), alert(46), CERTSEEN], "OCSP answers 500, the CRL host 503", pki={"ocsp": "return 500;", "crl": "location /crl/ { return 503; }"}, first=("first", E5))
R("t57b-ocsp-503-tls13", "revocation-http-error", "23.45.67.80:80", [("http.response.code==503 && ip.src==23.45.67.80", 1)], "OCSP answers 503, no CRL, TLS 1.3", web={"cert": "ocsponly"}, pki={"ocsp": "return 503;"}, client=ag(tls=T13N, rev={"chain": False, "post": True}), cap=PCAP, first=("first", "http.response.code==503 && ip.src==23.45.67.80"))
C4 = "http.response.code==404 && ip.src==23.45.67.81"
R("t58-crl-404", "revocation-crl-http-404", "23.45.67.81:80", [(C4, 1), alert(46), CERTSEEN], "the certificate offers only a CRL, which is 404", web={"cert": "crlonly"}, pki={"crl": "location /crl/ { return 404; }"}, client=ag(tls=T12, rev={"chain": False}), first=("first", C4))
R("t58b-crl-404-tls13", "revocation-crl-http-404", "23.45.67.81:80", [(C4, 1)], "the CRL is 404, TLS 1.3", web={"cert": "crlonly"}, pki={"crl": "location /crl/ { return 404; }"}, client=ag(tls=T13N, rev={"chain": False}), cap=SLL1, first=("first", C4))
OK0 = "ocsp.responseStatus==0"
R("t59-ocsp-stale", "revocation-ocsp-stale", "23.45.67.80:80", [(OK0, 1), alert(46), CERTSEEN], "the OCSP answer's nextUpdate is 13 days past", web={"cert": "ocsponly"}, pki={"ocsp": "ocsp-stale.der"}, client=ag(tls=T12, rev={"chain": False, "post": True}), first=("first", OK0))
R("t59b-ocsp-stale-tls13", "revocation-ocsp-stale", "23.45.67.80:80", [(OK0, 1)], "stale OCSP answer to a GET, TLS 1.3", web={"cert": "ocsponly"}, pki={"ocsp": "ocsp-stale.der"}, client=ag(tls=T13N, rev={"chain": False}), cap=PCAP, first=("first", OK0))
CR = "http.response.code==200 && ip.src==23.45.67.81"
R("t60-crl-expired", "revocation-crl-expired", "23.45.67.81:80", [(CR, 1), alert(46), CERTSEEN], "the only CRL expired 10 days ago", web={"cert": "crlonly"}, pki={"crlfile": "labserverca1-expired.crl"}, client=ag(tls=T12, rev={"chain": False}), first=("first", CR))
R("t60b-crl-expired-ocsp-refused-tls13", "revocation-crl-expired", "23.45.67.81:80", [("tcp.flags.reset==1 && ip.src==23.45.67.80", 1), (CR, 1)], "OCSP refuses, the CRL answers and expired 10 days ago, TLS 1.3", observable="partial", pki={"crlfile": "labserverca1-expired.crl"}, faults=[("rtr", "fw", "ip daddr 23.45.67.80 tcp dport 80 reject with tcp reset")], client=ag(tls=T13N, rev={"chain": False}), cap=PCAP, first=("first", CR))
R("t61-ocsp-unauthorized-get-tls13", "revocation-ocsp-unauthorized", "23.45.67.80:80", [("ocsp.responseStatus==6", 1)], "OCSP 'unauthorized' to a GET, TLS 1.3", web={"cert": "ocsponly"}, pki={"ocsp": "ocsp-unauthorized.der"}, client=ag(tls=T13N, rev={"chain": False}), cap=VLAN, first=("first", "ocsp.responseStatus==6"))
R("t61b-ocsp-trylater-tls13", "revocation-ocsp-trylater", "23.45.67.80:80", [("ocsp.responseStatus==3", 1)], "OCSP 'tryLater', TLS 1.3", web={"cert": "ocsponly"}, pki={"ocsp": "ocsp-trylater.der"}, client=ag(tls=T13N, rev={"chain": False}), first=("first", "ocsp.responseStatus==3"))
R("t61c-ocsp-wrong-signer-get", "revocation-ocsp-bad-signature", "23.45.67.80:80", [(OK0, 1), alert(46), CERTSEEN], "an OCSP answer signed by nobody's key, to a GET", web={"cert": "ocsponly"}, pki={"ocsp": "ocsp-wrongsigner.der"}, client=ag(tls=T12, rev={"chain": False}), cap=PCAP, first=("first", OK0))
HTML = 'http.content_type contains "text/html" && ip.src==23.45.67.80'
R("t62-ocsp-captive-html-tls13", "revocation-answer-not-ocsp", "23.45.67.80:80", [(HTML, 1)], "a sign-in page instead of an OCSP answer, no CRL, TLS 1.3", web={"cert": "ocsponly"}, pki={"ocsp": "html"}, client=ag(tls=T13N, rev={"chain": False}), cap=PCAP, first=("first", HTML))
IDR = lambda e: e.ex("rtr", "iptables -A FORWARD -p tcp --dport 80 -m string --algo bm --string identrust.com -j REJECT --reject-with tcp-reset")
R("t63-rev-reset-on-request-tls13", "revocation-reset-on-request", BOTH80 + " (URL filter)", [(KGET, 2), (KRST, 2), ("http.response && ip.src==23.45.67.80/31", None, 0)], REVN + "a URL filter resets on the HTTP request, TLS 1.3", extra=IDR, client=ag(tls=T13N), cap=PCAP, first=("first", KRST))
R("t64-rev-blocked-by-proxy-tls13", "revocation-blocked-by-proxy", "10.20.0.8:3128", [("http.response.code==200 && ip.src==10.20.0.8", 1), ("http.response.code==403 && ip.src==10.20.0.8", 2)], "CONNECT works, squid forbids the OCSP and CRL addresses, TLS 1.3", accept=["tls", "proxy"], proxy={"kind": "squid", "acl": "acl rev dstdomain .identrust.com\nhttp_access deny rev"}, client=ag(tls=T13N, proxy={"host": "proxy.corp.example", "port": 3128}), cap=PCAP, first=("first", "http.response.code==403"))
R("t64b-rev-407-by-proxy", "revocation-blocked-by-proxy", "10.20.0.8:3128", [("http.response.code==200 && ip.src==10.20.0.8", 1), ("http.response.code==407 && ip.src==10.20.0.8", 2), ("tls.alert_message.desc==46 && ip.dst==10.20.0.8", 1)], "the updater may use the proxy without credentials, the OCSP and CRL fetches of the operating system are asked for some (407)", accept=["tls", "proxy"], proxy={"kind": "squid", "auth": "basic", "acl0": "acl con method CONNECT\nhttp_access allow con"}, client=ag(tls=T12, proxy={"host": "proxy.corp.example", "port": 3128}), cap=NG, first=("first", "http.response.code==407"))
R("t65-ok-then-rev-blocked", "revocation-unreachable-syn-timeout", BOTH80, [OKM, (KSYN, 6)], REVN + "The first attempt is good, then port 80 is closed", client=am(tls=T12, attempts=2, gap=3, stop_on_ok=False, rev={"timeout": 4}), hook=after_ok(put(*DROPK)), first=("mark", "fault_on"))
SCEN[-1]["evidence"].remove(NODL)
R("t66-two-endpoints-one-without-revocation", "revocation-unreachable-syn-timeout", BOTH80, [(KSYN + " && " + DHOST, 4), (TS + " && ip.dst==192.168.205.77 && tcp.len>1000", 250)], REVN + "two endpoints: only 192.168.205.138 is kept from port 80", client=ag(tls=T12, rev={"timeout": 4}), before=second(), faults=drop("ip saddr 192.168.205.138 " + REVS), cap=BR, first=("first", KSYN + " && " + DHOST))
SCEN[-1]["evidence"].remove(NODL)
# ---- the handshake
CH = "tls.handshake.type==1 && " + TD
NOSH = ("tls.handshake.type==2 && " + TS, None, 0)
ONEIP = dict(dns=ONE)
FINS = "tcp.flags.fin==1 && " + TS
T("t70-closed-after-clienthello", "tls-closed-after-clienthello", "192.111.4.21:443", [(CH, 1), (FINS, 1), NOSH], "the server closes (FIN) after the ClientHello", web=pym("hs_fin"), first=("first", FINS), **ONEIP)
T("t70b-closed-after-clienthello-pq", "tls-closed-after-clienthello", "192.111.4.21:443", [(FINS, 1), NOSH, (TD + " && tcp.len>500", 1)], "the same after a large ClientHello of two segments (post-quantum key share)", web=pym("hs_fin"), client=ag(), cap=PCAP, first=("first", FINS), **ONEIP)
T("t71-server-reset-after-clienthello", "tls-reset-after-clienthello", "192.111.4.21:443", [(CH, 1), (RSTS, 1), NOSH], "the server itself resets after the ClientHello", web=pym("hs_rst"), cap=PCAP, first=("first", "tcp.flags.reset==1 && " + TS), **ONEIP)
T("t71b-sni-filter-rst-v6", "tls-reset-after-clienthello", "2606:4700:aaaa::21:443 (SNI filter on the gateway)", [("tcp.flags.reset==1 && ipv6.src==2606:4700:aaaa::21", 1)], "SNI filter on IPv6", topo={"v6": True}, dns={"tetra": [TET6]}, extra=lambda e: e.ex("rtr", "ip6tables -A FORWARD -p tcp --dport 443 -m string --algo bm --string tetra-defs.amp -j REJECT --reject-with tcp-reset"), first=("first", "tcp.flags.reset==1 && ipv6.src==2606:4700:aaaa::21"))
T("t72-clienthello-dropped-tls12", "tls-clienthello-blackholed", "192.111.4.21:443 (SNI filter on the gateway)", [("tcp.analysis.retransmission && " + TD, 2), NOSH, ("tcp.flags.syn==1 && tcp.flags.ack==1 && " + TS, 1)], "a one-segment ClientHello is dropped by an SNI filter", extra=sni("DROP"), client=ag(tls=T12, tls_timeout=8), cap=PCAP, first=("first", CH), **ONEIP)
UN = "tls.alert_message.desc==112 && " + TS
T("t73-unrecognized-name-tls12", "tls-unrecognized-name", SRV, [(UN, 1), NOSH], "the server refuses the name (alert unrecognized_name)", web={"ssl": "ssl_reject_handshake on;"}, first=("first", UN))
T("t73b-unrecognized-name-tls13", "tls-unrecognized-name", SRV, [(UN, 1), NOSH], "the same from a TLS 1.3 client, mirror port", web={"ssl": "ssl_reject_handshake on;"}, client=ag(tls=T13), cap=VLAN, first=("first", UN))
T("t74-protocol-version-client13", "tls-protocol-version", SRV, [alert(70, TS)], "the client wants at least TLS 1.3, the server knows TLS 1.2", web={"protocols": "TLSv1.2"}, client=ag(tls=T13), cap=PCAP, first=("first", "tls.alert_message.desc==70"))
T("t75-cipher-ecdsa-only", "tls-cipher-mismatch", SRV, [alert(40, TS)], "the client offers only ECDSA suites, the server has an RSA certificate", web={"protocols": "TLSv1.2"}, client=ag(tls={"max": "1.2", "ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"}), first=("first", "tls.alert_message.desc==40"))
T("t76-server-never-accepts", "tls-handshake-timeout-server-silent", "192.111.4.21:443", [(TD + " && tcp.len>200", 1), (TS + " && tcp.len>0", None, 0), (TS + " && tcp.flags.ack==1 && tcp.len==0", 2)], "the kernel takes the connection, the server's process hangs and never reads", web=pym("noaccept"), client=ag(tls=T13, tls_timeout=8), cap=PCAP, first=("first", TD + " && tcp.len>200"), **ONEIP)
T("t77-plain-http-answer-snap96", "tls-not-tls-http-answer", "192.111.4.21:443", [(TS + ' && tcp.len>0 && tcp.payload contains "HTTP/1.1 400"', 1), NOSH], "plain HTTP on port 443, snaplen 96", web={"mode": "none"}, extra=lambda e: (e.nginx("web", "plain443", "server { listen %s:443; return 403; }" % TET[0]), time.sleep(0.6)), cap=S96, first=("first", TS + ' && tcp.payload contains "HTTP/1.1 400"'), **ONEIP)
T("t78-mtu-blackhole-clienthello", "mtu-blackhole", "192.111.4.21:443 path MTU", [(TD + " && tcp.len>1400 && tcp.analysis.retransmission", 3), ("tcp.options.sack_le && " + TS, 1), NOSH], "path MTU 1400 and ICMP filtered: the full-sized first segment of a large ClientHello (post-quantum key share) never arrives, the server acknowledges (SACK) only the short second one", faults=MTU, extra=lambda e: e.sh("ip -n %s link set u0 mtu 1400" % e.ns["inet"]), noise=["lan"], client=ag(tls=T13, tls_timeout=12), cap=PCAP, first=("first", "tcp.options.sack_le && " + TS), accept=["tls", "interrupt", "other"], **ONEIP)
T("t79-ok-then-expired", "cert-expired", "192.111.4.21-23:443", [OKM, alert(45)], "the first attempt is good; then the server is given an expired certificate", client=am(tls=T12, attempts=2, gap=4, stop_on_ok=False), hook=after_ok(lambda e: (subprocess.run(["sed", "-i", "s#pki/good.pem#pki/expired.pem#g", e.rd + "/nginx-web.conf"], check=True), e.webproc.send_signal(signal.SIGHUP))), first=("first", "tls.alert_message.desc==45"))
SCEN[-1]["evidence"].remove(NODL)
S("t80-sni-filter-then-ok", "healthy", "none", None, None, [("tcp.flags.reset==1 && " + TS, 1), OKM], ("ok",), "the first attempt is reset after the ClientHello, the filter is lifted, the next one is good: recovered (degraded)", traps=["a reset attempt before a good one"], extra=sni("REJECT --reject-with tcp-reset"), client=am(tls=T12, attempts=3, gap=2), hook=after_fail(lambda e: e.ex("rtr", "iptables -F FORWARD")), cap=NG)
