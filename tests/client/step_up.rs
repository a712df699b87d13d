//! `fetch` with APIs that want a stronger or fresher authentication (RFC 9470).

use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, OnMissing};
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::App;
use crate::host::Browser;
use crate::host::api::{FakeCall, Respond};
use crate::server::query;

/// The status, or the code of the failure, and how often the call was sent.
fn fetched(app: &App, respond: Respond) -> (String, usize) {
    let request = FakeCall::new(&app.page, "https://app.example/api", "");
    request.respond.set(Some(respond));
    let sent = {
        let request = request.clone();
        app.start(|client| async move {
            let request: &dyn ApiRequest = &*request;
            let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
            client.fetch(request, &options).await
        })
    };
    let said = match sent.wait(app.browser()) {
        Ok(response) => response.status.to_string(),
        Err(FetchError::Client(error)) => error.code().to_owned(),
        Err(FetchError::NotAnswered) => "not answered".to_owned(),
    };
    (said, request.count.get())
}

/// The user comes back with this.
fn authenticates(browser: &Rc<Browser>, name: &'static str, value: serde_json::Value) {
    browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| claims[name] = value));
}

#[test]
fn c189_one_demand_is_enough_to_ask() {
    let wants_acr: Respond = |_| {
        let challenge = "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\"";
        (401, Some(challenge), true)
    };
    let wants_fresh: Respond = |_| {
        let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"60\"";
        (401, Some(challenge), true)
    };
    for (respond, param, expected) in [(wants_acr, "acr_values", "gold"), (wants_fresh, "max_age", "60")] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let now = browser.seconds();
        match param {
            "acr_values" => authenticates(&browser, "acr", "gold".into()),
            _ => authenticates(&browser, "auth_time", now.into()),
        }
        // The user was asked, and the API asks again.
        assert_eq!(fetched(&app, respond), ("upgrade_loop".to_owned(), 2));
        let asked = browser.server.borrow().asked.clone();
        assert_eq!(query(&asked, param).as_deref(), Some(expected));
    }
}

#[test]
fn an_api_that_does_not_say_what_it_wants_leads_to_no_question() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let popups = app.page.closed_popups.get();
    let respond: Respond = |_| (401, Some("Bearer error=\"insufficient_user_authentication\""), true);
    let expected = ("insufficient_user_authentication".to_owned(), 1);
    assert_eq!(fetched(&app, respond), expected);
    assert_eq!(app.page.closed_popups.get(), popups);
}
