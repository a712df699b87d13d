//! The stored transactions: one record for each `state`, all of them where they can be read and written at once.

use std::cell::RefCell;
use std::rc::Rc;

use crate::core::authorize::{MAX_TRANSACTIONS, PendingRequest, RequestAnswer, Transaction};
use crate::core::config::STORAGE_PREFIX;
use crate::core::secret::State;
use crate::core::sign_out_note::SignOutNote;
use crate::core::target::Target;
use crate::host::{Host, Storage, StorageKind};

/// Where transactions are kept.
pub(super) struct TransactionStore {
    prefix: String,
    host: Rc<dyn Host>,
    storage: Rc<dyn Storage>,
    /// For those that the storage refused: a popup survives so, a redirect does not.
    memory: Rc<dyn Storage>,
    /// Those of this page that wait, in the order in which they were asked: it tells those of one second apart.
    asked: RefCell<Vec<String>>,
    /// What the server said in windows and frames of this page, where it was an error.
    failures: RefCell<Vec<RequestAnswer>>,
    /// Where tabs do not share it: what all of them hear of requests. A copy of a tab has its requests, too.
    shared: Option<Rc<dyn Storage>>,
    /// Where tabs share the storage: which of the requests this tab was left for.
    tab: Option<Rc<dyn Storage>>,
    tab_key: String,
}

impl TransactionStore {
    pub(super) fn new(prefix: &str, kind: StorageKind, host: Rc<dyn Host>) -> TransactionStore {
        TransactionStore {
            prefix: [prefix, "tx:"].concat(),
            shared: (kind != StorageKind::Local).then(|| host.shared_storage()),
            tab: (kind == StorageKind::Local).then(|| host.transaction_storage(StorageKind::Session)),
            tab_key: [prefix, "tab"].concat(),
            storage: host.transaction_storage(kind),
            memory: host.memory(),
            asked: RefCell::default(),
            failures: RefCell::default(),
            host,
        }
    }

    /// The transaction of a state, if there is one.
    pub(super) fn get(&self, state: &State) -> Option<Transaction> {
        self.get_at(&self.key(state))
    }

    /// Whether another client of this origin asked with a state. Each has records of its own, and `state` is never the same.
    pub(super) fn belongs_to_another_client(&self, state: &State) -> bool {
        let end = [":tx:", state.secret()].concat();
        let is_meant = |key: &String| key.ends_with(&end) && !key.starts_with(&self.prefix);
        let kinds = [StorageKind::Session, StorageKind::Local];
        kinds.iter().any(|kind| {
            self.host
                .transaction_storage(*kind)
                .keys(STORAGE_PREFIX)
                .iter()
                .any(is_meant)
        })
    }

    /// Keeps a transaction. False where it is in memory only.
    pub(super) fn save(&self, state: &State, transaction: &Transaction) -> bool {
        let text = self.host.stringify(&transaction.to_value());
        let key = self.key(state);
        match transaction {
            Transaction::Pending(request) => {
                self.note_order(&key);
                if let Some(tab) = self.tab.as_ref().filter(|_| !request.in_window) {
                    tab.set(&self.tab_key, Some(&key));
                }
            }
            Transaction::Exchanging { .. } => self.forget_pending(&key),
            Transaction::Done { .. } => {
                self.forget_pending(&key);
                self.forget_tab(&key);
            }
        }
        let is_kept = self.storage.set(&key, Some(&text));
        if !is_kept {
            // What stands there from before would be read in its place, and a code sent twice.
            self.storage.set(&key, None);
            self.memory.set(&key, Some(&text));
        }
        is_kept && !self.storage.is_memory()
    }

    fn note_order(&self, key: &str) {
        let mut asked = self.asked.borrow_mut();
        if !asked.iter().any(|known| known == key) {
            asked.push(key.to_owned());
        }
        if asked.len() > MAX_TRANSACTIONS + 1 {
            asked.remove(0);
        }
    }

    /// Nothing waits for its `state` any more: that need not stay in memory. Nor may what storage refused at first: it
    /// could be read in place of what is stored later, and a code sent twice.
    fn forget_pending(&self, key: &str) {
        self.asked.borrow_mut().retain(|asked| asked != key);
        self.memory.set(key, None);
    }

    /// Takes what other tabs made of a request.
    pub(super) async fn load(&self, state: &State) {
        let key = self.key(state);
        let may_be_copied = |own: Transaction| matches!(own, Transaction::Pending(request) if !request.in_window);
        match &self.shared {
            None => drop(self.storage.load(&key, None).await),
            Some(shared) if self.own(&key).is_some_and(may_be_copied) => drop(shared.load(&key, None).await),
            Some(_) => {}
        }
    }

    /// Keeps what became of a request. Copies of the tab that its response came to are to know that it came.
    pub(super) fn save_answered(&self, state: &State, request: &PendingRequest, transaction: &Transaction) {
        if let Some(shared) = self.shared.as_ref().filter(|_| !request.in_window) {
            let text = transaction
                .for_copies()
                .map(|known| self.host.stringify(&known.to_value()));
            shared.set(&self.key(state), text.as_deref());
        }
        self.save(state, transaction);
    }

    /// Whether this tab waits for a response.
    pub(super) fn is_one_under_way(&self, now: i64) -> bool {
        let is_waiting = |key: &String| match self.get_at(key) {
            Some(Transaction::Pending(request)) => !request.in_window && !request.is_expired(now),
            _ => false,
        };
        match &self.tab {
            Some(tab) => tab.get(&self.tab_key).as_ref().is_some_and(is_waiting),
            None => self.storage.keys(&self.prefix).iter().any(is_waiting),
        }
    }

    /// Whether the answer to a window or frame is waited for, or a code is being traded.
    pub(super) fn is_one_being_answered(&self, now: i64) -> bool {
        self.storage.keys(&self.prefix).iter().any(|key| match self.own(key) {
            Some(Transaction::Pending(request)) => request.in_window && !request.is_expired(now),
            Some(sent @ Transaction::Exchanging { .. }) => !sent.is_expired(now),
            _ => false,
        })
    }

    /// The latest answer to a request for a target that is meant, in this session or before there was one.
    pub(super) fn latest_answer(
        &self,
        target: &Target,
        session: Option<&str>,
        is_meant: &dyn Fn(&RequestAnswer) -> bool,
    ) -> Option<RequestAnswer> {
        let keys = [&self.storage, &self.memory].map(|storage| storage.keys(&self.prefix));
        let answers = keys.iter().flatten().filter_map(|key| match self.get_at(key)? {
            Transaction::Done { answer, .. } => answer.map(|answer| *answer),
            _ => None,
        });
        let is_of_session = |answer: &RequestAnswer| {
            let is_later = answer.session_id.is_none() || answer.session_id.as_deref() == session;
            is_later && answer.target == *target
        };
        let failures = self.failures.borrow();
        let all = answers.chain(failures.iter().cloned());
        all.filter(|answer| is_of_session(answer) && is_meant(answer))
            .max_by_key(|answer| answer.at)
    }

    pub(super) fn remove(&self, state: &State) {
        self.remove_at(&self.key(state));
    }

    /// Drops what was under way when the user signed out last. Requests that were answered before stay known as such.
    pub(super) fn remove_ended(&self, note: Option<SignOutNote>) {
        for storage in [&self.storage, &self.memory] {
            for key in storage.keys(&self.prefix) {
                if self
                    .get_at(&key)
                    .is_none_or(|transaction| transaction.is_ended_by(note))
                {
                    self.remove_at(&key);
                }
            }
        }
    }

    /// Drops one that came to nothing on this page, which keeps in mind what the server said.
    pub(super) fn remove_failed(&self, state: &State) {
        if let Some(Transaction::Done { answer, .. }) = self.get(state) {
            let mut failures = self.failures.borrow_mut();
            failures.extend(answer.map(|answer| *answer));
            if failures.len() > MAX_TRANSACTIONS {
                failures.remove(0);
            }
        }
        self.remove(state);
    }

    /// Drops transactions that are too old or unreadable, and the oldest where there are too many.
    pub(super) fn prune(&self, now: i64) {
        let mut kept = Vec::new();
        for key in self.storage.keys(&self.prefix) {
            match self.get_at(&key) {
                // Of those of one second, what waits is the last to go.
                Some(transaction) if !transaction.is_outdated(now) => {
                    let is_waiting = matches!(transaction, Transaction::Pending(_));
                    let place = self.asked.borrow().iter().position(|asked| *asked == key);
                    kept.push(((transaction.created_at(), is_waiting, place), key));
                }
                _ => self.remove_at(&key),
            }
        }
        // Each request adds one and prunes: there is one too many at the most.
        let oldest = kept.iter().min_by_key(|(age, _)| *age);
        if let Some((_, key)) = oldest.filter(|_| kept.len() > MAX_TRANSACTIONS) {
            self.remove_at(key);
        }
        if let Some(shared) = &self.shared {
            // A copy whose request is that old is too late anyway.
            let is_over = |key: &String| self.parse(shared.get(key)).is_none_or(|sent| sent.is_expired(now));
            for key in shared.keys(&self.prefix).iter().filter(|key| is_over(key)) {
                shared.set(key, None);
            }
        }
    }

    fn get_at(&self, key: &str) -> Option<Transaction> {
        let own = self.own(key)?;
        let shared = self.shared.as_ref().filter(|_| matches!(own, Transaction::Pending(_)));
        let sent = shared.and_then(|shared| self.parse(shared.get(key)));
        Some(sent.unwrap_or(own))
    }

    /// What this tab knows by itself.
    fn own(&self, key: &str) -> Option<Transaction> {
        self.parse(self.storage.get(key).or_else(|| self.memory.get(key)))
    }

    fn parse(&self, text: Option<String>) -> Option<Transaction> {
        Transaction::from_value(&self.host.parse(&text?)?)
    }

    fn remove_at(&self, key: &str) {
        self.forget_tab(key);
        self.forget_pending(key);
        self.storage.set(key, None);
    }

    /// The tab does not wait for the response to this request any more.
    fn forget_tab(&self, key: &str) {
        if let Some(tab) = self
            .tab
            .as_ref()
            .filter(|tab| tab.get(&self.tab_key).as_deref() == Some(key))
        {
            tab.set(&self.tab_key, None);
        }
    }

    fn key(&self, state: &State) -> String {
        [&self.prefix, state.secret()].concat()
    }
}
