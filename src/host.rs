//! What the client needs of its surroundings, as traits. `browser` implements them over the platform's objects. Tests
//! implement them in memory, and drive them step by step.
//!
//! One trait for each capability. None of them holds a rule of the protocol or knows a format of what is stored.

use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;

use crate::core::dpop::PublicKey;
use crate::core::error::Result;
use crate::core::http::{Request, Sent};
use crate::core::jwt::{SignedToken, Unverified};
use crate::core::secret::AccessToken;
use crate::core::server::ServerMetadata;
use crate::core::token::Jwk;
use crate::core::value::Value;

pub use crate::core::resource::ApiResponse;

/// Something that is waited for. Boxed, so that the client is compiled once and its futures stay small.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// All capabilities in one.
pub trait Host: Clock + Crypto + Entropy + Json + Page + Network + Windows + Storages + Locks + Tabs + Tasks {}

impl<T: Clock + Crypto + Entropy + Json + Page + Network + Windows + Storages + Locks + Tabs + Tasks> Host for T {}

/// The wall clock.
pub trait Clock {
    /// Milliseconds since the epoch. Where the device's clock is put back, a page goes on by its own.
    fn now(&self) -> f64;
    /// When the page was loaded, in the same units.
    fn loaded_at(&self) -> f64;
    /// A moment as text (ISO 8601), from seconds since the epoch.
    fn to_iso_string(&self, seconds: i64) -> String;
    /// Calls back after so many milliseconds, unless what this returns is dropped before.
    fn timer(&self, milliseconds: u32, callback: Box<dyn Fn()>) -> Box<dyn Timer>;
}

/// A callback that is still to come. Dropping it calls it off.
pub trait Timer {}

/// Signatures: checks of them, and keys that make them.
pub trait Crypto {
    /// Whether there are any: browsers have them in secure contexts only.
    fn has_signatures(&self) -> bool;
    /// Checks the signature of a token with a key that fits its algorithm.
    fn verify<'a>(&'a self, token: &'a SignedToken<'_>, key: &'a Jwk) -> Pending<'a, Result<(), Unverified>>;
    /// The key that is kept under a name, for all tabs: this one if it is still there, or else whichever
    /// is there, made where there is none. Waits some milliseconds at the most.
    fn signing_key<'a>(
        &'a self,
        name: &'a str,
        wanted: Option<&'a PublicKey>,
        timeout: u32,
    ) -> Pending<'a, Result<Option<Rc<dyn SigningKey>>>>;
}

/// A key for signatures with ES256 (RFC 7518 §3.4). What signs never leaves the platform.
pub trait SigningKey {
    /// Its public part.
    fn public_key(&self) -> PublicKey;
    /// Whether it outlives the page.
    fn is_kept(&self) -> bool;
    /// Signs a text: r and s in a row. Nothing where that failed: the key may be gone. Waits some milliseconds at the most.
    fn sign<'a>(&'a self, text: &'a str, timeout: u32) -> Pending<'a, Result<Option<Vec<u8>>>>;
}

/// Randomness.
pub trait Entropy {
    /// 256 bits from the platform's generator. Never anything else: without it there is no sign-in.
    fn random(&self) -> Result<[u8; 32]>;
}

/// The platform's JSON parser and printer.
pub trait Json {
    /// The value of a text; nothing where it is no JSON, too long or too deep.
    fn parse(&self, text: &str) -> Option<Value>;
    /// The text of a value.
    fn stringify(&self, value: &Value) -> String;
}

/// Where the page is, and where it goes.
pub trait Page {
    /// The page's URL.
    fn url(&self) -> String;
    /// An absolute, normalised URL; nothing where the text is none.
    fn resolve(&self, url: &str) -> Option<String>;
    /// Puts another URL into the address bar. No new history entry, and the page's own history state stays.
    fn replace_url(&self, url: &str);
    /// Leaves the page. False where the browser refuses.
    fn leave(&self, url: &str) -> bool;
    /// Whether there is no network at all.
    fn is_offline(&self) -> bool;
    /// Whether the page is in a frame.
    fn is_framed(&self) -> bool;
    /// The language that the page says it is in, or else the user's first, as a tag (RFC 5646).
    fn language(&self) -> Option<String>;
}

/// Requests to the authorization server.
pub trait Network {
    /// Sends a request: no cookies, no cache, no referrer, no redirects, and a bound in milliseconds on all of it.
    fn send<'a>(&'a self, request: &'a Request, timeout: u32) -> Pending<'a, Sent>;
    /// Hears of sound metadata, before anything is sent to its endpoints.
    fn learn(&self, _metadata: &ServerMetadata) {}
}

/// Windows and frames in which the authorization server is asked, and the way back from there.
pub trait Windows {
    /// Opens an empty popup, in the click that wants it. Nothing where the browser refuses.
    fn open_popup(&self) -> Option<Rc<dyn Popup>>;
    /// Waits for the URL of the response from a popup that was sent to the server.
    fn ask_popup<'a>(
        &'a self,
        popup: Rc<dyn Popup>,
        request: WindowRequest<'a>,
    ) -> Pending<'a, Result<String, NoResponse>>;
    /// Opens the request in a hidden frame, and waits some milliseconds at the most for the URL of the response.
    fn ask_frame<'a>(&'a self, request: WindowRequest<'a>, timeout: u32) -> Pending<'a, Result<String, NoResponse>>;
    /// Hands a response to the page that waits for it, and closes this window. Resolves only where there is no such
    /// page, and this window is no popup of the client's.
    fn hand_over<'a>(&'a self, url: &'a str, state: &'a str) -> Pending<'a, ()>;
}

/// A popup of the client's.
pub trait Popup {
    /// Sends it to a URL, at once.
    fn navigate(&self, url: &str);
    /// Closes it.
    fn close(&self);
    /// The platform's object, for the host that opened it.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// An authorization request in a window or frame.
#[derive(Clone, Copy)]
pub struct WindowRequest<'a> {
    /// Its URL.
    pub url: &'a str,
    /// Its `state`: only who knows it can take part.
    pub state: &'a str,
    /// The caller may not want to wait any more.
    pub abort: Option<&'a dyn AbortSignal>,
}

/// A caller's wish to stop waiting.
pub trait AbortSignal {
    /// Whether the caller has aborted.
    fn is_aborted(&self) -> bool;
    /// The platform's object, for the host that made it.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// Why a window or frame brought no authorization response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoResponse {
    /// The caller aborted.
    Aborted,
    /// The user closed the popup.
    Closed,
    /// It took too long.
    Timeout,
    /// No answer can be heard: the page has no channel, which is storage to browsers.
    Unavailable,
}

/// Where tokens live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StorageKind {
    /// sessionStorage.
    #[default]
    Session,
    /// localStorage.
    Local,
    /// The page's memory.
    Memory,
    /// IndexedDB.
    IndexedDb,
    /// The page's memory, which tabs that are open share. The npm package has refresh tokens in a dedicated worker besides;
    /// Rust programs have no such worker.
    Worker,
    /// The application's own.
    Adapter,
}

impl StorageKind {
    /// Each tab has a session of its own.
    pub fn has_session_for_each_tab(self) -> bool {
        matches!(self, StorageKind::Session | StorageKind::Memory)
    }

    /// Each tab has a record of its own, be it a copy of the session that tabs share.
    pub fn has_record_for_each_tab(self) -> bool {
        self.has_session_for_each_tab() || self == StorageKind::Worker
    }

    /// A session surely outlives its page. Whether it does so in the application's own storage is not known.
    pub fn outlives_pages(self) -> bool {
        matches!(self, StorageKind::Session | StorageKind::Local | StorageKind::IndexedDb)
    }
}

/// Places to keep text.
pub trait Storages {
    /// The place for sessions; the page's memory where the page may not use the one it wants. Waits are bounded by
    /// some milliseconds.
    fn session_storage(&self, kind: StorageKind, timeout: u32) -> Rc<dyn Storage>;
    /// The place for transactions, which answers at once: localStorage for `Local`, sessionStorage for all others.
    fn transaction_storage(&self, kind: StorageKind) -> Rc<dyn Storage>;
    /// The place that all tabs share and that answers at once: localStorage.
    fn shared_storage(&self) -> Rc<dyn Storage>;
    /// The page's memory, for transactions that storage refused.
    fn memory(&self) -> Rc<dyn Storage>;
    /// The memory of the page that other copies of this code there have, too, if there may be any: for nothing that is secret.
    fn page_memory(&self) -> Rc<dyn Storage> {
        self.memory()
    }
}

/// A storage may not be read, or not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A place to keep text under keys. What it shows may be behind until it is loaded, and what is set may not be there
/// for good until it is flushed. What is not implemented is that of a storage that does all at once and holds nothing open.
pub trait Storage {
    /// What stands under a key, as far as it is known here. Fails where the storage refuses to show it.
    fn read(&self, key: &str) -> Result<Option<String>, Refused>;
    /// Puts text under a key, or removes what is there. False where the storage refuses.
    fn set(&self, key: &str, text: Option<&str>) -> bool;
    /// Every key with this beginning.
    fn keys(&self, prefix: &str) -> Vec<String>;
    /// True where `read` alone shows what a page that opens needs.
    fn answers_at_once(&self) -> bool {
        true
    }
    /// True where this is the page's memory in place of a storage that the page may not use.
    fn is_memory(&self) -> bool {
        false
    }
    /// Sees to it that `read` shows the latest text of a key, whoever wrote it. False where that took too long. `session`
    /// is the id of the session that is known here: copies of a tab share it.
    fn load<'a>(&'a self, _key: &'a str, _session: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(ready(true))
    }
    /// Carries out what was set. False where the storage refused.
    fn flush<'a>(&'a self, _key: &'a str, _session: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(ready(true))
    }
    /// Lets go of what is open.
    fn close(&self) {}
}

impl dyn Storage + '_ {
    /// What stands under a key; nothing, too, where the storage refuses to show it.
    pub fn get(&self, key: &str) -> Option<String> {
        self.read(key).ok().flatten()
    }
}

/// Mutual exclusion over tabs (Web Locks), or over this page where there are none.
pub trait Locks {
    /// Waits for a lock, some milliseconds at the most; nothing where that took too long.
    fn acquire<'a>(&'a self, name: &'a str, timeout: u32) -> Pending<'a, Option<LockGuard>>;
    /// Whether other tabs wait, too.
    fn are_shared(&self) -> bool;
}

/// A lock that is held. Dropping it lets the next one in.
pub struct LockGuard(Option<Box<dyn FnOnce()>>);

impl LockGuard {
    /// A lock, and how to give it up.
    pub fn new(release: impl FnOnce() + 'static) -> LockGuard {
        LockGuard(Some(Box::new(release)))
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

/// What other tabs, and the browser, tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabEvent {
    /// The session is another one, or has changed.
    SessionChanged,
    /// Somebody signed out, and their tokens are revoked.
    SignedOut,
    /// A session has ended, and nothing is revoked.
    SignedOutLocally,
    /// The page can be seen again, or the device is online again.
    Resumed,
}

/// Other tabs of the same application.
pub trait Tabs {
    /// Listens to the tabs that do so under this name, to changes of the record of this name in localStorage, and to the
    /// browser. Dropping the channel ends it; the listener is not called any more then.
    fn join(&self, name: &str, listener: Rc<dyn Fn(TabEvent)>) -> Box<dyn TabChannel>;
}

/// The way to other tabs.
pub trait TabChannel {
    /// Tells them.
    fn broadcast(&self, event: TabEvent);
}

/// Work that nobody waits for.
pub trait Tasks {
    /// Runs it, from the next turn on.
    fn spawn(&self, task: Pending<'static, ()>);
}

/// A call of an API that an application makes through the client: it can be sent once, or again where its body is still
/// there.
pub trait ApiRequest {
    /// The normalised URL, without fragment.
    fn url(&self) -> &str;
    /// Its method.
    fn method(&self) -> String;
    /// Whether it can be sent once more.
    fn is_replayable(&self) -> bool;
    /// Whether its caller does not want it any more.
    fn is_aborted(&self) -> bool;
    /// Resolves once that is so, and never otherwise.
    fn aborted(&self) -> Pending<'_, ()>;
    /// Sends it with a token and, where that is bound to a key, a proof. Redirects are not followed with a proof: it is
    /// good for one URL. The response's body stays with the one who made this.
    fn send<'a>(
        &'a self,
        token: &'a AccessToken,
        proof: Option<&'a str>,
    ) -> Pending<'a, Result<ApiResponse, NotAnswered>>;
}

/// The platform rejected a call of an API, and whoever made the request knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnswered;
