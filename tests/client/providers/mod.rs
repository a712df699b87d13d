//! Known servers, each with its own way to be asked and to answer.

mod all_consented;
mod spellings;
mod stories;

use std::rc::Rc;

use scopewise::client::{FetchOptions, OnMissing};
use scopewise::core::authorize::Outcome;
use scopewise::core::error::Result;
use scopewise::core::provider::ProviderProfile;
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, known_options, set};
use crate::fetch::said;
use crate::host::Browser;
use crate::host::api::FakeCall;
use crate::server::{Decision, ORIGIN, param, query};

/// `scope` of an answer that grants these; nothing where there is none.
type Answered = fn(&str) -> Option<String>;

/// An application at a server that answers in its own way.
struct AtProvider {
    app: App,
    browser: Rc<Browser>,
    answered: Answered,
}

impl AtProvider {
    fn signed_in(name: &str, scope: &str, answered: Answered) -> AtProvider {
        let browser = Browser::new(1);
        let app = open(&browser, ProviderProfile::known(name).unwrap(), scope);
        let at = AtProvider { app, browser, answered };
        at.answer_next();
        assert_eq!(at.app.popup().unwrap().status.as_str(), "granted", "{name}");
        assert_eq!(at.asked("scope").as_deref(), Some(scope));
        at
    }

    /// The next answer of the token endpoint is in the server's way.
    fn answer_next(&self) {
        let answered = self.answered;
        self.browser.server.borrow_mut().change_answer = Some(Box::new(move |body| {
            let scope = answered(body["scope"].as_str().unwrap());
            body["scope"] = scope.into();
        }));
    }

    fn upgrade(&self, scope: &str, decision: Decision) -> Result<Outcome> {
        self.answer_next();
        self.browser.server.borrow_mut().decide(decision);
        self.app.upgrade(scope)
    }

    /// A parameter of the latest authorization request.
    fn asked(&self, name: &str) -> Option<String> {
        query(&self.browser.server.borrow().asked, name)
    }

    /// Refreshes, and says which `scope` was sent.
    fn refresh(&self) -> Option<String> {
        self.answer_next();
        self.app.forced_token().wait(&self.browser).unwrap();
        let requests = self.browser.network.requests.borrow();
        let form = requests.last().unwrap().1.as_deref().unwrap();
        assert_eq!(param(form, "grant_type").as_deref(), Some("refresh_token"));
        param(form, "scope")
    }
}

fn open(browser: &Rc<Browser>, profile: ProviderProfile, scope: &str) -> App {
    let options = known_options().with_scope(set(scope)).with_provider(profile);
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options)
}

/// What comes of a call of an API, with an upgrade where it wants more.
fn fetched(app: &App, request: Rc<FakeCall>) -> String {
    let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
    let call = app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await
    });
    said(call.wait(app.browser()))
}

/// A call of an API that wants a scope.
fn wants(app: &App, scope: &str) -> Rc<FakeCall> {
    FakeCall::new(&app.page, "https://app.example/api", scope)
}

/// Scopes without some of them.
fn without(scopes: &str, dropped: &[&str]) -> String {
    let kept: Vec<&str> = scopes.split(' ').filter(|scope| !dropped.contains(scope)).collect();
    kept.join(" ")
}

/// Scopes in another order.
fn reversed(scopes: &str, delimiter: &str) -> String {
    scopes.split(' ').rev().collect::<Vec<_>>().join(delimiter)
}
