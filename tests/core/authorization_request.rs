//! The authorization request: what is on the wire, and what is remembered.

use scopewise::core::authorize::{AuthorizeOptions, RequestIntent, RequestKind, ResponseMode, Transaction, pkce};
use scopewise::core::secret::CodeVerifier;
use scopewise::core::url::Params;
use serde_json::json;

use crate::common::{
    CALLBACK, NOW, authorization_request, build, client, client_of, client_options, code, config, entropy, intent,
    metadata, metadata_with, options_with, owned, pairs, param, params, set, stringify, target, upgrading,
};

/// Options that say nothing.
fn nothing() -> AuthorizeOptions {
    AuthorizeOptions::default()
}

/// Further parameters from their encoded form.
fn further(form: &str) -> Params {
    Params::from_iter(pairs(form))
}

fn names(url: &str) -> Vec<String> {
    params(url).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn c052_state_pkce_and_nonce_are_always_there() {
    let request = authorization_request(&nothing(), "openid api:read");
    assert!(request.url.starts_with("https://id.example/authorize?"));
    let pending = &request.pending;
    let [state, nonce, verifier] = entropy().map(|bytes| pkce::random_text(&bytes));
    let verifier = CodeVerifier::new(verifier);
    let expected = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid api:read"),
        ("state", request.state.secret()),
        ("nonce", nonce.as_str()),
        ("code_challenge", &pkce::challenge(&verifier)),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(params(&request.url), owned(expected));
    assert_eq!(request.state.secret(), state);
    assert_eq!(pending.nonce.as_ref().unwrap().secret(), nonce);
    assert_eq!(pending.code_verifier, verifier);
    assert_eq!(pending.redirect_uri, CALLBACK);
    assert_eq!((pending.created_at, pending.response_mode), (NOW, ResponseMode::Query));
    assert_eq!(pending.kind, RequestKind::SignIn);
    assert_eq!(pending.requested, set("openid api:read"));
    // The verifier never travels by URL (C297), nor is the state anywhere but in the record's key.
    let record = stringify(&Transaction::Pending(Box::new(pending.clone())).to_value());
    assert!(!request.url.contains(verifier.secret()) && !record.contains(request.state.secret()));
}

#[test]
fn without_openid_there_is_no_nonce_and_without_scopes_no_scope_parameter() {
    let request = authorization_request(&nothing(), "");
    let names = names(&request.url);
    assert!(!names.contains(&"scope".to_owned()) && !names.contains(&"nonce".to_owned()));
    assert!(request.pending.nonce.is_none());
    assert!(names.contains(&"state".to_owned()) && names.contains(&"code_challenge".to_owned()));
}

#[test]
fn every_option_has_its_parameter() {
    let given = options_with(|options| {
        options.prompt = Some("login consent".to_owned());
        options.login_hint = Some("ada@id.example".to_owned());
        options.acr_values = Some("gold silver".to_owned());
        options.max_age = Some(0);
        options.ui_locales = Some("de en".to_owned());
        options.authorization_details = Some(r#"[{"type":"x"}]"#.to_owned());
        options.response_mode = Some(ResponseMode::Fragment);
        let resources = ["https://r.example/a", "https://r.example/b"];
        options.target = Some(target(Some("https://api.example"), &resources));
        options.app_state = Some(r#"{"a":1}"#.to_owned());
        options.params = further("organization=o&x=%26");
    });
    let request = authorization_request(&given, "openid");
    for (name, text) in [
        ("prompt", "login consent"),
        ("login_hint", "ada@id.example"),
        ("acr_values", "gold silver"),
        ("max_age", "0"),
        ("ui_locales", "de en"),
        ("authorization_details", r#"[{"type":"x"}]"#),
        ("response_mode", "fragment"),
        ("audience", "https://api.example"),
        ("organization", "o"),
        ("x", "&"),
    ] {
        assert_eq!(param(&request.url, name).as_deref(), Some(text), "{name}");
    }
    let all = params(&request.url);
    let resources: Vec<_> = all
        .iter()
        .filter(|(name, _)| name == "resource")
        .map(|(_, text)| text.as_str())
        .collect();
    assert_eq!(resources, ["https://r.example/a", "https://r.example/b"]);
    let pending = &request.pending;
    assert_eq!(pending.demands.max_age, Some(0));
    assert_eq!(pending.demands.acr_values.as_deref(), Some("gold silver"));
    assert_eq!(pending.response_mode, ResponseMode::Fragment);
    // The application's state stays at home.
    assert_eq!(pending.app_state.as_deref(), Some(r#"{"a":1}"#));
    assert!(!request.url.contains("%7B%22a%22"));
}

#[test]
fn authorization_details_are_an_array_of_objects() {
    let request = |text: &str| {
        let options = options_with(|options| options.authorization_details = Some(text.to_owned()));
        build(&client(), &metadata(), &options, intent("openid"), NOW)
    };
    for sound in [r#"[{"type":"x"},{"type":"y","actions":["read"]}]"#, " [ {} ] ", "[]"] {
        let url = request(sound).unwrap().url;
        assert_eq!(param(&url, "authorization_details").as_deref(), Some(sound));
    }
    for bad in [
        "",
        "7",
        "null",
        "{}",
        r#"{"type":"x"}"#,
        r#""[{}]""#,
        "[1]",
        r#"["x"]"#,
        "[[{}]]",
        "[{},7]",
        "[null]",
    ] {
        assert_eq!(code(request(bad)), "invalid_options", "{bad}");
    }
}

#[test]
fn no_parameter_is_there_twice_and_the_nearest_wins() {
    let mut options = client_options();
    options.authorization_params = further("prompt=none&login_hint=client&max_age=5&organization=client&only=client");
    let client = config(options).unwrap();
    let near = options_with(|options| {
        options.prompt = Some("login".to_owned());
        options.max_age = Some(60);
        options.params = further("prompt=consent&organization=call");
    });
    let intent = RequestIntent {
        login_hint: Some("session".to_owned()),
        ..intent("openid")
    };
    let request = build(&client, &metadata(), &near, intent, NOW).unwrap();
    for (name, text) in [
        ("prompt", "login"),
        ("max_age", "60"),
        ("organization", "call"),
        ("login_hint", "client"),
        ("only", "client"),
    ] {
        assert_eq!(param(&request.url, name).as_deref(), Some(text), "{name}");
    }
    let mut all = names(&request.url);
    all.sort();
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count);
    assert_eq!(request.pending.demands.max_age, Some(60));
}

#[test]
fn what_comes_by_way_of_params_is_checked_too() {
    let request = |form: &str| {
        let options = options_with(|options| options.params = further(form));
        build(&client(), &metadata(), &options, intent("openid"), NOW)
    };
    let sound = request("max_age=60&acr_values=gold").unwrap().pending;
    assert_eq!(
        (sound.demands.max_age, sound.demands.acr_values.as_deref()),
        (Some(60), Some("gold"))
    );
    for bad in [
        "max_age=x",
        "max_age=-1",
        "max_age=+1",
        "max_age=%2B1",
        "max_age=",
        "max_age=1.5",
        "max_age=2147483648",
        "max_age=99999999999999999999",
    ] {
        assert_eq!(code(request(bad)), "invalid_options", "{bad}");
        // By whichever way: the client's are checked where they meet.
        let mut options = client_options();
        options.authorization_params = further(bad);
        let refused = build(
            &config(options).unwrap(),
            &metadata(),
            &nothing(),
            intent("openid"),
            NOW,
        );
        assert_eq!(code(refused), "invalid_options", "{bad}");
    }
}

#[test]
fn an_endpoint_keeps_its_own_query() {
    let endpoint = json!("https://id.example/authorize?tenant=a%20b");
    let metadata = metadata_with("authorization_endpoint", endpoint);
    let request = build(&client(), &metadata, &nothing(), intent("openid"), NOW).unwrap();
    assert!(
        request
            .url
            .starts_with("https://id.example/authorize?tenant=a%20b&response_type=code&")
    );
}

#[test]
fn c038_what_is_sent_is_encoded() {
    let mut options = client_options();
    options.client_id = "a&b=c#d+e %\u{e9}\u{1f600}".to_owned();
    let client = config(options).unwrap();
    let request = build(
        &client,
        &metadata(),
        &nothing(),
        intent("https://a.example/x%20&state=y"),
        NOW,
    )
    .unwrap();
    assert_eq!(
        param(&request.url, "client_id").as_deref(),
        Some("a&b=c#d+e %\u{e9}\u{1f600}")
    );
    assert_eq!(
        param(&request.url, "scope").as_deref(),
        Some("https://a.example/x%20&state=y")
    );
    assert!(request.url.is_ascii() && !request.url.contains('#'));
}

#[test]
fn c156_held_and_wanted_together_are_bounded_too() {
    let many = |letter: char| -> String { (0..700).map(|number| format!("{letter}:{number:05} ")).collect() };
    let both = set(&many('a')).union(&set(&many('b')));
    let refused = build(&client(), &metadata(), &nothing(), upgrading(&both, &both, None), NOW);
    assert_eq!(code(refused), "invalid_scope_syntax");
}

#[test]
fn an_upgrade_names_its_user() {
    let intent = RequestIntent {
        login_hint: Some("ada@id.example".to_owned()),
        return_to: "/notes".to_owned(),
        ..upgrading(&set("openid api:read api:write"), &set("api:write"), Some("ada"))
    };
    let request = build(&client(), &metadata(), &nothing(), intent, NOW).unwrap();
    assert_eq!(param(&request.url, "login_hint").as_deref(), Some("ada@id.example"));
    let pending = request.pending;
    assert_eq!(pending.subject.as_deref(), Some("ada"));
    assert_eq!(pending.wanted, set("api:write"));
    assert_eq!(pending.return_to, "/notes");
    assert_eq!(pending.kind, RequestKind::Upgrade);
}

#[test]
fn a_silent_request_asks_nobody() {
    let silent = |prompt: Option<&str>| {
        let options = options_with(|options| options.prompt = prompt.map(str::to_owned));
        let intent = RequestIntent {
            is_silent: true,
            in_window: true,
            ..intent("openid")
        };
        build(&client(), &metadata(), &options, intent, NOW)
    };
    for prompt in [None, Some("none")] {
        let request = silent(prompt).unwrap();
        assert_eq!(param(&request.url, "prompt").as_deref(), Some("none"));
        assert!(request.pending.in_window);
    }
    for prompt in ["login", "consent", "", "none login"] {
        assert_eq!(code(silent(Some(prompt))), "invalid_options", "{prompt}");
    }
    // By whichever way; what the client says of all requests does not count here.
    let silent = |form: &str, of_client: &str| {
        let mut all = client_options();
        all.authorization_params = further(of_client);
        let options = options_with(|options| options.params = further(form));
        let intent = RequestIntent {
            is_silent: true,
            ..intent("openid")
        };
        build(&config(all).unwrap(), &metadata(), &options, intent, NOW)
    };
    for (form, of_client) in [("prompt=none", ""), ("", "prompt=login"), ("x=1", "prompt=consent")] {
        let request = silent(form, of_client).unwrap();
        assert_eq!(param(&request.url, "prompt").as_deref(), Some("none"));
    }
    for form in ["prompt=login", "prompt=", "x=1&prompt=select_account"] {
        assert_eq!(code(silent(form, "")), "invalid_options", "{form}");
    }
}

#[test]
fn only_an_upgrade_where_scopes_add_up_says_so() {
    for (provider, kind, included) in [
        ("google", RequestKind::Upgrade, Some("true")),
        ("google", RequestKind::SignIn, None),
        ("generic", RequestKind::Upgrade, None),
        ("generic", RequestKind::SignIn, None),
    ] {
        let intent = RequestIntent {
            kind,
            ..intent("openid api:read")
        };
        let request = build(&client_of(provider), &metadata(), &nothing(), intent, NOW).unwrap();
        let found = param(&request.url, "include_granted_scopes");
        assert_eq!(found.as_deref(), included, "{provider} {kind:?}");
    }
}
