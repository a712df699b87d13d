//! What a sign-out in one tab means for what others hold, and what is left of it where it did not get to its end.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::host::StorageKind;

use crate::app::{App, SHARED, code, known_options};
use crate::host::{Browser, Call};
use crate::server::{CALLBACK, ORIGIN};

const OWN: [StorageKind; 2] = [StorageKind::Session, StorageKind::Memory];

/// The tokens that were revoked, in order of their numbers.
fn revoked(browser: &Browser) -> Vec<String> {
    let mut revoked = browser.server.borrow().revoked.clone();
    revoked.sort();
    revoked
}

#[test]
fn each_tab_with_a_session_of_its_own_revokes_its_tokens() {
    for kind in OWN {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::signed_in(&browser, kind));
        app.sign_out(false).wait(&browser).unwrap();
        browser.run();
        assert!(
            other.session().is_none() && other.page.destination().is_none(),
            "{kind:?}"
        );
        assert_eq!(revoked(&browser), ["refresh-0", "refresh-1"], "{kind:?}");
    }
}

#[test]
fn a_session_that_storage_refused_is_revoked_by_the_tab_that_has_it() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::IndexedDb);
    app.page.refuses_writes.set(true);
    app.popup().unwrap();
    browser.run();
    let other = App::signed_in(&browser, StorageKind::IndexedDb);
    other.sign_out(false).wait(&browser).unwrap();
    browser.run();
    assert!(app.session().is_none());
    assert_eq!(revoked(&browser), ["refresh-0", "refresh-1"]);
}

#[test]
fn what_tabs_share_is_revoked_once() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        app.sign_out(false).wait(&browser).unwrap();
        browser.run();
        assert!(other.session().is_none(), "{kind:?}");
        assert_eq!(browser.server.borrow().revoked, ["refresh-0"], "{kind:?}");
    }
}

#[test]
fn a_local_sign_out_elsewhere_revokes_nothing() {
    for kind in OWN {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::signed_in(&browser, kind));
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert!(other.session().is_none(), "{kind:?}");
        assert!(browser.server.borrow().revoked.is_empty(), "{kind:?}");
    }
}

#[test]
fn a_tab_that_hears_late_of_a_sign_out_revokes_nothing() {
    let browser = Browser::new(1);
    let kind = StorageKind::Session;
    let (app, other) = (App::signed_in(&browser, kind), App::signed_in(&browser, kind));
    other.page.freeze(true);
    app.sign_out(false).wait(&browser).unwrap();
    // By then the user may have signed in again, and servers end all that the user granted with one of its tokens.
    browser.clock.advance(11_000.0);
    app.popup().unwrap();
    other.page.freeze(false);
    browser.run();
    assert!(other.session().is_none() && app.session().is_some());
    assert_eq!(browser.server.borrow().revoked, ["refresh-0"]);
}

#[test]
fn a_session_in_memory_in_place_of_a_storage_ends_with_a_sign_out_that_leaves_no_note() {
    let browser = Browser::new(1);
    let [app, other] = [(); 2].map(|()| {
        let page = browser.open_tab(ORIGIN);
        page.is_without_database.set(true);
        let app = App::open(page, StorageKind::IndexedDb, known_options());
        app.popup().unwrap();
        app
    });
    app.page.refuses_writes.set(true);
    app.sign_out(true).wait(&browser).unwrap();
    browser.run();
    assert!(other.session().is_none());
}

#[test]
fn who_signs_in_again_at_once_is_not_forgotten_by_another_client_of_the_page() {
    for kind in [
        StorageKind::Session,
        StorageKind::IndexedDb,
        StorageKind::Worker,
        StorageKind::Local,
    ] {
        for asks_by_the_other in [false, true] {
            let browser = Browser::new(1);
            let app = App::signed_in(&browser, kind);
            let other = App::open(app.page.clone(), kind, known_options());
            let before = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
            let signing_out = app.sign_out(true);
            browser.run_until(|| app.session().is_none());
            let asker = if asks_by_the_other { &other } else { &app };
            drop(asker.client.sign_in(SignInOptions::default()));
            signing_out.wait(&browser).unwrap();
            browser.run();
            assert!(other.session().is_none(), "{kind:?}");
            // What was asked before it is over.
            let answer = format!("{CALLBACK}?code=x&state={}", before.state.secret());
            let late = app.client.handle_callback(Some(&answer));
            assert_eq!(
                code(app.start(|_| late).wait(&browser)),
                "transaction_missing",
                "{kind:?}"
            );
            assert!(
                app.follow().handled().unwrap().is_some(),
                "{kind:?} {asks_by_the_other}"
            );
        }
    }
}

/// Whether a storage that tabs share holds a token.
fn is_token_left(browser: &Browser) -> bool {
    let (local, database) = (browser.local.borrow(), browser.indexed_db.borrow());
    local
        .values()
        .chain(database.values())
        .any(|text| text.contains("refresh-"))
}

/// A tab whose page crashes in a sign-out, when the note is there and the record is not gone yet.
fn crashed_in_sign_out(app: &App) {
    app.page.writes_until_crash.set(Some(0));
    let _signing_out = app.sign_out(true);
    app.browser().run();
    app.page.end();
    assert!(is_token_left(app.browser()));
}

#[test]
fn what_a_sign_out_left_that_did_not_get_to_its_end_goes_when_a_client_opens() {
    for kind in SHARED {
        let browser = Browser::new(1);
        crashed_in_sign_out(&App::signed_in(&browser, kind));
        let app = App::in_tab(&browser, kind);
        assert!(app.session().is_none(), "{kind:?}");
        browser.run();
        assert!(!is_token_left(&browser), "{kind:?}");
    }
}

#[test]
fn what_a_sign_out_left_that_did_not_get_to_its_end_goes_when_another_tab_wakes() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let other = App::in_tab(&browser, kind);
        browser.run();
        crashed_in_sign_out(&app);
        browser.resume(&other.page);
        browser.run();
        assert!(other.session().is_none() && !is_token_left(&browser), "{kind:?}");
    }
}

#[test]
fn a_session_after_such_a_sign_out_stays() {
    for kind in SHARED {
        for seed in 0..100 {
            let browser = Browser::new(seed);
            let app = App::signed_in(&browser, kind);
            let other = App::in_tab(&browser, kind);
            browser.run();
            crashed_in_sign_out(&app);
            let app = App::in_tab(&browser, kind);
            let signing_in = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
            let signing_in = Call::start(&app.page, signing_in);
            for _ in 0..browser.below(30) {
                browser.step();
            }
            browser.resume(&other.page);
            browser.run();
            assert!(signing_in.take().unwrap().is_ok(), "{kind:?} {seed}");
            for tab in [app, other] {
                assert!(
                    tab.session().is_some() && tab.reload(ORIGIN).session().is_some(),
                    "{kind:?} {seed}"
                );
            }
            browser.close();
        }
    }
}
