//! Records: no text in them passes for another member, or for a group.

use crate::common::{NOW, Random, exchange, members, parse_json, record, sign_in, target};
use scopewise::core::callback::{self, Answer};
use scopewise::core::error::Error;
use scopewise::core::grant::{self, Target};
use scopewise::core::id_token::IdToken;
use scopewise::core::outcome::Outcome;
use scopewise::core::profile::Profile;
use scopewise::core::record::{Fields, GROUP, MEMBER, Record, text_of};
use scopewise::core::secret::Secret;
use scopewise::core::session::{self, Event, Stored};
use scopewise::core::token::TokenResponse;
use scopewise::core::transaction::{Mode, Transaction};
use serde_json::json;

/// A text that would be a grant of its own, if its separators were taken as such.
const POSING: &str = "x\x1d\x1etarget=\x1egranted=admin\x1erequested=admin\x1eaccess_token=evil\x1d\x1ev=2\x1esub=eve";

/// The same as it may stand in a record.
fn inert() -> String {
    POSING.replace(['\x1d', '\x1e'], "\u{fffd}")
}

#[test]
fn what_is_put_is_found() {
    let mut record = Record::default();
    record.put("a", "1=2&3%20+\u{0}\u{1f}\n\u{e9}\u{1f600}");
    record.put("empty", "");
    record.some("none", None);
    record.some("some", Some("x"));
    record.number("n", Some(-5));
    record.number("none", None);
    record.flag("yes", true);
    record.flag("no", false);
    record.put("a", "the second of a name");
    let fields = record.fields();
    assert_eq!(fields.text("a"), Some("1=2&3%20+\u{0}\u{1f}\n\u{e9}\u{1f600}"));
    assert_eq!(fields.text("empty"), Some(""));
    assert_eq!((fields.text("none"), fields.text_or_empty("none")), (None, ""));
    assert_eq!(fields.text_or_empty("some"), "x");
    assert_eq!(
        (fields.number("n"), fields.number("none")),
        (Some(Some(-5)), Some(None))
    );
    assert_eq!((fields.number("some"), fields.number("empty")), (None, None));
    assert!(fields.has("yes") && fields.has("empty") && !fields.has("no"));
    for other in ["", "A", "a=1", "1", "em", "empty=", "e", "a\x1e", "\x1ea"] {
        assert_eq!(fields.text(other), None, "{other:?}");
    }
    let all = [
        ("a", "1=2&3%20+\u{0}\u{1f}\n\u{e9}\u{1f600}"),
        ("empty", ""),
        ("some", "x"),
        ("n", "-5"),
        ("yes", ""),
        ("a", "the second of a name"),
    ];
    assert_eq!(members(fields.0), all);
    // All members of a name, where more than the first are wanted.
    let both: Vec<_> = fields.members().filter_map(|member| text_of(member, "a")).collect();
    assert_eq!(both.last(), Some(&"the second of a name"));
    assert_eq!(both.len(), 2);
}

#[test]
fn separators_in_a_text_are_none() {
    let mut record = Record::default();
    record.put("a", POSING);
    record.some("b", Some("\x1e"));
    record.put("c", "\x1d");
    assert_eq!(
        members(record.fields().0),
        [("a", inert().as_str()), ("b", "\u{fffd}"), ("c", "\u{fffd}")]
    );
    assert_eq!(record.fields().groups().count(), 1);
    assert_eq!(
        (record.fields().text("granted"), record.fields().text("v")),
        (None, None)
    );
}

#[test]
fn random_records_come_back() {
    let mut random = Random(0x1e1d);
    let pieces = [
        "\x1e",
        "\x1d",
        "=",
        "a",
        "b",
        "\u{fffd}",
        "\u{e9}",
        "\u{1f600}",
        "&",
        "%1E",
        "\u{0}",
    ];
    for _ in 0..5_000 {
        let mut text = || -> String { (0..random.below(7)).map(|_| random.pick(&pieces)).collect() };
        let texts = [text(), text(), text(), text(), text()];
        let written = [("a", 0), ("b", 1), ("a", 2), ("ab", 3)].map(|(name, index)| (name, texts[index].as_str()));
        let (first, second) = (record(&written[..2]), record(&written[2..]));
        let expected = written.map(|(name, text)| (name, text.replace(['\x1d', '\x1e'], "\u{fffd}")));
        let expected = expected.each_ref().map(|(name, text)| (*name, text.as_str()));

        let mut whole = first.clone();
        whole.append(second.fields().0);
        assert_eq!(members(whole.fields().0), expected);
        for (name, text) in [expected[0], expected[1], expected[3]] {
            assert_eq!(whole.fields().text(name), Some(text));
        }
        let mut copy = Record::default();
        copy.copy(whole.fields(), "ab none a");
        assert_eq!(members(copy.fields().0), [expected[3], expected[0]]);

        let mut grouped = first.clone();
        grouped.group(second.fields().0);
        grouped.group("");
        grouped.group(copy.fields().0);
        assert_eq!(grouped.fields().head(), first.fields());
        assert!(
            grouped
                .fields()
                .groups()
                .eq([&first, &second, &copy].map(|record| record.fields().0))
        );
    }
}

#[test]
fn a_text_that_was_cut_off_is_no_sealed_record() {
    let mut sample = record(&[("a", "1"), ("claims", "v=1")]);
    sample.group("\x1ea=2");
    sample.group("");
    let sealed = sample.clone().sealed(1);
    assert_eq!(Fields(&sealed).number("v"), Some(Some(1)));
    assert_eq!(Fields(&sealed).text("a"), Some("1"));
    for (end, _) in sealed.char_indices() {
        assert_ne!(Fields(sealed.get(..end).unwrap()).number("v"), Some(Some(1)), "{end}");
    }
    assert!(sealed.starts_with(&*sample.into_text()));
}

#[test]
fn any_text_is_read() {
    for text in [
        "",
        "x",
        "=",
        "a=b&c=d",
        "\x1e",
        "\x1d",
        "\x1e\x1e\x1d\x1e",
        "\x1e=\x1e\x1d=",
        "{}",
    ] {
        let fields = Fields(text);
        assert_eq!((fields.text("c"), fields.number("v")), (None, Some(None)), "{text:?}");
        assert!(
            fields
                .members()
                .all(|member| !member.is_empty() && !member.bytes().any(|byte| byte == MEMBER))
        );
        assert!(
            fields
                .groups()
                .all(|group| !group.is_empty() && !group.bytes().any(|byte| byte == GROUP))
        );
    }
}

/// An answer whose every text would be more than one, if it could.
fn hostile_answer() -> TokenResponse<'static> {
    TokenResponse {
        access_token: POSING,
        expires_in: Some(60),
        scope: Some("api:read x\x1d\x1etarget=\x1egranted=admin"),
        refresh_token: Some(POSING),
        id_token: Some(POSING),
    }
}

#[test]
fn no_text_becomes_a_grant() {
    let other = target(&[("audience", POSING)]);
    let requested = format!("openid {POSING}");
    let transaction = sign_in("openid");
    let json = json!({ "sub": POSING, "email": POSING, "a": POSING }).to_string();
    let id_token = IdToken {
        raw: Secret::new(POSING),
        claims: parse_json(&json).unwrap(),
        json: json.as_str().into(),
    };
    let event = Event {
        transaction: Some(&transaction),
        grant: grant::record(Profile::default(), &other, &requested, &hostile_answer(), NOW),
        id_token: Some(id_token),
        id: POSING.into(),
    };
    let session = session::apply(None, event).unwrap();
    assert_eq!(session.grants().count(), 1);
    assert!(session.grant(&Target::default()).is_none());
    assert_eq!(session.granted(&Target::default()), "");
    let grant = session.grant(&other).unwrap();
    assert_eq!(grant.target(), other);
    assert_eq!(grant.granted(), "openid api:read");
    assert!(!grant.covers("admin") && !grant.covers("granted=admin"));
    assert_eq!(grant.access_token(), inert());
    assert_eq!(grant.refresh_token(), Some(inert().as_str()));
    assert_eq!(grant.expires_at(), Some(NOW + 60));
    for text in [
        session.id(),
        session.subject().unwrap(),
        session.login_hint().unwrap(),
        session.id_token().unwrap(),
    ] {
        assert_eq!(text, inert());
    }
    // JSON has no such characters outside its escapes: the claims are to the letter.
    assert_eq!(session.claims(), Some(json.as_str()));
    // And it is a sound record of this version, with one head and one group besides the last.
    let text = session.to_record();
    assert_eq!(Fields(text).groups().count(), 3);
    assert_eq!(session::restore(text.into(), parse_json), Stored::Session(session));
}

#[test]
fn separators_inside_json_are_no_json() {
    let raw = |text: &str| {
        let json = format!(r#"{{"sub":"ada{text}"}}"#);
        common::jwt(&json!({ "alg": "RS256" }), &json!(0)).replace(
            scopewise::core::base64url::encode(b"0").as_str(),
            &scopewise::core::base64url::encode(json.as_bytes()),
        )
    };
    for text in ["\x1e", "\x1d"] {
        assert_eq!(
            common::reason(common::verified(&raw(text), &common::expected())),
            "malformed"
        );
    }
    // The token is otherwise one that is read.
    assert_eq!(common::reason(common::verified(&raw(""), &common::expected())), "iss");
}

#[test]
fn no_text_becomes_more_of_a_transaction_or_an_outcome() {
    let posing = "x\x1estatus=done\x1esession=session-1\x1eupgrade=\x1egranted=admin\x1ev=2";
    let expected = posing.replace('\x1e', "\u{fffd}");
    let options = [("appState", posing), ("acrValues", posing), ("audience", posing)];
    let purpose = scopewise::core::authorize::Purpose {
        return_to: posing,
        subject: Some(posing),
        wanted: posing,
        ..common::purpose("openid")
    };
    let transaction = common::asked(purpose, &options);
    for transaction in [Transaction::parse(transaction.to_record().into()).unwrap(), transaction] {
        assert_eq!(transaction.kind().as_str(), "sign-in");
        assert_eq!(transaction.result(), None);
        assert_eq!(transaction.return_to(), expected);
        assert_eq!(transaction.wanted(), expected);
        assert_eq!(transaction.subject(), Some(expected.as_str()));
        assert_eq!(transaction.app_state(), Some(expected.as_str()));
        assert_eq!(transaction.acr_values(), Some(expected.as_str()));
        // To the letter: it is encoded.
        assert_eq!(transaction.target(), target(&[("audience", posing)]));
        let outcome = Outcome::of(&transaction, "openid");
        let done = transaction.done(Some((&outcome, posing)));
        let done = Transaction::parse(done.to_record().into()).unwrap();
        let (found, session) = done.result().unwrap();
        assert_eq!((found.granted(), session), ("openid", expected.as_str()));
        assert_eq!(Fields(found.as_str()).text("appState"), Some(expected.as_str()));
    }
}

#[test]
fn no_text_becomes_more_of_an_error_or_a_response() {
    let error = Error::from_server(POSING, Some(POSING), Some(&format!("https://{POSING}")))
        .with_missing(POSING)
        .with_app_state(Some(POSING));
    let text = error.to_text();
    let names: Vec<_> = members(&text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["code", "message", "description", "errorUri", "missing", "appState"]
    );
    assert_eq!(Fields(&text).groups().count(), 1);
    assert!(!error.is_retryable());

    let part = "state=s&error=no%1Ecode%3Devil&error_description=x%1Ecode%3Devil%1D";
    let response = callback::read(part, Mode::Query).unwrap();
    let failure = response.check(&sign_in("openid"), common::ISSUER).unwrap_err();
    assert_eq!(failure.code(), "response_malformed");
    let response = callback::read("state=s&error=no&error_description=x%1Ecode%3Devil%1D", Mode::Query).unwrap();
    let Answer::Refused(error) = response.check(&sign_in("openid"), common::ISSUER).unwrap() else {
        panic!("an error is no code");
    };
    assert_eq!(error.detail("description"), Some("x\u{fffd}code=evil\u{fffd}"));
    // A state is not found by another spelling of it, nor a code used.
    let response = callback::read("state=s%1Ecode%3Dx&code=x%1Eerror%3Dx", Mode::Query).unwrap();
    assert_eq!(response.state.secret(), "s\u{fffd}code=x");
    assert_eq!(
        common::code(response.check(&sign_in("openid"), common::ISSUER)),
        "response_malformed"
    );
}

#[test]
fn a_session_without_a_user_takes_no_users_name_from_a_text() {
    let body = json!({ "scope": "api:read", "token_type": "Bearer", "sub\u{1e}": "eve", "claims": POSING });
    let session = exchange(None, &sign_in("api:read"), body).unwrap();
    assert_eq!(
        (session.subject(), session.claims(), session.id_token()),
        (None, None, None)
    );
}
