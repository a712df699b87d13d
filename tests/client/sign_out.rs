//! `sign_out` and `close`.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::host::StorageKind;

use crate::app::{App, KINDS, code, known_options, metadata, options, set, with_state};
use crate::host::{Browser, Call, Fate};
use crate::server::ORIGIN;

#[test]
fn it_revokes_and_leaves_unless_it_is_local() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert!(app.session().is_none() && app.page.destination().is_none());
        assert!(browser.server.borrow().revoked.is_empty());
        app.popup().unwrap();
        app.sign_out(false).wait(&browser).unwrap();
        assert!(app.session().is_none());
        assert_eq!(browser.server.borrow().revoked, ["refresh-1"]);
        let destination = app.page.destination().unwrap();
        assert!(destination.starts_with("https://id.example/logout?client_id=app&id_token_hint="));
        // Twice is once.
        app.sign_out(false).wait(&browser).unwrap();
        assert!(app.page.destination().is_none());
        assert!(app.reload(ORIGIN).session().is_none());
    }
}

#[test]
fn a_revocation_endpoint_that_only_the_other_document_names_is_found() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().hides_revocation = true;
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options());
    let looks = || {
        let requests = browser.network.requests.borrow();
        let is_look = |url: &str| url.ends_with("/oauth-authorization-server");
        requests.iter().filter(|(url, _)| is_look(url)).count()
    };
    for (count, token) in ["refresh-0", "refresh-1"].into_iter().enumerate() {
        app.popup().unwrap();
        assert_eq!(looks(), count.min(1), "once it is found it is known");
        app.sign_out(false).wait(&browser).unwrap();
        assert_eq!(browser.server.borrow().revoked.last().unwrap(), token);
        assert!(app.page.destination().is_some());
    }
    // A server that has none is asked for it once at each sign-out, and a local one asks nobody.
    app.popup().unwrap();
    app.sign_out(true).wait(&browser).unwrap();
    assert_eq!(looks(), 1);
    // What the application gave is all that there is.
    let mut metadata = metadata();
    metadata.revocation_endpoint = None;
    let app = App::open(
        browser.open_tab(ORIGIN),
        StorageKind::Session,
        options().with_metadata(metadata),
    );
    app.popup().unwrap();
    app.sign_out(false).wait(&browser).unwrap();
    assert_eq!((looks(), browser.server.borrow().revoked.len()), (1, 2));
}

#[test]
fn looking_for_a_revocation_endpoint_takes_no_longer_than_a_request() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().hides_revocation = true;
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options());
    app.popup().unwrap();
    browser.network.next(Fate::Timeout);
    let before = browser.clock.now();
    app.sign_out(false).wait(&browser).unwrap();
    assert!(browser.clock.now() - before <= 10_000.0 && app.page.destination().is_some());
}

#[test]
fn a_server_that_cannot_be_reached_does_not_change_that() {
    let browser = Browser::new(1);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Local, options());
    app.popup().unwrap();
    let app = app.reload(ORIGIN);
    browser.network.next(Fate::LostRequest);
    app.sign_out(false).wait(&browser).unwrap();
    assert!(app.session().is_none() && app.page.destination().is_none());

    let app = App::signed_in(&browser, StorageKind::Session);
    browser.network.next(Fate::Timeout);
    let before = browser.clock.now();
    app.sign_out(false).wait(&browser).unwrap();
    assert!(app.page.destination().is_some());
    assert!(browser.clock.now() - before <= 10_000.0);

    let app = App::signed_in(&browser, StorageKind::Session);
    app.page.is_offline.set(true);
    app.sign_out(false).wait(&browser).unwrap();
    assert!(app.session().is_none() && app.page.destination().is_none());
}

/// Two tabs where somebody is signed in, whether they share the session or not.
fn two_signed_in(browser: &Rc<Browser>, kind: StorageKind) -> (App, App) {
    let (app, other) = (App::signed_in(browser, kind), App::in_tab(browser, kind));
    if other.session().is_none() {
        other.popup().unwrap();
    }
    browser.run();
    (app, other)
}

#[test]
fn a_tab_that_was_away_hears_of_a_sign_out_when_it_wakes() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let (app, other) = two_signed_in(&browser, kind);
        other.page.is_away.set(true);
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        other.page.is_away.set(false);
        let (changes, _subscription) = other.count_changes();
        browser.resume(&other.page);
        browser.run();
        assert!(other.session().is_none(), "{kind:?}");
        assert_eq!(changes.get(), 1, "{kind:?}");
        assert!(other.reload(ORIGIN).session().is_none(), "{kind:?}");
        // Whoever signs in afterwards stays.
        app.popup().unwrap();
        other.popup().unwrap();
        for tab in [&app, &other] {
            browser.resume(&tab.page);
        }
        browser.run();
        assert!(app.session().is_some() && other.session().is_some(), "{kind:?}");
    }
}

#[test]
fn a_session_after_the_sign_out_stays_and_one_before_it_does_not() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let (app, other) = two_signed_in(&browser, kind);
        let first = other.session();
        other.page.is_away.set(true);
        app.sign_out(true).wait(&browser).unwrap();
        // The device's clock is put back: notes are compared with each other only.
        browser.clock.advance(-7_200_000.0);
        app.popup().unwrap();
        browser.run();
        other.page.is_away.set(false);
        browser.resume(&other.page);
        browser.resume(&app.page);
        browser.run();
        let is_shared = !matches!(kind, StorageKind::Session | StorageKind::Memory);
        assert!(app.session().is_some(), "{kind:?}");
        assert!(
            other.session() != first && other.session().is_some() == is_shared,
            "{kind:?}"
        );
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert!(App::in_tab(&browser, kind).session().is_none() && other.session().is_none());
    }
}

#[test]
fn a_copy_of_a_tab_that_opens_after_the_sign_out_is_signed_out_too() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let copy = app.page.tab.copy();
    app.sign_out(true).wait(&browser).unwrap();
    let copy = App::open(browser.load(copy, ORIGIN), StorageKind::Session, known_options());
    assert!(copy.session().is_none());
    browser.run();
    let texts = copy.page.tab.session_storage.borrow();
    assert!(
        !texts.values().any(|text| text.contains("refresh-")),
        "no token is left"
    );
}

#[test]
fn a_session_that_storage_refused_ends_with_a_sign_out_elsewhere() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Local);
    app.page.refuses_writes.set(true);
    app.popup().unwrap();
    browser.run();
    assert!(app.session().is_some() && !app.client.is_persisted());
    App::signed_in(&browser, StorageKind::Local)
        .sign_out(true)
        .wait(&browser)
        .unwrap();
    browser.run();
    assert!(app.session().is_none());
}

#[test]
fn the_note_of_a_sign_out_names_nobody_and_holds_no_token() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    app.sign_out(true).wait(&browser).unwrap();
    let left: Vec<_> = browser.local.borrow().clone().into_iter().collect();
    let at = browser.clock.now();
    let key = [&app.client.config().storage_prefix(), "signed-out"].concat();
    assert_eq!(left, [(key, format!("{{\"v\":1,\"at\":{at:.0}}}"))]);
}

#[test]
fn c232_a_refresh_that_is_under_way_is_dropped_and_its_token_given_up() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.network.next(Fate::Slow(500));
        let refreshing = app.forced_token();
        browser.run_until(|| browser.network.grants("refresh_token") == 1);
        browser.run_now();
        let signing_out = app.sign_out(true);
        browser.run();
        assert!(signing_out.take().unwrap().is_ok());
        assert_eq!(code(refreshing.take().unwrap()), "not_signed_in");
        assert!(app.session().is_none());
        assert_eq!(browser.server.borrow().revoked, ["refresh-1"]);
        assert!(app.reload(ORIGIN).session().is_none());
        browser.close();
    }
}

#[test]
fn c284_a_sign_in_or_an_upgrade_that_was_on_its_way_comes_back_to_nobody() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let go = |url: Option<String>| {
            let now = browser.seconds();
            browser.server.borrow_mut().authorize(&url.unwrap(), now).url()
        };
        drop(app.client.sign_in(with_state("1")));
        let sign_in = go(app.page.destination());
        drop(app.client.upgrade(set("write"), SignInOptions::default()));
        let upgrade = go(app.page.destination());
        app.sign_out(true).wait(&browser).unwrap();
        let mut page = app;
        for url in [sign_in, upgrade] {
            page = page.reload(&url);
            assert_eq!(code(page.handled()), "transaction_missing");
            assert!(page.session().is_none());
        }
        assert_eq!(browser.network.grants("authorization_code"), 1);
        // What begins afterwards is a sign-in like any other.
        assert!(page.popup().is_ok());
    }
}

#[test]
fn c284_a_code_that_is_being_traded_makes_no_session() {
    for kind in KINDS {
        for seed in 0..50 {
            let browser = Browser::new(seed);
            let app = App::in_tab(&browser, kind);
            drop(app.client.sign_in(with_state("1")));
            let app = app.follow();
            browser.network.next(Fate::Slow(1_000));
            let handling = app.handle();
            browser.run_until(|| browser.network.grants("authorization_code") == 1);
            browser.run_now();
            let signing_out = app.sign_out(true);
            browser.run();
            assert!(signing_out.take().unwrap().is_ok());
            let result = handling.take().unwrap();
            assert_eq!(result.unwrap_err().code(), "transaction_missing");
            assert!(app.session().is_none());
            assert_eq!(browser.server.borrow().revoked, ["refresh-0"]);
            assert!(app.reload(ORIGIN).session().is_none());
            browser.close();
        }
    }
}

#[test]
fn c284_a_code_that_waits_for_the_metadata_is_not_sent_after_a_sign_out() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::open(browser.open_tab(ORIGIN), kind, options());
        let call = app.client.sign_in(with_state("1"));
        let _leaving = Call::start(&app.page, call);
        browser.run();
        let app = app.follow();
        browser.network.next(Fate::Slow(1_000));
        let handling = app.handle();
        browser.run_now();
        app.sign_out(true).wait(&browser).unwrap();
        assert_eq!(code(handling.wait(&browser)), "transaction_missing");
        assert!(app.session().is_none());
        assert_eq!(browser.network.grants("authorization_code"), 0);
    }
}

#[test]
fn c284_what_another_tab_has_under_way_comes_back_to_nobody() {
    for kind in KINDS {
        for seed in 0..50 {
            let browser = Browser::new(seed);
            let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
            if other.session().is_none() {
                other.popup().unwrap();
            }
            let before = browser.network.grants("authorization_code");
            let call = other
                .client
                .upgrade(set("write"), SignInOptions::new(InteractionMode::Popup));
            browser.network.next(Fate::Slow(1_000));
            let upgrading = Call::start(&other.page, call);
            let is_traded = || browser.network.grants("authorization_code") > before;
            browser.run_until(|| is_traded() || browser.below(20) == 0);
            browser.run_now();
            let signing_out = app.sign_out(true);
            browser.run();
            assert!(signing_out.take().unwrap().is_ok());
            assert!(app.session().is_none() && other.session().is_none(), "{kind:?} {seed}");
            assert_eq!(code(upgrading.take().unwrap()), "transaction_missing");
            browser.close();
        }
    }
}

#[test]
fn c284_whoever_is_first_signed_out_is_signed_out() {
    for kind in KINDS {
        let mut missed = 0;
        for seed in 0..300 {
            let browser = Browser::new(seed);
            let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
            if other.session().is_none() {
                other.popup().unwrap();
            }
            browser.run();
            let call = other
                .client
                .upgrade(set("write"), SignInOptions::new(InteractionMode::Popup));
            let upgrading = Call::start(&other.page, call);
            for _ in 0..browser.below(30) {
                browser.step();
            }
            let signing_out = app.sign_out(true);
            browser.run();
            assert!(signing_out.take().unwrap().is_ok());
            missed += usize::from(upgrading.take().unwrap().is_err());
            assert!(app.session().is_none() && other.session().is_none(), "{kind:?} {seed}");
            browser.close();
        }
        assert!((10..290).contains(&missed), "it was one or the other: {missed}");
    }
}

#[test]
fn who_closed_a_client_hears_that_and_the_session_stays() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let listeners = browser.listeners();
    let (changes, _subscription) = app.count_changes();
    app.client.close();
    assert_eq!(browser.listeners(), listeners - 1);
    for result in [
        app.popup().map(drop),
        app.upgrade("write").map(drop),
        app.handled().map(drop),
        app.token().wait(&browser).map(drop),
        app.sign_out(true).wait(&browser),
        app.client.has_scope(&set("read"), None).map(drop),
    ] {
        assert_eq!(code(result), "invalid_options");
    }
    assert_eq!(changes.get(), 0);
    assert!(app.reload(ORIGIN).session().is_some());
}
