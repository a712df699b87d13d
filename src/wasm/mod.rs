//! What the npm package exports: one class with named methods. It converts and nothing else.
//!
//! What comes in is a [`Value`], which strict readers make options of, and so is what goes out. Errors cross as an object with
//! code, message and details, which the facade lifts to `AuthError`.

mod description;
mod error;
mod options;
mod output;
mod provider;
mod strict;
mod surroundings;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::browser::object::set;
use crate::browser::{JsApiRequest, promise, to_js};
use crate::client::{Client, FetchError, Subscription};
use crate::core::authorize::Outcome;
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::value::{ToValue, Value};
use crate::host::Pending;

use error::{caused_by, described, not_answered};
use surroundings::Surroundings;

/// A client of one authorization server.
#[wasm_bindgen(js_name = Client)]
pub struct JsClient {
    client: Client,
    /// What `fetch` sends with, where the application has its own.
    api_fetch: Option<Function>,
    /// The latest session that was handed over: the same object for as long as its content is the same.
    session: RefCell<Option<(Value, JsValue)>>,
    _subscription: Subscription,
}

#[wasm_bindgen(js_class = Client)]
impl JsClient {
    /// Opens a client.
    pub fn open(options: JsValue, surroundings: &JsValue) -> Promise {
        let surroundings = Surroundings::read(surroundings);
        promise(Box::pin(async move {
            let Surroundings {
                browser,
                api_fetch,
                changed,
            } = surroundings?;
            let (options, storage) = options::client_options(&options, &browser)?;
            let client = Client::open(options, storage, Rc::new(browser)).await?;
            let listener = Rc::new(move || {
                // `changed` is the facade's, and does not throw.
                let _ = changed.call0(&JsValue::UNDEFINED);
            });
            Ok(JsValue::from(JsClient {
                _subscription: client.subscribe(listener),
                client,
                api_fetch,
                session: RefCell::default(),
            }))
        }))
    }

    /// The session, and what lookups need of its grants.
    pub fn state(&self) -> JsValue {
        let state = to_js(&output::lookups(&self.client));
        set(&state, "session", &self.session_object());
        state
    }

    /// Builds a sign-in request without navigating.
    #[wasm_bindgen(js_name = authorizeUrl)]
    pub fn authorize_url(&self, options: JsValue) -> Result<JsValue> {
        let options = options::authorize_url_options(&options)?;
        Ok(output::request(&self.client.authorize_url(&options)?))
    }

    /// Fetches what later calls need.
    pub fn prepare(&self) -> Promise {
        self.promise(|client| async move { client.prepare().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Signs in. With known metadata the page is left, or the popup sent to the server, when this returns.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, options: JsValue, signal: AbortSignal) -> Promise {
        let options = options::sign_in_options(&options, signal);
        self.outcome(options.map(|options| self.client.sign_in(options)))
    }

    /// Goes back for more scopes. With known metadata the page is left, or the popup sent to the server, when this returns.
    pub fn upgrade(&self, scope: JsValue, options: JsValue, signal: AbortSignal) -> Promise {
        let scope = options::scope(&scope);
        let arguments = scope.and_then(|scope| Ok((scope, options::upgrade_options(&options, signal)?)));
        self.outcome(arguments.map(|(scope, options)| self.client.upgrade(scope, options)))
    }

    /// Handles the authorization response in a URL, by default the page's. Its parameters are gone from the address bar
    /// when this returns. Resolves to null where there is none.
    #[wasm_bindgen(js_name = handleCallback)]
    pub fn handle_callback(&self, url: Option<String>) -> Promise {
        let outcome = self.client.handle_callback(url.as_deref());
        self.promise(|client| async move {
            let outcome = outcome.await?;
            Ok(outcome.map_or(JsValue::NULL, |outcome| output::outcome(&client, outcome)))
        })
    }

    /// Those of the given scopes that are not granted.
    #[wasm_bindgen(js_name = missingScopes)]
    pub fn missing_scopes(&self, scope: JsValue, selector: JsValue) -> Result<JsValue> {
        let (scopes, target) = options::scopes_and_target(&scope, &selector)?;
        let missing = self.client.missing_scopes(&scopes, target.as_ref())?;
        Ok(to_js(&missing.to_value()))
    }

    /// Whether a scope is there, and on whose word.
    #[wasm_bindgen(js_name = scopeStatus)]
    pub fn scope_status(&self, scope: JsValue, selector: JsValue) -> Result<String> {
        let (scope, target) = options::scope_and_target(&scope, &selector)?;
        let status = self.client.scope_status(&scope, target.as_ref())?;
        Ok(status.as_str().to_owned())
    }

    /// The same, in words for a developer.
    #[wasm_bindgen(js_name = explainScope)]
    pub fn explain_scope(&self, scope: JsValue, selector: JsValue) -> Result<String> {
        let (scope, target) = options::scope_and_target(&scope, &selector)?;
        self.client.explain_scope(&scope, target.as_ref())
    }

    /// What scopes are for, in words for the user.
    #[wasm_bindgen(js_name = describeScopes)]
    pub fn describe_scopes(&self, scope: JsValue, options: JsValue) -> Result<JsValue> {
        let scopes = options::scope(&scope)?;
        let languages = options::languages(&options)?;
        let described = self.client.describe_scopes(&scopes, &languages);
        Ok(to_js(&output::descriptions(&described)))
    }

    /// What was requested, granted, denied and used. `checked` are the scopes that the facade looked up by itself.
    #[wasm_bindgen(js_name = scopeReport)]
    pub fn scope_report(&self, checked: Vec<String>) -> Result<JsValue> {
        let report = self.client.scope_report(&ScopeSet::from_answer(checked))?;
        Ok(output::report(&self.client, &report))
    }

    /// A valid access token.
    #[wasm_bindgen(js_name = getAccessToken)]
    pub fn get_access_token(&self, options: JsValue) -> Promise {
        self.promise(|client| async move {
            let token = client.get_access_token(options::token_options(&options)?).await?;
            Ok(token.secret().into())
        })
    }

    /// Sends a request with the token attached: `input` and `init` are those of fetch, `init` without a prototype. Rejects
    /// with an error of the client, or with the reason for which the caller aborted.
    pub fn fetch(&self, input: JsValue, init: JsValue, options: JsValue) -> Promise {
        let (client, api_fetch) = (self.client.clone(), self.api_fetch.clone());
        // Read before anything is awaited: what the application changes later makes no difference.
        let request = JsApiRequest::new(input, init, api_fetch);
        promise(Box::pin(async move {
            let mut options = options::fetch_options(&options)?;
            let request = request.map_err(|thrown| caused_by(&thrown, Error::invalid_options(NO_REQUEST)))?;
            options.abort = Some(Rc::new(request.signal().clone()));
            match client.fetch(&request, &options).await {
                Ok(_) => Ok(request.response().unwrap_or_default()),
                Err(FetchError::Client(error)) => Err(described(&client, error)),
                Err(FetchError::NotAnswered) => Err(not_answered(&request)),
            }
        }))
    }

    /// The scopes that an API has, and those of them that are held.
    #[wasm_bindgen(js_name = apiScopes)]
    pub fn api_scopes(&self, url: String) -> Promise {
        self.promise(|client| async move { Ok(output::api_scopes(&client.api_scopes(&url).await?)) })
    }

    /// A proof for a request that the application sends by itself.
    #[wasm_bindgen(js_name = dpopProof)]
    pub fn dpop_proof(&self, url: String, method: String, options: JsValue) -> Promise {
        self.promise(|client| async move {
            let options = options::dpop_proof_options(&options)?;
            client.dpop_proof(&url, &method, options).await.map(JsValue::from)
        })
    }

    /// The ID token as it came; null without one.
    #[wasm_bindgen(js_name = idToken)]
    pub fn id_token(&self) -> Result<JsValue> {
        let token = self.client.id_token()?;
        Ok(token.map_or(JsValue::NULL, JsValue::from))
    }

    /// Claims from the userinfo endpoint.
    #[wasm_bindgen(js_name = userInfo)]
    pub fn user_info(&self) -> Promise {
        self.promise(|client| async move { Ok(to_js(&client.user_info().await?)) })
    }

    /// Ends the session.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, options: JsValue) -> Promise {
        self.promise(|client| async move {
            let options = options::sign_out_options(&options)?;
            client.sign_out(options).await.map(|()| JsValue::UNDEFINED)
        })
    }

    /// Lets go of the client. Its stored session stays.
    pub fn close(&self) {
        self.client.close();
    }
}

impl JsClient {
    /// The promise of what a method of the client comes to. Its errors say what missing scopes are for.
    fn promise<F>(&self, method: impl FnOnce(Client) -> F) -> Promise
    where
        F: Future<Output = Result<JsValue>> + 'static,
    {
        self.settle(Box::pin(method(self.client.clone())))
    }

    /// Boxed, so that it is compiled once.
    fn settle(&self, work: Pending<'static, Result<JsValue>>) -> Promise {
        let client = self.client.clone();
        promise(Box::pin(async move {
            work.await.map_err(|error| described(&client, error))
        }))
    }

    /// The promise of what a request for scopes comes to.
    fn outcome(&self, begun: Result<Pending<'static, Result<Outcome>>>) -> Promise {
        self.promise(|client| async move { Ok(output::outcome(&client, begun?.await?)) })
    }

    /// The object of a session: the one from before where nothing changed.
    fn session_object(&self) -> JsValue {
        let output = output::session(&self.client);
        let mut latest = self.session.borrow_mut();
        match &*latest {
            Some((before, object)) if *before == output => object.clone(),
            _ => {
                let object = to_js(&output);
                *latest = Some((output, object.clone()));
                object
            }
        }
    }
}

/// What is wrong where the platform makes no request of what `fetch` was given.
const NO_REQUEST: &str = "the URL (without credentials) and the options of fetch";

/// Traps, at once or after a promise. For tests of what happens then.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
#[allow(unreachable_pub, reason = "an export has to be public, and this module is not")]
pub fn trap(after: JsValue) {
    if after.is_undefined() {
        core::arch::wasm32::unreachable();
    }
    wasm_bindgen_futures::spawn_local(async move {
        let _ = wasm_bindgen_futures::JsFuture::from(Promise::resolve(&after)).await;
        core::arch::wasm32::unreachable()
    });
}

/// Sets a member to a value that the application gave as JSON text.
fn set_json(object: &JsValue, name: &str, text: &str) {
    set(object, name, &js_sys::JSON::parse(text).unwrap_or_default());
}
