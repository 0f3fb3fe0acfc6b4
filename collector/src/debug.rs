//! Switches the logs on that tell more than usual, and off again: the connector's debug log and the log of CryptoAPI.

use crate::restore::{Change, Journal};
use crate::step::{Guard, Outcome};
use crate::system::{Install, System};
use crate::tool::Tool;

/// The log of CryptoAPI: what it found of certificates and their revocation.
const CAPI2: &str = "Microsoft-Windows-CAPI2/Operational";

/// Makes the command that switches the connector's debug log. The service itself is never stopped or started.
#[must_use]
pub fn switch(install: &Install, on: bool) -> Option<Tool> {
    Some(Tool::new(install.sfc.clone()?, ["-l", if on { "start" } else { "stop" }]))
}

/// Makes the command that switches the log of CryptoAPI.
#[must_use]
pub fn capi2_switch(system: &System, on: bool) -> Option<Tool> {
    Some(Tool::new(system.tool("wevtutil")?, ["sl", CAPI2, if on { "/e:true" } else { "/e:false" }]))
}

/// Switches the debug log on, once the journal knows of it. Returns the number of the change.
///
/// # Errors
///
/// Says why it is not switched on.
pub fn on(install: &Install, journal: &Journal, guard: &Guard) -> Result<(u64, Outcome), Outcome> {
    let tool =
        switch(install, true).ok_or_else(|| Outcome::skipped("the connector's program sfc is not there"))?;
    let id = journal.will(Change::DebugLog).map_err(|fault| Outcome::fault("the journal", &fault))?;
    let outcome = ran(&tool, guard);
    // Where it failed it is switched off all the same: nobody knows how far it came.
    Ok((id, outcome))
}

/// Switches the debug log off.
#[must_use]
pub fn off(install: Option<&Install>, guard: &Guard) -> Outcome {
    match install.and_then(|install| switch(install, false)) {
        None => {
            Outcome::failed("the debug log is not switched off: the connector's program sfc is not there")
        }
        Some(tool) => told("the debug log is switched off", ran(&tool, guard)),
    }
}

/// Switches the log of CryptoAPI on, unless it is on already. Returns the number of the change, if there is one.
///
/// # Errors
///
/// Says why it is not switched on.
pub fn capi2_on(system: &System, journal: &Journal, guard: &Guard) -> Result<(u64, Outcome), Outcome> {
    match capi2_is_on(system, guard) {
        Ok(true) => return Err(Outcome::noted("it was on before, and stays on")),
        Ok(false) => {}
        Err(outcome) => return Err(outcome),
    }
    let tool = capi2_switch(system, true).ok_or_else(|| Outcome::skipped("this system has no wevtutil"))?;
    let id = journal.will(Change::Capi2).map_err(|fault| Outcome::fault("the journal", &fault))?;
    let mut outcome = ran(&tool, guard);
    if outcome == Outcome::done() {
        outcome = match capi2_is_on(system, guard) {
            Ok(true) => Outcome::noted("before: off; now: on"),
            Ok(false) => Outcome::failed("it stays off, although the program tells of no error"),
            Err(outcome) => outcome,
        };
    }
    Ok((id, outcome))
}

/// Switches the log of CryptoAPI off, and makes sure.
#[must_use]
pub fn capi2_off(system: &System, guard: &Guard) -> Outcome {
    let Some(tool) = capi2_switch(system, false) else {
        return Outcome::failed("the log of CryptoAPI is not switched off: this system has no wevtutil");
    };
    let outcome = ran(&tool, guard);
    if outcome != Outcome::done() {
        return told("", outcome);
    }
    match capi2_is_on(system, guard) {
        Ok(false) => Outcome::noted("the log of CryptoAPI is off again, as it was before"),
        Ok(true) => Outcome::failed("the log of CryptoAPI stays on, although the program tells of no error"),
        Err(outcome) => outcome,
    }
}

fn capi2_is_on(system: &System, guard: &Guard) -> Result<bool, Outcome> {
    let program = system.tool("wevtutil").ok_or_else(|| Outcome::skipped("this system has no wevtutil"))?;
    let tool = Tool::new(program, ["gl", CAPI2]);
    let ran = tool.run(guard).map_err(|fault| Outcome::fault("wevtutil", &fault))?;
    if let Some(end) = ran.end {
        return Err(Outcome::ended(end, guard.time()));
    }
    if let Some(problem) = ran.problem() {
        return Err(refused(problem));
    }
    let said = String::from_utf8_lossy(&ran.out).to_lowercase();
    let state = said.lines().find_map(|line| line.trim().strip_prefix("enabled:"));
    match state.map(str::trim) {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(Outcome::failed("wevtutil does not say whether the log is on")),
    }
}

/// Runs a switch.
pub fn ran(tool: &Tool, guard: &Guard) -> Outcome {
    let ran = match tool.run(guard) {
        Ok(ran) => ran,
        Err(fault) => return Outcome::fault(&tool.program.display().to_string(), &fault),
    };
    match (ran.end, ran.problem()) {
        (Some(end), _) => Outcome::ended(end, guard.time()),
        (None, None) => Outcome::done(),
        (None, Some(problem)) => refused(problem),
    }
}

fn refused(problem: String) -> Outcome {
    let words = problem.to_lowercase();
    if ["denied", "administrator", "not permitted"].iter().any(|word| words.contains(word)) {
        Outcome::denied(problem)
    } else {
        Outcome::failed(problem)
    }
}

fn told(what: &str, outcome: Outcome) -> Outcome {
    if outcome == Outcome::done() { Outcome::noted(what) } else { outcome }
}
