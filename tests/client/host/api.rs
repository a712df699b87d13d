//! An API of the application's, and calls of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::AccessToken;
use scopewise::host::{ApiRequest, ApiResponse, NotAnswered, Pending};

use super::FakePage;
use super::executor::turn;
use super::faults::{Fault, HostCall};
use crate::server::{Proofs, Sent};

/// A call of an API that wants these scopes.
pub(crate) struct FakeCall {
    pub(crate) page: Rc<FakePage>,
    pub(crate) url: String,
    pub(crate) needs: ScopeSet,
    pub(crate) is_replayable: bool,
    pub(crate) is_aborted: Cell<bool>,
    /// How often it was sent.
    pub(crate) count: Cell<usize>,
    /// It answers so many milliseconds later.
    pub(crate) slowness: Cell<u32>,
    /// The network fails.
    pub(crate) is_unreachable: Cell<bool>,
    /// An API with ways of its own.
    pub(crate) respond: Cell<Option<Respond>>,
    /// What it thinks of proofs of possession.
    pub(crate) proofs: RefCell<Proofs>,
    /// The page cannot read why a proof is not to its liking: WWW-Authenticate is not exposed.
    pub(crate) hides_challenges: Cell<bool>,
    /// The nonce that goes with what it answers, whether it wants that or not.
    pub(crate) next_nonce: Cell<Option<&'static str>>,
    /// How it spells the scheme where a proof is not to its liking.
    pub(crate) scheme: Cell<&'static str>,
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
            slowness: Cell::new(0),
            is_unreachable: Cell::new(false),
            respond: Cell::new(None),
            proofs: RefCell::default(),
            hides_challenges: Cell::new(false),
            next_nonce: Cell::new(None),
            scheme: Cell::new("DPoP"),
        })
    }

    /// With its own nonce, and the authorization server's word for the token's key.
    fn check_proof(&self, token: &AccessToken, proof: Option<&str>) -> Result<(), ApiResponse> {
        let now = self.page.browser.seconds();
        let key = self
            .page
            .browser
            .server
            .borrow()
            .key_of(token.secret())
            .map(str::to_owned);
        let sent = Sent {
            method: "GET",
            url: &self.url,
            token: Some(token.secret()),
            proof,
        };
        let mut proofs = self.proofs.borrow_mut();
        let checked = proofs.check(&sent, now);
        let refused = |error: &str| ApiResponse {
            status: 401,
            url: self.url.clone(),
            challenge: Some(format!("{} error=\"{error}\"", self.scheme.get()))
                .filter(|_| !self.hides_challenges.get()),
            is_challenge_hidden: self.hides_challenges.get(),
            dpop_nonce: proofs.nonce.clone(),
        };
        match checked {
            Ok(proven) if proven == key => Ok(()),
            Ok(_) => Err(refused("invalid_token")),
            Err(refusal) if refusal.wants_nonce() => Err(refused("use_dpop_nonce")),
            Err(_) => Err(refused("invalid_dpop_proof")),
        }
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
                ..ApiResponse::default()
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
            ..ApiResponse::default()
        }
    }
}

impl ApiRequest for FakeCall {
    fn url(&self) -> &str {
        &self.url
    }

    fn method(&self) -> String {
        "GET".to_owned()
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

    fn send<'a>(
        &'a self,
        token: &'a AccessToken,
        proof: Option<&'a str>,
    ) -> Pending<'a, Result<ApiResponse, NotAnswered>> {
        Box::pin(async move {
            turn().await;
            self.count.set(self.count.get() + 1);
            let fault = self.page.faults.meet(HostCall::CallApi);
            if self.is_unreachable.get() || fault == Some(Fault::LostRequest) {
                return Err(NotAnswered);
            }
            let response = match self.check_proof(token, proof) {
                Ok(()) => ApiResponse {
                    dpop_nonce: self.next_nonce.get().map(str::to_owned),
                    ..self.respond(token)
                },
                Err(refusal) => refusal,
            };
            if fault.is_some() {
                return Err(NotAnswered);
            }
            match self.slowness.get() {
                0 => turn().await,
                milliseconds => self.page.browser.clock.sleep(milliseconds).await,
            }
            Ok(response)
        })
    }
}
