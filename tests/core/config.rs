//! The options of a client and of its requests.

use crate::common::{ISSUER, ORIGIN, code, metadata, options, pairs, record, request_options};
use scopewise::core::grant::Target;
use scopewise::core::metadata::Metadata;
use scopewise::core::options::Options;
use scopewise::core::record::Record;
use scopewise::core::text::Text;

#[test]
fn defaults() {
    let least = Options::parse(
        record(&[("clientId", "app"), ("issuer", ISSUER)]).fields(),
        None,
        ORIGIN,
    )
    .unwrap();
    assert_eq!(least.redirect_uri(), "https://app.example/");
    assert_eq!(least.scope(), "openid");
    assert_eq!(least.target(), Target::default());
    assert_eq!(least.params(), "");
    assert_eq!(least.storage(), "session");
    assert_eq!((least.clock_tolerance(), least.timeout()), (60, 10_000));
}

#[test]
fn client_id_and_issuer_are_needed() {
    let parse = |members: &[(&str, &str)], metadata: Option<&Metadata>| {
        Options::parse(record(members).fields(), metadata, ORIGIN)
    };
    assert_eq!(code(parse(&[("issuer", ISSUER)], None)), "invalid_options");
    assert_eq!(
        code(parse(&[("clientId", ""), ("issuer", ISSUER)], None)),
        "invalid_options"
    );
    assert_eq!(code(parse(&[("clientId", "app")], None)), "invalid_options");
    let metadata = metadata();
    assert_eq!(parse(&[("clientId", "app")], Some(&metadata)).unwrap().issuer(), ISSUER);
    assert!(parse(&[("clientId", "app"), ("issuer", ISSUER)], Some(&metadata)).is_ok());
    // One issuer only, to the letter.
    let other = [("clientId", "app"), ("issuer", "https://id.example/")];
    assert_eq!(code(parse(&other, Some(&metadata))), "invalid_options");
}

#[test]
fn c102_the_issuer_is_https_or_loopback() {
    for issuer in [
        "",
        "id.example",
        "http://id.example",
        "javascript:alert(1)",
        "https://id.example?x",
        "https://id.example/#x",
        "https://a@id.example",
    ] {
        assert_eq!(code(options(&[("issuer", issuer)])), "invalid_options", "{issuer}");
    }
    for issuer in ["http://127.0.0.1:3000", "http://localhost:3000/realms/x"] {
        assert_eq!(options(&[("issuer", issuer)]).unwrap().issuer(), issuer);
    }
}

#[test]
fn the_redirect_uri_is_a_path_or_a_safe_url() {
    for (given, absolute) in [
        ("/cb", "https://app.example/cb"),
        ("/cb?x=1", "https://app.example/cb?x=1"),
        ("https://www.example/cb", "https://www.example/cb"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000/cb"),
    ] {
        assert_eq!(options(&[("redirectUri", given)]).unwrap().redirect_uri(), absolute);
    }
    for given in [
        "",
        "cb",
        "//evil.example/cb",
        "/\\evil.example",
        "/c b",
        "/cb#x",
        "http://app.example/cb",
        "javascript:alert(1)",
    ] {
        assert_eq!(code(options(&[("redirectUri", given)])), "invalid_options", "{given}");
    }
}

#[test]
fn numbers_have_bounds() {
    assert_eq!(options(&[("clockTolerance", "0")]).unwrap().clock_tolerance(), 0);
    assert_eq!(options(&[("clockTolerance", "300")]).unwrap().clock_tolerance(), 300);
    assert_eq!(options(&[("timeout", "1")]).unwrap().timeout(), 1);
    for (name, text) in [
        ("clockTolerance", "301"),
        ("clockTolerance", "-1"),
        ("clockTolerance", "1e2"),
        ("clockTolerance", ""),
        // Nothing is answered in no time.
        ("timeout", "0"),
        ("timeout", "600001"),
        ("timeout", "-1"),
        ("timeout", "Infinity"),
    ] {
        assert_eq!(code(options(&[(name, text)])), "invalid_options", "{name}: {text}");
    }
}

#[test]
fn storage_has_names() {
    for name in ["session", "local", "memory", "indexeddb", "worker", "own"] {
        assert_eq!(options(&[("storage", name)]).unwrap().storage(), name);
    }
    for name in ["", "Session", "indexedDB", "cookie"] {
        assert_eq!(code(options(&[("storage", name)])), "invalid_options", "{name}");
    }
}

#[test]
fn a_request_has_nothing_unless_it_is_asked_for() {
    let nothing = Record::default();
    let options = request_options(&nothing).unwrap();
    assert!(
        options.scope.is_none()
            && options.target.is_none()
            && options.return_to.is_none()
            && options.app_state.is_none()
    );
    assert!(!options.is_step_up());
    assert!(options.params.is_empty());
}

#[test]
fn parameters_of_the_client_are_its_own() {
    for name in [
        "client_id",
        "response_type",
        "response_mode",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
        "audience",
        "resource",
        "authorization_details",
        "request",
        "request_uri",
        "dpop_jkt",
    ] {
        let params = ["organization=o&", name, "=x"].concat();
        assert_eq!(
            code(options(&[("authorizationParams", params.as_str())])),
            "invalid_options",
            "{name}"
        );
        assert_eq!(
            code(request_options(&record(&[("params", params.as_str())]))),
            "invalid_options",
            "{name}"
        );
        // Nor under another spelling.
        let (first, rest) = name.split_at(1);
        let params = format!("organization=o&%{:02x}{rest}=x", first.as_bytes()[0]);
        assert_eq!(
            code(options(&[("authorizationParams", params.as_str())])),
            "invalid_options",
            "{params}"
        );
    }
    let params = "organization=o&connection_scope=a%2Cb";
    assert_eq!(options(&[("authorizationParams", params)]).unwrap().params(), params);
    let given = record(&[("params", params)]);
    assert_eq!(request_options(&given).unwrap().params.as_str(), params);
}

#[test]
fn c194_app_state_is_bounded() {
    let most = "x".repeat(32 * 1024);
    assert_eq!(
        request_options(&record(&[("appState", most.as_str())]))
            .unwrap()
            .app_state,
        Some(most.as_str())
    );
    assert_eq!(
        code(request_options(&record(&[("appState", format!("{most}x").as_str())]))),
        "invalid_options"
    );
}

#[test]
fn max_age_and_response_mode() {
    for text in ["-1", "2147483648", "x", ""] {
        assert_eq!(
            code(request_options(&record(&[("maxAge", text)]))),
            "invalid_options",
            "{text}"
        );
    }
    assert!(request_options(&record(&[("maxAge", "0")])).unwrap().is_step_up());
    let given = record(&[("responseMode", "fragment")]);
    let fragment = request_options(&given).unwrap();
    assert_eq!(
        pairs(fragment.params.as_str()),
        [("response_mode".to_owned(), "fragment".to_owned())]
    );
    for text in ["form_post", "web_message", ""] {
        assert_eq!(
            code(request_options(&record(&[("responseMode", text)]))),
            "invalid_options",
            "{text}"
        );
    }
}

#[test]
fn a_step_up_is_one_however_it_is_asked_for() {
    for (name, text) in [
        ("acrValues", "gold"),
        ("maxAge", "60"),
        ("prompt", "login"),
        ("params", "acr_values=gold"),
        ("params", "max_age=60"),
        ("params", "prompt=login"),
    ] {
        assert!(
            request_options(&record(&[(name, text)])).unwrap().is_step_up(),
            "{name} {text}"
        );
    }
    for (name, text) in [
        ("loginHint", "ada"),
        ("uiLocales", "en"),
        ("params", "organization=o"),
        ("returnTo", "/x"),
    ] {
        assert!(
            !request_options(&record(&[(name, text)])).unwrap().is_step_up(),
            "{name}"
        );
    }
}

#[test]
fn c157_a_target_is_an_audience_or_resources() {
    let parse = |members: &[(&str, &str)]| Target::parse(record(members).fields());
    assert_eq!(parse(&[]).unwrap(), None);
    let target = parse(&[
        ("audience", "api"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
    ])
    .unwrap()
    .unwrap();
    assert_eq!(
        target.as_str(),
        "audience=api&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example"
    );
    assert_ne!(
        Some(target),
        parse(&[("audience", "api"), ("resource", "https://a.example")]).unwrap()
    );
    // No text in one makes it another.
    let posing = parse(&[("audience", "api&resource=https%3A%2F%2Fa.example")]).unwrap();
    assert_ne!(
        posing,
        parse(&[("audience", "api"), ("resource", "https://a.example")]).unwrap()
    );
    assert_eq!(parse(&[("Audience", "api"), ("resources", "x")]).unwrap(), None);
    for bad in [("audience", ""), ("resource", "")] {
        assert_eq!(code(parse(&[bad])), "invalid_options", "{bad:?}");
    }
}

#[test]
fn c158_c206_records_of_two_clients_never_meet() {
    let key = |issuer: &str, client: &str| options(&[("issuer", issuer), ("clientId", client)]).unwrap().key();
    let pairs = [
        ("https://id.example", "app"),
        ("https://id.example", "app2"),
        ("https://id.example:1", "app"),
        ("https://id.example/a", "b"),
        ("https://id.example", "a:b"),
        ("https://id.example/:a", "b"),
        ("https://id.example/", "app"),
        ("https://id.example", "app::tx"),
        ("https://id.example", "app:session"),
        ("https://id.example", "app%3Asession"),
        ("https://id.example", "APP"),
    ];
    let keys: Vec<Text> = pairs.iter().map(|(issuer, client)| key(issuer, client)).collect();
    for (index, one) in keys.iter().enumerate() {
        assert!(
            one.ends_with(':'),
            "what follows must not run into the client identifier"
        );
        for (other_index, other) in keys.iter().enumerate() {
            // Not even as a beginning: a client finds its records by it.
            assert!(
                index == other_index || !other.starts_with(one.as_str()),
                "{one:?} {other:?}"
            );
        }
    }
}
