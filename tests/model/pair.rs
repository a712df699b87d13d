//! The client in its tabs and the model beside it: both take the same events, and must say the same after each.

use std::collections::BTreeMap;
use std::rc::Rc;

use scopewise::core::scope::Scope;
use scopewise::core::session::Session;
use scopewise::core::target::Target;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;

use super::application::{Application, read, scopes};
use super::events::{Answer, Back, Event, Front, Said, Set};
use super::expected::Model;
use crate::host::{Browser, NOW};

/// What differs, if anything.
pub(crate) type Checked<T = ()> = Result<T, String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, client: T, model: T) -> Checked {
    if client == model {
        return Ok(());
    }
    Err(format!("{what}: the client has {client:?}, the model {model:?}"))
}

/// Where a sequence is played.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) targets: Rc<Vec<Target>>,
    pub(crate) kind: StorageKind,
    pub(crate) tabs: usize,
    /// Tokens are bound to a key.
    pub(crate) is_bound: bool,
    pub(crate) seed: u64,
}

/// The client in its tabs, and the model.
pub(crate) struct Pair {
    application: Application,
    model: Model,
    /// The ids of the sessions that the model numbers.
    ids: BTreeMap<usize, String>,
}

impl Pair {
    pub(crate) fn new(site: &Site) -> Pair {
        Pair {
            application: Application::new(site),
            model: Model::new((NOW / 1000.0) as i64),
            ids: BTreeMap::new(),
        }
    }

    /// What the tabs are tabs of: it lives until it is closed.
    pub(crate) fn browser(&self) -> Rc<Browser> {
        self.application.browser.clone()
    }

    /// One event for both. A name for what it came to.
    pub(crate) fn step(&mut self, event: &Event) -> Checked<String> {
        let (before, now) = (self.application.session(), self.application.now());
        let text = self.application.stored();
        let expected = self.model.take(event);
        let said = self.application.take(event);
        same("what it comes to", &said, &expected)?;

        let may_change = match event {
            Event::SignOut => true,
            Event::Answer(Answer { front, back, .. }) => {
                matches!((front, back, &said), (Front::Code, Back::Tokens(_), Said::Came(_)))
            }
            _ => false,
        };
        let after = self.application.session();
        let is_changed = self.application.stored() != text;
        if is_changed && !may_change {
            // Not a byte of it, but for the note of a no, which takes nothing from those before.
            let (was, is) = (parts(before.as_deref()), parts(after.as_deref()));
            same("the session", &is.0, &was.0)?;
            let is_note = matches!((event, &said), (Event::Answer(_), Said::Came(_)));
            if !is_note || !was.1.iter().all(|denied| is.1.contains(denied)) {
                return Err(format!("denied: there were {:?}, and are {:?}", was.1, is.1));
            }
        }
        // What the checks say depends on these only, and a status not on the time.
        if is_changed || may_change || now != self.application.now() {
            self.compare(after.as_deref())?;
        }
        if is_changed || may_change {
            self.statuses()?;
        }
        Ok(match said {
            Said::Came(outcome) => format!("{} {}", outcome.kind, outcome.verdict),
            Said::Failed(code) => code,
            Said::Sent(_) => "sent".to_owned(),
            Said::Nothing => "nothing".to_owned(),
        })
    }

    /// Every scope's status for every target.
    fn statuses(&self) -> Checked {
        let client = &self.application.tab().client;
        for (index, target) in self.application.targets.iter().enumerate() {
            for (scope, name) in Set::ALL.each() {
                let status = client.scope_status(&Scope::parse(name).unwrap(), Some(target)).unwrap();
                let expected = self.model.status(index, scope);
                same(
                    &format!("scopeStatus {name} of target {index}"),
                    status.as_str(),
                    expected,
                )?;
            }
        }
        Ok(())
    }

    /// Every check of what is there, for every scope and target.
    fn compare(&mut self, session: Option<&Session>) -> Checked {
        let expected = self.model.session.as_ref();
        let user = session.map(Session::subject);
        same("the user", user, expected.map(|session| session.user))?;
        if let Some((session, expected)) = session.zip(expected) {
            let id = self
                .ids
                .entry(expected.number)
                .or_insert_with(|| session.id().to_owned());
            same("the session's id", session.id(), id)?;
            let others = self.ids.values().filter(|id| *id == session.id());
            same("sessions with this id", others.count(), 1)?;
        }
        let grants = expected.map_or(0, |session| session.grants.len());
        same("grants", session.map_or(0, |session| session.grants().len()), grants)?;
        let targets = self.application.targets.clone();
        let mut targets = targets.iter().enumerate();
        targets.try_for_each(|(index, target)| self.compare_target(session, index, target))
    }

    fn compare_target(&self, session: Option<&Session>, index: usize, target: &Target) -> Checked {
        let client = &self.application.tab().client;
        let of = |what: &str| format!("{what} of target {index}");
        let has = |name: &str| {
            let scope = scopes(Set::of(name));
            client.has_scope(&scope, Some(target)).unwrap()
        };
        let held = Set::ALL.each().filter(|(_, name)| has(name));
        let held = held.fold(Set(0), |set, (scope, _)| set.or(scope));
        same(&of("hasScope"), held, self.model.held(index))?;
        let missing = client.missing_scopes(&scopes(Set::ALL), Some(target)).unwrap();
        same(&of("missingScopes"), read(&missing), Set::ALL.without(held))?;
        let grant = session.and_then(|session| session.grant(target));
        let (Some(grant), Some(expected)) = (grant, self.model.grant(index)) else {
            return same(&of("grant"), grant.is_some(), self.model.grant(index).is_some());
        };
        same(&of("requested"), read(grant.requested()), expected.requested)?;
        same(&of("granted"), read(grant.granted()), expected.granted)?;
        same(&of("assumed"), read(grant.assumed()), expected.assumed)?;
        let denied = expected.requested.without(expected.granted);
        same(&of("denied"), read(&grant.denied()), denied)?;
        same(&of("expiry"), grant.expires_at(), expected.until)?;
        let token = format!("s3cr3t-{}", expected.token);
        same(&of("token"), grant.access_token().secret(), &token)
    }
}

/// A session's record without what was denied in it, and that: target and scope, one by one.
fn parts(session: Option<&Session>) -> (String, Vec<String>) {
    let mut record = session.map_or(Value::Null, Session::to_value);
    let mut denied = Vec::new();
    if let Value::Object(members) = &mut record {
        let place = members.iter().position(|(name, _)| name == "denied").unwrap();
        let (_, entries) = members.remove(place);
        let entries = serde_json::to_value(&entries).unwrap();
        for entry in entries.as_array().unwrap() {
            let scopes = entry["scopes"].as_array().unwrap().iter();
            denied.extend(scopes.map(|scope| format!("{} {scope}", entry["target"])));
        }
    }
    (serde_json::to_string(&record).unwrap(), denied)
}
