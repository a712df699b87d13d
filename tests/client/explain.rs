//! `explain_scope`: it is about the last request that named the scope, and that request's answer.

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::provider::{ImpliedScopes, ProviderProfile};
use scopewise::core::scope::Scope;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;

use crate::app::{App, SCOPE, known_options, set};
use crate::host::{Browser, Call};
use crate::server::{Decision, ORIGIN};

fn explained(app: &App, scope: &str) -> String {
    app.client.explain_scope(&Scope::parse(scope).unwrap(), None).unwrap()
}

/// A moment on the browser's clock, which begins at 22:13:20.
const LATER: &str = "At 2023-11-14T22:15:0";

#[test]
fn an_error_is_an_answer_too() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(100_000.0);
    browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
    app.upgrade("admin").unwrap_err();
    // By redirect it is known after a reload as well.
    let again = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(100_000.0);
    drop(again.client.upgrade(set("admin"), SignInOptions::default()));
    browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
    let again = again.follow();
    again.handled().unwrap_err();
    for app in [&app, &again, &again.reload(ORIGIN)] {
        let words = explained(app, "admin");
        let begin = "\"admin\" was requested, and the server answered with an error.";
        assert!(words.starts_with(begin), "{words}");
        let told = format!("the server was asked for \"{SCOPE} admin\" and answered with the error \"invalid_scope\".");
        assert!(words.contains(&told), "{words}");
        assert!(words.contains("another request's: at 2023-11-14T22:1"), "{words}");
        assert!(!words.contains("asked nobody"), "{words}");
    }
    // What was held is held, and what was never named is told apart.
    assert!(explained(&app, "read").starts_with("\"read\" is granted."));
    let words = explained(&app, "other");
    assert!(
        words.starts_with("\"other\" was never requested.") && !words.contains("invalid_scope"),
        "{words}"
    );
}

#[test]
fn a_failed_sign_in_is_one_as_well() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Memory);
    browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
    let authorize = AuthorizeOptions::default().with_scope(set("openid admin"));
    let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
    Call::start(&app.page, app.client.sign_in(options))
        .wait(&browser)
        .unwrap_err();
    let words = explained(&app, "admin");
    assert!(
        words.contains("asked for \"openid admin\" and answered with the error \"invalid_scope\""),
        "{words}"
    );
    assert!(!words.contains("Nobody is signed in"), "{words}");
    app.popup().unwrap();
    assert!(explained(&app, "admin").contains("invalid_scope"));
    assert!(!explained(&app, "read").contains("invalid_scope"));
}

#[test]
fn after_a_no_it_tells_when_that_was() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    browser.clock.advance(100_000.0);
    browser.server.borrow_mut().decide(Decision::Deny);
    app.upgrade("write").unwrap();
    let words = explained(&app, "write");
    assert!(
        words.starts_with("\"write\" is denied: it was requested, and the user or the server said no."),
        "{words}"
    );
    assert!(
        words.contains(LATER) && words.contains("answered with the error \"access_denied\""),
        "{words}"
    );
    // The next yes is the last word.
    browser.clock.advance(1_000.0);
    app.upgrade("write").unwrap();
    let words = explained(&app, "write");
    assert!(
        words.starts_with("\"write\" is granted.") && !words.contains("access_denied"),
        "{words}"
    );
    // Another session has other answers.
    app.sign_out(true).wait(&browser).unwrap();
    app.popup().unwrap();
    assert!(explained(&app, "write").starts_with("\"write\" was never requested."));
}

#[test]
fn who_was_not_asked_is_told_of_the_prompt() {
    for (decision, seconds, prompt, is_told) in [
        (Decision::Without("write"), 0.0, None, true),
        (Decision::Deny, 1_000.0, None, true),
        (Decision::Deny, 2_000.0, None, false),
        (Decision::Deny, 0.0, None, true),
        (Decision::Error("consent_required"), 0.0, None, true),
        (Decision::Deny, 0.0, Some("consent"), false),
        (Decision::Error("invalid_scope"), 0.0, None, false),
        (Decision::Without("read"), 0.0, None, false),
        (Decision::Without("write"), 5_000.0, None, false),
    ] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let mut options = SignInOptions::default();
        options.authorize.prompt = prompt.map(str::to_owned);
        drop(app.client.upgrade(set("write"), options));
        browser.server.borrow_mut().decide(decision.clone());
        browser.clock.advance(seconds);
        let app = app.follow();
        drop(app.handled());
        let words = explained(&app, "write");
        assert_eq!(words.contains("upgradePrompt"), is_told, "{decision:?} {words}");
    }
}

#[test]
fn what_another_upgrade_took_away_was_granted_once() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let calls = ["x", "y"].map(|scope| app.begin_upgrade(scope));
    browser.run();
    assert!(calls.iter().all(|call| call.is_done()));
    let lost = if app.has("x") { "y" } else { "x" };
    let words = explained(&app, lost);
    assert!(words.contains("is not granted any more"), "{words}");
    assert!(words.contains(&format!("granted \"{SCOPE} {lost}\"")), "{words}");
}

#[test]
fn a_scope_that_another_carries_or_that_has_other_capitals_is_told_apart() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    drop(app.client.sign_in(SignInOptions::default()));
    let by_redirect = app.follow();
    by_redirect.handled().unwrap();
    for app in [&app, &by_redirect] {
        let words = explained(app, "read");
        assert!(words.starts_with("\"read\" is granted. At"), "{words}");
        assert!(!words.contains("another request's"), "{words}");
    }
    let words = explained(&app, "Read");
    assert!(
        words.starts_with(
            "\"Read\" was never requested. Call upgrade with it when a feature needs it; scopes are case-sensitive"
        ),
        "{words}"
    );
    assert!(!explained(&app, "other").contains("case-sensitive"));
}

#[test]
fn nobody_and_a_token_that_has_run_out_are_told() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().issues_refresh_tokens = false;
    let app = App::in_tab(&browser, StorageKind::Session);
    assert!(
        explained(&app, "read").ends_with(" Nobody is signed in, or nothing was asked for here; there is no grant.")
    );
    app.popup().unwrap();
    let words = explained(&app, "read");
    assert!(!words.contains("Nobody") && !words.contains("run out"), "{words}");
    browser.clock.advance(3_601_000.0);
    let words = explained(&app, "read");
    let end = " The access token has run out, so hasScope says false until there is a new one.";
    assert!(
        words.starts_with("\"read\" is granted.") && words.ends_with(end),
        "{words}"
    );
}

#[test]
fn what_was_asked_for_another_target_is_told_with_its_name() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let words = |audience: Option<&str>, resources: &[&str]| {
        let resources = resources.iter().map(|one| (*one).to_owned()).collect();
        let target = Target::new(audience.map(str::to_owned), resources).unwrap();
        let scope = Scope::parse("read").unwrap();
        app.client.explain_scope(&scope, Some(&target)).unwrap()
    };
    let resource = "https://api.example/";
    assert!(words(Some("api"), &[]).starts_with("\"read\" (audience=api) was never"));
    assert!(words(None, &[resource]).starts_with("\"read\" (resource=https://api.example/) was never"));
    assert!(words(Some("api"), &[resource]).starts_with("\"read\" (audience=api&resource=https://api.example/) was"));
}

#[test]
fn some_scopes_are_not_all() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let has = |scopes: &str| {
        let scopes = set(scopes);
        let client = &app.client;
        (
            client.has_scope(&scopes, None).unwrap(),
            client.has_any_scope(&scopes, None).unwrap(),
        )
    };
    assert_eq!(has("read openid"), (true, true));
    assert_eq!(has("read write"), (false, true));
    assert_eq!(has("write admin"), (false, false));
}

#[test]
fn memory_is_where_it_was_wanted_and_so_persisted() {
    let browser = Browser::new(1);
    for kind in [StorageKind::Memory, StorageKind::Session, StorageKind::Local] {
        assert!(App::signed_in(&browser, kind).client.is_persisted(), "{kind:?}");
    }
}

#[test]
fn a_scope_that_came_with_another_is_told_as_such() {
    let browser = Browser::new(1);
    let mut profile = ProviderProfile::default();
    profile.implies.push(ImpliedScopes::new("read", &["look"]));
    let options = known_options().with_provider(profile);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    let words = explained(&app, "look");
    assert!(
        words.starts_with("\"look\" is granted: another scope carries it."),
        "{words}"
    );
}

#[test]
fn only_a_scope_that_is_refused_is_named_in_the_failure() {
    for (code, requested) in [("invalid_scope", "openid admin"), ("server_error", "")] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(Decision::Error(code));
        let authorize = AuthorizeOptions::default().with_scope(set("openid admin"));
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        let result = Call::start(&app.page, app.client.sign_in(options)).wait(&browser);
        let error = result.unwrap_err();
        assert_eq!(error.cause().server_error().unwrap().requested.join(" "), requested);
    }
}
