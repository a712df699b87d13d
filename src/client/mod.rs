//! The client: the one place where rules and platform meet, and where anything is awaited.
//!
//! Each public method is in the file of its name. Methods take `&self` and no borrow lasts over an await, so calls may
//! overlap.
//!
//! Three kinds of locks are shared by all tabs, and taken in this order: `refresh`, for one refresh at a time; a response's
//! `state`, for one exchange of its code; `write`, for one change of the stored session (`SessionStore::update`).

mod api_scopes;
mod callback;
mod dpop;
mod expiry;
mod fetch;
mod interactive;
mod listeners;
mod metadata;
mod mix_up;
mod refresh;
mod remembered;
mod scopes;
mod shared;
mod sign_in;
mod sign_out;
mod signature;
mod store;
mod tabs;
mod token;
mod token_request;
mod transactions;
mod upgrade;
mod user_info;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use crate::core::authorize::Outcome;
use crate::core::config::{ClientOptions, Config};
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Sent};
use crate::core::scope::ScopeSet;
use crate::core::secret::{AccessToken, State};
use crate::core::server::ServerMetadata;
use crate::core::session::{RefreshBackoff, Session};
use crate::core::target::Target;
use crate::core::url;
use crate::host::{Host, LockGuard, StorageKind, Timer};

use api_scopes::KnownResource;
use dpop::ProofState;
use fetch::SharedUpgrade;
use listeners::Listeners;
use shared::{Leader, Shared};
use signature::IssuerKeys;
use store::SessionStore;
use transactions::TransactionStore;

pub use dpop::DpopProofOptions;
pub use fetch::{FetchError, FetchOptions, OnMissing};
pub use interactive::{InteractionMode, SignInOptions};
pub use listeners::Subscription;
pub use sign_out::SignOutOptions;
pub use token::{DEFAULT_MIN_VALIDITY, TokenOptions};

/// How many times that of a request whoever has a turn may take. It makes several, and ends with the first that fails.
const TURN: u32 = 5;

/// A client of one authorization server. Clones are the same client, and equal.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

/// A token that one call gets and others wait for.
type SharedToken = Rc<Shared<Result<AccessToken>>>;

/// A sign-out that has left for the server, until it is given up.
type Leaving = (Leader<()>, Box<dyn Timer>);

struct Inner {
    config: Config,
    host: Rc<dyn Host>,
    /// The page's.
    origin: String,
    /// The redirect URI as the browser spells it.
    callback_url: String,
    store: SessionStore,
    transactions: TransactionStore,
    /// The application gave the metadata: nothing of it is looked for.
    is_metadata_given: bool,
    known: Known,
    proofs: ProofState,
    backoff: RefCell<Option<RefreshBackoff>>,
    /// Scopes of the default target that the application asked about, and the id of the session in which it did.
    used_scopes: RefCell<(String, ScopeSet)>,
    under_way: UnderWay,
    /// The end of the default grant, while it is waited for.
    expiry: RefCell<Option<Box<dyn Timer>>>,
    is_closed: Cell<bool>,
}

/// What servers said of themselves, for as long as the page lives.
#[derive(Default)]
struct Known {
    metadata: RefCell<Option<Rc<ServerMetadata>>>,
    issuer_keys: IssuerKeys,
    /// The APIs' metadata.
    resources: RefCell<Vec<KnownResource>>,
}

/// What has begun and is not over: other calls wait for it, or it gives way to them.
#[derive(Default)]
struct UnderWay {
    /// The handling of the response in the page's URL: further calls come to the same.
    callback: Rc<Shared<Result<Option<Outcome>>>>,
    /// The upgrade that all calls of `fetch` wait for that miss something.
    upgrade: RefCell<SharedUpgrade>,
    /// The refreshes that all calls wait for that want a token of the same target.
    refreshes: RefCell<Vec<(Target, SharedToken)>>,
    /// The client's own request for remembered scopes.
    recall: RefCell<Option<State>>,
    /// The sign-out that goes to the server.
    sign_out: Rc<Shared<()>>,
    /// The page is being left for that, and for how long at the most it may still be here.
    leaving: RefCell<Option<Leaving>>,
}

impl PartialEq for Client {
    fn eq(&self, other: &Client) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Client {}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("issuer", &self.0.config.issuer)
            .field("client_id", &self.0.config.client_id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Opens a client with the session that its storage holds. Takes no lock, and waits only for a storage that does not
    /// answer at once.
    pub async fn open(options: ClientOptions, storage: StorageKind, host: Rc<dyn Host>) -> Result<Client> {
        let client = Client::new(options, storage, host)?;
        if client.0.store.answers_at_once() {
            client.0.store.reload();
        } else {
            client.0.store.load().await;
        }
        client.join_others_later();
        client.check_key_later();
        Ok(client)
    }

    /// A client that has not looked into its storage.
    fn new(options: ClientOptions, storage: StorageKind, host: Rc<dyn Host>) -> Result<Client> {
        let origin = url::origin(&host.url()).to_owned();
        let metadata = options.metadata.clone();
        let config = Config::new(options, &origin)?;
        for (is_wanted, option) in [
            (config.verify_signature, "\"verifySignature\""),
            (config.dpop, "\"dpop\""),
        ] {
            if is_wanted && !host.has_signatures() {
                return Err(Error::needs_secure_context(option));
            }
        }
        let client = Client(Rc::new_cyclic(|client: &Weak<Inner>| Inner {
            callback_url: host.resolve(&config.redirect_uri).unwrap_or_default(),
            origin,
            store: SessionStore::new(
                &config,
                storage,
                host.clone(),
                tabs::listener(client, &host),
                Listeners::new(expiry::watcher(client)),
            ),
            transactions: TransactionStore::new(&config.storage_prefix(), storage, host.clone()),
            is_metadata_given: metadata.is_some(),
            known: Known::default(),
            proofs: ProofState::default(),
            backoff: RefCell::default(),
            used_scopes: RefCell::default(),
            under_way: UnderWay::default(),
            expiry: RefCell::default(),
            is_closed: Cell::default(),
            config,
            host,
        }));
        client.publish_redirect_uri();
        if let Some(metadata) = metadata {
            client.check_verification(&metadata)?;
            client.learn(Rc::new(metadata));
        }
        Ok(client)
    }

    /// The current session; nothing where nobody is signed in.
    pub fn session(&self) -> Option<Rc<Session>> {
        self.0.store.session()
    }

    /// Whether refresh tokens are in a worker, and only names of them here.
    #[cfg(feature = "npm")]
    pub(crate) fn has_worker(&self) -> bool {
        self.0.store.kind == StorageKind::Worker
    }

    /// False where storage refused the tokens and they live in memory only.
    pub fn is_persisted(&self) -> bool {
        let is_fallback = self.0.store.is_memory() && self.0.store.kind != StorageKind::Memory;
        self.0.store.is_persisted() && !is_fallback
    }

    /// The configuration, checked and completed.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Calls back after every change of the session, also those made by other tabs, and once the default grant has ended
    /// for good, until the subscription is dropped.
    #[must_use = "dropping the subscription ends it"]
    pub fn subscribe(&self, listener: Rc<dyn Fn()>) -> Subscription {
        self.0.store.listeners.subscribe(listener)
    }

    /// The ID token as it came, for back ends that take it. Never a substitute for an access token.
    pub fn id_token(&self) -> Result<Option<String>> {
        self.check_open()?;
        let session = self.session();
        Ok(session.and_then(|session| session.id_token().map(|token| token.secret().to_owned())))
    }

    /// Stops listening. The stored session stays. Calls under way end with [`Error::Aborted`] before they ask for anything
    /// more that can be asked for again; the answer to what was sent is still stored.
    pub fn close(&self) {
        self.0.is_closed.set(true);
        self.0.under_way.leaving.take();
        self.0.expiry.take();
        self.0.store.close();
    }

    /// Seconds since the epoch.
    pub fn now(&self) -> i64 {
        (self.0.host.now() / 1000.0).floor() as i64
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        self.0.host.now().floor() as i64
    }

    fn check_open(&self) -> Result<()> {
        if self.0.is_closed.get() {
            return Err(Error::invalid_options("This client was closed: create another one"));
        }
        Ok(())
    }

    /// For a call that is under way.
    fn check_not_closed(&self) -> Result<()> {
        if self.0.is_closed.get() {
            Err(Error::Aborted)
        } else {
            Ok(())
        }
    }

    /// Sends a request. No error that its answer makes repeats what only the server may read.
    async fn send(&self, request: &Request) -> Sent {
        let sent = self.0.host.send(request, self.0.config.timeout).await;
        sent.map(|response| response.without_echo_of(request))
    }

    /// Sends a request whose answer makes no difference: a token is given up either way.
    async fn send_best_effort(&self, request: Option<Request>) {
        if let Some(request) = request {
            drop(self.send(&request).await);
        }
    }

    /// Waits for one's turn.
    async fn take_turn(&self, name: &str) -> Result<LockGuard> {
        let name = self.0.store.name(name);
        let timeout = self.0.config.timeout.saturating_mul(TURN);
        let guard = self.0.host.acquire(&name, timeout).await;
        guard.ok_or(Error::Timeout(None))
    }

    /// Does something after some milliseconds, if the client is still there and the timer was not dropped.
    fn timer(&self, milliseconds: u32, on_end: fn(&Client)) -> Box<dyn Timer> {
        let client = Rc::downgrade(&self.0);
        let on_end = move || {
            if let Some(inner) = client.upgrade() {
                let host = inner.host.clone();
                // Not within the timer, which this may drop.
                host.spawn(Box::pin(async move { on_end(&Client(inner)) }));
            }
        };
        self.0.host.timer(milliseconds, Box::new(on_end))
    }

    /// Begins what nobody waits for.
    fn spawn<F: Future<Output = ()> + 'static>(&self, task: impl FnOnce(Client) -> F) {
        self.0.host.spawn(Box::pin(task(self.clone())));
    }

    /// Finds out early whether the session's tokens have lost their key.
    fn check_key_later(&self) {
        if self.session().is_some_and(|session| session.is_bound()) {
            self.spawn(|client| async move { client.check_key().await });
        }
    }

    /// Joins the other tabs, where the storage answered at once, and tidies up.
    fn join_others_later(&self) {
        self.spawn(|client| async move {
            if client.0.store.answers_at_once() {
                client.0.store.load().await;
            }
            client.0.store.remove_ended().await;
        });
    }
}
