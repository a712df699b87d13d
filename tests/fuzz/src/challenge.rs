//! What an API asks for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::resource::{Challenge, ChallengeKind};
use scopewise::core::scope::ScopeSet;

use crate::input::Input;

/// The most bytes that are read.
const MAX_HEADER: usize = 16 * 1024;

pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (status, header) = input.two();
    let status = if status == "401" { 401 } else { 403 };
    let challenge = Challenge::parse(status, header);
    assert_eq!(
        challenge,
        Challenge::parse(status, &[header, " "].concat()),
        "a blank at the end says nothing"
    );
    if challenge.kind == ChallengeKind::Nothing {
        let nothing = Challenge {
            is_readable: challenge.is_readable,
            ..Challenge::default()
        };
        return assert_eq!(challenge, nothing);
    }
    assert!(challenge.is_readable);
    assert!(challenge.scope.len() <= 200 && challenge.scope.to_string().len() <= header.len());
    assert_eq!(
        ScopeSet::parse(&challenge.scope.to_string()).as_ref(),
        Ok(&challenge.scope)
    );
    assert!(
        challenge
            .demands
            .max_age
            .is_none_or(|age| (0..=i64::from(i32::MAX)).contains(&age))
    );
    assert!(
        challenge
            .demands
            .claims
            .as_ref()
            .is_none_or(|json| json.starts_with('{') && json.ends_with('}'))
    );
    assert!(
        challenge
            .demands
            .acr_values
            .as_ref()
            .is_none_or(|text| !text.trim_matches(' ').is_empty())
    );
    let printed = print(&challenge);
    if printed.len() <= MAX_HEADER {
        assert_eq!(Challenge::parse(status, &printed), challenge, "{printed}");
        // A challenge for something else beside it changes nothing.
        let beside = format!("Basic realm=\"a, Bearer\", {printed}, Negotiate");
        if beside.len() <= MAX_HEADER {
            assert_eq!(Challenge::parse(status, &beside), challenge, "{beside}");
        }
    }
}

/// The challenge as an API would write it.
fn print(challenge: &Challenge) -> String {
    let error = match challenge.kind {
        ChallengeKind::Nothing | ChallengeKind::InvalidToken => None,
        ChallengeKind::UseDpopNonce => Some("use_dpop_nonce"),
        ChallengeKind::InsufficientScope => Some("insufficient_scope"),
        ChallengeKind::InsufficientUserAuthentication => Some("insufficient_user_authentication"),
        other => panic!("what does {other:?} stand for here?"),
    };
    let scope = challenge.scope.to_string();
    let max_age = challenge.demands.max_age.map(|age| age.to_string());
    let claims = challenge
        .demands
        .claims
        .as_ref()
        .map(|json| URL_SAFE_NO_PAD.encode(json));
    let parameters = [
        ("error", error),
        ("scope", Some(scope.as_str()).filter(|scope| !scope.is_empty())),
        ("acr_values", challenge.demands.acr_values.as_deref()),
        ("max_age", max_age.as_deref()),
        ("claims", claims.as_deref()),
    ];
    let quoted = |(name, text): (&str, Option<&str>)| {
        let text = text?.replace('\\', "\\\\").replace('"', "\\\"");
        Some(format!("{name}=\"{text}\""))
    };
    let parameters: Vec<_> = parameters.into_iter().filter_map(quoted).collect();
    format!("Bearer {}", parameters.join(", "))
}
