//! What the facade calls. Conversions and nothing else: options come in and results go out as records, clients and
//! methods are numbers. An error crosses as a record too, which the facade lifts to `AuthError`.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::browser::{callback, json, navigation};
use crate::client::{Call, Client, Method, task};
use crate::core::error::Result;
use crate::core::form::decimal;
use crate::core::grant::Target;
use crate::core::metadata::Metadata;
use crate::core::options::{self, Options, invalid};
use crate::core::record::{Fields, Record};
use crate::core::scope;
use crate::core::text::Text;
use crate::core::url;

/// Clients by their number; closed ones leave a gap.
type Clients = Vec<Option<Rc<Client>>>;

thread_local! {
    static CLIENTS: ManuallyDrop<RefCell<Clients>> = const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}

/// Takes the function that calls `wake(task, text)` once a promise has settled.
#[wasm_bindgen]
pub fn setup(watch: JsValue) {
    callback::setup(watch);
}

/// Goes on with a task: with the text that its promise came to, or nothing where it failed.
#[wasm_bindgen]
pub fn wake(task: usize, text: Option<String>) {
    task::wake(task, text);
}

/// Opens a client, and calls back with its number or an error.
#[wasm_bindgen]
pub fn open(given: String, host: JsValue, done: JsValue) {
    task::spawn(Box::pin(async move {
        tell(&done, create(Fields(&given), host).await.map(Some))
    }));
}

/// Calls that wait for nothing: a method by its number in js/options.ts, and its options as a record.
#[wasm_bindgen]
pub fn call(client: u32, method: u32, given: &str) -> String {
    let text = answer(client, method, Fields(given)).unwrap_or_else(|error| error.to_text());
    text.as_str().to_owned()
}

/// Calls that wait. Calls back with a record or an error, or with nothing where the page is being left.
#[wasm_bindgen]
pub fn run(client: u32, method: u32, given: String, page: JsValue, done: JsValue) {
    let method = match method {
        1 => Method::HandleCallback,
        2 => Method::SignIn,
        3 => Method::Upgrade,
        4 => Method::SignOut,
        6 => Method::Renew,
        7 => Method::UserInfo,
        _ => Method::Prepare,
    };
    let client = of(client);
    // A response is recognised, checked and cleaned away before this returns.
    let landed = match (&client, method) {
        (Ok(client), Method::HandleCallback) => client.land(Fields(&given).text("url")),
        _ => Ok(None),
    };
    task::spawn(Box::pin(async move {
        let outcome = match (client, landed) {
            (Ok(client), Ok(landed)) => {
                client
                    .run(Call {
                        method,
                        given,
                        page,
                        landed,
                    })
                    .await
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        tell(&done, outcome);
    }));
}

/// The hot path of `hasScope`: 1 where every scope of a text is granted, 0 where not, 2 where the text or the selector
/// is at fault, which `missingScopes` words.
#[wasm_bindgen]
pub fn has_scope(client: u32, scopes: &str, selector: &str) -> u32 {
    covers(client, scopes, selector).map_or(2, u32::from)
}

fn covers(client: u32, scopes: &str, selector: &str) -> Result<bool> {
    let (client, target) = (of(client)?, Target::parse(Fields(selector))?);
    let mut all = Err(scope::empty());
    for scope in scope::tokens(scopes) {
        let covered = client.covers(scope::checked(scope)?, target.as_ref());
        all = Ok(covered && all.unwrap_or(true));
    }
    all
}

/// Traps, at once or after a promise. For tests of what happens then.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
pub fn trap(after: JsValue) {
    if after.is_undefined() {
        core::arch::wasm32::unreachable();
    }
    task::spawn(Box::pin(async move {
        let _ = task::settled(after).await;
        core::arch::wasm32::unreachable()
    }));
}

async fn create(fields: Fields<'_>, host: JsValue) -> Result<Text> {
    let metadata = match fields.text("metadata") {
        Some(text) => Some(Metadata::parse(json::parse(text).unwrap_or_default())?),
        None => None,
    };
    let options = Options::parse(fields, metadata.as_ref(), url::origin(&navigation::href()))?;
    let client = Rc::new(Client::open(options, metadata, host).await);
    task::spawn(Box::pin(Client::attend(client.clone())));
    let mut client = Some(client);
    let mut number = 0;
    with_clients(&mut |clients| {
        number = clients.len() as i64;
        clients.push(client.take());
    });
    Ok(decimal(number))
}

fn answer(number: u32, method: u32, fields: Fields<'_>) -> Result<Text> {
    let client = of(number)?;
    let target = || Target::parse(fields);
    let scopes = || {
        options::scope(fields)?
            .filter(|scopes| !scopes.is_empty())
            .ok_or_else(scope::empty)
    };
    Ok(match method {
        1 => client.snapshot().into_text(),
        2 => {
            let request = client.authorize_url(fields)?;
            let mut record = Record::default();
            record.put("url", &request.url);
            record.put("state", request.state.secret());
            record.into_text()
        }
        3 => client.missing(&scopes()?, target()?.as_ref()).as_str().into(),
        4 => client
            .status(scope::checked(fields.text_or_empty("scope"))?, target()?.as_ref())
            .as_str()
            .into(),
        5 | 10 => client.access_token(fields)?,
        6 => client.id_token().unwrap_or_default(),
        8 => client.report(fields.text_or_empty("used")).into_text(),
        11 => client.call_answer(fields)?,
        12 => client.call_upgrade(fields)?.into_text(),
        9 => client
            .explain(scope::checked(fields.text_or_empty("scope"))?, target()?.as_ref())
            .into_text(),
        _ => {
            // Lets go of the client. Its stored session stays.
            client.close();
            with_clients(&mut |clients| {
                if let Some(slot) = clients.get_mut(number as usize) {
                    *slot = None;
                }
            });
            Text::default()
        }
    })
}

fn of(client: u32) -> Result<Rc<Client>> {
    let mut found = None;
    with_clients(&mut |clients| found = clients.get(client as usize).cloned().flatten());
    found.ok_or_else(|| invalid("this client, which was closed"))
}

fn with_clients(work: &mut dyn FnMut(&mut Clients)) {
    CLIENTS.with(|clients| work(&mut clients.borrow_mut()));
}

/// Calls back with a text, or with an error, which begins with its code as nothing else does.
fn tell(done: &JsValue, result: Result<Option<Text>>) {
    let text = result.unwrap_or_else(|error| Some(error.to_text()));
    callback::done(done, text.as_deref());
}
