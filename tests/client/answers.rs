//! What the client makes of answers that other servers give.

use scopewise::core::error::Result;
use scopewise::core::http::Response;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, code, known_options, set};
use crate::host::{Browser, Fate};
use crate::server::{ORIGIN, answer};

/// This answer to the next request.
fn script(browser: &Browser, response: Response) {
    browser.network.next(Fate::Scripted(Box::new(|_| response)));
}

/// An answer that is no JSON.
fn page(status: u16) -> Response {
    Response { status, json: None }
}

fn user_info(app: &App) -> Result<Value> {
    let call = app.start(|client| async move { client.user_info().await });
    call.wait(app.browser())
}

#[test]
fn user_info_that_is_no_object_with_a_user_says_so() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    for response in [page(200), answer(200, json!({ "email": "ada@id.example" }))] {
        script(&browser, response);
        assert_eq!(code(user_info(&app)), "user_info_invalid");
    }
    assert!(user_info(&app).is_ok());
}

#[test]
fn user_info_without_openid_says_what_is_missing() {
    let browser = Browser::new(1);
    let options = known_options().with_scope(set("read"));
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    for status in [401, 403] {
        script(&browser, page(status));
        let refused = user_info(&app).unwrap_err();
        assert_eq!(refused.code(), "missing_scope");
        assert_eq!(refused.missing(), Some(["openid".to_owned()].as_slice()));
    }
}
