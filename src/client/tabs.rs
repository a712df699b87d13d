//! What other tabs, and the browser, tell.

use std::rc::{Rc, Weak};

use super::{Client, Inner};
use crate::core::session::{RefreshBackoff, Session};
use crate::host::{Host, StorageKind, TabEvent};

/// Hears of events for as long as the client is there.
pub(super) fn listener(client: &Weak<Inner>, host: &Rc<dyn Host>) -> Rc<dyn Fn(TabEvent)> {
    let (client, host) = (client.clone(), host.clone());
    Rc::new(move |event| {
        if let Some(inner) = client.upgrade() {
            host.spawn(Box::pin(async move { Client(inner).on_tab_event(event).await }));
        }
    })
}

impl Client {
    async fn on_tab_event(&self, event: TabEvent) {
        if self.0.is_closed.get() {
            return;
        }
        match event {
            TabEvent::SessionChanged => {
                // The page may be back as it was left.
                self.0.under_way.leaving.take();
                self.load_what_others_did().await;
            }
            TabEvent::SignedOut => {
                let ended = self.on_signed_out_elsewhere().await;
                self.revoke_in_time(ended).await;
            }
            TabEvent::SignedOutLocally => drop(self.on_signed_out_elsewhere().await),
            TabEvent::Resumed => self.on_resumed().await,
        }
    }

    /// What tabs do not share each has to forget by itself.
    async fn on_signed_out_elsewhere(&self) -> Option<Rc<Session>> {
        let ended = self.0.store.forget_own();
        self.0.store.load().await;
        self.forget_requests();
        ended
    }

    /// Takes the latest session. A tab that was away hears so of a sign-out, too.
    async fn load_what_others_did(&self) {
        let before = self.session();
        self.0.store.load().await;
        if before.is_some_and(|session| self.0.store.has_ended(&session)) {
            self.forget_requests();
        }
        self.0.store.remove_ended().await;
    }

    /// The requests under way end with the session. All but localStorage keeps those for each tab, where another client may
    /// have asked anew by now.
    fn forget_requests(&self) {
        if self.0.store.kind != StorageKind::Local {
            self.0.transactions.remove_ended(self.0.store.note());
        }
    }

    async fn on_resumed(&self) {
        // A failure for want of a network does not put off the next try any more.
        let is_of_network = |backoff: &mut RefreshBackoff| backoff.is_of_network();
        self.0.backoff.borrow_mut().take_if(is_of_network);
        self.load_what_others_did().await;
        self.check_expiry();
        // A token that is about to end is renewed. Nobody waits for the result: a call that needs one fails with the same
        // error.
        drop(self.token(self.default_requirements()).await);
    }
}
