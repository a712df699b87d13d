//! `rememberScopes`: what a user granted by upgrades is asked for again at this user's next sign-in.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions, SignOutOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::error::Result;
use scopewise::core::scope::ScopeSet;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, KINDS, SCOPE, known_options, set};
use crate::host::{Browser, Call};
use crate::server::{Decision, ORIGIN, query};

pub(crate) const KEY: &str = "scopewise:https%3A%2F%2Fid.example:app:remembered";

pub(crate) fn open_with(browser: &Rc<Browser>, kind: StorageKind) -> App {
    App::open(browser.open_tab(ORIGIN), kind, known_options().with_remember_scopes())
}

pub(crate) fn open(browser: &Rc<Browser>) -> App {
    open_with(browser, StorageKind::Session)
}

/// Ada has granted `write` by an upgrade, in a session that is over.
pub(crate) fn after_an_upgrade(browser: &Rc<Browser>) -> App {
    let app = open(browser);
    app.popup().unwrap();
    app.upgrade("write").unwrap();
    leave(&app);
    app
}

/// The session ends, and nothing is forgotten.
pub(crate) fn leave(app: &App) {
    app.sign_out(true).wait(app.browser()).unwrap();
    app.page.frame_question.take();
}

pub(crate) fn forget(app: &App) -> Result<()> {
    let options = SignOutOptions::local().with_forget();
    app.start(|client| async move { client.sign_out(options).await })
        .wait(app.browser())
}

/// Signs in, and lets what nobody waits for come to its end.
pub(crate) fn sign_in(app: &App) {
    app.popup().unwrap();
    app.browser().run_now();
}

pub(crate) fn with_hint(app: &App, hint: &str) -> Result<Outcome> {
    let options =
        SignInOptions::new(InteractionMode::Popup).with_authorize(AuthorizeOptions::default().with_login_hint(hint));
    let outcome = Call::start(&app.page, app.client.sign_in(options)).wait(app.browser());
    app.browser().run_now();
    outcome
}

pub(crate) fn note(browser: &Browser) -> Option<String> {
    browser.local.borrow().get(KEY).cloned()
}

pub(crate) fn remembered(app: &App) -> ScopeSet {
    app.client.scope_report(&ScopeSet::default()).unwrap().remembered
}

/// The scopes that the hidden frame was asked for last, once.
pub(crate) fn asked_silently(app: &App) -> Option<String> {
    let question = app.page.frame_question.take()?;
    query(&question, "scope")
}

/// The scopes that the server was asked for last.
pub(crate) fn asked(app: &App) -> String {
    query(&app.browser().server.borrow().asked, "scope").unwrap()
}

#[test]
fn without_the_option_nothing_is_noted_and_a_note_that_is_there_stays() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    app.upgrade("write").unwrap();
    assert_eq!(note(&browser), None);
    drop(after_an_upgrade(&browser));
    let before = note(&browser);
    assert!(before.is_some());
    let app = App::in_tab(&browser, StorageKind::Session);
    with_hint(&app, "ada").unwrap();
    assert_eq!((asked(&app).as_str(), asked_silently(&app)), (SCOPE, None));
    browser.server.borrow_mut().decide(Decision::Deny);
    app.upgrade("write").unwrap();
    leave(&app);
    assert_eq!(note(&browser), before);
    assert!(remembered(&app).is_empty());
}

#[test]
fn the_next_sign_in_asks_silently_for_what_was_granted_before() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    assert!(remembered(&app).is_empty(), "nobody is signed in");
    let outcome = app.popup().unwrap();
    assert_eq!((outcome.requested, outcome.granted), (set(SCOPE), set(SCOPE)));
    browser.run_now();
    assert!(app.has("write"));
    assert_eq!(asked_silently(&app).as_deref(), Some("openid read write"));
    assert_eq!(remembered(&app), set("write"));
    // A request by redirect that nobody answered is in nobody's way.
    leave(&app);
    app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
    sign_in(&app);
    assert_eq!(asked_silently(&app).as_deref(), Some("openid read write"));
    // Once for each sign-in: not for a page, nor for a silent sign-in of the session that is there.
    let app = app.reload(ORIGIN);
    let silent = app.client.sign_in(SignInOptions::new(InteractionMode::Silent));
    Call::start(&app.page, silent).wait(&browser).unwrap();
    browser.run_now();
    assert_eq!(asked_silently(&app).as_deref(), Some(SCOPE));
}

#[test]
fn a_hint_that_names_the_user_has_it_asked_for_at_once() {
    for hint in ["ada", "ada@example.com"] {
        let browser = Browser::new(1);
        let app = open(&browser);
        let with_address = |claims: &mut serde_json::Value| claims["email"] = json!("ada@example.com");
        app.popup().unwrap();
        browser.server.borrow_mut().change_claims = Some(Box::new(with_address));
        app.upgrade("write").unwrap();
        assert!(!note(&browser).unwrap().contains("example.com"));
        leave(&app);
        let outcome = with_hint(&app, hint).unwrap();
        assert_eq!(
            (asked(&app).as_str(), asked_silently(&app)),
            ("openid read write", None)
        );
        assert_eq!(outcome.requested, set("openid read write"));
        assert!(app.has("write"));
        // A hint that names nobody who is known here asks for no more than the application does.
        leave(&app);
        with_hint(&app, "ben").unwrap();
        assert_eq!(
            asked_silently(&app).as_deref(),
            Some("openid read write"),
            "it was ada after all"
        );
    }
}

#[test]
fn a_redirect_with_a_hint_needs_no_frame_whatever_the_storage() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = open_with(&browser, kind);
        app.popup().unwrap();
        app.upgrade("write").unwrap();
        leave(&app);
        let hint = AuthorizeOptions::default().with_login_hint("ada");
        drop(app.client.sign_in(SignInOptions::default().with_authorize(hint)));
        let app = app.follow();
        app.handled().unwrap().unwrap();
        browser.run_now();
        assert!(app.has("write") && asked_silently(&app).is_none());
        assert_eq!(remembered(&app), set("write"));
    }
}

#[test]
fn the_note_has_names_only_in_the_place_that_all_tabs_share() {
    for kind in [StorageKind::Session, StorageKind::Memory, StorageKind::Worker] {
        let browser = Browser::new(1);
        let app = open_with(&browser, kind);
        app.popup().unwrap();
        assert_eq!(note(&browser), None, "a sign-in is no upgrade");
        app.upgrade("write").unwrap();
        let text = note(&browser).unwrap();
        assert!(text.contains(r#""scopes":["write"]"#) && text.contains(r#""sub":"ada""#));
        assert!(!text.contains("access") && !text.contains("refresh") && !text.contains("ey"));
        let tokens_on_disk = browser.local.borrow().values().any(|text| text.contains("access-"));
        assert!(!tokens_on_disk);
    }
}

#[test]
fn two_accounts_on_a_device_get_nothing_of_each_other() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.server.borrow_mut().user = Some("ben");
    sign_in(&app);
    assert_eq!(asked_silently(&app), None);
    assert!(!app.has("write") && remembered(&app).is_empty());
    app.upgrade("admin").unwrap();
    assert_eq!(asked(&app), "openid read admin");
    assert_eq!(remembered(&app), set("admin"));
    leave(&app);
    browser.server.borrow_mut().user = Some("ada");
    sign_in(&app);
    assert_eq!(asked_silently(&app).as_deref(), Some("openid read write"));
    assert!(app.has("write") && !app.has("admin"));
    // Ben comes back though the hint was ada's: nothing of it becomes his.
    leave(&app);
    browser.server.borrow_mut().decide(Decision::As("ben"));
    with_hint(&app, "ada").unwrap();
    assert_eq!(remembered(&app), set("admin"));
}

#[test]
fn a_silent_failure_changes_nothing() {
    let failures = [
        Decision::Error("consent_required"),
        Decision::Error("login_required"),
        Decision::Wait,
        Decision::As("ben"),
    ];
    for failure in failures {
        let browser = Browser::new(1);
        let app = after_an_upgrade(&browser);
        let before = note(&browser);
        let (changes, _subscription) = app.count_changes();
        browser.server.borrow_mut().decide(Decision::Grant);
        browser.server.borrow_mut().decide(failure);
        sign_in(&app);
        browser.clock.advance(10_000.0);
        browser.run_now();
        assert_eq!(asked_silently(&app).as_deref(), Some("openid read write"));
        let session = app.session().unwrap();
        assert_eq!(session.granted(&Target::default()), set(SCOPE));
        assert!(session.denied(&Target::default()).is_empty());
        assert_eq!(changes.get(), 1, "the sign-in is all that the application hears of");
        assert_eq!(note(&browser), before);
    }
}

#[test]
fn a_silent_answer_with_less_is_no_denial_of_the_users() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.server.borrow_mut().decide(Decision::Grant);
    browser.server.borrow_mut().decide(Decision::Without("write"));
    sign_in(&app);
    assert!(app.has("read") && !app.has("write"));
    assert!(!app.session().unwrap().is_denied(&Target::default(), "write"));
    assert!(remembered(&app).is_empty(), "the server does not remember it");
    // One that takes something away is none at all.
    app.upgrade("write").unwrap();
    leave(&app);
    browser.server.borrow_mut().decide(Decision::Grant);
    browser.server.borrow_mut().decide(Decision::Without("read"));
    sign_in(&app);
    assert!(app.has("read") && !app.has("write"));
}
