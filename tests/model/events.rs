//! What can happen to a client and come of it, and random sequences of that. Nothing here knows the core.

use crate::random::Random;

/// Scopes: some that servers rarely list, one that differs in case only, one that others are a part of.
pub(crate) const SCOPES: [&str; 8] = [
    "openid",
    "profile",
    "email",
    "offline_access",
    "read",
    "Read",
    "write",
    "readwrite",
];

/// What the tokens are for, as options. The first is the client's own.
pub(crate) const TARGETS: [&[(&str, &str)]; 3] = [
    &[],
    &[("audience", "https://a.example")],
    &[("audience", "https://a.example"), ("resource", "https://b.example")],
];

/// A set of these scopes, a bit for each.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Set(pub(crate) u8);

impl Set {
    pub(crate) const ALL: Set = Set(0xff);

    pub(crate) fn of(names: &str) -> Set {
        names.split(' ').fold(Set(0), |set, name| {
            let bit = SCOPES.iter().position(|scope| *scope == name);
            set.or(Set(bit.map_or(0, |bit| 1 << bit)))
        })
    }

    pub(crate) fn or(self, other: Set) -> Set {
        Set(self.0 | other.0)
    }

    pub(crate) fn and(self, other: Set) -> Set {
        Set(self.0 & other.0)
    }

    pub(crate) fn without(self, other: Set) -> Set {
        Set(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each scope alone, with its name.
    pub(crate) fn each(self) -> impl Iterator<Item = (Set, &'static str)> {
        let bits = SCOPES.iter().enumerate().map(|(index, name)| (Set(1 << index), *name));
        bits.filter(move |(bit, _)| !self.and(*bit).is_empty())
    }

    pub(crate) fn text(self) -> String {
        self.each().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{{}}}", self.text())
    }
}

/// What an event comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    /// The user is on the way, to be asked for these.
    Sent(Set),
    Came(Outcome),
    /// With this code.
    Failed(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) kind: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) requested: Set,
    pub(crate) granted: Set,
    pub(crate) missing: Set,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// The application asks.
    Ask(Ask),
    /// An answer comes to one of its requests: the first, or once more.
    Answer(Answer),
    /// Time passes, or the clock is set back.
    Wait(i64),
    /// The page is left, and loaded again.
    Reload,
    SignOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    SignIn,
    Silent,
    Upgrade,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    /// For the answers to name it by.
    pub(crate) label: usize,
    pub(crate) way: Way,
    pub(crate) scope: Set,
    /// Index of a target.
    pub(crate) target: usize,
    /// With a demand for a strong authentication.
    pub(crate) strong: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) label: usize,
    pub(crate) front: Front,
    pub(crate) back: Back,
}

/// What the redirect brings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Front {
    Code,
    Denied,
    ServerError,
    /// In the name of another issuer.
    Forged,
}

/// What comes of the token request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Back {
    Tokens(Tokens),
    NotSent,
    Lost,
    InvalidGrant,
    /// The page is gone before the answer is there.
    PageDies,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens {
    pub(crate) scope: Listed,
    pub(crate) id: Id,
    pub(crate) strong: bool,
    pub(crate) refresh: bool,
    pub(crate) lifetime: Option<i64>,
}

/// The `scope` member.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Listed {
    Absent,
    /// Of the requested ones those to keep, and others. Twice, backwards and with a token that is none, where it is
    /// untidy.
    These {
        keep: Set,
        extra: Set,
        untidy: bool,
    },
}

impl Listed {
    pub(crate) fn of(self, requested: Set) -> Option<Set> {
        match self {
            Listed::Absent => None,
            Listed::These { keep, extra, .. } => Some(requested.and(keep).or(extra)),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Id {
    None,
    Of(&'static str),
    Bad(Flaw),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Flaw {
    Nonce,
    Audience,
    Issuer,
    Expired,
    NoSubject,
    NoToken,
}

/// Where the choices of a sequence come from.
pub(crate) trait Choices {
    fn next(&mut self) -> u64;

    /// Below the bound.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

impl Choices for Random {
    fn next(&mut self) -> u64 {
        Random::next(self)
    }
}

fn one_in(random: &mut dyn Choices, n: usize) -> bool {
    random.below(n) == 0
}

fn of<T: Copy>(random: &mut dyn Choices, items: &[T]) -> T {
    items[random.below(items.len())]
}

fn some(random: &mut dyn Choices) -> Set {
    // Two draws with all their bits: dense, even or sparse.
    let (a, b) = ((random.next() >> 20) as u8, (random.next() >> 20) as u8);
    Set(match random.below(3) {
        0 => a | b,
        1 => a,
        _ => a & b,
    })
}

fn ask(random: &mut dyn Choices, label: usize, way: Way) -> Event {
    let mut scope = some(random);
    if way != Way::Upgrade && !one_in(random, 4) {
        scope = scope.or(Set::of("openid"));
    }
    let target = if one_in(random, 2) {
        0
    } else {
        random.below(TARGETS.len())
    };
    Event::Ask(Ask {
        label,
        way,
        scope,
        target,
        strong: one_in(random, 8),
    })
}

fn tokens(random: &mut dyn Choices) -> Tokens {
    let these = |keep, extra, untidy| Listed::These { keep, extra, untidy };
    let (keep, extra, untidy) = (some(random), some(random).and(some(random)), one_in(random, 4));
    let scope = match random.below(10) {
        0 | 1 => Listed::Absent,
        2 => these(Set(0), Set(0), untidy),
        3 => these(Set(0), extra, untidy),
        4 => these(Set::ALL, extra, untidy),
        5 | 6 => these(Set::ALL, Set(0), untidy),
        7 => these(keep, extra, untidy),
        _ => these(keep, Set(0), untidy),
    };
    let id = match random.below(12) {
        0 | 1 => Id::None,
        2 => Id::Bad(of(
            random,
            &[
                Flaw::Nonce,
                Flaw::Audience,
                Flaw::Issuer,
                Flaw::Expired,
                Flaw::NoSubject,
                Flaw::NoToken,
            ],
        )),
        3 => Id::Of(of(random, &["eve", "Ada", "ad"])),
        _ => Id::Of("ada"),
    };
    Tokens {
        scope,
        id,
        strong: one_in(random, 2),
        refresh: one_in(random, 2),
        lifetime: of(random, &[None, Some(0), Some(60), Some(3600), Some(86_400)]),
    }
}

fn answer(random: &mut dyn Choices, label: usize) -> Event {
    let front = match random.below(12) {
        0 | 1 => Front::Denied,
        2 => Front::ServerError,
        3 => Front::Forged,
        _ => Front::Code,
    };
    let back = match random.below(16) {
        0 => Back::NotSent,
        1 => Back::Lost,
        2 => Back::InvalidGrant,
        3 => Back::PageDies,
        _ => Back::Tokens(tokens(random)),
    };
    Event::Answer(Answer { label, front, back })
}

/// An answer as it should be, of this user.
fn answer_of(random: &mut dyn Choices, label: usize, user: &'static str) -> Event {
    let tokens = Tokens {
        id: Id::Of(user),
        ..tokens(random)
    };
    Event::Answer(Answer {
        label,
        front: Front::Code,
        back: Back::Tokens(tokens),
    })
}

/// A sequence in which answers come at once, late, twice, in another order or never.
pub(crate) fn sequence(random: &mut dyn Choices) -> Vec<Event> {
    let (mut events, mut label) = (Vec::new(), 0);
    if !one_in(random, 4) {
        // With somebody there, most events come to something.
        events.push(ask(random, 0, Way::SignIn));
        events.push(answer_of(random, 0, "ada"));
        label = 1;
    }
    // Mostly short ones, which find most; in long ones the session has a grant for every target.
    let length = if one_in(random, 12) { 16 } else { 2 + random.below(4) };
    while events.len() < length {
        match random.below(10) {
            0..5 => {
                let way = match random.below(8) {
                    0 => Way::SignIn,
                    1 => Way::Silent,
                    _ => Way::Upgrade,
                };
                events.push(ask(random, label, if label == 0 { Way::SignIn } else { way }));
                if !one_in(random, 4) {
                    events.push(answer(random, label));
                }
                label += 1;
            }
            5..7 if label > 0 => {
                let which = random.below(label);
                events.push(answer(random, which));
            }
            7 => events.push(Event::Wait(of(
                random,
                &[-3601, -60, 1, 59, 60, 61, 3540, 3600, 3601, 90_000],
            ))),
            8 if label > 0 && one_in(random, 4) => {
                // Too late, and later still.
                let which = random.below(label);
                events.push(Event::Wait(3601));
                events.push(answer(random, which));
                events.push(answer(random, which));
            }
            8 => events.push(Event::Reload),
            9 if label > 0 && one_in(random, 3) => {
                // Somebody else signs in before the answer to an upgrade is there.
                let (first, second, user) = (label, label + 1, of(random, &["ada", "eve"]));
                events.push(ask(random, first, Way::Upgrade));
                events.push(ask(random, second, Way::SignIn));
                events.push(answer_of(random, second, user));
                events.push(answer_of(random, first, "ada"));
                label += 2;
            }
            9 if one_in(random, 2) => events.push(Event::SignOut),
            _ => {}
        }
    }
    events
}
