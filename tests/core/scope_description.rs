//! What scopes are for: words by language, and scopes that are asked for alone.

use scopewise::core::authorize::{AuthorizationParams, AuthorizeOptions, RequestIntent, RequestKind};
use scopewise::core::config::{ClientOptions, Config};
use scopewise::core::error::Result;
use scopewise::core::scope_description::{DescribedScope, ScopeDescription, ScopeWording};

use crate::common::set;

fn described(scope: &str, title: &str) -> ScopeDescription {
    ScopeDescription::new(scope.parse().unwrap(), ScopeWording::new(title))
}

fn write() -> ScopeDescription {
    let english = ScopeWording::new("Create appointments").with_why("to save what you enter");
    ScopeDescription::new("write".parse().unwrap(), english)
        .with_locale("de", ScopeWording::new("Termine anlegen"))
        .with_locale("de-CH", ScopeWording::new("Termine eintragen"))
        .with_locale("zh-Hant", ScopeWording::new("建立約會"))
}

fn config(options: ClientOptions) -> Result<Config> {
    Config::new(options, "https://app.example")
}

fn options() -> ClientOptions {
    ClientOptions::new("app", "https://id.example")
}

fn with(descriptions: impl IntoIterator<Item = ScopeDescription>) -> Config {
    let options = descriptions
        .into_iter()
        .fold(options(), ClientOptions::with_scope_description);
    config(options).unwrap()
}

fn titles(described: &[DescribedScope]) -> Vec<&str> {
    described.iter().map(|one| one.title.as_str()).collect()
}

#[test]
fn a_scope_is_described_in_the_first_language_that_there_is() {
    let config = with([write()]);
    let in_languages = |languages: &[&str]| {
        let languages: Vec<String> = languages.iter().map(|&tag| tag.to_owned()).collect();
        let described = config.scopes.describe(&set("write"), &languages);
        described.first().unwrap().title.clone()
    };
    for (languages, title) in [
        (vec![], "Create appointments"),
        (vec!["en"], "Create appointments"),
        (vec!["de"], "Termine anlegen"),
        (vec!["DE"], "Termine anlegen"),
        (vec!["de-AT"], "Termine anlegen"),
        (vec!["de-ch"], "Termine eintragen"),
        (vec!["de-CH-1996"], "Termine eintragen"),
        (vec!["de-x-home"], "Termine anlegen"),
        (vec!["zh-Hant-TW"], "建立約會"),
        // More specific than what was wanted, so it does not count (RFC 4647 §3.4).
        (vec!["zh"], "Create appointments"),
        (vec!["d"], "Create appointments"),
        (vec![""], "Create appointments"),
        (vec!["-"], "Create appointments"),
        (vec!["fr", "de-AT"], "Termine anlegen"),
        (vec!["zh-Hant", "de"], "建立約會"),
    ] {
        assert_eq!(in_languages(&languages), title, "{languages:?}");
    }
}

#[test]
fn what_is_not_described_goes_by_its_name() {
    let config = with([write(), described("pay", "Pay").with_sensitive()]);
    let described = config.scopes.describe(&set("other pay write"), &[]);
    assert_eq!(titles(&described), ["other", "Pay", "Create appointments"]);
    let whys: Vec<_> = described.iter().map(|one| one.why.as_deref()).collect();
    assert_eq!(whys, [None, None, Some("to save what you enter")]);
    let sensitive: Vec<_> = described.iter().map(|one| one.is_sensitive).collect();
    assert_eq!(sensitive, [false, true, false]);
    // A language of its own has a reason of its own, or none.
    assert_eq!(
        config
            .scopes
            .describe(&set("write"), &["de".to_owned()])
            .first()
            .unwrap()
            .why,
        None
    );
    assert!(config.scopes.describes_any(&set("other pay")) && !config.scopes.describes_any(&set("other")));
    assert!(config.scopes.describe(&set(""), &[]).is_empty());
}

#[test]
fn a_description_has_a_title_in_every_language() {
    let untitled = [
        described("write", ""),
        described("write", "  "),
        described("write", "Create").with_locale("de", ScopeWording::default()),
    ];
    for description in untitled {
        let error = config(options().with_scope_description(description)).unwrap_err();
        assert_eq!(error.code(), "invalid_options");
        assert!(
            error.message().contains("\"write\" needs a title"),
            "{}",
            error.message()
        );
    }
}

fn ask(config: &Config, kind: RequestKind, requested: &str, wanted: &str) -> Result<AuthorizationParams> {
    let intent = RequestIntent {
        kind,
        wanted: set(wanted),
        ..RequestIntent::sign_in(set(requested))
    };
    AuthorizationParams::new(config, &AuthorizeOptions::default(), intent)
}

#[test]
fn a_sensitive_scope_is_asked_for_alone() {
    let config = with([described("pay", "Pay").with_sensitive(), write()]);
    let upgrade = |requested, wanted| ask(&config, RequestKind::Upgrade, requested, wanted).map(|_| ());
    assert_eq!(upgrade("openid read pay", "pay"), Ok(()));
    // It is held, and only sent again with what is wanted.
    assert_eq!(upgrade("openid pay write", "write"), Ok(()));
    assert_eq!(upgrade("openid read write", "read write"), Ok(()));
    for wanted in ["pay write", "write pay", "other pay"] {
        let error = upgrade("openid pay write other", wanted).unwrap_err();
        assert_eq!(error.code(), "invalid_options");
        assert!(
            error.message().contains("\"pay\" is marked sensitive"),
            "{}",
            error.message()
        );
    }
    // A step-up may want no scope.
    assert_eq!(upgrade("openid pay", ""), Ok(()));
}

#[test]
fn a_sign_in_has_no_sensitive_scope() {
    let pay = || described("pay", "Pay").with_sensitive();
    let config_of = |scope| config(options().with_scope(set(scope)).with_scope_description(pay()));
    assert_eq!(config_of("openid pay").unwrap_err().code(), "invalid_options");
    assert_eq!(config_of("pay").unwrap_err().code(), "invalid_options");
    let config = config_of("openid").unwrap();
    let sign_in = |scope| ask(&config, RequestKind::SignIn, scope, scope).map(|_| ());
    assert_eq!(sign_in("openid read"), Ok(()));
    assert!(
        sign_in("openid pay")
            .unwrap_err()
            .message()
            .contains("no part of a sign-in")
    );
}
