//! What the facade calls. Conversions and nothing else: plain values come in and go out, clients are numbers.
//!
//! Errors cross as records that the facade lifts to `AuthError`.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser::json;
use crate::browser::navigation;
use crate::browser::storage::Adapter;
use crate::client::{Client, Host, Next, Store};
use crate::core::authorize::RequestOptions;
use crate::core::error::Result;
use crate::core::options::{self, Options, Page, StorageKind, bounded, invalid};
use crate::core::scope::{self, ScopeSet};
use crate::core::session::Target;
use crate::core::value::{Value, only_known};

type Js<T> = Result<T, JsValue>;

thread_local! {
    static CLIENTS: RefCell<Vec<Option<Rc<Client>>>> = const { RefCell::new(Vec::new()) };
    /// True while a future is polled. Found true from outside, the poll never ended: it trapped.
    static POLLING: Cell<bool> = const { Cell::new(false) };
}

/// Opens a client; settles to its number.
#[wasm_bindgen]
pub fn open(given: &JsValue, changed: Function) -> Promise {
    let parsed = client_options(given);
    promise(async move {
        let (options, fetch, store) = parsed?;
        let client = Rc::new(Client::open(options, Host { fetch, changed }, store).await);
        let number = CLIENTS.with_borrow_mut(|clients| {
            clients.push(Some(client));
            clients.len() - 1
        });
        Ok(JsValue::from(number as u32))
    })
}

/// Lets go of a client. Its stored session stays.
#[wasm_bindgen]
pub fn close(client: u32) {
    CLIENTS.with_borrow_mut(|clients| {
        if let Some(slot) = clients.get_mut(client as usize) {
            slot.take();
        }
    });
}

/// The session as it is now.
#[wasm_bindgen]
pub fn session(client: u32) -> Js<JsValue> {
    thrown(of(client).map(|client| client.with_snapshot(|snapshot| json::to_js(snapshot))))
}

/// See `authorizeUrl`.
#[wasm_bindgen]
pub fn authorize_url(client: u32, given: &JsValue) -> Js<JsValue> {
    let request = of(client).and_then(|client| client.authorize_url(request_options(given)?.0));
    thrown(request.map(|request| json::to_js(&[request.url.as_str(), request.state.secret()])))
}

/// See `prepare`.
#[wasm_bindgen]
pub fn prepare(client: u32) -> Promise {
    let client = of(client);
    promise(async move { client?.prepare().await.map(|()| JsValue::UNDEFINED) })
}

/// See `signIn`. Settles to undefined where the page is being left.
#[wasm_bindgen]
pub fn sign_in(client: u32, given: &JsValue) -> Promise {
    let (client, given) = (of(client), request_options(given));
    promise(async move {
        let (options, signal) = given?;
        client?.sign_in(options, signal).await.map(next)
    })
}

/// See `upgrade`. Settles to undefined where the page is being left.
#[wasm_bindgen]
pub fn upgrade(client: u32, scopes: &JsValue, given: &JsValue) -> Promise {
    let (client, scopes, given) = (of(client), scope_set(scopes), request_options(given));
    promise(async move {
        let (options, signal) = given?;
        if options.scope.is_some() {
            return Err(invalid("`scope` is upgrade's first argument."));
        }
        client?.upgrade(scopes?, options, signal).await.map(next)
    })
}

/// See `handleCallback`. The response is recognised, checked and cleaned away before this returns.
#[wasm_bindgen]
pub fn handle_callback(client: u32, url: Option<String>) -> Promise {
    let landed = of(client).and_then(|client| Ok((client.land(url.as_deref())?, client)));
    promise(async move {
        match landed? {
            (Some(landed), client) => client.handle(landed).await.map(|outcome| json::to_js(&outcome)),
            (None, _) => Ok(JsValue::NULL),
        }
    })
}

/// See `hasScope` and `hasAnyScope`. `token` where the text must be one scope token, as in an array.
#[wasm_bindgen]
pub fn has_scope(client: u32, scopes: &str, token: bool, any: bool, selector: &JsValue) -> Js<bool> {
    let check = || {
        let client = of(client)?;
        let target = target(selector)?;
        if token {
            return Ok(client.covers(Client::one_scope(scopes)?, target.as_ref()));
        }
        let (mut all, mut some) = (true, false);
        for scope in scope::tokens(scopes) {
            let covered = client.covers(Client::one_scope(scope)?, target.as_ref());
            all &= covered;
            some |= covered;
        }
        if all && !some {
            Err(scope::empty())
        } else {
            Ok(if any { some } else { all })
        }
    };
    thrown(check())
}

/// See `missingScopes`.
#[wasm_bindgen]
pub fn missing_scopes(client: u32, scopes: &JsValue, selector: &JsValue) -> Js<JsValue> {
    let missing = || {
        let scopes = scope_set(scopes)?;
        if scopes.is_empty() {
            return Err(scope::empty());
        }
        Ok(of(client)?.missing(&scopes, target(selector)?.as_ref()))
    };
    thrown(missing().map(|scopes| json::to_js(&scopes)))
}

/// See `scopeStatus`.
#[wasm_bindgen]
pub fn scope_status(client: u32, scope: &JsValue, selector: &JsValue) -> Js<String> {
    let status = || {
        let scope = scope.as_string().ok_or_else(scope::wrong_type)?;
        Ok(of(client)?
            .status(Client::one_scope(&scope)?, target(selector)?.as_ref())
            .as_str()
            .to_owned())
    };
    thrown(status())
}

/// See `getAccessToken`.
#[wasm_bindgen]
pub fn access_token(client: u32, given: &JsValue) -> Js<String> {
    let token = || {
        let value = members(given, "getAccessToken's options", &["signal"])?;
        only_known(
            &value,
            &["audience", "resource", "scope", "minValidity", "forceRefresh", "signal"],
            "getAccessToken's options",
        )?;
        if options::boolean(&value, "forceRefresh")? == Some(true) {
            return Err(options::unsupported("forceRefresh"));
        }
        let seconds = bounded(&value, "minValidity", 0, i64::from(i32::MAX))?.unwrap_or(30);
        let scopes = options::scope(&value)?.unwrap_or_default();
        of(client)?.access_token(&scopes, Target::parse(&value)?.as_ref(), seconds)
    };
    thrown(token())
}

/// See `idToken`.
#[wasm_bindgen]
pub fn id_token(client: u32) -> Js<JsValue> {
    thrown(of(client).map(|client| client.id_token().map_or(JsValue::NULL, JsValue::from)))
}

/// See `signOut`.
#[wasm_bindgen]
pub fn sign_out(client: u32, given: &JsValue) -> Promise {
    let client = of(client);
    let value = members(given, "signOut's options", &[]);
    promise(async move {
        let value = value?;
        only_known(&value, &["returnTo", "local"], "signOut's options")?;
        let local = options::boolean(&value, "local")?.unwrap_or_default();
        client?
            .sign_out(options::string(&value, "returnTo")?, local)
            .await
            .map(|()| JsValue::UNDEFINED)
    })
}

/// True where an earlier poll trapped: this instance must not be used any more.
#[wasm_bindgen]
pub fn trapped() -> bool {
    POLLING.get()
}

/// Traps, at once or in a later poll. For tests of what happens then.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
pub fn trap(later: bool) -> Promise {
    let trap = || core::arch::wasm32::unreachable();
    if !later {
        trap();
    }
    promise(async move { trap() })
}

fn of(client: u32) -> Result<Rc<Client>> {
    let found = CLIENTS.with_borrow(|clients| clients.get(client as usize).cloned().flatten());
    found.ok_or_else(|| invalid("This client was closed. Create another one."))
}

fn thrown<T>(result: Result<T>) -> Js<T> {
    result.map_err(|error| json::to_js(error.details()))
}

fn promise(future: impl Future<Output = Result<JsValue>> + 'static) -> Promise {
    let watched = Watched(Box::pin(async move { thrown(future.await) }));
    js_sys::futures::future_to_promise(watched)
}

/// A future that leaves [`POLLING`] set where it traps.
struct Watched<F: ?Sized>(Pin<Box<F>>);

impl<F: Future + ?Sized> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        POLLING.set(true);
        let poll = self.0.as_mut().poll(context);
        POLLING.set(false);
        poll
    }
}

fn next(next: Next) -> JsValue {
    match next {
        Next::Done(outcome) => json::to_js(&outcome),
        Next::Leaving => JsValue::UNDEFINED,
    }
}

fn scope_set(given: &JsValue) -> Result<ScopeSet> {
    options::scope_argument(&json::to_value(given).ok_or_else(scope::wrong_type)?)
}

fn target(selector: &JsValue) -> Result<Option<Target>> {
    if selector.is_undefined() {
        return Ok(None);
    }
    let value = members(selector, "the grant selector", &[])?;
    only_known(&value, &["audience", "resource"], "the grant selector")?;
    Target::parse(&value)
}

/// Own members of an options object, all but the named ones copied. Undefined is an object without any.
fn members(given: &JsValue, what: &str, apart: &[&str]) -> Result<Value> {
    if given.is_undefined() {
        return Ok(Value::Object(Vec::new()));
    }
    if !given.is_object() || js_sys::Array::is_array(given) {
        return Err(invalid(format!("{what} must be an object.")));
    }
    let mut members = Vec::new();
    for name in Object::keys(given.unchecked_ref::<Object>())
        .iter()
        .filter_map(|name| name.as_string())
    {
        let member = own(given, &name)?;
        if member.is_undefined() || apart.contains(&name.as_str()) {
            continue;
        }
        let copy = json::to_value(&member)
            .ok_or_else(|| invalid(format!("`{name}` of {what} has the wrong type, or is too large.")))?;
        members.push((name, copy));
    }
    Ok(Value::Object(members))
}

fn own(object: &JsValue, name: &str) -> Result<JsValue> {
    let object = object.unchecked_ref::<Object>();
    if !Object::has_own(object, &name.into()) {
        return Ok(JsValue::UNDEFINED);
    }
    Reflect::get(object, &name.into()).map_err(|_| invalid(format!("`{name}` cannot be read.")))
}

fn client_options(given: &JsValue) -> Result<(Options, Option<Function>, Store)> {
    if !given.is_object() {
        return Err(invalid("createClient needs an options object."));
    }
    let value = members(given, "createClient's options", &["fetch", "storage"])?;
    let fetch = match own(given, "fetch")? {
        absent if absent.is_undefined() => None,
        fetch => Some(fetch.dyn_into().map_err(|_| invalid("`fetch` must be a function."))?),
    };
    let storage = own(given, "storage")?;
    let (kind, store) = match storage.as_string().as_deref() {
        None if storage.is_undefined() => (StorageKind::Session, Store::open(StorageKind::Session)),
        None => {
            let adapter = Adapter::new(&storage)
                .ok_or_else(|| invalid("`storage` must be a name or have getItem, setItem and removeItem."))?;
            (StorageKind::Adapter, Store::Adapter(adapter))
        }
        Some(name) => {
            let kind = match name {
                "session" => StorageKind::Session,
                "local" => StorageKind::Local,
                "memory" => StorageKind::Memory,
                "indexeddb" | "worker" => return Err(options::unsupported("storage: indexeddb and worker")),
                _ => {
                    return Err(invalid(
                        "`storage` must be session, local, memory, indexeddb, worker or an adapter.",
                    ));
                }
            };
            (kind, Store::open(kind))
        }
    };
    let page = Page {
        origin: navigation::origin(),
    };
    Ok((Options::parse(&value, kind, &page)?, fetch, store))
}

fn request_options(given: &JsValue) -> Result<(RequestOptions, Option<web_sys::AbortSignal>)> {
    let value = members(given, "the request's options", &["appState", "signal"])?;
    let (mut app_state, mut signal, mut details) = (None, None, None);
    if given.is_object() {
        let state = own(given, "appState")?;
        if !state.is_undefined() {
            app_state = Some(json::stringify_js(&state).ok_or_else(|| invalid("`appState` must be a JSON value."))?);
        }
        let given_signal = own(given, "signal")?;
        if !given_signal.is_undefined() {
            signal = Some(
                given_signal
                    .dyn_into()
                    .map_err(|_| invalid("`signal` must be an AbortSignal."))?,
            );
        }
        let given_details = own(given, "authorizationDetails")?;
        if !given_details.is_undefined() {
            details = json::stringify_js(&given_details);
        }
    }
    Ok((RequestOptions::parse(&value, app_state, details)?, signal))
}
