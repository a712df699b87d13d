//! What is kept where: one record for the session, one for each transaction.

use wasm_bindgen::JsValue;

use super::Client;
use super::task::Settlement;
use crate::browser::{channel, clock, json, storage};
use crate::core::pieces::pieces;
use crate::core::secret::Secret;
use crate::core::session::{self, Session, Stored};
use crate::core::text::Text;
use crate::core::transaction::{MOST, Status, Transaction};

impl Client {
    /// Has the store read the session's record again, or carry out what was written ("read", "write"). Returns a
    /// promise.
    pub(super) fn ask(&self, action: &str) -> JsValue {
        storage::sync(&self.store, action, &self.session_key())
    }

    /// Takes the session that is stored, after the store was asked to read: another client on this page, or another
    /// tab, may have changed it.
    pub(super) fn reload(&self, _asked: Settlement) {
        // What storage refused lives here only, and is newer than anything stored.
        if !self.persisted.get() {
            return;
        }
        let key = self.session_key();
        let text = Text::from(storage::read(&self.store, &key).unwrap_or_default());
        if self.session().as_ref().map_or("", Session::to_record) == &*text {
            return;
        }
        let session = match session::restore(text, json::parse) {
            Stored::Session(session) => Some(session),
            Stored::Newer => None,
            Stored::Unsound => {
                storage::write(&self.store, &key, None);
                None
            }
        };
        self.replace_session(session);
    }

    /// Keeps a session, or forgets it: one write, and only then is anybody told.
    pub(super) fn save(&self, session: Option<Session>) {
        let text = session.as_ref().map(Session::to_record);
        let written = storage::write(&self.store, &self.session_key(), text);
        self.persisted.set(written || text.is_none());
        self.is_news.set(true);
        self.replace_session(session);
    }

    /// Takes note of whether storage has what was written.
    pub(super) fn flushed(&self, asked: Settlement) {
        if asked.is_none() && self.session().is_some() {
            self.persisted.set(false);
            self.replace_session(self.session());
        }
        if self.is_news.take() {
            let is_over = self.session().is_none();
            channel::tell(&self.ears, if is_over { channel::SIGNED_OUT } else { channel::CHANGED });
        }
    }

    /// The transaction of a state, if there is one. A request that storage refused is in memory.
    pub(super) fn transaction(&self, state: &str) -> Option<Transaction> {
        let key = self.transaction_key(state);
        let text = storage::read(&self.transactions, &key).or_else(|| storage::read(&memory(), &key))?;
        Transaction::parse(text.into())
    }

    /// Keeps a transaction. False where it is in memory only, which a popup survives and a redirect does not.
    pub(super) fn keep(&self, state: &Secret, transaction: &Transaction) -> bool {
        let key = self.transaction_key(state.secret());
        let kept = storage::write(&self.transactions, &key, Some(transaction.to_record()));
        if !kept {
            storage::write(&memory(), &key, Some(transaction.to_record()));
        }
        kept && !storage::is_memory(&self.transactions)
    }

    pub(super) fn drop_transaction(&self, state: &str) {
        let key = self.transaction_key(state);
        for store in [&self.transactions, &memory()] {
            storage::write(store, &key, None);
        }
    }

    /// Drops what is under way. Requests that were answered before stay known as such.
    pub(super) fn drop_requests(&self) {
        for store in [&self.transactions, &memory()] {
            let states = storage::keys(store, &self.transaction_key(""));
            for state in pieces(&states, b'\n') {
                let transaction = self.transaction(state);
                if transaction.is_none_or(|transaction| transaction.status() != Status::Done) {
                    self.drop_transaction(state);
                }
            }
        }
    }

    /// Drops transactions that are too old or unreadable, and the oldest where there are too many.
    pub(super) fn sweep(&self) {
        let now = clock::now();
        let states = storage::keys(&self.transactions, &self.transaction_key(""));
        let (mut count, mut oldest) = (0, (i64::MAX, ""));
        for state in pieces(&states, b'\n') {
            match self.transaction(state) {
                Some(transaction) if !transaction.is_expired(now) => {
                    count += 1;
                    if transaction.created_at() < oldest.0 {
                        oldest = (transaction.created_at(), state);
                    }
                }
                _ => self.drop_transaction(state),
            }
        }
        // Each request adds one and sweeps: there is one too many at the most.
        if count > MOST {
            self.drop_transaction(oldest.1);
        }
    }

    fn session_key(&self) -> Text {
        Text::of(&[&self.key, "session"])
    }

    fn transaction_key(&self, state: &str) -> Text {
        Text::of(&[&self.key, "tx:", state])
    }
}

fn memory() -> JsValue {
    storage::open("memory", &JsValue::UNDEFINED, 0)
}
