//! Two operations at once, in one tab or in two, in every order of their steps that a few preemptions make.

use std::rc::Rc;

use scopewise::core::error::Result;

use super::invariants::{Findings, View, Watch, pending};
use super::operations::{FEW, Operation, Setting, is_at_length};
use crate::app::App;
use crate::host::{Browser, Preemption, Schedule};
use crate::server::ORIGIN;

use Operation::*;

/// What happens at once, and more than the one thing is of interest.
const PAIRS: [(Operation, Operation); 22] = [
    (ForcedToken, LocalSignOut),
    (ForcedToken, SignOut),
    (ExpiredToken, ExpiredToken),
    (ExpiredToken, ForcedToken),
    (UpgradeCallback, ForcedToken),
    (UpgradeCallback, UpgradeCallback),
    (UpgradeCallback, LocalSignOut),
    (UpgradeCallback, SignOut),
    (UpgradeCallback, Upgrade),
    (SignInCallback, SignInCallback),
    (SignInCallback, LocalSignOut),
    (DenialCallback, DenialCallback),
    (DenialCallback, LocalSignOut),
    (Upgrade, LocalSignOut),
    (Upgrade, SignOut),
    (Upgrade, ForcedToken),
    (SignInOfAnother, ForcedToken),
    (SignInOfAnother, UserInfo),
    (SignInOfAnother, Upgrade),
    (ForgettingSignOut, Upgrade),
    (DeniedUpgrade, DeniedUpgrade),
    (FetchWithPopup, SignOut),
];

/// Two tabs, or one in which both calls are made.
struct Stage {
    browser: Rc<Browser>,
    apps: [App; 2],
    watches: [Watch; 2],
    before: View,
}

impl Stage {
    fn new((first, second): (Operation, Operation), setting: Setting, is_apart: bool) -> Stage {
        let browser = setting.browser();
        let app = first.stage(setting, &browser);
        let other = if !is_apart {
            app.clone()
        } else if first.is_callback() && first == second {
            // The user has duplicated the tab.
            App::open(
                browser.load(app.page.tab.copy(), &app.page.address.borrow()),
                app.kind,
                app.options(),
            )
        } else {
            setting.open(&browser)
        };
        browser.run_now();
        second.decide(&browser);
        let later = browser.server.borrow().decisions.clone();
        first.decide(&browser);
        browser.server.borrow_mut().decisions.extend(later);
        Stage {
            watches: [Watch::begin(&app.client), Watch::begin(&other.client)],
            before: View::of(&app.client),
            apps: [app, other],
            browser,
        }
    }
}

/// Every schedule with one preemption at the most, or with two, one after another.
fn explore(mut play: impl FnMut(&[Preemption]) -> Vec<usize>) {
    let most = if is_at_length() { 2 } else { 1 };
    let mut unplayed: Vec<Vec<Preemption>> = vec![Vec::new()];
    while let Some(preemptions) = unplayed.pop() {
        let choices = play(&preemptions);
        if preemptions.len() < most {
            let first = preemptions.last().map_or(0, |(step, _)| step + 1);
            let later = choices.iter().enumerate().skip(first);
            let others = later.flat_map(|(step, ready)| (1..*ready).map(move |other| (step, other)));
            unplayed.extend(others.map(|other| [&*preemptions, &[other]].concat()));
        }
    }
}

/// Where two operations are asked for, and which of them first.
#[derive(Clone, Copy, Debug)]
struct Meeting {
    setting: Setting,
    is_apart: bool,
    second_is_first: bool,
}

fn explore_pair(findings: &mut Findings, pair: (Operation, Operation), meeting: Meeting) {
    explore(|preemptions| {
        let mut choices = Vec::new();
        findings.at(format!("{pair:?} {meeting:?} {preemptions:?}"), |findings| {
            let stage = Stage::new(pair, meeting.setting, meeting.is_apart);
            let schedule = Rc::new(Schedule::new(preemptions));
            stage.browser.schedule.replace(Some(schedule.clone()));
            let early = meeting.second_is_first.then(|| pair.1.start(&stage.apps[1]));
            let first = pair.0.start(&stage.apps[0]);
            let second = early.unwrap_or_else(|| pair.1.start(&stage.apps[1]));
            stage.browser.run();
            choices = schedule.choices();
            stage.browser.schedule.take();
            check_pair(findings, &stage, pair, &[first.take(), second.take()]);
            stage.browser.close();
        });
        choices
    });
}

fn check_pair(
    findings: &mut Findings,
    stage: &Stage,
    pair: (Operation, Operation),
    said: &[Option<Result<String>>; 2],
) {
    let [app, other] = &stage.apps;
    let is_apart = app.page.id != other.page.id;
    for said in said {
        let is_wrong = said.iter().flatten().any(|text| text.starts_with("a token"));
        findings.check(!is_wrong, || format!("{said:?}"));
        findings.check(said.is_some(), || "does not end".to_owned());
        said.iter().for_each(|said| findings.check_code(said));
    }
    findings.check_traffic(app);
    findings.check_reuses(app, 0);
    stage.watches.iter().for_each(|watch| findings.check_heard(watch));
    let (after, both) = (View::of(&app.client), [pair.0, pair.1]);
    let others = View::of(&other.client);
    findings.check(after == others, || format!("{after:?} and {others:?} after {said:?}"));
    let has = |operation: Operation| both.contains(&operation);
    // Who signs in elsewhere, where nobody was signed in, is signed in.
    let may_stay = is_apart && has(SignInCallback);
    if both.iter().any(|operation| operation.ends_session()) {
        findings.check(may_stay || !after.is_signed_in, || {
            format!("still signed in after {said:?}")
        });
    } else if !has(SignInOfAnother) && stage.before.is_signed_in {
        findings.check(after.keeps(&stage.before), || {
            format!("{:?} became {after:?} after {said:?}", stage.before)
        });
        let is_granted = said.iter().flatten().any(|said| said.as_deref() == Ok("granted"));
        let has_write = after.granted.iter().any(|scope| scope == "write");
        findings.check(!is_granted || has_write, || {
            format!("granted, and lost: {after:?} after {said:?}")
        });
    }
    if pair.0 == pair.1 && pair.0.is_callback() {
        let codes = said.each_ref().map(|said| match said {
            Some(Err(error)) => error.code().to_owned(),
            Some(Ok(text)) => text.clone(),
            None => String::new(),
        });
        // Where tabs have requests of their own, a copy of a tab knows only that the other has the answer.
        let is_copys = is_apart && codes.iter().any(|code| code == "callback_consumed");
        findings.check(codes[0] == codes[1] || is_copys, || {
            format!("the same response came to {said:?}")
        });
    }
    check_later(findings, app, &after);
}

/// Whoever opens the application next has the same session, with a token that the server takes.
fn check_later(findings: &mut Findings, app: &App, expected: &View) {
    let browser = app.browser();
    let next = app.reload(ORIGIN);
    browser.run_now();
    let found = View::of(&next.client);
    findings.check(found == *expected, || format!("{expected:?} reloads as {found:?}"));
    if expected.is_signed_in {
        let said = CachedToken.start(&next).wait(browser);
        findings.check(said.as_deref() == Ok("ok"), || format!("the token is {said:?}"));
    }
}

/// A client is closed while an operation is under way.
fn explore_close(findings: &mut Findings, operation: Operation, setting: Setting) {
    explore(|preemptions| {
        let mut choices = Vec::new();
        let place = format!("{operation:?} {setting:?} is closed {preemptions:?}");
        findings.at(place, |findings| {
            let browser = setting.browser();
            let app = operation.stage(setting, &browser);
            let before = View::of(&app.client);
            let schedule = Rc::new(Schedule::new(preemptions));
            browser.schedule.replace(Some(schedule.clone()));
            let call = operation.start(&app);
            let client = app.client.clone();
            app.page.start(async move { client.close() });
            browser.run();
            choices = schedule.choices();
            browser.schedule.take();
            check_closed(findings, operation, &app, &before, call.take());
            browser.close();
        });
        choices
    });
}

fn check_closed(findings: &mut Findings, operation: Operation, app: &App, before: &View, said: Option<Result<String>>) {
    let is_left = operation.leaves_page() && app.page.left_for.borrow().is_some();
    findings.check(said.is_some() || is_left, || "does not end".to_owned());
    said.iter().for_each(|said| findings.check_code(said));
    findings.check_traffic(app);
    findings.check_reuses(app, 0);
    if said.is_some() && !operation.is_callback() {
        findings.check(pending(app).is_empty(), || format!("still waits after {said:?}"));
    }
    let next = app.reload(ORIGIN);
    app.browser().run_now();
    let after = View::of(&next.client);
    let may_change = operation.ends_session() || operation == SignInOfAnother || !before.is_signed_in;
    findings.check(may_change || after.keeps(before), || {
        format!("{before:?} became {after:?}")
    });
    if after.is_signed_in {
        let token = ForcedToken.start(&next).wait(app.browser());
        findings.check(token.as_deref() == Ok("ok"), || format!("the token is {token:?}"));
    }
}

#[test]
fn two_operations_may_meet_at_any_await() {
    let mut findings = Findings::default();
    for setting in FEW.into_iter().filter(|setting| !setting.has_all || is_at_length()) {
        let has_other_tabs = !setting.kind.has_session_for_each_tab();
        for is_apart in [false, true] {
            if is_apart != has_other_tabs && !(has_other_tabs && is_at_length()) {
                continue;
            }
            for (pair, second_is_first) in PAIRS.into_iter().flat_map(|pair| [(pair, false), (pair, true)]) {
                let meeting = Meeting {
                    setting,
                    is_apart,
                    second_is_first,
                };
                explore_pair(&mut findings, pair, meeting);
            }
        }
    }
    findings.end();
}

#[test]
fn a_client_may_be_closed_at_any_await() {
    let mut findings = Findings::default();
    let settings = Setting::all().into_iter();
    for setting in settings.filter(|setting| setting.has_all && setting.kind.outlives_pages()) {
        for operation in Operation::ALL {
            explore_close(&mut findings, operation, setting);
        }
    }
    findings.end();
}
