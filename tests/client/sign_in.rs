//! `sign_in` and `authorize_url`.

use std::rc::Rc;

use scopewise::client::{Client, InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::host::StorageKind;

use crate::app::{App, code, options, with_state};
use crate::host::{Browser, Call, FakeAbort, abort_later};
use crate::server::{Decision, ORIGIN, query};

#[test]
fn with_known_metadata_the_page_is_left_when_the_call_returns() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    browser.run();
    browser.writes.take();
    let call = app.client.sign_in(with_state("7"));
    // Nothing was polled: no await, and no lock.
    let destination = app.page.destination().unwrap();
    assert_eq!(query(&destination, "scope").as_deref(), Some("openid read"));
    assert!(browser.locks.names().is_empty());
    let writes = browser.writes.take();
    assert_eq!(writes.len(), 1, "the transaction is stored");
    assert!(writes[0].0.ends_with(&query(&destination, "state").unwrap()));
    assert!(!browser.step(), "nothing is under way");
    // A page that is left waits for ever.
    let call = Call::start(&app.page, call);
    browser.run();
    assert!(!call.is_done());
    assert_eq!(browser.network.requests.borrow().len(), 0);
}

#[test]
fn without_metadata_it_is_discovered_first() {
    let browser = Browser::new(1);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options());
    assert_eq!(
        code(app.client.authorize_url(&AuthorizeOptions::default())),
        "metadata_required"
    );
    let call = app.client.sign_in(SignInOptions::default());
    assert!(app.page.destination().is_none());
    let _call = Call::start(&app.page, call);
    browser.run();
    assert!(app.page.destination().is_some());
    assert_eq!(browser.network.count("/.well-known/openid-configuration"), 1);
    assert!(app.client.authorize_url(&AuthorizeOptions::default()).is_ok());
}

#[test]
fn c014_two_sign_ins_from_one_tab_do_not_get_in_each_others_way() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let [first, second] = ["1", "2"].map(|app_state| {
        drop(app.client.sign_in(with_state(app_state)));
        let request = app.page.destination().unwrap();
        browser.server.borrow_mut().authorize(&request, browser.seconds()).url()
    });
    for (url, app_state) in [(first, "1"), (second, "2")] {
        let outcome = app.reload(&url).handled().unwrap().unwrap();
        assert_eq!(outcome.app_state.as_deref(), Some(app_state));
        assert_eq!(outcome.status.as_str(), "granted");
    }
}

#[test]
fn a_popup_is_at_the_server_when_the_call_returns_and_closed_in_the_end() {
    for decision in [Decision::Grant, Decision::Deny, Decision::Close] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(decision.clone());
        let said = app.popup().map_or_else(
            |error| error.code().to_owned(),
            |outcome| outcome.status.as_str().to_owned(),
        );
        let expected = match decision {
            Decision::Grant => "granted",
            Decision::Deny => "access_denied",
            _ => "popup_closed",
        };
        assert_eq!(said, expected);
        assert_eq!(app.page.closed_popups.get(), 1);
        assert_eq!(app.session().is_some(), expected == "granted");
        assert!(app.page.destination().is_none());
    }
}

#[test]
fn a_blocked_popup_or_a_frame_is_said_at_once() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    app.page.blocks_popups.set(true);
    assert_eq!(code(app.popup()), "popup_blocked");
    app.page.is_framed.set(true);
    for mode in [InteractionMode::Redirect, InteractionMode::Silent] {
        let call = app.client.sign_in(SignInOptions::new(mode));
        assert_eq!(code(Call::start(&app.page, call).wait(&browser)), "frame_blocked");
    }
    assert!(app.page.destination().is_none());
}

#[test]
fn without_storage_nobody_leaves_the_page_and_a_popup_will_do() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    app.page.refuses_writes.set(true);
    let call = app.client.sign_in(SignInOptions::default());
    assert!(app.page.destination().is_none());
    assert_eq!(code(Call::start(&app.page, call).wait(&browser)), "storage_unavailable");
    assert_eq!(app.popup().unwrap().status.as_str(), "granted");
    assert!(app.session().is_some() && !app.client.is_persisted());
}

#[test]
fn who_aborts_does_not_wait_for_the_user() {
    for turns in 0..3 {
        let browser = Browser::new(turns);
        let app = App::in_tab(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(Decision::Wait);
        let abort = Rc::new(FakeAbort::default());
        let options = SignInOptions::new(InteractionMode::Popup).with_abort(abort.clone());
        let call = app.client.sign_in(options.clone());
        let call = Call::start(&app.page, call);
        let _aborting = abort_later(&app.page, abort, turns as usize);
        assert_eq!(code(call.wait(&browser)), "aborted");
        assert_eq!(app.page.closed_popups.get(), 1);
        // Said before: nothing is opened.
        let call = app.client.sign_in(options);
        assert_eq!(code(Call::start(&app.page, call).wait(&browser)), "aborted");
        assert_eq!(app.page.closed_popups.get(), 1);
    }
}

#[test]
fn a_silent_sign_in_asks_nobody() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let silent = |client: &Client| client.sign_in(SignInOptions::new(InteractionMode::Silent));
    browser.server.borrow_mut().user = None;
    let refused = Call::start(&app.page, silent(&app.client)).wait(&browser);
    assert_eq!(code(refused), "login_required");
    browser.server.borrow_mut().user = Some("ada");
    let outcome = Call::start(&app.page, silent(&app.client)).wait(&browser).unwrap();
    assert_eq!(outcome.status.as_str(), "granted");
    // Another user is there: without a word to this one, the session is not theirs.
    browser.server.borrow_mut().user = Some("eve");
    let other = Call::start(&app.page, silent(&app.client)).wait(&browser);
    assert_eq!(code(other), "subject_mismatch");
    assert_eq!(app.session().unwrap().subject(), Some("ada"));
}
