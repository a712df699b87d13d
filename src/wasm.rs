//! What the facade calls. Conversions and nothing else: options come in and results go out as forms, clients are
//! numbers. An error crosses as a form too, which the facade lifts to `AuthError`.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::browser::callback::invoke;
use crate::browser::{json, navigation};
use crate::client::{Client, Host, Next, task};
use crate::core::authorize::RequestOptions;
use crate::core::error::{Code, Error, Result};
use crate::core::form::{Fields, Form};
use crate::core::grant::Target;
use crate::core::metadata::Metadata;
use crate::core::options::{self, Options, bounded, invalid};
use crate::core::scope;
use crate::core::text::Text;

thread_local! {
    static CLIENTS: RefCell<Vec<Option<Rc<Client>>>> = const { RefCell::new(Vec::new()) };
}

/// Takes the function that calls `wake(task, value, fulfilled)` once a promise has settled.
#[wasm_bindgen]
pub fn setup(watch: JsValue) {
    task::setup(watch);
}

/// Goes on with a task.
#[wasm_bindgen]
pub fn wake(task: usize, value: JsValue, fulfilled: bool) {
    task::wake(task, if fulfilled { Ok(value) } else { Err(value) });
}

/// Opens a client, and calls back with its number or an error.
#[wasm_bindgen]
pub fn open(given: String, fetch: JsValue, storage: JsValue, changed: JsValue, done: JsValue) {
    task::spawn(Box::pin(async move {
        let opened = async {
            let fields = Fields(&given);
            let metadata = match fields.text("metadata") {
                Some(text) => Some(Metadata::parse(json::parse(&text).unwrap_or_default())?),
                None => None,
            };
            let options = Options::parse(fields, metadata.as_ref(), &navigation::origin())?;
            let client = Rc::new(
                Client::open(
                    options,
                    metadata,
                    Host {
                        fetch,
                        storage,
                        changed,
                    },
                )
                .await,
            );
            Ok(CLIENTS.with_borrow_mut(|clients| {
                clients.push(Some(client));
                JsValue::from(clients.len() as u32 - 1)
            }))
        };
        tell(&done, opened.await);
    }));
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

/// Calls that wait for nothing: the method's name, and its options as a form.
#[wasm_bindgen]
pub fn call(client: u32, method: &str, given: &str) -> Result<String, JsValue> {
    thrown(answer(client, method, Fields(given)).map(|text| text.as_str().to_owned()))
}

/// Calls that wait. Calls back with a form, or an error, or with nothing where the page is being left.
#[wasm_bindgen]
pub fn run(client: u32, method: String, given: String, signal: JsValue, done: JsValue) {
    let client = of(client);
    // A response is recognised, checked and cleaned away before this returns.
    let landed = match (&client, method.as_str()) {
        (Ok(client), "handleCallback") => client.land(Fields(&given).text("url").as_deref()),
        _ => Ok(None),
    };
    task::spawn(Box::pin(async move {
        let outcome = async {
            let (client, fields) = (client?, Fields(&given));
            let options = || RequestOptions::parse(fields);
            let next = match (method.as_str(), landed?) {
                ("handleCallback", Some(landed)) => client.handle(landed).await.map(Next::Done),
                ("prepare", _) => client.prepare().await.map(|()| Next::Leaving),
                ("signIn", _) => client.sign_in(&options()?, &signal).await,
                ("upgrade", _) => client.upgrade(&options()?, &signal).await,
                ("signOut", _) => client
                    .sign_out(fields.text("returnTo"), fields.has("local"))
                    .await
                    .map(|()| Next::Leaving),
                _ => Ok(Next::Leaving),
            };
            client.flush().await;
            next.map(|next| match next {
                Next::Done(outcome) => outcome.as_str().into(),
                Next::Leaving => JsValue::UNDEFINED,
            })
        };
        tell(&done, outcome.await);
    }));
}

/// The hot path of `hasScope` and `hasAnyScope`. `token` where the text must be one scope token, as in an array.
#[wasm_bindgen]
pub fn has_scope(client: u32, scopes: &str, token: bool, any: bool, selector: Option<String>) -> Result<bool, JsValue> {
    let check = || {
        let client = of(client)?;
        let target = Target::parse(Fields(selector.as_deref().unwrap_or_default()))?;
        if token {
            return Ok(client.covers(scope::checked(scopes)?, target.as_ref()));
        }
        let (mut all, mut some) = (None, false);
        for scope in scope::tokens(scopes) {
            let covered = client.covers(scope::checked(scope)?, target.as_ref());
            all = Some(all.unwrap_or(true) && covered);
            some |= covered;
        }
        all.map(|all| if any { some } else { all }).ok_or_else(scope::empty)
    };
    thrown(check())
}

/// Traps, at once or after a promise. For tests of what happens then.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
pub fn trap(after: Option<JsValue>) {
    let Some(after) = after else {
        core::arch::wasm32::unreachable()
    };
    task::spawn(Box::pin(async move {
        let _ = task::settled(after).await;
        core::arch::wasm32::unreachable()
    }));
}

fn answer(client: u32, method: &str, fields: Fields<'_>) -> Result<Text> {
    let client = of(client)?;
    let target = || Target::parse(fields);
    let scopes = || {
        options::scope(fields)?
            .filter(|scopes| !scopes.is_empty())
            .ok_or_else(scope::empty)
    };
    Ok(match method {
        "session" => client.snapshot().into_text(),
        "authorizeUrl" => {
            let request = client.authorize_url(&RequestOptions::parse(fields)?)?;
            let mut form = Form::default();
            form.put("url", &request.url);
            form.put("state", request.state.secret());
            form.into_text()
        }
        "missingScopes" => client.missing(&scopes()?, target()?.as_ref()).as_str().into(),
        "scopeStatus" => {
            let scope = fields.text_or_empty("scope");
            client
                .status(scope::checked(&scope)?, target()?.as_ref())
                .as_str()
                .into()
        }
        "getAccessToken" => {
            let seconds = bounded(fields, "minValidity", i64::from(i32::MAX))?.unwrap_or(30);
            client.access_token(
                &options::scope(fields)?.unwrap_or_default(),
                target()?.as_ref(),
                seconds,
            )?
        }
        "idToken" => client.id_token().unwrap_or_default(),
        _ => return Err(Error::about(Code::InvalidOptions, "There is no method", method)),
    })
}

fn of(client: u32) -> Result<Rc<Client>> {
    let found = CLIENTS.with_borrow(|clients| clients.get(client as usize).cloned().flatten());
    found.ok_or_else(|| invalid("This client was closed. Create another one."))
}

fn thrown<T>(result: Result<T>) -> Result<T, JsValue> {
    result.map_err(|error| error.to_text().as_str().into())
}

/// Calls back with a result, or with an error in second place.
fn tell(done: &JsValue, result: Result<JsValue>) {
    let (value, error) = match thrown(result) {
        Ok(value) => (value, JsValue::UNDEFINED),
        Err(error) => (JsValue::UNDEFINED, error),
    };
    invoke(done, &value, &error);
}
