//! Finding an authorization response, and every check of it.

use crate::client::Client;
use crate::core::authorize::response::{self, Callback, Located};
use crate::core::authorize::{AuthorizationResponse, PendingRequest, ResponseMode, SignedResponse, Transaction};
use crate::core::error::{Error, Result};
use crate::core::secret::{AuthorizationCode, State};
use crate::core::url;

/// Who waits for a response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Waiting {
    /// This call does.
    Here,
    /// Perhaps another page, which opened this window or frame.
    PerhapsElsewhere,
}

/// A response that belongs to a request of this client.
pub(in crate::client) enum FoundCallback {
    /// Another page may be waiting for it.
    Elsewhere {
        state: State,
        /// All of it, for that other page.
        url: String,
        /// Another client asked for it: where no page waits, it is left for that one.
        is_of_another_client: bool,
    },
    /// A JWT, whose signature is still to be checked.
    Signed(Box<SignedResponse>),
    /// To be handled here.
    Here { state: State, answer: Answer },
}

/// What a sound response says.
pub(in crate::client) enum Answer {
    /// There is a code for it.
    Code(AuthorizationCode),
    /// The user said no to an upgrade.
    Denial,
    /// It was handled before.
    Known,
}

/// A response, as it was read.
enum Read {
    Plain(Callback),
    Signed(Box<SignedResponse>),
}

impl Read {
    fn callback(&self) -> &Callback {
        match self {
            Read::Plain(callback) => callback,
            Read::Signed(signed) => signed.callback(),
        }
    }
}

impl FoundCallback {
    pub(in crate::client) fn state(&self) -> &State {
        match self {
            FoundCallback::Elsewhere { state, .. } | FoundCallback::Here { state, .. } => state,
            FoundCallback::Signed(signed) => &signed.callback().state,
        }
    }

    pub(super) fn is_denial(&self) -> bool {
        matches!(
            self,
            FoundCallback::Here {
                answer: Answer::Denial,
                ..
            }
        )
    }
}

impl Client {
    /// Finds a response in a URL, checks it, and takes it out of the address bar. All before anything is awaited, so that
    /// nothing else on the page gets to see it.
    pub(in crate::client) fn find_callback(
        &self,
        url: Option<&str>,
        waiting: Waiting,
    ) -> Result<Option<FoundCallback>> {
        let page = self.0.host.url();
        let url = self
            .0
            .host
            .resolve(url.unwrap_or(&page))
            .ok_or(Error::ResponseMalformed)?;
        // An application may give the page's query alone.
        let is_pages = page.split_once('#').is_some_and(|(before, _)| before == url);
        let url = if is_pages { page.clone() } else { url };
        let (mode, found) = match self.locate_response(&url) {
            Located::Nothing => return Ok(None),
            Located::WithoutState(_) if !self.0.transactions.is_one_under_way(self.now()) => return Ok(None),
            Located::Unknown(state, _) => {
                // Only a page that waits for it, or the client that asked, can say that it is a response.
                let is_elsewhere = waiting == Waiting::PerhapsElsewhere;
                return Ok(is_elsewhere.then(|| FoundCallback::Elsewhere {
                    is_of_another_client: self.is_for_another_client(&url, &state),
                    state,
                    url,
                }));
            }
            Located::SignOut => (ResponseMode::Query, Ok(None)),
            Located::WithoutState(mode) => {
                // A JWT that cannot be read has no state either.
                let error = self.read_response(&url, mode).err();
                (mode, Err(error.unwrap_or(Error::StateMissing)))
            }
            Located::Response(mode) => {
                let read = self.read_response(&url, mode);
                let found = read.and_then(|response| self.check_response(response, &url, waiting));
                (mode, found.map(Some))
            }
        };
        let stays = matches!(
            found,
            Ok(Some(FoundCallback::Elsewhere {
                is_of_another_client: true,
                ..
            }))
        );
        if url == page && !stays {
            self.0.host.replace_url(&response::cleaned(&url, mode));
        }
        found
    }

    /// The page's URL without an authorization response.
    pub(in crate::client) fn url_without_response(&self) -> String {
        let url = self.0.host.url();
        match self.locate_response(&url) {
            Located::SignOut => response::cleaned(&url, ResponseMode::Query),
            Located::Response(mode) => response::cleaned(&url, mode),
            Located::Unknown(state, mode) if self.0.transactions.belongs_to_another_client(&state) => {
                response::cleaned(&url, mode)
            }
            _ => url,
        }
    }

    /// Whether a response stays in the address bar for the client that asked: clients may share a redirect URI. Any other
    /// URL was meant for this one.
    fn is_for_another_client(&self, url: &str, state: &State) -> bool {
        url == self.0.host.url() && self.0.transactions.belongs_to_another_client(state)
    }

    fn locate_response(&self, url: &str) -> Located {
        let parse = |text: &str| self.0.host.parse(text);
        response::locate(url, &self.0.callback_url, &parse, &|state, mode| {
            let transaction = self.0.transactions.get(state)?;
            Some(transaction.expects(mode))
        })
    }

    fn read_response(&self, url: &str, mode: ResponseMode) -> Result<Read> {
        let (query, fragment) = url::parts(url);
        Ok(match mode {
            ResponseMode::Query => Read::Plain(self.read_part(query, mode)?),
            ResponseMode::Fragment => Read::Plain(self.read_part(fragment, mode)?),
            ResponseMode::QueryJwt => {
                let signed = SignedResponse::parse(query, &|text| self.0.host.parse(text))?;
                Read::Signed(Box::new(signed))
            }
        })
    }

    fn read_part(&self, part: &str, mode: ResponseMode) -> Result<Callback> {
        Callback::parse(part, mode).map_err(|error| {
            let state = response::state_of(part);
            match state.and_then(|state| self.0.transactions.get(&state)) {
                Some(Transaction::Pending(request)) => request.failed(error),
                _ => error,
            }
        })
    }

    fn check_response(&self, read: Read, url: &str, waiting: Waiting) -> Result<FoundCallback> {
        let callback = read.callback();
        let transaction = self.0.transactions.get(&callback.state);
        let is_in_window = match &transaction {
            Some(Transaction::Pending(request)) => request.in_window,
            Some(_) => false,
            None => true,
        };
        let state = callback.state.clone();
        if waiting == Waiting::PerhapsElsewhere && is_in_window {
            let url = url.to_owned();
            return Ok(FoundCallback::Elsewhere {
                is_of_another_client: transaction.is_none() && self.is_for_another_client(&url, &state),
                state,
                url,
            });
        }
        match (transaction.ok_or(Error::TransactionMissing)?, read) {
            (Transaction::Pending(request), _) if request.is_expired(self.now()) => {
                self.0.transactions.remove(&state);
                Err(request.failed(Error::TransactionExpired))
            }
            (Transaction::Pending(request), Read::Plain(callback))
                if !callback.names_issuer()
                    && !request.expects_issuer
                    && self.is_redirect_uri_of_another_server(url) =>
            {
                Err(request.failed(Error::IssuerMismatch))
            }
            (Transaction::Pending(request), Read::Signed(signed)) => signed
                .check(&request, &self.0.config, self.now())
                .map(|()| FoundCallback::Signed(signed))
                .map_err(|error| request.failed(error)),
            (transaction, read) => self.found_here(&transaction, read.callback()),
        }
    }

    /// A response after its signature was checked, if it has one.
    pub(in crate::client) async fn verified(&self, found: FoundCallback) -> Result<FoundCallback> {
        let FoundCallback::Signed(signed) = found else {
            return Ok(found);
        };
        let callback = signed.callback();
        let verified = self.verify_response(&signed).await;
        // Meanwhile it may have been handled elsewhere.
        let transaction = self.0.transactions.get(&callback.state);
        match (verified, transaction.ok_or(Error::TransactionMissing)?) {
            (Ok(()), transaction) => self.found_here(&transaction, callback),
            (Err(error), Transaction::Pending(request)) => Err(request.failed(error)),
            (Err(error), _) => Err(error),
        }
    }

    async fn verify_response(&self, response: &SignedResponse) -> Result<()> {
        let metadata = self.metadata().await?;
        let signed = response.signed_part(&metadata)?;
        self.verify_signed(&metadata, &signed, Error::ResponseJwtInvalid).await
    }

    fn found_here(&self, transaction: &Transaction, callback: &Callback) -> Result<FoundCallback> {
        let answer = match transaction {
            Transaction::Pending(request) => self
                .check_pending(callback, request)
                .map_err(|error| request.failed(error))?,
            _ => Answer::Known,
        };
        let state = callback.state.clone();
        Ok(FoundCallback::Here { state, answer })
    }

    fn check_pending(&self, callback: &Callback, request: &PendingRequest) -> Result<Answer> {
        match callback.check(request, &self.0.config.expected_issuer)? {
            AuthorizationResponse::Code(code) => Ok(Answer::Code(code)),
            AuthorizationResponse::Error(error) if request.is_denied_by(&error) => Ok(Answer::Denial),
            AuthorizationResponse::Error(error) => Err(self.refused(&callback.state, request, error)),
        }
    }
}
