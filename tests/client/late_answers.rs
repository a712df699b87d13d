//! Answers that come when the session that asked is over, or is gone with its page.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::Outcome;
use scopewise::core::error::Result;
use scopewise::host::{Page as _, StorageKind};
use serde_json::json;

use crate::app::{App, code, known_options, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{Decision, ORIGIN, answer};

/// Kinds whose requests each tab keeps for itself.
const KINDS: [StorageKind; 2] = [StorageKind::Session, StorageKind::IndexedDb];

/// A tab that left for an upgrade, and another one: both are signed in.
fn left(browser: &Rc<Browser>, kind: StorageKind) -> (App, App) {
    let (app, other) = (App::signed_in(browser, kind), App::in_tab(browser, kind));
    if other.session().is_none() {
        other.popup().unwrap();
    }
    browser.run();
    drop(app.client.upgrade(set("write"), SignInOptions::default()));
    (app, other)
}

#[test]
fn c284_a_no_that_comes_after_a_sign_out_elsewhere_is_nobodys() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let (app, other) = left(&browser, kind);
        app.page.is_away.set(true);
        other.sign_out(true).wait(&browser).unwrap();
        browser.server.borrow_mut().decide(Decision::Deny);
        let app = app.follow();
        let url = app.page.url();
        assert_eq!(code(app.handled()), "transaction_missing", "{kind:?}");
        assert!(app.session().is_none());
        // It was answered, and nobody waits for it any more.
        assert_eq!(code(app.reload(&url).handled()), "callback_consumed", "{kind:?}");
    }
}

#[test]
fn c284_a_code_that_is_traded_while_another_tab_signs_out_was_used() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let (app, other) = left(&browser, kind);
        let app = app.follow();
        let url = app.page.url();
        let before = browser.network.grants("authorization_code");
        browser.network.next(Fate::Slow(1_000));
        let handling = app.handle();
        browser.run_until(|| browser.network.grants("authorization_code") > before);
        app.page.is_away.set(true);
        other.sign_out(true).wait(&browser).unwrap();
        assert_eq!(code(handling.wait(&browser)), "transaction_missing", "{kind:?}");
        assert!(app.session().is_none());
        assert_eq!(code(app.reload(&url).handled()), "callback_consumed", "{kind:?}");
        assert_eq!(browser.network.grants("authorization_code") - before, 1);
    }
}

#[test]
fn a_session_that_is_in_memory_because_the_database_is_not_to_be_had_is_gone_on_the_way_and_that_is_no_end() {
    let browser = Browser::new(1);
    let page = browser.open_tab(ORIGIN);
    page.is_without_database.set(true);
    let app = App::open(page, StorageKind::IndexedDb, known_options());
    app.popup().unwrap();
    assert!(!app.client.is_persisted());
    drop(app.client.upgrade(set("write"), SignInOptions::default()));
    let request = app.page.destination().unwrap();
    let url = browser.server.borrow_mut().authorize(&request, browser.seconds()).url();
    let page = app.page.reload(&url);
    page.is_without_database.set(true);
    let app = App::open(page, StorageKind::IndexedDb, known_options());
    assert!(app.session().is_none());
    assert_eq!(app.handled().unwrap().unwrap().status.as_str(), "granted");
    assert!(app.has("write"));
}

#[test]
fn an_answer_to_an_upgrade_is_not_for_another_user_who_signed_in_meanwhile() {
    for decision in [Decision::Deny, Decision::Grant] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Local);
        drop(app.client.upgrade(set("write"), SignInOptions::default()));
        browser.server.borrow_mut().decide(Decision::As("eve"));
        App::in_tab(&browser, StorageKind::Local).popup().unwrap();
        browser.server.borrow_mut().decide(decision);
        let app = app.follow();
        let before = app.session().unwrap();
        assert_eq!(code(app.handled()), "subject_mismatch");
        assert_eq!(app.session().unwrap(), before, "nothing is noted");
    }
}

#[test]
fn c008_what_an_answer_came_to_is_told_for_as_long_as_the_session_lives() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    drop(app.client.sign_in(SignInOptions::default()));
    let app = app.follow();
    let url = app.page.url();
    let first = app.handled().unwrap();
    assert!(first.is_some());
    browser.clock.advance(7_200_000.0);
    for _ in 0..2 {
        assert_eq!(app.reload(&url).handled().unwrap(), first);
    }
    app.reload(ORIGIN).sign_out(true).wait(&browser).unwrap();
    for _ in 0..2 {
        assert_eq!(code(app.reload(&url).handled()), "callback_consumed");
    }
}

#[test]
fn c009_an_answer_that_was_lost_stays_lost() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    drop(app.client.sign_in(SignInOptions::default()));
    let app = app.follow();
    let url = app.page.url();
    browser.network.next(Fate::Timeout);
    let _handling = app.handle();
    browser.run_until(|| browser.network.grants("authorization_code") == 1);
    app.page.end();
    browser.clock.advance(7_200_000.0);
    for _ in 0..2 {
        assert_eq!(code(app.reload(&url).handled()), "token_response_lost");
    }
}

/// A popup whose user has signed in, while the session that asked is ended by the server.
fn sign_in_while_refused(kind: StorageKind, also: impl Fn(&App)) -> (App, Result<Outcome>) {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, kind);
    let before = browser.network.grants("authorization_code");
    browser.network.next(Fate::Slow(1_000));
    let signing_in = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
    let signing_in = Call::start(&app.page, signing_in);
    browser.run_until(|| browser.network.grants("authorization_code") > before);
    let refused = answer(400, json!({ "error": "invalid_grant" }));
    browser.network.next(Fate::Scripted(Box::new(|_| refused)));
    assert_eq!(code(app.forced_token().wait(&browser)), "invalid_grant");
    assert!(app.session().is_none());
    also(&app);
    let outcome = signing_in.wait(&browser);
    (app, outcome)
}

#[test]
fn a_sign_in_goes_on_where_the_server_ends_the_session_meanwhile() {
    for kind in [
        StorageKind::Session,
        StorageKind::Local,
        StorageKind::IndexedDb,
        StorageKind::Memory,
    ] {
        let (app, outcome) = sign_in_while_refused(kind, |_| {});
        assert_eq!(outcome.unwrap().status.as_str(), "granted", "{kind:?}");
        assert!(app.session().is_some() && app.token().wait(app.browser()).is_ok());
    }
}

#[test]
fn it_is_nobodys_where_the_user_signs_out_besides() {
    for kind in [
        StorageKind::Session,
        StorageKind::Local,
        StorageKind::IndexedDb,
        StorageKind::Memory,
    ] {
        let (app, outcome) = sign_in_while_refused(kind, |app| app.sign_out(true).wait(app.browser()).unwrap());
        assert_eq!(code(outcome), "transaction_missing", "{kind:?}");
        assert!(app.session().is_none());
    }
}

#[test]
fn c233_a_refresh_of_before_an_upgrade_is_dropped_where_the_server_gave_the_same_refresh_token_again() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().rotates = false;
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    let session = app.session().unwrap();
    let same = session.grants()[0].refresh_token().unwrap().secret().to_owned();
    browser.network.next(Fate::Slow(5_000));
    let refresh = app.forced_token();
    browser.run_now();
    browser.server.borrow_mut().change_answer = Some(Box::new(move |body| body["refresh_token"] = same.into()));
    let upgrade = app.begin_upgrade("write");
    browser.run_until(|| upgrade.is_done());
    assert_eq!(upgrade.take().unwrap().unwrap().status.as_str(), "granted");
    let upgraded = app.stored_token();
    assert!(!refresh.is_done());
    assert_eq!(Some(refresh.wait(&browser).unwrap().secret()), upgraded.as_deref());
    browser.run();
    assert!(app.has("read write") && app.stored_token() == upgraded);
    assert!(browser.server.borrow().revoked.is_empty());
}
