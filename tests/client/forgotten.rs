//! `rememberScopes`: what takes a scope out again, and what stays.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::session::REMEMBERED_FOR;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, SCOPE, code, set};
use crate::host::{Browser, Call};
use crate::remembered::{
    KEY, after_an_upgrade, asked, asked_silently, forget, leave, note, open, remembered, sign_in, with_hint,
};
use crate::server::{Decision, query};

#[test]
fn a_no_takes_the_scope_out() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.server.borrow_mut().decide(Decision::Grant);
    browser.server.borrow_mut().decide(Decision::Error("consent_required"));
    sign_in(&app);
    assert_eq!(remembered(&app), set("write"));
    browser.server.borrow_mut().decide(Decision::Deny);
    app.upgrade("write admin").unwrap();
    assert_eq!((remembered(&app), note(&browser)), (set(""), None));
    // A grant of some of it keeps that.
    browser.server.borrow_mut().decide(Decision::Without("admin"));
    app.upgrade("write admin").unwrap();
    assert_eq!(remembered(&app), set("write"));
}

#[test]
fn a_sign_in_that_is_refused_for_what_was_remembered_works_the_next_time() {
    for (decision, error) in [
        (Decision::Deny, "access_denied"),
        (Decision::Error("invalid_scope"), "invalid_scope"),
    ] {
        let browser = Browser::new(1);
        let app = after_an_upgrade(&browser);
        browser.server.borrow_mut().decide(decision);
        assert_eq!(code(with_hint(&app, "ada")), error);
        assert_eq!(note(&browser), None);
        with_hint(&app, "ada").unwrap();
        assert_eq!(asked(&app), SCOPE);
    }
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.server.borrow_mut().decide(Decision::Error("server_error"));
    assert_eq!(code(with_hint(&app, "ada")), "server_error");
    browser.server.borrow_mut().decide(Decision::Without("write"));
    assert_eq!(with_hint(&app, "ada").unwrap().missing, set("write"));
    assert_eq!(note(&browser), None);
}

#[test]
fn a_refresh_that_takes_a_scope_away_takes_it_out() {
    let browser = Browser::new(1);
    let app = open(&browser);
    app.popup().unwrap();
    app.upgrade("write admin").unwrap();
    let narrow = |answer: &mut serde_json::Value| answer["scope"] = json!("openid read admin");
    browser.server.borrow_mut().change_answer = Some(Box::new(narrow));
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(remembered(&app), set("admin"));
}

#[test]
fn it_is_forgotten_when_the_user_says_so() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.server.borrow_mut().user = Some("ben");
    sign_in(&app);
    app.upgrade("admin").unwrap();
    forget(&app).unwrap();
    assert!(!note(&browser).unwrap().contains("admin"), "ada's is still there");
    sign_in(&app);
    assert_eq!(asked_silently(&app), None);
    leave(&app);
    // Nobody is signed in: all of it, and also by a client without the option.
    forget(&App::in_tab(&browser, StorageKind::Session)).unwrap();
    browser.run_now();
    assert_eq!(note(&browser), None);
    browser.server.borrow_mut().user = Some("ada");
    sign_in(&app);
    assert_eq!(asked_silently(&app), None);
}

#[test]
fn it_is_forgotten_after_90_days() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.clock.advance((REMEMBERED_FOR - 60) as f64 * 1000.0);
    sign_in(&app);
    assert_eq!(
        asked_silently(&app).as_deref(),
        Some("openid read write"),
        "one minute before"
    );
    leave(&app);
    // That was no grant of the user's: the time goes on.
    browser.clock.advance(60_000.0);
    sign_in(&app);
    assert_eq!((asked_silently(&app), remembered(&app)), (None, set("")));
}

#[test]
fn tabs_add_to_each_others_notes() {
    for seed in 0..20 {
        let browser = Browser::new(seed);
        let (app, other) = (open(&browser), open(&browser));
        app.popup().unwrap();
        other.popup().unwrap();
        let calls = [app.begin_upgrade("write"), other.begin_upgrade("admin")];
        for call in calls {
            call.wait(&browser).unwrap();
        }
        let later = open(&browser);
        sign_in(&later);
        assert_eq!(set(&asked_silently(&later).unwrap()).len(), 4);
        assert!(later.has("write admin"));
        forget(&later).unwrap();
        browser.close();
    }
}

#[test]
fn where_storage_refuses_nothing_is_remembered() {
    let browser = Browser::new(1);
    let app = open(&browser);
    app.popup().unwrap();
    app.page.refuses_writes.set(true);
    app.upgrade("write").unwrap();
    assert!(app.has("write"));
    assert_eq!((note(&browser), remembered(&app)), (None, set("")));
}

#[test]
fn a_note_that_a_later_version_wrote_stays() {
    let browser = Browser::new(1);
    let later = r#"{"v":2}"#.to_owned();
    browser.local.borrow_mut().insert(KEY.to_owned(), later.clone());
    let app = after_an_upgrade(&browser);
    sign_in(&app);
    forget(&app).unwrap();
    assert_eq!((note(&browser), asked_silently(&app)), (Some(later), None));
}

#[test]
fn each_audience_has_its_own() {
    let browser = Browser::new(1);
    let app = open(&browser);
    app.popup().unwrap();
    let files = Target::new(Some("files".to_owned()), Vec::new()).unwrap();
    let options = SignInOptions::new(InteractionMode::Popup)
        .with_authorize(AuthorizeOptions::default().with_target(files.clone()));
    Call::start(&app.page, app.client.upgrade(set("upload"), options))
        .wait(&browser)
        .unwrap();
    assert!(remembered(&app).is_empty(), "the report is of the default audience");
    leave(&app);
    sign_in(&app);
    let question = app.page.frame_question.take().unwrap();
    assert_eq!(query(&question, "audience").as_deref(), Some("files"));
    assert_eq!(query(&question, "scope").as_deref(), Some("openid upload"));
    assert!(app.client.has_scope(&set("upload"), Some(&files)).unwrap());
    // With the hint the sign-in, which is for another audience, asks for nothing of it.
    leave(&app);
    with_hint(&app, "ada").unwrap();
    assert!(app.client.has_scope(&set("upload"), Some(&files)).unwrap());
    assert_eq!(asked_silently(&app).as_deref(), Some("openid upload"));
}

#[test]
fn what_the_user_does_meanwhile_comes_first() {
    for seed in 0..420 {
        let browser = Browser::new(seed);
        let app = after_an_upgrade(&browser);
        app.popup().unwrap();
        for _ in 0..seed % 20 {
            browser.step();
        }
        let outcome = app.upgrade("admin").unwrap();
        assert_eq!(outcome.status.as_str(), "granted");
        browser.run_now();
        assert!(app.has("read admin"), "seed {seed}");
        assert!(app.session().unwrap().denied(&Target::default()).is_empty());
        assert!(browser.server.borrow().violations.is_empty());
        browser.close();
    }
}

#[test]
fn a_client_without_the_option_forgets_what_another_tab_noted_a_moment_ago() {
    for seed in 0..20 {
        let browser = Browser::new(seed);
        let forgetting = App::in_tab(&browser, StorageKind::Session);
        let app = open(&browser);
        app.popup().unwrap();
        app.upgrade("write").unwrap();
        assert!(note(&browser).is_some());
        forget(&forgetting).unwrap();
        assert_eq!(note(&browser), None, "{seed}");
        browser.close();
    }
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.writes.take();
    sign_in(&app);
    app.forced_token().wait(&browser).unwrap();
    leave(&app);
    let writes = browser.writes.take();
    assert!(writes.len() > 5 && !writes.iter().any(|(key, _)| key == KEY));
}

#[test]
fn what_is_too_old_is_gone_from_storage_with_the_next_sign_in() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    browser.clock.advance((REMEMBERED_FOR + 1) as f64 * 1000.0);
    assert!(note(&browser).is_some());
    sign_in(&app);
    assert_eq!(note(&browser), None);
}

#[test]
fn what_was_granted_before_is_left_out_where_it_does_not_fit_into_the_request() {
    let browser = Browser::new(1);
    let app = after_an_upgrade(&browser);
    let long = format!("openid {}", "x".repeat(7_990));
    let hint = AuthorizeOptions::default()
        .with_login_hint("ada")
        .with_scope(set(&long));
    let options = SignInOptions::new(InteractionMode::Popup).with_authorize(hint);
    let call = app.client.sign_in(options);
    Call::start(&app.page, call).wait(&browser).unwrap();
    assert_eq!(asked(&app), long);
}
