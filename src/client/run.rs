//! The calls that wait, as the protocol has it: read what is stored, know the server, build the request, send it, read
//! the response, write. One function for all of them, so that its state exists once in the module.

use wasm_bindgen::JsValue;

use super::landing::Landed;
use super::life::Renewal;
use super::task::settled;
use super::{Client, landing};
use crate::browser::lock::{self, Held};
use crate::browser::window;
use crate::browser::{crypto, fetch, navigation};
use crate::core::authorize::Draft;
use crate::core::error::{Code, Error, Result};
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::record::Fields;
use crate::core::session::Session;
use crate::core::sign_out;
use crate::core::text::Text;
use crate::core::user_info;

/// How long a frame may take that stands in for a refresh, milliseconds.
const SILENCE: u32 = 3_000;

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
    /// For an access token that lasts.
    Renew,
    /// For the claims of the userinfo endpoint.
    UserInfo,
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

impl Call {
    /// A call without options.
    pub(super) fn of(method: Method, page: JsValue) -> Call {
        Call {
            method,
            given: String::new(),
            page,
            landed: None,
        }
    }
}

/// What a call does once the server is known.
pub(super) enum Work {
    /// It is done already, with an outcome or without.
    Done(Option<Outcome>),
    /// Nothing more.
    Prepare,
    /// Leaves the page with an authorization request.
    Leave(Draft),
    /// Gives up the tokens of a session that is over, and leaves the page for the end-session endpoint, where the server
    /// has one.
    SignOut(Session, Option<Text>),
    /// There is a token that lasts.
    Token(Text),
    /// Asks for another token.
    Renew(Renewal),
    /// Asks for claims, with a token.
    UserInfo(Text),
    /// Trades a code for tokens.
    Exchange(landing::Exchange),
}

impl Client {
    /// Makes a call: an outcome, or another text. Without one there is nothing to say, or the page is being left.
    pub async fn run(&self, call: Call) -> Result<Option<Text>> {
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
        let before = if method == Method::Renew {
            self.token_before(fields)
        } else {
            Text::default()
        };
        let writing = Text::of(&[&self.key, "write"]);
        // The turn of a refresh, for as long as the server is asked in a frame instead.
        let mut renewing = None;
        loop {
            // One at a time for each response, and one refresh, over all calls and tabs.
            let mut held = None;
            let turn = match &landed {
                Some(landed) => landed.state.secret(),
                None if method == Method::Renew => "renew",
                None => "",
            };
            if !turn.is_empty() {
                // The holder makes four requests at the most.
                let timeout = self.options.timeout().saturating_mul(5);
                let name = Text::of(&[&self.key, turn]);
                held = Held::new(name.clone(), settled(lock::acquire(&name, timeout)).await);
                if held.is_none() {
                    return Err(Error::new(Code::Timeout).retryable(true));
                }
            }
            // What is read, changed and written is one step. Nobody waits for a tab that is frozen in the middle of it.
            let step = settled(lock::acquire(&writing, self.options.timeout())).await;
            let step = Held::new(writing.clone(), step);
            let read = settled(self.ask("read")).await;
            if read.is_none() && method == Method::Renew && self.persisted.get() {
                // What another tab made of the refresh token may not be seen yet.
                return Err(Error::new(Code::Timeout).retryable(true));
            }
            self.reload(read);
            let work = match method {
                Method::HandleCallback => self.take(landed.take())?,
                Method::SignIn => Work::Leave(self.sign_in(fields)?),
                Method::Upgrade => self.upgrade(fields)?,
                Method::SignOut => self.sign_out(fields)?,
                Method::Prepare => Work::Prepare,
                Method::Renew => self.renew(fields, &before)?,
                Method::UserInfo => Work::UserInfo(self.access_token(fields)?),
            };
            self.flushed(settled(self.ask("write")).await);
            drop(step);
            match work {
                Work::Done(outcome) => return Ok(outcome.map(|outcome| outcome.as_str().into())),
                Work::Token(token) => return Ok(Some(token)),
                _ => {}
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
                    Err(error) => {
                        let Work::Renew(renewal) = &work else {
                            return Err(work.failed(error));
                        };
                        let step = settled(lock::acquire(&writing, self.options.timeout())).await;
                        let step = Held::new(writing, step);
                        self.reload(settled(self.ask("read")).await);
                        let result = self.unsent(renewal, error);
                        self.flushed(settled(self.ask("write")).await);
                        drop((step, held));
                        return result.map(Some);
                    }
                };
                self.metadata.replace(known.clone());
            }
            let Some(metadata) = known else { return Ok(None) };

            let exchange = match work {
                Work::Leave(draft) => {
                    if navigation::is_aborted(&page) {
                        return Err(Error::new(Code::Aborted).retryable(true));
                    }
                    if fields.has("mode") || method == Method::Renew {
                        let request = self.start(&metadata, &draft)?.0;
                        let (url, state) = (&request.url, request.state.secret());
                        // Behind a refresh others wait, too.
                        let most = if method == Method::Renew { SILENCE } else { u32::MAX };
                        let timeout = self.options.timeout().min(most);
                        let answer = settled(window::ask(&page, url, state, timeout)).await;
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
                            let error = found.err().unwrap_or_else(|| Error::new(Code::ResponseMalformed));
                            return Err(if method == Method::Renew {
                                self.lost(error)
                            } else {
                                error
                            });
                        }
                        landed = found?;
                        if method == Method::Renew {
                            renewing = held;
                        }
                        method = Method::HandleCallback;
                        continue;
                    }
                    return self.leave(&metadata, &draft).map(|()| None);
                }
                Work::SignOut(session, return_to) => {
                    let requests = sign_out::revocations(&metadata, self.options.client_id(), &session);
                    // Best effort, and all of them in the time of one.
                    let timeout = self.options.timeout() / (requests.len() as u32).max(1);
                    for request in &requests {
                        settled(fetch::send(&self.host, request, timeout)).await;
                    }
                    if navigation::is_offline() {
                        return Ok(None);
                    }
                    let hint = session.id_token().unwrap_or_default();
                    if let Some(url) =
                        sign_out::request(&metadata, &self.options, hint, return_to.as_deref(), &crypto::random()?)
                    {
                        navigation::leave(&url);
                    }
                    return Ok(None);
                }
                work => work,
            };

            let request = match &exchange {
                Work::Exchange(exchange) => self.token_request(&metadata, exchange),
                Work::Renew(renewal) => self.renewal_request(&metadata, renewal),
                Work::UserInfo(token) => user_info::request(&metadata, token)?,
                _ => return Ok(None),
            };
            let response = fetch::answer(settled(fetch::send(&self.host, &request, self.options.timeout())).await);
            // Commit last: everything is checked, the session is read again, changed and written in one piece.
            let step = settled(lock::acquire(&writing, self.options.timeout())).await;
            let step = Held::new(writing, step);
            self.reload(settled(self.ask("read")).await);
            let (result, unused) = match exchange {
                Work::Exchange(exchange) => self.commit(&metadata, exchange, response),
                Work::Renew(renewal) => self.renewed(&metadata, &renewal, response),
                _ => {
                    let session = self.session();
                    let subject = session.as_ref().and_then(Session::subject);
                    (user_info::response(response, subject), None)
                }
            };
            self.flushed(settled(self.ask("write")).await);
            drop((step, held));
            if let Some(request) = unused {
                // Best effort: the token is given up either way.
                settled(fetch::send(&self.host, &request, self.options.timeout())).await;
            }
            if renewing.is_some() {
                return result.and_then(|_| self.token_now(fields)).map(Some);
            }
            return result.map(Some);
        }
    }
}
