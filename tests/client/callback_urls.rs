//! What a page's URL, or one that the application gives, comes to, and what then becomes of the request.

use std::rc::Rc;

use scopewise::core::authorize::Outcome;
use scopewise::core::error::Result;
use scopewise::host::{Page as _, StorageKind, Storages as _};

use crate::app::{App, code, known_options, with_state};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, Decision, ORIGIN};

/// A page to which the user came back with an answer.
fn returned(browser: &Rc<Browser>) -> App {
    returned_to(browser, StorageKind::Session)
}

fn returned_to(browser: &Rc<Browser>, kind: StorageKind) -> App {
    let app = App::in_tab(browser, kind);
    drop(app.client.sign_in(with_state("7")));
    app.follow()
}

/// Handles a URL that the application gives.
fn handled(app: &App, url: &str) -> Result<Option<Outcome>> {
    Call::start(&app.page, app.client.handle_callback(Some(url))).wait(app.browser())
}

#[test]
fn an_application_may_give_the_query_alone() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    let url = app.page.url();
    let page = app.reload(&format!("{url}#/orders/8"));
    // It stays there for the client that asked.
    let mut options = known_options();
    options.client_id = "other".to_owned();
    let other = App::open(page.page.clone(), StorageKind::Session, options);
    assert_eq!(handled(&other, &url).unwrap(), None);
    assert_eq!(page.page.url(), format!("{url}#/orders/8"));
    let call = page.client.handle_callback(Some(&url));
    assert_eq!(page.page.url(), format!("{CALLBACK}#/orders/8"), "at once");
    assert!(Call::start(&page.page, call).wait(&browser).unwrap().is_some());
    assert_eq!(page.page.url(), format!("{CALLBACK}#/orders/8"));
}

#[test]
fn another_url_than_the_pages_leaves_the_page_as_it_is() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    let url = app.page.url();
    let here = format!("{CALLBACK}?code=mine&tab=2#/orders/8");
    let page = app.reload(&here);
    assert!(handled(&page, &url).unwrap().is_some());
    assert_eq!(page.page.url(), here);
}

#[test]
fn what_is_no_response_to_the_request_leaves_it_waiting() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    let url = app.page.url();
    let [path, query] = url.split('?').collect::<Vec<_>>().try_into().unwrap();
    let page = app.reload(ORIGIN);
    for (odd, expected) in [
        (format!("{path}#{query}"), "response_malformed"),
        (format!("{url}&access_token=x"), "response_malformed"),
        (format!("{url}&code=x"), "duplicate_parameter"),
        (format!("{url}&error=access_denied"), "response_malformed"),
        (url.replace("code=", "kode="), "none"),
        (url.replace("code=", "code=&kode="), "code_missing"),
        (url.replace("code=", "code=%00"), "response_malformed"),
        (url.replace("state=", "state=x"), "transaction_missing"),
        (url.replace("https://app.example", "https://app.example:8443"), "none"),
        (url.replace("https://app.example", "http://app.example"), "none"),
        (url.replace("https://app.example", "//evil.example"), "none"),
        (String::new(), "none"),
    ] {
        match handled(&page, &odd) {
            Ok(found) => assert_eq!((found, expected), (None, "none"), "{odd}"),
            Err(error) => {
                assert_eq!(error.code(), expected, "{odd}");
                // Who asked gets back what was given to the request, where it is known which that is.
                let given = error.request().and_then(|request| request.app_state.as_deref());
                assert_eq!(given, (expected != "transaction_missing").then_some("7"), "{odd}");
            }
        }
    }
    assert_eq!(browser.network.grants("authorization_code"), 0);
    assert_eq!(handled(&page, &url).unwrap().unwrap().app_state.as_deref(), Some("7"));
}

#[test]
fn an_error_is_told_once_and_a_code_that_follows_it_is_none() {
    let browser = Browser::new(1);
    let signed_in = App::signed_in(&browser, StorageKind::Session);
    let before = signed_in.session();
    browser
        .server
        .borrow_mut()
        .decide(Decision::Error("temporarily_unavailable"));
    drop(signed_in.client.sign_in(with_state("7")));
    let app = signed_in.follow();
    let url = app.page.url();
    let error = app.handled().unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("temporarily_unavailable", true));
    assert_eq!(error.request().unwrap().app_state.as_deref(), Some("7"));
    // The same answer again, and one that somebody made of it.
    let forged = url.replace("error=temporarily_unavailable", "code=forged");
    assert!(forged.contains("code=forged"));
    for url in [&url, &forged] {
        assert_eq!(code(app.reload(url).handled()), "callback_consumed");
    }
    assert_eq!(
        browser.network.grants("authorization_code"),
        1,
        "that of the first sign-in"
    );
    assert_eq!(app.session(), before);
}

/// A copy of a tab, which begins with the requests that the tab had under way.
fn copied(app: &App) -> App {
    let page = app.browser().load(app.page.tab.copy(), &app.page.url());
    App::open(page, app.kind, known_options())
}

#[test]
fn c009_a_copy_of_a_tab_does_not_send_its_code_again() {
    for kind in [
        StorageKind::Session,
        StorageKind::Local,
        StorageKind::IndexedDb,
        StorageKind::Memory,
    ] {
        // At once, and one after the other.
        for seed in 0..20 {
            let browser = Browser::new(seed);
            let app = returned_to(&browser, kind);
            let calls = [copied(&app).handle(), app.handle()];
            let results = calls.map(|call| call.wait(&browser));
            assert!(results.iter().any(Result::is_ok), "{kind:?} {results:?}");
            assert_eq!(browser.network.grants("authorization_code"), 1, "{kind:?}");
        }
        let browser = Browser::new(1);
        let app = returned_to(&browser, kind);
        let copy = copied(&app);
        app.handled().unwrap().unwrap();
        let again = copy.handled();
        if kind == StorageKind::Local {
            again.unwrap().unwrap();
        } else {
            assert_eq!(code(again), "callback_consumed");
        }
        assert_eq!(browser.network.grants("authorization_code"), 1, "{kind:?}");
        assert!(browser.server.borrow().violations.is_empty());
    }
}

#[test]
fn c009_a_copy_of_a_tab_may_send_a_code_that_did_not_leave() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    let url = app.page.url();
    let copy = copied(&app);
    browser.network.next(Fate::NotSent);
    assert_eq!(code(app.handled()), "network");
    browser.run();
    if let Err(error) = copy.handled() {
        // It may be seen late that it did not.
        assert_eq!((error.code(), error.is_retryable()), ("network", true));
        copy.reload(&url).handled().unwrap().unwrap();
    }
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn a_code_that_another_tab_did_not_get_to_send_is_no_denial() {
    for kind in [StorageKind::Local, StorageKind::Session] {
        for seed in 0..50 {
            let browser = Browser::new(seed);
            let app = returned_to(&browser, kind);
            let url = app.page.url();
            let other = copied(&app);
            browser.network.next(Fate::NotSent);
            let first = app.handle();
            for _ in 0..seed % 25 {
                browser.step();
            }
            match other.handle().wait(&browser) {
                Ok(outcome) => assert_eq!(outcome.unwrap().status.as_str(), "granted", "{kind:?} {seed}"),
                Err(error) => assert_eq!((error.code(), error.is_retryable()), ("network", true)),
            }
            drop(first.wait(&browser));
            let again = other.reload(&url).handled().unwrap().unwrap();
            assert_eq!(again.status.as_str(), "granted");
        }
    }
}

#[test]
fn what_says_that_a_code_was_sent_goes_with_the_next_request_an_hour_later() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    app.handled().unwrap().unwrap();
    let marks = || {
        let shared = app.page.shared_storage();
        shared
            .keys("scopewise:")
            .iter()
            .filter(|key| key.contains(":tx:"))
            .count()
    };
    assert_eq!(marks(), 1);
    browser.clock.advance(3_601_000.0);
    drop(app.client.sign_in(with_state("8")));
    assert_eq!(marks(), 0);
}
