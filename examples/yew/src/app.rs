//! The page.

use scopewise::{
    Client, InteractionMode, Outcome, Result, Scope, ScopeSet, ScopeStatus, SignInOptions, SignOutOptions,
};
use yew::platform::spawn_local;
use yew::{Callback, Html, Properties, UseStateHandle, function_component, html, use_effect_with, use_state};

use crate::appointments::Appointments;
use crate::session::{Opened, open, use_session};

pub(crate) const READ: &str = "read:appointments";
const WRITE: &str = "write:appointments";

#[function_component]
pub(crate) fn App() -> Html {
    let opened = use_state(|| None::<Result<Opened>>);
    let setter = opened.clone();
    use_effect_with((), move |()| {
        spawn_local(async move { setter.set(Some(open().await)) });
    });
    match &*opened {
        None => html! { <p>{ "One moment…" }</p> },
        Some(Err(error)) => html! { <p data-testid="failure">{ error.to_string() }</p> },
        Some(Ok(Opened { client, failure })) => {
            let notice = failure.as_ref().map(|error| error.code().to_owned());
            html! { <Page client={client.clone()} {notice} /> }
        }
    }
}

#[derive(PartialEq, Properties)]
struct PageProps {
    client: Client,
    /// What there is to say at first.
    notice: Option<String>,
}

#[function_component]
fn Page(props: &PageProps) -> Html {
    let client = &props.client;
    let session = use_session(client);
    let notice = use_state(|| props.notice.clone());
    let notice_text = notice.as_deref().unwrap_or_default().to_owned();
    let Some(session) = session else {
        let sign_in = {
            let (client, notice) = (client.clone(), notice.clone());
            // It leaves the page: whatever comes back is a failure.
            Callback::from(move |_| show(&notice, client.sign_in(SignInOptions::default())))
        };
        return html! {
            <>
                <p data-testid="notice">{ notice_text }</p>
                <button data-testid="sign-in" onclick={sign_in}>{ "Sign in" }</button>
            </>
        };
    };
    let target = &client.config().target;
    let name = session.claims().and_then(|claims| claims.as_value().text("name"));
    let granted = session.granted(target);
    let sign_out = {
        let client = client.clone();
        Callback::from(move |_| {
            let client = client.clone();
            spawn_local(async move {
                // Signed out it is in any case.
                let _ = client.sign_out(SignOutOptions::local()).await;
            });
        })
    };
    html! {
        <>
            <h1 data-testid="user-name">{ name.unwrap_or("Somebody") }</h1>
            <p data-testid="notice">{ notice_text }</p>
            <ul data-testid="granted">
                { for granted.iter().map(|scope| html! { <li key={scope}>{ scope.to_owned() }</li> }) }
            </ul>
            <Writing client={client.clone()} {notice} status={session.status(target, WRITE)} />
            <Appointments client={client.clone()} />
            <button data-testid="sign-out" onclick={sign_out}>{ "Sign out" }</button>
        </>
    }
}

#[derive(PartialEq, Properties)]
struct WritingProps {
    client: Client,
    notice: UseStateHandle<Option<String>>,
    status: ScopeStatus,
}

/// Offers to write where that is allowed, and else to ask for it.
#[function_component]
fn Writing(props: &WritingProps) -> Html {
    let status = props.status.as_str();
    if matches!(props.status, ScopeStatus::Granted | ScopeStatus::Assumed) {
        return html! { <p data-testid="write" data-status={status}>{ "You may write appointments." }</p> };
    }
    let upgrade = {
        let (client, notice) = (props.client.clone(), props.notice.clone());
        Callback::from(move |_| match Scope::parse(WRITE) {
            // In the click, before anything is awaited: else the browser blocks the popup.
            Ok(scope) => show(
                &notice,
                client.upgrade(ScopeSet::from(scope), SignInOptions::new(InteractionMode::Popup)),
            ),
            Err(error) => notice.set(Some(error.to_string())),
        })
    };
    html! {
        <p data-testid="write" data-status={status}>
            <button data-testid="upgrade" onclick={upgrade}>{ "Ask to write appointments" }</button>
        </p>
    }
}

/// Waits for an outcome, and says what it is. A no is one; only failures are errors.
fn show(notice: &UseStateHandle<Option<String>>, outcome: impl Future<Output = Result<Outcome>> + 'static) {
    let notice = notice.clone();
    spawn_local(async move {
        notice.set(Some(match outcome.await {
            Ok(outcome) => outcome.status.as_str().to_owned(),
            Err(error) => error.code().to_owned(),
        }));
    });
}
