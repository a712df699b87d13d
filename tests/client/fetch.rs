//! `fetch`.

use std::cell::Cell;
use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, OnMissing};
use scopewise::host::{ApiRequest, ApiResponse, StorageKind};

use crate::app::{App, set};
use crate::host::api::{FakeCall, Respond};
use crate::host::{Browser, Call, FakeAbort};
use crate::server::Decision;

const API: &str = "https://app.example/api";

pub(crate) type Fetched = Result<ApiResponse, FetchError>;

/// Sends a call.
fn fetch(app: &App, request: &Rc<FakeCall>, on_missing: OnMissing, scope: &str) -> Call<Fetched> {
    let request = request.clone();
    let scope = scopewise::core::scope::ScopeSet::from_answer(scopewise::core::scope::tokens(scope));
    let options = FetchOptions::default().with_on_missing(on_missing).with_scope(scope);
    app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await
    })
}

/// The status, or the code of the failure.
pub(crate) fn said(result: Fetched) -> String {
    match result {
        Ok(response) => response.status.to_string(),
        Err(FetchError::Client(error)) => error.code().to_owned(),
        Err(FetchError::NotAnswered) => "not answered".to_owned(),
    }
}

#[test]
fn tokens_go_to_apis_that_may_have_them_and_nowhere_else() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "read");
    assert_eq!(said(fetch(&app, &call, OnMissing::Throw, "").wait(&browser)), "200");
    let other = FakeCall::new(&app.page, "https://api.example/", "read");
    assert_eq!(
        said(fetch(&app, &other, OnMissing::Throw, "").wait(&browser)),
        "untrusted_origin"
    );
    assert_eq!((call.count.get(), other.count.get()), (1, 0));
}

#[test]
fn a_scope_that_the_call_names_is_checked_before_anything_is_sent() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let call = FakeCall::new(&app.page, API, "write");
    assert_eq!(
        said(fetch(&app, &call, OnMissing::Throw, "write").wait(&browser)),
        "missing_scope"
    );
    assert_eq!(call.count.get(), 0);
    assert_eq!(
        said(fetch(&app, &call, OnMissing::Popup, "write").wait(&browser)),
        "200"
    );
    assert_eq!(call.count.get(), 1);
}

#[test]
fn a_token_that_the_api_does_not_take_is_renewed_once() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().forget_access_tokens();
    let call = FakeCall::new(&app.page, API, "read");
    assert_eq!(said(fetch(&app, &call, OnMissing::Throw, "").wait(&browser)), "200");
    assert_eq!((call.count.get(), browser.network.grants("refresh_token")), (2, 1));
    browser.server.borrow_mut().revoke_all();
    let call = FakeCall::new(&app.page, API, "read");
    assert_eq!(said(fetch(&app, &call, OnMissing::Throw, "").wait(&browser)), "401");
    assert_eq!(call.count.get(), 1);
    assert!(app.session().is_none(), "the server said that the grant is over");
}

#[test]
fn c181_a_token_of_some_age_that_has_all_that_is_asked_for_is_renewed_once_and_not_over_and_over() {
    thread_local!(static REFUSALS: Cell<usize> = const { Cell::new(0) });
    let refuses: Respond = |_| match REFUSALS.replace(REFUSALS.get().saturating_sub(1)) {
        0 => (200, None, true),
        _ => (403, Some("Bearer error=\"insufficient_scope\", scope=\"read\""), true),
    };
    for (refusals, expected, refreshes) in [(1, "200", 1), (9, "upgrade_loop", 1)] {
        REFUSALS.set(refusals);
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(120_000.0);
        let call = FakeCall::new(&app.page, API, "read");
        call.respond.set(Some(refuses));
        let said_of = |on_missing| said(fetch(&app, &call, on_missing, "").wait(&browser));
        assert_eq!(said_of(OnMissing::Popup), expected);
        assert_eq!(
            (call.count.get(), browser.network.grants("refresh_token")),
            (2, refreshes)
        );
        // The token is new now, and says what the server says.
        if expected == "upgrade_loop" {
            assert_eq!(said_of(OnMissing::Popup), expected);
            assert_eq!(
                (call.count.get(), browser.network.grants("refresh_token")),
                (3, refreshes)
            );
        }
        assert_eq!(browser.network.grants("authorization_code"), 1, "nobody is asked");
    }
}

#[test]
fn c177_ten_calls_that_miss_the_same_scope_ask_once_and_each_is_sent_once_more() {
    for seed in 0..100 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        let popups = app.page.closed_popups.get();
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let request = FakeCall::new(&app.page, API, "write");
                (request.clone(), fetch(&app, &request, OnMissing::Popup, ""))
            })
            .collect();
        browser.run();
        for (request, call) in calls {
            assert_eq!(said(call.take().unwrap()), "200");
            assert!(request.count.get() <= 2);
        }
        assert_eq!(app.page.closed_popups.get() - popups, 1);
        browser.close();
    }
}

#[test]
fn ten_calls_are_denied_by_one_no_which_is_remembered() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        let popups = app.page.closed_popups.get();
        browser.server.borrow_mut().decide(Decision::Deny);
        let call = || {
            let request = FakeCall::new(&app.page, API, "write");
            fetch(&app, &request, OnMissing::Popup, "")
        };
        let calls: Vec<_> = (0..10).map(|_| call()).collect();
        browser.run();
        for call in calls {
            assert_eq!(said(call.take().unwrap()), "insufficient_scope");
        }
        assert_eq!(said(call().wait(&browser)), "insufficient_scope");
        assert_eq!(app.page.closed_popups.get() - popups, 1);
        assert!(app.upgrade("write").is_ok());
        assert_eq!(said(call().wait(&browser)), "200");
        browser.close();
    }
}

#[test]
fn what_can_be_sent_once_is_sent_once() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let mut request = FakeCall::new(&app.page, API, "write");
    Rc::get_mut(&mut request).unwrap().is_replayable = false;
    let call = fetch(&app, &request, OnMissing::Popup, "");
    assert_eq!(said(call.wait(&browser)), "insufficient_scope");
    assert_eq!((request.count.get(), app.page.closed_popups.get()), (1, 1));
    request.count.set(0);
    assert_eq!(app.upgrade("write").unwrap().granted, set("openid read write"));
    assert_eq!(said(fetch(&app, &request, OnMissing::Popup, "").wait(&browser)), "200");
    assert_eq!(request.count.get(), 1);
}

#[test]
fn what_can_be_sent_once_is_not_sent_again_with_another_token() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().forget_access_tokens();
    let mut request = FakeCall::new(&app.page, API, "read");
    Rc::get_mut(&mut request).unwrap().is_replayable = false;
    assert_eq!(said(fetch(&app, &request, OnMissing::Popup, "").wait(&browser)), "401");
    assert_eq!((request.count.get(), browser.network.grants("refresh_token")), (1, 0));
}

#[test]
fn a_call_that_was_upgraded_is_sent_once_more_and_not_twice() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let request = FakeCall::new(&app.page, API, "");
    request.respond.set(Some(|scopes| match scopes {
        Some(scopes) if scopes.contains("write") => (401, Some("Bearer error=\"invalid_token\""), true),
        _ => (403, Some("Bearer error=\"insufficient_scope\", scope=\"write\""), true),
    }));
    assert_eq!(said(fetch(&app, &request, OnMissing::Popup, "").wait(&browser)), "401");
    assert_eq!((request.count.get(), browser.network.grants("refresh_token")), (2, 0));
}

#[test]
fn calls_that_name_the_same_missing_scope_ask_once_and_each_is_sent_once() {
    for seed in 0..20 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        let popups = app.page.closed_popups.get();
        let calls = [(); 3].map(|()| {
            let request = FakeCall::new(&app.page, API, "write");
            (request.clone(), fetch(&app, &request, OnMissing::Popup, "write"))
        });
        browser.run();
        for (request, call) in calls {
            assert_eq!(
                (said(call.take().unwrap()).as_str(), request.count.get()),
                ("200", 1),
                "{seed}"
            );
        }
        assert_eq!(app.page.closed_popups.get() - popups, 1);
        browser.close();
    }
}

#[test]
fn an_api_that_names_no_scope_wants_those_that_the_call_named() {
    let nameless: [(Respond, &str); 2] = [
        (
            |_| (403, Some("Bearer error=\"insufficient_scope\""), true),
            "upgrade_loop",
        ),
        (
            |_| {
                (
                    401,
                    Some("Bearer error=\"insufficient_user_authentication\", max_age=\"60\""),
                    true,
                )
            },
            "insufficient_user_authentication",
        ),
    ];
    for (respond, expected) in nameless {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let call = FakeCall::new(&app.page, API, "");
        call.respond.set(Some(respond));
        assert_eq!(
            said(fetch(&app, &call, OnMissing::Throw, "read").wait(&browser)),
            expected
        );
    }
}

#[test]
fn a_network_that_fails_is_the_platforms_to_explain() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let request = FakeCall::new(&app.page, API, "read");
    request.is_unreachable.set(true);
    assert_eq!(
        said(fetch(&app, &request, OnMissing::Throw, "").wait(&browser)),
        "not answered"
    );
    request.is_aborted.set(true);
    assert_eq!(
        said(fetch(&app, &request, OnMissing::Throw, "").wait(&browser)),
        "not answered"
    );
    assert_eq!(request.count.get(), 1);
}

#[test]
fn what_a_refusal_says_or_hides_decides_whether_the_token_is_renewed() {
    let cases: [(Respond, &str, usize); 6] = [
        (|_| (401, None, true), "401", 2),
        (|_| (401, None, false), "challenge_unreadable", 2),
        (|_| (401, Some("Bearer error=\"invalid_request\""), true), "401", 1),
        (|_| (403, None, true), "403", 1),
        (|_| (403, None, false), "challenge_unreadable", 1),
        (
            |_| (403, Some("Bearer error=\"insufficient_scope\""), true),
            "challenge_unreadable",
            1,
        ),
    ];
    for (index, (respond, expected, count)) in cases.into_iter().enumerate() {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let call = FakeCall::new(&app.page, API, "read");
        call.respond.set(Some(respond));
        let result = said(fetch(&app, &call, OnMissing::Popup, "").wait(&browser));
        assert_eq!((result.as_str(), call.count.get()), (expected, count), "{index}");
        assert_eq!(browser.network.grants("refresh_token"), count - 1, "{index}");
    }
}

#[test]
fn a_token_is_of_some_age_after_a_minute() {
    for (seconds, count) in [(59.0, 1), (60.0, 2)] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(seconds * 1_000.0);
        let call = FakeCall::new(&app.page, API, "read");
        call.respond.set(Some(|_| {
            (403, Some("Bearer error=\"insufficient_scope\", scope=\"read\""), true)
        }));
        let result = said(fetch(&app, &call, OnMissing::Throw, "").wait(&browser));
        assert_eq!(
            (result.as_str(), call.count.get()),
            ("upgrade_loop", count),
            "{seconds}"
        );
    }
}

#[test]
fn a_failure_of_a_call_has_the_clients_as_its_source() {
    let source = |error: FetchError| std::error::Error::source(&error).map(ToString::to_string);
    let aborted = scopewise::Error::Aborted;
    assert_eq!(source(FetchError::Client(aborted.clone())), Some(aborted.to_string()));
    assert_eq!(source(FetchError::NotAnswered), None);
    let abort: Rc<dyn scopewise::host::AbortSignal> = Rc::new(FakeAbort::default());
    assert!(FetchOptions::default().with_abort(abort).abort.is_some());
}

#[test]
fn c177_calls_leave_the_page_for_one_upgrade_and_once_more_where_it_is_still_there() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let send = |on_missing, scope: &str| fetch(&app, &FakeCall::new(&app.page, API, "write"), on_missing, scope);
    let requests = || {
        let texts = app.page.tab.session_storage.borrow();
        texts.values().filter(|text| text.contains("code_verifier")).count()
    };
    let calls = [send(OnMissing::Redirect, ""), send(OnMissing::Redirect, "write")];
    browser.run();
    assert!(app.page.destination().is_some() && calls.iter().all(|call| !call.is_done()));
    assert_eq!(requests(), 1);
    // The user stays, or goes back to a page that the browser kept.
    browser.clock.advance(5_000.0);
    browser.run();
    assert!(app.page.destination().is_none(), "nobody asked for that");
    let again = send(OnMissing::Redirect, "");
    browser.run();
    assert!(app.page.destination().is_some() && !again.is_done());
    browser.clock.advance(5_000.0);
    assert_eq!(said(send(OnMissing::Popup, "").wait(&browser)), "200");
}
