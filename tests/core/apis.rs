//! Where access tokens may be sent.

use scopewise::core::apis::{self, Api, ApiOptions};
use scopewise::core::error::Result;
use scopewise::core::scope::ScopeSet;

use crate::common::{self, ORIGIN, Random, client_options, code, config, set, target};

/// An entry with an audience that tells it from others.
fn entry(prefix: &str) -> ApiOptions {
    let mut options = ApiOptions::new(prefix);
    options.target = (!prefix.is_empty()).then(|| target(Some(prefix), &[]));
    options
}

fn of_prefixes(prefixes: &[&str]) -> Vec<Api> {
    prefixes.iter().map(|prefix| Api::new(entry(prefix)).unwrap()).collect()
}

fn find(apis: &[Api], url: &str) -> Option<Api> {
    apis::find(apis, url, ORIGIN)
}

/// The prefix that a URL belongs to: empty for the page's own origin, nothing where no token may be sent.
fn found(apis: &[Api], url: &str) -> Option<String> {
    let api = find(apis, url)?;
    let audience = api.target().and_then(|target| target.audience());
    Some(audience.unwrap_or_default().to_owned())
}

fn check(prefix: &str) -> Result<Api> {
    Api::new(entry(prefix))
}

#[track_caller]
fn assert_refused(prefix: &str) {
    let sound = entry("https://sound.example");
    for entries in [
        vec![entry(prefix)],
        vec![sound.clone(), entry(prefix)],
        vec![entry(prefix), sound],
    ] {
        let mut options = client_options();
        options.apis = entries;
        let refused = config(options);
        let message = refused.as_ref().unwrap_err().message();
        assert!(message.contains("\"apis\""), "{message}");
        assert_eq!(code(refused), "invalid_options", "{prefix:?}");
    }
}

#[test]
fn prefixes_are_safe_urls_that_some_url_can_match() {
    for prefix in r"
        https://api.example https://api.example/ https://api.example:8443/v1 https://api.example/v1/a%2Fb/..c/
        http://localhost:3000/api http://127.0.0.1 http://[::1]:8080/"
        .split_whitespace()
    {
        check(prefix).unwrap();
        assert_eq!(found(&of_prefixes(&[prefix]), prefix).unwrap(), prefix);
    }
    for prefix in r"
        /api //api.example api.example https: https:// https:///v1 http://api.example ftp://api.example
        javascript:alert(1) https://user@api.example https://user:secret@api.example/ https://api.example/?
        https://api.example?x=1 https://api.example/# https://api.example/v1#x https://api.example/a/../b
        https://api.example/a/%2e%2E/b https://api.example\v1"
        .split_whitespace()
        .chain(["", "https://api.example /v1", "https://api.example/v1\n"])
    {
        assert_refused(prefix);
    }
}

#[test]
fn members_of_an_entry_are_sound_before_they_are_in_one() {
    let long = "x".repeat(8_001);
    for scope in ["a\"b", "é", "a\\b", &long] {
        assert_eq!(code(ScopeSet::parse(scope)), "invalid_scope_syntax", "{scope:.20}");
    }
    for token in ["", "a b"] {
        let refused = ScopeSet::from_tokens([token].into_iter());
        assert_eq!(code(refused), "invalid_scope_syntax", "{token:?}");
    }
    let sound = [
        entry("https://api.example").with_scope(set("a b")),
        entry("https://api.example").with_challenge_scope(set("")),
        entry("https://api.example").with_challenge_scope(set("a b")),
        entry("https://api.example").with_target(target(None, &["https://x.example/?a=b&c"])),
    ];
    let options = sound
        .into_iter()
        .fold(client_options(), |options, api| options.with_api(api));
    assert_eq!(config(options).unwrap().apis.len(), 4);
    assert!(common::client().apis.is_empty());
}

#[test]
fn an_entry_says_what_its_tokens_are_for() {
    let of_one = target(Some("urn:one & \"only\""), &["https://one.example/?a=b&c"]);
    let apis = [
        Api::new(
            entry("https://one.example/v1")
                .with_target(of_one.clone())
                .with_scope(set("a b  a")),
        )
        .unwrap(),
        Api::new(ApiOptions::new("https://two.example").with_scope(set("c d:e"))).unwrap(),
    ];
    let one = find(&apis, "https://one.example/v1/things?x#y").unwrap();
    assert_eq!(one.target(), Some(&of_one));
    assert_eq!(one.scope(), &set("a b"));
    let two = find(&apis, "https://two.example/").unwrap();
    assert_eq!((two.target(), two.scope()), (None, &set("c d:e")));
    let own = find(&apis, "https://app.example/api").unwrap();
    assert_eq!((own.target(), own.scope()), (None, &set("")));
    assert!(own.may_challenge_for("anything"));
}

#[test]
fn whole_segments_match_and_the_longest_wins() {
    let options = of_prefixes(&[
        "https://api.example",
        "https://api.example/v1/things",
        "https://api.example/v1",
        "https://api.example/v2/",
        "https://api.example:8443/v1",
        "https://app.example/admin",
    ]);
    for (url, prefix) in [
        ("https://api.example/", "https://api.example"),
        ("https://api.example/?v1/", "https://api.example"),
        ("https://api.example/v1", "https://api.example/v1"),
        ("https://api.example/v1/", "https://api.example/v1"),
        ("https://api.example/v1?a=/../b\\c", "https://api.example/v1"),
        ("https://api.example/v1#/things", "https://api.example/v1"),
        ("https://api.example/v10", "https://api.example"),
        ("https://api.example/V1", "https://api.example"),
        ("https://api.example/v1/thingsy", "https://api.example/v1"),
        ("https://api.example/v1/things", "https://api.example/v1/things"),
        ("https://api.example/v1/things/1", "https://api.example/v1/things"),
        ("https://api.example/v2", "https://api.example"),
        ("https://api.example/v2/", "https://api.example/v2/"),
        ("https://api.example/v2/x", "https://api.example/v2/"),
        ("https://api.example:8443/v1/x", "https://api.example:8443/v1"),
        ("https://app.example/admin/x", "https://app.example/admin"),
        ("https://app.example/administration", ""),
        ("https://app.example/", ""),
    ] {
        assert_eq!(found(&options, url).as_deref(), Some(prefix), "{url}");
    }
    // An entry for all of the own origin has the say about it.
    for own in [ORIGIN, "https://app.example/"] {
        assert_eq!(
            found(&of_prefixes(&[own]), "https://app.example/x").as_deref(),
            Some(own)
        );
    }
}

#[test]
fn c188_no_token_for_other_places() {
    let options = of_prefixes(&["https://api.example/v1", "https://two.example", "http://localhost:3000"]);
    for url in r"
        /v1 https://api.example/ https://api.example/v10 https://api.example:8443/v1 https://api.example:/v1
        http://api.example/v1 https://API.example/v1 https://sub.api.example/v1 https://api.example.evil.com/v1
        https://two.example.evil.com/ https://two.example@evil.com/ https://two.example:secret@evil.com/
        https://two.example:8443/ https://evil.com/https://two.example/ https://evil.com/?https://two.example/
        https://evil.com#https://two.example/ https://evil.com\@two.example/ https://two.example\.evil.com/
        https://user@two.example/ http://localhost:30000/ http://localhost/ http://localhost:3000@evil.com/
        blob:https://two.example/0-0 data:text/plain,https://two.example/ https://app.example.evil.com/
        https://app.example@evil.com/ https://app.example:443@evil.com/ https://app.example:8443/
        https://user@app.example/ http://app.example/ https://app.exampl/ https://xapp.example/ wss://app.example/"
        .split_whitespace()
        .chain([""])
    {
        assert_eq!(found(&options, url), None, "{url}");
    }
    // Pages without an origin have no own one.
    for origin in [
        "",
        "null",
        "file://",
        "https:",
        "https://",
        "http",
        "http://insecure.example",
    ] {
        for url in ["https://evil.com/", "null", "file:///x", "http://insecure.example/"] {
            assert_eq!(apis::find(&options, url, origin), None, "{origin} {url}");
        }
    }
}

#[test]
fn c188_no_path_climbs_out_of_its_prefix() {
    let options = of_prefixes(&["https://api.example/v1"]);
    let tricks = r"
        .. . %2e %2E%2e .%2e %2e. %252e%252e %25252E. ..%2fx ..%2Fx x%2f.. x%2F%2e%2e%2fy ..%5cx x%5C.. ..%255cx
        x%252f..%252fy ..; ..;a=b .;/x ..%3b a;/../b x\..\y ..\ \"
        .split_whitespace();
    for trick in tricks {
        for start in [
            "https://api.example/v1/",
            "https://api.example/v1/a/",
            "https://app.example/",
        ] {
            for end in ["", "/", "/admin", "?x", "#x", "/?x"] {
                let url = [start, trick, end].concat();
                assert_eq!(found(&options, &url), None, "{url}");
            }
        }
    }
    // A percent sign at the very end may be dropped on the way.
    for trick in ["..%", ".%", "..%25", "%2e%252e%25"] {
        for end in ["", "?x", "#x"] {
            let url = ["https://api.example/v1/", trick, end].concat();
            assert_eq!(found(&options, &url), None, "{url}");
        }
    }
    for plain in r"
        ... ..a a.. .well-known .git%2fx a%2fb group%2Fproject %2e%2e%2e %2ea 100%25 % %2 %25 %41.. a;b=c %E9 é a+b
        ..%20 ; %2f"
        .split_whitespace()
    {
        for end in ["/x", "?..", "#/..", "?%2e%2e/", "/?\\"] {
            let url = ["https://api.example/v1/", plain, end].concat();
            assert_eq!(
                found(&options, &url).as_deref(),
                Some("https://api.example/v1"),
                "{url}"
            );
        }
    }
}

#[test]
fn c188_a_challenge_may_ask_for_what_the_entry_allows() {
    let allowing = |challenge_scope: Option<&str>| {
        let mut options = entry("https://api.example").with_scope(set("d"));
        options.challenge_scope = challenge_scope.map(set);
        Api::new(options).unwrap()
    };
    let some = allowing(Some("a b:c"));
    for (token, allowed) in [
        ("a", true),
        ("b:c", true),
        ("b", false),
        ("A", false),
        ("admin", false),
        ("d", false),
        ("", false),
    ] {
        assert_eq!(some.may_challenge_for(token), allowed, "{token}");
    }
    assert!(allowing(None).may_challenge_for("admin"));
    assert!(!allowing(Some("")).may_challenge_for("admin"));
}

#[test]
fn c188_a_redirect_stays_within_its_prefix_or_the_own_origin() {
    let options = of_prefixes(&["https://api.example/v1", "https://app.example/admin"]);
    let api = find(&options, "https://api.example/v1/x").unwrap();
    let admin = find(&options, "https://app.example/admin").unwrap();
    let own = find(&options, "https://app.example/x").unwrap();
    let none = "https://evil.com/v1";
    for (url, stays) in [
        ("https://api.example/v1/y?z", [true, false, false]),
        ("https://api.example/v1", [true, false, false]),
        ("https://api.example/v1/..%2f", [false; 3]),
        ("https://api.example/v2", [false; 3]),
        ("https://api.example.evil.com/v1", [false; 3]),
        ("http://api.example/v1", [false; 3]),
        ("https://app.example/", [false, false, true]),
        ("https://app.example/admin/y", [false, true, true]),
        ("https://app.example.evil.com/admin", [false; 3]),
        ("https://app.example@evil.com/admin", [false; 3]),
        (none, [false; 3]),
        ("", [false; 3]),
    ] {
        assert_eq!([&api, &admin, &own].map(|api| api.contains(url)), stays, "{url}");
    }
}

#[test]
fn random_urls_get_a_token_only_where_a_prefix_stands() {
    let prefixes = [
        "https://api.example/v1",
        "https://api.example/v1/a/",
        "https://two.example",
    ];
    let options = of_prefixes(&prefixes);
    let pieces: Vec<_> = "
        https:// http:// api.example two.example app.example / /v1 /v1/a /a .. . %2e %2f %25 % \\ ? # @ : ; é
        \u{1f600} \x1e https://api.example/v1 https://app.example/ https://two.example"
        .split_whitespace()
        .collect();
    let mut random = Random(0xa91);
    let mut matched = 0;
    for _ in 0..60_000 {
        let mut url = String::new();
        for _ in 0..random.below(9) {
            url.push_str(random.pick(&pieces));
        }
        // Such prefixes are refused or match themselves.
        if check(&url).is_ok() {
            assert_eq!(found(&of_prefixes(&[&url]), &url).as_deref(), Some(url.as_str()));
        }
        let Some(prefix) = found(&options, &url) else { continue };
        matched += 1;
        let prefix = if prefix.is_empty() { ORIGIN } else { &prefix };
        let rest = url.strip_prefix(prefix).unwrap();
        assert!(
            rest.is_empty() || rest.starts_with(['/', '?', '#']) || prefix.ends_with('/'),
            "{url}"
        );
        let path = rest
            .split(['?', '#'])
            .next()
            .unwrap()
            .replace("%25", "%")
            .replace("%2e", ".")
            .replace("%2f", "/");
        assert!(
            !path.split(['/', ';']).any(|segment| matches!(segment, "." | "..")),
            "{url}"
        );
        assert!(!path.contains(['\\', '\x1e']), "{url}");
        assert!(find(&options, &url).unwrap().contains(&url));
    }
    assert!(matched > 1_000, "too few of the URLs match: {matched}");
}

#[test]
fn random_entries_do_not_panic() {
    let pieces: Vec<_> = "
        https://api.example https%3A%2F%2Fapi.example http://localhost : & = ? # / .. %2e %2F \\ @ [ ] %zz %1e %1D %ff
        é a"
    .split_whitespace()
    .collect();
    let mut random = Random(7);
    let mut sound = 0;
    for _ in 0..30_000 {
        let mut prefix = random
            .pick(&["", "https://api.example", "https://api.example/"])
            .to_owned();
        for _ in 0..random.below(6) {
            prefix.push_str(random.pick(&pieces));
        }
        let Ok(api) = check(&prefix) else { continue };
        sound += 1;
        assert!(api.contains(&prefix), "{prefix}");
        if let Some(api) = find(&[api], "https://api.example/") {
            api.may_challenge_for("a");
        } else {
            assert!(
                prefix != "https://api.example" && prefix != "https://api.example/",
                "{prefix}"
            );
        }
    }
    assert!(sound > 30, "too few of the entries are sound: {sound}");
}

#[test]
fn a_prefix_has_64_kibibytes_at_the_most() {
    let of_length = |length: usize| {
        let prefix = "https://api.example/";
        [prefix, &"x".repeat(length - prefix.len())].concat()
    };
    let check = |length: usize| Api::new(ApiOptions::new(of_length(length)));
    check(65_536).unwrap();
    let refused = check(65_537);
    assert!(refused.as_ref().unwrap_err().message().contains("\"apis\""));
    assert_eq!(code(refused), "invalid_options");
}
