//! What is kept where: one record for the session, one for denied scopes, one for each transaction.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::Client;
use crate::browser::json;
use crate::browser::storage::{Adapter, Area, Refused};
use crate::browser::timer::Deadline;
use crate::core::denied::Denied;
use crate::core::options::StorageKind;
use crate::core::secret::Secret;
use crate::core::session::{self, Session, Stored};
use crate::core::transaction::{Entry, MOST};

/// Where the session lives.
pub enum Store {
    /// The browser's, or this page's memory.
    Area(Area),
    /// The application's.
    Adapter(Adapter),
}

impl Store {
    /// The browser's place of that kind, or memory where the page may not use it.
    pub fn open(kind: StorageKind) -> Store {
        let area = match kind {
            StorageKind::Session => Area::session(),
            StorageKind::Local => Area::local(),
            StorageKind::Memory | StorageKind::Adapter => Some(Area::Memory),
        };
        Store::Area(area.unwrap_or(Area::Memory))
    }

    /// True where memory stands in for what the page may not use.
    pub(super) fn is_makeshift(&self, kind: StorageKind) -> bool {
        matches!(
            (self, kind),
            (Store::Area(Area::Memory), StorageKind::Session | StorageKind::Local)
        )
    }

    async fn get(&self, key: &str, timeout: u32) -> Result<Option<String>, Refused> {
        match self {
            Store::Area(area) => area.get(key),
            Store::Adapter(adapter) => Ok(call(adapter, "getItem", key, None, timeout).await?.as_string()),
        }
    }

    async fn set(&self, key: &str, text: &str, timeout: u32) -> Result<(), Refused> {
        match self {
            Store::Area(area) => area.set(key, text),
            Store::Adapter(adapter) => call(adapter, "setItem", key, Some(text), timeout).await.map(drop),
        }
    }

    async fn remove(&self, key: &str, timeout: u32) -> Result<(), Refused> {
        match self {
            Store::Area(area) => area.remove(key),
            Store::Adapter(adapter) => call(adapter, "removeItem", key, None, timeout).await.map(drop),
        }
    }
}

async fn call(adapter: &Adapter, name: &str, key: &str, text: Option<&str>, timeout: u32) -> Result<JsValue, Refused> {
    let deadline = Deadline::after(timeout);
    let result = adapter.call(name, key, text, &deadline).await.map_err(|_| Refused)?;
    if deadline.is_over(&result) {
        Err(Refused)
    } else {
        Ok(result)
    }
}

impl Client {
    /// Reads the session again: another client on this page, or another tab, may have changed it.
    pub(super) async fn reload(&self) {
        // What lives in memory only is newer than anything stored.
        if !self.persisted.get() {
            return;
        }
        let stored = match self.store.get(&self.session_key(), self.options.timeout).await {
            Ok(Some(text)) => json::parse(&text).map_or(Stored::Unsound, |value| session::restore(&value)),
            Ok(None) | Err(Refused) => Stored::Newer,
        };
        let session = match stored {
            Stored::Session(session) => Some(*session),
            Stored::Newer => None,
            Stored::Unsound => {
                let _ = self.store.remove(&self.session_key(), self.options.timeout).await;
                None
            }
        };
        if self.session().as_deref() != session.as_ref() {
            self.replace_session(session);
        }
        self.reload_denied().await;
    }

    /// Keeps a session: one write, and only then is anybody told.
    pub(super) async fn save(&self, session: Session) {
        let text = json::stringify(&session.record());
        let written = match text {
            Some(text) => self.store.set(&self.session_key(), &text, self.options.timeout).await,
            None => Err(Refused),
        };
        self.persisted.set(written.is_ok());
        self.replace_session(Some(session));
    }

    /// Forgets the session everywhere.
    pub(super) async fn forget(&self) {
        self.persisted.set(true);
        self.denied.take();
        self.replace_session(None);
        for key in [self.session_key(), self.denied_key()] {
            let _ = self.store.remove(&key, self.options.timeout).await;
        }
    }

    /// Keeps what the user said no to, for as long as the session lives.
    pub(super) async fn save_denied(&self) {
        let text = json::stringify(&*self.denied.borrow());
        if let Some(text) = text {
            // A lost memory of a "no" costs one more question, not the session.
            let _ = self.store.set(&self.denied_key(), &text, self.options.timeout).await;
        }
    }

    async fn reload_denied(&self) {
        let Some(session) = self.session() else { return };
        let stored = self
            .store
            .get(&self.denied_key(), self.options.timeout)
            .await
            .ok()
            .flatten();
        let denied = stored
            .and_then(|text| Denied::restore(&json::parse(&text)?))
            .filter(|denied| denied.session() == session.id);
        self.denied
            .replace(denied.unwrap_or_else(|| Denied::of_session(&session.id)));
    }

    fn session_key(&self) -> String {
        format!("scopewise:{}:session", self.key)
    }

    fn denied_key(&self) -> String {
        format!("scopewise:{}:denied", self.key)
    }
}

/// Requests under way. Synchronous, so that a URL can be built inside a click.
pub struct Transactions {
    area: Area,
    prefix: String,
}

impl Transactions {
    /// In localStorage where the session is, else in sessionStorage; in memory where the page may use neither.
    pub fn open(kind: StorageKind, key: &str) -> Transactions {
        let area = if kind == StorageKind::Local {
            Area::local()
        } else {
            Area::session()
        };
        Transactions {
            area: area.unwrap_or(Area::Memory),
            prefix: format!("scopewise:{key}:tx:"),
        }
    }

    /// What stands under a state.
    pub(super) fn get(&self, state: &Secret) -> Option<Entry> {
        let key = self.key(state);
        let read = |area: &Area| area.get(&key).ok().flatten();
        let text = read(&self.area).or_else(|| read(&Area::Memory))?;
        Entry::parse(&json::parse(&text)?)
    }

    /// Keeps an entry. False where it is in memory only, which a popup survives and a redirect does not.
    pub(super) fn set(&self, state: &Secret, entry: &impl Serialize) -> bool {
        let key = self.key(state);
        let Some(text) = json::stringify(entry) else {
            return false;
        };
        let kept = self.area.set(&key, &text).is_ok();
        if !kept {
            let _ = Area::Memory.set(&key, &text);
        }
        kept && matches!(self.area, Area::Web(_))
    }

    /// Forgets an entry.
    pub(super) fn remove(&self, state: &Secret) {
        self.remove_key(&self.key(state));
    }

    /// Drops what is too old or unreadable, and the oldest of too many.
    pub(super) fn sweep(&self, now: i64) {
        let mut live = Vec::new();
        for key in self.area.keys(&self.prefix) {
            let text = self.area.get(&key).ok().flatten();
            match text.and_then(|text| Entry::parse(&json::parse(&text)?)) {
                Some(entry) if !entry.is_expired(now) => live.push((entry.created_at(), key)),
                _ => self.remove_key(&key),
            }
        }
        live.sort_unstable();
        let surplus = live.len().saturating_sub(MOST);
        for (_, key) in live.drain(..surplus) {
            self.remove_key(&key);
        }
    }

    fn remove_key(&self, key: &str) {
        let _ = self.area.remove(key);
        let _ = Area::Memory.remove(key);
    }

    fn key(&self, state: &Secret) -> String {
        format!("{}{}", self.prefix, state.secret())
    }
}
