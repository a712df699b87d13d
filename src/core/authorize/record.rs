//! The stored form of a transaction: one JSON record for each `state`.

use super::{
    Asker, Outcome, OutcomeStatus, PendingRequest, RequestAnswer, RequestKind, ResponseMode, Transaction,
    TransactionResult,
};
use crate::core::demands::Demands;
use crate::core::reader::{FromValue, ObjectReader, Versioned};
use crate::core::secret::{CodeVerifier, Nonce};
use crate::core::value::{Members, ToValue, Value};

/// Version of the stored record.
const VERSION: i64 = 2;

impl Transaction {
    /// The record to store.
    pub fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("v", &VERSION);
        record.put("created_at", &self.created_at());
        match self {
            Transaction::Pending(request) => {
                record.put("status", &"pending");
                request.write(&mut record);
            }
            Transaction::Exchanging { last_sign_out, .. } => {
                record.put("status", &"exchanging");
                record.put("last_sign_out", last_sign_out);
            }
            Transaction::Done { answer, result, .. } => {
                record.put("status", &"done");
                record.put("answer", &answer.as_deref());
                record.put("outcome", &result.as_ref().map(|result| &result.outcome));
                record.put("session", &result.as_ref().map(|result| &result.session_id));
            }
        }
        record.into()
    }

    /// Reads a stored record; anything unsound is as if it were not there.
    pub fn from_value(value: &Value) -> Option<Transaction> {
        let mut record = ObjectReader::new(Versioned::new(Some(value), VERSION).current()?)?;
        let created_at = record.required("created_at");
        let status: String = record.required("status");
        let transaction = match status.as_str() {
            "pending" => Transaction::Pending(Box::new(PendingRequest::read(&mut record, created_at)?)),
            "exchanging" => Transaction::Exchanging {
                created_at,
                last_sign_out: record.nullable("last_sign_out"),
            },
            "done" => {
                let result = record.optional("outcome").zip(record.optional("session"));
                let result = result.map(|(outcome, session_id)| TransactionResult { outcome, session_id });
                Transaction::Done {
                    created_at,
                    answer: record.optional("answer").map(Box::new),
                    result,
                }
            }
            _ => return None,
        };
        record.sound(transaction)
    }
}

impl PendingRequest {
    fn write(&self, record: &mut Members) {
        record.put("kind", &self.kind.as_str());
        record.put("last_sign_out", &self.last_sign_out);
        record.put("code_verifier", &self.code_verifier.secret());
        record.put("nonce", &self.nonce.as_ref().map(Nonce::secret));
        record.put("redirect_uri", &self.redirect_uri);
        record.put("requested", &self.requested);
        record.put("wanted", &self.wanted);
        record.put("asker", &self.asker);
        record.put("subject", &self.subject);
        record.put("target", &self.target);
        record.put("response_mode", &self.response_mode.as_str());
        record.put("expects_issuer", &self.expects_issuer);
        record.put("in_window", &self.in_window);
        record.put("is_silent", &self.is_silent);
        write_demands(record, &self.demands);
        record.put("sent_max_age", &self.max_age);
        record.put("has_prompt", &self.has_prompt);
        record.put("recalled_for", &self.recalled_for);
        record.put("app_state", &self.app_state);
        record.put("return_to", &self.return_to);
    }

    fn read(record: &mut ObjectReader<'_>, created_at: i64) -> Option<PendingRequest> {
        let request = PendingRequest {
            kind: RequestKind::from_name(&record.required::<String>("kind"))?,
            created_at,
            last_sign_out: record.nullable("last_sign_out"),
            code_verifier: CodeVerifier::new(record.required::<String>("code_verifier")),
            nonce: record.nullable::<String>("nonce").map(Nonce::new),
            redirect_uri: record.required("redirect_uri"),
            requested: record.required("requested"),
            wanted: record.required("wanted"),
            asker: record.nullable("asker"),
            subject: record.nullable("subject"),
            target: record.required("target"),
            response_mode: ResponseMode::from_name(&record.required::<String>("response_mode"))?,
            expects_issuer: record.required("expects_issuer"),
            in_window: record.required("in_window"),
            is_silent: record.required("is_silent"),
            demands: read_demands(record),
            max_age: record.nullable("sent_max_age"),
            has_prompt: record.required("has_prompt"),
            recalled_for: record.nullable("recalled_for"),
            app_state: record.nullable("app_state"),
            return_to: record.required("return_to"),
        };
        Some(request).filter(|request| !request.code_verifier.secret().is_empty())
    }
}

impl ToValue for RequestAnswer {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("at", &self.at);
        record.put("target", &self.target);
        record.put("requested", &self.requested);
        write_demands(&mut record, &self.demands);
        record.put("granted", &self.granted);
        record.put("error", &self.error);
        record.put("session", &self.session_id);
        record.put("asked_nobody", &self.asked_nobody);
        record.into()
    }
}

impl FromValue for RequestAnswer {
    fn from_value(value: &Value) -> Option<RequestAnswer> {
        let mut record = ObjectReader::new(value)?;
        let answer = RequestAnswer {
            at: record.required("at"),
            target: record.required("target"),
            requested: record.required("requested"),
            demands: read_demands(&mut record),
            granted: record.required("granted"),
            error: record.nullable("error"),
            session_id: record.nullable("session"),
            asked_nobody: record.required("asked_nobody"),
        };
        record.sound(answer)
    }
}

fn write_demands(record: &mut Members, demands: &Demands) {
    record.put("acr_values", &demands.acr_values);
    record.put("max_age", &demands.max_age);
    record.put("claims", &demands.claims);
}

fn read_demands(record: &mut ObjectReader<'_>) -> Demands {
    Demands {
        acr_values: record.nullable("acr_values"),
        max_age: record.nullable("max_age"),
        claims: record.nullable("claims"),
    }
}

impl ToValue for Asker {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("session", &self.session_id);
        record.put("subject", &self.subject);
        record.put("last_sign_out", &self.last_sign_out);
        record.into()
    }
}

impl FromValue for Asker {
    fn from_value(value: &Value) -> Option<Asker> {
        let mut record = ObjectReader::new(value)?;
        let asker = Asker {
            session_id: record.required("session"),
            subject: record.nullable("subject"),
            last_sign_out: record.nullable("last_sign_out"),
        };
        record.sound(asker)
    }
}

impl RequestKind {
    fn from_name(name: &str) -> Option<RequestKind> {
        [RequestKind::SignIn, RequestKind::Upgrade]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

impl ToValue for Outcome {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("kind", &self.kind.as_str());
        record.put("status", &self.status.as_str());
        record.put("requested", &self.requested);
        record.put("granted", &self.granted);
        record.put("missing", &self.missing);
        record.put("authorization_details", &self.authorization_details);
        record.put("app_state", &self.app_state);
        record.put("return_to", &self.return_to);
        record.into()
    }
}

/// As the record of a transaction has it.
impl FromValue for Outcome {
    fn from_value(value: &Value) -> Option<Outcome> {
        let mut record = ObjectReader::new(value)?;
        let status: String = record.required("status");
        let statuses = [OutcomeStatus::Granted, OutcomeStatus::Partial, OutcomeStatus::Denied];
        let outcome = Outcome {
            kind: RequestKind::from_name(&record.required::<String>("kind"))?,
            status: statuses.into_iter().find(|known| known.as_str() == status)?,
            requested: record.required("requested"),
            granted: record.required("granted"),
            missing: record.required("missing"),
            authorization_details: record.nullable("authorization_details"),
            app_state: record.nullable("app_state"),
            return_to: record.required("return_to"),
        };
        record.sound(outcome)
    }
}
