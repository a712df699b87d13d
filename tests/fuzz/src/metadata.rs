//! What an authorization server says of itself.

use scopewise::core::server::ServerMetadata;

use crate::common::{ISSUER, set};
use crate::input::{Input, check_error};

pub(crate) fn target(data: &[u8]) {
    let response = Input::new(data).response();
    let found = match ServerMetadata::response(&response, ISSUER) {
        Ok(found) => found,
        Err(error) => return check_error(&error, []),
    };
    assert!(response.is_success());
    assert_eq!(found.issuer, ISSUER);
    let own = [
        Some(&found.authorization_endpoint),
        Some(&found.token_endpoint),
        found.jwks_uri.as_ref(),
        found.revocation_endpoint.as_ref(),
        found.user_info_endpoint.as_ref(),
        found.end_session_endpoint.as_ref(),
        found.pushed_request_endpoint.as_ref(),
    ];
    for endpoint in own.into_iter().flatten() {
        assert!(!endpoint.contains(['#', '\\', ' ']), "{endpoint}");
        crate::url::safe(endpoint);
    }
    for par in [None, Some(false), Some(true)] {
        match found.endpoint_for_pushing(par) {
            Ok(Some(_)) => assert!(par != Some(false)),
            Ok(None) => assert!(par != Some(true) && !found.requires_pushed_requests),
            Err(error) => check_error(&error, []),
        }
    }
    let scopes = set("openid read");
    assert!(scopes.contains_all(&found.unsupported(&scopes)));
    assert!(!ServerMetadata::may_be_elsewhere(&Ok(response)));
}
