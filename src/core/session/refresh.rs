//! Refresh tokens: each is sent once. What came of it is known, or is stored as not known. [`Refresh::next_step`] says what
//! its use so far allows; `client/refresh.rs` stores that it is sent before it leaves.

use super::Session;
use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::secret::RefreshToken;
use crate::core::target::Target;

/// After failures, the longest time without another try, seconds.
const MAX_BACKOFF: i64 = 64;

/// After the server was asked silently, nobody asks again for so long, milliseconds.
const SILENT_RETRY_INTERVAL: u64 = 60_000;

/// A refresh token, and how far its use is.
#[derive(Clone, Debug, PartialEq)]
pub struct Refresh {
    pub(super) token: RefreshToken,
    pub(super) state: RefreshState,
    /// Why the server refused it for good, as far as this page knows: it is not in the record.
    pub(super) refusal: Option<Error>,
}

/// How far the use of a refresh token is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshState {
    /// It was never sent, or the server said for sure that it was not used.
    #[default]
    Ready,
    /// It was sent, and what came of it is not known.
    Sent(SentRefresh),
}

/// A refresh token that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentRefresh {
    /// When, milliseconds since the epoch.
    pub at: i64,
    /// A page that was loaded later sent it once more: nobody will again.
    pub is_retried: bool,
    /// When the server was asked silently for a new grant in its place, milliseconds since the epoch.
    pub asked_silently_at: Option<i64>,
}

/// What may be done about a token that has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshStep {
    /// The refresh token may be sent.
    Send,
    /// It may not; the server can be asked silently for a new grant.
    AskSilently,
    /// Neither: somebody did a moment ago.
    Wait,
}

impl Refresh {
    pub(super) fn new(token: RefreshToken) -> Refresh {
        Refresh {
            token,
            state: RefreshState::Ready,
            refusal: None,
        }
    }

    /// It is about to leave, for the first time or once more.
    pub(super) fn sent(&mut self, at: i64) {
        match &mut self.state {
            RefreshState::Sent(sent) => sent.is_retried = true,
            RefreshState::Ready => {
                self.state = RefreshState::Sent(SentRefresh {
                    at,
                    is_retried: false,
                    asked_silently_at: None,
                });
            }
        }
    }

    /// The request did not use it. If it was the second, the first one's answer is still not known.
    pub(super) fn cancelled(&mut self) {
        match &mut self.state {
            RefreshState::Sent(sent) if sent.is_retried => sent.is_retried = false,
            state => *state = RefreshState::Ready,
        }
    }

    /// The server refused it for good.
    pub(super) fn refused(&mut self, error: &Error) {
        self.cancelled();
        self.refusal = Some(error.clone());
    }

    /// The server is asked silently for a new grant, in place of a token that was sent.
    pub(super) fn asked_silently(&mut self, at: i64) {
        if let RefreshState::Sent(sent) = &mut self.state {
            sent.asked_silently_at = Some(at);
        }
    }

    /// How far its use is.
    pub fn state(&self) -> RefreshState {
        self.state
    }

    /// Why the server refused it for good, if it did: it is not sent again unless somebody insists.
    pub fn refusal(&self) -> Option<&Error> {
        self.refusal.as_ref()
    }

    /// What may be done, for a page that was loaded, or a server that was started, at some time (milliseconds since the epoch,
    /// both). A page that was there when the token was sent never sends it again; one that was loaded later may once. A time
    /// of sending that is in the future comes from a clock that was put back, and counts as old.
    pub fn next_step(&self, loaded_at: i64, now: i64) -> RefreshStep {
        match self.state {
            RefreshState::Ready => RefreshStep::Send,
            RefreshState::Sent(sent) if !sent.is_retried && !(loaded_at..=now).contains(&sent.at) => RefreshStep::Send,
            RefreshState::Sent(sent) => match sent.asked_silently_at {
                Some(at) if now.abs_diff(at) < SILENT_RETRY_INTERVAL => RefreshStep::Wait,
                _ => RefreshStep::AskSilently,
            },
        }
    }
}

/// What an answer without a token says of the refresh token that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokenUse {
    /// Nobody knows whether it was used.
    Unknown,
    /// It was not, and may be sent again later.
    Unused,
    /// It was refused, and will be.
    Refused,
}

impl RefreshTokenUse {
    /// What a response says. Whatever is no definite refusal may have used the token: a gateway that fails, say, or an
    /// answer that the page may not read.
    pub fn of(response: &Response) -> RefreshTokenUse {
        let is_oauth_error = || matches!(response.error(), Some(Error::Server(_)));
        match response.status {
            408 | 425 | 429 | 503 => RefreshTokenUse::Unused,
            // The proof was looked at before the token: another proof may do.
            400..500 if response.refuses_proof() => RefreshTokenUse::Unused,
            400..500 => RefreshTokenUse::Refused,
            200..300 if is_oauth_error() => RefreshTokenUse::Refused,
            _ => RefreshTokenUse::Unknown,
        }
    }
}

/// After a refresh failed: when the next may be tried, how many failed in a row, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RefreshBackoff {
    retry_at: i64,
    failures: u32,
    error: Error,
    /// The session and the target of the one grant that it is about; nothing where it is about the server.
    grant: Option<(String, Target)>,
}

impl RefreshBackoff {
    /// Puts off the next try, a little more each time and never to the same moment for all. `random` is any byte.
    pub(crate) fn after(before: Option<&RefreshBackoff>, error: Error, random: u8, now: i64) -> RefreshBackoff {
        let failures = before.map_or(0, |before| before.failures + 1);
        let wait = (1_i64 << failures.min(6)).min(MAX_BACKOFF);
        let jitter = i64::from(random) * wait / 512;
        RefreshBackoff {
            retry_at: now.saturating_add(wait / 2 + 1 + jitter),
            failures,
            error,
            grant: None,
        }
    }

    /// The same, of one grant alone.
    pub(crate) fn of_grant(mut self, session: &Session, target: &Target) -> RefreshBackoff {
        self.grant = Some((session.id().to_owned(), target.clone()));
        self
    }

    /// Refuses a try that is too early, with what the last one came to.
    pub(crate) fn check(&self, session: &Session, target: &Target, now: i64) -> Result<()> {
        let is_meant = |(id, held): &(String, Target)| id == session.id() && held == target;
        if self.retry_at > now && self.grant.as_ref().is_none_or(is_meant) {
            return Err(self.error.clone());
        }
        Ok(())
    }

    /// Whether the network was at fault: that says nothing of later.
    pub(crate) fn is_of_network(&self) -> bool {
        matches!(self.error, Error::Network(_))
    }
}
