//! What is sent and what comes back, without the sending.

use std::fmt;

use super::error::{Endpoint, Error, Result};
use super::jwt::JsonParser;
use super::secret::{AccessToken, is_visible};
use super::url::Params;
use super::value::Value;

/// The most bytes of a body that are read.
pub const MAX_BODY: usize = 1 << 20;

/// A request to the authorization server: a form to POST, or nothing to GET. Send it without following redirects, with what of
/// this is there: `form` as `application/x-www-form-urlencoded`, `accept` as `Accept`, `token` as `Authorization`
/// ([`AccessToken::authorization`]), `proof` as `DPoP`.
///
/// ```
/// use scopewise::{Request, Response};
///
/// /// What any HTTP client takes, and what it gives back.
/// fn send(request: &Request, http: impl Fn(&str, &str, Vec<(&str, String)>, &str) -> (u16, String, String)) -> Response {
///     let mut headers = vec![("Accept", request.accept.to_owned())];
///     if request.form.is_some() {
///         headers.push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
///     }
///     headers.extend(request.token.as_ref().map(|token| ("Authorization", token.authorization())));
///     headers.extend(request.proof.clone().map(|proof| ("DPoP", proof)));
///     let body = request.form.as_deref().unwrap_or_default();
///     let (status, content_type, text) = http(request.method(), &request.url, headers, body);
///     let parse = |text: &str| serde_json::from_str(text).ok();
///     Response::read(status, &content_type, Some(text), &parse).without_echo_of(request)
/// }
///
/// let request = Request::get("https://id.example.com/jwks");
/// let answer = send(&request, |method, url, headers, _| {
///     assert_eq!((method, url, headers.len()), ("GET", "https://id.example.com/jwks", 1));
///     (200, "application/json".to_owned(), r#"{"keys": []}"#.to_owned())
/// });
/// assert!(answer.is_success() && answer.json.is_some());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// `application/x-www-form-urlencoded` body of a POST.
    pub form: Option<String>,
    /// Access token to send along (RFC 6750 §2.1).
    pub token: Option<AccessToken>,
    /// DPoP proof to send along (RFC 9449 §4).
    pub proof: Option<String>,
    /// The types of an answer that can be read.
    pub accept: &'static str,
}

impl Request {
    /// A GET.
    pub fn get(url: impl Into<String>) -> Request {
        Request {
            url: url.into(),
            form: None,
            token: None,
            proof: None,
            accept: "application/json",
        }
    }

    /// A POST of form parameters.
    pub fn post(url: &str, params: &Params) -> Request {
        Request {
            form: Some(params.to_form()),
            ..Request::get(url)
        }
    }

    /// How it is sent.
    pub fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }
}

/// Not the form: it has codes and tokens in it.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A response: its status, and its body where that is a JSON object by type and content, or a JWT by type.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// HTTP status; 0 for a redirect that was not followed.
    pub status: u16,
    /// The body, if it is `application/json` or `+json` and an object, of [`MAX_BODY`] bytes at the most.
    pub json: Option<Value>,
    /// The body, if it is `application/jwt`, as large at the most.
    pub jwt: Option<String>,
    /// `DPoP-Nonce`: what the server wants in the next proof (RFC 9449 §8).
    pub dpop_nonce: Option<String>,
}

impl Response {
    /// A response as some HTTP client has it. `json` is its body, where its type and its content are JSON.
    pub fn new(status: u16, json: Option<Value>) -> Response {
        Response {
            status,
            json: json.filter(|json| matches!(json, Value::Object(_))),
            jwt: None,
            dpop_nonce: None,
        }
    }

    /// A response by its `Content-Type` and its text, without one where that is longer than [`MAX_BODY`]. JSON is what
    /// `application/json` has, and other types with that structure (RFC 6839 §3.1).
    pub fn read(status: u16, content_type: &str, text: Option<String>, parse: JsonParser<'_>) -> Response {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        let subtype = essence.strip_prefix("application/").unwrap_or_default();
        match text {
            Some(text) if subtype == "jwt" => Response::new(status, None).with_jwt(text),
            Some(text) if subtype == "json" || subtype.ends_with("+json") => Response::new(status, parse(&text)),
            _ => Response::new(status, None),
        }
    }

    /// The same with a body of type `application/jwt`.
    #[must_use]
    pub fn with_jwt(mut self, jwt: impl Into<String>) -> Response {
        self.jwt = Some(jwt.into());
        self
    }

    /// The same without the words about an error that repeat a secret of the request.
    #[must_use]
    pub fn without_echo_of(mut self, request: &Request) -> Response {
        let form = request.form.as_deref().unwrap_or_default();
        let token = request.token.as_ref().map(AccessToken::secret);
        let is_echo = |text: &str| {
            let is_of_form = form_urlencoded::parse(form.as_bytes()).any(|(name, value)| {
                let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
                SECRETS.contains(&&*name) && (holds(text, &value) || holds(text, &encoded))
            });
            is_of_form || token.is_some_and(|token| holds(text, token))
        };
        if let Some(Value::Object(members)) = &mut self.json {
            members.retain(
                |(name, value)| !matches!(value, Value::String(text) if name.starts_with("error_") && is_echo(text)),
            );
        }
        self
    }

    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The OAuth error in the body (RFC 6749 §5.2), or a plain `http` failure for a status that is not success.
    pub fn error(&self) -> Option<Error> {
        let text = |name| self.json.as_ref().and_then(|json| json.text(name));
        let Some(code) = text("error").filter(|code| is_visible(code)) else {
            return self.status_error();
        };
        let mut error = Error::from_server(code, text("error_description"), text("error_uri"));
        if let Error::Server(server) = &mut error {
            server.status = Some(self.status);
        }
        Some(error)
    }

    /// Whether the server wants its nonce in the proof (RFC 9449 §8).
    pub fn wants_nonce(&self) -> bool {
        self.failure() == Some("use_dpop_nonce")
    }

    /// Whether the server does not take the proof (RFC 9449 §5).
    pub fn refuses_proof(&self) -> bool {
        self.wants_nonce() || self.failure() == Some("invalid_dpop_proof")
    }

    fn failure(&self) -> Option<&str> {
        let json = self.json.as_ref().filter(|_| !self.is_success());
        json.and_then(|json| json.text("error"))
    }

    /// A plain `http` failure for a status that is not success.
    pub fn status_error(&self) -> Option<Error> {
        if self.is_success() {
            return None;
        }
        Some(Error::http(self.status, self.status == 429 || self.status >= 500))
    }
}

/// Parameters of requests that nobody but the server may read.
const SECRETS: [&str; 6] = [
    "code",
    "code_verifier",
    "refresh_token",
    "state",
    "nonce",
    "id_token_hint",
];

/// Whether a text has another in it, which is not empty. Not `contains`: its search is made for long texts, and weighs a
/// kilobyte.
pub(super) fn holds(text: &str, part: &str) -> bool {
    let is_part = |window: &[u8]| window == part.as_bytes();
    !part.is_empty() && text.as_bytes().windows(part.len()).any(is_part)
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// It surely did not leave.
    NotSent,
    /// It may have arrived; the answer did not.
    Lost,
    /// No complete answer in time.
    Timeout,
}

/// What sending a request comes to.
pub type Sent = Result<Response, TransportError>;

impl TransportError {
    /// The failure of a request to an endpoint that can be made again.
    pub fn of_repeatable(self, endpoint: Endpoint) -> Error {
        match self {
            TransportError::Timeout => Error::Timeout(Some(endpoint)),
            _ => Error::Network(Some(endpoint)),
        }
    }

    /// The failure of a request to the token endpoint that carried a one-time credential: it is never sent again.
    pub fn of_one_time(self) -> Error {
        match self {
            TransportError::NotSent => Error::Network(Some(Endpoint::Token)),
            TransportError::Timeout => Error::TimeoutAfterSending,
            TransportError::Lost => Error::TokenResponseLost,
        }
    }
}
