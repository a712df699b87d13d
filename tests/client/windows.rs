//! Requests whose answer comes to a window or frame of its own.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::error::Result;
use scopewise::host::StorageKind;

use crate::app::{App, code, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{Decision, query};

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
