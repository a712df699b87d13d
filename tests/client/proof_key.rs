//! The key that tokens are bound to (RFC 9449): one for all tabs, and what becomes of tokens without it.

use scopewise::client::{Client, DpopProofOptions};
use scopewise::core::error::Error;
use scopewise::host::{Locks as _, StorageKind};

use crate::app::{App, code, known_options, options};
use crate::dpop::{API, fetch, in_tab, open, signed_in, user_info};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call};
use crate::server::ORIGIN;

#[test]
fn c248_two_tabs_that_make_the_first_key_at_once_have_one() {
    for seed in 1..40 {
        let browser = Browser::new(seed);
        let apps = [(); 2].map(|()| in_tab(&browser, StorageKind::Local));
        let prepare = |app: &App| app.start(|client| async move { client.prepare().await });
        let calls = apps.each_ref().map(prepare);
        browser.run();
        for call in calls {
            call.wait(&browser).unwrap();
        }
        apps[0].popup().unwrap();
        browser.run();
        let call = FakeCall::new(&apps[1].page, API, "read");
        assert_eq!(fetch(&apps[1], &call), "200");
        apps[1].forced_token().wait(&browser).unwrap();
        assert_eq!(browser.signing_keys.borrow().len(), 1);
        assert!(browser.server.borrow().violations.is_empty());
    }
}

#[test]
fn c252_a_tab_with_another_key_in_memory_takes_the_stored_one() {
    let browser = Browser::new(1);
    let (first, second) = (
        signed_in(&browser, StorageKind::Local),
        in_tab(&browser, StorageKind::Local),
    );
    assert_eq!(fetch(&second, &FakeCall::new(&second.page, API, "read")), "200");
    // The site's data is cleared, but for the session; the next sign-in makes another key.
    browser.signing_keys.borrow_mut().clear();
    first.popup().unwrap();
    browser.run();
    second.forced_token().wait(&browser).unwrap();
    assert_eq!(fetch(&second, &FakeCall::new(&second.page, API, "read")), "200");
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn c212_c252_tokens_that_lost_their_key_are_not_sent_and_the_session_has_ended_in_every_tab() {
    let browser = Browser::new(1);
    let (first, other) = (
        signed_in(&browser, StorageKind::Local),
        in_tab(&browser, StorageKind::Local),
    );
    first.page.end();
    browser.signing_keys.borrow_mut().clear();
    let requests = browser.network.requests.borrow().len();
    let app = in_tab(&browser, StorageKind::Local);
    assert!(app.has("read"), "nobody has looked yet");
    for _ in 0..3 {
        assert_eq!(code(app.token().wait(&browser)), "login_required");
        assert_eq!(code(app.forced_token().wait(&browser)), "login_required");
        assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "login_required");
        assert_eq!(code(user_info(&app)), "login_required");
    }
    assert_eq!(browser.network.requests.borrow().len(), requests, "nothing was sent");
    browser.run();
    for app in [&app, &other] {
        assert!(app.client.is_expired() && !app.has("read"));
        assert_eq!(app.session().unwrap().subject(), Some("ada"), "who it was is known");
    }
    app.popup().unwrap();
    browser.run();
    assert_eq!(fetch(&other, &FakeCall::new(&other.page, API, "read")), "200");
}

#[test]
fn c212_a_key_that_is_lost_while_the_page_lives_ends_the_session_too() {
    for ask in [
        |app: &App| fetch(app, &FakeCall::new(&app.page, API, "read")),
        |app: &App| code(app.forced_token().wait(app.browser())),
    ] {
        let browser = Browser::new(1);
        let app = signed_in(&browser, StorageKind::Worker);
        let requests = browser.network.requests.borrow().len();
        browser.signing_keys.borrow_mut().clear();
        app.page.is_signer_gone.set(true);
        assert_eq!(ask(&app), "login_required");
        assert!(app.client.is_expired());
        assert_eq!(browser.network.requests.borrow().len(), requests);
    }
}

#[test]
fn c212_a_token_whose_key_is_there_and_signs_no_more_is_not_given_out() {
    for is_forced in [false, true] {
        for kind in [StorageKind::Session, StorageKind::Local] {
            let browser = Browser::new(1);
            let app = signed_in(&browser, kind);
            app.page.is_signer_gone.set(true);
            let call = if is_forced {
                app.forced_token()
            } else {
                browser.clock.advance(3_600_000.0);
                app.token()
            };
            assert_eq!(code(call.wait(&browser)), "login_required", "{kind:?} {is_forced}");
            assert!(app.client.is_expired());
        }
    }
}

#[test]
fn a_signature_that_fails_once_says_nothing_of_its_key() {
    for ask in [
        |app: &App| fetch(app, &FakeCall::new(&app.page, API, "read")),
        |app: &App| {
            app.forced_token()
                .wait(app.browser())
                .map_or_else(|error| code::<()>(Err(error)), |_| "200".to_owned())
        },
        |app: &App| user_info(app).map_or_else(|error| code::<()>(Err(error)), |_| "200".to_owned()),
    ] {
        let browser = Browser::new(1);
        let app = signed_in(&browser, StorageKind::Session);
        app.page.failing_signatures.set(1);
        assert_eq!(ask(&app), "200");
        assert!(!app.client.is_expired());
        assert!(browser.server.borrow().violations.is_empty());
    }
}

#[test]
fn a_page_goes_on_with_the_key_that_it_has_after_the_sites_data_was_cleared() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    browser.signing_keys.borrow_mut().clear();
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn c212_two_calls_that_find_the_key_gone_are_one_change() {
    let browser = Browser::new(1);
    let app = in_tab(&browser, StorageKind::Session);
    // Where storage refuses the session, whatever is saved is told.
    app.page.refuses_writes.set(true);
    app.popup().unwrap();
    browser.signing_keys.borrow_mut().clear();
    app.page.is_signer_gone.set(true);
    let (changes, _subscription) = app.count_changes();
    // Both have their token when they find out.
    let proofs = [(); 2]
        .map(|()| app.start(|client| async move { client.dpop_proof(API, "GET", DpopProofOptions::default()).await }));
    browser.run();
    for proof in proofs {
        assert_eq!(code(proof.take().unwrap()), "login_required");
    }
    assert!(app.client.is_expired());
    assert_eq!(changes.get(), 1);
}

#[test]
fn a_key_that_is_gone_with_a_closed_client_ends_no_session() {
    for steps in 0..6 {
        let browser = Browser::new(1);
        let app = signed_in(&browser, StorageKind::Worker);
        let proof = app.start(|client| async move { client.dpop_proof(API, "GET", DpopProofOptions::default()).await });
        for _ in 0..steps {
            browser.step();
        }
        app.client.close();
        app.page.is_signer_gone.set(true);
        browser.run();
        if let Err(error) = proof.take().unwrap() {
            assert_eq!(error.code(), "aborted");
        }
        assert!(app.session().is_some() && !app.client.is_expired(), "{steps}");
    }
}

#[test]
fn c212_a_page_that_opens_looks_for_the_key_by_itself() {
    let browser = Browser::new(1);
    let app = signed_in(&browser, StorageKind::Session);
    browser.signing_keys.borrow_mut().clear();
    let app = open(app.page.reload(ORIGIN), StorageKind::Session);
    let (changes, _subscription) = app.count_changes();
    browser.run();
    assert!(app.client.is_expired());
    assert_eq!(changes.get(), 1);
}

#[test]
fn c200_without_a_database_the_key_lives_as_long_as_the_page() {
    let browser = Browser::new(1);
    let page = browser.open_tab(ORIGIN);
    page.is_without_database.set(true);
    let app = open(page, StorageKind::Session);
    app.popup().unwrap();
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
    let page = app.page.reload(ORIGIN);
    page.is_without_database.set(true);
    let app = open(page, StorageKind::Session);
    assert_eq!(code(app.token().wait(&browser)), "login_required");
    app.popup().unwrap();
    app.token().wait(&browser).unwrap();
}

#[test]
fn a_session_from_before_the_option_is_bound_by_its_next_refresh() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let app = open(app.page.reload(ORIGIN), StorageKind::Session);
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
    assert!(!app.session().unwrap().is_bound());
    app.forced_token().wait(&browser).unwrap();
    assert!(app.session().unwrap().is_bound());
    // And the other way round: what is bound stays so, whatever the options say by now.
    let app = App::open(app.page.reload(ORIGIN), StorageKind::Session, known_options());
    assert_eq!(fetch(&app, &FakeCall::new(&app.page, API, "read")), "200");
    app.forced_token().wait(&browser).unwrap();
    assert!(app.session().unwrap().is_bound());
}

#[test]
fn c146_without_a_secure_context_there_is_no_client() {
    let browser = Browser::new(1);
    let page = browser.open_tab(ORIGIN);
    page.is_insecure.set(true);
    let opening = Client::open(options().with_dpop(), StorageKind::Session, page.clone());
    let error: Error = Call::start(&page, opening).wait(&browser).unwrap_err();
    assert_eq!(error.code(), "invalid_options");
    assert!(error.message().contains("dpop") && error.message().contains("secure context"));
}

/// Between the check of the key and its turn another tab signs in, with another key, for a session that has to be renewed by
/// then, too.
#[test]
fn a_refresh_token_is_not_sent_with_another_key_than_its_own() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().lifetime = 20;
    let (first, second) = (
        signed_in(&browser, StorageKind::Local),
        in_tab(&browser, StorageKind::Local),
    );
    let name = "scopewise:https%3A%2F%2Fid.example:app:refresh";
    let held = Call::start(&second.page, {
        let page = second.page.clone();
        async move { page.acquire(name, 1_000).await }
    });
    let turn = held.wait(&browser).unwrap();
    browser.clock.advance(25_000.0);
    let call = first.token();
    browser.run_now();
    browser.signing_keys.borrow_mut().clear();
    second.popup().unwrap();
    browser.run_now();
    browser.clock.advance(25_000.0);
    drop(turn);
    assert_eq!(code(call.wait(&browser)), "login_required");
    let server = browser.server.borrow();
    assert!(server.violations.is_empty(), "{:?}", server.violations);
    drop(server);
    assert_eq!(browser.network.grants("refresh_token"), 0);
    // With the key that it has by now.
    first.token().wait(&browser).unwrap();
    assert_eq!(browser.network.grants("refresh_token"), 1);
    assert!(browser.server.borrow().violations.is_empty());
}
