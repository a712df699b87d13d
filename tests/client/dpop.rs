//! Tokens that are bound to a key (RFC 9449): what is proven, to whom, and what becomes of them without their key.

use std::rc::Rc;

use scopewise::client::{DpopProofOptions, FetchError, FetchOptions, OnMissing};
use scopewise::core::error::Result;
use scopewise::core::http::Response;
use scopewise::core::secret::AccessToken;
use scopewise::host::{ApiRequest, StorageKind};
use serde_json::json;

use crate::app::{App, code, known_options};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call, FakePage, Fate};
use crate::server::{ORIGIN, Proofs, Sent, answer, query};

pub(crate) const API: &str = "https://app.example/api";

pub(crate) fn open(page: Rc<FakePage>, kind: StorageKind) -> App {
    App::open(page, kind, known_options().with_dpop())
}

pub(crate) fn in_tab(browser: &Rc<Browser>, kind: StorageKind) -> App {
    open(browser.open_tab(ORIGIN), kind)
}

pub(crate) fn signed_in(browser: &Rc<Browser>, kind: StorageKind) -> App {
    let app = in_tab(browser, kind);
    app.popup().unwrap();
    app
}

pub(crate) fn fetch(app: &App, call: &Rc<FakeCall>) -> String {
    let (call, options) = (call.clone(), FetchOptions::default().with_on_missing(OnMissing::Popup));
    let sent = app.start(|client| async move {
        let call: &dyn ApiRequest = &*call;
        client.fetch(call, &options).await
    });
    match sent.wait(app.browser()) {
        Ok(response) => response.status.to_string(),
        Err(FetchError::Client(error)) => error.code().to_owned(),
        Err(FetchError::NotAnswered) => "not answered".to_owned(),
    }
}

pub(crate) fn user_info(app: &App) -> Result<()> {
    let call = app.start(|client| async move { client.user_info().await.map(drop) });
    call.wait(app.browser())
}

/// The code of the failure of a server that says no more than that.
fn refused(error: &'static str, nonce: Option<&'static str>) -> Fate {
    Fate::Scripted(Box::new(move |_| Response {
        dpop_nonce: nonce.map(str::to_owned),
        ..answer(400, json!({ "error": error }))
    }))
}

#[test]
fn tokens_are_bound_and_proven_wherever_they_go() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "read");
    assert_eq!(fetch(&app, &call), "200");
    user_info(&app).unwrap();
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(fetch(&app, &call), "200");
    app.upgrade("write").unwrap();
    // The code, the claims, the refresh, and the code of the upgrade.
    assert_eq!(browser.server.borrow().proofs.taken, 4);
    assert_eq!(call.proofs.borrow().taken, 2);
    assert_eq!(browser.signing_keys.borrow().len(), 1, "there is one key");
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn without_the_option_nothing_is_bound() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
    assert_eq!(browser.server.borrow().proofs.taken, 0);
    assert!(browser.signing_keys.borrow().is_empty());
}

#[test]
fn c237_a_server_that_wants_its_nonce_gets_the_same_code_once_more() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().proofs.nonce = Some("one".to_owned());
    let app = signed_in(&browser, StorageKind::Session);
    assert_eq!(browser.network.grants("authorization_code"), 2);
    // The nonce is known now, and changes with an answer.
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(browser.network.grants("refresh_token"), 1);
    browser.server.borrow_mut().proofs.nonce = Some("two".to_owned());
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(browser.network.grants("refresh_token"), 3);
    user_info(&app).unwrap();
    let server = browser.server.borrow();
    assert_eq!((server.proofs.taken, server.proofs.without_nonce), (4, 2));
    assert_eq!((server.reuses, server.violations.len()), (0, 0));
}

#[test]
fn c238_a_nonce_that_is_not_named_or_is_wanted_twice_is_the_servers_error() {
    for (nonces, requests) in [
        (vec![None], 1),
        (vec![Some("one"), Some("two")], 2),
        (vec![Some("a b")], 1),
    ] {
        let browser = Browser::new(1);
        let app = in_tab(&browser, StorageKind::Session);
        for nonce in nonces {
            browser.network.next(refused("use_dpop_nonce", nonce));
        }
        assert_eq!(code(app.popup()), "use_dpop_nonce");
        assert_eq!(browser.network.grants("authorization_code"), requests);
        assert!(app.session().is_none());
    }
}

#[test]
fn c096_another_error_is_no_reason_to_send_a_code_again() {
    let browser = Browser::new(1);
    let app = in_tab(&browser, StorageKind::Session);
    browser.network.next(refused("invalid_grant", Some("one")));
    assert_eq!(code(app.popup()), "invalid_grant");
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn what_comes_of_the_second_try_is_not_known_where_its_answer_is_lost() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    browser.network.next(refused("use_dpop_nonce", Some("one")));
    browser.network.next(Fate::LostAnswer);
    // The stored token is still good.
    app.forced_token().wait(&browser).unwrap_err();
    assert_eq!(browser.network.grants("refresh_token"), 2);
    browser.clock.advance(3_600_000.0);
    app.token().wait(&browser).unwrap();
    assert_eq!(browser.server.borrow().reuses, 0);
}

#[test]
fn c240_apis_have_nonces_of_their_own() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().proofs.nonce = Some("server".to_owned());
    let app = signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "read");
    call.proofs.borrow_mut().nonce = Some("api".to_owned());
    assert_eq!(fetch(&app, &call), "200");
    assert_eq!(fetch(&app, &call), "200");
    assert_eq!(call.count.get(), 3, "the nonce is known the second time");
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(browser.server.borrow().proofs.without_nonce, 1);
}

#[test]
fn c238_an_api_that_is_never_satisfied_gets_two_requests() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "read");
    call.proofs.borrow_mut().nonce = Some("not a nonce".to_owned());
    assert_eq!(fetch(&app, &call), "401");
    assert_eq!(call.count.get(), 1);
    let once = Rc::new(FakeCall {
        is_replayable: false,
        ..Rc::into_inner(FakeCall::new(&app.page, API, "read")).unwrap()
    });
    once.proofs.borrow_mut().nonce = Some("api".to_owned());
    assert_eq!(fetch(&app, &once), "401");
    assert_eq!(once.count.get(), 1, "its body is gone");
}

#[test]
fn c245_a_proof_is_fresh_after_a_long_sleep() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    browser.clock.advance(8.0 * 3_600_000.0);
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
}

#[test]
fn c245_two_thousand_proofs_of_one_second_have_ids_of_their_own() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let token = app.stored_token().unwrap();
    let mut proofs = Proofs::default();
    let now = browser.seconds();
    for _ in 0..2_000 {
        let proof = app.start(|client| async move { client.dpop_proof(API, "GET", DpopProofOptions::default()).await });
        let sent = Sent {
            method: "GET",
            url: API,
            token: Some(&token),
            proof: Some(&proof.wait(&browser).unwrap()),
        };
        assert!(proofs.check(&sent, now).unwrap().is_some());
    }
    assert_eq!((proofs.taken, browser.seconds() - now), (2_000, 0));
}

#[test]
fn c249_a_clock_that_is_wrong_is_the_servers_error_and_no_loop() {
    let browser = Browser::new(1);
    let app = in_tab(&browser, StorageKind::Session);
    browser.server.borrow_mut().proofs.clock_difference = 3_600;
    let error = app.popup().unwrap_err();
    assert_eq!(error.code(), "invalid_dpop_proof");
    assert!(error.message().contains("clock"), "{}", error.message());
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn c249_a_refresh_token_whose_proof_was_too_old_is_not_used_up() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    browser.clock.advance(3_600_000.0);
    browser.server.borrow_mut().proofs.clock_difference = 3_600;
    assert_eq!(code(app.token().wait(&browser)), "invalid_dpop_proof");
    browser.server.borrow_mut().proofs.clock_difference = 0;
    browser.clock.advance(120_000.0);
    app.token().wait(&browser).unwrap();
    assert_eq!(browser.server.borrow().reuses, 0);
}

#[test]
fn a_server_that_answers_with_bearer_signs_nobody_in() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().proofs.answers_bearer = true;
    let app = in_tab(&browser, StorageKind::Session);
    assert_eq!(code(app.popup()), "token_type_unsupported");
    assert!(app.session().is_none());
}

#[test]
fn an_upgrade_that_is_answered_with_bearer_keeps_the_session() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let before = app.session();
    browser.server.borrow_mut().proofs.answers_bearer = true;
    assert_eq!(code(app.upgrade("write")), "token_type_unsupported");
    assert_eq!(app.session(), before);
}

#[test]
fn a_pushed_request_is_proven_where_the_key_outlives_the_page() {
    for (is_kept, proofs) in [(true, 1), (false, 0)] {
        let browser = Browser::new(1);
        let page = browser.open_tab(ORIGIN);
        page.is_without_database.set(!is_kept);
        let app = App::open(page, StorageKind::Session, known_options().with_dpop().with_par(true));
        let call = app.client.sign_in(scopewise::client::SignInOptions::default());
        let _call = Call::start(&app.page, call);
        browser.run();
        let destination = app.page.destination().unwrap();
        assert!(query(&destination, "request_uri").is_some());
        assert_eq!(browser.server.borrow().proofs.taken, proofs);
    }
}

#[test]
fn applications_send_proofs_of_their_own() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let prove = |url: &'static str, options: DpopProofOptions| {
        let proof = app.start(|client| async move { client.dpop_proof(url, "DELETE", options).await });
        proof.wait(&browser)
    };
    let token = app.stored_token().unwrap();
    let call = FakeCall::new(&app.page, API, "read");
    let check = |proof: &str| {
        let sent = Sent {
            method: "DELETE",
            url: API,
            token: Some(&token),
            proof: Some(proof),
        };
        call.proofs.borrow_mut().check(&sent, browser.seconds()).is_ok()
    };
    assert!(check(&prove(API, DpopProofOptions::default()).unwrap()));
    call.proofs.borrow_mut().nonce = Some("api".to_owned());
    assert!(!check(&prove(API, DpopProofOptions::default()).unwrap()));
    assert!(check(
        &prove(API, DpopProofOptions::default().with_nonce("api")).unwrap()
    ));
    let own = DpopProofOptions::default().with_access_token(AccessToken::new(token.as_str()));
    assert!(check(&prove(API, own).unwrap()), "nonces are remembered");
    let stranger = DpopProofOptions::default().with_access_token(AccessToken::new("another"));
    assert_eq!(code(prove(API, stranger)), "invalid_options");
    assert_eq!(
        code(prove("https://api.example/", DpopProofOptions::default())),
        "untrusted_origin"
    );
}

#[test]
fn a_client_without_the_option_has_nothing_to_prove() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let proof = app.start(|client| async move { client.dpop_proof(API, "GET", DpopProofOptions::default()).await });
    assert_eq!(code(proof.wait(&browser)), "invalid_options");
}
