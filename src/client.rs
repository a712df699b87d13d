//! The driver: the one place where rules and platform meet, and where anything is awaited.

mod callback;
mod leave;
mod net;
mod requests;
mod store;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;

use crate::browser::{clock, navigation};
use crate::core::denied::Denied;
use crate::core::error::{Code, Error, Result};
use crate::core::grant::{ScopeStatus, Target};
use crate::core::metadata::Metadata;
use crate::core::options::Options;
use crate::core::scope::{self, ScopeSet};
use crate::core::session::{Session, Snapshot};

pub use requests::Next;
pub use store::{Store, Transactions};

/// What the application brings along.
pub struct Host {
    /// Used instead of the page's fetch.
    pub fetch: Option<Function>,
    /// Called after every change of the session.
    pub changed: Function,
}

/// A client. Methods take `&self` and no borrow lasts over an await, so calls may overlap.
pub struct Client {
    options: Options,
    key: String,
    origin: String,
    /// Where responses land, as the browser spells it.
    callback: String,
    host: Host,
    store: Store,
    transactions: Transactions,
    metadata: RefCell<Option<Rc<Metadata>>>,
    session: RefCell<Option<Rc<Session>>>,
    denied: RefCell<Denied>,
    /// False where the store refused the latest session.
    persisted: Cell<bool>,
}

impl Client {
    /// A client with the session that its storage holds.
    pub async fn open(options: Options, host: Host, store: Store) -> Client {
        let key = options.key();
        let client = Client {
            origin: navigation::origin(),
            callback: navigation::resolve(&options.redirect_uri).unwrap_or_default(),
            host,
            store,
            transactions: Transactions::open(options.storage, &key),
            metadata: RefCell::new(options.metadata.clone().map(Rc::new)),
            session: RefCell::default(),
            denied: RefCell::default(),
            persisted: Cell::new(true),
            key,
            options,
        };
        client.transactions.sweep(clock::now());
        client.reload().await;
        client
    }

    /// What the application sees of the session.
    pub fn with_snapshot<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        match self.session() {
            Some(session) => {
                let persisted = self.persisted.get() && !self.store.is_makeshift(self.options.storage);
                read(&session.snapshot(&self.options.target, persisted))
            }
            None => read(&Snapshot::signed_out()),
        }
    }

    /// Fetches what later calls need.
    pub async fn prepare(&self) -> Result<()> {
        self.metadata().await.map(drop)
    }

    /// True where the scope is granted and the grant lives. Copies nothing.
    pub fn covers(&self, scope: &str, target: Option<&Target>) -> bool {
        let session = self.session.borrow();
        let grant = session
            .as_ref()
            .and_then(|session| session.grant(target.unwrap_or(&self.options.target)));
        grant.is_some_and(|grant| grant.covers(scope) && grant.is_live(clock::now()))
    }

    /// Those of the scopes that are not granted.
    pub fn missing(&self, scopes: &ScopeSet, target: Option<&Target>) -> ScopeSet {
        scopes.iter().filter(|scope| !self.covers(scope, target)).collect()
    }

    /// Whether a scope is there, and on whose word.
    pub fn status(&self, scope: &str, target: Option<&Target>) -> ScopeStatus {
        let target = target.unwrap_or(&self.options.target);
        let session = self.session();
        let status = session
            .as_ref()
            .and_then(|session| session.grant(target))
            .map(|grant| grant.status(scope));
        match status.unwrap_or(ScopeStatus::NotRequested) {
            ScopeStatus::NotRequested if session.is_some() && self.denied.borrow().contains(target, scope) => {
                ScopeStatus::Denied
            }
            status => status,
        }
    }

    /// The stored access token, if it lasts and has the scopes.
    pub fn access_token(&self, scopes: &ScopeSet, target: Option<&Target>, seconds: i64) -> Result<String> {
        let session = self.session().ok_or_else(not_signed_in)?;
        let grant = session.grant(target.unwrap_or(&self.options.target));
        let missing: ScopeSet = scopes
            .iter()
            .filter(|scope| !grant.is_some_and(|grant| grant.covers(scope)))
            .collect();
        let Some(grant) = grant.filter(|_| missing.is_empty()) else {
            return Err(Error::new(
                Code::MissingScope,
                "The session has no token with these scopes for this audience. Call upgrade with them, when the user wants what needs them.",
            )
            .with_missing(missing.to_vec()));
        };
        if !grant.is_valid(clock::now(), seconds) {
            return Err(Error::new(
                Code::LoginRequired,
                "The access token has expired, or does so before minValidity. Sign in again.",
            ));
        }
        Ok(grant.access_token.secret().to_owned())
    }

    /// The ID token as it came.
    pub fn id_token(&self) -> Option<String> {
        Some(self.session()?.id_token.as_ref()?.raw.secret().to_owned())
    }

    /// Reads a scope that a check names: one token, a legal one.
    pub fn one_scope(text: &str) -> Result<&str> {
        scope::checked(text)
    }

    fn session(&self) -> Option<Rc<Session>> {
        self.session.borrow().clone()
    }

    /// Puts a session in place and says so. No borrow is held while the application is told.
    fn replace_session(&self, session: Option<Session>) {
        self.session.replace(session.map(Rc::new));
        let _ = self.host.changed.call0(&wasm_bindgen::JsValue::UNDEFINED);
    }
}

fn not_signed_in() -> Error {
    Error::new(Code::NotSignedIn, "Nobody is signed in. Call signIn first.")
}
