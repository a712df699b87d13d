//! A client that is closed while its calls are under way.

use std::cell::RefCell;
use std::rc::Rc;

use scopewise::client::{
    DpopProofOptions, FetchError, FetchOptions, InteractionMode, OnMissing, SignInOptions, SignOutOptions, TokenOptions,
};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::error::Result;
use scopewise::core::scope::Scope;
use scopewise::host::StorageKind;

use crate::app::{App, code, known_options, options, set};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call, Fate};
use crate::remembered::after_an_upgrade;
use crate::server::ORIGIN;

const KINDS: [StorageKind; 3] = [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb];

#[test]
fn the_answer_to_a_refresh_under_way_is_stored_and_its_listeners_hear_nothing() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let (changes, _subscription) = app.count_changes();
        browser.network.next(Fate::Slow(500));
        let call = app.forced_token();
        assert!(browser.run_until(|| browser.network.grants("refresh_token") == 1));
        app.client.close();
        browser.run();
        assert!(call.is_done() && browser.locks.names().is_empty());
        assert_eq!(changes.get(), 0);
        let next = app.reload(ORIGIN);
        assert_eq!(next.stored_token().as_deref(), Some("access-1"), "{kind:?}");
        assert_eq!(next.forced_token().wait(&browser).unwrap().secret(), "access-2");
    }
}

#[test]
fn a_refresh_that_waits_for_its_turn_ends_and_sends_nothing() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    let other = App::in_tab(&browser, StorageKind::Local);
    browser.network.next(Fate::Slow(500));
    let first = app.forced_token();
    assert!(browser.run_until(|| browser.network.grants("refresh_token") == 1));
    let waiting = other.forced_token();
    browser.run_now();
    other.client.close();
    assert_eq!(code(waiting.wait(&browser)), "aborted");
    assert_eq!(first.wait(&browser).unwrap().secret(), "access-1");
    browser.run();
    assert!(browser.locks.names().is_empty());
    assert_eq!(browser.network.grants("refresh_token"), 1);
}

#[test]
fn a_code_that_was_sent_is_not_lost() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        drop(app.client.sign_in(Default::default()));
        let app = app.follow();
        browser.network.next(Fate::Slow(500));
        let call = app.handle();
        assert!(browser.run_until(|| browser.network.grants("authorization_code") == 1));
        app.client.close();
        browser.run();
        assert!(call.is_done());
        assert_eq!(
            app.reload(ORIGIN).stored_token().as_deref(),
            Some("access-0"),
            "{kind:?}"
        );
    }
}

#[test]
fn a_sign_out_under_way_reaches_the_other_tabs() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let other = App::in_tab(&browser, kind);
        if kind == StorageKind::Session {
            other.popup().unwrap();
        }
        browser.run();
        assert!(other.session().is_some());
        let call = app.sign_out(true);
        app.client.close();
        browser.run();
        assert!(call.take().unwrap().is_ok());
        assert!(other.session().is_none(), "{kind:?}");
    }
}

#[test]
fn a_sign_out_under_way_leaves_no_page_any_more() {
    for options in [options(), known_options()] {
        let browser = Browser::new(1);
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        app.popup().unwrap();
        browser.network.next(Fate::Slow(500));
        let call = app.sign_out(false);
        assert!(browser.run_until(|| browser.network.count("/revoke") == 1));
        app.client.close();
        assert_eq!(code(call.wait(&browser)), "aborted");
        assert!(app.page.destination().is_none());
    }
}

#[test]
fn a_tab_that_wakes_asks_for_nothing_any_more() {
    // It is about to ask for the metadata by then.
    for steps in 0..8 {
        let browser = Browser::new(1);
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::IndexedDb, options());
        app.popup().unwrap();
        let app = app.reload(ORIGIN);
        browser.run();
        browser.clock.advance(3_601_000.0);
        let requests = || browser.network.requests.borrow().len();
        let before = requests();
        browser.resume(&app.page);
        for _ in 0..steps {
            browser.step();
        }
        app.client.close();
        browser.run();
        assert_eq!(requests(), before, "{steps}");
        assert!(browser.locks.names().is_empty());
    }
}

#[test]
fn a_page_is_not_left_and_nobody_asked_once_the_metadata_is_there() {
    for mode in [
        InteractionMode::Redirect,
        InteractionMode::Popup,
        InteractionMode::Silent,
    ] {
        let browser = Browser::new(1);
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options());
        browser.network.next(Fate::Slow(500));
        let call = Call::start(&app.page, app.client.sign_in(SignInOptions::new(mode)));
        assert!(browser.run_until(|| browser.network.count("openid-configuration") == 1));
        app.client.close();
        assert_eq!(code(call.wait(&browser)), "aborted", "{mode:?}");
        assert!(app.page.destination().is_none());
        assert!(browser.server.borrow().asked.is_empty());
        assert_eq!(
            app.page.closed_popups.get(),
            usize::from(mode == InteractionMode::Popup)
        );
    }
}

#[test]
fn a_call_of_an_api_that_wants_more_asks_nobody_any_more() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let popups = app.page.closed_popups.get();
    let call = FakeCall::new(&app.page, "https://app.example/api", "write");
    let request = call.clone();
    let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
    let fetch = app.start(|client| async move { client.fetch(&*request, &options).await });
    assert!(browser.run_until(|| call.count.get() == 1));
    app.client.close();
    match fetch.wait(&browser) {
        Err(FetchError::Client(error)) => assert_eq!(error.code(), "aborted"),
        _ => panic!("fetch"),
    }
    assert_eq!(app.page.closed_popups.get(), popups);
}

#[test]
fn another_client_goes_on_as_if_nothing_had_happened() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    let other = App::in_tab(&browser, StorageKind::Local);
    let (changes, _subscription) = other.count_changes();
    browser.run();
    app.client.close();
    browser.run();
    assert_eq!(changes.get(), 0);
    assert_eq!(other.forced_token().wait(&browser).unwrap().secret(), "access-1");
    assert_eq!(code(app.token().wait(&browser)), "invalid_options");
}

#[test]
fn every_method_says_that_the_client_is_closed() {
    fn check<T>(name: &str, result: Result<T>) {
        let told = result.err().map(|error| error.message());
        assert!(told.is_some_and(|text| text.contains("was closed")), "{name}");
    }
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let (client, page) = (app.client.clone(), &app.page);
    client.close();
    let (read, scope) = (set("read"), Scope::parse("read").unwrap());
    check("has_scope", client.has_scope(&read, None));
    check("has_any_scope", client.has_any_scope(&read, None));
    check("missing_scopes", client.missing_scopes(&read, None));
    check("scope_status", client.scope_status(&scope, None));
    check("explain_scope", client.explain_scope(&scope, None));
    check("scope_report", client.scope_report(&read));
    check("id_token", client.id_token());
    check("authorize_url", client.authorize_url(&AuthorizeOptions::default()));
    let options = SignInOptions::default;
    check("sign_in", Call::start(page, client.sign_in(options())).wait(&browser));
    let upgrade = client.upgrade(read, options());
    check("upgrade", Call::start(page, upgrade).wait(&browser));
    let callback = client.handle_callback(Some("https://app.example/callback?code=a&state=b"));
    check("handle_callback", Call::start(page, callback).wait(&browser));
    let sign_out = app.start(|client| async move { client.sign_out(SignOutOptions::local()).await });
    check("sign_out", sign_out.wait(&browser));
    let prepare = app.start(|client| async move { client.prepare().await });
    check("prepare", prepare.wait(&browser));
    let token = app.start(|client| async move { client.get_access_token(TokenOptions::default()).await });
    check("get_access_token", token.wait(&browser));
    let user_info = app.start(|client| async move { client.user_info().await });
    check("user_info", user_info.wait(&browser));
    let api_scopes = app.start(|client| async move { client.api_scopes("https://app.example/api").await });
    check("api_scopes", api_scopes.wait(&browser));
    let proof = app.start(|client| async move {
        let options = DpopProofOptions::default();
        client.dpop_proof("https://app.example/api", "GET", options).await
    });
    check("dpop_proof", proof.wait(&browser));
    let call = FakeCall::new(page, "https://app.example/api", "read");
    let fetch = app.start(|client| async move { client.fetch(&*call, &FetchOptions::default()).await });
    match fetch.wait(&browser) {
        Err(FetchError::Client(error)) => check::<()>("fetch", Err(error)),
        _ => panic!("fetch"),
    }
}

#[test]
fn each_subscription_ends_by_itself() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let (first, first_subscription) = app.count_changes();
    let (second, second_subscription) = app.count_changes();
    let counts = || (first.get() > 0, second.get() > 0);
    app.popup().unwrap();
    assert_eq!(counts(), (true, true));
    drop(first_subscription);
    first.set(0);
    second.set(0);
    app.popup().unwrap();
    assert_eq!(counts(), (false, true));
    drop(second_subscription);
    first.set(0);
    second.set(0);
    app.popup().unwrap();
    assert_eq!(counts(), (false, false));
}

#[test]
fn who_is_not_there_any_more_is_not_told() {
    for closes in [false, true] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        let second = Rc::new(RefCell::new(None));
        let (client, ended) = (app.client.clone(), second.clone());
        let _first = app.client.subscribe(Rc::new(move || match closes {
            true => client.close(),
            false => drop(ended.take()),
        }));
        let (changes, subscription) = app.count_changes();
        second.replace(Some(subscription));
        app.popup().unwrap();
        assert_eq!(changes.get(), 0, "{closes}");
    }
}

#[test]
fn a_client_is_the_same_as_its_clones_and_no_other() {
    let browser = Browser::new(1);
    let (app, other) = (
        App::in_tab(&browser, StorageKind::Session),
        App::in_tab(&browser, StorageKind::Session),
    );
    assert!(app.client == app.client.clone());
    assert!(app.client != other.client);
}

#[test]
fn its_storage_is_closed_with_it() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        assert_eq!(app.page.closed_storages.get(), 0);
        app.client.close();
        assert_eq!(app.page.closed_storages.get(), 1, "{kind:?}");
    }
}

#[test]
fn what_was_granted_before_is_asked_for_no_more() {
    for seed in 0..20 {
        let browser = Browser::new(seed);
        let app = after_an_upgrade(&browser);
        let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
        let call = Call::start(&app.page, call);
        assert!(browser.run_until(|| app.session().is_some()));
        app.client.close();
        assert!(call.wait(&browser).is_ok());
        browser.run();
        assert!(app.page.frame_question.take().is_none(), "{seed}");
        browser.close();
    }
}
