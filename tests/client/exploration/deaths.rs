//! The page of each operation dies at each of its awaits, and another one goes on: the next in its tab, or another tab.

use std::result::Result;

use super::invariants::{Findings, View};
use super::operations::{Operation, Setting, is_at_length};
use crate::app::{App, code};
use crate::host::Call;
use crate::server::ORIGIN;
use scopewise::host::Page as _;

/// After that no failure puts off the next try any more, milliseconds.
const LATER: f64 = 130_000.0;

/// More steps or writes than an operation has.
const MOST: usize = 200;

/// When a page dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    /// After so many steps of the browser.
    AfterSteps(usize),
    /// With the write after so many others.
    AfterWrites(usize),
}

impl Death {
    /// Lets the browser go on until then. False where everything is done before.
    fn come(self, app: &App) -> bool {
        let browser = app.browser();
        let goes_on = || browser.step() || browser.clock.advance_to_timer();
        match self {
            Death::AfterSteps(steps) => (0..steps).all(|_| goes_on()),
            Death::AfterWrites(_) => {
                while !app.page.is_crashed.get() && goes_on() {}
                app.page.is_crashed.get()
            }
        }
    }
}

/// Who goes on after a page has died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Survivor {
    /// The next page in its tab, at the URL of the one that died.
    NextPage,
    /// Another tab, which was there before.
    OtherTab,
}

/// What a call comes to: an error by its code, nothing where the page is left.
type Said = Option<Result<String, String>>;

fn explore(findings: &mut Findings, operation: Operation, setting: Setting, survivor: Survivor) {
    let browser = setting.browser();
    let usual = came_to(operation, &operation.stage(setting, &browser));
    browser.close();
    for death in [Death::AfterSteps, Death::AfterWrites] {
        for number in 0..MOST {
            let death = death(number);
            let mut comes = true;
            let place = format!("{operation:?} {setting:?} {survivor:?} {death:?}");
            findings.at(place, |findings| {
                let browser = setting.browser();
                let app = operation.stage(setting, &browser);
                comes = die(findings, app, operation, (survivor, death), &usual);
                browser.close();
            });
            if !comes {
                break;
            }
        }
    }
}

fn came_to(operation: Operation, app: &App) -> Said {
    let call = operation.start(app);
    app.browser().run();
    let said = call.take();
    said.map(|said| said.map_err(|error| error.code().to_owned()))
}

/// Lets a page die, and another one go on. False where there was nothing left to die in.
fn die(
    findings: &mut Findings,
    app: App,
    operation: Operation,
    (survivor, death): (Survivor, Death),
    usual: &Said,
) -> bool {
    let browser = app.browser().clone();
    let page = browser.open_tab(ORIGIN);
    let other = (survivor == Survivor::OtherTab).then(|| App::open(page, app.kind, app.options()));
    browser.run_now();
    let (before, url) = (View::of(&app.client), app.page.url());
    if let Death::AfterWrites(writes) = death {
        app.page.writes_until_crash.set(Some(writes));
    }
    let call = operation.start(&app);
    let comes = death.come(&app);
    drop(call);
    app.page.end();
    browser.run();
    if let Some(other) = &other {
        // It hears of what was written when it is looked at.
        browser.resume(&other.page);
    }
    let url = if operation.is_callback() { &url } else { ORIGIN };
    let next = other.unwrap_or_else(|| app.reload(url));
    browser.run();
    let after = View::of(&next.client);
    let may_change = operation.ends_session() || operation == Operation::SignInOfAnother || !before.is_signed_in;
    findings.check(may_change || after.keeps(&before), || {
        format!("{before:?} became {after:?}")
    });
    let is_revoked = !browser.server.borrow().revoked.is_empty();
    findings.check(!(is_revoked && after.is_signed_in), || {
        "revoked, and still signed in".to_owned()
    });
    browser.clock.advance(LATER);
    browser.run_now();
    operation.decide(&browser);
    if operation.is_callback() {
        handle_again(findings, &next, usual);
    } else {
        go_on(findings, operation, &next, survivor, usual);
    }
    findings.check_traffic(&next);
    comes
}

/// The next page has the same response in its URL.
fn handle_again(findings: &mut Findings, next: &App, usual: &Said) {
    let handled = Call::start(&next.page, next.client.handle_callback(None)).wait(next.browser());
    let handled = handled.map(|outcome| outcome.map_or("nothing", |outcome| outcome.status.as_str()).to_owned());
    findings.check_code(&handled);
    // What the page that died did not get to note.
    let losses = ["token_response_lost", "callback_consumed"];
    let is_lost = handled.as_ref().is_err_and(|error| losses.contains(&error.code()));
    let said = Some(handled.map_err(|error| error.code().to_owned()));
    findings.check(said == *usual || is_lost, || format!("handled: {said:?}"));
    next.browser().server.borrow_mut().decisions.clear();
    let outcome = next.popup();
    findings.check(outcome.is_ok(), || {
        format!("after {said:?} a sign-in came to {}", code(outcome))
    });
}

/// The one that goes on asks for the same.
fn go_on(findings: &mut Findings, operation: Operation, next: &App, survivor: Survivor, usual: &Said) {
    if next.session().is_none() && !operation.begins_signed_out() && !operation.ends_session() {
        // Between one user's session and the next there is none.
        findings.check(operation == Operation::SignInOfAnother, || {
            "nobody is signed in".to_owned()
        });
        return;
    }
    let said = came_to(operation, next);
    // A page that was loaded later tries a refresh token once more, which the server may have taken already.
    let has_ended = next.browser().server.borrow().reuses == 1 && next.session().is_none();
    findings.check(said == *usual || has_ended, || format!("goes on with {said:?}"));
    findings.check_reuses(next, usize::from(survivor == Survivor::NextPage));
}

#[test]
fn a_page_may_die_at_any_await() {
    let mut findings = Findings::default();
    let settings = Setting::all().into_iter();
    for setting in settings.filter(|setting| setting.kind.outlives_pages()) {
        let has_other_tabs = !setting.kind.has_session_for_each_tab();
        for operation in Operation::ALL {
            if !has_other_tabs || operation.is_callback() || is_at_length() {
                explore(&mut findings, operation, setting, Survivor::NextPage);
            }
            if has_other_tabs && !operation.is_callback() {
                explore(&mut findings, operation, setting, Survivor::OtherTab);
            }
        }
    }
    findings.end();
}
