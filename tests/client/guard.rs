//! Applications that send whoever is signed out to sign in, while somebody signs out.

use std::cell::RefCell;
use std::rc::Rc;

use scopewise::client::{SignInOptions, Subscription};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::error::Result;
use scopewise::host::StorageKind;

use crate::app::{App, KINDS, code, known_options, metadata};
use crate::host::{Browser, Call, Fate};
use crate::server::ORIGIN;

type Calls = Rc<RefCell<Vec<Call<Result<Outcome>>>>>;

/// A guard of the application's: whoever is signed out is sent to sign in, whenever the session changes.
fn guard(app: &App) -> (Calls, Subscription) {
    let calls = Calls::default();
    let (guarded, begun) = (app.clone(), calls.clone());
    let listener = move || {
        if guarded.session().is_none() {
            let call = guarded.client.sign_in(SignInOptions::default());
            begun.borrow_mut().push(Call::start(&guarded.page, call));
        }
    };
    (calls, app.client.subscribe(Rc::new(listener)))
}

#[test]
fn c284_a_guard_that_signs_in_does_not_keep_the_user_from_signing_out() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let (calls, _subscription) = guard(&app);
        browser.network.next(Fate::Slow(3_000));
        let signing_out = app.sign_out(false);
        browser.run_until(|| !browser.server.borrow().revoked.is_empty());
        assert_eq!(calls.borrow().len(), 1);
        assert_eq!(app.page.destination(), None, "the tokens are being revoked");
        browser.run_until(|| signing_out.is_done());
        assert!(signing_out.take().unwrap().is_ok());
        // Until the page is gone whoever signs in waits. A popup leaves nothing.
        let other = Call::start(&app.page, app.client.sign_in(SignInOptions::default()));
        browser.run_now();
        let destination = app.page.destination().unwrap();
        assert!(destination.starts_with("https://id.example/logout?"), "{destination}");
        let wrong = SignInOptions::default().with_authorize(AuthorizeOptions::default().with_max_age(-1));
        assert_eq!(
            code(Call::start(&app.page, app.client.sign_in(wrong)).wait(&browser)),
            "invalid_options"
        );
        // The back button brings the page back as it was left.
        browser.show_again(&app.page);
        browser.run_now();
        assert!(
            app.page
                .destination()
                .unwrap()
                .starts_with("https://id.example/authorize?")
        );
        assert!(!other.is_done());
    }
}

#[test]
fn c284_a_page_that_was_not_left_to_sign_out_signs_in() {
    let is_authorize = |url: Option<String>| url.is_some_and(|url| url.starts_with("https://id.example/authorize?"));
    let mut without_end = metadata();
    without_end.end_session_endpoint = None;
    for (options, is_left) in [
        (known_options().with_metadata(without_end), false),
        (known_options(), true),
    ] {
        let browser = Browser::new(1);
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        app.popup().unwrap();
        let (calls, _subscription) = guard(&app);
        let signing_out = app.sign_out(false);
        browser.run_until(|| signing_out.is_done());
        browser.run_now();
        // A handler of beforeunload may keep the page, say.
        assert_eq!(is_authorize(app.page.destination()), !is_left);
        browser.clock.advance(10_000.0);
        browser.run();
        assert_eq!(is_authorize(app.page.destination()), is_left);
        assert_eq!(calls.borrow().len(), 1);
    }
    // What is local leaves nothing to wait for, and a client that is closed begins nothing.
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let (_calls, _subscription) = guard(&app);
    app.sign_out(true).wait(&browser).unwrap();
    assert!(is_authorize(app.page.destination()));
    app.popup().unwrap();
    let signing_out = app.sign_out(false);
    browser.run_until(|| signing_out.is_done());
    let waiting = Call::start(&app.page, app.client.sign_in(SignInOptions::default()));
    assert!(!is_authorize(app.page.destination()));
    app.client.close();
    assert_eq!(code(waiting.wait(&browser)), "aborted");
}
