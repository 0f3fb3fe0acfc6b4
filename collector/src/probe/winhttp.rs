//! The same request by WinHTTP itself, as a service of Windows makes it: the machine's proxy, the machine's trust, and
//! revocation checked.

use std::sync::mpsc;
use std::time::Instant;

use chrono::Utc;

use super::record::{Outcome, ProbeRecord, Way, What};
use super::run::Run;
use super::targets::Server;
use super::wire::{left, since};
use crate::network::{windows_winhttp, with_port};

/// The facility that the system's own numbers have as an HRESULT.
const WIN32: u32 = 0x8007_0000;

/// Asks for the page of a server.
pub fn request(run: &Run<'_>, server: &Server) {
    let mut record =
        ProbeRecord::new(What::Http, with_port(&server.host, server.port), Way::Winhttp, Utc::now());
    record.note("page", server.page.clone());
    record.note("by", "WinHTTP");
    let began = Instant::now();
    let (own, limit, (told, answer)) = (server.clone(), run.limits().answer, mpsc::sync_channel(1));
    // WinHTTP minds each of its steps alone: it is left behind when the time is up.
    let started = std::thread::Builder::new().name("winhttp".to_owned()).spawn(move || {
        let _ = told.send(windows_winhttp::head(own.secure, &own.host, own.port, &own.page, limit));
    });
    let time = left(run.by(limit.saturating_mul(2)));
    let answer = match (started, time) {
        (Ok(_), Ok(time)) => answer.recv_timeout(time).ok(),
        _ => None,
    };
    match answer {
        None => {
            record.outcome = Some(Outcome::Unknown);
            record.note("reason", "WinHTTP gave no answer in time");
        }
        Some(Ok(status)) => {
            record.http_status = Some(status);
            record.ok = (200..300).contains(&status);
        }
        Some(Err(number)) => {
            record.status = Some(format!("0x{:08X}", WIN32 | (number & 0xFFFF)));
            record.note("error", format!("WinHTTP says {number}"));
        }
    }
    record.ms = Some(since(began));
    run.tell(record);
}
