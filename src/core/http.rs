//! What is sent and what comes back, without the sending.

use super::error::{Code, Error};
use super::value::Value;

/// A request to the authorization server: a form to POST, or nothing to GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// `application/x-www-form-urlencoded` body.
    pub form: Option<String>,
}

impl Request {
    /// A GET.
    pub fn get(url: impl Into<String>) -> Request {
        Request {
            url: url.into(),
            form: None,
        }
    }

    /// A POST of form parameters.
    pub fn post<'a>(url: &str, params: impl IntoIterator<Item = (&'a str, &'a str)>) -> Request {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(params);
        Request {
            url: url.to_owned(),
            form: Some(form.finish()),
        }
    }
}

/// A response: its status, and its body where that is JSON by type and content.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// HTTP status; 0 for a redirect that was not followed.
    pub status: u16,
    /// The body, if it is `application/json` or `+json` and parses.
    pub json: Option<Value>,
}

impl Response {
    /// True for 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The OAuth error in the body (RFC 6749 §5.2), or a plain `http` failure.
    pub fn error(&self) -> Option<Error> {
        let text = |name| {
            self.json
                .as_ref()
                .and_then(|json| json.get(name))
                .and_then(Value::as_str)
        };
        if let Some(code) = text("error") {
            return Some(
                Error::from_server(code, text("error_description"), text("error_uri")).with_status(self.status),
            );
        }
        (!self.is_success()).then(|| self.refusal())
    }

    fn refusal(&self) -> Error {
        let message = match self.status {
            0 => "The authorization server answered with a redirect, which is not followed. Check the endpoint's URL.",
            _ => "The authorization server answered with an error status.",
        };
        let retryable = self.status == 429 || self.status >= 500;
        Error::new(Code::Http, message)
            .with_status(self.status)
            .retryable(retryable)
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
            _ => Error::new(
                Code::Network,
                "The authorization server cannot be reached. Check the network, the URL, its CORS settings and the page's connect-src.",
            )
            .retryable(true),
        }
    }

    /// The failure of a request that carried a one-time credential: it is never sent again.
    pub fn of_one_time(self) -> Error {
        match self {
            Failure::NotSent => Failure::NotSent.of_repeatable(),
            Failure::Timeout => timeout(),
            Failure::Lost => Error::new(
                Code::TokenResponseLost,
                "The token endpoint's answer did not arrive. The code may be used up and is not sent again: start the sign-in anew. If this happens each time, check the endpoint's CORS settings and the page's connect-src.",
            ),
        }
    }
}

fn timeout() -> Error {
    Error::new(Code::Timeout, "The authorization server did not answer in time.")
}
