//! What was measured, as tables in Markdown.

use std::fmt::Write as _;

use crate::commands::Costs;

/// Lists every command with what it cost.
pub(crate) fn table(costs: &Costs) -> String {
    let mut out =
        "| input | command | CPU s | peak MB | of the analyzer | made MB |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for (input, tool, cost) in costs {
        let own =
            find(costs, input, "analyzer").map_or(String::new(), |own| format!("{:.2}", cost.cpu / own));
        let made = if cost.made > 0.0 { format!("{:.1}", cost.made) } else { String::new() };
        let _ = writeln!(out, "| {input} | {tool} | {:.2} | {:.0} | {own} | {made} |", cost.cpu, cost.peak);
    }
    out
}

fn find(costs: &Costs, input: &str, tool: &str) -> Option<f64> {
    let found = costs.iter().find(|(known, name, _)| known == input && name.starts_with(tool));
    found.map(|(.., cost)| cost.cpu)
}

/// Holds the measurements against the goals; also without what hashing the input costs, which a report must and the goals' own
/// yardsticks need not do. `log` is the size of the log in MB.
pub(crate) fn goals(costs: &Costs, log: Option<f64>) -> String {
    let mut out = "\n| goal | at most | found | | without the hash |\n|---|---|---|---|---|\n".to_owned();
    let mut ratio = |goal: &str, limit: f64, ours: Option<f64>, theirs: Option<f64>| {
        let Some((ours, theirs)) = ours.zip(theirs) else { return };
        let found = ours / theirs;
        let held = if found <= limit { "held" } else { "missed" };
        let input = goal.split([':', ',']).next().unwrap_or_default();
        let rest = find(costs, input, "hash").map(|hash| format!("{:.3}", (ours - hash) / theirs));
        let rest = rest.unwrap_or_default();
        let _ = writeln!(out, "| {goal} | {limit:.3} | {found:.3} | {held} | {rest} |");
    };
    let cpu = |input: &str, tool: &str| find(costs, input, tool);
    for input in ["bulk", "dense"] {
        ratio(&format!("{input}: of tshark"), 1.0 / 25.0, cpu(input, "analyzer"), cpu(input, "tshark"));
        let limit = if input == "bulk" { 0.25 } else { 0.125 };
        ratio(&format!("{input}: of suricata"), limit, cpu(input, "analyzer"), cpu(input, "suricata"));
    }
    ratio("bulk: of iterating over it", 3.0, cpu("bulk", "analyzer"), cpu("bulk", "iterate"));
    for count in ["50", "500"] {
        let ours = cpu("log", &format!("analyzer, {count} "));
        ratio(
            &format!("log, {count} patterns: of rg"),
            0.5,
            ours,
            cpu("log", &format!("rg -j1 -c -f {count} ")),
        );
    }
    ratio("500 patterns of 50, on the log", 1.3, cpu("log", "analyzer, 500 "), cpu("log", "analyzer, 50 "));
    ratio("bundle: of inflating it", 1.35, cpu("bundle", "analyzer"), cpu("bundle", "inflate"));
    ratio("bundle: of unzip -p", 0.5, cpu("bundle", "analyzer"), cpu("bundle", "unzip"));
    let by_hand = [cpu("bundle", "unzip"), cpu("bulk", "tshark"), cpu("log", "rg -j1 -c -f 50 ")];
    let by_hand = by_hand.into_iter().sum::<Option<f64>>();
    ratio("bundle: of the work by hand", 0.25, cpu("bundle", "analyzer"), by_hand);
    ratio("start: of 40 ms", 1.0, cpu("nothing", "analyzer, start with"), Some(0.04));
    for level in ["none", "secrets", "full", "a run by default", "a run that takes all logs"] {
        let ours = cpu("collect", &format!("collector, {level}"));
        ratio(&format!("collector, {level}: of zip -6"), 0.25, ours, cpu("collect", "zip"));
    }
    let peak = costs.iter().filter(|(_, tool, _)| tool.starts_with("analyzer")).map(|(.., cost)| cost.peak);
    ratio("memory of the analyzer: of 96 MB", 1.0, peak.reduce(f64::max), Some(96.0));
    let collected = costs.iter().filter(|(_, tool, _)| tool.starts_with("collector")).map(|(.., cost)| cost);
    let peak = collected.clone().map(|cost| cost.peak).reduce(f64::max);
    ratio("memory of the collector: of 64 MB", 1.0, peak, Some(64.0));
    ratio(
        "collector: a log's size in the bundle",
        0.2,
        collected.map(|cost| cost.made).reduce(f64::max),
        log,
    );
    out
}
