//! The userinfo request and its response (OpenID Connect Core §5.3).

use super::ServerMetadata;
use crate::core::error::{Endpoint, Error, FailedCheck, Result};
use crate::core::http::{Request, Response};
use crate::core::issuer;
use crate::core::jwt::{Checked, Jwt};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::value::Value;

/// The request, where the server has the endpoint. Whoever checks signatures takes a JWT as the answer, too.
pub fn request(metadata: &ServerMetadata, access_token: AccessToken, takes_jwt: bool) -> Result<Request> {
    let endpoint = metadata.user_info_endpoint.as_deref();
    let endpoint = endpoint.ok_or_else(|| Error::metadata_member("userinfo_endpoint", "must be there for userInfo"))?;
    let mut request = Request {
        token: Some(access_token),
        ..Request::get(endpoint)
    };
    if takes_jwt {
        // Some servers refuse whoever does not name the type that they send.
        request.accept = "application/json, application/jwt";
    }
    Ok(request)
}

/// What an answer that is a JWT says, once its signature is verified. It need not name its issuer, for whom it is (§5.3.2), when
/// it ends and since when it counts; what it says of that must be right (RFC 7519 §4.1), by clocks that differ so many seconds
/// at the most. `iat` only tells its age.
pub fn of_jwt(jwt: Jwt, expected_issuer: &str, client_id: &str, now: i64, tolerance: i64) -> Checked<Response> {
    let issuer = jwt.claims().present("iss");
    let is_expected = |issuer: &Value| {
        let issuer = issuer.as_str().unwrap_or_default();
        issuer::is_expected(expected_issuer, issuer)
    };
    if !issuer.is_none_or(is_expected) {
        return Err(FailedCheck::new("iss"));
    }
    jwt.check(client_id, now.saturating_sub(tolerance))?;
    jwt.check_begun(now.saturating_add(tolerance))?;
    Ok(Response::new(200, Some(jwt.into_claims())))
}

/// The claims. They must be the session's user's (§5.3.2). `granted` are the token's scopes.
pub fn response(response: Response, subject: Option<&str>, granted: &ScopeSet) -> Result<Value> {
    if matches!(response.status, 401 | 403) && !granted.contains("openid") {
        return Err(Error::missing_scope(vec!["openid".to_owned()]));
    }
    if response.status == 401 {
        return Err(Error::InvalidToken);
    }
    if let Some(error) = response.error() {
        return Err(error.at(Endpoint::UserInfo));
    }
    let claims = response.json.unwrap_or_default();
    match claims.text("sub").filter(|sub| !sub.is_empty()) {
        None => Err(Error::UserInfoInvalid),
        sub if subject.is_some() && sub != subject => Err(Error::SubjectMismatch),
        Some(_) => Ok(claims),
    }
}
