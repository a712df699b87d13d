//! Which scopes an application uses, and so may stop asking for.

use std::rc::Rc;

use scopewise::client::{FetchOptions, TokenOptions};
use scopewise::core::scope::{Scope, ScopeSet};
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, set};
use crate::host::Browser;
use crate::host::api::FakeCall;
use crate::server::Decision;

fn nothing() -> ScopeSet {
    ScopeSet::default()
}

fn used(app: &App) -> String {
    app.client.scope_report(&nothing()).unwrap().used.to_string()
}

#[test]
fn checks_and_calls_count_as_uses_and_looking_at_a_status_does_not() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    assert_eq!(used(&app), "");
    app.client.scope_status(&Scope::parse("read").unwrap(), None).unwrap();
    app.client.explain_scope(&Scope::parse("read").unwrap(), None).unwrap();
    assert_eq!(used(&app), "");
    assert!(!app.has("read write"));
    assert_eq!(used(&app), "read write");
    let call: Rc<FakeCall> = FakeCall::new(&app.page, "https://app.example/api", "read");
    let fetched = app.start(|client| async move {
        let request: &dyn ApiRequest = &*call;
        client
            .fetch(request, &FetchOptions::default().with_scope(set("admin")))
            .await
    });
    assert!(fetched.wait(&browser).is_err());
    assert_eq!(used(&app), "read write admin");
    // What the application looked up by itself comes first.
    let report = app.client.scope_report(&set("own")).unwrap();
    assert_eq!(report.used.to_string(), "own read write admin");
}

#[test]
fn uses_of_another_target_are_not_in_the_report() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let other = scopewise::core::target::Target::new(Some("api".into()), Vec::new()).unwrap();
    assert!(!app.client.has_scope(&set("read"), Some(&other)).unwrap());
    assert_eq!(used(&app), "");
}

#[test]
fn a_session_takes_its_uses_along() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    assert!(!app.has("read"));
    let report = app.client.scope_report(&set("own")).unwrap();
    assert!(report.used.is_empty(), "nobody uses anything");
    app.popup().unwrap();
    assert!(app.has("read"));
    app.upgrade("write").unwrap();
    assert_eq!(used(&app), "read write", "an upgrade is the same session, and a use");
    app.sign_out(true).wait(&browser).unwrap();
    app.popup().unwrap();
    assert_eq!(used(&app), "");
}

#[test]
fn the_report_knows_what_was_denied_and_what_is_never_used() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().decide(Decision::Deny);
    app.upgrade("write").unwrap();
    assert!(!app.has("admin"));
    let report = app.client.scope_report(&nothing()).unwrap();
    assert_eq!(report.requested.to_string(), "openid read write");
    assert_eq!((report.granted, report.denied), (set("openid read"), set("write")));
    assert_eq!((report.unused, report.unrequested), (set("read"), set("admin")));
}

#[test]
fn who_asks_for_a_token_with_scopes_uses_them() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let token = |scope: &str| {
        let options = TokenOptions::default().with_scope(set(scope));
        app.start(|client| async move { client.get_access_token(options).await })
            .wait(&browser)
    };
    assert!(token("read").is_ok());
    assert_eq!(used(&app), "read");
    assert!(token("admin").is_err());
    assert_eq!(used(&app), "read admin");
}
