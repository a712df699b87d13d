//! What is kept of requests: how many, for how long, and who takes them away.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::scope::Scope;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, KINDS, code, known_options};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, Decision, ORIGIN, answer};

/// Where each tab has requests of its own.
const EACH_TABS_OWN: [StorageKind; 3] = [StorageKind::Session, StorageKind::Memory, StorageKind::IndexedDb];

/// Builds a request, and returns the URL of its answer.
fn answered(app: &App) -> String {
    let request = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
    let now = app.browser().seconds();
    app.browser().server.borrow_mut().authorize(&request.url, now).url()
}

fn handled(app: &App, url: &str) -> Result<bool, String> {
    let call = Call::start(&app.page, app.client.handle_callback(Some(url)));
    match call.wait(app.browser()) {
        Ok(outcome) => Ok(outcome.is_some()),
        Err(error) => Err(error.code().to_owned()),
    }
}

#[test]
fn sixteen_requests_are_kept_and_the_oldest_goes_first() {
    for kind in [StorageKind::Session, StorageKind::Local] {
        // Also of those of one second.
        for milliseconds in [1_000.0, 1.0] {
            let browser = Browser::new(1);
            let app = App::in_tab(&browser, kind);
            let urls: Vec<_> = (0..18)
                .map(|_| {
                    browser.clock.advance(milliseconds);
                    answered(&app)
                })
                .collect();
            for url in &urls[..2] {
                assert_eq!(handled(&app, url), Err("transaction_missing".to_owned()), "{kind:?}");
            }
            for url in &urls[2..] {
                assert_eq!(handled(&app, url), Ok(true), "{kind:?}");
            }
        }
    }
}

#[test]
fn sixteen_failures_in_windows_are_kept_and_the_oldest_goes_first() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let is_known = |number: usize| {
        let scope = Scope::parse(&format!("s{number}")).unwrap();
        let words = app.client.explain_scope(&scope, None).unwrap();
        words.contains("invalid_scope")
    };
    let fail = |number: usize| {
        browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
        assert_eq!(code(app.upgrade(&format!("s{number}"))), "invalid_scope");
    };
    (0..16).for_each(fail);
    assert!((0..16).all(is_known));
    (16..18).for_each(fail);
    assert!(!is_known(0) && !is_known(1) && (2..18).all(is_known));
}

#[test]
fn an_answer_without_state_is_told_though_a_window_was_asked_meanwhile() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        let nameless = format!("{CALLBACK}?code=abc");
        assert_eq!(handled(&app, &nameless), Ok(false), "{kind:?}");
        let url = answered(&app);
        assert_eq!(handled(&app, &nameless), Err("state_missing".to_owned()), "{kind:?}");
        app.popup().unwrap();
        app.upgrade("write").unwrap();
        assert_eq!(handled(&app, &nameless), Err("state_missing".to_owned()), "{kind:?}");
        assert_eq!(handled(&app, &url), Ok(true), "{kind:?}");
        assert_eq!(handled(&app, &nameless), Ok(false), "{kind:?}");
    }
}

#[test]
fn a_window_alone_is_nothing_that_a_tab_waits_for() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        browser.server.borrow_mut().decide(Decision::Wait);
        let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
        let waiting = Call::start(&app.page, call);
        browser.run_now();
        assert_eq!(handled(&app, &format!("{CALLBACK}?code=abc")), Ok(false), "{kind:?}");
        assert!(!waiting.is_done());
    }
}

#[test]
fn c284_a_sign_out_elsewhere_ends_the_requests_of_a_tab_that_hears_of_it() {
    for kind in EACH_TABS_OWN {
        for is_away in [false, true] {
            let browser = Browser::new(1);
            let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
            browser.run();
            let url = answered(&app);
            app.page.is_away.set(is_away);
            other.sign_out(true).wait(&browser).unwrap();
            browser.run();
            app.page.is_away.set(false);
            browser.resume(&app.page);
            browser.run();
            assert_eq!(handled(&app, &url), Err("transaction_missing".to_owned()), "{kind:?}");
            assert!(app.session().is_none(), "{kind:?}");
        }
    }
}

#[test]
fn a_tab_that_hears_late_of_a_sign_out_leaves_a_later_sign_in_alone() {
    for is_away in [false, true] {
        let browser = Browser::new(1);
        let kind = StorageKind::Local;
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        other.page.freeze(!is_away);
        other.page.is_away.set(is_away);
        app.sign_out(true).wait(&browser).unwrap();
        drop(app.client.sign_in(SignInOptions::default()));
        other.page.freeze(false);
        other.page.is_away.set(false);
        browser.resume(&other.page);
        browser.run();
        assert!(other.session().is_none());
        let app = app.follow();
        assert!(app.handled().unwrap().is_some(), "{is_away}");
        browser.run();
        assert!(other.session().is_some() && other.session() == app.session());
    }
}

#[test]
fn requests_of_a_tab_stay_where_nobody_signed_out() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        let url = answered(&app);
        other.popup().unwrap();
        other.upgrade("write").unwrap();
        browser.resume(&app.page);
        browser.run();
        assert_eq!(handled(&app, &url), Ok(true), "{kind:?}");
    }
}

#[test]
fn a_refusal_in_one_tab_takes_no_request_of_another_away() {
    for kind in [StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        let url = answered(&other);
        let refusal = answer(400, json!({ "error": "invalid_grant" }));
        browser.network.next(Fate::Scripted(Box::new(|_| refusal)));
        assert_eq!(code(app.forced_token().wait(&browser)), "invalid_grant");
        browser.run();
        assert!(app.session().is_none() && other.session().is_none(), "{kind:?}");
        assert_eq!(handled(&other, &url), Ok(true), "{kind:?}");
        browser.run();
        assert!(app.session().is_some() && app.session() == other.session(), "{kind:?}");
    }
}

#[test]
fn where_tabs_share_requests_nothing_of_one_that_is_over_stays_with_its_tab() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Local);
    let is_left = |app: &App| !app.page.tab.session_storage.borrow().is_empty();
    drop(app.client.sign_in(SignInOptions::default()));
    assert!(is_left(&app));
    let app = app.follow();
    app.handled().unwrap();
    assert!(!is_left(&app), "it was answered");
    drop(app.client.sign_in(SignInOptions::default()));
    assert!(is_left(&app));
    app.sign_out(true).wait(&browser).unwrap();
    assert!(!is_left(&app), "it ended with a sign-out");
}

#[test]
fn a_request_in_a_window_that_came_to_nothing_leaves_no_verifier() {
    for fate in [Fate::Status(500), Fate::NotSent] {
        let browser = Browser::new(1);
        let options = known_options().with_verify_signature();
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        // The keys cannot be fetched, and nobody will bring this answer again.
        browser.network.next(fate);
        assert!(app.popup().is_err());
        assert_eq!(browser.network.grants("authorization_code"), 0);
        let texts = app.page.tab.session_storage.borrow();
        assert!(!texts.values().any(|text| text.contains("code_verifier")), "{texts:?}");
    }
    // By redirect the same answer may be handled again.
    let browser = Browser::new(1);
    let options = known_options().with_verify_signature();
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    drop(app.client.sign_in(SignInOptions::default()));
    let app = app.follow();
    let url = scopewise::host::Page::url(&*app.page);
    browser.network.next(Fate::Status(500));
    assert!(app.handled().is_err());
    assert!(app.reload(&url).handled().unwrap().is_some());
}
