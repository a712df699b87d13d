//! The real client in the tabs of a browser, to which the events of a sequence happen.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{Outcome as ClientOutcome, RequestKind};
use scopewise::core::config::ClientOptions;
use scopewise::core::error::{Error, Result};
use scopewise::core::scope::ScopeSet;
use scopewise::core::session::{Session, StoredSession};
use scopewise::core::target::Target;
use scopewise::host::{Json as _, StorageKind, Storages as _};

use super::answers::{self, Wire};
use super::events::{Answer, Ask, Back, Event, Front, Outcome, SCOPES, Said, Set, TARGETS, Way};
use super::pair::Site;
use crate::app::{App, known_options};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, Decision, ORIGIN, answer, query};

/// Every secret of the answers holds this text.
const MARK: &str = "s3cr3t";

/// Tabs with the client.
pub(crate) struct Application {
    pub(crate) browser: Rc<Browser>,
    pub(crate) targets: Rc<Vec<Target>>,
    is_bound: bool,
    tabs: Vec<App>,
    wires: BTreeMap<usize, Rc<Wire>>,
    /// Counts the token answers, whose tokens have this number.
    answers: Rc<Cell<usize>>,
}

pub(crate) fn targets() -> Rc<Vec<Target>> {
    let target = |options: &&[(&str, &str)]| {
        let values = |wanted| {
            let found = options.iter().filter(move |(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        Target::new(values("audience").next(), values("resource").collect()).unwrap()
    };
    Rc::new(TARGETS.iter().map(target).collect())
}

/// The scopes of a set, each once.
pub(crate) fn read(scopes: &ScopeSet) -> Set {
    scopes.iter().fold(Set(0), |set, name| {
        assert!(SCOPES.contains(&name), "{name:?} is none of the scopes");
        let scope = Set::of(name);
        assert!(set.and(scope).is_empty(), "twice in {scopes:?}");
        set.or(scope)
    })
}

pub(crate) fn scopes(set: Set) -> ScopeSet {
    ScopeSet::from_answer(set.each().map(|(_, name)| name))
}

impl Application {
    /// Tabs that share a session, or one tab where tabs have their own.
    pub(crate) fn new(site: &Site) -> Application {
        let browser = Browser::new(site.seed);
        let mut options: ClientOptions = known_options();
        options.dpop = site.is_bound;
        if let Some(metadata) = &mut options.metadata {
            metadata.sends_issuer = false;
        }
        let tabs = (0..site.tabs).map(|_| App::open(browser.open_tab(ORIGIN), site.kind, options.clone()));
        let tabs = tabs.collect();
        browser.run_now();
        Application {
            browser,
            targets: site.targets.clone(),
            is_bound: site.is_bound,
            tabs,
            wires: BTreeMap::new(),
            answers: Rc::default(),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.browser.seconds()
    }

    /// Any of the tabs.
    pub(crate) fn tab(&self) -> &App {
        &self.tabs[self.browser.below(self.tabs.len())]
    }

    /// What stands in storage.
    pub(crate) fn stored(&self) -> Option<String> {
        let app = &self.tabs[0];
        let key = app.session_key();
        match app.kind {
            StorageKind::IndexedDb => self.browser.indexed_db.borrow().get(&key).cloned(),
            kind => app.page.session_storage(kind, 0).get(&key),
        }
    }

    /// The session that every tab has, and storage too.
    pub(crate) fn session(&self) -> Option<Rc<Session>> {
        let session = self.tabs[0].session();
        for other in &self.tabs {
            assert!(other.session() == session, "tabs have the same session");
        }
        for grant in session.as_deref().map(Session::grants).unwrap_or_default() {
            assert_eq!(grant.access_token().key().is_some(), self.is_bound);
        }
        let stored = self.stored().map(|text| {
            let value = self.tabs[0].page.parse(&text);
            match StoredSession::from_value(value.as_ref()) {
                StoredSession::Sound(session) => session,
                _ => panic!("a session that was stored cannot be read"),
            }
        });
        assert!(stored.as_ref() == session.as_deref(), "storage has the session");
        session
    }

    pub(crate) fn take(&mut self, event: &Event) -> Said {
        let said = match event {
            Event::Wait(seconds) => {
                self.browser.clock.advance(*seconds as f64 * 1000.0);
                Ok(Said::Nothing)
            }
            Event::SignOut => self.sign_out().map(|()| Said::Nothing),
            Event::Reload => {
                let index = self.browser.below(self.tabs.len());
                self.tabs[index] = self.tabs[index].reload(ORIGIN);
                Ok(Said::Nothing)
            }
            Event::Ask(ask) => self.ask(ask),
            Event::Answer(answer) => self.answer(answer),
        };
        self.browser.run_now();
        self.browser.network.fates.borrow_mut().clear();
        assert!(self.browser.locks.names().is_empty(), "no lock is left");
        said.unwrap_or_else(|error| {
            assert_discreet(&error);
            Said::Failed(error.code().to_owned())
        })
    }

    fn sign_out(&mut self) -> Result<()> {
        let (index, is_local) = (self.browser.below(self.tabs.len()), self.browser.below(2) == 0);
        let app = &self.tabs[index];
        let result = app.sign_out(is_local).wait(&self.browser);
        if app.page.destination().is_some() {
            self.tabs[index] = app.reload(ORIGIN);
        }
        result
    }

    fn ask(&mut self, ask: &Ask) -> Result<Said> {
        let index = self.browser.below(self.tabs.len());
        let app = &self.tabs[index];
        let mode = match ask.way {
            Way::Silent => InteractionMode::Silent,
            _ => InteractionMode::Redirect,
        };
        let mut options = SignInOptions::new(mode);
        options.authorize.target = (ask.target > 0).then(|| self.targets[ask.target].clone());
        options.authorize.acr_values = ask.strong.then(|| "gold".to_owned());
        let scope = scopes(ask.scope);
        let call = if ask.way == Way::Upgrade {
            app.client.upgrade(scope, options)
        } else {
            options.authorize.scope = Some(scope);
            app.client.sign_in(options)
        };
        let call = Call::start(&app.page, call);
        self.browser.server.borrow_mut().decisions = [Decision::Wait].into();
        self.browser.run_now();
        let mut url = app.page.destination();
        if let Some(question) = app.page.frame_question.take() {
            // The page is gone before the frame has an answer.
            self.tabs[index] = app.reload(ORIGIN);
            url = Some(question);
        }
        match (call.take(), url) {
            (Some(result), None) => result.map(|outcome| Said::Came(came(&outcome))),
            (None, Some(url)) => Ok(Said::Sent(self.sent(ask, &url))),
            _ => panic!("the page is left, or there is an outcome"),
        }
    }

    /// What the server is asked for.
    fn sent(&mut self, ask: &Ask, url: &str) -> Set {
        let scope = query(url, "scope").unwrap_or_default();
        let scope = read(&ScopeSet::from_answer(scope.split(' ').filter(|name| !name.is_empty())));
        for name in ["audience", "resource"] {
            let asked = TARGETS[ask.target].iter().find(|(held, _)| *held == name);
            assert_eq!(query(url, name).as_deref(), asked.map(|(_, text)| *text));
        }
        let wire = Wire {
            state: query(url, "state").unwrap(),
            nonce: query(url, "nonce"),
            scope,
        };
        self.wires.insert(ask.label, Rc::new(wire));
        scope
    }

    /// The user comes back, to any tab where tabs share what is under way.
    fn answer(&mut self, answer: &Answer) -> Result<Said> {
        let Some(wire) = self.wires.get(&answer.label).cloned() else {
            return Ok(Said::Nothing);
        };
        let rest = match answer.front {
            Front::Code => "code=s3cr3t-code",
            Front::Denied => "error=access_denied&scope=write",
            Front::ServerError => "error=server_error",
            Front::Forged => "code=s3cr3t-code&iss=https%3A%2F%2Fevil.example",
        };
        let index = self.browser.below(self.tabs.len());
        let url = format!("{CALLBACK}?state={}&{rest}", wire.state);
        self.tabs[index] = self.tabs[index].reload(&url);
        self.browser.network.next(self.fate(answer, &wire));
        let app = &self.tabs[index];
        let call = app.handle();
        self.browser.run_now();
        match call.take() {
            Some(result) => result.map(|outcome| Said::Came(came(&outcome.unwrap()))),
            None => {
                assert!(matches!(answer.back, Back::PageDies));
                self.tabs[index] = app.reload(ORIGIN);
                Ok(Said::Nothing)
            }
        }
    }

    fn fate(&self, event: &Answer, wire: &Rc<Wire>) -> Fate {
        let (wire, now, answers) = (wire.clone(), self.now(), self.answers.clone());
        let token_type = if self.is_bound { "DPoP" } else { "Bearer" };
        match event.back {
            // The answer takes longer than the page is there.
            Back::PageDies => Fate::Timeout,
            Back::NotSent => Fate::NotSent,
            Back::Lost => Fate::LostRequest,
            Back::InvalidGrant => Fate::Scripted(Box::new(|_| {
                answer(400, serde_json::json!({ "error": "invalid_grant" }))
            })),
            Back::Tokens(tokens) => Fate::Scripted(Box::new(move |request| {
                assert_eq!(
                    request.proof.is_some(),
                    token_type == "DPoP",
                    "the code is proven, or it is not"
                );
                answers.set(answers.get() + 1);
                answers::tokens(&wire, &tokens, (token_type, answers.get()), now)
            })),
        }
    }
}

fn came(outcome: &ClientOutcome) -> Outcome {
    Outcome {
        kind: match outcome.kind {
            RequestKind::SignIn => "sign-in",
            RequestKind::Upgrade => "upgrade",
        },
        verdict: outcome.status.as_str(),
        requested: read(&outcome.requested),
        granted: read(&outcome.granted),
        missing: read(&outcome.missing),
    }
}

fn assert_discreet(error: &Error) {
    let text = format!("{error:?} {error}");
    assert!(!text.contains(MARK), "a secret leaked: {text}");
}
