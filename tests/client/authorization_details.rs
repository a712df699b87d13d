//! What is granted besides scopes (RFC 9396), from the answer to the outcome.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, code, set};
use crate::host::{Browser, Call};
use crate::server::{Decision, query};

fn granted(outcome: &Outcome) -> Option<String> {
    let details = outcome.authorization_details.as_ref()?;
    Some(serde_json::to_string(details.as_value()).unwrap())
}

const WANTED: &str = r#"[{"type":"calendar","actions":["read","write"]}]"#;
const GRANTED: &str = r#"[{"type":"calendar","actions":["read"],"id":"7"}]"#;

fn options() -> SignInOptions {
    let authorize = AuthorizeOptions::default().with_authorization_details(WANTED);
    SignInOptions::default().with_authorize(authorize)
}

#[test]
fn the_outcome_says_what_was_granted_however_often_it_is_asked() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().authorization_details = serde_json::from_str(GRANTED).unwrap();
    let app = App::in_tab(&browser, StorageKind::Session);
    drop(app.client.sign_in(options()));
    let app = app.follow();
    let asked = query(&browser.server.borrow().asked, "authorization_details");
    assert_eq!(asked.as_deref(), Some(WANTED));
    let url = app.page.address.borrow().clone();
    let first = app.handled().unwrap().unwrap();
    assert_eq!(granted(&first).as_deref(), Some(GRANTED));
    let again = app.reload(&url);
    assert_eq!(again.handled().unwrap().unwrap(), first);

    // They stay with the grant, also where a refresh says nothing of them.
    browser.server.borrow_mut().authorization_details = json!(null);
    again.forced_token().wait(&browser).unwrap();
    assert_eq!(granted(&again.upgrade("read").unwrap()).as_deref(), Some(GRANTED));
    browser.server.borrow_mut().decide(Decision::Deny);
    let denied = again.upgrade("write").unwrap();
    assert_eq!(
        (denied.status.as_str(), granted(&denied).as_deref()),
        ("denied", Some(GRANTED))
    );

    // Another grant is what its own answer says.
    assert_eq!(granted(&again.upgrade("write").unwrap()), None);
}

#[test]
fn an_upgrade_brings_others() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().authorization_details = json!([{ "type": "calendar" }]);
    let outcome = app.upgrade("write").unwrap();
    assert_eq!(granted(&outcome).as_deref(), Some(r#"[{"type":"calendar"}]"#));
}

#[test]
fn what_is_none_is_no_answer() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    for wrong in [json!("x"), json!({}), json!([1]), json!([{ "x": "x".repeat(65_536) }])] {
        browser.server.borrow_mut().authorization_details = wrong;
        let options = SignInOptions::new(InteractionMode::Popup);
        let call = Call::start(&app.page, app.client.sign_in(options));
        assert_eq!(code(call.wait(&browser)), "token_response_invalid");
    }
    assert!(app.session().is_none());
}

#[test]
fn they_are_asked_for_though_all_scopes_are_there() {
    for (scope, decision, expected) in [
        ("", Decision::Grant, ("granted", Some(GRANTED))),
        ("read", Decision::Grant, ("granted", Some(GRANTED))),
        ("", Decision::Deny, ("denied", None)),
    ] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.server.borrow_mut().authorization_details = serde_json::from_str(GRANTED).unwrap();
        browser.server.borrow_mut().decide(decision);
        drop(app.client.upgrade(set(scope), options()));
        let app = app.follow();
        let outcome = app.handled().unwrap().unwrap();
        assert_eq!((outcome.status.as_str(), granted(&outcome).as_deref()), expected);
        let asked = browser.server.borrow().asked.clone();
        assert_eq!(query(&asked, "authorization_details").as_deref(), Some(WANTED));
        assert_eq!(query(&asked, "scope").as_deref(), Some("openid read"));
    }
}
