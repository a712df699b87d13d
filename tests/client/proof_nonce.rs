//! Nonces of proofs (RFC 9449 §8, §9): what is sent once more, and what is not.

use scopewise::client::DpopProofOptions;
use scopewise::core::apis::ApiOptions;
use scopewise::core::http::Response;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, known_options, set};
use crate::dpop::{API, fetch, in_tab, signed_in, user_info};
use crate::host::api::{FakeCall, Respond};
use crate::host::{Browser, Call, Fate};
use crate::server::{ORIGIN, Proofs, Sent, answer};

/// The server wants a nonce, and names this one.
fn wants(nonce: &'static str) -> Fate {
    Fate::Scripted(Box::new(move |_| Response {
        dpop_nonce: Some(nonce.to_owned()),
        ..answer(400, json!({ "error": "use_dpop_nonce" }))
    }))
}

#[test]
fn a_server_that_wants_the_nonce_it_got_is_not_asked_again() {
    let browser = Browser::new(1);
    let app = in_tab(&browser, StorageKind::Session);
    browser.server.borrow_mut().proofs.nonce = Some("one".to_owned());
    app.popup().unwrap();
    let sent = browser.network.grants("refresh_token");
    browser.network.next(wants("one"));
    app.forced_token().wait(&browser).unwrap_err();
    assert_eq!(browser.network.grants("refresh_token") - sent, 1);
}

#[test]
fn an_api_that_wants_the_nonce_it_got_is_not_asked_again() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "read");
    call.proofs.borrow_mut().nonce = Some("one".to_owned());
    assert_eq!(fetch(&app, &call), "200");
    // It names a nonce that is none, so the one that is known goes on to count.
    call.proofs.borrow_mut().nonce = Some("no nonce".to_owned());
    call.count.set(0);
    assert_eq!(fetch(&app, &call), "401");
    assert_eq!(call.count.get(), 1);
}

#[test]
fn an_api_whose_challenge_is_hidden_gets_the_nonce_that_is_not() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "read");
    call.proofs.borrow_mut().nonce = Some("api".to_owned());
    call.hides_challenges.set(true);
    assert_eq!(fetch(&app, &call), "200");
    assert_eq!((call.count.get(), browser.network.grants("refresh_token")), (2, 0));
}

#[test]
fn c240_a_nonce_for_the_next_call_is_no_reason_to_send_this_one_again() {
    let answers: [(Respond, &str); 4] = [
        (|_| (200, None, true), "200"),
        (|_| (403, None, false), "challenge_unreadable"),
        (|_| (404, None, false), "404"),
        (|_| (401, Some("DPoP error=\"invalid_request\""), true), "401"),
    ];
    for (respond, expected) in answers {
        let browser = Browser::new(1);
        let app = signed_in(&browser, StorageKind::Session);
        let call = FakeCall::new(&app.page, API, "read");
        call.respond.set(Some(respond));
        call.next_nonce.set(Some("next"));
        assert_eq!((fetch(&app, &call).as_str(), call.count.get()), (expected, 1));
        // It is known from now on.
        call.proofs.borrow_mut().nonce = Some("next".to_owned());
        assert_eq!((fetch(&app, &call).as_str(), call.count.get()), (expected, 2));
    }
}

#[test]
fn an_endpoint_that_takes_access_tokens_may_want_a_nonce_in_a_header_alone() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    let sent = || browser.network.requests.borrow().len();
    let refuses = |status: u16, nonce: Option<&'static str>| {
        browser.network.next(Fate::Scripted(Box::new(move |_| Response {
            dpop_nonce: nonce.map(str::to_owned),
            ..Response::new(status, None)
        })));
    };
    for (status, nonce, expected) in [
        (401, Some("one"), 2),
        (401, Some("one"), 1),
        (403, Some("two"), 1),
        (401, None, 1),
    ] {
        let before = sent();
        refuses(status, nonce);
        assert_eq!(user_info(&app).is_ok(), expected == 2, "{status} {nonce:?}");
        assert_eq!(sent() - before, expected, "{status} {nonce:?}");
    }
}

#[test]
fn a_proof_of_an_applications_own_goes_with_the_token_of_its_api() {
    const FILES: &str = "https://files.example/";
    let browser = Browser::new(1);
    let files = Target::new(Some("files".to_owned()), Vec::new()).unwrap();
    let api = ApiOptions::new(FILES).with_target(files.clone());
    let options = known_options().with_dpop().with_api(api);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    let upgrade = scopewise::client::SignInOptions::new(scopewise::client::InteractionMode::Popup)
        .with_authorize(scopewise::core::authorize::AuthorizeOptions::default().with_target(files.clone()));
    Call::start(&app.page, app.client.upgrade(set("upload"), upgrade))
        .wait(&browser)
        .unwrap();
    let session = app.session().unwrap();
    let token = session.grant(&files).unwrap().access_token().secret().to_owned();
    let prove = app.start(|client| async move { client.dpop_proof(FILES, "GET", DpopProofOptions::default()).await });
    let proof = prove.wait(&browser).unwrap();
    let sent = Sent {
        method: "GET",
        url: FILES,
        token: Some(&token),
        proof: Some(&proof),
    };
    assert!(Proofs::default().check(&sent, browser.seconds()).unwrap().is_some());
}

#[test]
fn the_status_with_which_a_server_wants_its_nonce_makes_no_difference() {
    for status in [400, 401, 403] {
        let browser = Browser::new(1);
        let app = signed_in(&browser, StorageKind::Session);
        let wants = move |_: &_| Response {
            dpop_nonce: Some("one".to_owned()),
            ..answer(status, json!({ "error": "use_dpop_nonce" }))
        };
        browser.network.next(Fate::Scripted(Box::new(wants)));
        app.forced_token().wait(&browser).unwrap();
        assert_eq!(browser.network.grants("refresh_token"), 2, "{status}");
        assert_eq!(browser.server.borrow().reuses, 0);
    }
}

#[test]
fn a_nonce_counts_whatever_it_comes_with() {
    for status in [200, 400, 500] {
        let browser = Browser::new(1);
        let app = signed_in(&browser, StorageKind::Session);
        let tells = move |_: &_| Response {
            dpop_nonce: Some("next".to_owned()),
            ..answer(status, json!({ "sub": "ada" }))
        };
        browser.network.next(Fate::Scripted(Box::new(tells)));
        drop(user_info(&app));
        browser.server.borrow_mut().proofs.nonce = Some("next".to_owned());
        app.forced_token().wait(&browser).unwrap();
        assert_eq!(browser.server.borrow().proofs.without_nonce, 0, "{status}");
    }
}

#[test]
fn a_wish_for_a_nonce_is_nothing_to_a_client_that_sends_no_proofs() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.network.next(wants("one"));
    let error = app.forced_token().wait(&browser).unwrap_err();
    assert_eq!(error.code(), "use_dpop_nonce");
    assert_eq!(browser.network.grants("refresh_token"), 1);
    assert!(app.session().is_some());
}
