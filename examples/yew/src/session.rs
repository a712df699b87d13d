//! The client of this page, and its session as a hook.

use std::rc::Rc;

use scopewise::{Browser, Client, ClientOptions, Error, Result, Session, StorageKind, Target};
use yew::{hook, use_effect_with, use_state_eq};

/// What the page starts with.
pub(crate) struct Opened {
    pub(crate) client: Client,
    /// What came of the sign-in that the user is just back from, where it failed.
    pub(crate) failure: Option<Error>,
}

/// Opens the client, and handles the response if the user is just back from the authorization server.
pub(crate) async fn open() -> Result<Opened> {
    let resource = meta("resource");
    let options = ClientOptions::new(
        meta("client-id").unwrap_or_default(),
        meta("issuer").unwrap_or_default(),
    )
    .with_scope("openid profile read:appointments".parse()?)
    .with_target(Target::new(None, resource.into_iter().collect())?);
    let client = Client::open(options, StorageKind::Session, Rc::new(Browser::new())).await?;
    let failure = match client.handle_callback(None).await {
        Ok(outcome) => {
            if let Some(outcome) = outcome {
                show_url(&outcome.return_to);
            }
            // So that popups go straight to the server.
            client.prepare().await.err()
        }
        Err(error) => Some(error),
    };
    Ok(Opened { client, failure })
}

/// The session, for components that are to follow it.
#[hook]
pub(crate) fn use_session(client: &Client) -> Option<Rc<Session>> {
    let session = use_state_eq(|| client.session());
    let latest = session.clone();
    use_effect_with(client.clone(), move |client| {
        let client = client.clone();
        latest.set(client.session());
        let subscription = {
            let listener = client.clone();
            client.subscribe(Rc::new(move || latest.set(listener.session())))
        };
        move || drop(subscription)
    });
    (*session).clone()
}

/// What `index.html` says of the authorization server.
fn meta(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let element = document.query_selector(&format!("meta[name={name}]")).ok()??;
    element.get_attribute("content")
}

/// Puts a path of this page into the address bar.
fn show_url(path: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // Browsers limit how often a page may do so; the page is right without.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}
