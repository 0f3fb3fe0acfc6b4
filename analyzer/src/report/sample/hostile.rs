//! An analysis in which everything that may come from outside tries to be more than text.

use super::answers::revocation;
use crate::model::{Analysis, EvidenceRef, Lane, Party, Passage, Picture, Stage, StageState};

/// Text that would be markup, a link, a change of direction, or too long.
pub(crate) const HOSTILE: [&str; 6] = [
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "](javascript:alert(1)) [x](javascript:alert(1)) ![i](http://evil.example/p.png) | --- |",
    "\u{202e}drowssap\u{2066} </style></svg></title><h1>HEALTHY</h1>",
    "'\" onmouseover='x' style='position:fixed' `code` *bold* _it_ # head\n# head\n- item &amp; &lt;",
    "javascript:alert(1)",
    "שלום עולם 代理服务器拒绝 مرحبا",
];

/// Gives an analysis filled with hostile text; `long` is how long the longest name is.
pub(crate) fn hostile(long: usize) -> Analysis {
    let mut analysis = revocation();
    let name = "a".repeat(long);
    let bad = |at: usize| HOSTILE[at % HOSTILE.len()].to_owned();
    let evidence = |at: usize| EvidenceRef {
        source: bad(at),
        path: format!("{}{name}", bad(at)),
        frame: None,
        line: None,
        element: Some(format!("/{name}")),
        time: Some(bad(at + 1)),
        excerpt: format!("{} {name}", bad(at + 2)),
    };
    analysis.input.path = format!("{}{name}.zip", bad(0));
    analysis.input.layout = bad(1);
    analysis.diagnosis.summary = format!("{} {name}", bad(2));
    let attempt = &mut analysis.attempts[0];
    attempt.target = format!("{name}{}", bad(0));
    attempt.endpoint = bad(2);
    for (at, rung) in attempt.stages.iter_mut().enumerate() {
        rung.summary = format!("{} {name}", bad(at));
    }
    attempt.picture = Picture {
        lanes: [Party::Endpoint, Party::Proxy, Party::Server]
            .into_iter()
            .map(|party| Lane { party, names: vec![format!("{}{name}", bad(0)), name.clone()] })
            .collect(),
        passages: (0..HOSTILE.len())
            .map(|at| Passage {
                stage: Stage::Tls,
                state: StageState::Failed,
                path: bad(at),
                frame: u64::MAX,
                after_us: i64::MAX,
                from: Party::Endpoint,
                to: Party::Server,
                via: Some(Party::Proxy),
                what: format!("{} {name}", bad(at)),
                decides: at == 0,
                lost: at == 1,
            })
            .collect(),
    };
    let cause = analysis.diagnosis.primary.as_mut().unwrap();
    (cause.cause, cause.title, cause.summary) = (bad(1), format!("{} {name}", bad(0)), bad(3));
    cause.wireshark_filter = format!("{} == {name}", bad(3));
    cause.culprit.role = bad(4);
    cause.culprit.names = vec![bad(5), name.clone(), bad(2)];
    cause.docs = vec![bad(4), format!("https://example.org/{name}\" onclick=\"x"), bad(0)];
    cause.advice.user = (0..6).map(bad).collect();
    cause.advice.engineer = vec![format!("`{name}` ` {}", bad(0))];
    cause.evidence = (0..6).map(evidence).collect();
    for (at, claim) in analysis.diagnosis.ruled_out.iter_mut().enumerate() {
        claim.category = bad(at);
        claim.because = format!("{} {name}", bad(at + 1));
        claim.evidence = vec![evidence(at)];
    }
    analysis.endpoint.hostname = Some(format!("{}{name}", bad(0)));
    analysis.endpoint.last_error = Some(bad(2));
    for source in &mut analysis.coverage {
        (source.path, source.state, source.note) = (format!("{name}{}", bad(0)), bad(2), bad(3));
    }
    for (at, anomaly) in analysis.anomalies.iter_mut().enumerate() {
        anomaly.path = format!("{}{name}", bad(at));
        anomaly.what = bad(at + 3);
    }
    analysis
}
