//! The userinfo request and its response (OpenID Connect Core §5.3).

use super::error::{Code, Error, Result};
use super::http::{Failure, Request, Response};
use super::metadata::Metadata;
use super::text::Text;

/// The request, where the server has the endpoint.
pub fn request(metadata: &Metadata, access_token: &str) -> Result<Request> {
    let endpoint = metadata.user_info_endpoint();
    let endpoint = endpoint.ok_or_else(|| Error::about(Code::MetadataInvalid, "userinfo_endpoint"))?;
    Ok(Request::get(endpoint.into()).with_token(access_token))
}

/// The claims as JSON text. They must be the session's user's (§5.3.2).
pub fn response(response: std::result::Result<Response, Failure>, subject: Option<&str>) -> Result<Text> {
    let response = response.map_err(Failure::of_repeatable)?;
    if response.status == 401 {
        return Err(Error::new(Code::InvalidToken).with_status(401));
    }
    if let Some(error) = response.error() {
        return Err(error);
    }
    let claims = response.json.unwrap_or_default();
    match claims.string("sub") {
        None => Err(Error::new(Code::Http).with_status(response.status)),
        sub if subject.is_some() && sub != subject => Err(Error::new(Code::SubjectMismatch)),
        Some(_) => Ok(claims.raw().into()),
    }
}
