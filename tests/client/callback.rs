//! `handle_callback`.

use scopewise::client::{Client, InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, ResponseMode};
use scopewise::core::config::ClientOptions;
use scopewise::host::{Page as _, StorageKind};

use crate::app::{App, code, known_options, with_state};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, Decision, ISSUER, ORIGIN};

/// A page to which the user came back with a code.
fn returned(browser: &std::rc::Rc<Browser>, kind: StorageKind) -> App {
    let app = App::in_tab(browser, kind);
    drop(app.client.sign_in(with_state("{\"page\":7}")));
    app.follow()
}

#[test]
fn the_address_bar_is_clean_when_the_call_returns() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    browser.run();
    let url = app.page.url();
    assert!(url.contains("code=") && url.contains("state="));
    let call = app.client.handle_callback(None);
    assert_eq!(app.page.url(), CALLBACK);
    assert!(browser.locks.names().is_empty());
    assert!(!browser.step(), "nothing is under way before it is polled");
    let outcome = Call::start(&app.page, call).wait(&browser).unwrap().unwrap();
    assert_eq!(outcome.app_state.as_deref(), Some("{\"page\":7}"));
    assert_eq!(app.page.url(), CALLBACK);
}

#[test]
fn calls_that_come_while_the_pages_answer_is_handled_get_the_same_outcome() {
    for seed in 0..30 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session);
        let other = App::open(app.page.clone(), StorageKind::Session, known_options());
        let calls = [app.handle(), app.handle(), other.handle()];
        browser.run();
        for call in calls {
            let outcome = call.take().unwrap().unwrap().unwrap();
            assert_eq!(outcome.app_state.as_deref(), Some("{\"page\":7}"), "{seed}");
        }
        assert!(other.session().is_some());
        assert_eq!(browser.network.grants("authorization_code"), 1);
        // It is over: the page's URL is any other.
        assert_eq!(app.handled().unwrap(), None);
        assert_eq!(other.handled().unwrap(), None);
        browser.close();
    }
}

#[test]
fn calls_that_come_while_a_failure_is_told_hear_the_same() {
    for expected in ["access_denied", "transaction_expired", "http"] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        drop(app.client.sign_in(SignInOptions::default()));
        match expected {
            "access_denied" => browser.server.borrow_mut().decide(Decision::Deny),
            "transaction_expired" => browser.clock.advance(3_601_000.0),
            _ => browser.network.next(Fate::Status(500)),
        }
        let app = app.follow();
        let calls = [(); 3].map(|()| app.client.handle_callback(None));
        let calls = calls.map(|call| Call::start(&app.page, call));
        browser.run();
        for call in calls {
            assert_eq!(code(call.take().unwrap()), expected);
        }
        assert_eq!(app.handled().unwrap(), None);
    }
}

#[test]
fn a_popup_hands_its_answer_over_however_often_it_is_asked() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    drop(app.client.sign_in(SignInOptions::new(InteractionMode::Popup)));
    let answer = format!("{CALLBACK}?code=c&state={}", "s".repeat(43));
    let popup = app.page.reload(&answer);
    popup.is_popup.set(true);
    let popup = App::open(popup, StorageKind::Session, known_options());
    let calls = [popup.handle(), popup.handle()];
    browser.run();
    assert!(calls.iter().all(|call| call.take().is_none()), "neither ever settles");
}

#[test]
fn what_is_not_its_own_stays_in_the_url() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let page = app.reload(&format!("{ORIGIN}/callback?tab=2&state=x&code=y#top"));
    assert_eq!(code(page.handled()), "transaction_missing");
    assert_eq!(page.page.url(), format!("{ORIGIN}/callback?tab=2#top"));
    for url in [
        CALLBACK.to_owned(),
        format!("{ORIGIN}/other?state=x&code=y"),
        format!("{ORIGIN}/callback#error"),
        format!("{ORIGIN}/callback?code=SPRING25"),
        format!("{ORIGIN}/callback?error=not-found&item=7"),
        format!("{ORIGIN}/callback?state=CA"),
        format!("{ORIGIN}/callback#/list?sort=a&state=open"),
        format!("{ORIGIN}/callback#code=5&state=open"),
    ] {
        let page = app.reload(&url);
        let call = page.client.handle_callback(None);
        assert_eq!(Call::start(&page.page, call).wait(&browser).unwrap(), None);
        assert_eq!(page.page.url(), url);
    }
    assert_eq!(browser.network.grants("authorization_code"), 0);
}

#[test]
fn c005_the_same_callback_handled_again_comes_to_the_same() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    let url = app.page.url();
    let first = app.handled().unwrap().unwrap();
    let again = app.reload(&url);
    assert_eq!(again.handled().unwrap().unwrap(), first);
    again.sign_out(true).wait(&browser).unwrap();
    assert_eq!(code(again.reload(&url).handled()), "callback_consumed");
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn c006_the_same_callback_handled_at_once_is_one_exchange() {
    for seed in 0..200 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url();
        let other = App::open(app.page.clone(), app.kind, known_options());
        let handle = |client: &Client| Call::start(&app.page, client.handle_callback(Some(&url)));
        let calls = [&app, &app, &other, &other].map(|app| handle(&app.client));
        browser.run();
        let outcomes = calls.map(|call| call.take().unwrap().unwrap().unwrap());
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
        assert!(app.session().is_some() && app.session() == other.session());
        assert_eq!(browser.network.grants("authorization_code"), 1);
        assert!(browser.server.borrow().violations.is_empty());
        browser.close();
    }
}

#[test]
fn c009_a_code_that_was_on_its_way_when_the_page_went_is_not_sent_again() {
    for seed in 0..100 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url();
        browser.network.next(Fate::Timeout);
        let call = app.handle();
        for _ in 0..browser.below(20) {
            browser.step();
        }
        assert!(!call.is_done());
        let was_sent = browser.network.grants("authorization_code");
        let again = app.reload(&url);
        let result = again.handled();
        if was_sent == 1 {
            assert_eq!(code(result), "token_response_lost");
        }
        assert!(browser.network.grants("authorization_code") <= 1);
        assert!(browser.server.borrow().violations.is_empty());
        browser.close();
    }
}

#[test]
fn c012_where_tabs_share_their_requests_an_answer_in_another_tab_uses_its_code_once() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Local);
    drop(app.client.sign_in(with_state("7")));
    let request = app.page.destination().unwrap();
    let url = browser.server.borrow_mut().authorize(&request, browser.seconds()).url();
    let other = App::open(browser.open_tab(&url), StorageKind::Local, known_options());
    let outcome = other.handled().unwrap();
    assert!(outcome.is_some());
    assert_eq!(app.reload(&url).handled().unwrap(), outcome);
    assert_eq!(browser.network.grants("authorization_code"), 1);
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn a_code_that_did_not_leave_may_be_sent_again() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    let url = app.page.url();
    browser.network.next(Fate::NotSent);
    let error = app.handled().unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("network", true));
    assert!(app.reload(&url).handled().unwrap().is_some());
}

#[test]
fn a_lost_answer_is_said_and_the_code_not_sent_again() {
    for fate in [Fate::LostAnswer, Fate::LostRequest, Fate::Timeout, Fate::Status(503)] {
        let browser = Browser::new(1);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url();
        let expected = match fate {
            Fate::Timeout => "timeout",
            Fate::Status(_) => "http",
            _ => "token_response_lost",
        };
        browser.network.next(fate);
        let error = app.handled().unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (expected, false));
        assert_eq!(code(app.reload(&url).handled()), "callback_consumed");
        assert_eq!(browser.network.grants("authorization_code"), 1);
    }
}

#[test]
fn c001_without_state_it_is_a_response_only_to_a_tab_that_waits_for_one() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::Memory] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, kind);
        let url = format!("{CALLBACK}?code=SPRING25&item=7");
        drop(app.client.sign_in(SignInOptions::default()));
        // Another tab does not wait.
        let other = App::open(browser.open_tab(&url), kind, known_options());
        browser.run();
        let call = other.client.handle_callback(None);
        assert_eq!(Call::start(&other.page, call).wait(&browser).unwrap(), None);
        assert_eq!(other.page.url(), url);
        let page = app.reload(&url);
        let call = page.client.handle_callback(None);
        assert_eq!(page.page.url(), format!("{CALLBACK}?item=7"));
        assert_eq!(code(Call::start(&page.page, call).wait(&browser)), "state_missing");
        // Nor does this one, once its request has run out.
        browser.clock.advance(3_601_000.0);
        let page = app.reload(&url);
        let call = page.client.handle_callback(None);
        assert_eq!(Call::start(&page.page, call).wait(&browser).unwrap(), None);
    }
}

#[test]
fn c049_a_host_may_have_changed_the_path() {
    for path in ["/callback/", "/callback/index.html", "/", "/elsewhere"] {
        let browser = Browser::new(1);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url().replace("/callback", path);
        let page = app.reload(&url);
        assert_eq!(page.handled().unwrap().unwrap().status.as_str(), "granted");
        assert_eq!(page.page.url(), format!("{ORIGIN}{path}"));
        assert!(
            browser.server.borrow().violations.is_empty(),
            "the redirect URI is the request's"
        );
        // The same once more comes to the same.
        let again = page.reload(&url).handled().unwrap().unwrap();
        assert_eq!(again.status.as_str(), "granted");
    }
}

#[test]
fn c049_a_popup_whose_path_was_changed_hands_its_response_over() {
    for url in [
        format!("{CALLBACK}/?state=x&code=y"),
        format!("{CALLBACK}/#state=x&code=y"),
        format!("{CALLBACK}#state=x&code=y"),
    ] {
        let browser = Browser::new(1);
        let page = browser.open_tab(&url);
        page.is_popup.set(true);
        let popup = App::open(page, StorageKind::Session, known_options());
        let call = Call::start(&popup.page, popup.client.handle_callback(None));
        browser.run();
        assert!(!call.is_done(), "{url}");
    }
}

#[test]
fn the_way_back_is_what_the_application_said_or_where_it_was() {
    let browser = Browser::new(1);
    let options = ClientOptions::new("app", ISSUER)
        .with_redirect_uri("/app/")
        .with_metadata(crate::app::metadata());
    let return_to = |url: &str, said: Option<&str>| {
        let app = App::open(
            browser.open_tab(&format!("{ORIGIN}{url}")),
            StorageKind::Session,
            options.clone(),
        );
        let mut authorize = AuthorizeOptions::default();
        authorize.return_to = said.map(str::to_owned);
        app.client.authorize_url(&authorize).unwrap().pending.return_to
    };
    for url in [
        "/app/",
        "/app/#/orders/8",
        "/app/?tab=2#/list?state=open",
        "/app/?code=SPRING25",
        "/app/?state=CA",
        "/search?code=5&state=CA",
    ] {
        assert_eq!(return_to(url, None), url);
        assert_eq!(return_to("/app/", Some(url)), url);
    }
    assert_eq!(
        return_to("/app/?code=x&state=y&iss=z&tab=2#/orders/8", None),
        "/app/?tab=2#/orders/8"
    );
    assert_eq!(return_to("/app/?state=signout.x&tab=2", None), "/app/?tab=2");
}

#[test]
fn c016_an_answer_after_more_than_an_hour_is_too_late() {
    for kind in [StorageKind::Session, StorageKind::Local] {
        let browser = Browser::new(1);
        let app = returned(&browser, kind);
        browser.clock.advance(3_601_000.0);
        // Another request is made meanwhile.
        assert!(app.client.authorize_url(&AuthorizeOptions::default()).is_ok());
        let error = app.handled().unwrap_err();
        let request = error.request().unwrap();
        assert_eq!(error.code(), "transaction_expired");
        assert_eq!(
            (request.app_state.as_deref(), request.return_to.as_str()),
            (Some("{\"page\":7}"), "/")
        );
        assert_eq!(browser.network.grants("authorization_code"), 0);
    }
}

#[test]
fn c016_a_day_later_nothing_is_known_of_it() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    browser.clock.advance(86_401_000.0);
    assert!(app.client.authorize_url(&AuthorizeOptions::default()).is_ok());
    assert_eq!(code(app.handled()), "transaction_missing");
}

#[test]
fn another_issuers_answer_leaves_the_request_waiting() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    let url = app.page.url();
    let forged = url.replace(&url_encoded(ISSUER), &url_encoded("https://evil.example"));
    assert_eq!(code(app.reload(&forged).handled()), "issuer_mismatch");
    assert!(app.reload(&url).handled().unwrap().is_some());
}

fn url_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn a_response_in_the_fragment_is_found_there() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let authorize = AuthorizeOptions::default().with_response_mode(ResponseMode::Fragment);
    let options = SignInOptions::default().with_authorize(authorize);
    drop(app.client.sign_in(options));
    let app = app.follow();
    assert!(app.page.url().contains("#code="));
    assert_eq!(app.handled().unwrap().unwrap().status.as_str(), "granted");
    assert_eq!(app.page.url(), CALLBACK);
}

#[test]
fn a_popup_of_the_clients_hands_its_response_over_and_says_nothing() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    let page = browser.open_tab(&format!("{CALLBACK}?state=x&code=y"));
    page.is_popup.set(true);
    let popup = App::open(page, app.kind, known_options());
    let call = popup.handle();
    browser.run();
    assert!(!call.is_done());
    assert_eq!(popup.page.url(), CALLBACK);
}

#[test]
fn back_from_signing_out_there_is_nothing_to_handle() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let options = scopewise::client::SignOutOptions::default().with_return_to("/bye");
    app.start(|client| async move { client.sign_out(options).await })
        .wait(&browser)
        .unwrap();
    let app = app.follow();
    assert!(app.page.url().starts_with(&format!("{ORIGIN}/bye?state=signout.")));
    assert_eq!(app.handled().unwrap(), None);
    assert_eq!(app.page.url(), format!("{ORIGIN}/bye"));
}
