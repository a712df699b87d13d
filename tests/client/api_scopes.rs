//! `api_scopes`: what an API says of itself (RFC 9728), and what of it is held.

use std::rc::Rc;

use scopewise::client::FetchError;
use scopewise::core::apis::ApiOptions;
use scopewise::core::error::Result;
use scopewise::core::resource::ApiScopes;
use scopewise::core::target::Target;
use scopewise::host::{ApiRequest, StorageKind};
use scopewise::{FetchOptions, OnMissing};
use serde_json::{Value, json};

use crate::app::{App, code, known_options, set};
use crate::host::api::{FakeCall, Respond};
use crate::host::{Browser, Fate};
use crate::server::{ISSUER, ORIGIN, answer};

const API: &str = "https://api.example/";
const PLACE: &str = "https://api.example/.well-known/oauth-protected-resource";

fn open(browser: &Rc<Browser>, api: ApiOptions) -> App {
    let options = known_options().with_api(api);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    app
}

fn discovering(browser: &Rc<Browser>) -> App {
    open(browser, ApiOptions::new(API).with_discover())
}

fn document() -> Value {
    json!({ "resource": API, "authorization_servers": [ISSUER], "scopes_supported": ["read", "write"] })
}

/// The next request is answered so, and is one without credentials.
fn next(browser: &Browser, status: u16, document: Value) {
    browser.network.next(Fate::Scripted(Box::new(move |request| {
        assert!(request.token.is_none() && request.proof.is_none() && request.form.is_none());
        answer(status, document)
    })));
}

fn ask(app: &App, url: &'static str) -> Result<ApiScopes> {
    app.start(|client| async move { client.api_scopes(url).await })
        .wait(app.browser())
}

fn requests(browser: &Browser, end: &str) -> usize {
    let requests = browser.network.requests.borrow();
    requests.iter().filter(|(url, _)| url.ends_with(end)).count()
}

fn refused(app: &App, respond: Respond) {
    assert!(fetched(app, respond).is_err());
}

/// The status of a call of the API.
fn fetched(app: &App, respond: Respond) -> std::result::Result<u16, FetchError> {
    let request = FakeCall::new(&app.page, "https://api.example/rooms", "read");
    request.respond.set(Some(respond));
    let call = app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &FetchOptions::default()).await
    });
    call.wait(app.browser()).map(|response| response.status)
}

#[test]
fn the_document_is_read_once_and_compared_with_what_is_held() {
    let browser = Browser::new(1);
    let app = discovering(&browser);
    next(&browser, 200, document());
    let scopes = ask(&app, "https://api.example/rooms?x=1").unwrap();
    assert_eq!((scopes.granted, scopes.missing), (set("read"), set("write")));
    assert_eq!(scopes.metadata.resource, API);
    assert_eq!(requests(&browser, PLACE), 1);
    app.upgrade("write").unwrap();
    let scopes = ask(&app, API).unwrap();
    assert_eq!((scopes.granted, scopes.missing), (set("read write"), set("")));
    assert_eq!(requests(&browser, PLACE), 1);
    // Looking is no use of a scope.
    let report = app.client.scope_report(&set("")).unwrap();
    assert_eq!(report.used, set("write"));
    app.sign_out(true).wait(&browser).unwrap();
    assert_eq!(ask(&app, API).unwrap().missing, set("read write"));
}

#[test]
fn it_is_of_the_target_that_the_apis_tokens_are_for() {
    let browser = Browser::new(1);
    let files = Target::new(Some("files".to_owned()), Vec::new()).unwrap();
    let app = open(&browser, ApiOptions::new(API).with_target(files).with_discover());
    next(&browser, 200, document());
    assert_eq!(ask(&app, API).unwrap().missing, set("read write"));
}

#[test]
fn only_apis_with_discover_are_asked() {
    let browser = Browser::new(1);
    let app = open(&browser, ApiOptions::new(API));
    assert_eq!(code(ask(&app, API)), "invalid_options");
    assert_eq!(code(ask(&app, ORIGIN)), "invalid_options");
    assert_eq!(code(ask(&app, "https://evil.example/")), "untrusted_origin");
    let error = ask(&app, "https://not a url").unwrap_err();
    assert_eq!(error.code(), "invalid_options");
    assert!(error.message().contains("\"url\""), "{error}");
    assert_eq!(requests(&browser, "oauth-protected-resource"), 0);
    app.client.close();
    assert_eq!(code(ask(&app, API)), "invalid_options");
}

#[test]
fn what_is_unsound_is_refused_and_asked_for_again() {
    let browser = Browser::new(1);
    let app = discovering(&browser);
    for (name, member) in [
        ("resource", json!("https://evil.example/")),
        ("authorization_servers", json!(["https://evil.example"])),
    ] {
        let mut document = document();
        document[name] = member;
        next(&browser, 200, document);
        assert_eq!(code(ask(&app, API)), "metadata_invalid");
    }
    next(&browser, 404, json!({}));
    assert_eq!(code(ask(&app, API)), "http");
    browser.network.next(Fate::NotSent);
    assert_eq!(code(ask(&app, API)), "network");
    next(&browser, 200, document());
    assert!(ask(&app, API).is_ok());
}

#[test]
fn a_challenge_may_say_where_it_is_at_the_apis_own_origin() {
    let own: Respond = |_| {
        (
            403,
            Some(r#"Bearer error="insufficient_scope", scope="write", resource_metadata="https://api.example/meta""#),
            true,
        )
    };
    let foreign: Respond = |_| {
        (
            403,
            Some(r#"Bearer error="insufficient_scope", scope="write", resource_metadata="https://evil.example/meta""#),
            true,
        )
    };
    for (respond, place) in [(own, "https://api.example/meta"), (foreign, PLACE)] {
        let browser = Browser::new(1);
        let app = discovering(&browser);
        refused(&app, respond);
        next(&browser, 200, document());
        ask(&app, API).unwrap();
        assert_eq!(requests(&browser, place), 1);
        assert_eq!(requests(&browser, "https://evil.example/meta"), 0);
    }
    // It must name the API all the same.
    let browser = Browser::new(1);
    let app = discovering(&browser);
    refused(&app, own);
    let mut other = document();
    other["resource"] = json!("https://api.example/meta");
    next(&browser, 200, other);
    assert_eq!(code(ask(&app, API)), "metadata_invalid");
}

#[test]
fn the_document_allows_no_upgrade_that_the_options_do_not() {
    let browser = Browser::new(1);
    let api = ApiOptions::new(API).with_discover().with_challenge_scope(set("read"));
    let app = open(&browser, api);
    next(&browser, 200, document());
    assert_eq!(ask(&app, API).unwrap().missing, set("write"));
    let request = FakeCall::new(&app.page, "https://api.example/rooms", "read write");
    let call = app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
        client.fetch(request, &options).await.is_err()
    });
    assert!(call.wait(&browser));
    assert!(!app.has("write"));
}

#[test]
fn a_challenge_that_names_the_place_says_that_the_document_may_be_another() {
    let names_place: Respond = |_| {
        let challenge = r#"Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource""#;
        (401, Some(challenge), true)
    };
    let names_none: Respond = |_| (403, Some(r#"Bearer error="insufficient_scope", scope="write""#), true);
    for (respond, count) in [(names_place, 2), (names_none, 1)] {
        let browser = Browser::new(1);
        let app = discovering(&browser);
        next(&browser, 200, document());
        ask(&app, API).unwrap();
        fetched(&app, respond).unwrap_or(0);
        if count == 2 {
            let mut newer = document();
            newer["scopes_supported"] = json!(["admin"]);
            next(&browser, 200, newer);
        }
        let scopes = ask(&app, API).unwrap();
        assert_eq!(scopes.missing, if count == 2 { set("admin") } else { set("write") });
        assert_eq!(requests(&browser, PLACE), count);
    }
}
