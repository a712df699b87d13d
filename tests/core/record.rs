//! What is stored, and what is made of what stands there: never half of it, never something else.

use crate::common::{
    MARK, NOW, Random, asked, build, claims, exchange, id_token, members, parse_json, session, sign_in, target,
    upgrade_with, upgrading,
};
use scopewise::core::authorize::Purpose;
use scopewise::core::grant::Target;
use scopewise::core::outcome::{Outcome, Verdict};
use scopewise::core::record::Fields;
use scopewise::core::session::{self, Session, Stored};
use scopewise::core::transaction::{Kind, Mode, Status, Transaction};
use serde_json::json;

fn restored(text: &str) -> Stored {
    session::restore(text.into(), parse_json)
}

fn parsed(text: &str) -> Option<Transaction> {
    Transaction::parse(text.into())
}

/// Two grants, and text that is made to be misread.
fn full_session() -> Session {
    let session = session("openid api:read");
    let target = [
        ("audience", "a&v=9=%\u{e9}"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
    ];
    let id_token = id_token(&claims("ada"));
    let body = json!({ "access_token": "s3cr3t&granted=x=%26", "scope": "", "id_token": id_token });
    let session = exchange(Some(&session), &upgrade_with(&session, "api:write", &target), body).unwrap();
    assert_eq!(session.grants().count(), 2);
    session
}

/// A transaction with everything that it may have.
fn full_transaction() -> Transaction {
    let options = [
        ("audience", "api"),
        ("resource", "https://a.example"),
        ("appState", r#"{"a":"\u{1f600}&=%"}"#),
        ("responseMode", "fragment"),
        ("acrValues", "gold silver"),
        ("maxAge", "0"),
    ];
    let metadata = common::metadata_with("authorization_response_iss_parameter_supported", true.into());
    let purpose = Purpose {
        return_to: "/notes?a=1&b=%20#c",
        ..upgrading("openid api:read api:write", "api:write", Some("ada&nonce=x"))
    };
    build(&common::client(), &metadata, &options, purpose, NOW)
        .unwrap()
        .transaction
}

fn transactions() -> [Transaction; 5] {
    let full = full_transaction();
    let outcome = Outcome::of(&full, "openid api:read");
    [
        sign_in("openid"),
        full.clone(),
        full.in_flight(),
        full.done(None),
        full.done(Some((&outcome, "session-1"))),
    ]
}

#[test]
fn a_session_comes_back_whole() {
    for session in [session("openid api:read"), full_session()] {
        assert_eq!(restored(session.to_record()), Stored::Session(session));
    }
}

#[test]
fn a_transaction_comes_back_whole() {
    for transaction in transactions() {
        assert_eq!(parsed(transaction.to_record()), Some(transaction));
    }
    let full = parsed(full_transaction().to_record()).unwrap();
    assert_eq!(
        (full.kind(), full.mode(), full.status()),
        (Kind::Upgrade, Mode::Fragment, Status::Pending)
    );
    assert!(full.expects_issuer());
    assert_eq!(full.subject().unwrap(), "ada&nonce=x");
    assert_eq!(full.app_state().unwrap(), r#"{"a":"\u{1f600}&=%"}"#);
    assert_eq!(full.return_to(), "/notes?a=1&b=%20#c");
    assert_eq!(full.acr_values().unwrap(), "gold silver");
    assert_eq!((full.max_age(), full.created_at()), (Some(0), NOW));
    assert_eq!(
        full.target(),
        target(&[("audience", "api"), ("resource", "https://a.example")])
    );
    assert_eq!(full.requested(), "openid api:read api:write");
    assert_eq!(full.wanted(), "api:write");
}

#[test]
fn an_outcome_comes_back_whole() {
    let [_, _, in_flight, failed, done] = transactions();
    assert_eq!(
        (in_flight.status(), failed.status(), done.status()),
        (Status::InFlight, Status::Done, Status::Done)
    );
    assert_eq!((in_flight.result(), failed.result()), (None, None));
    let done = parsed(done.to_record()).unwrap();
    let (outcome, session) = done.result().unwrap();
    assert_eq!(session, "session-1");
    assert_eq!(outcome.verdict(), Verdict::Denied);
    let expected = [
        ("kind", "upgrade"),
        ("outcome", "denied"),
        ("requested", "openid api:read api:write"),
        ("granted", "openid api:read"),
        ("missing", "api:write"),
        ("returnTo", "/notes?a=1&b=%20#c"),
        ("appState", r#"{"a":"\u{1f600}&=%"}"#),
    ];
    for (name, text) in expected {
        assert_eq!(Fields(outcome.as_str()).text(name), Some(text), "{name}");
    }
    // Before it was stored it is the same, and nothing else.
    let fresh = Outcome::of(&full_transaction(), "openid api:read");
    let (mut fresh, mut expected) = (members(fresh.as_str()), expected.to_vec());
    fresh.sort();
    expected.sort();
    assert_eq!(fresh, expected);
    assert_eq!(done.created_at(), NOW);
}

#[test]
fn c009_no_code_is_stored_and_no_verifier_once_it_was_sent() {
    let [fresh, _, in_flight, failed, done] = transactions();
    assert!(fresh.to_record().contains(MARK));
    for transaction in [in_flight, failed, done] {
        common::assert_no_secret(transaction.to_record());
    }
}

#[test]
fn c201_what_is_no_record_is_nothing() {
    for text in [
        "",
        "undefined",
        "null",
        "{}",
        "[]",
        "\"\"",
        "v",
        "v=",
        "v=x",
        "v=1",
        "v=0",
        "v=-1",
        "&&&",
        "=",
        "%",
        "\u{0}",
        "\x1ev=1",
        "\x1ev=1\x1d",
        "\x1e\x1d\x1e",
        "\x1d\x1ev=1",
        "\x1eid=x\x1d\x1ev=1\x1d",
        "v=1&id=x",
        r#"{"v":1,"id":"x"}"#,
    ] {
        assert_eq!(restored(text), Stored::Unsound, "{text:?}");
        assert_eq!(parsed(text), None, "{text:?}");
    }
}

#[test]
fn c201_c213_half_a_record_is_no_record() {
    for beginning in beginnings(full_session().to_record()) {
        assert_eq!(restored(beginning), Stored::Unsound, "{beginning}");
    }
    for transaction in transactions() {
        for beginning in beginnings(transaction.to_record()) {
            assert_eq!(parsed(beginning), None, "{beginning}");
        }
    }
}

/// Everything that the record could be cut to.
fn beginnings(record: &str) -> impl Iterator<Item = &str> {
    record.char_indices().filter_map(|(end, _)| record.get(..end))
}

/// A record with the members of a name changed; `None` takes them away. Whatever is written stands there as it is.
fn changed(record: &str, name: &str, text: Option<&str>) -> String {
    let mut out = String::new();
    for (index, member) in record.split('\x1e').enumerate() {
        let body = member.trim_end_matches('\x1d');
        let is_it = body.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        match text {
            _ if !is_it => out.extend([if index == 0 { "" } else { "\x1e" }, body]),
            Some(text) => out.extend(["\x1e", name, "=", text]),
            None => {}
        }
        out.push_str(member.strip_prefix(body).unwrap());
    }
    out
}

#[test]
fn c202_a_record_of_wrong_types() {
    let session = session("openid api:read");
    let record = session.to_record();
    assert_eq!(changed(record, "id", Some("session-1")), record);
    for (name, text) in [
        ("id", None),
        ("id", Some("")),
        ("id_token", None),
        ("claims", None),
        ("claims", Some("")),
        ("claims", Some("x")),
        ("claims", Some("{}")),
        ("claims", Some("[]")),
        ("claims", Some(r#"{"sub":"eve"}"#)),
        ("claims", Some(r#"{"sub":5}"#)),
        ("sub", None),
        ("sub", Some("")),
        ("sub", Some("eve")),
        ("v", Some("1.0")),
        ("v", Some("")),
        ("v", None),
        ("access_token", None),
        ("access_token", Some("")),
        ("expires_at", Some("soon")),
        ("expires_at", Some("")),
        ("expires_at", Some("1e3")),
    ] {
        let record = changed(record, name, text);
        assert_eq!(restored(&record), Stored::Unsound, "{name} {text:?}");
    }
    // What does not say that something was granted, or for what, grants nothing.
    for name in ["granted", "target"] {
        let Stored::Session(bare) = restored(&changed(record, name, None)) else {
            panic!("without {name} it is a session without scopes");
        };
        assert_eq!(bare.granted(&Target::default()), "", "{name}");
        assert!(bare.grants().all(|grant| !grant.covers("api:read")), "{name}");
    }
    // One grant that is not sound spoils it all, the last one too.
    let full = full_session();
    let (rest, last) = full.to_record().rsplit_once("access_token=").unwrap();
    let broken = format!("{rest}access_token={}", last.replace("s3cr3t-access", ""));
    assert_ne!(broken, full.to_record());
    assert_eq!(restored(&broken), Stored::Unsound);
}

#[test]
fn c004_a_tampered_transaction_is_none() {
    let record = full_transaction().to_record().to_owned();
    for (name, text) in [
        ("code_verifier", None),
        ("code_verifier", Some("")),
        ("created_at", None),
        ("created_at", Some("now")),
        ("v", None),
        ("v", Some("2")),
        ("v", Some("0")),
        ("max_age", Some("x")),
        ("max_age", Some("")),
    ] {
        assert_eq!(parsed(&changed(&record, name, text)), None, "{name}={text:?}");
    }
}

#[test]
fn c205_a_later_version_is_left_alone() {
    let session = session("openid");
    let record = session.to_record();
    assert_eq!(restored(&changed(record, "v", Some("2"))), Stored::Newer);
    assert_eq!(restored("\x1ev=2"), Stored::Newer);
    assert_eq!(restored(&changed(record, "v", Some("0"))), Stored::Unsound);
}

#[test]
fn no_text_makes_a_reader_panic() {
    let mut random = Random(0x5702);
    let (session, transaction) = (full_session(), full_transaction());
    let mut sessions = 0;
    for _ in 0..5_000 {
        let record = random.pick(&[session.to_record(), transaction.to_record()]);
        let mut bytes = record.as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = b"\x1e\x1d=%+0aZ-\xc3"[random.below(10)];
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // Any answer will do, but there must be one, and what was read can be written and read again.
        if let Stored::Session(read) = restored(&text) {
            sessions += 1;
            assert_eq!(read.to_record(), text);
            // A group's mark in the wrong place parts the user from the grants: then nobody is known.
            let (scope, answer) = match read.subject() {
                Some(sub) => ("openid", json!({ "id_token": id_token(&claims(sub)) })),
                None => ("api:read", json!({})),
            };
            let again = asked(upgrading(scope, "", read.subject()), &[]);
            let after = exchange(Some(&read), &again, answer).unwrap();
            assert_eq!(restored(after.to_record()), Stored::Session(after));
        }
        if let Some(read) = parsed(&text) {
            let _ = (
                read.kind(),
                read.mode(),
                read.requested(),
                read.target(),
                read.max_age(),
                read.result(),
            );
            for tombstone in [read.in_flight(), read.done(None)] {
                assert!(tombstone.verifier().is_empty());
                assert_eq!(parsed(tombstone.to_record()), Some(tombstone));
            }
        }
    }
    assert!(sessions > 500, "{sessions} sessions: too little is left of them");
}
