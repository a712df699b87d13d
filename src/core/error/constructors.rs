//! How failures are made, and what is added to them on their way.

use super::{
    Endpoint, Error, FailedCheck, HttpFailure, IllegalCharacter, InvalidMember, InvalidOptions, MissingScopes,
    RequestFailure, ServerError, ServerErrorCode, WrongOption,
};

/// Of an answer without members.
const NO_OBJECT: &str = "must be its type, and a JSON object of 1 MiB at the most its body";

impl Error {
    /// The failure for a bad option: which one, and what it may be, without a final stop.
    pub fn invalid_options(problem: impl Into<String>) -> Error {
        let problem = problem.into();
        Error::InvalidOptions(Box::new(InvalidOptions { problem }))
    }

    /// The failure for an option that takes signatures, which browsers have in secure contexts only.
    pub(crate) fn needs_secure_context(option: &str) -> Error {
        let problem = " needs a secure context (https, or http on localhost): without one there is no crypto.subtle";
        Error::invalid_options([option, problem].concat())
    }

    /// The failure for a text that is no scope: for want of one, or because of a character.
    pub fn invalid_scope_syntax(index: Option<usize>) -> Error {
        Error::InvalidScopeSyntax(index.map(|index| Box::new(IllegalCharacter { index })))
    }

    /// The failure for an ID token, with the name of the check.
    pub fn id_token_invalid(reason: &'static str) -> Error {
        Error::IdTokenInvalid(FailedCheck::new(reason))
    }

    /// The failure for a token response, with the member at fault.
    pub fn token_response_invalid(name: impl Into<String>) -> Error {
        Error::TokenResponseInvalid(member(name, "is missing, or of the wrong type or form"))
    }

    /// The failure for a token response that has no members.
    pub(crate) fn token_response_unreadable() -> Error {
        Error::TokenResponseInvalid(member("content-type: application/json", NO_OBJECT))
    }

    /// The failure for a response with two parameters of a name.
    pub fn duplicate_parameter(name: impl Into<String>) -> Error {
        Error::DuplicateParameter(member(name, "is there twice"))
    }

    /// The failure for scopes that are not granted.
    pub fn missing_scope(missing: Vec<String>) -> Error {
        Error::MissingScope(Box::new(MissingScopes { missing }))
    }

    /// The failure for an option of the wrong type.
    pub fn wrong_option(name: &str, expected: &'static str) -> Error {
        Error::WrongOption(Box::new(WrongOption {
            name: name.to_owned(),
            expected,
        }))
    }

    /// The failure for a status, which need not be success.
    pub(crate) fn http(status: u16, retryable: bool) -> Error {
        Error::Http(Box::new(HttpFailure {
            status,
            endpoint: None,
            retryable,
        }))
    }

    /// The failure for unsound metadata.
    pub fn metadata_invalid(name: impl Into<String>) -> Error {
        Error::metadata_member(
            name,
            "must be there, an https URL (or http on loopback) without fragment",
        )
    }

    /// The failure for metadata with a member that has to be something else.
    pub(crate) fn metadata_member(name: impl Into<String>, problem: &'static str) -> Error {
        Error::MetadataInvalid(member(name, problem))
    }

    /// The failure for metadata that is no document.
    pub(crate) fn metadata_unreadable() -> Error {
        Error::MetadataInvalid(member("content-type: application/json", NO_OBJECT))
    }

    /// The same failure, known to come from an endpoint.
    pub(crate) fn at(mut self, endpoint: Endpoint) -> Error {
        match &mut self {
            Error::Http(failure) => failure.endpoint = Some(endpoint),
            Error::Server(error) => error.endpoint = Some(endpoint),
            _ => {}
        }
        self
    }

    /// The same failure, with the scopes that the request of a server's `invalid_scope` was for, and those of them that the
    /// server does not list.
    pub(crate) fn about_scopes(mut self, requested: Vec<String>, unsupported: Vec<String>) -> Error {
        if let Error::Server(error) = self.cause_mut()
            && error.code == ServerErrorCode::InvalidScope
        {
            error.requested = requested;
            error.unsupported = unsupported;
        }
        self
    }

    /// The failure that an OAuth error answer describes (RFC 6749 §4.1.2.1, §5.2).
    pub fn from_server(code: &str, description: Option<&str>, uri: Option<&str>) -> Error {
        Error::Server(Box::new(ServerError::new(code, description, uri)))
    }

    /// The same failure, known to belong to a request.
    pub fn in_request(self, app_state: Option<&str>, return_to: &str) -> Error {
        match self {
            Error::InRequest(_) => self,
            error => Error::InRequest(Box::new(RequestFailure {
                error,
                app_state: app_state.map(str::to_owned),
                return_to: return_to.to_owned(),
            })),
        }
    }
}

fn member(name: impl Into<String>, problem: &'static str) -> Box<InvalidMember> {
    let name = name.into();
    Box::new(InvalidMember { name, problem })
}
