//! What the gateway counts about itself. The handles are taken once, when the gateway starts, so
//! the recorder must be installed before.

use domain::{ErrorCode, usage::CallStatus};
use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};

/// The handles.
pub(crate) struct Metrics {
    calls: [Counter; 4],
    /// Streams that are under way.
    pub(crate) streams: Gauge,
    /// The size of the journal's files.
    pub(crate) journal_bytes: Gauge,
    /// Events that the database does not have yet.
    pub(crate) pending: Gauge,
    /// How long the oldest event of the last batch waited for the database.
    pub(crate) batch_lag: Gauge,
    /// How long ago the changes were last looked at.
    pub(crate) staleness: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        describe_counter!("turnpike_gateway_calls_total", "Metered calls by how they ended");
        describe_counter!("turnpike_gateway_refusals_total", "Refused requests by the error's code");
        describe_gauge!("turnpike_gateway_active_streams", "Streams under way");
        describe_gauge!("turnpike_gateway_journal_bytes", "Size of the journal's files");
        describe_gauge!("turnpike_gateway_pending_events", "Events that the database does not have yet");
        describe_gauge!("turnpike_gateway_batch_lag_seconds", "How long the last batch's oldest event waited");
        describe_gauge!("turnpike_gateway_config_age_seconds", "How long ago changes were last looked for");
        let calls = |status: CallStatus| counter!("turnpike_gateway_calls_total", "status" => status.as_str());
        Self {
            calls: [CallStatus::Ok, CallStatus::Error, CallStatus::Aborted, CallStatus::Interrupted].map(calls),
            streams: gauge!("turnpike_gateway_active_streams"),
            journal_bytes: gauge!("turnpike_gateway_journal_bytes"),
            pending: gauge!("turnpike_gateway_pending_events"),
            batch_lag: gauge!("turnpike_gateway_batch_lag_seconds"),
            staleness: gauge!("turnpike_gateway_config_age_seconds"),
        }
    }

    /// Counts a call.
    pub(crate) fn call(&self, status: CallStatus) {
        let index = match status {
            CallStatus::Ok => 0,
            CallStatus::Error => 1,
            CallStatus::Aborted => 2,
            CallStatus::Interrupted => 3,
        };
        self.calls[index].increment(1);
    }

    /// Counts a refusal.
    pub(crate) fn refusal(&self, code: ErrorCode) {
        counter!("turnpike_gateway_refusals_total", "code" => code.as_str()).increment(1);
    }
}
