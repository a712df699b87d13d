//! The JSON records of sessions: a record is read whole, or it is as if it were not there.

use scopewise::core::authorize::{AuthorizeOptions, Transaction};
use scopewise::core::scope::ScopeSet;
use scopewise::core::session::{Event, Session, StoredSession};
use scopewise::core::target::Target;
use serde_json::{Value as Json, json};

use crate::common::{
    self, NOW, Random, asked, beginnings, changed, claims, exchange, id_token, options_with, parsed, paths, restored,
    session, session_after, set, stored, stringify, target, upgrade_with, upgrading,
};

/// Two grants, one of them with a refresh token that was sent, and texts full of marks.
fn full_session() -> Session {
    let session = session("openid api:read");
    let (at, default) = (NOW * 1000, &Target::default());
    let session = session_after(&session, Event::RefreshSent { target: default, at });
    let session = session_after(&session, Event::AskedSilently { target: default, at });
    let target = target(Some("a&v=9=%\u{e9}"), &["https://a.example", "https://b.example"]);
    let options = options_with(|options| options.target = Some(target));
    let members = json!({
        "access_token": "s3cr3t&granted=x=%26",
        "scope": "",
        "id_token": id_token(&claims("ada")),
    });
    let session = exchange(Some(&session), &upgrade_with(&session, "api:write", &options), members).unwrap();
    assert_eq!(session.grants().len(), 2);
    session
}

/// A record as JSON that a test can change.
fn json_of(session: &Session) -> Json {
    serde_json::from_str(&stringify(&session.to_value())).unwrap()
}

#[test]
fn a_session_comes_back_whole() {
    let nameless = common::granted("api:read", json!({}));
    for session in [session("openid api:read"), full_session(), nameless] {
        assert_eq!(stored(&session), session);
    }
}

#[test]
fn c201_what_is_no_record_is_nothing() {
    for text in [
        "",
        "undefined",
        "null",
        "true",
        "1",
        "{}",
        "[]",
        "\"\"",
        "v",
        "v=1",
        "&&&",
        "%",
        "\u{0}",
        "\x1eid=x\x1d\x1ev=1\x1d",
        r#"{"v":1}"#,
        r#"{"v":2}"#,
        r#"{"v":1,"id":"x"}"#,
        r#"{"v":2,"id":"x"}"#,
        r#"{"v":2,"status":"pending"}"#,
        r#"{"v":2,"status":"done"}"#,
        r#"{"v":2,"status":"other","created_at":1}"#,
        r#"[{"v":2,"status":"exchanging","created_at":1}]"#,
        r#"{"id":"x","user":null,"grants":[],"denied":[]}"#,
        r#"{"status":"exchanging","created_at":1}"#,
    ] {
        assert_eq!(restored(text), StoredSession::Unsound, "{text:?}");
        assert_eq!(parsed(text), None, "{text:?}");
    }
    // The least that there is.
    let least = r#"{"v":2,"id":"x","user":null,"grants":[],"denied":[]}"#;
    assert!(matches!(restored(least), StoredSession::Sound(_)));
    let created_at = 1;
    let exchanging = r#"{"v":2,"status":"exchanging","created_at":1}"#;
    assert_eq!(
        parsed(exchanging),
        Some(Transaction::Exchanging {
            created_at,
            last_sign_out: None
        })
    );
    // One kind of record is not the other.
    assert_eq!(parsed(least), None);
    assert_eq!(restored(exchanging), StoredSession::Unsound);
}

/// What a record may be without.
const MAY_BE_ABSENT: [&str; 7] = [
    "expires_at",
    "asked_silently_at",
    "audience",
    "key",
    "last_sign_out",
    "/nonce",
    "/auth_time",
];

#[test]
fn c202_a_record_of_wrong_types() {
    let record = json_of(&full_session());
    assert_eq!(restored(&record.to_string()), StoredSession::Sound(full_session()));
    let mut all = Vec::new();
    paths(&record, "", &mut all);
    // Whatever the server said of the user is theirs, but for the subject.
    all.retain(|path| !path.starts_with("/user/claims/") || path == "/user/claims/sub");
    // So is what it granted besides scopes, which has a test of its own.
    all.retain(|path| !path.ends_with("/authorization_details"));
    assert!(all.len() > 30, "{all:?}");
    for path in &all {
        let is_named = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
        let may_be_absent = is_named(&MAY_BE_ABSENT);
        let may_be_null = may_be_absent || is_named(&["/user", "refresh", "sent"]);
        let is_text = record.pointer(path).unwrap().is_string() || path.ends_with("audience");
        for (member, is_sound) in [
            (None, may_be_absent),
            (Some(json!(null)), may_be_null),
            (Some(json!({ "x": 1 })), false),
            (Some(json!([{}])), false),
            (Some(json!("soon")), is_text),
            (Some(json!("")), path.ends_with("/nonce")),
        ] {
            let text = changed(&record, path, member.clone());
            let is_read = matches!(restored(&text), StoredSession::Sound(_));
            assert_eq!(is_read, is_sound, "{path} {member:?}");
        }
    }
    for (path, member) in [
        ("/user/claims/sub", json!("x".repeat(256))),
        ("/user/claims", json!([])),
        ("/grants/0/expires_at", json!("1700000000")),
        ("/grants/0/expires_at", json!(1e300)),
        ("/grants/0/granted", json!("openid api:read")),
        ("/grants/0/granted", json!(["openid", 1])),
        ("/v", json!("2")),
    ] {
        let text = changed(&record, path, Some(member));
        assert_eq!(restored(&text), StoredSession::Unsound, "{text}");
    }
}

#[test]
fn a_stored_lifetime_is_believed_for_a_year_at_the_most() {
    let record = json_of(&full_session());
    let answered_at = record.pointer("/grants/1/answered_at").unwrap().as_f64().unwrap() as i64;
    let year = 365 * 24 * 3600;
    for (edited, read) in [(year, year), (year + 1, year), (80 * year, year), (60, 60)] {
        let text = changed(&record, "/grants/1/expires_at", Some(json!(answered_at + edited)));
        let StoredSession::Sound(session) = restored(&text) else {
            panic!("{text}")
        };
        let grant = session.grants().last().unwrap();
        assert_eq!(grant.expires_at(), Some(answered_at + read));
        assert!(!grant.is_unexpired(answered_at + read, 0));
    }
}

#[test]
fn c205_a_later_version_is_left_alone() {
    let record = json_of(&session("openid"));
    assert_eq!(restored(&changed(&record, "/v", Some(json!(3)))), StoredSession::Newer);
    assert_eq!(restored(r#"{"v":3}"#), StoredSession::Newer);
    assert_eq!(restored(r#"{"v":99,"id":5,"grants":"other"}"#), StoredSession::Newer);
    for version in [json!(0), json!(1), json!(-1), json!("3"), json!(1e300), json!(null)] {
        let text = changed(&record, "/v", Some(version));
        assert_eq!(restored(&text), StoredSession::Unsound, "{text}");
    }
}

#[test]
fn c201_c213_half_a_session_is_none() {
    for beginning in beginnings(&stringify(&full_session().to_value())) {
        assert_eq!(restored(beginning), StoredSession::Unsound, "{beginning}");
    }
}

#[test]
fn no_text_makes_the_reader_of_sessions_panic() {
    let mut random = Random(0x5702);
    let record = stringify(&full_session().to_value());
    let mut sessions = 0;
    for _ in 0..3_000 {
        let text = random.damaged(&record);
        // Any answer will do, but there must be one, and what was read can be written and read again.
        let StoredSession::Sound(read) = restored(&text) else {
            continue;
        };
        sessions += 1;
        assert_eq!(stored(&read), read);
        let issuer = read.claims().and_then(|claims| claims.as_value().text("iss"));
        if issuer.is_some_and(|issuer| issuer != common::ISSUER) {
            // Whose user that was nobody knows.
            continue;
        }
        let intent = upgrading(&set("openid"), &ScopeSet::default(), read.subject());
        let again = asked(intent, &AuthorizeOptions::default());
        let members = json!({ "id_token": id_token(&claims(read.subject().unwrap())) });
        let after = exchange(Some(&read), &again, members).unwrap();
        assert_eq!(stored(&after), after);
    }
    assert!(sessions > 300, "{sessions} sessions: too little is left of them");
}
