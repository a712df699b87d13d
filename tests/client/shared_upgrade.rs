//! The one upgrade that all calls of `fetch` wait for, and callers that give it up.

use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, OnMissing};
use scopewise::core::target::Target;
use scopewise::host::{AbortSignal, ApiRequest, ApiResponse, StorageKind};

use crate::app::{App, set};
use crate::fetch::said;
use crate::host::api::{FakeCall, Respond};
use crate::host::{Browser, Call, FakeAbort, abort_later};
use crate::server::Decision;

fn fetch(app: &App, abort: Option<Rc<dyn AbortSignal>>) -> Call<Result<ApiResponse, FetchError>> {
    fetch_with(app, "write", abort)
}

fn fetch_with(app: &App, scope: &str, abort: Option<Rc<dyn AbortSignal>>) -> Call<Result<ApiResponse, FetchError>> {
    let request = FakeCall::new(&app.page, "https://app.example/api", scope);
    let mut options = FetchOptions::default().with_on_missing(OnMissing::Popup);
    options.abort = abort;
    app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await
    })
}

#[test]
fn a_caller_that_gives_up_the_shared_upgrade_gives_it_up_for_itself_alone() {
    let mut given_up = 0;
    for seed in 0..200_u64 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        let popups = app.page.closed_popups.get();
        let abort = Rc::new(FakeAbort::default());
        let first = fetch(&app, Some(abort.clone()));
        let others = [(); 3].map(|()| fetch(&app, None));
        let _aborting = abort_later(&app.page, abort, seed as usize % 16);
        browser.run();
        for other in others {
            assert_eq!(other.take().unwrap().unwrap().status, 200, "{seed}");
        }
        match first.take().unwrap() {
            Ok(response) => assert_eq!(response.status, 200),
            Err(FetchError::Client(error)) => {
                assert_eq!(error.code(), "aborted", "{seed}");
                given_up += 1;
            }
            Err(failure) => panic!("{failure:?}"),
        }
        assert!(app.page.closed_popups.get() - popups <= 2, "one more popup at the most");
        browser.close();
    }
    assert!(given_up > 5, "the first call led, and gave up, {given_up} times");
}

#[test]
fn an_error_about_what_another_call_asked_for_is_that_calls_alone() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
        let calls = ["one", "two"].map(|scope| fetch_with(&app, scope, None));
        browser.run();
        let mut said = calls.map(|call| said(call.take().unwrap()));
        said.sort();
        assert_eq!(said, ["200", "invalid_scope"], "{seed}");
        browser.close();
    }
}

#[test]
fn what_becomes_of_the_one_popup_is_for_all_who_wait() {
    let busy = "temporarily_unavailable";
    for (decision, expected) in [(Decision::Close, "popup_closed"), (Decision::Error(busy), busy)] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let popups = app.page.closed_popups.get();
        browser.server.borrow_mut().decide(decision);
        let calls = ["write", "other"].map(|scope| fetch_with(&app, scope, None));
        browser.run();
        for call in calls {
            assert_eq!(said(call.take().unwrap()), expected);
        }
        assert_eq!(app.page.closed_popups.get() - popups, 1);
    }
}

/// A call of an API with a token for another target, where it is named, that wants a scope or a stronger authentication.
fn fetch_of(app: &App, target: Option<&Target>, wants_gold: bool) -> Call<Result<ApiResponse, FetchError>> {
    let request = FakeCall::new(&app.page, "https://app.example/api", "write");
    let asks: Respond = |_| {
        let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="gold""#;
        (401, Some(challenge), true)
    };
    request.respond.set(Some(asks).filter(|_| wants_gold));
    let mut options = FetchOptions::default().with_on_missing(OnMissing::Popup);
    options.target = target.cloned();
    if target.is_some() {
        options.scope = set("write");
    }
    app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await
    })
}

#[test]
fn who_asks_for_another_target_or_without_the_step_up_asks_alone() {
    let files = Target::new(None, vec!["https://files.example/".to_owned()]).unwrap();
    for (error, target, wants_gold) in [
        ("invalid_target", Some(&files), false),
        // Of the same scope there.
        ("invalid_scope", Some(&files), false),
        ("unmet_authentication_requirements", None, true),
    ] {
        for seed in 0..50 {
            let browser = Browser::new(seed);
            let app = App::signed_in(&browser, StorageKind::Session);
            browser.server.borrow_mut().decide(Decision::Error(error));
            browser.server.borrow_mut().asked.clear();
            let first = fetch_of(&app, target, wants_gold);
            assert!(browser.run_until(|| !browser.server.borrow().asked.is_empty()));
            let second = fetch_of(&app, None, false);
            browser.run();
            assert_eq!(said(first.take().unwrap()), error);
            assert_eq!(said(second.take().unwrap()), "200", "{seed}");
            browser.close();
        }
    }
}
