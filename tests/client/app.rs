//! An application with the client, in a page of the browser made for tests.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of this")]

use std::cell::Cell;
use std::rc::Rc;

use scopewise::client::{Client, InteractionMode, SignInOptions, SignOutOptions, TokenOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::config::ClientOptions;
use scopewise::core::error::{Error, Result};
use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::AccessToken;
use scopewise::core::server::ServerMetadata;
use scopewise::core::session::Session;
use scopewise::core::value::Value;
use scopewise::host::{Page as _, StorageKind};

use crate::host::{Browser, Call, FakePage};
use crate::server::{AuthorizationServer, CALLBACK, CLIENT, ISSUER, ORIGIN};

/// What the application asks for first.
pub(crate) const SCOPE: &str = "openid read";

/// All but the worker and an application's own, of which the browser made for tests has none.
pub(crate) const KINDS: [StorageKind; 4] = [
    StorageKind::Session,
    StorageKind::Memory,
    StorageKind::Local,
    StorageKind::IndexedDb,
];

/// Those whose session all tabs have in common.
pub(crate) const SHARED: [StorageKind; 2] = [StorageKind::Local, StorageKind::IndexedDb];

pub(crate) fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

pub(crate) fn metadata() -> ServerMetadata {
    let document: Value = serde_json::from_value(AuthorizationServer::metadata()).unwrap();
    ServerMetadata::parse(&document).unwrap()
}

/// Options of a client that discovers its server.
pub(crate) fn options() -> ClientOptions {
    ClientOptions::new(CLIENT, ISSUER)
        .with_redirect_uri(CALLBACK)
        .with_scope(set(SCOPE))
}

/// Options of a client that knows its server.
pub(crate) fn known_options() -> ClientOptions {
    options().with_metadata(metadata())
}

/// A page with its client.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) page: Rc<FakePage>,
    pub(crate) client: Client,
    pub(crate) kind: StorageKind,
    options: ClientOptions,
}

impl App {
    /// Opens a client in a page.
    pub(crate) fn open(page: Rc<FakePage>, kind: StorageKind, options: ClientOptions) -> App {
        let opening = Client::open(options.clone(), kind, page.clone());
        let client = Call::start(&page, opening).wait(&page.browser).unwrap();
        App {
            page,
            client,
            kind,
            options,
        }
    }

    /// A page in a new tab, with a client that knows its server.
    pub(crate) fn in_tab(browser: &Rc<Browser>, kind: StorageKind) -> App {
        App::open(browser.open_tab(ORIGIN), kind, known_options())
    }

    /// The same, with somebody signed in.
    pub(crate) fn signed_in(browser: &Rc<Browser>, kind: StorageKind) -> App {
        let app = App::in_tab(browser, kind);
        app.popup().unwrap();
        app
    }

    /// An upgrade in a popup, without waiting for what comes of it.
    pub(crate) fn begin_upgrade(&self, scope: &str) -> Call<Result<Outcome>> {
        let options = SignInOptions::new(InteractionMode::Popup);
        Call::start(&self.page, self.client.upgrade(set(scope), options))
    }

    /// What its client was opened with.
    pub(crate) fn options(&self) -> ClientOptions {
        self.options.clone()
    }

    pub(crate) fn browser(&self) -> &Rc<Browser> {
        &self.page.browser
    }

    /// Another document in the same tab.
    pub(crate) fn reload(&self, url: &str) -> App {
        App::open(self.page.reload(url), self.kind, self.options.clone())
    }

    /// Goes where the page was told to go, and comes back with the server's answer.
    pub(crate) fn follow(&self) -> App {
        let destination = self.page.destination().unwrap();
        let now = self.browser().seconds();
        let answer = self.browser().server.borrow_mut().authorize(&destination, now).url();
        self.reload(&answer)
    }

    /// Starts a call.
    pub(crate) fn start<T: 'static, F: Future<Output = T> + 'static>(&self, call: impl FnOnce(Client) -> F) -> Call<T> {
        Call::start(&self.page, call(self.client.clone()))
    }

    /// Signs in through a popup.
    pub(crate) fn popup(&self) -> Result<Outcome> {
        let call = self.client.sign_in(SignInOptions::new(InteractionMode::Popup));
        Call::start(&self.page, call).wait(self.browser())
    }

    /// Upgrades through a popup.
    pub(crate) fn upgrade(&self, scope: &str) -> Result<Outcome> {
        self.begin_upgrade(scope).wait(self.browser())
    }

    /// Starts to handle the response in the page's URL, which is gone from there at once.
    pub(crate) fn handle(&self) -> Call<Result<Option<Outcome>>> {
        let call = self.client.handle_callback(None);
        assert!(!self.page.url().contains("state="), "the address bar is clean");
        Call::start(&self.page, call)
    }

    /// Handles the response in the page's URL.
    pub(crate) fn handled(&self) -> Result<Option<Outcome>> {
        self.handle().wait(self.browser())
    }

    pub(crate) fn token(&self) -> Call<Result<AccessToken>> {
        self.start(|client| async move { client.get_access_token(TokenOptions::default()).await })
    }

    pub(crate) fn forced_token(&self) -> Call<Result<AccessToken>> {
        let options = TokenOptions::default().with_force_refresh();
        self.start(|client| async move { client.get_access_token(options).await })
    }

    pub(crate) fn sign_out(&self, is_local: bool) -> Call<Result<()>> {
        let mut options = SignOutOptions::default();
        options.is_local = is_local;
        self.start(|client| async move { client.sign_out(options).await })
    }

    pub(crate) fn session(&self) -> Option<Rc<Session>> {
        self.client.session()
    }

    /// The default grant's access token.
    pub(crate) fn stored_token(&self) -> Option<String> {
        let session = self.session()?;
        let grant = session.grants().first()?;
        Some(grant.access_token().secret().to_owned())
    }

    /// Under which the session is stored.
    pub(crate) fn session_key(&self) -> String {
        [&self.client.config().storage_prefix(), "session"].concat()
    }

    /// Whether the session has these scopes.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.client.has_scope(&set(scope), None).unwrap()
    }

    /// Counts the changes that the application hears of.
    pub(crate) fn count_changes(&self) -> (Rc<Cell<usize>>, scopewise::client::Subscription) {
        let count = Rc::new(Cell::new(0));
        let counter = count.clone();
        let listener = move || counter.set(counter.get() + 1);
        (count, self.client.subscribe(Rc::new(listener)))
    }
}

/// Options for the redirect that gives the application this back.
pub(crate) fn with_state(app_state: &str) -> SignInOptions {
    SignInOptions::default().with_authorize(AuthorizeOptions::default().with_app_state(app_state))
}

/// The code of a failure.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error: Error = result.unwrap_err();
    error.code().to_owned()
}

/// A page to which the user came back with a code.
pub(crate) fn returned(browser: &Rc<Browser>, kind: StorageKind) -> App {
    let app = App::in_tab(browser, kind);
    drop(app.client.sign_in(with_state("{\"page\":7}")));
    app.follow()
}

/// A page to which the user came back with a code, and which does not know the server's metadata yet.
pub(crate) fn returned_without_metadata(browser: &Rc<Browser>) -> App {
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options());
    app.start(|client| async move { client.prepare().await })
        .wait(browser)
        .unwrap();
    drop(app.client.sign_in(with_state("7")));
    app.follow()
}
