//! The sample analyses themselves.

use super::parts::*;
use crate::model::*;

/// Broken: the resolver says that the name does not exist, three times.
pub(crate) fn dns() -> Analysis {
    let mut analysis = analysis(
        Verdict::Broken,
        "Resolver 192.168.205.2 says that tetra-defs.amp.cisco.com does not exist.",
    );
    for (id, minute) in [(1, "08:15:01"), (2, "08:45:02"), (3, "09:12:44")] {
        let start = format!("2026-03-02T{minute}.113900Z");
        let end = format!("2026-03-02T{minute}.642100Z");
        let at = 40 + u64::from(id);
        let mut stages = vec![rung(
            Stage::Dns,
            StageState::Failed,
            Some(12),
            at,
            "192.168.205.2 answered NXDOMAIN to A and AAAA tetra-defs.amp.cisco.com, 2 tries, 12 ms",
        )];
        for stage in
            [Stage::Connect, Stage::Tls, Stage::TlsRevocation, Stage::Http, Stage::Download, Stage::Verify]
        {
            stages.push(rung(stage, StageState::NotReached, None, 0, ""));
        }
        analysis.attempts.push(attempt(id, &start, &end, AttemptOutcome::Failed, stages));
    }
    let mut primary = cause(
        "dns-nxdomain",
        "dns",
        "The resolver says the update server's name does not exist",
        "192.168.205.2 answered NXDOMAIN to 6 questions for tetra-defs.amp.cisco.com in 3 attempts.",
    );
    primary.confidence = Confidence::Confirmed;
    primary.belief = 0.97;
    primary.reach = Reach { explained: 3, failed: 3 };
    primary.culprit = Culprit {
        role: "resolver".into(),
        names: vec![],
        addresses: texts(&["192.168.205.2"]),
        ports: vec![53],
    };
    primary.evidence = vec![
        frame(43, "2026-03-02T09:12:44.126000Z", "DNS response 0x1a2b: NXDOMAIN, A tetra-defs.amp.cisco.com"),
        element("connector/local.xml", "/config/agent/engine/tetra/lastsuccesstime", "1772219809"),
        line(
            "connector/logs/sfc.exe.log",
            1204,
            "(731204, +0 ms) Mar 02 09:12:44 [4512]: Tetra update failed",
        ),
    ];
    primary.advice = Advice {
        user: texts(&["Ask your network team to let the company's DNS resolve *.amp.cisco.com."]),
        engineer: texts(&[
            "Ask 192.168.205.2 for the name, and a public resolver for comparison: Resolve-DnsName tetra-defs.amp.cisco.com -Server 192.168.205.2",
            "Look for a response policy zone or a forwarder that does not reach the public DNS.",
        ]),
    };
    primary.wireshark_filter =
        "dns.qry.name == \"tetra-defs.amp.cisco.com\" && dns.flags.rcode == 3 && ip.src == 192.168.205.2"
            .into();
    primary.docs = texts(&["https://www.cisco.com/c/en/us/support/docs/security/amp-endpoints/214787.html"]);
    analysis.diagnosis.primary = Some(primary);
    analysis.diagnosis.ruled_out = vec![ruled_out(
        "proxy",
        "No proxy is set in the policy or the system, and no packet goes to one.",
        vec![element("network/config.json", "/winhttp/proxy", "direct")],
    )];
    analysis.diagnosis.cannot_tell = vec![cannot_tell(
        "tls",
        "No attempt got as far as a handshake.",
        "A bundle from a time at which the name resolves.",
    )];
    let mut supporting = finding("dns_nxdomain", "high", "The name does not exist, says 192.168.205.2");
    supporting.supports = Some("dns-nxdomain".into());
    analysis.findings =
        vec![supporting, finding("debug_logging_off", "low", "Debug logging was off for the whole bundle")];
    analysis.endpoint = endpoint();
    analysis.coverage = vec![
        covered("capture", CAPTURE, "read", "18,204 packets, none cut"),
        covered("connector_log", "connector/logs/sfc.exe.log", "read", "20,311 lines"),
        covered("policy_xml", "", "absent", "not readable on the endpoint since connector 8.1.3"),
    ];
    analysis
}

/// Broken: OCSP and CRL are out of reach; consequences, a contradiction, another cause, anomalies.
pub(crate) fn revocation() -> Analysis {
    use StageState::{CannotTell, Failed, NotReached, Ok, Recovered};
    let mut analysis = analysis(
        Verdict::Broken,
        "The endpoint cannot check whether the update server's certificate is revoked: no SYN to commercial.ocsp.identrust.com port 80 is answered.",
    );
    let stages = vec![
        rung(
            Stage::Dns,
            Recovered,
            Some(2_013),
            14,
            "192.168.205.2 answered the second try, 52.20.14.9, 13 ms",
        ),
        rung(Stage::Connect, Ok, Some(2_041), 17, "52.20.14.9:443 in 28 ms"),
        rung(
            Stage::Tls,
            Ok,
            Some(2_105),
            24,
            "TLS 1.2, certificate CN=tetra-defs.amp.cisco.com of HydrantID Server CA O1, valid until 2026-09-12",
        ),
        rung(
            Stage::TlsRevocation,
            Failed,
            Some(23_117),
            61,
            "3 SYNs to 192.35.177.195:80 in 21 s, no answer; the CRL's host likewise",
        ),
        rung(Stage::Http, CannotTell, None, 0, "the endpoint left the handshake with FIN, frame 63"),
        rung(Stage::Download, NotReached, None, 0, ""),
        rung(Stage::Verify, NotReached, None, 0, ""),
    ];
    analysis.attempts = vec![attempt(
        1,
        "2026-03-02T09:12:21.000000Z",
        "2026-03-02T09:12:44.117000Z",
        AttemptOutcome::Failed,
        stages,
    )];
    let mut primary = cause(
        "revocation-unreachable-syn-timeout",
        "tls",
        "The OCSP and CRL hosts cannot be reached",
        "6 SYNs to 2 revocation hosts on port 80 were not answered; the handshake ended 21 s later.",
    );
    primary.stage = "tls-revocation".into();
    primary.confidence = Confidence::Likely;
    primary.belief = 0.93;
    primary.culprit = Culprit {
        role: "revocation".into(),
        names: texts(&["commercial.ocsp.identrust.com", "validation.identrust.com"]),
        addresses: texts(&["192.35.177.195", "192.35.177.23"]),
        ports: vec![80],
    };
    primary.evidence = vec![
        frame(41, "2026-03-02T09:12:23.118000Z", "TCP SYN 192.168.205.138:50122 → 192.35.177.195:80"),
        frame(
            61,
            "2026-03-02T09:12:35.120000Z",
            "TCP SYN 192.168.205.138:50122 → 192.35.177.195:80, third try",
        ),
        frame(
            63,
            "2026-03-02T09:12:44.117000Z",
            "TCP FIN from the endpoint in the handshake with 52.20.14.9:443",
        ),
    ];
    primary.advice = Advice {
        user: texts(&["Ask your network team to open port 80 to the hosts named above."]),
        engineer: texts(&[
            "Test with: curl.exe -v https://tetra-defs.amp.cisco.com/ (schannel ends with 0x80092013).",
        ]),
    };
    primary.wireshark_filter =
        "tcp.flags.syn == 1 && tcp.dstport == 80 && ip.addr in {192.35.177.195, 192.35.177.23}".into();
    analysis.diagnosis.primary = Some(primary);
    analysis.diagnosis.consequences = vec![cause(
        "closed-early",
        "interrupt",
        "The connection ends short of the announced length",
        "The endpoint closes the connection without a request.",
    )];
    analysis.diagnosis.others = vec![cause(
        "dns-timeout",
        "dns",
        "The resolver does not answer",
        "The first question to 192.168.205.2 was not answered; the second was.",
    )];
    analysis.diagnosis.contradictions = vec![ruled_out(
        "proxy",
        "lasterror says that no proxy is reached (-2103), yet the capture shows the direct way and no proxy.",
        vec![element("connector/local.xml", "/config/agent/engine/tetra/lasterror", "4294965193")],
    )];
    analysis.diagnosis.ruled_out = vec![
        ruled_out(
            "dns",
            "The server's name resolved on the second try.",
            vec![frame(14, "2026-03-02T09:12:23.013000Z", "DNS response")],
        ),
        ruled_out(
            "connect",
            "The server accepted the connection in 28 ms.",
            vec![frame(17, "2026-03-02T09:12:23.041000Z", "SYN-ACK")],
        ),
    ];
    analysis.endpoint = endpoint();
    analysis.endpoint.last_error =
        Some("4294965193 = -2103 = 0xFFFFF7C9: cannot connect to the proxy".into());
    analysis.coverage = vec![covered("capture", CAPTURE, "partly", "cut in the middle of frame 9,012")];
    analysis.anomalies = (1..=14)
        .map(|number| {
            anomaly(
                CAPTURE,
                &format!("frame {number}"),
                "captured length is larger than the length on the wire",
            )
        })
        .chain([anomaly("connector/logs/sfc.exe.log", "", "no line has the form of the connector's log")])
        .collect();
    analysis
}

/// Healthy: one attempt ends well through a proxy.
pub(crate) fn healthy() -> Analysis {
    use StageState::{NotSeen, Ok};
    let mut analysis =
        analysis(Verdict::Healthy, "The endpoint got its definitions at 2026-03-02 09:13:20 UTC.");
    let mut good = attempt(
        1,
        "2026-03-02T09:12:44.000000Z",
        "2026-03-02T09:13:20.500000Z",
        AttemptOutcome::Ok,
        vec![
            rung(Stage::Discovery, NotSeen, None, 0, ""),
            rung(Stage::Dns, NotSeen, None, 0, ""),
            rung(Stage::ProxyConnect, Ok, Some(2), 12, "10.1.2.3:3128 in 2 ms"),
            rung(Stage::ProxyAuth, Ok, Some(40), 16, "Basic, after one 407"),
            rung(Stage::ProxyRequest, Ok, Some(61), 18, "CONNECT tetra-defs.amp.cisco.com:443, 200"),
            rung(Stage::Tls, Ok, Some(120), 25, "TLS 1.3"),
            rung(Stage::Http, Ok, Some(180), 31, "application data from the server"),
            rung(Stage::Download, Ok, Some(36_500), 18_200, "7.9 MB at 219 kB/s"),
        ],
    );
    good.path = Path::Proxy;
    good.bytes = 8_283_750;
    analysis.attempts = vec![good];
    analysis.diagnosis.ruled_out = vec![ruled_out(
        "proxy",
        "The proxy let the request through.",
        vec![frame(18, "2026-03-02T09:12:44.061000Z", "HTTP/1.1 200")],
    )];
    analysis.coverage = vec![covered("capture", CAPTURE, "read", "18,204 packets")];
    analysis
}

/// Inconclusive: a capture without any attempt.
pub(crate) fn inconclusive() -> Analysis {
    let mut analysis =
        analysis(Verdict::Inconclusive, "No update attempt is in the capture, which spans 4 minutes.");
    analysis.input.path = "short.pcap".into();
    analysis.input.layout = "capture".into();
    analysis.input.collected = None;
    analysis.diagnosis.cannot_tell = vec![
        cannot_tell(
            "dns",
            "Nobody asked for the update server's name.",
            "A capture over one whole update interval.",
        ),
        cannot_tell("proxy", "Neither policy nor system settings are there.", "A bundle of tetra-collect."),
    ];
    analysis.diagnosis.next = texts(&[
        "Capture over one whole update interval (one hour unless the policy says otherwise), or force an update while capturing.",
        "Send local.xml with it: its last error tells what the connector itself saw.",
    ]);
    analysis.coverage =
        vec![covered("capture", "short.pcap", "read", "212 packets"), covered("local_xml", "", "absent", "")];
    analysis
}

fn endpoint() -> EndpointFacts {
    EndpointFacts {
        addresses: texts(&["192.168.205.138"]),
        hostname: Some("DESKTOP-QFC3PVT".into()),
        os: Some("Windows 11 (22621.1702)".into()),
        connector_version: Some("8.1.7.21417".into()),
        definitions_version: Some("90600".into()),
        last_error: None,
        last_success: Some("2026-02-27T19:16:49.000000Z".into()),
        last_checked: Some("2026-03-02T09:12:44.000000Z".into()),
        update_server: Some(SERVER.into()),
        proxy: None,
        connected: Some(true),
        awake: Some("52 of 114 hours since 2026-02-25 15:00 UTC".into()),
    }
}
