//! A call of an API: the page's own origin gets tokens without a word, any other needs `ClientOptions::with_api`.

use scopewise::{Client, FetchError, FetchOptions, JsApiRequest};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use yew::platform::spawn_local;
use yew::{Callback, Html, Properties, function_component, html, use_state};

use crate::app::READ;

#[derive(PartialEq, Properties)]
pub(crate) struct AppointmentsProps {
    pub(crate) client: Client,
}

#[function_component]
pub(crate) fn Appointments(props: &AppointmentsProps) -> Html {
    let text = use_state(String::new);
    let load = {
        let (client, text) = (props.client.clone(), text.clone());
        Callback::from(move |_| {
            let (client, text) = (client.clone(), text.clone());
            spawn_local(async move {
                text.set(appointments(&client).await.unwrap_or_else(|failure| failure));
            });
        })
    };
    html! {
        <p>
            <button data-testid="load" onclick={load}>{ "Show appointments" }</button>
            <output data-testid="appointments">{ (*text).clone() }</output>
        </p>
    }
}

/// What the API says, or why it does not.
async fn appointments(client: &Client) -> Result<String, String> {
    let request = JsApiRequest::get("/api/appointments").map_err(|error| words(&error))?;
    let scope = READ.parse().map_err(|error: scopewise::Error| error.to_string())?;
    match client.fetch(&request, &FetchOptions::default().with_scope(scope)).await {
        Ok(_) => body(request).await.map_err(|error| words(&error)),
        Err(FetchError::Client(error)) => Err(error.to_string()),
        Err(FetchError::NotAnswered) => Err(words(&request.thrown().unwrap_or_default())),
    }
}

/// The body of the response, which is the application's.
async fn body(request: JsApiRequest) -> Result<String, JsValue> {
    let response = request.into_response().ok_or("no response")?;
    let text = JsFuture::from(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}

fn words(error: &JsValue) -> String {
    format!("{error:?}")
}
