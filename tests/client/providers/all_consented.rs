//! `.default` of Microsoft Entra, which stands for all that was consented to and is refused together with others.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::provider::ProviderProfile;
use scopewise::host::StorageKind;

use super::{AtProvider, without};
use crate::app::{App, known_options, set};
use crate::host::{Browser, Call};
use crate::remembered::leave;
use crate::server::{Decision, ORIGIN, query};

const ALL: &str = "api://own/.default";

/// An answer lists what `.default` stands for.
fn answered(scopes: &str) -> Option<String> {
    let listed = without(scopes, &["openid", "offline_access"]);
    Some(format!("{listed} api://own/Read api://own/Write"))
}

#[test]
fn it_is_asked_for_alone_whatever_else_is_held() {
    let at = AtProvider::signed_in("entra", "openid offline_access api://own/Read", answered);
    let alone = Some("openid offline_access api://own/.default");
    // After single ones, and once more since the application may have got further permissions.
    for _ in 0..2 {
        let authorize = AuthorizeOptions::default().with_prompt("consent");
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        at.answer_next();
        let call = Call::start(&at.app.page, at.app.client.upgrade(set(ALL), options));
        assert_eq!(call.wait(&at.browser).unwrap().status.as_str(), "granted");
        assert_eq!(at.asked("scope").as_deref(), alone);
        assert_eq!(at.refresh().as_deref(), alone);
    }
    // A single one after it.
    at.upgrade("api://own/Delete", Decision::Grant).unwrap();
    let single = "openid offline_access api://own/Read api://own/Write api://own/Delete";
    assert_eq!(at.asked("scope").as_deref(), Some(single));
    assert_eq!(at.refresh().as_deref(), alone);
    assert!(at.app.has("api://own/Read api://own/Write") && at.app.has(ALL));
}

#[test]
fn it_is_not_mixed_with_remembered_scopes() {
    for (scope, more) in [
        ("openid api://own/.default", "api://own/Read"),
        ("openid api://own/Read", ALL),
    ] {
        let browser = Browser::new(1);
        let options = known_options()
            .with_scope(set(scope))
            .with_provider(ProviderProfile::known("entra").unwrap())
            .with_remember_scopes();
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        app.popup().unwrap();
        let answer = answered(scope);
        browser.server.borrow_mut().change_answer = Some(Box::new(|body| body["scope"] = answer.into()));
        assert_eq!(app.upgrade(more).unwrap().status.as_str(), "granted");
        leave(&app);
        let authorize = AuthorizeOptions::default().with_login_hint("ada");
        drop(app.client.sign_in(SignInOptions::default().with_authorize(authorize)));
        let destination = app.page.destination().unwrap();
        assert_eq!(query(&destination, "scope").as_deref(), Some(scope));
    }
}
