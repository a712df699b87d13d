//! No text of a server, an application or a URL passes for another member of a record, or for more than one.

use scopewise::core::authorize::response::Callback;
use scopewise::core::authorize::{AuthorizationResponse, RequestIntent, ResponseMode, Transaction, TransactionResult};
use scopewise::core::error::{ChallengeDetails, Error};
use scopewise::core::provider::ProviderProfile;
use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::{AccessToken, RawIdToken, RefreshToken};
use scopewise::core::session::{Event, Grant, Session, StoredSession};
use scopewise::core::target::Target;
use scopewise::core::token::{IdToken, TokenResponse, TokenType};
use scopewise::core::url::Params;
use serde_json::json;

use crate::common::{
    self, ISSUER, NOW, Random, asked, exchange, expected, options_with, pairs, parse_json, reason, set, sign_in,
    stored, stringify, target, verified,
};

/// Texts that would be more than they are, if a mark in them were taken for the end of something.
const HOSTILE: [&str; 12] = [
    "x\",\"granted\":[\"admin\"],\"v\":3,\"sub\":\"eve",
    "x\\\",\"sub\":\"eve",
    "\\",
    "\"",
    "}]}",
    "x\x1d\x1etarget=\x1egranted=admin\x1eaccess_token=evil\x1d\x1ev=2\x1esub=eve",
    "x&granted=admin#v=2?sub=eve",
    "%22%2C%22sub%22%3A%22eve",
    "\u{0}\u{1f}\n\r\t\u{7f}",
    "\u{2028}\u{2029}\u{feff}\u{202e}",
    "\u{e9}\u{1f600}\u{fffd}\u{10ffff}",
    "__proto__",
];

/// A response whose every text is hostile.
fn hostile_response(text: &str) -> TokenResponse {
    TokenResponse {
        access_token: AccessToken::new(text),
        token_type: TokenType::Bearer,
        expires_in: Some(60),
        scope: Some(format!("api:read {text}")),
        refresh_token: Some(RefreshToken::new(text)),
        authorization_details: None,
        id_token: Some(RawIdToken::new(text)),
    }
}

/// A token whose every text is hostile.
fn hostile_id_token(text: &str) -> IdToken {
    let claims = json!({ "sub": text, "email": text, "a": text, "x": { text: [text] } });
    let mut token = IdToken::decode(RawIdToken::new(common::id_token(&claims)), &parse_json).unwrap();
    token.raw = RawIdToken::new(text);
    token
}

/// A session whose every text is hostile.
fn hostile_session(text: &str) -> Session {
    let target = target(Some(text), &[text, "https://a.example"]);
    let request = sign_in("openid");
    let event = Event::Authorized {
        request: &request,
        grant: Grant::new(
            &ProviderProfile::default(),
            target,
            ScopeSet::from_answer(format!("openid {text}").split(' ')),
            hostile_response(text),
            NOW,
        ),
        id_token: Some(hostile_id_token(text)),
        session_id: text.to_owned(),
    };
    Session::apply(None, event).unwrap()
}

#[test]
fn no_text_becomes_a_grant() {
    for text in HOSTILE {
        let session = hostile_session(text);
        assert_eq!(session.grants().len(), 1);
        assert!(session.grant(&Target::default()).is_none());
        assert!(session.granted(&Target::default()).is_empty());
        let other = target(Some(text), &[text, "https://a.example"]);
        let grant = session.grant(&other).unwrap();
        assert_eq!(grant.target(), &other);
        let allowed = ScopeSet::from_answer(["openid", "api:read", text]);
        assert!(
            allowed.contains_all(grant.granted()),
            "{text:?} grants {}",
            grant.granted()
        );
        assert!(!grant.covers("admin") && !grant.covers("granted"));
        assert_eq!(grant.access_token().secret(), text);
        assert_eq!(grant.refresh_token().unwrap().secret(), text);
        assert_eq!(grant.expires_at(), Some(NOW + 60));
    }
}

#[test]
fn every_text_of_a_session_is_to_the_letter() {
    for text in HOSTILE {
        // It is stored and read again, and is the same.
        let session = stored(&hostile_session(text));
        assert_eq!(session.id(), text);
        assert_eq!(session.subject(), Some(text));
        let claims = session.claims().unwrap();
        assert_eq!(claims.login_hint(), Some(text));
        assert_eq!(claims.as_value().text("a"), Some(text));
        assert_eq!(session.id_token().unwrap().secret(), text);
    }
}

#[test]
fn random_texts_come_back() {
    let mut random = Random(0x1e1d);
    let pieces = [
        "\x1e",
        "\x1d",
        "=",
        "a",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\u{fffd}",
        "\u{e9}",
        "\u{1f600}",
        "&",
        "%1E",
        "\u{0}",
        "/",
        "\n",
    ];
    for _ in 0..500 {
        let text: String = (0..1 + random.below(12)).map(|_| random.pick(&pieces)).collect();
        let session = stored(&hostile_session(&text));
        assert_eq!((session.id(), session.subject()), (text.as_str(), Some(text.as_str())));
        let transaction = hostile_transaction(&text);
        assert_eq!(Transaction::from_value(&transaction.to_value()), Some(transaction));
    }
}

#[test]
fn a_record_with_a_strangers_members_is_read_without_them() {
    let session = hostile_session("x");
    let mut record: serde_json::Value = serde_json::from_str(&stringify(&session.to_value())).unwrap();
    record["sub"] = json!("eve");
    record["granted"] = json!(["admin"]);
    record["grants"][0]["scope"] = json!("admin");
    record["user"]["sub"] = json!("eve");
    let read = StoredSession::from_value(parse_json(&record.to_string()).as_ref());
    assert_eq!(read, StoredSession::Sound(session));
}

#[test]
fn a_member_that_is_there_twice_is_the_last_one() {
    let text = stringify(&hostile_session("x").to_value());
    let (start, rest) = text.split_once("\"id\":\"x\"").unwrap();
    let twice = format!("{start}\"id\":\"first\",\"id\":\"second\"{rest}");
    let StoredSession::Sound(session) = StoredSession::from_value(parse_json(&twice).as_ref()) else {
        panic!("{twice}")
    };
    assert_eq!(session.id(), "second");
    // And it is all there is: nothing of the first comes back.
    assert!(!stringify(&session.to_value()).contains("first"));
    let newer = text.replace("{\"v\":2", "{\"v\":3,\"v\":2");
    let read = StoredSession::from_value(parse_json(&newer).as_ref());
    assert_eq!(read, StoredSession::Sound(hostile_session("x")));
}

#[test]
fn separators_inside_json_are_no_json() {
    let raw = |text: &str| {
        let claims = format!(r#"{{"sub":"ada{text}"}}"#);
        let [header, _, signature] = common::id_token(&json!({}))
            .split('.')
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        [header, common::base64url(&claims), signature].join(".")
    };
    for text in ["\x1e", "\x1d", "\n", "\u{0}"] {
        assert_eq!(reason(verified(&raw(text), &expected())), "malformed");
    }
    // The token is otherwise one that is read.
    assert_eq!(reason(verified(&raw(""), &expected())), "iss");
}

/// A request whose every text is hostile.
fn hostile_transaction(text: &str) -> Transaction {
    let options = options_with(|options| {
        options.app_state = Some(text.to_owned());
        options.acr_values = Some(text.to_owned());
        options.target = Some(target(Some(text), &[]));
    });
    let intent = RequestIntent {
        return_to: text.to_owned(),
        subject: Some(text.to_owned()),
        wanted: ScopeSet::from_answer([text]),
        ..common::intent("openid")
    };
    Transaction::Pending(Box::new(asked(intent, &options)))
}

#[test]
fn no_text_becomes_more_of_a_transaction_or_an_outcome() {
    for text in HOSTILE {
        let transaction = hostile_transaction(text);
        let record = parse_json(&stringify(&transaction.to_value())).unwrap();
        let Some(Transaction::Pending(read)) = Transaction::from_value(&record) else {
            panic!("{text:?}")
        };
        assert_eq!(Transaction::Pending(read.clone()), transaction);
        assert_eq!(read.kind.as_str(), "sign-in");
        assert_eq!(read.return_to, text);
        assert_eq!(read.subject.as_deref(), Some(text));
        assert_eq!(read.app_state.as_deref(), Some(text));
        assert_eq!(read.demands.acr_values.as_deref(), Some(text));
        assert_eq!(read.target, target(Some(text), &[]));
        let result = TransactionResult {
            outcome: read.outcome(&set("openid")),
            session_id: text.to_owned(),
        };
        let done = Transaction::Done {
            created_at: NOW,
            answer: None,
            result: Some(result.clone()),
        };
        let record = parse_json(&stringify(&done.to_value())).unwrap();
        let Some(Transaction::Done { result: read, .. }) = Transaction::from_value(&record) else {
            panic!("{text:?}")
        };
        assert_eq!(read, Some(result.clone()));
        assert_eq!(result.outcome.granted, set("openid"));
        assert_eq!(result.outcome.app_state.as_deref(), Some(text));
    }
}

#[test]
fn no_text_becomes_more_of_an_error() {
    for text in HOSTILE {
        let error = Error::from_server(text, Some(text), Some(&format!("https://{text}")));
        let server = error.server_error().unwrap();
        for inert in [
            error.code(),
            server.description.as_deref().unwrap(),
            server.uri.as_deref().unwrap(),
        ] {
            assert!(inert.chars().all(|c| !c.is_control()), "{inert:?}");
            assert!(!inert.contains(['\u{2028}', '\u{202e}', '\u{feff}']), "{inert:?}");
        }
        assert!(!error.is_retryable() && error.status().is_none() && error.missing().is_none());
        let missing = vec![text.to_owned()];
        let details = ChallengeDetails {
            missing: missing.clone(),
            ..ChallengeDetails::default()
        };
        let error = Error::InsufficientScope(Box::new(details)).in_request(Some(text), text);
        assert_eq!(error.missing(), Some(missing.as_slice()));
        assert_eq!(error.code(), "insufficient_scope");
        // Its words are the client's own.
        let words = error.message();
        assert!(words.is_ascii() && !words.contains(char::is_control), "{words:?}");
    }
}

#[test]
fn no_text_becomes_more_of_a_response() {
    let part = "state=s&error=no%1Ecode%3Devil&error_description=x%1Ecode%3Devil%1D";
    let callback = Callback::parse(part, ResponseMode::Query).unwrap();
    let failure = callback.check(&sign_in("openid"), ISSUER).unwrap_err();
    assert_eq!(failure.code(), "response_malformed");
    let part = "state=s&error=no&error_description=x%1Ecode%3Devil%1D";
    let callback = Callback::parse(part, ResponseMode::Query).unwrap();
    let AuthorizationResponse::Error(error) = callback.check(&sign_in("openid"), ISSUER).unwrap() else {
        panic!("an error is no code");
    };
    assert_eq!(error.server_error().unwrap().description.as_deref(), Some("xcode=evil"));
    // A state is not found by another spelling of it, nor a code used.
    let part = "state=s%1Ecode%3Dx&code=x%1Eerror%3Dx";
    let callback = Callback::parse(part, ResponseMode::Query).unwrap();
    assert_eq!(callback.state.secret(), "s\x1ecode=x");
    assert_eq!(
        common::code(callback.check(&sign_in("openid"), ISSUER)),
        "response_malformed"
    );
    for text in HOSTILE {
        let mut params = Params::new();
        params.push("state", text);
        params.push("error", "no");
        params.push("iss", text);
        assert_eq!(pairs(&params.to_form()).len(), 3, "{text:?}");
        let callback = Callback::parse(&params.to_form(), ResponseMode::Query).unwrap();
        assert_eq!(callback.state.secret(), text);
        let failure = callback.check(&sign_in("openid"), ISSUER).unwrap_err();
        assert_eq!(failure.code(), "issuer_mismatch");
    }
}

#[test]
fn a_session_without_a_user_takes_no_users_name_from_a_text() {
    for text in HOSTILE {
        let members = json!({
            "scope": "api:read", "token_type": "Bearer", "sub": "eve", "sub\u{1e}": "eve", "user": { "sub": "eve" },
            "claims": text,
        });
        let session = stored(&exchange(None, &sign_in("api:read"), members).unwrap());
        assert_eq!(
            (session.subject(), session.claims(), session.id_token()),
            (None, None, None)
        );
    }
}
