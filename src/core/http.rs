//! What is sent and what comes back, without the sending.

use super::document::Document;
use super::error::{Code, Error};
use super::form::Form;
use super::secret::is_visible;
use super::text::Text;

/// A request to the authorization server: a form to POST, or nothing to GET.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub url: Text,
    /// `application/x-www-form-urlencoded` body.
    pub form: Option<Text>,
    /// Access token to send along.
    pub token: Option<Text>,
}

impl Request {
    /// A GET.
    pub fn get(url: Text) -> Request {
        Request {
            url,
            form: None,
            token: None,
        }
    }

    /// A POST of form parameters.
    pub fn post(url: &str, form: Form) -> Request {
        Request {
            url: url.into(),
            form: Some(form.into_text()),
            token: None,
        }
    }

    /// Adds an access token (RFC 6750 §2.1). Then the response has its JSON text with it.
    pub fn with_token(mut self, token: &str) -> Request {
        self.token = Some(token.into());
        self
    }
}

/// Not the form: it has codes and tokens in it.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A response: its status, and its body where that is a JSON object by type and content.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// HTTP status; 0 for a redirect that was not followed.
    pub status: u16,
    /// The body, if it is `application/json` or `+json` and an object.
    pub json: Option<Document>,
}

impl Response {
    /// The OAuth error in the body (RFC 6749 §5.2), or a plain `http` failure for a status that is not success.
    pub fn error(&self) -> Option<Error> {
        let text = |name| self.json.as_ref().and_then(|json| json.string(name));
        if let Some(code) = text("error").filter(|code| is_visible(code)) {
            let (description, uri) = (text("error_description"), text("error_uri"));
            return Some(Error::from_server(code, description, uri).with_status(self.status));
        }
        self.refusal()
    }

    /// A plain `http` failure for a status that is not success.
    pub fn refusal(&self) -> Option<Error> {
        if (200..300).contains(&self.status) {
            return None;
        }
        let retryable = self.status == 429 || self.status >= 500;
        Some(Error::new(Code::Http).with_status(self.status).retryable(retryable))
    }
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It surely did not leave.
    NotSent,
    /// It may have arrived; the answer did not.
    Lost,
    /// No complete answer in time.
    Timeout,
}

impl Failure {
    /// The failure of a request that can be made again.
    pub fn of_repeatable(self) -> Error {
        match self {
            Failure::Timeout => timeout().retryable(true),
            _ => Error::new(Code::Network).retryable(true),
        }
    }

    /// The failure of a request that carried a one-time credential: it is never sent again.
    pub fn of_one_time(self) -> Error {
        match self {
            Failure::NotSent => Failure::NotSent.of_repeatable(),
            Failure::Timeout => timeout(),
            Failure::Lost => Error::new(Code::TokenResponseLost),
        }
    }
}

fn timeout() -> Error {
    Error::new(Code::Timeout)
}
