//! Pushed requests, signed responses, bound tokens and checked signatures, all in one client: none is in another's way.

use std::rc::Rc;

use scopewise::ResponseMode;
use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::error::Result;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, known_options, set};
use crate::dpop::{API, fetch};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call};
use crate::server::{Decision, ORIGIN};

#[derive(Clone, Copy, Debug)]
struct Features {
    mode: InteractionMode,
    pushes: bool,
    binds: bool,
    signs_responses: bool,
    verifies: bool,
}

fn all_features() -> Vec<Features> {
    let modes = [
        InteractionMode::Redirect,
        InteractionMode::Popup,
        InteractionMode::Silent,
    ];
    let of_mode = |mode| {
        (0..16).map(move |bits: u8| {
            let has = |bit: u8| bits & (1 << bit) != 0;
            Features {
                mode,
                pushes: has(0),
                binds: has(1),
                signs_responses: has(2),
                verifies: has(3),
            }
        })
    };
    modes.into_iter().flat_map(of_mode).collect()
}

fn opened(browser: &Rc<Browser>, features: Features) -> App {
    {
        let mut server = browser.server.borrow_mut();
        server.renews_id_tokens = true;
        server.proofs.nonce = features.binds.then(|| "one".to_owned());
        server.signs_user_info = features.verifies.then(|| json!({ "aud": "app" }));
    }
    let mut known = known_options().with_par(features.pushes);
    known.dpop = features.binds;
    known.verify_signature = features.verifies;
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, known)
}

fn options(features: Features) -> SignInOptions {
    let mut authorize = AuthorizeOptions::default();
    if features.signs_responses {
        authorize = authorize.with_response_mode(ResponseMode::QueryJwt);
    }
    SignInOptions::new(features.mode).with_authorize(authorize)
}

/// The session's record, to the letter.
fn stored(app: &App) -> Option<String> {
    let texts = app.page.tab.session_storage.borrow();
    texts.get(&app.session_key()).cloned()
}

/// What a request comes to, and the page that is there then.
fn came_to(app: App, features: Features, upgrade: bool) -> (App, Result<Outcome>) {
    let call = match upgrade {
        true => app.client.upgrade(set("write"), options(features)),
        false => app.client.sign_in(options(features)),
    };
    let call = Call::start(&app.page, call);
    if features.mode != InteractionMode::Redirect {
        let outcome = call.wait(app.browser());
        return (app, outcome);
    }
    app.browser().run();
    let back = app.follow();
    let handled = back.start(|client| async move { client.handle_callback(None).await });
    let outcome = handled.wait(back.browser()).map(Option::unwrap);
    (back, outcome)
}

#[test]
fn all_of_it_works_together() {
    for features in all_features() {
        let browser = Browser::new(1);
        let app = opened(&browser, features);
        let (app, outcome) = came_to(app, features, false);
        assert_eq!(outcome.unwrap().status.as_str(), "granted", "{features:?}");
        let before = app.session();
        browser.server.borrow_mut().decide(Decision::Deny);
        let (app, outcome) = came_to(app, features, true);
        assert_eq!(outcome.unwrap().status.as_str(), "denied", "{features:?}");
        assert_eq!(
            app.session().unwrap().grants(),
            before.unwrap().grants(),
            "{features:?}"
        );
        if features.binds {
            browser.server.borrow_mut().proofs.nonce = Some("two".to_owned());
        }
        let (app, outcome) = came_to(app, features, true);
        assert_eq!(outcome.unwrap().status.as_str(), "granted", "{features:?}");
        browser.clock.advance(3_600_000.0);
        let call = FakeCall::new(&app.page, API, "read write");
        call.proofs.borrow_mut().nonce = features.binds.then(|| "api".to_owned());
        assert_eq!(fetch(&app, &call), "200", "{features:?}");
        let claims = app.start(|client| async move { client.user_info().await });
        assert_eq!(claims.wait(&browser).unwrap().text("sub"), Some("ada"), "{features:?}");
        let server = browser.server.borrow();
        assert!(server.violations.is_empty(), "{features:?} {:?}", server.violations);
        assert_eq!(server.reuses, 0, "{features:?}");
        assert_eq!(
            browser.network.count("/jwks") > 0,
            features.signs_responses || features.verifies
        );
    }
}

#[test]
fn what_one_check_refuses_none_of_it_lets_through() {
    for features in all_features() {
        let browser = Browser::new(1);
        let app = opened(&browser, features);
        let (app, outcome) = came_to(app, features, false);
        outcome.unwrap();
        let before = (app.session(), stored(&app));
        browser.server.borrow_mut().change_claims = Some(Box::new(|claims| claims["nonce"] = json!("another")));
        let (app, outcome) = came_to(app, features, true);
        assert_eq!(outcome.unwrap_err().reason(), Some("nonce"), "{features:?}");
        assert_eq!((app.session(), stored(&app)), before, "{features:?}");
        app.token().wait(&browser).unwrap();
    }
}
