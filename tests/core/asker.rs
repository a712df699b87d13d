//! Whose answer it is: of the session that asked, and what it adds to or takes from that.

use scopewise::core::authorize::{AuthorizeOptions, OutcomeStatus, RequestIntent};
use scopewise::core::error::Error;
use scopewise::core::session::Session;
use scopewise::core::sign_out_note::SignOutNote;
use scopewise::core::target::Target;
use serde_json::json;

use crate::common::{
    NOW, asked, claims, exchange, id_token, intent, options_with, session, set, sign_in, target, upgrade, upgrade_body,
    upgrade_with,
};

#[test]
fn an_answer_counts_for_the_session_that_asked() {
    let ada = session("openid");
    let eve = json!({ "id_token": id_token(&claims("eve")), "scope": "openid" });
    let eve = exchange(Some(&ada), &sign_in("openid"), eve).unwrap();
    let nameless = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    let later = exchange(Some(&ada), &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    let request = |intent: RequestIntent, in_window: bool| {
        let mut intent = intent;
        intent.in_window = in_window;
        asked(intent, &AuthorizeOptions::default())
    };
    let of = |session: &Session, in_window| {
        request(
            session.upgrade_intent(&Target::default(), &set("api:write"), NOW),
            in_window,
        )
    };
    let asked_by = |session: &Session, in_window| {
        let mut intent = intent("openid");
        intent.asker = Some(session.asker());
        request(intent, in_window)
    };
    let silent = request(ada.same_user_intent(set("openid")), true);
    let signed_out = Some(SignOutNote::after(None, NOW * 1000));
    // Request, who is there now, the latest sign-out, whether the session may be lost on the way, and whether the answer is
    // too late.
    for (request, now, note, may_be_lost, is_late) in [
        (of(&ada, true), Some(&ada), None, false, false),
        (of(&ada, true), None, None, true, true),
        (of(&ada, true), Some(&eve), None, false, true),
        (of(&nameless, true), Some(&nameless), None, false, false),
        (of(&nameless, true), Some(&eve), None, false, true),
        (of(&ada, false), None, None, false, true),
        (of(&ada, false), None, None, true, false),
        (of(&ada, false), Some(&eve), None, false, false),
        (of(&ada, false), Some(&later), None, false, true),
        (of(&nameless, false), Some(&nameless), None, false, false),
        (of(&nameless, false), Some(&later), None, false, true),
        (of(&nameless, false), Some(&eve), None, false, false),
        (asked_by(&ada, true), Some(&ada), None, false, false),
        (asked_by(&ada, true), None, signed_out, false, true),
        // The session ended otherwise, and whoever signs in begins another one; silently it is for its user alone.
        (asked_by(&ada, true), None, None, false, false),
        (silent, None, None, false, true),
        (asked_by(&ada, true), Some(&eve), None, false, true),
        (asked_by(&ada, false), None, None, false, false),
        // Who was not signed in asks for anybody.
        (request(intent("openid"), true), Some(&eve), None, false, false),
        (request(intent("openid"), true), None, None, false, false),
    ] {
        assert_eq!(
            request.is_of_former_session(now, note, may_be_lost),
            is_late,
            "{request:?} {now:?}"
        );
        let denied = request.check_denial(now, note, may_be_lost);
        assert_eq!(denied == Err(Error::TransactionMissing), is_late, "{request:?} {now:?}");
    }
    // By redirect the session may have become another user's.
    assert_eq!(of(&ada, false).check_denial(Some(&ada), None, false), Ok(()));
    assert_eq!(
        of(&ada, false).check_denial(Some(&eve), None, false),
        Err(Error::SubjectMismatch)
    );
}

#[test]
fn a_sign_in_that_names_its_user_adds_to_the_session() {
    let other = target(Some("other"), &[]);
    let before = session("openid api:read");
    let options = options_with(|options| options.target = Some(other.clone()));
    let body = upgrade_body(json!({ "scope": "openid api:write" }));
    let before = exchange(Some(&before), &upgrade_with(&before, "api:write", &options), body).unwrap();
    let again = asked(before.same_user_intent(set("openid")), &AuthorizeOptions::default());
    let after = exchange(Some(&before), &again, upgrade_body(json!({ "scope": "openid" }))).unwrap();
    assert_eq!((after.id(), after.grants().len()), (before.id(), 2));
    assert_eq!(after.grant(&other), before.grant(&other));
    let eve = json!({ "id_token": id_token(&claims("eve")) });
    assert_eq!(
        exchange(Some(&before), &again, eve).unwrap_err().code(),
        "subject_mismatch"
    );
}

#[test]
fn what_an_answer_takes_away_is_missing_from_it() {
    let before = session("openid api:read");
    let [first, second] = ["api:x", "api:y"].map(|scope| upgrade(&before, scope));
    let body = |scope: &str| upgrade_body(json!({ "scope": format!("openid api:read {scope}") }));
    let between = exchange(Some(&before), &first, body("api:x")).unwrap();
    let after = exchange(Some(&between), &second, body("api:y")).unwrap();
    let target = Target::default();
    let loss = after.loss(&between, &target);
    assert_eq!(loss, set("api:x"));
    let outcome = second.outcome_with_loss(&after.granted(&target), &loss);
    assert_eq!(
        (outcome.status, outcome.missing),
        (OutcomeStatus::Partial, set("api:x"))
    );
    assert_eq!(outcome.granted, set("openid api:read api:y"));
    assert!(between.loss(&before, &target).is_empty());
    assert_eq!(before.loss(&after, &target), set("api:y"));
}

#[test]
fn only_an_upgrade_for_more_can_be_refused_before_anybody_is_asked() {
    let before = session("openid api:read");
    let gold = options_with(|options| options.acr_values = Some("gold".to_owned()));
    for (request, asked_nobody) in [
        (upgrade(&before, "api:write"), true),
        (upgrade_with(&before, "", &gold), false),
        (sign_in("openid api:read"), false),
    ] {
        let answer = request.answered(Err("access_denied"), None, NOW * 1000);
        assert_eq!(answer.asked_nobody, asked_nobody, "{:?}", request.kind);
    }
}
