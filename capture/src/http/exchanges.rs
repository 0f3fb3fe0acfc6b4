//! Pairs requests with answers, and keeps a bounded number of them.

use super::{Body, Exchange, Request, Response};
use crate::stream::count;

/// The first exchanges of a connection, which are never dropped.
const FIRST: usize = 63;
/// The most requests that may wait for their answers at once.
const MAX_WAITING: usize = 192;

/// The exchanges of one connection in order.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    kept: Vec<Exchange>,
    /// How many were dropped between the first ones and the last ones.
    dropped: u64,
    /// The number of the exchange that is answered next.
    answered: u64,
}

impl Exchanges {
    /// Returns those kept: the first ones, and the last.
    pub(super) fn kept(&self) -> &[Exchange] {
        &self.kept
    }

    /// Counts all of them.
    pub(super) fn total(&self) -> u64 {
        count(self.kept.len()).saturating_add(self.dropped)
    }

    /// Says whether so many requests wait for answers that no more can be taken.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= FIRST.saturating_add(MAX_WAITING)
    }

    /// Says whether a request waits for its answer.
    pub(super) fn is_waiting(&self) -> bool {
        self.answered < self.total()
    }

    /// Adds a request and returns the exchange's number.
    pub(super) fn ask(&mut self, request: Request) -> u64 {
        self.push(Exchange { request: Some(request), ..Exchange::default() })
    }

    /// Returns the request that the next answer is for.
    pub(super) fn waiting(&self) -> Option<&Request> {
        self.get(self.answered)?.request.as_ref()
    }

    /// Adds an answer to the oldest request that waits, and returns the exchange's number.
    pub(super) fn answer(&mut self, response: Response) -> u64 {
        let number = self.answered;
        match self.get_mut(number) {
            Some(exchange) => exchange.response = Some(response),
            None => _ = self.push(Exchange { response: Some(response), ..Exchange::default() }),
        }
        self.answered = number.saturating_add(1);
        number
    }

    /// Counts a 1xx answer.
    pub(super) fn interim(&mut self) {
        if let Some(exchange) = self.get_mut(self.answered) {
            exchange.interim = exchange.interim.saturating_add(1);
        }
    }

    /// Returns the body of an exchange's request, while it is kept.
    pub(super) fn request_body(&mut self, number: u64) -> Option<&mut Body> {
        Some(&mut self.get_mut(number)?.request.as_mut()?.body)
    }

    /// Returns the body of an exchange's answer, while it is kept.
    pub(super) fn response_body(&mut self, number: u64) -> Option<&mut Body> {
        Some(&mut self.get_mut(number)?.response.as_mut()?.body)
    }

    fn push(&mut self, exchange: Exchange) -> u64 {
        // The last answered one may still receive its body: only those before it are dropped.
        let settled = self.index(self.answered.saturating_sub(1)).unwrap_or(0);
        if self.kept.len() > FIRST && settled > FIRST {
            self.kept.remove(FIRST);
            self.dropped = self.dropped.saturating_add(1);
        }
        let number = self.total();
        if self.kept.is_empty() {
            // Most connections carry one; a growing list would begin with room for four.
            self.kept.reserve_exact(1);
        }
        self.kept.push(exchange);
        number
    }

    fn index(&self, number: u64) -> Option<usize> {
        let index = match usize::try_from(number) {
            Ok(index) if index < FIRST => index,
            _ => usize::try_from(number.checked_sub(self.dropped)?).ok()?,
        };
        (index < self.kept.len() && (number < count(FIRST) || index >= FIRST)).then_some(index)
    }

    fn get(&self, number: u64) -> Option<&Exchange> {
        self.kept.get(self.index(number)?)
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Exchange> {
        let index = self.index(number)?;
        self.kept.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_and_the_last() {
        let mut exchanges = Exchanges::default();
        for number in 0..500_u16 {
            let asked = exchanges.ask(Request { target: number.to_string(), ..Request::default() });
            let answered = exchanges.answer(Response { status: number, ..Response::default() });
            assert_eq!(asked, answered);
        }
        assert_eq!(exchanges.total(), 500);
        assert!(exchanges.kept().len() <= FIRST + 3);
        let last = exchanges.kept().last().unwrap();
        assert_eq!(last.request.as_ref().unwrap().target, "499");
        assert_eq!(last.response.as_ref().unwrap().status, 499);
        assert_eq!(exchanges.kept()[62].response.as_ref().unwrap().status, 62);
    }

    #[test]
    fn pairs_pipelined_requests_in_order() {
        let mut exchanges = Exchanges::default();
        for _ in 0..3 {
            exchanges.ask(Request::default());
        }
        for status in [200, 404] {
            exchanges.answer(Response { status, ..Response::default() });
        }
        let statuses: Vec<_> =
            exchanges.kept().iter().map(|one| one.response.as_ref().map(|it| it.status)).collect();
        assert_eq!(statuses, [Some(200), Some(404), None]);
        assert!(exchanges.is_waiting());
    }
}
