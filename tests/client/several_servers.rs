//! Several clients on one page, each of another server: none takes what is another's.

use std::rc::Rc;

use scopewise::client::SignInOptions;
use scopewise::core::authorize::{AuthorizeOptions, Outcome, ResponseMode};
use scopewise::core::config::ClientOptions;
use scopewise::core::error::Result;
use scopewise::host::{Page as _, StorageKind};

use crate::app::{App, KINDS, code, known_options, metadata, with_state};
use crate::host::{Browser, Call, FakePage};
use crate::server::{CALLBACK, ISSUER, ORIGIN};

/// The other client: the same client ID at another server, and the same redirect URI unless another one is given.
fn other_options() -> ClientOptions {
    let mut metadata = metadata();
    metadata.issuer = "https://other.example".to_owned();
    ClientOptions::new("app", "https://other.example")
        .with_redirect_uri(CALLBACK)
        .with_metadata(metadata)
}

fn beside(app: &App, kind: StorageKind, options: ClientOptions) -> App {
    App::open(app.page.clone(), kind, options)
}

/// The first client's user comes back, to a page that opens both.
fn returned(browser: &Rc<Browser>, kind: StorageKind, mode: ResponseMode) -> App {
    let app = App::in_tab(browser, kind);
    let authorize = AuthorizeOptions::default().with_response_mode(mode);
    drop(app.client.sign_in(SignInOptions::default().with_authorize(authorize)));
    app.follow()
}

fn handled(app: &App) -> Call<Result<Option<Outcome>>> {
    Call::start(&app.page, app.client.handle_callback(None))
}

#[test]
fn a_response_to_another_client_is_left_for_that_one() {
    for mode in [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::QueryJwt] {
        for (kind, other_kind) in KINDS.into_iter().flat_map(|kind| KINDS.map(|other| (kind, other))) {
            for is_apart in [false, true] {
                let browser = Browser::new(1);
                let app = returned(&browser, kind, mode);
                let url = app.page.url();
                let options = match is_apart {
                    true => other_options().with_redirect_uri("/elsewhere"),
                    false => other_options(),
                };
                let other = beside(&app, other_kind, options);
                assert_eq!(handled(&other).wait(&browser).unwrap(), None);
                assert_eq!(app.page.url(), url, "it stays where it is");
                assert!(app.handled().unwrap().is_some());
                assert_eq!(handled(&other).wait(&browser).unwrap(), None);
                assert!(app.session().is_some() && other.session().is_none());
                assert_eq!(browser.network.grants("authorization_code"), 1);
            }
        }
    }
}

#[test]
fn handled_by_both_at_once_in_any_order_and_twice_it_is_one_exchange() {
    for seed in 0..60 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session, ResponseMode::Query);
        let other = beside(&app, StorageKind::Session, other_options());
        let mut clients = [&app, &app, &other, &other];
        for last in (1..4).rev() {
            clients.swap(last, browser.below(last + 1));
        }
        let calls = clients.map(|one| (one, handled(one)));
        browser.run();
        let mut outcomes = Vec::new();
        for (one, call) in calls {
            let outcome = call.take().unwrap().unwrap();
            assert!(outcome.is_none() || one.client == app.client);
            outcomes.extend(outcome);
        }
        assert_eq!(outcomes.len(), 2, "both calls of the client that asked get it");
        assert_eq!(browser.network.grants("authorization_code"), 1);
        assert!(browser.server.borrow().violations.is_empty());
        browser.close();
    }
}

#[test]
fn an_answer_that_came_too_late_is_said_by_the_client_that_asked_alone() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session, ResponseMode::Query);
    let other = beside(&app, StorageKind::Session, other_options());
    browser.clock.advance(3_601_000.0);
    let not_its_own = handled(&other);
    assert_eq!(code(app.handled()), "transaction_expired");
    assert_eq!(not_its_own.wait(&browser).unwrap(), None);
}

#[test]
fn c046_a_url_that_is_given_to_the_wrong_client_is_an_error_and_the_request_stays() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session, ResponseMode::Query);
    let url = app.page.url();
    let page = app.page.reload(ORIGIN);
    let other = App::open(page.clone(), StorageKind::Session, other_options());
    let call = Call::start(&page, other.client.handle_callback(Some(&url)));
    assert_eq!(code(call.wait(&browser)), "transaction_missing");
    let app = App::open(page.clone(), StorageKind::Session, known_options());
    let call = Call::start(&page, app.client.handle_callback(Some(&url)));
    assert!(call.wait(&browser).unwrap().is_some());
}

#[test]
fn what_is_nobodys_is_said_once() {
    let browser = Browser::new(1);
    let page: Rc<FakePage> = browser.open_tab(&format!("{CALLBACK}?state=x&code=y"));
    let app = App::open(page.clone(), StorageKind::Session, known_options());
    let other = App::open(page, StorageKind::Session, other_options());
    assert_eq!(code(handled(&other).wait(&browser)), "transaction_missing");
    assert_eq!(app.page.url(), CALLBACK);
    assert_eq!(handled(&app).wait(&browser).unwrap(), None);
}

#[test]
fn a_response_that_is_still_to_be_handled_is_no_part_of_another_clients_way_back() {
    for (mode, left) in [
        (ResponseMode::Query, "/callback"),
        (ResponseMode::Fragment, "/callback"),
    ] {
        let browser = Browser::new(1);
        let app = returned(&browser, StorageKind::Session, mode);
        for redirect_uri in [CALLBACK, "/elsewhere"] {
            let other = beside(
                &app,
                StorageKind::Local,
                other_options().with_redirect_uri(redirect_uri),
            );
            let request = other.client.authorize_url(&AuthorizeOptions::default()).unwrap();
            assert_eq!(request.pending.return_to, left, "{mode:?} {redirect_uri}");
        }
    }
}

#[test]
fn in_a_popup_whoever_is_first_hands_the_answer_to_the_page_that_asked() {
    for is_apart in [false, true] {
        let browser = Browser::new(1);
        let page = browser.open_tab(&format!("{CALLBACK}?state=x&code=y"));
        page.is_popup.set(true);
        let options = match is_apart {
            true => other_options().with_redirect_uri("/elsewhere"),
            false => other_options(),
        };
        let popup = App::open(page, StorageKind::Session, options);
        let call = handled(&popup);
        browser.run();
        assert!(!call.is_done());
    }
}

#[test]
fn the_end_of_one_session_is_not_the_others() {
    for kind in KINDS {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let other = beside(&app, kind, other_options());
        let (changes, _subscription) = app.count_changes();
        // A request of the first one is under way.
        drop(app.client.sign_in(with_state("7")));
        let request = app.page.destination().unwrap();
        other.sign_out(false).wait(&browser).unwrap();
        let url = browser.server.borrow_mut().authorize(&request, browser.seconds()).url();
        assert!(url.starts_with(ORIGIN) && request.starts_with(ISSUER));
        assert_eq!(changes.get(), 0);
        assert!(app.session().is_some());
        let outcome = Call::start(&app.page, app.client.handle_callback(Some(&url)));
        assert!(outcome.wait(&browser).unwrap().is_some());
    }
}

/// Without `iss`, the redirect URI alone tells whose answer it is (RFC 9700 §4.4.2.2).
fn without_issuer(url: &str) -> String {
    let is_other = |pair: &&str| !pair.starts_with("iss=");
    let (base, query) = url.split_once('?').unwrap();
    let rest: Vec<_> = query.split('&').filter(is_other).collect();
    [base, "?", &rest.join("&")].concat()
}

/// A client whose server does not promise `iss`.
fn silent_options() -> ClientOptions {
    let mut metadata = metadata();
    metadata.sends_issuer = false;
    known_options().with_metadata(metadata)
}

#[test]
fn c026_an_answer_that_comes_to_another_servers_redirect_uri_goes_nowhere() {
    for (kind, is_first) in KINDS.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
        let browser = Browser::new(1);
        let begun = App::open(browser.open_tab(ORIGIN), kind, silent_options());
        drop(begun.client.sign_in(SignInOptions::default()));
        let request = begun.page.destination().unwrap();
        let url = browser.server.borrow_mut().authorize(&request, browser.seconds()).url();
        let url = without_issuer(&url);
        let misled = url.replace("/callback", "/elsewhere");
        let other_options = other_options().with_redirect_uri("/elsewhere");
        let page = begun.page.reload(&misled);
        let app = match is_first {
            true => App::open(page.clone(), kind, silent_options()),
            false => {
                App::open(page.clone(), kind, other_options.clone());
                App::open(page.clone(), kind, silent_options())
            }
        };
        let other = App::open(page, kind, other_options);
        assert_eq!(code(handled(&app).wait(&browser)), "issuer_mismatch");
        assert_eq!(handled(&other).wait(&browser).unwrap(), None);
        assert_eq!(browser.network.grants("authorization_code"), 0);
        // Where it belongs it is taken, and so it is on a path that is nobody's.
        let elsewhere = url.replace("/callback", "/nobodys");
        let call = Call::start(&app.page, app.client.handle_callback(Some(&elsewhere)));
        assert!(call.wait(&browser).unwrap().is_some());
    }
}

#[test]
fn c026_redirect_uris_may_differ_in_their_query_alone() {
    let (own, other) = ("/callback?of=1", "/callback?of=2");
    for (own, other, came_to, is_mix_up) in [
        (own, other, "/callback?of=2&", true),
        (own, other, "/callback?lang=en&of=2&", true),
        (own, other, "/callback?of=1&", false),
        (own, other, "/callback?lang=en&of=1&", false),
        // Nobody's.
        (own, other, "/callback?", false),
        (own, other, "/callback?of=3&", false),
        // One may have what the other has, and more.
        (own, "/callback", "/callback?", true),
        (own, "/callback", "/callback?of=1&", false),
        ("/callback", other, "/callback?of=2&", true),
        ("/callback", other, "/callback?", false),
    ] {
        let browser = Browser::new(1);
        let page = browser.open_tab(ORIGIN);
        let app = App::open(
            page.clone(),
            StorageKind::Session,
            silent_options().with_redirect_uri(own),
        );
        App::open(page, StorageKind::Session, other_options().with_redirect_uri(other));
        let request = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
        let url = format!("{ORIGIN}{came_to}code=x&state={}", request.state.secret());
        let call = Call::start(&app.page, app.client.handle_callback(Some(&url)));
        // The server knows no such code.
        let expected = if is_mix_up { "issuer_mismatch" } else { "invalid_grant" };
        assert_eq!(code(call.wait(&browser)), expected, "{own} {other} {came_to}");
        assert_eq!(browser.network.count("/token"), usize::from(!is_mix_up));
    }
}

#[test]
fn c026_hosts_write_paths_in_their_own_way_and_pages_go_on_to_others() {
    for (own, other, came_to, is_mix_up) in [
        ("/callback", "/elsewhere", "/elsewhere/", true),
        ("/callback", "/elsewhere", "/elsewhere/index.html", true),
        ("/callback", "/elsewhere/", "/elsewhere", true),
        ("/callback", "/elsewhere.html", "/elsewhere", true),
        ("/callback", "/elsewhere", "/elsewhere.html", true),
        ("/callback?of=1", "/callback?of=2", "/callback/?of=2", true),
        ("/callback?of=1", "/callback?of=2", "/callback/?of=1", false),
        ("/callback", "/elsewhere", "/callback/", false),
        ("/callback", "/elsewhere", "/elsewhere/more", false),
        // The page at the redirect URI may have gone on to another one.
        ("/callback?of=1", "/callback?of=2", "/calendar?of=2", true),
        ("/callback?of=1", "/callback?of=2", "/calendar?page=2&of=2", true),
        ("/callback?of=1", "/callback?of=2", "/calendar?of=1", false),
        ("/callback?of=1", "/callback?of=2", "/calendar", false),
        // What differs in that alone is told apart by it.
        ("/callback", "/callback/", "/callback/", true),
        ("/callback", "/callback/", "/callback", false),
    ] {
        let browser = Browser::new(1);
        let page = browser.open_tab(ORIGIN);
        let options = silent_options().with_redirect_uri(own);
        let app = App::open(page.clone(), StorageKind::Session, options);
        App::open(page, StorageKind::Session, other_options().with_redirect_uri(other));
        let request = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
        let mark = if came_to.contains('?') { '&' } else { '?' };
        let url = format!("{ORIGIN}{came_to}{mark}code=x&state={}", request.state.secret());
        let call = Call::start(&app.page, app.client.handle_callback(Some(&url)));
        let expected = if is_mix_up { "issuer_mismatch" } else { "invalid_grant" };
        assert_eq!(code(call.wait(&browser)), expected, "{own} {other} {came_to}");
        assert_eq!(browser.network.count("/token"), usize::from(!is_mix_up));
    }
}

#[test]
fn c049_an_answer_that_names_its_issuer_may_come_to_another_clients_redirect_uri() {
    for (is_promised, options) in [(true, known_options()), (false, silent_options())] {
        let browser = Browser::new(1);
        let begun = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        drop(begun.client.sign_in(SignInOptions::default()));
        let app = begun.follow();
        let elsewhere = other_options().with_redirect_uri("/elsewhere");
        beside(&app, StorageKind::Session, elsewhere);
        let moved = app.page.url().replace("/callback", "/elsewhere");
        let handle = |url: &str| Call::start(&app.page, app.client.handle_callback(Some(url))).wait(&browser);
        // What was promised and is not there is missing, wherever it should be.
        let expected = if is_promised {
            "issuer_missing"
        } else {
            "issuer_mismatch"
        };
        assert_eq!(code(handle(&without_issuer(&moved))), expected);
        assert!(handle(&moved).unwrap().is_some());
    }
}

#[test]
fn c049_an_answer_without_issuer_may_come_to_the_redirect_uri_of_the_same_servers_other_client() {
    let browser = Browser::new(1);
    let begun = App::open(browser.open_tab(ORIGIN), StorageKind::Session, silent_options());
    drop(begun.client.sign_in(SignInOptions::default()));
    let app = begun.follow();
    let options = ClientOptions::new("app-2", ISSUER).with_metadata(metadata());
    beside(&app, StorageKind::Session, options.with_redirect_uri("/elsewhere"));
    let moved = without_issuer(&app.page.url()).replace("/callback", "/elsewhere");
    let call = Call::start(&app.page, app.client.handle_callback(Some(&moved)));
    assert!(call.wait(&browser).unwrap().is_some());
}
