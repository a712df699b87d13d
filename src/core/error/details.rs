//! What failures carry.

use super::Error;
use crate::core::demands::Demands;

/// Options that are not possible.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidOptions {
    /// The option, and what it may be, without a final stop.
    pub problem: String,
}

/// A character that no scope may have.
#[derive(Clone, Debug, PartialEq)]
pub struct IllegalCharacter {
    /// Where it stands in its token.
    pub index: usize,
}

/// A member, parameter or header that is not what it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidMember {
    /// Its name.
    pub name: String,
    /// What is wrong with it, or what it must be, without a final stop.
    pub problem: &'static str,
}

/// A check that an ID token, or another JWT, fails.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedCheck {
    /// Its name, as `reason` of the public API.
    pub reason: &'static str,
}

impl FailedCheck {
    /// The failure of the check of that name.
    pub(crate) fn new(reason: &'static str) -> Box<FailedCheck> {
        Box::new(FailedCheck { reason })
    }
}

/// Scopes that are not granted.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingScopes {
    /// The scopes to upgrade for.
    pub missing: Vec<String>,
}

/// An option that a method does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownOption {
    /// The method, or the option whose member it is.
    pub method: &'static str,
    /// The unknown name.
    pub name: String,
}

/// An option of the wrong type.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongOption {
    /// Its name.
    pub name: String,
    /// What it must be.
    pub expected: &'static str,
}

/// A status that is not success, or a success without what it has to bring.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpFailure {
    /// HTTP status; 0 for a redirect that was not followed.
    pub status: u16,
    /// Where it came from.
    pub endpoint: Option<Endpoint>,
    /// Whether the same call is safe to make again.
    pub retryable: bool,
}

/// Where an answer of the authorization server came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// Where its metadata is.
    Metadata,
    /// The authorization endpoint, through the browser.
    Authorization,
    /// The pushed authorization request endpoint (RFC 9126).
    PushedAuthorization,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    UserInfo,
    /// Where the issuer's keys are.
    Jwks,
    /// Where an API's metadata is (RFC 9728).
    ResourceMetadata,
}

/// What an API's challenge asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChallengeDetails {
    /// HTTP status, where a response caused it.
    pub status: Option<u16>,
    /// The scopes to upgrade for.
    pub missing: Vec<String>,
    /// What is demanded besides.
    pub demands: Demands,
}

/// A failure, and the request that it belongs to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestFailure {
    /// What happened.
    pub error: Error,
    /// The application's JSON text.
    pub app_state: Option<String>,
    /// Where the application wants its user.
    pub return_to: String,
}
