//! What tabs know of each other.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, KINDS, SHARED, code, known_options, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{Decision, ORIGIN, answer};

/// Two tabs with a session.
fn two_tabs(browser: &Rc<Browser>, kind: StorageKind) -> (App, App) {
    let app = App::signed_in(browser, kind);
    let other = App::in_tab(browser, kind);
    browser.run();
    assert!(other.session() == app.session());
    (app, other)
}

/// A refresh in a tab whose answer takes a while.
fn slow_refresh(
    browser: &Browser,
    app: &App,
    fate: Fate,
) -> Call<Result<scopewise::core::secret::AccessToken, scopewise::core::error::Error>> {
    browser.network.next(fate);
    let call = app.forced_token();
    browser.run_until(|| browser.network.grants("refresh_token") == 1);
    browser.run_now();
    call
}

#[test]
fn c210_what_one_tab_does_shows_in_the_others() {
    for kind in SHARED {
        for seed in 0..20 {
            let browser = Browser::new(seed);
            let other = App::in_tab(&browser, kind);
            let (changes, _subscription) = other.count_changes();
            let app = App::signed_in(&browser, kind);
            browser.run();
            assert_eq!((other.has("read"), changes.get()), (true, 1));
            app.upgrade("write").unwrap();
            browser.run();
            assert_eq!((other.has("write"), changes.get()), (true, 2));
            let token = app.forced_token().wait(&browser).unwrap();
            browser.run();
            assert_eq!(other.token().wait(&browser).unwrap(), token);
            assert_eq!(browser.network.grants("refresh_token"), 1);
            app.sign_out(true).wait(&browser).unwrap();
            browser.run();
            assert!(other.session().is_none());
            assert_eq!(code(other.token().wait(&browser)), "not_signed_in");
            browser.close();
        }
    }
}

#[test]
fn c210_storage_of_each_tabs_own_a_sign_out_is_one_for_all() {
    for kind in [StorageKind::Session, StorageKind::Memory] {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::signed_in(&browser, kind));
        assert!(app.session() != other.session());
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert!(other.session().is_none());
        assert!(other.reload(ORIGIN).session().is_none());
    }
}

#[test]
fn c210_a_tab_that_is_signed_out_does_not_store_the_answer_to_its_refresh() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = two_tabs(&browser, kind);
        let refreshing = slow_refresh(&browser, &other, Fate::Slow(1_000));
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        assert_eq!(code(refreshing.take().unwrap()), "not_signed_in");
        for tab in [&app, &other, &App::in_tab(&browser, kind)] {
            assert!(tab.session().is_none());
        }
        assert_eq!(browser.server.borrow().revoked, ["refresh-1"]);
    }
}

#[test]
fn c217_a_tab_dies_in_the_middle_of_a_refresh_the_others_send_its_token_no_second_time() {
    for kind in SHARED {
        for seed in 0..100 {
            let browser = Browser::new(seed);
            browser.server.borrow_mut().user = None;
            let app = App::in_tab(&browser, kind);
            browser.server.borrow_mut().user = Some("ada");
            app.popup().unwrap();
            let other = App::in_tab(&browser, kind);
            browser.server.borrow_mut().user = None;
            browser.clock.advance(3_601_000.0);
            let _call = other.token();
            for _ in 0..browser.below(30) {
                browser.step();
            }
            let waiting = app.token();
            browser.run_until(|| browser.below(10) == 0);
            other.page.end();
            let result = waiting.wait(&browser);
            browser.run();
            let refreshes = browser.network.refreshes.borrow();
            let first = refreshes.iter().filter(|sent| sent.token == "refresh-0");
            assert!(first.count() <= 1, "{refreshes:?}");
            if let Err(error) = result {
                let is_known = ["token_response_lost", "login_required"].contains(&error.code());
                assert!(is_known, "{error}");
            }
            assert!(app.session().is_some() && browser.locks.names().is_empty());
            drop(refreshes);
            browser.close();
        }
    }
}

#[test]
fn c178_two_tabs_get_different_scopes_at_the_same_time_and_nothing_is_lost() {
    for kind in SHARED {
        for seed in 0..50 {
            let browser = Browser::new(seed);
            let (app, other) = two_tabs(&browser, kind);
            let api = scopewise::core::target::Target::new(Some("two".to_owned()), Vec::new()).unwrap();
            let upgrade = |app: &App, scope: &str, target: Option<_>| {
                let mut options = SignInOptions::new(InteractionMode::Popup);
                options.authorize.target = target;
                Call::start(&app.page, app.client.upgrade(set(scope), options))
            };
            let calls = [
                upgrade(&app, "write", None),
                upgrade(&other, "read:y", Some(api.clone())),
            ];
            browser.run();
            for call in calls {
                assert_eq!(call.take().unwrap().unwrap().status.as_str(), "granted");
            }
            for tab in [&app, &other, &App::in_tab(&browser, kind)] {
                assert!(tab.has("openid read write"));
                assert!(tab.client.has_scope(&set("read:y"), Some(&api)).unwrap());
                assert!(tab.session() == app.session());
            }
            browser.close();
        }
    }
}

#[test]
fn c225_a_tab_whose_refresh_is_refused_takes_the_token_that_another_one_stored() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = two_tabs(&browser, kind);
        // The server's mind is made up, and its answer slow.
        browser.server.borrow_mut().revoke_all();
        let refreshing = slow_refresh(&browser, &other, Fate::Slow(1_000));
        app.popup().unwrap();
        browser.run();
        assert_eq!(refreshing.take().unwrap().unwrap().secret(), "access-1");
        for tab in [&app, &other] {
            assert_eq!(tab.stored_token().as_deref(), Some("access-1"));
        }
    }
}

#[test]
fn c229_twenty_tabs_wake_after_a_long_sleep_one_request() {
    for kind in SHARED {
        for seed in 0..10 {
            let browser = Browser::new(seed);
            let mut tabs = vec![App::signed_in(&browser, kind)];
            tabs.extend((0..19).map(|_| App::in_tab(&browser, kind)));
            browser.clock.advance(36_000_000.0);
            tabs.iter().for_each(|app| browser.resume(&app.page));
            browser.run();
            assert_eq!(browser.network.grants("refresh_token"), 1);
            for tab in &tabs {
                assert_eq!(tab.token().wait(&browser).unwrap().secret(), "access-1");
            }
            browser.close();
        }
    }
}

#[test]
fn c233_a_refresh_that_is_answered_after_an_upgrade_is_dropped_and_the_grant_lives() {
    for kind in SHARED {
        let browser = Browser::new(1);
        browser.server.borrow_mut().has_one_grant = true;
        let (app, other) = two_tabs(&browser, kind);
        let refreshing = slow_refresh(&browser, &other, Fate::Slow(1_000));
        app.upgrade("write").unwrap();
        let before = app.session();
        browser.run();
        assert_eq!(refreshing.take().unwrap().unwrap().secret(), "access-2");
        assert!(app.session() == before && other.session() == before);
        assert!(other.has("write"));
        assert!(browser.server.borrow().revoked.is_empty());
        assert!(app.forced_token().wait(&browser).is_ok());
    }
}

#[test]
fn c233_a_refresh_that_is_answered_after_another_user_signed_in_is_given_up() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = two_tabs(&browser, kind);
        let refreshing = slow_refresh(&browser, &other, Fate::Slow(1_000));
        browser.server.borrow_mut().decide(Decision::As("eve"));
        app.popup().unwrap();
        browser.run();
        assert_eq!(code(refreshing.take().unwrap()), "not_signed_in");
        assert_eq!(browser.server.borrow().revoked, ["refresh-1"]);
        assert_eq!(other.session().unwrap().subject(), Some("eve"));
        assert!(other.forced_token().wait(&browser).is_ok());
    }
}

#[test]
fn c208_a_record_that_is_gone_or_makes_no_sense_is_signed_out_everywhere() {
    for text in [None, Some("{"), Some("{\"v\":2}"), Some("null")] {
        let browser = Browser::new(1);
        let (app, other) = two_tabs(&browser, StorageKind::Local);
        let key = app.session_key();
        let storage = app.page.local().clone();
        scopewise::host::Storage::set(&*storage, &key, text);
        browser.run();
        assert!(other.session().is_none());
        assert_eq!(code(app.forced_token().wait(&browser)), "not_signed_in");
        assert!(app.popup().is_ok());
        browser.run();
        assert!(other.session() == app.session());
    }
}

#[test]
fn a_later_versions_record_is_left_alone() {
    let browser = Browser::new(1);
    let (app, other) = two_tabs(&browser, StorageKind::Local);
    let key = app.session_key();
    let text = json!({ "v": 99 }).to_string();
    scopewise::host::Storage::set(&**app.page.local(), &key, Some(&text));
    browser.run();
    assert!(other.session().is_none());
    assert_eq!(browser.local.borrow().get(&key), Some(&text));
}

#[test]
fn a_refusal_of_one_tabs_own_session_ends_no_other() {
    let browser = Browser::new(1);
    let kind = StorageKind::Session;
    let (app, other) = (App::signed_in(&browser, kind), App::signed_in(&browser, kind));
    browser.network.next(Fate::Scripted(Box::new(|_| {
        answer(400, json!({ "error": "invalid_grant" }))
    })));
    assert_eq!(code(app.forced_token().wait(&browser)), "invalid_grant");
    browser.run();
    assert!(app.session().is_none() && other.session().is_some());
}

#[test]
fn copies_of_a_tab_share_a_refresh() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.run();
        let page = browser.load(app.page.tab.copy(), ORIGIN);
        let copy = App::open(page, StorageKind::Session, known_options());
        browser.run();
        assert!(copy.session().is_some() && copy.session() == app.session());
        browser.clock.advance(3_601_000.0);
        let calls = [app.token(), copy.token(), app.token(), copy.token()];
        browser.run();
        for call in calls {
            assert_eq!(call.take().unwrap().unwrap().secret(), "access-1");
        }
        assert_eq!(browser.network.grants("refresh_token"), 1);
        browser.close();
    }
}

#[test]
fn a_copy_of_a_tab_that_opens_again_takes_what_the_other_got_meanwhile() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let page = browser.load(app.page.tab.copy(), ORIGIN);
    let copy = App::open(page, StorageKind::Session, known_options());
    browser.run();
    copy.page.end();
    app.upgrade("write").unwrap();
    let copy = copy.reload(ORIGIN);
    assert!(!copy.has("write"), "its own record is from before");
    browser.run();
    assert!(copy.has("write"));
    assert_eq!(copy.session(), app.session());
}

#[test]
fn a_tab_where_nobody_is_signed_in_tells_nobody_of_a_sign_out() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        app.sign_out(true).wait(&browser).unwrap();
        browser.run();
        let other = App::in_tab(&browser, kind);
        let (changes, _subscription) = other.count_changes();
        app.sign_out(true).wait(&browser).unwrap();
        browser.resume(&other.page);
        browser.run();
        assert_eq!(changes.get(), 0, "{kind:?}");
    }
}

#[test]
fn a_session_that_has_not_changed_is_the_same_object() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let before = app.session().unwrap();
        let (changes, _subscription) = app.count_changes();
        for _ in 0..2 {
            browser.resume(&app.page);
            browser.run();
            assert!(Rc::ptr_eq(&app.session().unwrap(), &before), "{kind:?}");
        }
        assert_eq!(changes.get(), 0);
    }
}

#[test]
fn an_upgrade_looks_first_for_what_another_tab_got() {
    let browser = Browser::new(1);
    let (app, other) = two_tabs(&browser, StorageKind::Local);
    app.page.is_away.set(true);
    other.upgrade("write").unwrap();
    browser.run();
    let popups = app.page.closed_popups.get();
    let outcome = app.upgrade("write").unwrap();
    assert_eq!((outcome.status.as_str(), outcome.requested), ("granted", set("write")));
    assert_eq!(app.page.closed_popups.get(), popups, "nobody is asked again");
}

#[test]
fn the_end_of_a_grant_is_told_when_a_device_wakes() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().issues_refresh_tokens = false;
    let app = App::signed_in(&browser, StorageKind::Session);
    let (changes, _subscription) = app.count_changes();
    // Timers do not count the time that a device sleeps.
    browser.clock.doze(3_601_000.0);
    browser.run();
    assert_eq!(changes.get(), 0);
    browser.resume(&app.page);
    browser.run();
    assert_eq!((app.client.is_expired(), changes.get()), (true, 1));
}
