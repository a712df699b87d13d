//! Resource indicators (RFC 8707): none, one or several, and the same on every request of a grant.

use scopewise::core::secret::AuthorizationCode;
use scopewise::core::server::ServerMetadata;
use scopewise::core::token::code_request;
use serde_json::json;

use crate::common::{
    CLIENT, NOW, build, client, client_options, config, exchange, intent, metadata, metadata_with, options_with, pairs,
    params, target,
};

const TABLE: [&[&str]; 3] = [
    &[],
    &["https://api.example/a b"],
    &["urn:z", "https://api.example/?x=1&y=2", "urn:a"],
];

/// The values of `resource`, in order.
fn resources(all: Vec<(String, String)>) -> Vec<String> {
    let named = all.into_iter().filter(|(name, _)| name == "resource");
    named.map(|(_, value)| value).collect()
}

#[test]
fn authorization_pushed_token_and_refresh_requests_name_them() {
    let par: ServerMetadata = metadata_with("pushed_authorization_request_endpoint", json!("https://id.example/par"));
    let pushing = config(client_options().with_par(true)).unwrap();
    for expected in TABLE {
        for audience in [None, Some("urn:api")] {
            let asked_for = target(audience, expected);
            let options = options_with(|options| options.target = Some(asked_for.clone()));
            let request = build(&client(), &metadata(), &options, intent("api:read"), NOW).unwrap();
            assert_eq!(resources(params(&request.url)), expected);

            let pushed = build(&pushing, &par, &options, intent("api:read"), NOW).unwrap();
            assert_eq!(resources(pairs(&pushed.push.unwrap().form.unwrap())), expected);
            assert_eq!(resources(params(&pushed.url)), [""; 0]);

            let code = AuthorizationCode::new("s3cr3t-code");
            let exchanged = code_request(&metadata(), CLIENT, &request.pending, &code);
            assert_eq!(resources(pairs(&exchanged.form.unwrap())), expected);

            let members = json!({ "refresh_token": "s3cr3t-refresh" });
            let session = exchange(None, &request.pending, members).unwrap();
            let grant = session.grant(&asked_for).unwrap();
            let refresh = grant.refresh_request(&client().provider).unwrap();
            let refresh = refresh.request(&metadata(), CLIENT);
            assert_eq!(resources(pairs(&refresh.form.unwrap())), expected);
        }
    }
}

#[test]
fn those_of_the_client_are_the_default() {
    let own = config(client_options().with_target(target(None, &["urn:own"]))).unwrap();
    let request = build(&own, &metadata(), &options_with(|_| {}), intent("api:read"), NOW).unwrap();
    assert_eq!(resources(params(&request.url)), ["urn:own"]);
    let other = options_with(|options| options.target = Some(target(None, &["urn:other"])));
    let request = build(&own, &metadata(), &other, intent("api:read"), NOW).unwrap();
    assert_eq!(resources(params(&request.url)), ["urn:other"]);
}

#[test]
fn c157_their_order_makes_no_other_target_and_one_that_is_named_twice_is_one() {
    let asked_for = target(None, &["urn:b", "urn:a", "urn:b"]);
    assert_eq!(asked_for.resources(), ["urn:b", "urn:a"]);
    let request = build(
        &client(),
        &metadata(),
        &options_with(|options| options.target = Some(asked_for.clone())),
        intent("api:read"),
        NOW,
    );
    let session = exchange(None, &request.unwrap().pending, json!({})).unwrap();
    assert!(session.grant(&target(None, &["urn:a", "urn:b"])).is_some());
    for other in [
        target(None, &["urn:a"]),
        target(None, &["urn:a", "urn:c"]),
        target(None, &["urn:a", "urn:b", "urn:c"]),
        target(Some("urn:a"), &["urn:a", "urn:b"]),
    ] {
        assert!(session.grant(&other).is_none() && other != asked_for, "{other:?}");
    }
}
