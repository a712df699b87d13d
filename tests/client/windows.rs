//! Requests whose answer comes to a window or frame of its own.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome, ResponseMode};
use scopewise::core::error::Result;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;

use crate::app::{App, KINDS, code, options, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{Decision, ORIGIN, query};

/// What the hidden frame is asked by a call that nobody sees.
fn silent_question(app: &App, call: scopewise::host::Pending<'static, Result<Outcome>>) -> String {
    Call::start(&app.page, call).wait(app.browser()).unwrap();
    app.page.frame_question.take().unwrap()
}

#[test]
fn who_is_asked_about_silently_is_told_by_the_id_token() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let silent = || SignInOptions::new(InteractionMode::Silent);
    let question = silent_question(&app, app.client.sign_in(silent()));
    assert_eq!(query(&question, "id_token_hint"), None);
    let hint = || app.client.id_token().unwrap();
    let held = hint();
    assert!(held.is_some());
    let question = silent_question(&app, app.client.sign_in(silent()));
    assert_eq!(query(&question, "id_token_hint"), held);
    let held = hint();
    let question = silent_question(&app, app.client.upgrade(set("write"), silent()));
    assert_eq!(query(&question, "id_token_hint"), held);
    // Where the user is asked, the page's URL has no such thing in it.
    drop(app.client.upgrade(set("admin"), SignInOptions::default()));
    assert_eq!(query(&app.page.destination().unwrap(), "id_token_hint"), None);
}

#[test]
fn a_popup_is_closed_before_its_code_is_traded() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    browser.network.next(Fate::Slow(5_000));
    let call = Call::start(
        &app.page,
        app.client.sign_in(SignInOptions::new(InteractionMode::Popup)),
    );
    assert!(browser.run_until(|| browser.network.grants("authorization_code") == 1));
    assert_eq!(app.page.closed_popups.get(), 1);
    assert_eq!(call.wait(&browser).unwrap().status.as_str(), "granted");
    assert_eq!(app.page.closed_popups.get(), 1);
}

#[test]
fn c258_an_answer_to_another_request_is_none_to_this_one() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let other = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
    let answer = browser
        .server
        .borrow_mut()
        .authorize(&other.url, browser.seconds())
        .url();
    app.page.wrong_answer.replace(Some(answer.clone()));
    assert_eq!(code(app.popup()), "response_malformed");
    assert_eq!(browser.network.grants("authorization_code"), 0);
    // It is still there for whoever asked.
    let call = Call::start(&app.page, app.client.handle_callback(Some(&answer)));
    assert!(call.wait(&browser).unwrap().is_some());
}

#[test]
fn the_frame_in_place_of_a_lost_refresh_is_told_too() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let held = app.client.id_token().unwrap();
    browser.clock.advance(3_700_000.0);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
    browser.clock.advance(60_000.0);
    app.token().wait(&browser).unwrap();
    let question = app.page.frame_question.take().unwrap();
    assert_eq!(query(&question, "id_token_hint"), held);
}

/// Two tabs that are signed in, each by itself where tabs share nothing.
fn two_tabs(browser: &Rc<Browser>, kind: StorageKind) -> [App; 2] {
    let app = App::signed_in(browser, kind);
    let other = App::in_tab(browser, kind);
    browser.run();
    if other.session().is_none() {
        other.popup().unwrap();
    }
    [app, other]
}

/// The calls of an application whose answer comes to a window or frame.
fn asked(app: &App, which: usize) -> Call<Result<Outcome>> {
    let mode = [InteractionMode::Popup, InteractionMode::Silent][which % 2];
    let options = SignInOptions::new(mode);
    let call = match which / 2 {
        0 => app.client.upgrade(set("write"), options),
        _ => app.client.sign_in(options),
    };
    Call::start(&app.page, call)
}

#[test]
fn an_answer_that_comes_after_a_sign_out_elsewhere_signs_nobody_in() {
    for kind in KINDS {
        for (which, turns) in (0..4).flat_map(|which| (0..30).map(move |turns| (which, turns))) {
            let browser = Browser::new(turns);
            let [app, other] = two_tabs(&browser, kind);
            let call = asked(&app, which);
            for _ in 0..turns {
                browser.step();
            }
            // What is sent from now on is answered when everybody knows.
            browser.network.next(Fate::Slow(10_000));
            other.sign_out(true).wait(&browser).unwrap();
            browser.run();
            let is_anybody = [&app, &other].iter().any(|app| app.session().is_some());
            assert!(!is_anybody, "{kind:?} {which} {turns}");
            if let Err(error) = call.take().unwrap() {
                assert_eq!(error.code(), "transaction_missing");
            }
            browser.close();
        }
    }
}

#[test]
fn an_answer_in_the_fragment_or_in_a_jwt_is_as_late_after_a_sign_out_as_any() {
    for (mode, kind) in [
        (ResponseMode::Fragment, StorageKind::Local),
        (ResponseMode::QueryJwt, StorageKind::Session),
    ] {
        for seed in 0..60 {
            let browser = Browser::new(seed);
            let [app, other] = two_tabs(&browser, kind);
            let authorize = AuthorizeOptions::default().with_response_mode(mode);
            let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
            let call = Call::start(&app.page, app.client.upgrade(set("write"), options));
            app.page.freeze(true);
            other.sign_out(true).wait(&browser).unwrap();
            app.page.freeze(false);
            assert_eq!(code(call.wait(&browser)), "transaction_missing", "{mode:?} {seed}");
            browser.close();
        }
    }
}

#[test]
fn a_sign_out_also_ends_a_request_that_waits_for_the_servers_metadata() {
    for kind in KINDS {
        for which in 0..4 {
            let browser = Browser::new(1);
            let [_, other] = two_tabs(&browser, kind);
            let page = if kind == StorageKind::Session {
                other.page.reload(ORIGIN)
            } else {
                browser.open_tab(ORIGIN)
            };
            let app = App::open(page, kind, options());
            if app.session().is_none() {
                app.popup().unwrap();
                // The page forgets what it discovered, and not who is signed in.
                continue;
            }
            browser.network.next(Fate::Slow(1_000));
            let call = asked(&app, which);
            browser.run_now();
            let signing_out = if kind == StorageKind::Session { &app } else { &other };
            signing_out.sign_out(true).wait(&browser).unwrap();
            assert_eq!(code(call.wait(&browser)), "transaction_missing");
            browser.run();
            assert!(app.session().is_none());
            assert_eq!(app.page.closed_popups.get(), usize::from(which % 2 == 0));
        }
    }
}

#[test]
fn an_answer_for_a_user_who_is_not_there_any_more_is_nobodys() {
    for kind in [StorageKind::Local, StorageKind::IndexedDb] {
        for which in 0..4 {
            let browser = Browser::new(which as u64);
            let [app, other] = two_tabs(&browser, kind);
            browser.network.next(Fate::Slow(10_000));
            let call = asked(&app, which);
            browser.run_until(|| browser.network.grants("authorization_code") == 2);
            browser.server.borrow_mut().decide(Decision::As("eve"));
            other.popup().unwrap();
            assert_eq!(code(call.wait(&browser)), "transaction_missing");
            browser.run();
            assert_eq!(app.session().unwrap().subject(), Some("eve"));
            // What came is given up, and the session that is there is not.
            assert_eq!(browser.server.borrow().revoked, ["refresh-1"]);
        }
    }
}

#[test]
fn a_no_for_a_user_who_is_not_there_any_more_is_not_noted_for_another() {
    let browser = Browser::new(1);
    let [app, other] = two_tabs(&browser, StorageKind::Local);
    browser.server.borrow_mut().decide(Decision::Deny);
    let call = asked(&app, 0);
    // The answer waits for its turn.
    let name = browser.run_until(|| !browser.locks.names().is_empty());
    assert!(name);
    browser.server.borrow_mut().decide(Decision::As("eve"));
    other.popup().unwrap();
    let result = call.wait(&browser);
    browser.run();
    let session = app.session().unwrap();
    assert_eq!(session.subject(), Some("eve"));
    if let Err(error) = result {
        assert_eq!(error.code(), "transaction_missing");
    }
    assert!(session.denied(&Target::default()).is_empty());
}

#[test]
fn the_same_user_may_have_signed_in_again_meanwhile() {
    let browser = Browser::new(1);
    let [app, other] = two_tabs(&browser, StorageKind::Local);
    browser.network.next(Fate::Slow(10_000));
    let call = asked(&app, 0);
    browser.run_until(|| browser.network.grants("authorization_code") == 2);
    other.popup().unwrap();
    assert_eq!(call.wait(&browser).unwrap().status.as_str(), "granted");
    assert!(app.has("write"));
}

#[test]
fn a_silent_sign_in_of_the_same_user_keeps_the_grants_of_other_audiences() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let target = Target::new(Some("other".to_owned()), Vec::new()).unwrap();
    let authorize = AuthorizeOptions::default().with_target(target.clone());
    let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
    Call::start(&app.page, app.client.upgrade(set("write"), options))
        .wait(&browser)
        .unwrap();
    let before = app.session().unwrap();
    asked(&app, 3).wait(&browser).unwrap();
    let after = app.session().unwrap();
    assert_eq!(after.id(), before.id());
    assert_eq!(after.grant(&target), before.grant(&target));
    assert_ne!(after.grant(&Target::default()), before.grant(&Target::default()));
    // Another user's sign-in replaces all.
    browser.server.borrow_mut().decide(Decision::As("eve"));
    app.popup().unwrap();
    assert_eq!(app.session().unwrap().grants().len(), 1);
}

#[test]
fn of_two_upgrades_at_once_the_second_tells_what_it_lost() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    // Both ask for what is held when they begin.
    let calls = ["x", "y"].map(|scope| app.begin_upgrade(scope));
    browser.run();
    let [x, y] = calls.map(|call| call.take().unwrap().unwrap());
    let (first, second) = if app.has("y") { (x, y) } else { (y, x) };
    assert_eq!((first.status.as_str(), first.missing.is_empty()), ("granted", true));
    assert_eq!((second.status.as_str(), second.missing.len()), ("partial", 1));
    assert!(first.granted.contains_all(&second.missing) && !second.granted.contains_all(&second.missing));
    for scope in second.missing.iter() {
        assert!(!app.has(scope));
    }
}

#[test]
fn a_failure_gives_the_application_back_what_it_gave_to_the_request() {
    for (decision, expected) in [
        (Decision::Close, "popup_closed"),
        (Decision::Deny, "access_denied"),
        (Decision::Error("invalid_scope"), "invalid_scope"),
    ] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(decision);
        let authorize = AuthorizeOptions::default().with_app_state("7").with_return_to("/inbox");
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        let error = Call::start(&app.page, app.client.sign_in(options))
            .wait(&browser)
            .unwrap_err();
        let request = error.request().unwrap();
        assert_eq!(error.code(), expected);
        assert_eq!(
            (request.app_state.as_deref(), request.return_to.as_str()),
            (Some("7"), "/inbox")
        );
    }
}
