//! A call of an API that an application makes through the client.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Request, RequestInit, RequestRedirect, Response};

use super::JsAbortSignal;
use super::fetch::call;
use super::object::{bare, get};
use super::response::{self, DPOP_NONCE, header, status};
use crate::core::secret::AccessToken;
use crate::host::{AbortSignal, ApiRequest, ApiResponse, NotAnswered, Pending};

/// What `fetch` takes, read once, and what it came to.
#[derive(Debug)]
pub struct JsApiRequest {
    /// What is sent, or a copy of it, so that a second try sends the same.
    request: Request,
    fetch: Option<Function>,
    url: String,
    signal: JsAbortSignal,
    /// The body can be read but once.
    is_one_time: bool,
    is_sent: Cell<bool>,
    response: RefCell<Option<JsValue>>,
    thrown: RefCell<Option<JsValue>>,
}

impl JsApiRequest {
    /// A request as `fetch` takes it, for the application's fetch or the page's. Fails as `new Request` does.
    pub fn new(input: JsValue, init: JsValue, fetch: Option<Function>) -> Result<JsApiRequest, JsValue> {
        // The type is of the binding only: `new Request` takes a URL or a Request, and refuses all else.
        let request = Request::new_with_request_and_init(input.unchecked_ref(), init.unchecked_ref())?;
        let url = request.url();
        let url = url.split('#').next().unwrap_or_default().to_owned();
        Ok(JsApiRequest {
            is_one_time: is_one_time(&input, &init, &request.method()),
            signal: JsAbortSignal::new(request.signal()),
            is_sent: Cell::new(false),
            response: RefCell::default(),
            thrown: RefCell::default(),
            request,
            fetch,
            url,
        })
    }

    /// A request in Rust's terms, sent with the page's fetch: `url` and what web-sys knows of a request.
    pub fn with_init(url: &str, init: &RequestInit) -> Result<JsApiRequest, JsValue> {
        JsApiRequest::new(url.into(), init.into(), None)
    }

    /// A GET of a URL, sent with the page's fetch.
    pub fn get(url: &str) -> Result<JsApiRequest, JsValue> {
        JsApiRequest::with_init(url, &RequestInit::new())
    }

    /// The last response, for the application.
    pub fn response(&self) -> Option<JsValue> {
        self.response.borrow().clone()
    }

    /// The last response in Rust's terms, with its body for the application to read.
    pub fn into_response(self) -> Option<Response> {
        self.response.take().map(JsCast::unchecked_into)
    }

    /// What the platform threw last, for the application.
    pub fn thrown(&self) -> Option<JsValue> {
        self.thrown.borrow().clone()
    }

    /// The signal of its caller, or one that never says anything.
    pub fn signal(&self) -> &JsAbortSignal {
        &self.signal
    }

    /// Whether it changes nothing (RFC 9110 §9.2.1), so that it may be sent again whatever became of it.
    pub fn is_safe(&self) -> bool {
        matches!(self.request.method().as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }

    /// What to send now. A stream is not copied: a copy would keep all of it in memory.
    fn next_request(&self) -> Result<Request, JsValue> {
        if self.is_one_time {
            Ok(Clone::clone(&self.request))
        } else {
            self.request.clone()
        }
    }

    async fn try_send(&self, token: &AccessToken, proof: Option<&str>) -> Result<ApiResponse, JsValue> {
        let request = self.next_request()?;
        request.headers().set("authorization", &token.authorization())?;
        if let Some(proof) = proof {
            request.headers().set("dpop", proof)?;
        }
        let forbids_redirects = proof.is_some() && request.redirect() == RequestRedirect::Follow;
        let init = forbids_redirects.then(|| without_redirects(&request).into());
        self.is_sent.set(true);
        let answer = call(self.fetch.as_ref(), &request, &init.unwrap_or_default())?;
        let response = response::wait(answer).await?;
        self.response.replace(Some(JsValue::clone(&response)));
        let mut answer = read(&response, &request);
        if forbids_redirects && get(&response, "type") == "opaqueredirect" {
            // Where a redirect leads that its caller wanted followed, nobody can tell.
            answer.url.clear();
        }
        Ok(answer)
    }
}

/// What the client reads of a response.
fn read(response: &Response, request: &Request) -> ApiResponse {
    let challenge = header(response, "www-authenticate");
    // Without a URL it was made by the page itself, or is a redirect that was not followed.
    let url = get(response, "url").as_string().filter(|url| !url.is_empty());
    ApiResponse {
        status: status(response),
        url: url.unwrap_or_else(|| request.url()),
        is_challenge_hidden: challenge.is_none() && get(response, "type") == "cors",
        challenge,
        dpop_nonce: header(response, DPOP_NONCE),
    }
}

/// What a request that follows redirects is sent with so that it does not. All else of it stays as it is.
fn without_redirects(request: &Request) -> RequestInit {
    let init: RequestInit = bare().unchecked_into();
    init.set_redirect(RequestRedirect::Manual);
    // These go back to what they are by default where there is an init (Fetch §5.4).
    init.set_referrer(&request.referrer());
    init.set_referrer_policy(request.referrer_policy());
    init
}

/// A stream can be sent once, and the body of a `Request` is a stream.
fn is_one_time(input: &JsValue, init: &JsValue, method: &str) -> bool {
    let body = get(init, "body");
    if body.is_null() || body.is_undefined() {
        return input.is_instance_of::<Request>() && !matches!(method, "GET" | "HEAD");
    }
    Reflect::has(&body, &"getReader".into()).unwrap_or(false)
}

impl ApiRequest for JsApiRequest {
    fn url(&self) -> &str {
        &self.url
    }

    fn method(&self) -> String {
        self.request.method()
    }

    fn is_replayable(&self) -> bool {
        !(self.is_one_time && self.is_sent.get())
    }

    fn is_aborted(&self) -> bool {
        self.signal.is_aborted()
    }

    fn aborted(&self) -> Pending<'_, ()> {
        Box::pin(self.signal.aborted())
    }

    fn send<'a>(
        &'a self,
        token: &'a AccessToken,
        proof: Option<&'a str>,
    ) -> Pending<'a, Result<ApiResponse, NotAnswered>> {
        Box::pin(async move {
            self.try_send(token, proof).await.map_err(|reason| {
                self.thrown.replace(Some(reason));
                NotAnswered
            })
        })
    }
}
