//! The stored session: one record, read and changed in one way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::listeners::Listeners;
use crate::core::config::Config;
use crate::core::session::{RememberedScopes, Session, StoredSession};
use crate::core::sign_out_note::SignOutNote;
use crate::host::{Host, LockGuard, Storage, StorageKind, TabChannel, TabEvent};

/// Where the session is kept, and who hears of its changes.
pub(super) struct SessionStore {
    /// What the names of this client's records and locks begin with.
    prefix: String,
    key: String,
    note_key: String,
    remembered_key: String,
    /// Scopes that users granted are remembered.
    remembers: bool,
    /// Nobody waits longer for a lock, milliseconds.
    timeout: u32,
    host: Rc<dyn Host>,
    storage: Rc<dyn Storage>,
    /// Where all tabs find the note of a sign-out, whatever has their sessions.
    shared: Rc<dyn Storage>,
    pub(super) kind: StorageKind,
    /// The latest note of a sign-out that was seen here.
    note: Cell<Option<SignOutNote>>,
    session: RefCell<Option<Rc<Session>>>,
    /// The stored text that the session was read from, or written as.
    text: RefCell<Option<String>>,
    /// False where the storage refused the latest session.
    is_persisted: Cell<bool>,
    /// What other tabs are still to be told.
    news: Cell<Option<TabEvent>>,
    channel: RefCell<Option<Box<dyn TabChannel>>>,
    /// Who hears of changes.
    pub(super) listeners: Listeners,
}

/// Who is to hear of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// The application, here and in other tabs.
    AllTabs,
    /// The application here: the other tabs know, or have sessions of their own.
    ThisTab,
    /// Nobody: it is a note for whoever reads the record next.
    Nobody,
}

impl SessionStore {
    pub(super) fn new(
        config: &Config,
        kind: StorageKind,
        host: Rc<dyn Host>,
        on_tab_event: Rc<dyn Fn(TabEvent)>,
        listeners: Listeners,
    ) -> SessionStore {
        let prefix = config.storage_prefix();
        let key = [&prefix, "session"].concat();
        SessionStore {
            channel: RefCell::new(Some(host.join(&key, on_tab_event))),
            note_key: [&prefix, "signed-out"].concat(),
            remembered_key: [&prefix, "remembered"].concat(),
            remembers: config.remember_scopes,
            prefix,
            key,
            timeout: config.timeout,
            storage: host.session_storage(kind, config.timeout),
            shared: host.shared_storage(),
            kind,
            note: Cell::default(),
            host,
            session: RefCell::default(),
            text: RefCell::default(),
            is_persisted: Cell::new(true),
            news: Cell::default(),
            listeners,
        }
    }

    /// The name of a record or a lock of this client.
    pub(super) fn name(&self, end: &str) -> String {
        [&self.prefix, end].concat()
    }

    pub(super) fn session(&self) -> Option<Rc<Session>> {
        self.session.borrow().clone()
    }

    /// Whether a page that opens need not wait for the storage.
    pub(super) fn answers_at_once(&self) -> bool {
        self.storage.answers_at_once()
    }

    pub(super) fn is_persisted(&self) -> bool {
        self.is_persisted.get()
    }

    /// Whether the session is in the page's memory, where no other tab can be.
    pub(super) fn is_memory(&self) -> bool {
        self.storage.is_memory()
    }

    pub(super) fn close(&self) {
        drop(self.channel.take());
        self.listeners.clear();
        self.storage.close();
    }

    /// The one way to change what is stored: lock, read, change, write, tell, unlock. `change` hears whether the latest
    /// record could be read.
    pub(super) async fn update<T>(&self, change: impl FnOnce(bool) -> T) -> T {
        let (_lock, is_latest) = self.before_write().await;
        let value = change(is_latest);
        self.after_write().await;
        value
    }

    async fn before_write(&self) -> (Option<LockGuard>, bool) {
        let name = self.name("write");
        // Nobody waits longer for a tab that is frozen in the middle of a change: it cannot overwrite what is newer.
        let lock = self.host.acquire(&name, self.timeout).await;
        (lock, self.load().await)
    }

    /// Takes the latest session that is stored: another client on this page, or another tab, may have changed it. False
    /// where it could not be read in time.
    pub(super) async fn load(&self) -> bool {
        let session = self.session();
        let id = session.as_ref().map(|session| session.id());
        let is_latest = self.storage.load(&self.key, id).await;
        self.shared.load(&self.note_key, None).await;
        if self.remembers {
            self.load_remembered().await;
        }
        self.reload();
        is_latest
    }

    /// Takes the session that the storage shows, unless the user signed out after it began.
    pub(super) fn reload(&self) {
        let note = self.stored_note();
        self.note.set(note);
        if self.session().is_some_and(|session| session.is_ended_by(note)) {
            self.forget();
        }
        // What storage refused lives here only, and is newer than anything stored.
        if !self.is_persisted.get() {
            return;
        }
        // What may not be read any more is not gone.
        let Ok(text) = self.storage.read(&self.key) else { return };
        if *self.text.borrow() == text {
            return;
        }
        let value = text.as_ref().map(|text| self.host.parse(text));
        let session = match value.map(|value| StoredSession::from_value(value.as_ref())) {
            Some(StoredSession::Sound(session)) if session.is_ended_by(note) => {
                self.remove_own();
                None
            }
            Some(StoredSession::Sound(session)) => Some(session.with_refusals_of(self.session().as_deref())),
            Some(StoredSession::Unsound) => {
                // Where a write takes a while, another tab's later record might go with it: the next session replaces it.
                if self.storage.answers_at_once() {
                    self.storage.set(&self.key, None);
                }
                None
            }
            Some(StoredSession::Newer) | None => None,
        };
        self.text.replace(text);
        self.replace(session);
    }

    /// Ends the session in all tabs, and leaves a note for those that do not hear of it now.
    pub(super) fn sign_out(&self, now: i64, event: TabEvent) {
        let note = SignOutNote::after(self.stored_note(), now);
        // Where this fails, the tabs that hear of it are signed out.
        self.shared
            .set(&self.note_key, Some(&self.host.stringify(&note.to_value())));
        self.note.set(Some(note));
        self.save(None, Audience::AllTabs);
        self.news.set(Some(event));
    }

    /// The latest note of a sign-out that was seen here.
    pub(super) fn note(&self) -> Option<SignOutNote> {
        self.note.get()
    }

    /// Whether the user signed out after a session began, as far as it is known here.
    pub(super) fn has_ended(&self, session: &Session) -> bool {
        session.is_ended_by(self.note.get())
    }

    /// The latest note of a sign-out that is there: of another client on this page, say, that this one has not heard of.
    pub(super) fn stored_note(&self) -> Option<SignOutNote> {
        match self.shared.read(&self.note_key) {
            Ok(text) => SignOutNote::parse(&self.host.parse(&text?)?),
            Err(_) => self.note.get(),
        }
    }

    /// Takes the latest note of remembered scopes.
    pub(super) async fn load_remembered(&self) {
        self.shared.load(&self.remembered_key, None).await;
    }

    /// The note of remembered scopes; nothing where a later version wrote it.
    pub(super) fn remembered(&self, now: i64) -> Option<RememberedScopes> {
        let text = self.shared.get(&self.remembered_key);
        let value = text.and_then(|text| self.host.parse(&text));
        RememberedScopes::from_value(value.as_ref(), now)
    }

    /// Changes it. A storage that refuses remembers nothing.
    pub(super) fn change_remembered(&self, now: i64, change: &dyn Fn(&mut RememberedScopes)) {
        let Some(mut remembered) = self.remembered(now) else {
            return;
        };
        change(&mut remembered);
        let text = (!remembered.is_empty()).then(|| self.host.stringify(&remembered.to_value()));
        if text != self.shared.get(&self.remembered_key) && !self.shared.is_memory() {
            self.shared.set(&self.remembered_key, text.as_deref());
        }
    }

    /// Forgets what this tab alone has of a session that was ended elsewhere, be there a note of that or not. Returns the
    /// session where no other tab had it.
    pub(super) fn forget_own(&self) -> Option<Rc<Session>> {
        let is_own = self.kind.has_session_for_each_tab() || self.is_memory() || !self.is_persisted.get();
        let session = self.session().filter(|_| is_own);
        if is_own || self.has_own_record() {
            self.forget();
        }
        session
    }

    /// Forgets a session that was ended elsewhere.
    fn forget(&self) {
        self.remove_own();
        self.is_persisted.set(true);
        self.replace(None);
    }

    /// Removes this tab's own record. One that tabs share is gone already, or is of a later session.
    fn remove_own(&self) {
        if self.has_own_record() {
            self.storage.set(&self.key, None);
        }
    }

    fn has_own_record(&self) -> bool {
        self.kind.has_record_for_each_tab() || self.is_memory()
    }

    /// Writes a session, or forgets it: one write, and only then is anybody told.
    pub(super) fn save(&self, session: Option<Session>, audience: Audience) {
        let session = session.map(|session| self.begun_here(session));
        let text = session.as_ref().map(|session| self.host.stringify(&session.to_value()));
        let replaces = |session: &Session| self.session().is_some_and(|held| held.id() != session.id());
        if self.is_persisted.get() && session.as_ref().is_some_and(replaces) {
            // Where the new one is refused, nobody is to find the one before it either.
            self.storage.set(&self.key, None);
        }
        let is_written = self.storage.set(&self.key, text.as_deref());
        self.is_persisted.set(is_written || text.is_none());
        let held = if is_written { text } else { self.storage.get(&self.key) };
        self.text.replace(held);
        if audience == Audience::AllTabs {
            // A session that was refused is over for those who share it, and for nobody else.
            let event = match &session {
                None if self.kind.has_record_for_each_tab() => TabEvent::SignedOutLocally,
                _ => TabEvent::SessionChanged,
            };
            self.news.set(Some(event));
        }
        if audience == Audience::Nobody {
            self.session.replace(session.map(Rc::new));
        } else {
            self.replace(session);
        }
    }

    /// Removes the stored session, if it is the one that is meant: storage refused the latest, and nobody is to go by this
    /// one any more.
    pub(super) async fn withdraw(&self, is_meant: &dyn Fn(&Session) -> bool) {
        self.update(|_| self.is_stored(is_meant) && self.storage.set(&self.key, None))
            .await;
    }

    /// Removes what a sign-out left that did not get to its end: nobody is to find the tokens in there.
    pub(super) async fn remove_ended(&self) {
        if self.has_ended_record() {
            self.update(|is_latest| {
                if is_latest && self.has_ended_record() {
                    self.storage.set(&self.key, None);
                }
            })
            .await;
        }
    }

    fn has_ended_record(&self) -> bool {
        self.session().is_none() && self.is_stored(&|stored| self.has_ended(stored))
    }

    /// Whether the stored session is the one that is meant.
    fn is_stored(&self, is_meant: &dyn Fn(&Session) -> bool) -> bool {
        let text = self.storage.get(&self.key);
        let value = text.and_then(|text| self.host.parse(&text));
        matches!(StoredSession::from_value(value.as_ref()), StoredSession::Sound(stored) if is_meant(&stored))
    }

    /// A session that begins comes after the latest sign-out.
    fn begun_here(&self, session: Session) -> Session {
        let is_held = self.session().is_some_and(|held| held.id() == session.id());
        if is_held {
            session
        } else {
            session.begun_after(self.note.get())
        }
    }

    /// Sees to it that the storage has what was written, and tells the other tabs.
    async fn after_write(&self) {
        let session = self.session();
        let id = session.as_ref().map(|session| session.id());
        if !self.storage.flush(&self.key, id).await && session.is_some() && self.is_persisted.replace(false) {
            self.listeners.notify();
        }
        if let Some(event) = self.news.take() {
            match &*self.channel.borrow() {
                Some(channel) => channel.broadcast(event),
                // Closed meanwhile: other tabs hear of what was begun before.
                None => self.host.join(&self.key, Rc::new(|_| {})).broadcast(event),
            }
        }
    }

    fn replace(&self, session: Option<Session>) {
        let is_same = self.session.borrow().as_deref() == session.as_ref();
        self.session.replace(session.map(Rc::new));
        if !is_same {
            self.listeners.notify();
        }
    }
}
