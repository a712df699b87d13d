//! Storage that refuses what is to be written, or holds what makes no sense.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::host::{StorageKind, Storages as _};
use serde_json::json;

use crate::app::{App, SHARED, code, known_options, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{Decision, ORIGIN, answer};

/// A page that finds this text where its session's record should be.
fn with_record(browser: &Rc<Browser>, kind: StorageKind, text: &str) -> (App, String) {
    let app = App::in_tab(browser, kind);
    let key = app.session_key();
    let texts = match kind {
        StorageKind::Session => &*app.page.tab.session_storage,
        StorageKind::Local => &browser.local,
        _ => &browser.indexed_db,
    };
    texts.borrow_mut().insert(key.clone(), text.to_owned());
    (app.reload(ORIGIN), key)
}

/// A tab where storage refuses everything, with somebody signed in in its memory alone.
fn in_memory_alone(browser: &Rc<Browser>, kind: StorageKind) -> App {
    let app = App::in_tab(browser, kind);
    app.page.refuses_writes.set(true);
    app.popup().unwrap();
    app
}

/// The same, and another tab with a session that is stored.
fn beside_another(browser: &Rc<Browser>, kind: StorageKind) -> (App, App) {
    (in_memory_alone(browser, kind), App::signed_in(browser, kind))
}

/// The server takes a refresh token for used.
fn refusal() -> Fate {
    Fate::Scripted(Box::new(|_| answer(400, json!({ "error": "invalid_grant" }))))
}

#[test]
fn c201_a_record_that_makes_no_sense_is_removed_where_that_is_done_at_once() {
    for text in ["{", "null", "{\"v\":1}"] {
        let browser = Browser::new(1);
        let (app, key) = with_record(&browser, StorageKind::Session, text);
        assert!(app.session().is_none());
        assert!(!app.page.tab.session_storage.borrow().contains_key(&key), "{text}");
        let (app, key) = with_record(&browser, StorageKind::Local, text);
        assert!(app.session().is_none());
        assert!(!browser.local.borrow().contains_key(&key), "{text}");
    }
}

#[test]
fn a_tab_that_found_a_record_that_makes_no_sense_removes_no_later_one() {
    for kind in SHARED {
        for seed in 0..20 {
            let browser = Browser::new(seed);
            let (app, _) = with_record(&browser, kind, "{");
            let other = App::signed_in(&browser, kind);
            browser.run();
            assert!(app.session().is_some() && app.session() == other.session(), "{kind:?}");
            // Whatever it writes next is of the session that is there.
            assert!(app.upgrade("write").is_ok(), "{kind:?} {seed}");
            browser.run();
            assert!(App::in_tab(&browser, kind).has("write"), "{kind:?} {seed}");
            browser.close();
        }
    }
}

#[test]
fn a_failed_sign_in_of_a_tab_that_found_a_record_that_makes_no_sense_ends_no_other_session() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, _) = with_record(&browser, kind, "{");
        let other = App::signed_in(&browser, kind);
        browser.run();
        browser.network.next(Fate::Status(400));
        assert_eq!(code(app.popup()), "http");
        browser.run();
        assert!(other.reload(ORIGIN).session().is_some(), "{kind:?}");
    }
}

#[test]
fn a_code_is_sent_once_and_signs_in_where_storage_refuses_everything_by_now() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        drop(app.client.sign_in(SignInOptions::default()));
        let app = app.follow();
        app.page.refuses_writes.set(true);
        let url = scopewise::host::Page::url(&*app.page);
        assert!(app.handled().is_ok(), "{kind:?}");
        assert!(app.has("read") && !app.client.is_persisted(), "{kind:?}");
        let again = app.client.handle_callback(Some(&url));
        assert!(Call::start(&app.page, again).wait(&browser).unwrap().is_some());
        assert_eq!(browser.network.grants("authorization_code"), 1, "{kind:?}");
        // Nor after a reload, though the page could not note that it was sent.
        let app = app.reload(&url);
        assert!(app.handled().is_err());
        assert_eq!(browser.network.grants("authorization_code"), 1, "{kind:?}");
    }
}

#[test]
fn an_upgrade_comes_back_where_storage_refuses_everything_by_now() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        drop(app.client.upgrade(set("write"), SignInOptions::default()));
        let app = app.follow();
        app.page.refuses_writes.set(true);
        assert_eq!(app.handled().unwrap().unwrap().status.as_str(), "granted", "{kind:?}");
        assert!(app.has("write") && !app.client.is_persisted(), "{kind:?}");
    }
}

#[test]
fn a_session_in_memory_alone_ends_with_a_sign_out_that_leaves_no_note() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = beside_another(&browser, kind);
        browser.run();
        assert!(app.session() != other.session() && !app.client.is_persisted());
        other.page.refuses_writes.set(true);
        other.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert!(app.session().is_none(), "{kind:?}");
    }
}

#[test]
fn a_session_of_each_tabs_own_ends_with_a_sign_out_that_leaves_no_note() {
    for kind in [StorageKind::Session, StorageKind::Memory] {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::signed_in(&browser, kind));
        let (changes, _subscription) = app.count_changes();
        other.page.refuses_writes.set(true);
        other.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert_eq!((app.session().is_none(), changes.get()), (true, 1), "{kind:?}");
        assert!(app.reload(ORIGIN).session().is_none(), "{kind:?}");
    }
}

#[test]
fn after_a_session_in_memory_alone_has_ended_the_next_that_is_stored_is_seen() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = beside_another(&browser, kind);
        other.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert!(app.session().is_none() && app.client.is_persisted(), "{kind:?}");
        other.popup().unwrap();
        browser.run();
        assert!(app.session().is_some() && app.session() == other.session(), "{kind:?}");
    }
}

#[test]
fn listeners_hear_that_a_session_is_in_memory_alone() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        let told = Rc::new(std::cell::Cell::new(true));
        let (teller, client) = (told.clone(), app.client.clone());
        let _subscription = app.client.subscribe(Rc::new(move || teller.set(client.is_persisted())));
        app.page.refuses_writes.set(true);
        app.popup().unwrap();
        assert!(!told.get(), "{kind:?}");
        app.page.refuses_writes.set(false);
        app.upgrade("write").unwrap();
        assert!(told.get(), "{kind:?}");
    }
}

#[test]
fn a_refresh_token_that_cannot_be_noted_as_sent_is_sent_by_nobody_else() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        app.page.refuses_writes.set(true);
        assert_eq!(
            app.forced_token().wait(&browser).unwrap().secret(),
            "access-1",
            "{kind:?}"
        );
        browser.run();
        drop(other.forced_token().wait(&browser));
        assert_eq!(browser.server.borrow().reuses, 0, "{kind:?}");
        assert_eq!(
            app.forced_token().wait(&browser).unwrap().secret(),
            "access-2",
            "{kind:?}"
        );
    }
}

#[test]
fn a_refusal_in_another_tab_does_not_end_a_session_that_is_in_memory_alone() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = beside_another(&browser, kind);
        browser.network.next(refusal());
        assert_eq!(code(other.forced_token().wait(&browser)), "invalid_grant");
        browser.run();
        assert!(app.session().is_some() && other.session().is_none(), "{kind:?}");
    }
}

#[test]
fn a_session_in_memory_alone_that_is_renewed_leaves_another_that_is_stored() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = beside_another(&browser, kind);
        let before = other.stored_token();
        for _ in 0..2 {
            app.forced_token().wait(&browser).unwrap();
        }
        browser.run();
        assert_eq!(other.stored_token(), before, "{kind:?}");
        assert_eq!(App::in_tab(&browser, kind).stored_token(), before, "{kind:?}");
    }
}

#[test]
fn a_session_that_storage_refuses_leaves_nobody_elses_behind_that_it_replaced() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let other = App::in_tab(&browser, kind);
        browser.run();
        browser.server.borrow_mut().decide(Decision::As("grace"));
        app.page.refuses_writes.set(true);
        app.popup().unwrap();
        browser.run();
        assert_eq!(app.session().unwrap().subject(), Some("grace"), "{kind:?}");
        assert!(!app.client.is_persisted() && other.session().is_none(), "{kind:?}");
        assert!(
            app.reload(ORIGIN).session().is_none(),
            "signed out, and not ada again: {kind:?}"
        );
    }
}

#[test]
fn a_session_stays_where_storage_refuses_to_be_read_by_now() {
    for kind in [StorageKind::Session, StorageKind::Local] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let (changes, _subscription) = app.count_changes();
        app.page.refuses_reads.set(true);
        assert!(app.token().wait(&browser).is_ok(), "{kind:?}");
        assert_eq!((app.has("read"), changes.get()), (true, 0), "{kind:?}");
        // Its refresh token is sent once, and what comes of it lives in memory.
        for renewed in ["access-1", "access-2"] {
            let token = app.forced_token().wait(&browser).unwrap();
            assert_eq!(token.secret(), renewed, "{kind:?}");
        }
        assert_eq!(browser.server.borrow().reuses, 0, "{kind:?}");
        assert!(!app.client.is_persisted(), "{kind:?}");
        app.sign_out(true).wait(&browser).unwrap();
        assert!(app.session().is_none(), "{kind:?}");
    }
}

#[test]
fn a_request_that_storage_refused_at_first_is_not_left_in_memory() {
    for kind in [StorageKind::Session, StorageKind::Local] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        app.page.refuses_writes.set(true);
        let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
        app.page.refuses_writes.set(false);
        assert!(Call::start(&app.page, call).wait(&browser).is_ok(), "{kind:?}");
        let left = app.page.memory().keys("scopewise:");
        assert!(left.iter().all(|key| !key.contains(":tx:")), "{kind:?} {left:?}");
    }
}

#[test]
fn a_sign_in_is_not_undone_by_an_earlier_sign_out_that_could_not_be_read_meanwhile() {
    for kind in [StorageKind::Session, StorageKind::Local] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        app.sign_out(true).wait(&browser).unwrap();
        app.page.refuses_reads.set(true);
        app.popup().unwrap();
        app.page.refuses_reads.set(false);
        assert!(app.forced_token().wait(&browser).is_ok(), "{kind:?}");
        assert!(app.reload(ORIGIN).session().is_some(), "{kind:?}");
    }
}

#[test]
fn a_code_is_sent_once_where_storage_took_what_it_refused_and_then_was_cleared() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    app.page.refuses_writes.set(true);
    let request = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
    app.page.refuses_writes.set(false);
    let visit = browser.server.borrow_mut().authorize(&request.url, browser.seconds());
    let url = visit.url();
    let handled = || Call::start(&app.page, app.client.handle_callback(Some(&url))).wait(&browser);
    assert!(handled().unwrap().is_some());
    for storage in [app.page.transaction_storage(app.kind), app.page.shared_storage()] {
        storage.keys("").iter().for_each(|key| assert!(storage.set(key, None)));
    }
    assert_eq!(code(handled()), "transaction_missing");
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn a_page_without_web_storage_signs_in_in_a_popup_and_does_not_leave() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let page = browser.open_tab(ORIGIN);
        page.is_without_web_storage.set(true);
        let app = App::open(page, kind, known_options());
        app.popup().unwrap();
        app.upgrade("write").unwrap();
        assert!(app.has("read write"), "{kind:?}");
        let leaving = Call::start(&app.page, app.client.sign_in(SignInOptions::default()));
        assert_eq!(code(leaving.wait(&browser)), "storage_unavailable", "{kind:?}");
        assert!(app.page.destination().is_none(), "{kind:?}");
    }
}
