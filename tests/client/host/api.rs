//! An API of the application's, and calls of it.

use std::cell::Cell;
use std::rc::Rc;

use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::AccessToken;
use scopewise::host::{ApiRequest, ApiResponse, NotAnswered, Pending};

use super::FakePage;
use super::executor::turn;

/// A call of an API that wants these scopes.
pub(crate) struct FakeCall {
    pub(crate) page: Rc<FakePage>,
    pub(crate) url: String,
    pub(crate) needs: ScopeSet,
    pub(crate) is_replayable: bool,
    pub(crate) is_aborted: Cell<bool>,
    /// How often it was sent.
    pub(crate) count: Cell<usize>,
    /// The network fails.
    pub(crate) is_unreachable: Cell<bool>,
    /// An API with ways of its own.
    pub(crate) respond: Cell<Option<Respond>>,
}

/// What an API answers to a token with these scopes, or to one that it does not take: status, challenge, and whether the
/// page may see that.
pub(crate) type Respond = fn(Option<&ScopeSet>) -> (u16, Option<&'static str>, bool);

impl FakeCall {
    pub(crate) fn new(page: &Rc<FakePage>, url: &str, needs: &str) -> Rc<FakeCall> {
        Rc::new(FakeCall {
            page: page.clone(),
            url: url.to_owned(),
            needs: ScopeSet::from_answer(needs.split(' ')),
            is_replayable: true,
            is_aborted: Cell::new(false),
            count: Cell::new(0),
            is_unreachable: Cell::new(false),
            respond: Cell::new(None),
        })
    }

    fn respond(&self, token: &AccessToken) -> ApiResponse {
        let (server, now) = (self.page.browser.server.borrow(), self.page.browser.seconds());
        let scopes = server.scopes_of(token.secret(), now);
        if let Some(respond) = self.respond.get() {
            let (status, challenge, is_visible) = respond(scopes.as_ref());
            return ApiResponse {
                status,
                url: self.url.clone(),
                challenge: challenge.filter(|_| is_visible).map(str::to_owned),
                is_challenge_hidden: !is_visible,
            };
        }
        let (status, challenge) = match scopes {
            None => (401, Some("Bearer error=\"invalid_token\"".to_owned())),
            Some(scopes) if scopes.contains_all(&self.needs) => (200, None),
            Some(_) => {
                let needs = &self.needs;
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needs}\"");
                (403, Some(challenge))
            }
        };
        ApiResponse {
            status,
            url: self.url.clone(),
            challenge,
            is_challenge_hidden: false,
        }
    }
}

impl ApiRequest for FakeCall {
    fn url(&self) -> &str {
        &self.url
    }

    fn is_replayable(&self) -> bool {
        self.is_replayable
    }

    fn is_aborted(&self) -> bool {
        self.is_aborted.get()
    }

    fn aborted(&self) -> Pending<'_, ()> {
        // Looked at whenever the call goes on.
        Box::pin(std::future::poll_fn(|_| match self.is_aborted.get() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }))
    }

    fn send<'a>(&'a self, token: &'a AccessToken) -> Pending<'a, Result<ApiResponse, NotAnswered>> {
        Box::pin(async move {
            turn().await;
            self.count.set(self.count.get() + 1);
            if self.is_unreachable.get() {
                return Err(NotAnswered);
            }
            let response = self.respond(token);
            turn().await;
            Ok(response)
        })
    }
}
