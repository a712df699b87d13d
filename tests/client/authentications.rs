//! Which authentication an ID token is of, where the session has several grants, and how old it may be.

use std::rc::Rc;

use scopewise::client::{FetchOptions, InteractionMode, OnMissing, SignInOptions, TokenOptions};
use scopewise::core::apis::ApiOptions;
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::error::Result;
use scopewise::core::target::Target;
use scopewise::host::{ApiRequest, StorageKind};
use serde_json::{Value, json};

use crate::app::{App, known_options, set};
use crate::fetch::said;
use crate::host::api::FakeCall;
use crate::host::{Browser, Call};
use crate::server::{ORIGIN, query};

fn files() -> Target {
    Target::new(Some("files".to_owned()), Vec::new()).unwrap()
}

/// The next ID token has these claims besides.
fn claim(browser: &Browser, members: Value) {
    browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| {
        for (name, member) in members.as_object().unwrap() {
            claims[name] = member.clone();
        }
    }));
}

/// Somebody signed in, and then for files, in two authentications.
fn signed_in_twice(browser: &Rc<Browser>) -> App {
    let api = ApiOptions::new("https://files.example/").with_target(files());
    let options = known_options().with_api(api);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    claim(browser, json!({ "auth_time": browser.seconds(), "acr": "silver" }));
    app.popup().unwrap();
    browser.clock.advance(100_000.0);
    claim(browser, json!({ "auth_time": browser.seconds(), "acr": "gold" }));
    let authorize = AuthorizeOptions::default().with_target(files()).with_acr_values("gold");
    let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
    Call::start(&app.page, app.client.upgrade(set("upload"), options))
        .wait(browser)
        .unwrap();
    app
}

/// What a claim says that the client shows.
fn shown(app: &App, name: &str) -> Value {
    let claims = app.session().unwrap().claims().unwrap().as_value().clone();
    serde_json::to_value(claims.get(name).unwrap()).unwrap()
}

fn refreshed(app: &App, target: Target) -> Result<()> {
    let options = TokenOptions::default().with_target(target).with_force_refresh();
    let call = app.start(|client| async move { client.get_access_token(options).await.map(drop) });
    call.wait(app.browser())
}

#[test]
fn c168_a_refreshed_id_token_is_of_the_authentication_of_its_grant() {
    let browser = Browser::new(1);
    let app = signed_in_twice(&browser);
    let latest = shown(&app, "nonce");
    let now = browser.seconds();
    browser.server.borrow_mut().renews_id_tokens = true;
    // What the first sign-in was, whatever came after it.
    claim(&browser, json!({ "auth_time": now - 100 }));
    refreshed(&app, Target::default()).unwrap();
    // The nonce is the other grant's.
    claim(&browser, json!({ "nonce": latest }));
    let error = refreshed(&app, Target::default()).unwrap_err();
    assert_eq!(error.reason(), Some("nonce"));
    claim(&browser, json!({ "nonce": latest, "auth_time": now }));
    refreshed(&app, files()).unwrap();
    // An authentication before that of the grant.
    claim(&browser, json!({ "auth_time": now - 100 }));
    let error = refreshed(&app, files()).unwrap_err();
    assert_eq!(error.reason(), Some("auth_time"));
}

#[test]
fn c168_a_grant_keeps_its_nonce_over_other_sign_ins_and_reloads() {
    let browser = Browser::new(1);
    let api = ApiOptions::new("https://files.example/").with_target(files());
    let options = known_options().with_api(api);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    let first = shown(&app, "nonce");
    let authorize = AuthorizeOptions::default().with_target(files());
    let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
    Call::start(&app.page, app.client.upgrade(set("upload"), options))
        .wait(&browser)
        .unwrap();
    let app = app.reload(ORIGIN);
    assert_ne!(shown(&app, "nonce"), first);
    browser.server.borrow_mut().renews_id_tokens = true;
    claim(&browser, json!({ "nonce": first }));
    refreshed(&app, Target::default()).unwrap();
    assert_eq!(shown(&app, "nonce"), first);
}

#[test]
fn c189_how_the_user_signed_in_for_one_api_says_nothing_of_another() {
    // The first grant is the latest again, without a word on the authentication.
    for renews_id_tokens in [false, true] {
        let browser = Browser::new(1);
        let app = signed_in_twice(&browser);
        browser.server.borrow_mut().renews_id_tokens = renews_id_tokens;
        refreshed(&app, Target::default()).unwrap();
        let call = FakeCall::new(&app.page, "https://app.example/api", "");
        call.respond.set(Some(|_| {
            let challenge = "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\"";
            (401, Some(challenge), true)
        }));
        let popups = app.page.closed_popups.get();
        claim(&browser, json!({ "acr": "gold" }));
        let sent = call.clone();
        let sent = app.start(|client| async move {
            let request: &dyn ApiRequest = &*sent;
            let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
            client.fetch(request, &options).await
        });
        // The user was asked, and the API asks again.
        assert_eq!(said(sent.wait(&browser)), "upgrade_loop");
        assert_eq!((app.page.closed_popups.get() - popups, call.count.get()), (1, 2));
    }
}

#[test]
fn c142_a_user_may_take_their_time_after_signing_in() {
    for (max_age, auth_time, is_fresh) in [
        // Signed in for this request, read the consent page, and came back after half a minute.
        (0, -20, true),
        (60, -20, true),
        // As old as it may be.
        (60, -60, true),
        (60, -61, false),
        (0, -31, false),
        (0, -3600, false),
    ] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        let authorize = AuthorizeOptions::default().with_max_age(max_age);
        drop(app.client.sign_in(SignInOptions::default().with_authorize(authorize)));
        browser.clock.advance(30_000.0);
        let app = app.follow();
        claim(&browser, json!({ "auth_time": browser.seconds() + auth_time }));
        let reason = app.handled().err().and_then(|error| error.reason());
        let expected = (!is_fresh).then_some("auth_time");
        assert_eq!(reason, expected, "{max_age} {auth_time}");
        assert_eq!(app.session().is_some(), is_fresh);
    }
}

/// A client that says this of every request.
fn with_further(browser: &Rc<Browser>, name: &str, value: &str) -> App {
    let further = [(name.to_owned(), value.to_owned())].into_iter().collect();
    let options = known_options().with_authorization_params(further);
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options)
}

#[test]
fn what_the_client_wishes_of_every_request_is_no_demand_of_an_upgrade() {
    // Some servers take names of theirs for what is no class of authentication: idp:google, say.
    let browser = Browser::new(1);
    let app = with_further(&browser, "acr_values", "idp:google");
    app.popup().unwrap();
    claim(&browser, json!({ "acr": "0" }));
    assert_eq!(app.upgrade("write").unwrap().status.as_str(), "granted");
    let asked = browser.server.borrow().asked.clone();
    assert_eq!(query(&asked, "acr_values").as_deref(), Some("idp:google"));
}

#[test]
fn c141_a_max_age_that_was_sent_is_looked_at_whoever_named_it() {
    for (auth_time, expected) in [
        (Some(-60), None),
        (Some(-61), Some("auth_time")),
        (None, Some("auth_time")),
    ] {
        let browser = Browser::new(1);
        let app = with_further(&browser, "max_age", "60");
        claim(&browser, json!({ "auth_time": browser.seconds() }));
        app.popup().unwrap();
        let before = app.session();
        let auth_time = auth_time.map(|seconds| browser.seconds() + seconds);
        claim(&browser, json!({ "auth_time": auth_time }));
        let result = app.upgrade("write");
        assert_eq!(result.err().and_then(|error| error.reason()), expected);
        assert_eq!(app.session() == before, expected.is_some());
    }
}

#[test]
fn c168_what_may_change_in_a_refreshed_id_token_and_what_may_not() {
    let now = Browser::new(1).seconds();
    let kept = |members: Value| (members, None);
    let refused = |members: Value, failed: &'static str| (members, Some(failed));
    for (members, expected) in [
        kept(json!({ "acr": "silver", "amr": ["pwd"] })),
        kept(json!({ "acr": null })),
        kept(json!({ "azp": "app" })),
        kept(json!({ "aud": ["app"] })),
        kept(json!({ "aud": ["app", "nobody"], "azp": "app" })),
        // The user signed in once more at the server meanwhile.
        kept(json!({ "auth_time": now + 100 })),
        kept(json!({ "iat": now + 160, "exp": now + 41 })),
        // There is no code that it could be of.
        kept(json!({ "c_hash": "77QmUPtjPfzWtF2AnpK9RQ" })),
        refused(json!({ "acr": ["gold"] }), "acr"),
        refused(json!({ "azp": "other" }), "azp"),
        refused(json!({ "aud": ["app", "nobody"] }), "aud"),
        refused(json!({ "aud": "nobody", "azp": "app" }), "aud"),
        refused(json!({ "iss": "https://id.example/" }), "iss"),
        refused(json!({ "auth_time": now - 1 }), "auth_time"),
        refused(json!({ "nonce": "" }), "nonce"),
        refused(json!({ "iat": now + 161 }), "iat"),
        refused(json!({ "exp": now + 40 }), "exp"),
        refused(json!({ "nbf": now + 161 }), "nbf"),
        refused(json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" }), "at_hash"),
        refused(json!({ "c_hash": 7 }), "c_hash"),
    ] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        claim(&browser, json!({ "auth_time": now, "acr": "gold" }));
        app.popup().unwrap();
        let before = (app.stored_token(), app.client.id_token());
        browser.clock.advance(100_000.0);
        browser.server.borrow_mut().renews_id_tokens = true;
        claim(&browser, members.clone());
        let result = refreshed(&app, Target::default());
        assert_eq!(result.err().and_then(|error| error.reason()), expected, "{members}");
        let after = (app.stored_token(), app.client.id_token());
        assert_eq!(after == before, expected.is_some(), "{members}");
        assert!(app.has("read"), "{members}");
    }
}
