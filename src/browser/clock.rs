//! The wall clock.

use std::cell::Cell;

use js_sys::Date;

use super::Browser;
use super::timer::Timer;
use crate::host::{self, Clock};

thread_local! {
    /// What was told last, and the page's own time then.
    static LATEST: Cell<(f64, f64)> = const { Cell::new((0.0, 0.0)) };
}

fn performance() -> Option<web_sys::Performance> {
    web_sys::window()?.performance()
}

impl Clock for Browser {
    fn now(&self) -> f64 {
        let Some(performance) = performance() else {
            return Date::now();
        };
        let own = performance.now();
        let (latest, at) = LATEST.get();
        // The clock never goes back: a token that has expired stays expired.
        let now = Date::now().max(latest + own - at);
        LATEST.set((now, own));
        now
    }

    fn loaded_at(&self) -> f64 {
        performance().map_or(0.0, |performance| performance.time_origin())
    }

    fn to_iso_string(&self, seconds: i64) -> String {
        let date = Date::new(&(seconds as f64 * 1000.0).into());
        // Beyond the range of Date there is no text.
        if date.get_time().is_finite() {
            date.to_iso_string().into()
        } else {
            String::new()
        }
    }

    fn timer(&self, milliseconds: u32, callback: Box<dyn Fn()>) -> Box<dyn host::Timer> {
        Box::new(Timer::new(milliseconds.into(), callback))
    }
}
