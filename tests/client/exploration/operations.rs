//! What an application asks of its client: each operation, the page in which it begins, and how it begins there.

use std::future::Future;
use std::rc::Rc;

use scopewise::client::{
    Client, FetchError, FetchOptions, InteractionMode, OnMissing, SignInOptions, SignOutOptions, TokenOptions,
};
use scopewise::core::apis::ApiOptions;
use scopewise::core::authorize::Outcome;
use scopewise::core::config::ClientOptions;
use scopewise::core::error::{Error, Result};
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, KINDS, known_options, set};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call};
use crate::server::{API, Decision, ORIGIN};

/// Longer than an access token lasts, milliseconds.
const LIFETIME: f64 = 3_600_000.0;

/// Where sessions are kept, and whether everything is on that makes more steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) kind: StorageKind,
    /// Requests are pushed, tokens are bound to a key, signatures are checked, and scopes remembered.
    pub(super) has_all: bool,
}

/// Everything is explored where this is set in the environment: for minutes.
const AT_LENGTH: &str = "SCOPEWISE_EXPLORE";

pub(super) fn is_at_length() -> bool {
    std::env::var_os(AT_LENGTH).is_some()
}

/// Those that differ most.
pub(super) const FEW: [Setting; 3] = [
    Setting {
        kind: StorageKind::Session,
        has_all: false,
    },
    Setting {
        kind: StorageKind::Local,
        has_all: true,
    },
    Setting {
        kind: StorageKind::IndexedDb,
        has_all: false,
    },
];

impl Setting {
    /// Those to explore: a few that differ, or all.
    pub(super) fn all() -> Vec<Setting> {
        let all = KINDS.into_iter().chain([StorageKind::Worker]);
        let all = all.flat_map(|kind| [false, true].map(|has_all| Setting { kind, has_all }));
        if is_at_length() { all.collect() } else { FEW.to_vec() }
    }

    pub(super) fn options(self) -> ClientOptions {
        let options = known_options().with_api(ApiOptions::new(API).with_discover());
        if self.has_all {
            let options = options.with_par(true).with_dpop().with_verify_signature();
            return options.with_remember_scopes();
        }
        options.with_par(false)
    }

    pub(super) fn browser(self) -> Rc<Browser> {
        let browser = Browser::new(1);
        let mut server = browser.server.borrow_mut();
        server.renews_id_tokens = self.has_all;
        server.proofs.nonce = self.has_all.then(|| "one".to_owned());
        drop(server);
        browser
    }

    pub(super) fn open(self, browser: &Rc<Browser>) -> App {
        App::open(browser.open_tab(ORIGIN), self.kind, self.options())
    }

    /// A page in which somebody is signed in.
    pub(super) fn signed_in(self, browser: &Rc<Browser>) -> App {
        let app = self.open(browser);
        app.popup().unwrap();
        browser.run_now();
        app
    }
}

/// Something that an application asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Open,
    Discover,
    SignInByRedirect,
    SignInByPopup,
    SignInSilently,
    SignInOfAnother,
    SignInCallback,
    UpgradeCallback,
    DenialCallback,
    CachedToken,
    ExpiredToken,
    ForcedToken,
    Upgrade,
    UpgradeByRedirect,
    DeniedUpgrade,
    SilentUpgrade,
    Fetch,
    FetchWithOldToken,
    FetchOrThrow,
    FetchWithPopup,
    FetchWithRedirect,
    UserInfo,
    ApiScopes,
    LocalSignOut,
    SignOut,
    ForgettingSignOut,
}

use Operation::*;

impl Operation {
    pub(super) const ALL: [Operation; 26] = [
        Open,
        Discover,
        SignInByRedirect,
        SignInByPopup,
        SignInSilently,
        SignInOfAnother,
        SignInCallback,
        UpgradeCallback,
        DenialCallback,
        CachedToken,
        ExpiredToken,
        ForcedToken,
        Upgrade,
        UpgradeByRedirect,
        DeniedUpgrade,
        SilentUpgrade,
        Fetch,
        FetchWithOldToken,
        FetchOrThrow,
        FetchWithPopup,
        FetchWithRedirect,
        UserInfo,
        ApiScopes,
        LocalSignOut,
        SignOut,
        ForgettingSignOut,
    ];

    /// It ends by leaving the page, or waits for that.
    pub(super) fn leaves_page(self) -> bool {
        matches!(self, SignInByRedirect | UpgradeByRedirect | FetchWithRedirect)
    }

    pub(super) fn is_callback(self) -> bool {
        matches!(self, SignInCallback | UpgradeCallback | DenialCallback)
    }

    pub(super) fn ends_session(self) -> bool {
        matches!(self, LocalSignOut | SignOut | ForgettingSignOut)
    }

    pub(super) fn begins_signed_out(self) -> bool {
        matches!(
            self,
            SignInByRedirect | SignInByPopup | SignInSilently | SignInCallback | Discover
        )
    }

    /// The page in which it begins.
    pub(super) fn stage(self, setting: Setting, browser: &Rc<Browser>) -> App {
        if self == Discover {
            let mut options = setting.options();
            options.metadata = None;
            return App::open(browser.open_tab(ORIGIN), setting.kind, options);
        }
        let app = if self.begins_signed_out() {
            setting.open(browser)
        } else {
            setting.signed_in(browser)
        };
        self.decide(browser);
        match self {
            SignInCallback => return sent_away(&app, app.client.sign_in(SignInOptions::default())),
            UpgradeCallback | DenialCallback => {
                return sent_away(&app, app.client.upgrade(set("write"), SignInOptions::default()));
            }
            ExpiredToken => browser.clock.advance(LIFETIME),
            FetchWithOldToken => browser.server.borrow_mut().forget_access_tokens(),
            _ => {}
        }
        browser.run_now();
        app
    }

    /// What the user is going to say, if asked.
    pub(super) fn decide(self, browser: &Browser) {
        let decision = match self {
            DenialCallback | DeniedUpgrade => Some(Decision::Deny),
            SignInOfAnother => Some(Decision::As("grace")),
            _ => None,
        };
        browser.server.borrow_mut().decisions = decision.into_iter().collect();
    }

    /// Begins it: what it comes to is "ok", a status, or the error.
    pub(super) fn start(self, app: &App) -> Call<Result<String>> {
        let client = app.client.clone();
        let popup = || SignInOptions::new(InteractionMode::Popup);
        let silently = || SignInOptions::new(InteractionMode::Silent);
        match self {
            Open => {
                let (kind, page) = (app.kind, app.page.clone());
                let options = app.options();
                said(app, async move { Client::open(options, kind, page).await }, |opened| {
                    opened.session().map_or("nobody", |_| "somebody").to_owned()
                })
            }
            Discover => said(app, async move { client.prepare().await }, ok),
            SignInByRedirect => said(app, client.sign_in(SignInOptions::default()), status),
            SignInByPopup | SignInOfAnother => said(app, client.sign_in(popup()), status),
            SignInSilently => said(app, client.sign_in(silently()), status),
            SignInCallback | UpgradeCallback | DenialCallback => {
                let handled = client.handle_callback(None);
                said(app, handled, |outcome| outcome.map_or("nothing".to_owned(), status))
            }
            CachedToken | ExpiredToken => token(app, TokenOptions::default()),
            ForcedToken => token(app, TokenOptions::default().with_force_refresh()),
            Upgrade | DeniedUpgrade => said(app, client.upgrade(set("write"), popup()), status),
            UpgradeByRedirect => said(app, client.upgrade(set("write"), SignInOptions::default()), status),
            SilentUpgrade => said(app, client.upgrade(set("write"), silently()), status),
            Fetch | FetchWithOldToken => fetch(app, "read", OnMissing::Throw),
            FetchOrThrow => fetch(app, "write", OnMissing::Throw),
            FetchWithPopup => fetch(app, "write", OnMissing::Popup),
            FetchWithRedirect => fetch(app, "write", OnMissing::Redirect),
            UserInfo => said(app, async move { client.user_info().await }, ok),
            ApiScopes => said(app, async move { client.api_scopes(API).await }, ok),
            LocalSignOut => sign_out(app, SignOutOptions::local()),
            SignOut => sign_out(app, SignOutOptions::default()),
            ForgettingSignOut => sign_out(app, SignOutOptions::local().with_forget()),
        }
    }
}

/// The page to which the user comes back with the answer to a request for which another one is left.
fn sent_away(app: &App, request: impl Future<Output = Result<Outcome>> + 'static) -> App {
    let _waiting = Call::start(&app.page, request);
    app.browser().run_now();
    app.follow()
}

fn said<T: 'static>(
    app: &App,
    call: impl Future<Output = Result<T>> + 'static,
    text: fn(T) -> String,
) -> Call<Result<String>> {
    Call::start(&app.page, async move { call.await.map(text) })
}

fn ok<T>(_: T) -> String {
    "ok".to_owned()
}

fn status(outcome: Outcome) -> String {
    outcome.status.as_str().to_owned()
}

/// A token is "ok" where the server takes it for the user who asked.
fn token(app: &App, options: TokenOptions) -> Call<Result<String>> {
    let (client, browser) = (app.client.clone(), app.browser().clone());
    Call::start(&app.page, async move {
        let asker = client.session();
        let token = client.get_access_token(options).await?;
        let (server, now) = (browser.server.borrow(), browser.seconds());
        let text = match server.user_of(token.secret(), now) {
            None => "a token that has ended",
            user if user == asker.as_ref().and_then(|asker| asker.subject()) => "ok",
            Some(_) => "a token of another user",
        };
        Ok(text.to_owned())
    })
}

fn sign_out(app: &App, options: SignOutOptions) -> Call<Result<String>> {
    let client = app.client.clone();
    said(app, async move { client.sign_out(options).await }, ok)
}

fn fetch(app: &App, needs: &str, on_missing: OnMissing) -> Call<Result<String>> {
    let request = FakeCall::new(&app.page, "https://app.example/api", needs);
    let (client, options) = (app.client.clone(), FetchOptions::default().with_on_missing(on_missing));
    let call = async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await.map_err(|error| match error {
            FetchError::Client(error) => error,
            FetchError::NotAnswered => Error::Network(None),
        })
    };
    said(app, call, |response| response.status.to_string())
}
