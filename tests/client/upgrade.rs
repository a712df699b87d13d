//! `upgrade`.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::provider::{ProviderProfile, UpgradePrompt};
use scopewise::core::scope::Scope;
use scopewise::core::session::{ScopeStatus, Session};
use scopewise::core::target::Target;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;

use crate::app::{App, code, known_options, set};
use crate::host::{Browser, Call};
use crate::server::{Decision, ORIGIN, query};

/// A session's record, without what was denied in it.
fn without_denied(session: &Session) -> String {
    let mut record = session.to_value();
    if let Value::Object(members) = &mut record {
        members.retain(|(name, _)| name != "denied");
    }
    serde_json::to_string(&record).unwrap()
}

#[test]
fn with_known_metadata_the_page_is_left_when_the_call_returns() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    let call = app.client.upgrade(set("write"), SignInOptions::default());
    let destination = app.page.destination().unwrap();
    assert_eq!(query(&destination, "scope").as_deref(), Some("openid read write"));
    assert!(browser.locks.names().is_empty() && !browser.step());
    drop(call);
    app.page.left_for.replace(Some(destination));
    let app = app.follow();
    let outcome = app.handled().unwrap().unwrap();
    assert_eq!((outcome.kind.as_str(), outcome.status.as_str()), ("upgrade", "granted"));
    assert!(app.has("read write"));
}

#[test]
fn what_is_there_already_is_not_asked_for() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    assert_eq!(code(app.upgrade("write")), "not_signed_in");
    app.popup().unwrap();
    let popups = app.page.closed_popups.get();
    assert_eq!(app.upgrade("read").unwrap().status.as_str(), "granted");
    let call = app.client.upgrade(set("read openid"), SignInOptions::default());
    assert_eq!(
        Call::start(&app.page, call).wait(&browser).unwrap().status.as_str(),
        "granted"
    );
    assert!(app.page.destination().is_none());
    assert_eq!(app.page.closed_popups.get(), popups);
}

#[test]
fn a_step_up_by_way_of_params_asks_though_all_is_there() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    for (scope, name) in [("", "claims"), ("read", "claims"), ("", "acr_values"), ("", "prompt")] {
        let mut options = SignInOptions::default();
        options.authorize.params = [(name.to_owned(), "x".to_owned())].into_iter().collect();
        drop(app.client.upgrade(set(scope), options));
        let destination = app.page.destination().unwrap();
        assert_eq!(query(&destination, name).as_deref(), Some("x"));
        assert_eq!(query(&destination, "scope").as_deref(), Some("openid read"));
    }
}

#[test]
fn an_upgrade_asks_for_consent_where_the_profile_says_so() {
    let browser = Browser::new(1);
    let mut profile = ProviderProfile::default();
    profile.upgrade_prompt = Some(UpgradePrompt::Consent);
    let app = App::open(
        browser.open_tab(ORIGIN),
        StorageKind::Session,
        known_options().with_provider(profile),
    );
    drop(app.client.sign_in(SignInOptions::default()));
    assert_eq!(query(&app.page.destination().unwrap(), "prompt"), None);
    app.popup().unwrap();
    let prompt = |scope: &str, authorize: AuthorizeOptions| {
        drop(
            app.client
                .upgrade(set(scope), SignInOptions::default().with_authorize(authorize)),
        );
        query(&app.page.destination().unwrap(), "prompt")
    };
    assert_eq!(prompt("write", AuthorizeOptions::default()).as_deref(), Some("consent"));
    // The caller's own word counts, and a step-up asks for no scope.
    assert_eq!(
        prompt("write", AuthorizeOptions::default().with_prompt("login")).as_deref(),
        Some("login")
    );
    assert_eq!(prompt("", AuthorizeOptions::default().with_max_age(5)), None);
    // Nobody can consent in a frame.
    let call = app
        .client
        .upgrade(set("write"), SignInOptions::new(InteractionMode::Silent));
    assert_eq!(
        Call::start(&app.page, call).wait(&browser).unwrap().status.as_str(),
        "granted"
    );
}

#[test]
fn c165_a_no_is_an_outcome_and_the_session_stays_to_the_letter_but_for_the_no() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let before = app.session().unwrap();
    browser.server.borrow_mut().decide(Decision::Deny);
    let outcome = app.upgrade("write").unwrap();
    assert_eq!(outcome.status.as_str(), "denied");
    assert_eq!((outcome.granted, outcome.missing), (set("openid read"), set("write")));
    let after = app.session().unwrap();
    assert_eq!(without_denied(&after), without_denied(&before));
    let status = |app: &App| {
        let scope = Scope::parse("write").unwrap();
        app.client.scope_status(&scope, None).unwrap()
    };
    assert_eq!(status(&app), ScopeStatus::Denied);
    let app = app.reload("https://app.example/");
    assert_eq!(status(&app), ScopeStatus::Denied);
    assert_eq!(browser.network.grants("authorization_code"), 1);
    assert_eq!(app.upgrade("write").unwrap().status.as_str(), "granted");
    assert_eq!(status(&app), ScopeStatus::Granted);
}

#[test]
fn c165_a_no_that_changes_nothing_is_not_told() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    // Where storage refuses the session, whatever is saved is told.
    app.page.refuses_writes.set(true);
    app.popup().unwrap();
    let (changes, _subscription) = app.count_changes();
    for expected in [1, 1] {
        browser.server.borrow_mut().decide(Decision::Deny);
        assert_eq!(app.upgrade("write").unwrap().status.as_str(), "denied");
        assert_eq!(changes.get(), expected);
    }
}

#[test]
fn c165_every_other_no_is_an_error_and_not_a_byte_of_the_session_changes() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let before = app.session();
    let failures = [
        (Decision::Error("server_error"), "server_error"),
        (Decision::Close, "popup_closed"),
        (Decision::As("eve"), "subject_mismatch"),
        (Decision::Without("openid"), "id_token_invalid"),
    ];
    for (decision, expected) in failures {
        browser.server.borrow_mut().decide(decision);
        assert_eq!(code(app.upgrade("write")), expected);
        assert_eq!(app.session(), before);
    }
}

#[test]
fn c166_another_users_tokens_are_given_up() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().decide(Decision::As("eve"));
    assert_eq!(code(app.upgrade("write")), "subject_mismatch");
    browser.run();
    assert_eq!(browser.server.borrow().revoked, ["refresh-1"]);
    browser.server.borrow_mut().issues_refresh_tokens = false;
    browser.server.borrow_mut().decide(Decision::As("eve"));
    assert_eq!(code(app.upgrade("write")), "subject_mismatch");
    browser.run();
    assert_eq!(browser.server.borrow().revoked, ["refresh-1", "access-2"]);
    assert_eq!(app.session().unwrap().subject(), Some("ada"));
}

#[test]
fn c172_what_was_unticked_is_gone_and_listeners_hear_of_it_once() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let (changes, _subscription) = app.count_changes();
    browser.server.borrow_mut().decide(Decision::Without("read"));
    let outcome = app.upgrade("write").unwrap();
    assert_eq!((outcome.status.as_str(), outcome.missing), ("partial", set("read")));
    assert!(app.has("write") && !app.has("read"));
    assert_eq!(changes.get(), 1);
}

#[test]
fn c173_it_is_stored_in_one_write_and_the_old_refresh_token_is_left_alone() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    browser.writes.take();
    assert_eq!(app.upgrade("write").unwrap().status.as_str(), "granted");
    browser.run();
    let writes = browser.writes.take();
    let records: Vec<_> = writes.iter().filter(|(key, _)| key.ends_with(":session")).collect();
    assert_eq!(records.len(), 1);
    let record = records[0].1.as_deref().unwrap();
    assert!(record.contains("refresh-1") && !record.contains("refresh-0"));
    assert!(browser.server.borrow().revoked.is_empty());
    assert!(browser.server.borrow().is_refresh_token_good("refresh-0"));
}

#[test]
fn a_silent_upgrade_is_for_the_same_user() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let silent = || {
        let call = app
            .client
            .upgrade(set("write"), SignInOptions::new(InteractionMode::Silent));
        Call::start(&app.page, call).wait(&browser)
    };
    browser.server.borrow_mut().user = Some("eve");
    assert_eq!(code(silent()), "subject_mismatch");
    browser.server.borrow_mut().user = Some("ada");
    assert_eq!(silent().unwrap().status.as_str(), "granted");
}

#[test]
fn a_yes_takes_back_a_no() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().decide(Decision::Deny);
    assert_eq!(app.upgrade("write admin").unwrap().status.as_str(), "denied");
    browser.server.borrow_mut().decide(Decision::Without("admin"));
    assert_eq!(app.upgrade("write admin").unwrap().status.as_str(), "partial");
    let status = |scope: &str| app.client.scope_status(&Scope::parse(scope).unwrap(), None).unwrap();
    assert_eq!(
        (status("write"), status("admin")),
        (ScopeStatus::Granted, ScopeStatus::Denied)
    );
    let denied = app.session().unwrap().denied(&Target::default());
    assert_eq!(
        denied,
        set("admin"),
        "fetch may ask again for what was there, should it go"
    );
}
