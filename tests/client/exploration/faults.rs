//! Each operation once for each call that it makes of its host, with just that call failing, in each way that it can.

use scopewise::core::error::{Error, Result};
use scopewise::host::Page as _;

use super::invariants::{Findings, View, Watch, pending};
use super::operations::{Operation, Setting};
use crate::app::App;
use crate::host::{Browser, Call, Fault, HostCall};
use crate::server::ORIGIN;

/// After that no failure puts off the next try any more, milliseconds.
const LATER: f64 = 130_000.0;

/// An operation in its page, with a fault.
struct Trial {
    operation: Operation,
    app: App,
    watch: Watch,
    before: View,
    /// The page's URL when it began.
    url: String,
    fault: Option<Fault>,
    has_lost_key: bool,
}

/// What it comes to without a fault; an error by its code.
type Usual = Option<std::result::Result<String, String>>;

impl Trial {
    fn new(operation: Operation, setting: Setting) -> Trial {
        let browser = setting.browser();
        let app = operation.stage(setting, &browser);
        Trial {
            operation,
            watch: Watch::begin(&app.client),
            before: View::of(&app.client),
            url: app.page.url(),
            app,
            fault: None,
            has_lost_key: false,
        }
    }

    fn browser(&self) -> &Browser {
        self.app.browser()
    }

    /// Plays it: what it comes to, if it ends, and what it called.
    fn play(&self, planned: Option<(usize, Fault)>) -> (Option<Result<String>>, Vec<HostCall>) {
        self.app.page.faults.begin(planned);
        let call = self.operation.start(&self.app);
        self.browser().run();
        (call.take(), self.app.page.faults.end())
    }

    /// Whether the session may end, or be another one, by what the operation is or by what failed.
    fn may_lose_session(&self) -> bool {
        self.operation.ends_session() || self.has_lost_key
    }
}

pub(super) fn explore(findings: &mut Findings, operation: Operation, setting: Setting) {
    let trial = Trial::new(operation, setting);
    let (said, calls) = trial.play(None);
    let usual = said.map(|said| said.map_err(|error| error.code().to_owned()));
    trial.browser().close();
    for (number, call) in calls.iter().enumerate() {
        for fault in call.faults() {
            let place = format!("{operation:?} {setting:?} {number} {call:?} {fault:?}");
            findings.at(place, |findings| {
                let mut trial = Trial::new(operation, setting);
                trial.fault = Some(*fault);
                trial.has_lost_key = *call == HostCall::Sign || *call == HostCall::SigningKey && *fault == Fault::Gone;
                let (said, _) = trial.play(Some((number, *fault)));
                check_fault(findings, &trial, said.as_ref());
                check_again(findings, &trial, said, &usual);
                trial.browser().close();
            });
        }
    }
}

/// What holds right after a fault.
fn check_fault(findings: &mut Findings, trial: &Trial, said: Option<&Result<String>>) {
    let Trial {
        operation, app, before, ..
    } = trial;
    let after = View::of(&app.client);
    findings.check_traffic(app);
    findings.check_reuses(app, 0);
    findings.check_heard_alone(&trial.watch);
    if operation.ends_session() {
        findings.check(!after.is_signed_in, || "still signed in".to_owned());
    } else if said.is_none_or(Result::is_err) && !trial.may_lose_session() {
        findings.check(after.keeps(before), || {
            format!("{before:?} became {after:?} with {said:?}")
        });
    } else if !trial.may_lose_session() && before.is_signed_in && *operation != Operation::SignInOfAnother {
        findings.check(after.keeps(before), || format!("{before:?} became {after:?}"));
    }
    let Some(said) = said else {
        let is_left = app.page.left_for.borrow().is_some();
        findings.check(operation.leaves_page() && is_left, || "does not end".to_owned());
        return;
    };
    findings.check_code(said);
    // The same response may be handled again, where its code was not sent.
    let may_be_handled_again = operation.is_callback() && said.is_err();
    findings.check(pending(app).is_empty() || may_be_handled_again, || {
        format!("still waits after {said:?}")
    });
}

/// What holds once the same is asked for again, and nothing fails.
fn check_again(findings: &mut Findings, trial: &Trial, said: Option<Result<String>>, usual: &Usual) {
    let Trial { operation, app, .. } = trial;
    trial.browser().clock.advance(LATER);
    trial.browser().run_now();
    operation.decide(trial.browser());
    let Some(said) = said else {
        // The page is left, and the user comes back.
        let handled = app.follow().handled();
        findings.check(handled.is_ok(), || format!("comes back with {handled:?}"));
        return;
    };
    if trial.fault == Some(Fault::Status(404)) {
        // A refusal counts until somebody insists.
        drop(app.forced_token().wait(app.browser()));
    }
    if trial.has_lost_key && app.session().is_some() && !operation.is_callback() {
        app.browser().server.borrow_mut().decisions.clear();
        app.popup().unwrap();
        operation.decide(trial.browser());
    }
    let again = if operation.is_callback() {
        handled_again(findings, trial, &said)
    } else {
        trial.play(None).0
    };
    trial.browser().run_now();
    let again = again.map(|again| again.map_err(|error| error.code().to_owned()));
    // Nobody is there whose outcome it would be.
    let is_nobodys = app.session().is_none() && again == Some(Err("callback_consumed".to_owned()));
    findings.check(again == *usual || is_nobodys, || format!("{again:?} after {said:?}"));
    findings.check_traffic(app);
    findings.check_reuses(app, 0);
    findings.check_heard_alone(&trial.watch);
    let expected = View::of(&app.client);
    if app.kind.outlives_pages() && app.client.is_persisted() {
        let reloaded = View::of(&app.reload(ORIGIN).client);
        findings.check(reloaded.keeps(&expected), || {
            format!("{expected:?} reloads as {reloaded:?}")
        });
    }
}

/// The same response once more. Where it failed for good the user asks anew.
fn handled_again(findings: &mut Findings, trial: &Trial, said: &Result<String>) -> Option<Result<String>> {
    let is_for_now = said.as_ref().is_err_and(Error::is_retryable);
    let url = said.is_ok().then_some(&*trial.url);
    let again = trial.app.client.handle_callback(url);
    let again = Call::start(&trial.app.page, again).wait(trial.browser());
    if said.is_ok() || is_for_now {
        return Some(again.map(|outcome| outcome.map_or("nothing", |outcome| outcome.status.as_str()).to_owned()));
    }
    findings.check(matches!(again, Ok(None)), || {
        format!("handles {again:?} again after {said:?}")
    });
    let asks_for_more = trial.operation != Operation::SignInCallback && trial.app.session().is_some();
    let outcome = if asks_for_more {
        trial.app.upgrade("write")
    } else {
        trial.app.popup()
    };
    Some(outcome.map(|outcome| outcome.status.as_str().to_owned()))
}

#[test]
fn any_call_of_the_host_may_fail() {
    let mut findings = Findings::default();
    for setting in Setting::all() {
        for operation in Operation::ALL {
            explore(&mut findings, operation, setting);
        }
    }
    findings.end();
}
