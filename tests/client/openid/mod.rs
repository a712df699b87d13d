//! Mirrors of the OpenID Foundation's tests of relying parties, over the real client and a server that is not as it should
//! be. A test has the name of the module that it mirrors; tests/cases/modules.json has what that demands. No certificate is
//! meant by it.

mod basic;
mod config;
mod fapi2;
mod jarm;
mod logout;
mod refresh;

use std::cell::RefMut;
use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, SignInOptions};
use scopewise::core::config::ClientOptions;
use scopewise::core::error::Result;
use scopewise::core::value::Value;
use scopewise::host::{ApiRequest, StorageKind};
use serde_json::{Value as Json, json};

use crate::app::{App, code, options};
use crate::host::api::FakeCall;
use crate::host::{Browser, Fate};
use crate::server::{AuthorizationServer, ORIGIN, answer};

/// A relying party, and the server that tests it.
struct Party {
    browser: Rc<Browser>,
    app: App,
}

impl Party {
    /// One that knows the issuer and nothing else of the server, and checks signatures, which are RS256.
    fn new() -> Party {
        let party = Party::with(options().with_verify_signature());
        party.server().keys.algorithm = "RS256";
        party
    }

    fn with(options: ClientOptions) -> Party {
        let browser = Browser::new(1);
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        Party { browser, app }
    }

    fn server(&self) -> RefMut<'_, AuthorizationServer> {
        self.browser.server.borrow_mut()
    }

    /// The next ID token has other claims; null takes one away.
    fn claim(&self, claims: Json) {
        self.server().change_claims = Some(Box::new(move |all| replace(all, claims)));
    }

    /// The next token answer has other members; null takes one away.
    fn respond(&self, members: Json) {
        self.server().change_answer = Some(Box::new(move |all| replace(all, members)));
    }

    /// The next ID token is not signed: it says so, and its third part is empty.
    fn respond_unsigned(&self) {
        self.server().keys.algorithm = "none";
        self.server().change_answer = Some(Box::new(|all| {
            let token = all["id_token"].as_str().unwrap().to_owned();
            let (signed, _) = token.rsplit_once('.').unwrap();
            all["id_token"] = format!("{signed}.").into();
        }));
    }

    /// Answers the next request in the server's place.
    fn script(&self, status: u16, body: Json) {
        self.browser
            .network
            .next(Fate::Scripted(Box::new(move |_| answer(status, body))));
    }

    fn prepared(&self) -> Result<()> {
        let call = self.app.start(|client| async move { client.prepare().await });
        call.wait(&self.browser)
    }

    /// To the server and back, with an answer that somebody may have changed: the page to which the user returns.
    fn returned(&self, change: impl FnOnce(String) -> String) -> App {
        self.returned_from(SignInOptions::default(), change)
    }

    fn returned_from(&self, options: SignInOptions, change: impl FnOnce(String) -> String) -> App {
        let call = self.app.start(|client| async move { client.sign_in(options).await });
        self.browser.run();
        assert!(!call.is_done(), "the page is left");
        let request = self.app.page.destination().unwrap();
        let now = self.browser.seconds();
        let url = self.server().authorize(&request, now).url();
        self.app.reload(&change(url))
    }

    fn user_info(&self) -> Result<Value> {
        let call = self.app.start(|client| async move { client.user_info().await });
        call.wait(&self.browser)
    }

    /// A sign-in that the server is honest about.
    #[track_caller]
    fn assert_accepts(&self) {
        self.app.popup().unwrap();
        assert_eq!(self.user_info().unwrap().text("sub"), Some("ada"));
        assert!(self.server().violations.is_empty());
    }

    /// An ID token that says that it is not signed is refused, whatever its third part is.
    #[track_caller]
    fn assert_refuses_unsigned(open: fn() -> Party) {
        let party = open();
        party.respond_unsigned();
        party.assert_refuses("malformed");
        let party = open();
        party.server().keys.algorithm = "none";
        party.assert_refuses("alg");
    }

    /// The ID token fails this check; nobody is signed in, and nothing more is asked of the server.
    #[track_caller]
    fn assert_refuses(&self, reason: &str) {
        let error = self.app.popup().unwrap_err();
        assert_eq!((error.code(), error.reason()), ("id_token_invalid", Some(reason)));
        assert!(self.app.session().is_none());
        assert_eq!(code(self.user_info()), "not_signed_in");
        assert_eq!(self.browser.network.count("/userinfo"), 0);
        // A sound token would have been taken.
        self.server().keys = Default::default();
        self.browser.clock.advance(60_000.0);
        self.app.popup().unwrap();
    }

    /// The status of a call of the application's API.
    #[track_caller]
    fn call_api(app: &App) -> u16 {
        Party::send(app, FakeCall::new(&app.page, "https://app.example/api", "read"))
    }

    #[track_caller]
    fn send(app: &App, call: Rc<FakeCall>) -> u16 {
        let options = FetchOptions::default();
        let fetched = app.start(|client| async move {
            let request: &dyn ApiRequest = &*call;
            client.fetch(request, &options).await
        });
        match fetched.wait(app.browser()) {
            Ok(response) => response.status,
            Err(FetchError::Client(error)) => panic!("{error}"),
            Err(FetchError::NotAnswered) => panic!("not answered"),
        }
    }
}

/// Puts members into an object in place of its own; null takes one away.
fn replace(all: &mut Json, members: Json) {
    let Json::Object(members) = members else {
        panic!("these are no members")
    };
    for (name, member) in members {
        match member {
            Json::Null => drop(all.as_object_mut().unwrap().remove(&name)),
            member => all[name] = member,
        }
    }
}

/// The server's metadata with other members.
fn document(members: Json) -> Json {
    let mut document = AuthorizationServer::metadata();
    replace(&mut document, members);
    document
}

/// A client must not go on with metadata of another issuer.
#[track_caller]
fn assert_stops_at_another_issuer(party: &Party) {
    for _ in 0..2 {
        party.script(200, document(json!({ "issuer": "https://other.example" })));
        assert_eq!(code(party.prepared()), "metadata_invalid");
    }
    assert_eq!(
        party.browser.network.count("/openid-configuration"),
        2,
        "it is not kept"
    );
    assert_eq!(party.browser.network.requests.borrow().len(), 2, "no other request");
    assert!(party.app.page.destination().is_none());
}
