//! What happens once in a while, many times: tabs that refresh at once, that die in the middle, and a crash at every write.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions, TokenOptions};
use scopewise::core::error::Result;
use scopewise::host::StorageKind;

use crate::app::{App, known_options, set};
use crate::host::{Browser, Call};
use crate::many_tabs::check_refreshes;
use crate::server::ORIGIN;

const KINDS: [StorageKind; 3] = [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb];

fn bound(browser: &Rc<Browser>, kind: StorageKind) -> App {
    App::open(browser.open_tab(ORIGIN), kind, known_options().with_dpop())
}

#[test]
fn c216_twenty_tabs_and_two_hundred_rounds_of_bound_tokens_are_two_hundred_refreshes() {
    const ROUNDS: usize = 200;
    let browser = Browser::new(1);
    let apps: Vec<App> = (0..20).map(|_| bound(&browser, StorageKind::Local)).collect();
    apps[0].popup().unwrap();
    browser.run();
    for round in 1..=ROUNDS {
        browser.clock.advance(3_601_000.0);
        let calls: Vec<_> = apps.iter().map(App::token).collect();
        let tokens: Vec<String> = calls
            .into_iter()
            .map(|call| call.wait(&browser).unwrap().secret().to_owned())
            .collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
        assert_eq!(browser.network.grants("refresh_token"), round);
    }
    let server = browser.server.borrow();
    assert_eq!((server.reuses, server.violations.len()), (0, 0));
    assert_eq!(server.proofs.taken, 1 + ROUNDS);
}

#[test]
fn c217_five_hundred_tabs_that_die_in_the_middle_of_a_refresh_send_no_token_twice() {
    let browser = Browser::new(7);
    let app = bound(&browser, StorageKind::Local);
    app.popup().unwrap();
    let mut tokens = 0;
    for _ in 0..500 {
        let dying = bound(&browser, StorageKind::Local);
        browser.clock.advance(3_601_000.0);
        let _call = dying.token();
        for _ in 0..browser.below(40) {
            browser.step();
        }
        let waiting = app.token();
        browser.run_until(|| browser.below(10) == 0);
        dying.page.end();
        // Where the answer died with its tab the server is asked silently: it knows the user.
        tokens += usize::from(waiting.wait(&browser).is_ok());
        browser.run();
        assert_eq!(browser.locks.names(), [""; 0]);
    }
    check_refreshes(&browser);
    assert!(tokens > 450, "{tokens} of 500 had a token");
    assert!(browser.server.borrow().violations.is_empty());
}

/// What a page does until it crashes.
type Deed = fn(&App) -> Call<Result<()>>;

const DEEDS: [(&str, Deed); 5] = [
    ("sign-in", |app| {
        let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
        Call::start(&app.page, async { call.await.map(drop) })
    }),
    ("upgrade", |app| {
        let call = app
            .client
            .upgrade(set("write"), SignInOptions::new(InteractionMode::Popup));
        Call::start(&app.page, async { call.await.map(drop) })
    }),
    ("refresh", |app| {
        app.start(|client| async move {
            let options = TokenOptions::default().with_force_refresh();
            client.get_access_token(options).await.map(drop)
        })
    }),
    ("callback", |app| {
        let call = app.client.handle_callback(None);
        Call::start(&app.page, async { call.await.map(drop) })
    }),
    ("sign-out", |app| app.sign_out(true)),
];

/// Somebody is signed in with some scopes, and a page is about to do something.
fn before(browser: &Rc<Browser>, kind: StorageKind, deed: &str) -> App {
    let app = bound(browser, kind);
    if deed != "sign-in" {
        app.popup().unwrap();
        app.upgrade("admin").unwrap();
    }
    if deed != "callback" {
        return app;
    }
    drop(app.client.upgrade(set("write"), SignInOptions::default()));
    app.follow()
}

/// What is there after the crash is the session before or after, whole: its token is one that the server takes, and has
/// what the session says.
fn check(browser: &Browser, app: &App, place: &str) {
    let Some(session) = app.session() else { return };
    let grant = &session.grants()[0];
    let server = browser.server.borrow();
    let scopes = server.scopes_of(grant.access_token().secret(), browser.seconds());
    assert_eq!(scopes.as_ref(), Some(grant.granted()), "{place}");
    let has_admin = grant.granted().contains("admin");
    let has_write = grant.granted().contains("write");
    assert!(has_admin || !has_write || place.starts_with("sign-in"), "{place}");
    assert_eq!(grant.access_token().key().is_some(), session.is_bound(), "{place}");
}

#[test]
fn c174_c213_a_crash_at_any_write_leaves_the_session_before_or_the_one_after() {
    for kind in KINDS {
        for (name, deed) in DEEDS {
            let mut crashes = 0;
            for write in 0.. {
                let browser = Browser::new(write as u64 + 1);
                let app = before(&browser, kind, name);
                app.page.writes_until_crash.set(Some(write));
                let call = deed(&app);
                browser.run_until(|| app.page.is_crashed.get() || call.is_done());
                let is_over = !app.page.is_crashed.get();
                crashes += usize::from(!is_over);
                app.page.writes_until_crash.set(None);
                let app = app.reload(ORIGIN);
                let place = format!("{name}, {kind:?}, write {write}");
                check(&browser, &app, &place);
                // Whatever it was, the user can go on.
                if let Err(error) = app.token().wait(&browser) {
                    let known = ["not_signed_in", "token_response_lost", "login_required"];
                    assert!(known.contains(&error.code()), "{place}: {error}");
                }
                app.popup().unwrap();
                app.upgrade("write").unwrap();
                assert!(app.has("write"), "{place}");
                browser.close();
                if is_over {
                    break;
                }
            }
            assert!(crashes > 0, "{name} writes nothing");
        }
    }
}
