//! What kind of silence it was when data stopped.

use super::*;

/// Data stopped, and the endpoint gave up (or still waits): says what kind of silence it was.
pub(super) fn silence(view: &View<'_>, flow: &TcpFlow, gave_up: Seen, base: Ending) -> Ending {
    let (up, down) = (&flow.up, &flow.down);
    let last_data = down.last_data.unwrap_or(flow.first);
    let answer = down.answered_close;
    let prompt = answer.is_some_and(|answer| answer.time.since(gave_up.time) <= PROMPT);
    let returned = answer.is_some_and(|answer| answer.time.since(gave_up.time) > PROMPT);
    let others = others(view, flow, last_data.time, gave_up.time);
    let seconds = gave_up.time.since(last_data.time);
    let made = |silence: &'static str, at: Option<Seen>, what: String| Ending {
        how: "silence",
        silence: Some(silence),
        at,
        what,
        others_dead: others.dead,
        ..base.clone()
    };
    if down.unacknowledged > 0 && down.retries > 0 && !returned {
        let what =
            format!("data arrives ({} repetitions), the endpoint does not acknowledge it", down.retries);
        return made("unacknowledged_data", down.retried.or(down.last_data), what);
    }
    if returned || others.dead && others.returned {
        let what = format!("nothing for {seconds:.0} s, then packets come again after the endpoint gave up");
        return made("returns_later", answer.or(Some(gave_up)), what);
    }
    if down.beyond_hole > 0 || down.ahead > 1 && prompt {
        let beyond = down.ahead.max(down.hole);
        let what = format!("small packets arrive, {beyond} bytes before them in full-sized segments do not");
        return made("full_sized_lost", answer.or(down.last), what);
    }
    let alive = prompt
        || down.last.is_some_and(|last| last.time.since(last_data.time) > 0.5 && up.unacknowledged == 0);
    if alive {
        let what = format!("no data for {seconds:.0} s, but {} still acknowledges", flow.server);
        return made("acknowledged_only", answer.or(down.last), what);
    }
    if others.link_dead {
        return made(
            "link_dead",
            Some(gave_up),
            "nothing at all arrives at the endpoint any more".to_owned(),
        );
    }
    let what =
        format!("nothing from {} for {seconds:.0} s, nor an answer to what the endpoint sends", flow.server);
    made("nothing_returns", up.retried.or(Some(gave_up)).max(Some(last_data)), what)
}

#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) dead: bool,
    pub(super) returned: bool,
    pub(super) link_dead: bool,
}

/// Looks at what else the endpoint did while the transfer was silent.
pub(super) fn others(view: &View<'_>, flow: &TcpFlow, from: Timestamp, until: Timestamp) -> Others {
    let endpoint = view.who(flow.client.ip());
    let begin = from.plus_secs(0.5);
    let mut answered = 0;
    let mut unanswered = 0;
    let mut returned = false;
    let mut count = |asked: Timestamp, answer: Option<Timestamp>| {
        if asked < begin || asked > until {
            return;
        }
        match answer {
            Some(answer) if answer.since(asked) < 2.0 => answered += 1,
            other => {
                unanswered += 1;
                returned |= other.is_some();
            }
        }
    };
    for question in
        view.traffic.questions.iter().filter(|question| view.who(question.client.ip()) == endpoint)
    {
        if let Some(asked) = question.tries.first() {
            count(asked.time, question.answers.first().map(|answer| answer.at.time));
        }
    }
    let others = view.traffic.others.iter().filter(|other| view.who(other.client) == endpoint);
    for other in others {
        count(other.first, other.last_in);
    }
    for other in view
        .traffic
        .flows
        .iter()
        .filter(|other| view.who(other.client.ip()) == endpoint && other.first != flow.first)
    {
        count(other.first.time, other.down.last.or(other.opening.refused).map(|seen| seen.time));
    }
    let host = view.traffic.hosts.iter().find(|host| host.address == flow.client.ip());
    let silent_since = host.and_then(|host| host.last_in).is_some_and(|last| last <= begin);
    let dead = unanswered > 0 && answered == 0;
    Others { dead, returned: dead && returned, link_dead: dead && silent_since }
}
