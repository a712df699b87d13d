//! The answer to a pushed authorization request (RFC 9126 §2.2).

use scopewise::core::authorize::{AuthorizationRequest, AuthorizeOptions};

use crate::common::{CLIENT, NOW, build, client_options, config, intent, metadata_with, params};
use crate::input::{Input, check_error};

fn request() -> AuthorizationRequest {
    let client = config(client_options().with_par(true)).unwrap();
    let metadata = metadata_with("pushed_authorization_request_endpoint", "https://id.example/par".into());
    build(
        &client,
        &metadata,
        &AuthorizeOptions::default(),
        intent("openid read"),
        NOW,
    )
    .unwrap()
}

pub(crate) fn target(data: &[u8]) {
    thread_local! {
        static REQUEST: AuthorizationRequest = request();
    }
    let response = Input::new(data).response();
    let mut request = REQUEST.with(Clone::clone);
    let before = request.clone();
    match request.pushed(&response) {
        Ok(()) => {
            assert!(response.is_success() && request.push.is_none());
            let request_uri = response
                .json
                .as_ref()
                .and_then(|json| json.text("request_uri"))
                .unwrap();
            let expected = [("client_id", CLIENT), ("request_uri", request_uri)];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(
                params(&request.url),
                expected,
                "the user's URL refers to what was pushed, and says no more"
            );
        }
        Err(error) => {
            let secret = before.state.secret();
            check_error(&error, [secret, before.pending.code_verifier.secret()]);
            assert_eq!((&request.url, &request.push), (&before.url, &before.push));
        }
    }
    assert_eq!(request.pending, before.pending);
}
