//! Answers of the token endpoint that no specification knows: what becomes of the request, of the session, and of what is
//! good for one use.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::http::Response;
use scopewise::host::{Page as _, StorageKind};
use serde_json::{Value, json};

use crate::app::{App, code, known_options, set, with_state};
use crate::host::{Browser, Call, Fate};
use crate::server::{ORIGIN, answer};

/// The answer, and what a code comes to with it.
fn odd_answers() -> Vec<(Response, &'static str)> {
    let jwt = || Response::new(200, None).with_jwt("e30.e30.e30");
    let tokens = json!({ "access_token": "a", "token_type": "Bearer" });
    vec![
        (Response::new(0, None), "http"),
        (Response::new(200, None), "token_response_invalid"),
        (Response::new(204, None), "token_response_invalid"),
        (Response::new(206, None), "token_response_invalid"),
        (Response::new(304, None), "http"),
        (Response::new(500, None), "http"),
        (Response::new(500, Some(value(tokens.clone()))), "http"),
        (Response::new(511, None), "http"),
        (jwt(), "token_response_invalid"),
        (answer(200, json!({})), "token_response_invalid"),
        (
            answer(200, json!({ "id_token": "e30.e30.e30" })),
            "token_response_invalid",
        ),
        (answer(200, with(&tokens, "id_token", json!("x"))), "id_token_invalid"),
        (
            answer(200, with(&tokens, "id_token", json!(7))),
            "token_response_invalid",
        ),
        (
            answer(200, with(&tokens, "token_type", json!("DPoP"))),
            "token_type_unsupported",
        ),
        (answer(500, json!({ "error": "server_error" })), "server_error"),
    ]
}

fn value(json: Value) -> scopewise::core::value::Value {
    serde_json::from_value(json).unwrap()
}

fn with(body: &Value, name: &str, member: Value) -> Value {
    let mut body = body.clone();
    body[name] = member;
    body
}

#[test]
fn a_code_is_sent_once_and_the_session_stays() {
    for (response, expected) in odd_answers() {
        let browser = Browser::new(1);
        let signed_in = App::signed_in(&browser, StorageKind::Session);
        let before = signed_in.session();
        drop(signed_in.client.sign_in(with_state("7")));
        let app = signed_in.follow();
        let url = app.page.url();
        let shown = format!("{response:?}");
        browser.network.next(Fate::Scripted(Box::new(|_| response)));
        let error = app.handled().unwrap_err();
        assert_eq!(error.code(), expected, "{shown}");
        assert!(!error.is_retryable(), "{shown}");
        assert_eq!(error.request().unwrap().app_state.as_deref(), Some("7"));
        assert_eq!(app.session(), before, "{shown}");
        assert_eq!(code(app.reload(&url).handled()), "callback_consumed", "{shown}");
        assert_eq!(browser.network.grants("authorization_code"), 2, "{shown}");
        app.token().wait(&browser).unwrap();
    }
}

#[test]
fn a_refresh_token_is_sent_once_and_the_token_that_is_there_goes_on() {
    for (response, _) in odd_answers() {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let before = (app.stored_token(), app.client.id_token().unwrap());
        let shown = format!("{response:?}");
        browser.network.next(Fate::Scripted(Box::new(|_| response)));
        app.forced_token().wait(&browser).unwrap_err();
        assert_eq!((app.stored_token(), app.client.id_token().unwrap()), before, "{shown}");
        assert!(app.has("read"), "{shown}");
        app.token().wait(&browser).unwrap();
        drop(app.forced_token().wait(&browser));
        assert_eq!(browser.network.grants("refresh_token"), 1, "{shown}");
    }
}

#[test]
fn an_answer_without_openid_may_have_an_id_token_and_it_is_checked() {
    for (nonce, expected) in [(Value::Null, None), (json!("x"), Some("nonce"))] {
        let browser = Browser::new(1);
        let app = App::open(
            browser.open_tab(ORIGIN),
            StorageKind::Session,
            known_options().with_scope(set("read")),
        );
        let now = browser.seconds();
        let claims = json!({ "iss": crate::server::ISSUER, "aud": crate::server::CLIENT, "sub": "ada", "nonce": nonce, "iat": now, "exp": now + 300 });
        let id_token = browser.server.borrow().keys.jwt(&claims);
        browser.server.borrow_mut().change_answer = Some(Box::new(move |body| body["id_token"] = id_token.into()));
        let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
        let result = Call::start(&app.page, call).wait(&browser);
        match expected {
            None => assert_eq!(app.session().unwrap().subject(), Some("ada")),
            Some(reason) => assert_eq!(result.unwrap_err().reason(), Some(reason)),
        }
    }
}
