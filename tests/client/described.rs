//! The option `scopes`: what scopes are for, and those that are asked for alone.

use std::rc::Rc;

use scopewise::client::{FetchOptions, InteractionMode, OnMissing, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::scope_description::{ScopeDescription, ScopeWording};
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, code, known_options, set};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call};
use crate::remembered::{asked, asked_silently, leave, note};
use crate::server::ORIGIN;

fn open(browser: &Rc<Browser>) -> App {
    let write = ScopeWording::new("Create appointments");
    let write =
        ScopeDescription::new("write".parse().unwrap(), write).with_locale("de", ScopeWording::new("Termine anlegen"));
    let admin = ScopeDescription::new("admin".parse().unwrap(), ScopeWording::new("Everything")).with_sensitive();
    let options = known_options()
        .with_remember_scopes()
        .with_scope_description(write)
        .with_scope_description(admin);
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options)
}

fn title(app: &App, languages: &[&str]) -> String {
    let languages: Vec<String> = languages.iter().map(|&tag| tag.to_owned()).collect();
    let described = app.client.describe_scopes(&set("write"), &languages);
    described.first().unwrap().title.clone()
}

#[test]
fn scopes_are_described_in_the_language_of_the_page() {
    let browser = Browser::new(1);
    let app = open(&browser);
    assert_eq!(title(&app, &[]), "Create appointments");
    app.page.language.replace(Some("de-AT".to_owned()));
    assert_eq!(title(&app, &[]), "Termine anlegen");
    assert_eq!(title(&app, &["en"]), "Create appointments");
    assert!(app.client.describe_scopes(&set(""), &[]).is_empty());
    // Nobody has to be signed in, and it counts as no use of the scope.
    app.popup().unwrap();
    assert!(app.client.scope_report(&set("")).unwrap().used.is_empty());
}

#[test]
fn an_upgrade_for_a_sensitive_scope_and_another_opens_nothing() {
    let browser = Browser::new(1);
    let app = open(&browser);
    app.popup().unwrap();
    let popups = app.page.closed_popups.get();
    assert_eq!(code(app.upgrade("write admin")), "invalid_options");
    assert_eq!(app.page.closed_popups.get(), popups, "no popup was opened");
    assert!(
        app.session()
            .is_some_and(|session| session.denied(&session_target(&app)).is_empty())
    );
    assert_eq!(app.upgrade("admin").unwrap().status.as_str(), "granted");
    // What is held does not count.
    assert_eq!(app.upgrade("write admin").unwrap().status.as_str(), "granted");
    assert!(app.has("write admin"));
}

fn session_target(app: &App) -> scopewise::core::target::Target {
    app.client.config().target.clone()
}

#[test]
fn a_sign_in_for_a_sensitive_scope_opens_nothing() {
    let browser = Browser::new(1);
    let app = open(&browser);
    let options = || AuthorizeOptions::default().with_scope(set("openid admin"));
    for mode in [
        InteractionMode::Redirect,
        InteractionMode::Popup,
        InteractionMode::Silent,
    ] {
        let call = app.client.sign_in(SignInOptions::new(mode).with_authorize(options()));
        assert_eq!(code(Call::start(&app.page, call).wait(&browser)), "invalid_options");
    }
    assert_eq!(code(app.client.authorize_url(&options())), "invalid_options");
    assert_eq!(app.page.closed_popups.get(), 0);
    assert!(app.page.destination().is_none() && app.session().is_none());
}

#[test]
fn a_call_that_lacks_a_sensitive_scope_and_another_fails_as_if_nobody_might_be_asked() {
    let browser = Browser::new(1);
    let app = open(&browser);
    app.popup().unwrap();
    let popups = app.page.closed_popups.get();
    let fetch = |scope: &str| {
        let call = FakeCall::new(&app.page, "https://app.example/api", scope);
        let options = FetchOptions::default()
            .with_on_missing(OnMissing::Popup)
            .with_scope(set(scope));
        app.start(|client| async move {
            let request: &dyn ApiRequest = &*call;
            client.fetch(request, &options).await
        })
        .wait(&browser)
    };
    let failure = fetch("write admin").unwrap_err();
    let scopewise::client::FetchError::Client(error) = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(
        (error.code(), error.missing()),
        ("missing_scope", Some(&set("write admin").to_strings()[..]))
    );
    assert_eq!(app.page.closed_popups.get(), popups);
    assert_eq!(fetch("admin").unwrap().status, 200);
    assert_eq!(fetch("write admin").unwrap().status, 200);
}

#[test]
fn a_sensitive_scope_is_not_remembered() {
    let browser = Browser::new(1);
    let app = open(&browser);
    app.popup().unwrap();
    app.upgrade("admin").unwrap();
    assert_eq!(note(&browser), None);
    app.upgrade("write").unwrap();
    assert!(!note(&browser).unwrap().contains("admin"));
    leave(&app);
    app.popup().unwrap();
    browser.run_now();
    assert_eq!(asked_silently(&app).as_deref(), Some("openid read write"));
}

#[test]
fn what_was_remembered_before_it_became_sensitive_is_not_asked_for_again() {
    let browser = Browser::new(1);
    let before = App::open(
        browser.open_tab(ORIGIN),
        StorageKind::Session,
        known_options().with_remember_scopes(),
    );
    before.popup().unwrap();
    before.upgrade("admin").unwrap();
    leave(&before);
    assert!(note(&browser).unwrap().contains("admin"));
    let app = open(&browser);
    let options = AuthorizeOptions::default().with_login_hint("ada");
    let call = app
        .client
        .sign_in(SignInOptions::new(InteractionMode::Popup).with_authorize(options));
    Call::start(&app.page, call).wait(&browser).unwrap();
    browser.run_now();
    assert_eq!((asked(&app).as_str(), asked_silently(&app)), ("openid read", None));
    assert!(!app.has("admin"));
}
