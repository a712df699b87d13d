//! The driver: the one place where rules and platform meet, and where anything is awaited.

mod call;
mod landing;
mod life;
mod requests;
mod run;
mod store;
pub mod task;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::browser::{callback, channel, clock, navigation, storage};
use crate::core::error::{Code, Error};
use crate::core::grant::{ScopeStatus, Target};
use crate::core::metadata::Metadata;
use crate::core::options::Options;
use crate::core::record::Record;
use crate::core::scope::{self, ScopeSet};
use crate::core::session::Session;
use crate::core::text::Text;
use crate::core::url;
use task::settled;

pub use landing::Landed;
pub use run::{Call, Method};

/// A client. Methods take `&self` and no borrow lasts over an await, so calls may overlap.
pub struct Client {
    options: Options,
    /// The default grant's audience and resources.
    target: Target,
    /// What the page brings along: fetch and storage of the application's own, or neither, and whom to tell of changes.
    host: JsValue,
    /// What the names of its records and locks begin with.
    key: Text,
    origin: Text,
    /// Where responses land, as the browser spells it.
    callback: String,
    store: JsValue,
    transactions: JsValue,
    metadata: RefCell<Option<Metadata>>,
    session: RefCell<Option<Session>>,
    /// False where the store refused the latest session.
    persisted: Cell<bool>,
    /// True where other tabs are still to be told of a change.
    is_news: Cell<bool>,
    /// Where other tabs, and the browser, tell of changes.
    ears: JsValue,
    setback: RefCell<life::Setback>,
}

impl Client {
    /// A client with the session that its storage holds.
    pub async fn open(options: Options, metadata: Option<Metadata>, host: JsValue) -> Client {
        let (kind, key) = (options.storage(), options.key());
        let client = Client {
            origin: url::origin(&navigation::href()).into(),
            callback: navigation::resolve(options.redirect_uri()).unwrap_or_default(),
            store: storage::open(kind, &host, options.timeout()),
            // In sessionStorage for all but one: a URL is built without a wait.
            transactions: storage::open(
                if kind == "local" { "local" } else { "session" },
                &JsValue::UNDEFINED,
                0,
            ),
            target: options.target(),
            host,
            metadata: RefCell::new(metadata),
            session: RefCell::default(),
            persisted: Cell::new(true),
            is_news: Cell::default(),
            ears: channel::listen(&Text::of(&[&key, "session"])),
            key,
            setback: RefCell::default(),
            options,
        };
        client.sweep();
        client.reload(settled(client.ask("read")).await);
        client
    }

    /// Hears what other tabs and the browser tell, until the client is closed.
    pub async fn attend(self: Rc<Self>) {
        while let Some(told) = settled(channel::next(&self.ears)).await {
            self.hear(&told);
            self.reload(settled(self.ask("read")).await);
            if told == channel::AWAKE && self.is_due() {
                let call = Call::of(Method::Renew, self.host.clone());
                // Nobody waits for it, and whoever needs a token will hear why there is none.
                drop(self.run(call).await);
            }
        }
    }

    /// Stops listening. The stored session stays.
    pub fn close(&self) {
        channel::close(&self.ears);
        storage::close(&self.store);
    }

    /// What the application sees of the session; an empty record where nobody is signed in.
    pub fn snapshot(&self) -> Record {
        let Some(session) = self.session() else {
            return Record::default();
        };
        let is_makeshift = storage::is_memory(&self.store) && self.options.storage() != "memory";
        let mut record = session.snapshot(&self.target);
        record.flag("persisted", self.persisted.get() && !is_makeshift);
        record
    }

    /// True where the scope is granted and the grant lives. Copies nothing.
    pub fn covers(&self, scope: &str, target: Option<&Target>) -> bool {
        let session = self.session.borrow();
        let grant = session
            .as_ref()
            .and_then(|session| session.grant(target.unwrap_or(&self.target)));
        grant.is_some_and(|grant| grant.covers(scope) && grant.is_live(clock::now()))
    }

    /// Those of the scopes that are not granted.
    pub fn missing(&self, scopes: &str, target: Option<&Target>) -> ScopeSet {
        scope::only(scopes, &|scope| !self.covers(scope, target))
    }

    /// Whether a scope is there, and on whose word.
    pub fn status(&self, scope: &str, target: Option<&Target>) -> ScopeStatus {
        let Some(session) = self.session() else {
            return ScopeStatus::NotRequested;
        };
        let target = target.unwrap_or(&self.target);
        match session.grant(target).map(|grant| grant.status(scope)) {
            None | Some(ScopeStatus::NotRequested) if session.is_refused(target, scope) => ScopeStatus::Denied,
            status => status.unwrap_or(ScopeStatus::NotRequested),
        }
    }

    /// What was requested, granted, denied and used: `used` is the application's list.
    pub fn report(&self, used: &str) -> Record {
        let mut record = Record::default();
        let session = self.session();
        let grant = session.as_ref().and_then(|session| session.grant(&self.target));
        let (requested, granted) = grant.map_or(("", ""), |grant| (grant.requested(), grant.granted()));
        // Upgrades that came to nothing asked, too.
        let refused = session.as_ref().map(|session| session.refusals(&self.target));
        let requested = scope::union(requested, &refused.unwrap_or_default());
        record.put("requested", &requested);
        record.put("granted", granted);
        record.put("denied", &requested.minus(granted));
        // Whether those are needed is not for a check of scopes to tell.
        let unused = scope::only(granted, &|scope| !matches!(scope, "openid" | "offline_access"));
        let profile = self.options.profile();
        let is_used = |scope: &str| profile.closure(scope).iter().any(|scope| scope::contains(used, scope));
        record.put("unused", &scope::only(&unused, &|scope| !is_used(scope)));
        record.put("unrequested", &scope::minus(used, &profile.closure(&requested)));
        record
    }

    /// What there is to say about a scope.
    pub fn explain(&self, scope: &str, target: Option<&Target>) -> Record {
        let mut record = Record::default();
        let target = target.unwrap_or(&self.target);
        record.put("status", self.status(scope, Some(target)).as_str());
        record.put("target", target.as_str());
        if let Some(session) = self.session() {
            record.flag("refused", session.is_refused(target, scope));
            if let Some(grant) = session.grant(target) {
                record.put("requested", grant.requested());
                record.put("granted", grant.granted());
                record.number("at", grant.answered_at());
                record.flag("live", grant.is_live(clock::now()));
            }
        }
        record
    }

    /// The ID token as it came.
    pub fn id_token(&self) -> Option<Text> {
        self.session()?.id_token().map(Text::from)
    }

    fn known_metadata(&self) -> Option<Metadata> {
        self.metadata.borrow().clone()
    }

    fn session(&self) -> Option<Session> {
        self.session.borrow().clone()
    }

    /// Puts a session in place and says so. No borrow is held while the application is told.
    fn replace_session(&self, session: Option<Session>) {
        self.session.replace(session);
        callback::changed(&self.host);
    }
}

fn not_signed_in() -> Error {
    Error::new(Code::NotSignedIn)
}
