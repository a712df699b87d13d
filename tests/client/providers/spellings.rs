//! Scopes that a server spells in several ways.

use scopewise::client::SignInOptions;
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::provider::{ImpliedScopes, ProviderProfile};
use scopewise::core::scope::{Scope, ScopeSet};
use scopewise::core::session::ScopeStatus;
use scopewise::core::target::Target;

use super::{AtProvider, fetched, open, wants};
use crate::app::{App, set};
use crate::host::Browser;
use crate::server::{Decision, query};

const CALENDAR: &str = "https://api.example/calendar";

fn status(app: &App, scope: &str) -> ScopeStatus {
    app.client.scope_status(&Scope::parse(scope).unwrap(), None).unwrap()
}

fn own_profile() -> ProviderProfile {
    let mut profile = ProviderProfile::default();
    profile.implies = ImpliedScopes::aliases(&["calendar".to_owned(), CALENDAR.to_owned()]);
    profile
}

#[test]
fn a_no_to_one_is_a_no_to_the_others() {
    let entra = || ProviderProfile::known("entra").unwrap();
    for (profile, asked, challenged) in [
        (own_profile(), "calendar", CALENDAR),
        (own_profile(), CALENDAR, "calendar"),
        (entra(), "Mail.Read", "https://graph.microsoft.com/Mail.Read"),
        (entra(), "mail.read", "Mail.Read"),
    ] {
        let browser = Browser::new(1);
        let app = open(&browser, profile, "openid");
        app.popup().unwrap();
        assert_eq!(status(&app, challenged), ScopeStatus::NotRequested);
        browser.server.borrow_mut().decide(Decision::Deny);
        assert_eq!(app.upgrade(asked).unwrap().status.as_str(), "denied");
        assert_eq!(fetched(&app, wants(&app, challenged)), "insufficient_scope");
        assert_eq!(status(&app, challenged), ScopeStatus::Denied);
        let words = app.client.explain_scope(&Scope::parse(challenged).unwrap(), None);
        let words = words.unwrap();
        assert!(
            words.contains(" is denied: it was requested, and the user or the server said no."),
            "{words}"
        );
        // Whoever clicks may change their mind.
        assert_eq!(app.upgrade(challenged).unwrap().status.as_str(), "granted");
        assert_eq!(status(&app, challenged), ScopeStatus::Granted);
    }
}

#[test]
fn a_yes_to_one_takes_back_a_no_to_the_others_and_to_what_it_carries() {
    let github = ProviderProfile::known("github").unwrap();
    for (profile, no, yes) in [
        (own_profile(), "calendar", CALENDAR),
        (own_profile(), CALENDAR, "calendar"),
        (github, "user:email", "user"),
    ] {
        let browser = Browser::new(1);
        let app = open(&browser, profile, "openid");
        app.popup().unwrap();
        browser.server.borrow_mut().decide(Decision::Deny);
        app.upgrade(no).unwrap();
        assert_eq!(app.upgrade(yes).unwrap().status.as_str(), "granted");
        assert!(app.has(no) && app.session().unwrap().denied(&Target::default()).is_empty());
        let report = app.client.scope_report(&ScopeSet::default()).unwrap();
        assert_eq!(report.denied, set(""), "what is there is not denied");
    }
}

#[test]
fn what_a_refresh_took_away_is_gone_in_all() {
    let browser = Browser::new(1);
    let app = open(&browser, own_profile(), "openid calendar");
    app.popup().unwrap();
    assert_eq!(status(&app, CALENDAR), ScopeStatus::Granted);
    browser.server.borrow_mut().change_answer = Some(Box::new(|body| body["scope"] = "openid".into()));
    app.forced_token().wait(&browser).unwrap();
    assert_eq!(status(&app, CALENDAR), ScopeStatus::Denied);
}

#[test]
fn one_that_is_used_in_other_letters_is_used() {
    let at = AtProvider::signed_in("entra", "openid user.read", |scopes| {
        Some(scopes.replace("user.read", "User.Read"))
    });
    assert!(at.app.has("user.read"));
    let report = at.app.client.scope_report(&ScopeSet::default()).unwrap();
    assert_eq!(
        (report.granted, report.unused),
        (set("openid user.read User.Read"), set(""))
    );
}

#[test]
fn where_nothing_is_missing_an_incremental_upgrade_names_what_is_held() {
    for (scope, answered, sent) in [
        (
            "openid email",
            "https://www.googleapis.com/auth/userinfo.email openid",
            "openid email",
        ),
        // Without openid there would be no scope at all.
        ("drive", "drive", "drive"),
    ] {
        let browser = Browser::new(1);
        let app = open(&browser, ProviderProfile::known("google").unwrap(), scope);
        browser.server.borrow_mut().change_answer = Some(Box::new(|body| body["scope"] = answered.into()));
        app.popup().unwrap();
        let authorize = AuthorizeOptions::default().with_prompt("consent");
        drop(
            app.client
                .upgrade(set(scope), SignInOptions::default().with_authorize(authorize)),
        );
        let destination = app.page.destination().unwrap();
        assert_eq!(query(&destination, "scope").as_deref(), Some(sent));
        assert_eq!(query(&destination, "include_granted_scopes").as_deref(), Some("true"));
    }
}
