//! The configuration of a client, and the options of its requests.

use scopewise::core::authorize::{AuthorizationParams, AuthorizeOptions, RequestIntent, ResponseMode};
use scopewise::core::config::{ClientOptions, Config};
use scopewise::core::error::Result;
use scopewise::core::target::Target;
use scopewise::core::url::Params;

use crate::common::{
    ISSUER, authorization_request, client, client_options, code, config, intent, metadata, options_with, owned, pairs,
    param, set, target,
};

/// The sample client's configuration with other options.
fn config_with(change: impl FnOnce(&mut ClientOptions)) -> Result<Config> {
    let mut options = client_options();
    change(&mut options);
    config(options)
}

/// A request of the sample client with these options.
fn request_with(change: impl FnOnce(&mut AuthorizeOptions)) -> Result<AuthorizationParams> {
    AuthorizationParams::new(&client(), &options_with(change), intent("openid"))
}

/// Parameters from their encoded form.
fn further(form: &str) -> Params {
    Params::from_iter(pairs(form))
}

#[test]
fn defaults() {
    let least = config(ClientOptions::new("app", ISSUER)).unwrap();
    assert_eq!(least.redirect_uri, "https://app.example/");
    assert_eq!(least.scope, set("openid"));
    assert_eq!(least.target, Target::default());
    assert!(least.authorization_params.is_empty() && least.apis.is_empty());
    assert_eq!((least.clock_tolerance, least.timeout), (60, 10_000));
    assert!(least.provider.offline_access_needs_consent, "the generic profile");
}

#[test]
fn client_id_and_issuer_are_needed() {
    let options = |client_id: &str, issuer: Option<&str>| {
        let mut options = ClientOptions::new(client_id, "");
        options.issuer = issuer.map(str::to_owned);
        options
    };
    assert_eq!(code(config(options("", Some(ISSUER)))), "invalid_options");
    assert_eq!(code(config(options("", None))), "invalid_options");
    assert_eq!(code(config(options("app", None))), "invalid_options");
    let of_metadata = |issuer| config(options("app", issuer).with_metadata(metadata()));
    assert_eq!(of_metadata(None).unwrap().issuer, ISSUER);
    assert!(of_metadata(Some(ISSUER)).is_ok());
    // One issuer only, to the letter.
    let differs = of_metadata(Some("https://id.example/"));
    assert!(differs.as_ref().unwrap_err().message().contains("metadata.issuer"));
    assert_eq!(code(differs), "invalid_options");
}

#[test]
fn c102_the_issuer_is_https_or_loopback() {
    let with = |issuer: &str| config_with(|options| options.issuer = Some(issuer.to_owned()));
    for issuer in [
        "",
        "id.example",
        "http://id.example",
        "javascript:alert(1)",
        "https://id.example?x",
        "https://id.example/#x",
        "https://a@id.example",
    ] {
        assert_eq!(code(with(issuer)), "invalid_options", "{issuer}");
    }
    for issuer in ["http://127.0.0.1:3000", "http://localhost:3000/realms/x"] {
        assert_eq!(with(issuer).unwrap().issuer, issuer);
    }
}

#[test]
fn the_redirect_uri_is_a_path_or_a_safe_url() {
    let with = |redirect_uri: &str| config(client_options().with_redirect_uri(redirect_uri));
    for (given, absolute) in [
        ("/cb", "https://app.example/cb"),
        ("/cb?x=1", "https://app.example/cb?x=1"),
        ("https://www.example/cb", "https://www.example/cb"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000/cb"),
    ] {
        assert_eq!(with(given).unwrap().redirect_uri, absolute);
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
        assert_eq!(code(with(given)), "invalid_options", "{given}");
    }
}

#[test]
fn numbers_have_bounds() {
    let tolerance = |seconds| config_with(|options| options.clock_tolerance = Some(seconds));
    let timeout = |milliseconds| config_with(|options| options.timeout = Some(milliseconds));
    assert_eq!(tolerance(0).unwrap().clock_tolerance, 0);
    assert_eq!(tolerance(300).unwrap().clock_tolerance, 300);
    assert_eq!(timeout(1).unwrap().timeout, 1);
    assert_eq!(timeout(600_000).unwrap().timeout, 600_000);
    for seconds in [301, -1, i64::MAX, i64::MIN] {
        assert_eq!(code(tolerance(seconds)), "invalid_options", "{seconds}");
    }
    // Nothing is answered in no time.
    for milliseconds in [0, 600_001, -1, i64::MAX, i64::MIN] {
        assert_eq!(code(timeout(milliseconds)), "invalid_options", "{milliseconds}");
    }
}

/// A change of the sample client's options.
type Change = fn(&mut ClientOptions);

#[test]
fn what_is_wrong_is_named_with_what_it_may_be() {
    let changes: [(&str, Change); 7] = [
        ("\"clientId\" must be", |options| options.client_id.clear()),
        ("\"issuer\" must be an https URL", |options| options.issuer = None),
        ("\"clockTolerance\" must be 0 to 300 seconds.", |options| {
            options.clock_tolerance = Some(-1);
        }),
        ("\"timeout\" must be 1 to 600,000 milliseconds.", |options| {
            options.timeout = Some(0);
        }),
        ("\"redirectUri\" must be a path", |options| {
            options.redirect_uri = Some("x".to_owned());
        }),
        ("\"state\" is set by the client itself", |options| {
            options.authorization_params.push("state", "x");
        }),
        ("\"organization\" must have texts of 64 KiB at the most.", |options| {
            options
                .authorization_params
                .push("organization", &"x".repeat(64 * 1024 + 1));
        }),
    ];
    for (start, change) in changes {
        let message = config_with(change).unwrap_err().message();
        assert!(message.starts_with(start) && message.ends_with('.'), "{message}");
    }
}

#[test]
fn texts_have_bounds() {
    let most = "x".repeat(64 * 1024);
    let more = format!("{most}x");
    let configs: [fn(&mut ClientOptions, &str); 5] = [
        |options, text| options.client_id = text.to_owned(),
        |options, text| options.authorization_params.push("x", text),
        |options, text| options.authorization_params.push(text, "x"),
        |options, text| options.issuer = Some(format!("https://id.example/{}", text.get(19..).unwrap())),
        |options, text| options.redirect_uri = Some(format!("https://app.example/{}", text.get(20..).unwrap())),
    ];
    for change in configs {
        assert!(config_with(|options| change(options, &most)).is_ok());
        assert_eq!(code(config_with(|options| change(options, &more))), "invalid_options");
    }
    let requests: [fn(&mut AuthorizeOptions, &str); 7] = [
        |options, text| options.login_hint = Some(text.to_owned()),
        |options, text| options.prompt = Some(text.to_owned()),
        |options, text| options.acr_values = Some(text.to_owned()),
        |options, text| options.ui_locales = Some(text.to_owned()),
        |options, text| options.authorization_details = Some(format!("[{{{}}}]", text.get(4..).unwrap())),
        |options, text| options.return_to = Some(text.to_owned()),
        |options, text| options.params.push("x", text),
    ];
    for change in requests {
        assert!(request_with(|options| change(options, &most)).is_ok());
        assert_eq!(code(request_with(|options| change(options, &more))), "invalid_options");
    }
    assert!(Target::new(Some(most.clone()), vec![most]).is_ok());
    assert_eq!(code(Target::new(Some(more.clone()), Vec::new())), "invalid_options");
    assert_eq!(code(Target::new(None, vec![more])), "invalid_options");
}

#[test]
fn a_request_has_nothing_unless_it_is_asked_for() {
    let options = AuthorizeOptions::default();
    assert!(
        options.scope.is_none()
            && options.target.is_none()
            && options.return_to.is_none()
            && options.app_state.is_none()
    );
    assert!(!options.is_step_up());
    let url = authorization_request(&options, "").url;
    for name in [
        "prompt",
        "login_hint",
        "acr_values",
        "max_age",
        "response_mode",
        "ui_locales",
    ] {
        assert_eq!(param(&url, name), None, "{name}");
    }
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
        // Nor under another spelling.
        let (first, rest) = name.split_at(1);
        let spelling = format!("%{:02x}{rest}", first.as_bytes()[0]);
        for name in [name, &spelling] {
            let form = format!("organization=o&{name}=x");
            let refused = config_with(|options| options.authorization_params = further(&form));
            assert_eq!(code(refused), "invalid_options", "{form}");
            let refused = request_with(|options| options.params = further(&form));
            assert_eq!(code(refused), "invalid_options", "{form}");
        }
    }
    let params = further("organization=o&connection_scope=a%2Cb");
    let sound = config_with(|options| options.authorization_params = params.clone());
    assert_eq!(sound.unwrap().authorization_params, params);
    let url = authorization_request(&options_with(|options| options.params = params), "openid").url;
    assert_eq!(param(&url, "connection_scope").as_deref(), Some("a,b"));
}

#[test]
fn c194_app_state_is_bounded() {
    let with = |text: &str| request_with(|options| options.app_state = Some(text.to_owned()));
    let most = "x".repeat(256 * 1024);
    assert!(with(&most).is_ok());
    let options = options_with(|options| options.app_state = Some(most.clone()));
    assert_eq!(
        authorization_request(&options, "openid").pending.app_state,
        Some(most.clone())
    );
    assert_eq!(code(with(&format!("{most}x"))), "invalid_options");
}

#[test]
fn max_age_and_response_mode() {
    for seconds in [-1, 2_147_483_648, i64::MAX, i64::MIN] {
        let refused = request_with(|options| options.max_age = Some(seconds));
        assert_eq!(code(refused), "invalid_options", "{seconds}");
    }
    assert!(options_with(|options| options.max_age = Some(0)).is_step_up());
    assert!(request_with(|options| options.max_age = Some(2_147_483_647)).is_ok());
    for (mode, name) in [(ResponseMode::Fragment, "fragment"), (ResponseMode::Query, "query")] {
        let options = options_with(|options| options.response_mode = Some(mode));
        let request = authorization_request(&options, "openid");
        assert_eq!(param(&request.url, "response_mode").as_deref(), Some(name));
        assert_eq!(request.pending.response_mode, mode);
    }
}

#[test]
fn a_step_up_is_one_however_it_is_asked_for() {
    let step_ups: [fn(&mut AuthorizeOptions); 7] = [
        |options| options.acr_values = Some("gold".to_owned()),
        |options| options.max_age = Some(60),
        |options| options.prompt = Some("login".to_owned()),
        |options| options.params.push("acr_values", "gold"),
        |options| options.params.push("max_age", "60"),
        |options| options.params.push("prompt", "login"),
        |options| {
            options
                .params
                .push("claims", r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#)
        },
    ];
    for step_up in step_ups {
        assert!(options_with(step_up).is_step_up());
    }
    let others: [fn(&mut AuthorizeOptions); 4] = [
        |options| options.login_hint = Some("ada".to_owned()),
        |options| options.ui_locales = Some("en".to_owned()),
        |options| options.params.push("organization", "o"),
        |options| options.return_to = Some("/x".to_owned()),
    ];
    for other in others {
        assert!(!options_with(other).is_step_up());
    }
}

#[test]
fn c157_a_target_is_an_audience_or_resources() {
    assert!(target(None, &[]).is_empty());
    assert_eq!(target(None, &[]), Target::default());
    let both = target(Some("api"), &["https://a.example", "https://b.example"]);
    assert!(!both.is_empty());
    assert_eq!(both.audience(), Some("api"));
    assert_eq!(both.resources(), ["https://a.example", "https://b.example"]);
    let options = options_with(|options| options.target = Some(both.clone()));
    let sent = pairs(authorization_request(&options, "").url.split_once("S256&").unwrap().1);
    let expected = [
        ("audience", "api"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
    ];
    assert_eq!(sent, owned(expected));
    assert_ne!(both, target(Some("api"), &["https://a.example"]));
    // No text in one makes it another.
    let posing = target(Some("api&resource=https%3A%2F%2Fa.example"), &[]);
    assert_ne!(posing, target(Some("api"), &["https://a.example"]));
    for (audience, resources) in [(Some(""), vec![]), (None, vec![""]), (Some("api"), vec!["x", ""])] {
        let resources = resources.into_iter().map(str::to_owned).collect();
        let refused = Target::new(audience.map(str::to_owned), resources);
        assert_eq!(code(refused), "invalid_options", "{audience:?}");
    }
}

#[test]
fn the_clients_target_is_that_of_its_requests_unless_they_have_their_own() {
    let of_client = target(Some("client"), &[]);
    let client = config(client_options().with_target(of_client.clone())).unwrap();
    let asked = |options: &AuthorizeOptions, intent: RequestIntent| {
        let params = AuthorizationParams::new(&client, options, intent).unwrap();
        let request = params.request(&client, &metadata(), &[[0; 32]; 3], 0).unwrap();
        request.pending.target
    };
    assert_eq!(asked(&AuthorizeOptions::default(), intent("openid")), of_client);
    let own = target(Some("own"), &[]);
    let options = options_with(|options| options.target = Some(own.clone()));
    assert_eq!(asked(&options, intent("openid")), own);
}

#[test]
fn c158_c206_records_of_two_clients_never_meet() {
    let prefix =
        |issuer: &str, client_id: &str| config(ClientOptions::new(client_id, issuer)).unwrap().storage_prefix();
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
    let prefixes = pairs.map(|(issuer, client_id)| prefix(issuer, client_id));
    for (index, one) in prefixes.iter().enumerate() {
        assert!(
            one.ends_with(':'),
            "what follows must not run into the client identifier"
        );
        for (other_index, other) in prefixes.iter().enumerate() {
            // Not even as a beginning: a client finds its records by it.
            assert!(
                index == other_index || !other.starts_with(one.as_str()),
                "{one:?} {other:?}"
            );
        }
    }
}
