//! The stored form of a session: one JSON record, written at once.

use super::{DeniedScopes, FirstAuthentication, Grant, Refresh, RefreshState, SentRefresh, Session, User};
use crate::core::reader::{FromValue, ObjectReader, Versioned};
use crate::core::secret::{AccessToken, Nonce, RawIdToken, RefreshToken};
use crate::core::token::{Claims, MAX_LIFETIME};
use crate::core::value::{Members, ToValue, Value};

/// Version of the stored record.
const VERSION: i64 = 2;

/// What stood in storage.
///
/// ```
/// use scopewise::{Session, StoredSession};
///
/// fn to_text(session: &Session) -> serde_json::Result<String> {
///     serde_json::to_string(&session.to_value())
/// }
///
/// fn from_text(text: &str) -> Option<Session> {
///     match StoredSession::from_value(serde_json::from_str(text).ok().as_ref()) {
///         StoredSession::Sound(session) => Some(session),
///         StoredSession::Newer | StoredSession::Unsound => None,
///     }
/// }
/// assert!(from_text("{}").is_none());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum StoredSession {
    /// A session.
    Sound(Session),
    /// A record of a later version, which is left alone.
    Newer,
    /// Nothing that can be understood: signed out, and the record goes.
    Unsound,
}

impl StoredSession {
    /// Reads a record; nothing stands for a text that is no JSON. Never half of one.
    pub fn from_value(value: Option<&Value>) -> StoredSession {
        match Versioned::new(value, VERSION) {
            Versioned::Current(value) => {
                Session::from_value(value).map_or(StoredSession::Unsound, StoredSession::Sound)
            }
            Versioned::Newer => StoredSession::Newer,
            Versioned::Unsound => StoredSession::Unsound,
        }
    }
}

impl Session {
    /// The record to store.
    pub fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("v", &VERSION);
        record.put("id", &self.id);
        record.put("user", &self.user);
        record.put("grants", &self.grants);
        record.put("denied", &self.denied);
        record.put("last_sign_out", &self.last_sign_out);
        record.into()
    }

    fn from_value(value: &Value) -> Option<Session> {
        let mut record = ObjectReader::new(value)?;
        let session = Session {
            id: record.required("id"),
            user: record.required_or_null("user"),
            grants: record.required("grants"),
            denied: record.required("denied"),
            last_sign_out: record.nullable("last_sign_out"),
        };
        record.sound(session).filter(|session| !session.id.is_empty())
    }
}

impl ToValue for User {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("id_token", &self.id_token.secret());
        record.put("claims", self.claims.as_value());
        self.authentication.put(&mut record);
        record.into()
    }
}

impl FirstAuthentication {
    fn put(&self, record: &mut Members) {
        record.put("nonce", &self.nonce.as_ref().map(Nonce::secret));
        record.put("auth_time", &self.auth_time);
    }

    fn read(record: &mut ObjectReader<'_>) -> FirstAuthentication {
        FirstAuthentication {
            nonce: record.nullable::<String>("nonce").map(Nonce::new),
            auth_time: record.nullable("auth_time"),
        }
    }
}

impl FromValue for User {
    fn from_value(value: &Value) -> Option<User> {
        let mut record = ObjectReader::new(value)?;
        let id_token: String = record.required("id_token");
        let claims = Claims::new(record.required("claims"))?;
        let is_there = !id_token.is_empty();
        let id_token = RawIdToken::new(id_token);
        let user = User {
            id_token,
            claims,
            authentication: FirstAuthentication::read(&mut record),
        };
        record.sound(user).filter(|_| is_there)
    }
}

impl ToValue for DeniedScopes {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("target", &self.target);
        record.put("scopes", &self.scopes);
        record.into()
    }
}

impl FromValue for DeniedScopes {
    fn from_value(value: &Value) -> Option<DeniedScopes> {
        let mut record = ObjectReader::new(value)?;
        let denied = DeniedScopes {
            target: record.required("target"),
            scopes: record.required("scopes"),
        };
        record.sound(denied)
    }
}

impl ToValue for Grant {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("target", &self.target);
        record.put("requested", &self.requested);
        record.put("granted", &self.granted);
        record.put("assumed", &self.assumed);
        record.put("implied", &self.implied);
        record.put("access_token", &self.access_token.secret());
        record.put("key", &self.access_token.key());
        record.put("answered_at", &self.answered_at);
        record.put("expires_at", &self.expires_at);
        record.put("refresh", &self.refresh);
        record.put("authorization_details", &self.authorization_details);
        self.authentication.put(&mut record);
        record.into()
    }
}

impl FromValue for Grant {
    fn from_value(value: &Value) -> Option<Grant> {
        let mut record = ObjectReader::new(value)?;
        let answered_at: i64 = record.required("answered_at");
        let latest = answered_at.saturating_add(MAX_LIFETIME);
        let grant = Grant {
            target: record.required("target"),
            requested: record.required("requested"),
            granted: record.required("granted"),
            assumed: record.required("assumed"),
            implied: record.required("implied"),
            access_token: AccessToken::new(record.required::<String>("access_token")).bound_to(record.nullable("key")),
            answered_at,
            expires_at: record.nullable("expires_at").map(|end: i64| end.min(latest)),
            refresh: record.required_or_null("refresh"),
            authorization_details: record.nullable("authorization_details"),
            authentication: FirstAuthentication::read(&mut record),
        };
        record
            .sound(grant)
            .filter(|grant| !grant.access_token.secret().is_empty())
    }
}

impl ToValue for Refresh {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("token", &self.token.secret());
        let sent = match self.state {
            RefreshState::Ready => None,
            RefreshState::Sent(sent) => Some(sent),
        };
        record.put("sent", &sent);
        record.into()
    }
}

impl FromValue for Refresh {
    fn from_value(value: &Value) -> Option<Refresh> {
        let mut record = ObjectReader::new(value)?;
        let refresh = Refresh {
            token: RefreshToken::new(record.required::<String>("token")),
            state: record
                .required_or_null("sent")
                .map(RefreshState::Sent)
                .unwrap_or_default(),
            refusal: None,
        };
        record
            .sound(refresh)
            .filter(|refresh| !refresh.token.secret().is_empty())
    }
}

impl ToValue for SentRefresh {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("at", &self.at);
        record.put("is_retried", &self.is_retried);
        record.put("asked_silently_at", &self.asked_silently_at);
        record.into()
    }
}

impl FromValue for SentRefresh {
    fn from_value(value: &Value) -> Option<SentRefresh> {
        let mut record = ObjectReader::new(value)?;
        let sent = SentRefresh {
            at: record.required("at"),
            is_retried: record.required("is_retried"),
            asked_silently_at: record.nullable("asked_silently_at"),
        };
        record.sound(sent)
    }
}
