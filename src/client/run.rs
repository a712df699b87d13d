//! The calls that wait, as the protocol has it: read what is stored, know the server, build the request, send it, read
//! the response, write. One function for all of them, so that its state exists once in the module.

use wasm_bindgen::JsValue;

use super::landing::Landed;
use super::task::settled;
use super::{Client, landing};
use crate::browser::lock::{self, Held};
use crate::browser::window;
use crate::browser::{fetch, navigation};
use crate::core::authorize::Draft;
use crate::core::error::{Code, Error, Result};
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::record::Fields;
use crate::core::sign_out;
use crate::core::text::Text;

/// What is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The response that was recognised in the URL, if there was one.
    HandleCallback,
    /// For a session.
    SignIn,
    /// For more scopes.
    Upgrade,
    /// For none.
    SignOut,
    /// For the metadata.
    Prepare,
}

/// A call: its options, and what it has of the page.
pub struct Call {
    /// What is called.
    pub method: Method,
    /// Its options as a record.
    pub given: String,
    /// Its AbortSignal and popup, if it has such.
    pub page: JsValue,
    /// With `HandleCallback`: the response.
    pub landed: Option<Landed>,
}

/// What a call does once the server is known.
pub(super) enum Work {
    /// It is done already, with an outcome or without.
    Done(Option<Outcome>),
    /// Nothing more.
    Prepare,
    /// Leaves the page with an authorization request.
    Leave(Draft),
    /// Leaves the page for the end-session endpoint, where the server has one.
    SignOut(Text, Option<Text>),
    /// Trades a code for tokens.
    Exchange(landing::Exchange),
}

impl Client {
    /// Makes a call. Without an outcome there is nothing to say, or the page is being left.
    pub async fn run(&self, call: Call) -> Result<Option<Outcome>> {
        let Call {
            mut method,
            given,
            page,
            mut landed,
        } = call;
        let fields = Fields(&given);

        if window::is_blocked(&page) {
            return Err(Error::new(Code::PopupBlocked).retryable(true));
        }
        // A response that another page waits for is that page's. It never settles then.
        if let Some((url, state)) = landed
            .as_ref()
            .and_then(|landed| landed.url.as_deref().zip(Some(&landed.state)))
        {
            settled(window::hand_over(url, state.secret())).await;
            landed = self.land_as(Some(url), true)?;
        }
        loop {
            // One at a time for each response, over all calls and tabs.
            let mut held = None;
            if let Some(landed) = &landed {
                // The holder makes four requests at the most.
                let timeout = self.options.timeout().saturating_mul(5);
                let name = Text::of(&[&self.key, landed.state.secret()]);
                held = Held::new(name.clone(), settled(lock::acquire(&name, timeout)).await);
                if held.is_none() {
                    return Err(Error::new(Code::Timeout).retryable(true));
                }
            }
            self.reload(settled(self.ask("read")).await);
            let work = match method {
                Method::HandleCallback => self.take(landed.take())?,
                Method::SignIn => Work::Leave(self.sign_in(fields)?),
                Method::Upgrade => self.upgrade(fields)?,
                Method::SignOut => self.sign_out(fields)?,
                Method::Prepare => Work::Prepare,
            };
            self.flushed(settled(self.ask("write")).await);
            if let Work::Done(outcome) = work {
                return Ok(outcome);
            }

            let mut known = self.known_metadata();
            if known.is_none() {
                let [openid, oauth] = Metadata::requests(self.options.issuer());
                let mut request = &openid;
                let found = loop {
                    let response =
                        fetch::answer(settled(fetch::send(&self.host, request, self.options.timeout())).await);
                    match response {
                        Ok(response) if response.status == 404 && *request == openid => request = &oauth,
                        Ok(response) => break Metadata::response(&response, self.options.issuer()),
                        Err(failure) => break Err(failure.of_repeatable()),
                    }
                };
                known = match found {
                    Ok(found) => Some(found),
                    // Signed out is signed out: a server that cannot be reached does not change that.
                    Err(_) if method == Method::SignOut => return Ok(None),
                    Err(error) => return Err(work.failed(error)),
                };
                self.metadata.replace(known.clone());
            }
            let Some(metadata) = known else { return Ok(None) };

            let exchange = match work {
                Work::Leave(draft) => {
                    if navigation::is_aborted(&page) {
                        return Err(Error::new(Code::Aborted).retryable(true));
                    }
                    if fields.has("mode") {
                        let request = self.start(&metadata, &draft)?.0;
                        let (url, state) = (&request.url, request.state.secret());
                        let answer = settled(window::ask(&page, url, state, self.options.timeout())).await;
                        let failed = match answer.as_deref() {
                            Some("A") => Code::Aborted,
                            Some("B") => Code::PopupBlocked,
                            Some("C") => Code::PopupClosed,
                            Some("T") => Code::Timeout,
                            Some(_) => Code::Server,
                            None => Code::FrameBlocked,
                        };
                        let found = if failed == Code::Server {
                            self.land_as(answer.as_deref(), true)
                        } else {
                            Err(Error::new(failed).retryable(true))
                        };
                        // Nobody waits for another answer.
                        if !matches!(&found, Ok(Some(landed)) if landed.state.secret() == state) {
                            self.drop_transaction(state);
                            found?;
                            return Err(Error::new(Code::ResponseMalformed));
                        }
                        landed = found?;
                        method = Method::HandleCallback;
                        continue;
                    }
                    return self.leave(&metadata, &draft);
                }
                Work::SignOut(hint, return_to) => {
                    if let Some(url) =
                        sign_out::request(&metadata, self.options.client_id(), &hint, return_to.as_deref())
                    {
                        navigation::leave(&url);
                    }
                    return Ok(None);
                }
                Work::Exchange(exchange) => exchange,
                Work::Prepare | Work::Done(_) => return Ok(None),
            };

            let request = self.token_request(&metadata, &exchange);
            let response = fetch::answer(settled(fetch::send(&self.host, &request, self.options.timeout())).await);
            // Commit last: everything is checked, the session is read again, changed and written in one piece.
            self.reload(settled(self.ask("read")).await);
            let (outcome, unused) = self.commit(&metadata, exchange, response);
            self.flushed(settled(self.ask("write")).await);
            if let Some(request) = unused {
                // Best effort: the token is given up either way.
                settled(fetch::send(&self.host, &request, self.options.timeout())).await;
            }
            drop(held);
            return outcome.map(Some);
        }
    }
}
