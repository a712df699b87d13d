//! Challenges that ask for claims, and what is no challenge for a token.

use scopewise::core::resource::{Challenge, ChallengeKind as Kind};

#[test]
fn a_claims_challenge_is_a_step_up() {
    let challenge = |claims: &str| {
        Challenge::parse(
            401,
            &format!(r#"Bearer error="insufficient_claims", claims="{claims}""#),
        )
    };
    for (claims, json) in [
        ("eyJhIjoxfQ==", r#"{"a":1}"#),
        ("eyJhIjoxfQ", r#"{"a":1}"#),
        // With blanks around it, as JSON may have them.
        ("IHsiYSI6MX0NCg==", r#"{"a":1}"#),
        // Both alphabets.
        ("eyJhIjoifj8/In0=", r#"{"a":"~??"}"#),
        ("eyJhIjoifj8_In0", r#"{"a":"~??"}"#),
    ] {
        let read = challenge(claims);
        assert_eq!(
            (read.kind, read.demands.claims.as_deref()),
            (Kind::InsufficientUserAuthentication, Some(json))
        );
    }
    for claims in ["", "x", "W10=", "eyJhIjo", "e30!", &"e30".repeat(4_000), r#"{\"a\":1}"#] {
        let read = challenge(claims);
        assert_eq!((read.kind, read.demands.claims), (Kind::Nothing, None), "{claims:.20}");
    }
    // With another error they count where the token is at fault.
    let of = |status, error: &str| Challenge::parse(status, &format!(r#"Bearer error="{error}", claims="e30=""#)).kind;
    assert_eq!(of(401, "invalid_token"), Kind::InsufficientUserAuthentication);
    assert_eq!(of(403, "insufficient_claims"), Kind::InsufficientUserAuthentication);
    assert_eq!(of(403, "insufficient_scope"), Kind::InsufficientScope);
    assert_eq!(of(401, "invalid_request"), Kind::Nothing);
}

#[test]
fn a_challenge_is_readable_where_it_is_a_sound_one_for_tokens() {
    for header in ["Bearer", "Bearer error=invalid_request", "Basic, DPoP x=y"] {
        assert!(Challenge::parse(401, header).is_readable, "{header}");
    }
    for header in [
        "",
        "Token",
        "Basic realm=x",
        "Bearer error=\"x",
        "Bearer error=a, error=b",
    ] {
        assert!(!Challenge::parse(401, header).is_readable, "{header}");
    }
}
