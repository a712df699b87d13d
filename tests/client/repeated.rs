//! Servers that repeat in their errors what they were sent: nothing of that which only they may read is in what the
//! application gets.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::error::{Error, Result};
use scopewise::core::http::{Request, Response};
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, known_options};
use crate::host::{Browser, Call, Fate};
use crate::server::{ORIGIN, answer, param};

/// An error of a server that repeats a text in all that it says about it.
fn repeating(text: &str) -> Response {
    let error = json!({
        "error": "invalid_request",
        "error_description": format!("This was not expected: {text}"),
        "error_uri": format!("https://id.example/errors?of={text}"),
    });
    answer(400, error)
}

/// The failure of a call tells none of these.
#[track_caller]
fn assert_discreet<T: std::fmt::Debug>(result: Result<T>, secrets: &[String]) {
    let error: Error = result.unwrap_err();
    assert_eq!((error.code(), error.status()), ("invalid_request", Some(400)));
    let text = format!("{error:?} {error}");
    for secret in secrets {
        assert!(!secret.is_empty() && !text.contains(secret), "{text}");
    }
}

#[test]
fn c293_the_place_that_requests_are_pushed_to_repeats_one() {
    for name in ["state", "nonce", "id_token_hint"] {
        let browser = Browser::new(1);
        let app = App::open(
            browser.open_tab(ORIGIN),
            StorageKind::Session,
            known_options().with_par(true),
        );
        app.popup().unwrap();
        let repeats = move |request: &Request| repeating(&param(request.form.as_deref().unwrap(), name).unwrap());
        browser.network.next(Fate::Scripted(Box::new(repeats)));
        let options = SignInOptions::new(InteractionMode::Silent).with_authorize(AuthorizeOptions::default());
        let result = Call::start(&app.page, app.client.sign_in(options)).wait(&browser);
        let requests = browser.network.requests.borrow();
        let (_, form) = requests.iter().rev().find(|(url, _)| url.ends_with("/par")).unwrap();
        let sent = param(form.as_deref().unwrap(), name).unwrap();
        assert_discreet(result, &[sent]);
    }
}

#[test]
fn c293_the_userinfo_endpoint_repeats_the_token() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let repeats = |request: &Request| repeating(request.token.as_ref().unwrap().secret());
    browser.network.next(Fate::Scripted(Box::new(repeats)));
    let result = app
        .start(|client| async move { client.user_info().await })
        .wait(&browser);
    assert_discreet(result, &[app.stored_token().unwrap()]);
}
