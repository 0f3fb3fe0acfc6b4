//! What OCSP answers and CRLs say, whether fetched over HTTP or stapled to a handshake.
use tetra_capture::crl;
use tetra_capture::http::{self, Body};
use tetra_capture::ocsp::{CertificateStatus, NotOcsp, Request, Response, Signer, Status};

use crate::model::{Crl, Ocsp};
use crate::source::capture::ledger::Shelf;

pub(super) fn ocsp_exchange(exchange: &http::Exchange, shelf: &Shelf) -> Ocsp {
    let asked = exchange.request.as_ref().and_then(|request| {
        Request::from_path(request.path()).or_else(|| Request::parse(&request.body.start).ok())
    });
    let serial = asked.and_then(|request| request.asked.first().map(|asked| asked.serial.clone()));
    let Some(response) = exchange.response.as_ref().filter(|response| response.status == 200) else {
        return Ocsp { serial, ..Ocsp::default() };
    };
    let body = &response.body;
    let html =
        response.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    match Response::parse(&body.start) {
        Ok(answer) => ocsp_of(&answer, serial, shelf),
        // What is cut by the snap length or still under way is not wrong, only unknown.
        Err(_)
            if !html && (body.missing > 0 || !body.whole || body.start.is_empty() && body.received > 0) =>
        {
            Ocsp { serial, ..Ocsp::default() }
        }
        Err(what) => {
            let what = if html { NotOcsp::Html } else { what };
            Ocsp { serial, not_ocsp: Some(what.to_string()), ..Ocsp::default() }
        }
    }
}

pub(super) fn ocsp_of(answer: &Response, serial: Option<String>, shelf: &Shelf) -> Ocsp {
    let about = serial.as_deref().and_then(|serial| answer.answer(serial)).or_else(|| answer.answers.first());
    let authorities = shelf.authorities();
    let signer = authorities
        .iter()
        .map(|authority| answer.signer(Some(authority)))
        .find(|signer| *signer != Signer::Unverified)
        .unwrap_or(Signer::Unverified);
    Ocsp {
        serial,
        status: match answer.status {
            Status::Successful => "successful",
            Status::MalformedRequest => "malformed",
            Status::InternalError => "internal_error",
            Status::TryLater => "try_later",
            Status::SigRequired => "sig_required",
            Status::Unauthorized => "unauthorized",
        }
        .to_owned(),
        certificate: about
            .map_or("", |about| match about.status {
                CertificateStatus::Good => "good",
                CertificateStatus::Revoked { .. } => "revoked",
                CertificateStatus::Unknown => "unknown",
            })
            .to_owned(),
        produced: answer.produced_at,
        this_update: about.map(|about| about.this_update),
        next_update: about.and_then(|about| about.next_update),
        signer: match signer {
            Signer::Issuer => "issuer",
            Signer::Delegated => "delegated",
            Signer::NotDelegated => "not_delegated",
            Signer::Unverified => "unverified",
        },
        not_ocsp: None,
    }
}

pub(super) fn crl_of(body: &Body) -> Crl {
    match crl::RevocationList::parse(&body.start) {
        Ok(list) => Crl {
            issuer: list.issuer.full.clone(),
            this_update: list.this_update,
            next_update: list.next_update,
            serials: list.serials(),
            unreadable: false,
        },
        Err(_) => Crl { unreadable: true, ..Crl::default() },
    }
}
