//! What is kept where: one record for the session, one for denied scopes, one for each transaction.

use super::Client;
use super::task::settled;
use crate::browser::storage::{self, Refused};
use crate::browser::{clock, json};
use crate::core::denied::Denied;
use crate::core::secret::Secret;
use crate::core::session::{self, Session, Stored};
use crate::core::text::Text;
use crate::core::transaction::{MOST, Transaction};

const SESSION: &str = "session";
const DENIED: &str = "denied";
const TRANSACTION: &str = "tx:";

impl Client {
    /// Reads the session again: another client on this page, or another tab, may have changed it.
    pub(super) async fn reload(&self) {
        // What storage refused lives here only, and is newer than anything stored.
        if !self.persisted.get() {
            return;
        }
        let text = self
            .ask("getItem", SESSION, None)
            .await
            .ok()
            .flatten()
            .unwrap_or_default();
        if **self.record.borrow() != *text {
            let session = match session::restore(&text, json::parse) {
                Stored::Session(session) => Some(*session),
                Stored::Newer => None,
                Stored::Unsound => {
                    let _ = self.ask("removeItem", SESSION, None).await;
                    None
                }
            };
            self.record.replace(text.into());
            self.replace_session(session);
        }
        if let Some(session) = self.session() {
            let text = self
                .ask("getItem", DENIED, None)
                .await
                .ok()
                .flatten()
                .unwrap_or_default();
            self.denied.replace(Denied::restore(&text, &session.id));
        }
    }

    /// Keeps a session: one write, and only then is anybody told.
    pub(super) async fn save(&self, session: Session) {
        let text = session.to_record();
        self.persisted
            .set(self.ask("setItem", SESSION, Some(&text)).await.is_ok());
        self.record.replace(text);
        self.replace_session(Some(session));
    }

    /// Forgets the session.
    pub(super) async fn forget(&self) {
        self.persisted.set(true);
        self.denied.take();
        self.record.take();
        self.replace_session(None);
        for name in [SESSION, DENIED] {
            let _ = self.ask("removeItem", name, None).await;
        }
    }

    /// Keeps what the user said no to, for as long as the session lives. A lost "no" costs one more question.
    pub(super) async fn save_denied(&self) {
        let text = self.denied.borrow().to_record();
        let _ = self.ask("setItem", DENIED, Some(&text)).await;
    }

    async fn ask(&self, method: &str, name: &str, text: Option<&str>) -> Result<Option<String>, Refused> {
        let key = Text::of(&[&self.key, name]);
        storage::found(settled(storage::ask(&self.store, method, &key, text, self.options.timeout)).await)
    }

    /// The transaction of a state, if there is one. A request that storage refused is in memory.
    pub(super) fn transaction(&self, state: &str) -> Option<Transaction> {
        let key = self.transaction_key(state);
        let text = storage::read(&self.transactions, &key).or_else(|| storage::read(&storage::open("memory"), &key))?;
        Transaction::parse(&text)
    }

    /// Keeps a transaction. False where it is in memory only, which a popup survives and a redirect does not.
    pub(super) fn keep(&self, state: &Secret, transaction: &Transaction) -> bool {
        let key = self.transaction_key(state.secret());
        if storage::write(&self.transactions, &key, Some(transaction.to_record())) {
            return !storage::is_memory(&self.transactions);
        }
        storage::write(&storage::open("memory"), &key, Some(transaction.to_record()));
        false
    }

    pub(super) fn drop_transaction(&self, state: &str) {
        let key = self.transaction_key(state);
        for store in [&self.transactions, &storage::open("memory")] {
            storage::write(store, &key, None);
        }
    }

    /// Drops transactions that are too old or unreadable, and the oldest of too many.
    pub(super) fn sweep(&self) {
        let now = clock::now();
        let mut live = Vec::new();
        let states = storage::keys(&self.transactions, &self.transaction_key(""));
        for state in states.split('\n').filter(|state| !state.is_empty()) {
            match self.transaction(state) {
                Some(entry) if !entry.is_expired(now) => live.push((entry.created_at(), state)),
                _ => self.drop_transaction(state),
            }
        }
        while live.len() > MOST {
            let oldest = live
                .iter()
                .enumerate()
                .min_by_key(|(_, (created_at, _))| *created_at)
                .map(|(index, _)| index);
            self.drop_transaction(live.swap_remove(oldest.unwrap_or_default()).1);
        }
    }

    fn transaction_key(&self, state: &str) -> Text {
        Text::of(&[&self.key, TRANSACTION, state])
    }
}
