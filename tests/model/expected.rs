//! What must come of events: the contract in plain sets, written without a look at how the core does it.

use std::collections::{BTreeMap, BTreeSet};

use super::events::{Answer, Ask, Back, Event, Front, Id, Outcome, Said, Set, Tokens, Way};

/// How long an answer may take, seconds.
const PATIENCE: i64 = 3600;
/// How long an answer that comes later is known as such, seconds.
const MEMORY: i64 = 86_400;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) requested: Set,
    pub(crate) granted: Set,
    /// Of the granted ones, those that the server did not name.
    pub(crate) assumed: Set,
    pub(crate) until: Option<i64>,
    /// There is another token when it is needed.
    pub(crate) renewable: bool,
    /// Number of the token.
    pub(crate) token: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) number: usize,
    pub(crate) user: Option<&'static str>,
    /// By target.
    pub(crate) grants: BTreeMap<usize, Grant>,
    /// What was asked for and not given, by target.
    refused: BTreeMap<usize, Set>,
}

impl Session {
    fn note(&mut self, target: usize, refused: Set) {
        let known = self.refused.entry(target).or_default();
        *known = known.or(refused);
    }
}

#[derive(Clone, Debug)]
enum Stage {
    Waiting,
    /// The code is used, and nobody knows what came of it.
    Sent,
    /// What it came to, in which session.
    Over(Option<(usize, Outcome)>),
}

#[derive(Clone, Debug)]
struct Request {
    ask: Ask,
    sent: Set,
    wanted: Set,
    user: Option<&'static str>,
    /// The session that asked, and its user.
    asker: Option<(usize, Option<&'static str>)>,
    since: i64,
    stage: Stage,
}

impl Request {
    fn is_expired(&self, now: i64) -> bool {
        (now - self.since).abs() > PATIENCE
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) session: Option<Session>,
    requests: BTreeMap<usize, Request>,
    /// Labels of requests that were forgotten.
    gone: BTreeSet<usize>,
    tokens: usize,
    sessions: usize,
}

fn failed(code: &str) -> Said {
    Said::Failed(code.to_owned())
}

impl Model {
    pub(crate) fn new(now: i64) -> Model {
        Model {
            now,
            session: None,
            requests: BTreeMap::new(),
            gone: BTreeSet::new(),
            tokens: 0,
            sessions: 0,
        }
    }

    /// The scopes that count at this moment.
    pub(crate) fn held(&self, target: usize) -> Set {
        let live = self.live_grant(target);
        live.map(|grant| grant.granted).unwrap_or_default()
    }

    fn live_grant(&self, target: usize) -> Option<&Grant> {
        let grant = self.grant(target);
        grant.filter(|grant| grant.renewable || grant.until.is_none_or(|end| self.now < end))
    }

    pub(crate) fn grant(&self, target: usize) -> Option<&Grant> {
        self.session.as_ref()?.grants.get(&target)
    }

    pub(crate) fn status(&self, target: usize, scope: Set) -> &'static str {
        let is_in = |set: Set| !set.and(scope).is_empty();
        let grant = self.grant(target);
        let refused = self.session.as_ref().and_then(|session| session.refused.get(&target));
        match grant {
            Some(grant) if is_in(grant.assumed) => "assumed",
            Some(grant) if is_in(grant.granted) => "granted",
            Some(grant) if is_in(grant.requested) => "denied",
            _ if refused.is_some_and(|refused| is_in(*refused)) => "denied",
            _ => "not-requested",
        }
    }

    pub(crate) fn take(&mut self, event: &Event) -> Said {
        match event {
            Event::Wait(seconds) => self.now += seconds,
            Event::SignOut => self.sign_out(),
            Event::Reload => {}
            Event::Ask(ask) => return self.ask(*ask),
            Event::Answer(answer) => return self.answer(answer),
        }
        Said::Nothing
    }

    /// What was under way comes back to nobody. What is over stays known.
    fn sign_out(&mut self) {
        self.session = None;
        self.forget(|request, _| !matches!(request.stage, Stage::Over(_)));
    }

    fn forget(&mut self, is_over: impl Fn(&Request, i64) -> bool) {
        let now = self.now;
        let over = self.requests.iter().filter(|(_, request)| is_over(request, now));
        self.gone.extend(over.map(|(label, _)| *label));
    }

    fn ask(&mut self, ask: Ask) -> Said {
        let user = self.session.as_ref().and_then(|session| session.user);
        let mut request = Request {
            ask,
            sent: ask.scope,
            wanted: ask.scope,
            user: user.filter(|_| ask.way != Way::SignIn),
            asker: self.session.as_ref().map(|session| (session.number, session.user)),
            since: self.now,
            stage: Stage::Waiting,
        };
        if ask.way == Way::Upgrade {
            if self.session.is_none() {
                return failed("not_signed_in");
            }
            // A token that is not there may be for no scope.
            let asks_anyway = ask.strong || self.live_grant(ask.target).is_none();
            if ask.scope.is_empty() && !asks_anyway {
                return failed("invalid_scope_syntax");
            }
            let entry = self.grant(ask.target).map(|grant| grant.granted).unwrap_or_default();
            request.wanted = ask.scope.without(self.held(ask.target));
            if request.wanted.is_empty() && !asks_anyway {
                return Said::Came(Outcome {
                    kind: "upgrade",
                    verdict: "granted",
                    requested: ask.scope,
                    granted: entry,
                    missing: Set(0),
                });
            }
            request.sent = ask.scope.or(entry);
            if user.is_some() {
                request.sent = request.sent.or(Set::of("openid"));
            }
        }
        let sent = request.sent;
        self.requests.insert(ask.label, request);
        // Those that are too old make room for it.
        self.forget(|request, now| (now - request.since).abs() > MEMORY);
        Said::Sent(sent)
    }

    fn answer(&mut self, answer: &Answer) -> Said {
        let label = answer.label;
        if self.gone.contains(&label) {
            return failed("transaction_missing");
        }
        let Some(request) = self.requests.get(&label).cloned() else {
            return Said::Nothing;
        };
        if matches!(request.stage, Stage::Waiting) && request.is_expired(self.now) {
            self.gone.insert(label);
            return failed("transaction_expired");
        }
        let is_upgrade = request.ask.way == Way::Upgrade;
        let (said, stage) = match (&request.stage, answer.front) {
            (Stage::Sent, _) => return failed("token_response_lost"),
            (Stage::Over(came_to), _) => {
                let number = self.session.as_ref().map(|session| session.number);
                return match came_to {
                    Some((session, outcome)) if Some(*session) == number => Said::Came(outcome.clone()),
                    _ => failed("callback_consumed"),
                };
            }
            (_, Front::Forged) => return failed("issuer_mismatch"),
            (_, Front::ServerError) => (failed("server_error"), Stage::Over(None)),
            (_, Front::Denied) if !is_upgrade => (failed("access_denied"), Stage::Over(None)),
            (_, Front::Denied) => self.refuse(&request),
            (_, Front::Code) => match answer.back {
                Back::NotSent => return failed("network"),
                Back::PageDies => (Said::Nothing, Stage::Sent),
                Back::Lost => (failed("token_response_lost"), Stage::Over(None)),
                Back::InvalidGrant => (failed("invalid_grant"), Stage::Over(None)),
                Back::Tokens(tokens) => self.trade(&request, &tokens),
            },
        };
        self.requests.insert(label, Request { stage, ..request });
        said
    }

    /// The user says no to an upgrade: nothing changes but what is known of that.
    fn refuse(&mut self, request: &Request) -> (Said, Stage) {
        if self.is_for_nobody(request) {
            return (failed("transaction_missing"), Stage::Over(None));
        }
        let there = self.session.as_ref().and_then(|session| session.user);
        if request.user.zip(there).is_some_and(|(asked, there)| asked != there) {
            return (failed("subject_mismatch"), Stage::Over(None));
        }
        let target = request.ask.target;
        let entry = self.grant(target).map(|grant| grant.granted).unwrap_or_default();
        let mut outcome = outcome(request, entry, Set(0));
        if request.wanted.is_empty() {
            outcome.verdict = "denied";
        }
        let mut came_to = None;
        if let Some(session) = &mut self.session {
            session.note(target, outcome.missing);
            came_to = Some((session.number, outcome.clone()));
        }
        (Said::Came(outcome), Stage::Over(came_to))
    }

    /// The answer of a frame is for the session that asked, or for its user. So is that of an upgrade where
    /// nobody is named.
    fn is_for_nobody(&self, request: &Request) -> bool {
        let Some((number, user)) = request.asker else {
            return false;
        };
        let there = self.session.as_ref();
        let is_same = |session: &Session| session.number == number || user.is_some() && session.user == user;
        let is_another = !there.is_some_and(is_same);
        match request.ask.way {
            Way::SignIn => false,
            Way::Silent => is_another,
            Way::Upgrade => is_another && there.is_some_and(|session| session.user.is_none()),
        }
    }

    fn trade(&mut self, request: &Request, tokens: &Tokens) -> (Said, Stage) {
        self.tokens += 1;
        self.sessions += 1;
        let is_upgrade = request.ask.way == Way::Upgrade;
        let listed = tokens.scope.of(request.sent);
        let over = |code| (failed(code), Stage::Over(None));
        if self.is_for_nobody(request) {
            return over("transaction_missing");
        }

        let openid = Set::of("openid");
        let is_promised = !request.sent.and(openid).is_empty() && listed.is_none_or(|set| !set.and(openid).is_empty());
        let user = match tokens.id {
            Id::Bad(_) => return over("id_token_invalid"),
            Id::None if is_promised => return over("id_token_invalid"),
            Id::None => None,
            Id::Of(user) => Some(user),
        };
        if is_upgrade && request.ask.strong && !(user.is_some() && tokens.strong) {
            return over("insufficient_user_authentication");
        }
        let before = self.session.take();
        // Who asked, and who is there now: what adds to a session is for both.
        let is_there = before.as_ref().is_some_and(|session| session.user.is_some());
        let adds = is_upgrade || request.user.is_some() || request.ask.way == Way::Silent && is_there;
        let there = before.as_ref().and_then(|session| session.user).filter(|_| adds);
        for known in [request.user, there].into_iter().flatten() {
            if user != Some(known) {
                self.session = before;
                return over(if user.is_none() {
                    "id_token_invalid"
                } else {
                    "subject_mismatch"
                });
            }
        }

        let (granted, assumed) = grant(request.sent, listed, user.is_some(), tokens.refresh);
        let lost = lost(before.as_ref(), request, granted);
        let mut session = before.filter(|_| adds).unwrap_or(Session {
            number: self.sessions,
            user: None,
            grants: BTreeMap::new(),
            refused: BTreeMap::new(),
        });
        session.user = user;
        session.grants.insert(
            request.ask.target,
            Grant {
                requested: request.sent,
                granted,
                assumed,
                until: tokens.lifetime.map(|seconds| self.now + seconds),
                renewable: tokens.refresh,
                token: self.tokens,
            },
        );
        // The latest answer counts.
        let before = session.refused.entry(request.ask.target).or_default();
        *before = before.without(request.sent);
        session.note(request.ask.target, request.sent.without(granted));
        let outcome = outcome(request, granted, lost);
        let over = Stage::Over(Some((session.number, outcome.clone())));
        self.session = Some(session);
        (Said::Came(outcome), over)
    }
}

/// What an answer grants, and what of it the server did not say.
fn grant(requested: Set, listed: Option<Set>, has_id_token: bool, has_refresh_token: bool) -> (Set, Set) {
    // Without a word it is as requested.
    let mut granted = listed.unwrap_or(requested);
    // A list of the API's scopes says nothing of the user's, where there is one.
    let shy = Set::of("openid profile email");
    if (has_id_token || listed.is_none()) && granted.and(shy).is_empty() && !granted.is_empty() {
        granted = granted.or(requested.and(shy));
    }
    // What can be seen is not a matter of lists.
    for (scope, is_there) in [
        (Set::of("openid"), has_id_token),
        (Set::of("offline_access"), has_refresh_token),
    ] {
        granted = if is_there {
            granted.or(requested.and(scope))
        } else {
            granted.without(scope)
        };
    }
    (granted, granted.without(listed.unwrap_or_default()))
}

/// What another upgrade got meanwhile, and this one takes away.
fn lost(before: Option<&Session>, request: &Request, granted: Set) -> Set {
    let before = before.filter(|_| request.ask.way == Way::Upgrade);
    let held = before.and_then(|before| before.grants.get(&request.ask.target));
    held.map_or(Set(0), |held| held.granted.without(granted))
}

fn outcome(request: &Request, granted: Set, lost: Set) -> Outcome {
    let missing = request.sent.without(granted).or(lost);
    let came = request.wanted.and(granted);
    Outcome {
        kind: if request.ask.way == Way::Upgrade {
            "upgrade"
        } else {
            "sign-in"
        },
        verdict: if missing.is_empty() {
            "granted"
        } else if came.is_empty() && !request.wanted.is_empty() {
            "denied"
        } else {
            "partial"
        },
        requested: request.sent,
        granted,
        missing,
    }
}
